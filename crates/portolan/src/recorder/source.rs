//! Which way of watching a recorder takes: programs in the kernel where they may run, else looking
//! again and again.

use anyhow::Context;
use sockets::{NetnsScope, Sampler, Watcher};

use crate::args::SourceName;

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
            SourceName::Kernel => Ok(Source { watcher: kernel(buffer)?, instead: None }),
            SourceName::Auto => match kernel(buffer) {
                Ok(watcher) => Ok(Source { watcher, instead: None }),
                Err(error) => {
                    Ok(Source { watcher: sampling(buffer)?, instead: Some(format!("{error:#}")) })
                }
            },
        }
    }
}

#[cfg(feature = "bpf")]
fn kernel(buffer: Option<u32>) -> anyhow::Result<Box<dyn Watcher>> {
    let ring = buffer.unwrap_or(bpf::Options::default().ring);
    let recorder = bpf::Recorder::open(bpf::Options { ring })?;
    Ok(Box::new(recorder))
}

#[cfg(not(feature = "bpf"))]
fn kernel(_: Option<u32>) -> anyhow::Result<Box<dyn Watcher>> {
    anyhow::bail!("this portolan was built without the programs for the kernel")
}

/// Looks into every namespace where that may be, else into our own.
fn sampling(buffer: Option<u32>) -> anyhow::Result<Box<dyn Watcher>> {
    let buffer = buffer.map_or(Sampler::BUFFER_BYTES, |bytes| bytes as usize);
    let sampler = Sampler::open(NetnsScope::All, buffer)
        .or_else(|_| Sampler::open(NetnsScope::Own, buffer))
        .context("sockets cannot be watched here")?;
    Ok(Box::new(sampler))
}
