//! Which way of watching a recorder takes: programs in the kernel where they may run, else looking
//! again and again.

use anyhow::Context;
use sockets::{NetnsScope, Sampler, Watcher};

use crate::args::SourceName;
use crate::host;

/// Somebody who watches, and why it is not somebody better.
pub(crate) struct Source {
    pub(crate) watcher: Box<dyn Watcher>,
    /// Why the kernel does not tell, where it was to be asked first.
    pub(crate) instead: Option<String>,
}

impl Source {
    /// Starts watching as `name` asks, with a buffer of so many bytes, or as
    /// many as serve.
    pub(crate) fn open(name: SourceName, buffer: Option<u32>) -> anyhow::Result<Source> {
        match name {
            SourceName::Sampling => Ok(Source { watcher: sampling(buffer)?, instead: None }),
            SourceName::Kernel => Ok(Source { watcher: host::recorder(buffer)?, instead: None }),
            SourceName::Auto => match host::recorder(buffer) {
                Ok(watcher) => Ok(Source { watcher, instead: None }),
                Err(error) => {
                    Ok(Source { watcher: sampling(buffer)?, instead: Some(format!("{error:#}")) })
                }
            },
        }
    }
}

/// Looks into every namespace where that may be, else into our own.
fn sampling(buffer: Option<u32>) -> anyhow::Result<Box<dyn Watcher>> {
    let buffer = buffer.map_or(Sampler::BUFFER_BYTES, |bytes| bytes as usize);
    let sampler = Sampler::open(NetnsScope::All, buffer)
        .or_else(|_| Sampler::open(NetnsScope::Own, buffer))
        .context("sockets cannot be watched here")?;
    Ok(Box::new(sampler))
}
