//! Linux: `sock_diag(7)` for the sockets, `/proc` for their owners.

mod bindable;
mod bytecode;
pub(crate) mod fuzz;
mod inet_diag;
mod limits;
mod listing;
mod loopback;
mod netlink;
mod netns;
pub mod other;
pub(crate) mod owners;
mod proc_net;
mod routes;
pub(crate) mod sampler;
mod sock_diag;
mod sysctl;

pub use limits::{descriptors, limits};
pub use loopback::raise_loopback;
pub use netns::in_other_namespaces;
pub use owners::census::{Census, Counted};
pub use owners::processes::{Processes, cgroup_root};
pub use owners::users::{Users, group_id, group_members};
pub use proc_net::{ProcNetRow, ProcNetTable, proc_net};
pub use routes::{SourceRoute, source_routes};
pub use sampler::Sampler;

use std::time::Duration;

use registry::{Port, Proto};

use crate::{
    BindPremises, BindTrial, Error, Ownership, Pid, PortSettings, Query, Search, Snapshot, Socket,
    Source, Tuple,
};

/// This Linux host, seen from our own network and pid namespaces.
#[derive(Clone, Copy, Debug, Default)]
pub struct Linux;

impl Linux {
    /// Looks sockets of our own network namespace up one by one, in the order of `tuples`: some
    /// microseconds each, however many there are besides, where [`Source::sockets`] walks through
    /// the whole table.
    ///
    /// `None` where no socket is found. The kernel's own search finds connections, connected or
    /// not yet, those in `TIME-WAIT`, and sockets that would receive from anybody. It does not find
    /// TCP sockets that are bound and silent, those bound to a device or with link-local
    /// addresses, and of several that share their ends (`SO_REUSEPORT`) all but one.
    ///
    /// Source: requests of `sock_diag(7)` without `NLM_F_DUMP`.
    ///
    /// # Errors
    /// [`Error::Netlink`] if the kernel refuses.
    pub fn look_up(&self, tuples: &[Tuple]) -> Result<Vec<Option<Socket>>, Error> {
        let own = netns::own()?;
        let refused = |source| Error::Netlink { what: "look up a socket", source };
        let mut diag = sock_diag::SockDiag::open(own.id).map_err(refused)?;
        tuples.iter().map(|tuple| diag.one(tuple).map_err(refused)).collect()
    }

    /// Whether [`Source::owners`] is expected to take less than `time` if it has to look at every
    /// process; by the number of open files of the host, so without any privilege.
    #[must_use]
    pub fn walks_within(&self, time: Duration) -> bool {
        owners::walks_within(time)
    }

    /// Finds the processes that hold `sockets` among those `named`, and no others, which a note
    /// says. `None` unless each socket that has a descriptor has a holder among them, and where
    /// they have more than 2,000 descriptors.
    #[must_use]
    pub fn owners_named(&self, sockets: &[Socket], named: &[Pid]) -> Option<Ownership> {
        owners::find_named(sockets, named)
    }

    /// Finds the processes that hold `sockets` as [`Source::owners`] does, and takes `census` where
    /// that is quicker than to walk through `/proc`, or where the walk leaves a socket without a
    /// holder. [`Search::Full`] takes it first.
    #[must_use]
    pub fn owners_with(
        &self,
        sockets: &[Socket],
        search: Search,
        census: &dyn Census,
    ) -> Ownership {
        owners::find(sockets, search, Some(census))
    }
}

impl Source for Linux {
    fn sockets(&self, query: &Query) -> Result<Snapshot, Error> {
        listing::list(query)
    }

    fn owners(&self, sockets: &[Socket], search: Search) -> Ownership {
        owners::find(sockets, search, None)
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
