//! What a C program wishes for, in our terms.

use std::path::Path;

use alloc::lease::{Hold, Identity, Lease, Name, Wish};
use registry::{Port, PortRange, Proto};

/// The fields of `struct portolan_wish`, its strings read.
#[derive(Debug, Default)]
pub(super) struct Wished<'a> {
    pub(super) count: usize,
    pub(super) block: u32,
    pub(super) protos: u32,
    pub(super) hold: u32,
    pub(super) first: u16,
    pub(super) last: u16,
    pub(super) name: Option<&'a str>,
    pub(super) project: Option<&'a Path>,
}

impl Wished<'_> {
    /// Takes it; else why not, in words.
    pub(super) fn take(&self) -> Result<Lease, String> {
        self.wish()?.take().map_err(|error| match std::error::Error::source(&error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        })
    }

    fn wish(&self) -> Result<Wish, String> {
        let count = self.count.max(1);
        let wish = Wish::default();
        let wish = if self.block == 0 { wish.with_count(count) } else { wish.with_block(count) };
        let wish = wish.with_protos(self.protos()?).with_hold(match self.hold {
            0 => Hold::Shared,
            1 => Hold::Exclusive,
            2 => Hold::None,
            other => return Err(format!("hold is {other}, and none of PORTOLAN_HOLD_*")),
        });
        let wish = match (self.first, self.last) {
            (0, 0) => wish,
            (first, last) => {
                let range = PortRange::new(Port(first), Port(last));
                wish.with_range(range.ok_or("the range's first port is higher than its last")?)
            }
        };
        let Some(name) = self.name else { return Ok(wish) };
        let name: Name = name.parse().map_err(|error| format!("name: {error}"))?;
        let identity = match self.project {
            Some(project) => Identity {
                project: project.canonicalize().map_err(|error| format!("project: {error}"))?,
                name,
            },
            None => {
                let here = std::env::current_dir();
                let here = here.map_err(|error| format!("the current directory: {error}"))?;
                Identity::within(&here, name)
            }
        };
        Ok(wish.with_identity(identity))
    }

    fn protos(&self) -> Result<Vec<Proto>, String> {
        match self.protos {
            0 | 1 => Ok(vec![Proto::Tcp]),
            2 => Ok(vec![Proto::Udp]),
            3 => Ok(vec![Proto::Tcp, Proto::Udp]),
            other => Err(format!("protos is {other}, and not PORTOLAN_TCP, PORTOLAN_UDP or both")),
        }
    }
}
