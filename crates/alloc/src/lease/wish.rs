//! What is asked of a lease.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;

use registry::{PortRange, Proto};
use sockets::Pid;

use super::{Block, Hold, Identity};

/// What is asked of a lease; by default one TCP port, on every address, where nobody is expected.
///
/// ```
/// use alloc::lease::Wish;
/// use registry::Proto;
///
/// let lease = Wish::default().with_protos([Proto::Tcp, Proto::Udp]).with_block(3).take()?;
/// let ports = lease.ports();
/// assert_eq!(ports[2].number(), ports[0].number() + 2);
/// # Ok::<(), alloc::lease::LeaseError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Wish {
    pub(super) count: usize,
    pub(super) block: Block,
    pub(super) range: Option<PortRange>,
    pub(super) protos: Vec<Proto>,
    pub(super) addresses: Vec<IpAddr>,
    pub(super) hold: Hold,
    pub(super) identity: Option<Identity>,
    pub(super) memory: Option<PathBuf>,
    pub(super) tenant: Option<Pid>,
}

impl Default for Wish {
    fn default() -> Wish {
        Wish {
            count: 1,
            block: Block::Scattered,
            range: None,
            protos: vec![Proto::Tcp],
            addresses: vec![Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()],
            hold: Hold::Shared,
            identity: None,
            memory: None,
            tenant: None,
        }
    }
}

impl Wish {
    /// So many ports, all or none.
    #[must_use]
    pub fn with_count(mut self, count: usize) -> Wish {
        (self.count, self.block) = (count, Block::Scattered);
        self
    }

    /// So many consecutive ports, all or none.
    #[must_use]
    pub fn with_block(mut self, count: usize) -> Wish {
        (self.count, self.block) = (count, Block::Contiguous);
        self
    }

    /// Ports of this range, whatever else they may be for. By default they come from outside the ephemeral
    /// range, are unprivileged and not reserved, and no service is known to use them.
    #[must_use]
    pub fn with_range(mut self, range: PortRange) -> Wish {
        self.range = Some(range);
        self
    }

    /// What is to be bindable: TCP, UDP or both. Another lease never has the port, whatever its protocols.
    #[must_use]
    pub fn with_protos(mut self, protos: impl IntoIterator<Item = Proto>) -> Wish {
        self.protos = protos.into_iter().collect();
        self.protos.sort_unstable();
        self.protos.dedup();
        self
    }

    /// Where it is to be bindable. By default on every address, of IPv4 and of IPv6 where the host has it.
    #[must_use]
    pub fn with_addresses(mut self, addresses: impl IntoIterator<Item = IpAddr>) -> Wish {
        self.addresses = addresses.into_iter().collect();
        self.addresses.sort_unstable();
        self.addresses.dedup();
        self
    }

    /// How it is held until somebody binds it.
    #[must_use]
    pub fn with_hold(mut self, hold: Hold) -> Wish {
        self.hold = hold;
        self
    }

    /// Under a name: only one lease has it at a time, and it gets the same ports again whenever they are free.
    #[must_use]
    pub fn with_identity(mut self, identity: Identity) -> Wish {
        self.identity = Some(identity);
        self
    }

    /// The directory where the ports of names are remembered. By default `/var/lib/portolan/leases` for root,
    /// else `portolan/leases` in `$XDG_STATE_HOME` or `~/.local/state`.
    #[must_use]
    pub fn with_memory(mut self, directory: PathBuf) -> Wish {
        self.memory = Some(directory);
        self
    }

    /// Says that it is for this process, and not for the one that takes it. The lease ends with the latter.
    #[must_use]
    pub fn with_tenant(mut self, tenant: Pid) -> Wish {
        self.tenant = Some(tenant);
        self
    }
}
