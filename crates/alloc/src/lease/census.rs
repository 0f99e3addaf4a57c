//! Who leases what, read from the kernel: the names of the locks, the processes that hold them, and the labels
//! of those processes that we may look into.

use std::collections::{HashMap, HashSet};

use registry::Port;
use sockets::linux_other::{holders, unix_sockets};
use sockets::{Ownership, Pid, Process, States};

use super::hold::{PREFIX, lock};
use super::{Label, LeaseError};

/// A leased port and who has it.
#[derive(Clone, Debug)]
pub struct Tenancy {
    /// The port; `None` for a name that is leased, where no label says which ports it has.
    pub port: Option<Port>,
    /// What the lease says of itself; `None` where that is not for us to read.
    pub label: Option<Label>,
    /// The process that holds it, one of them; `None` where that is not for us to see: another user's, or in a
    /// pid namespace that ours does not contain.
    pub holder: Option<Process>,
}

impl Tenancy {
    /// All ports of the lease that this is part of, as far as known.
    #[must_use]
    pub fn ports(&self) -> Vec<Port> {
        match &self.label {
            Some(label) => label.ports.clone(),
            None => self.port.into_iter().collect(),
        }
    }
}

/// Every leased port of our network namespace, ascending.
///
/// Which ports are leased is known without any privilege; by whom, where the processes may be looked into.
///
/// # Errors
/// [`LeaseError::Settings`] if the kernel does not list sockets, [`LeaseError::Kernel`] if it lists no Unix
/// sockets.
pub fn leases() -> Result<Vec<Tenancy>, LeaseError> {
    let locks = port_locks()?;
    let inodes: Vec<u64> = locks.iter().map(|(_, inode)| *inode).collect();
    let ownership = holders(&inodes);
    let mut labels = Labels::default();
    let tenancy = |(port, inode): (Port, u64)| {
        let holder = holder(&ownership, inode);
        let label = holder.and_then(|holder| labels.find(holder.pid, port));
        (inode, Tenancy { port: Some(port), label, holder: holder.cloned() })
    };
    let mut tenancies: Vec<(u64, Tenancy)> = locks.into_iter().map(tenancy).collect();
    // What ended while we looked has no holder any more: it is gone, not hidden.
    if tenancies.iter().any(|(_, tenancy)| tenancy.holder.is_none()) {
        let there: HashSet<u64> = self::locks()?.into_iter().map(|(_, inode)| inode).collect();
        tenancies.retain(|(inode, tenancy)| tenancy.holder.is_some() || there.contains(inode));
    }
    Ok(tenancies.into_iter().map(|(_, tenancy)| tenancy).collect())
}

/// The leased ports of our network namespace, ascending, without who has them: that costs one list of
/// sockets and no look at any process.
///
/// # Errors
/// As [`leases`].
pub fn leased_ports() -> Result<Vec<Port>, LeaseError> {
    Ok(port_locks()?.into_iter().map(|(port, _)| port).collect())
}

/// The locks of ports, ascending, and their inodes.
fn port_locks() -> Result<Vec<(Port, u64)>, LeaseError> {
    let mut locks: Vec<(Port, u64)> = locks()?
        .into_iter()
        .filter_map(|(name, inode)| Some((str::from_utf8(&name).ok()?.parse().ok()?, inode)))
        .collect();
    locks.sort_unstable();
    Ok(locks)
}

/// Who has the lock that is called `name` behind the prefix; `None` where nobody can be seen.
pub(super) fn holder_of(name: &str) -> Option<Tenancy> {
    let (_, inode) = locks().ok()?.into_iter().find(|(found, _)| found == name.as_bytes())?;
    let ownership = holders(&[inode]);
    let holder = holder(&ownership, inode)?;
    let mut labels = Label::of_process(holder.pid);
    // A process may have several leases: only one of this name.
    let hash = |label: &Label| {
        let identity = label.identity.as_ref()?;
        Some(super::name_lock(identity))
    };
    labels.retain(|label| hash(label).is_some_and(|lock| lock == format!("{PREFIX}{name}")));
    Some(Tenancy { port: None, label: labels.pop(), holder: Some(holder.clone()) })
}

fn holder(ownership: &Ownership, inode: u64) -> Option<&Process> {
    ownership.first_holder(inode).map(|holder| holder.process)
}

/// The names of all locks, without what they have in common, and their inodes.
fn locks() -> Result<Vec<(Vec<u8>, u64)>, LeaseError> {
    // A kernel without `unix_diag` lists nothing: then it does not list this one either.
    let probe = format!("portolan/probe/{}", std::process::id());
    let _probe = lock(probe.as_bytes());
    let listed = unix_sockets(States::ALL).map_err(LeaseError::Settings)?;
    if listed.is_empty() {
        let source = std::io::Error::from(std::io::ErrorKind::Unsupported);
        return Err(LeaseError::Kernel { what: "list Unix sockets: no unix_diag", source });
    }
    let lock =
        |name: Vec<u8>| Some(name.strip_prefix(b"\0")?.strip_prefix(PREFIX.as_bytes())?.to_vec());
    Ok(listed.into_iter().filter_map(|socket| Some((lock(socket.name?)?, socket.inode))).collect())
}

/// The labels of processes, each looked through once.
#[derive(Debug, Default)]
struct Labels(HashMap<Pid, Vec<Label>>);

impl Labels {
    fn find(&mut self, pid: Pid, port: Port) -> Option<Label> {
        let labels = self.0.entry(pid).or_insert_with(|| Label::of_process(pid));
        labels.iter().find(|label| label.ports.contains(&port)).cloned()
    }
}
