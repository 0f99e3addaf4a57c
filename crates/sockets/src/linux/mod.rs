//! Linux: `sock_diag(7)` for the sockets, `/proc` for their owners.

mod bindable;
mod bytecode;
pub(crate) mod fuzz;
mod inet_diag;
mod listing;
mod netlink;
mod netns;
pub mod other;
pub(crate) mod owners;
mod proc_net;
pub(crate) mod sampler;
mod sock_diag;
mod sysctl;

pub use owners::processes::{Processes, cgroup_root};
pub use owners::users::Users;
pub use proc_net::{ProcNetRow, ProcNetTable, proc_net};
pub use sampler::Sampler;

use registry::{Port, Proto};

use crate::{
    BindPremises, BindTrial, Error, Ownership, PortSettings, Query, Search, Snapshot, Socket,
    Source,
};

/// This Linux host, seen from our own network and pid namespaces.
#[derive(Clone, Copy, Debug, Default)]
pub struct Linux;

impl Source for Linux {
    fn sockets(&self, query: &Query) -> Result<Snapshot, Error> {
        listing::list(query)
    }

    fn owners(&self, sockets: &[Socket], search: Search) -> Ownership {
        owners::find(sockets, search)
    }

    fn port_settings(&self) -> Result<PortSettings, Error> {
        sysctl::port_settings()
    }

    fn try_binds(&self, port: Port, protos: &[Proto]) -> Vec<BindTrial> {
        bindable::try_binds(port, protos)
    }

    fn bind_premises(&self) -> BindPremises {
        bindable::premises()
    }
}
