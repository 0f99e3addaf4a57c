//! All sockets with all owners, looked up once for all who look.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeSet, HashMap};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use registry::Port;
use sockets::{
    BindPremises, Netns, Note, Ownership, PortSettings, Query, Search, Snapshot, Socket, Source,
};
use web::{Look, Moment, Trouble};

use super::local::failed;
use crate::args::LookArgs;
use crate::host::host;

/// All sockets and their owners at a moment.
#[derive(Debug)]
pub(super) struct Survey {
    pub(super) at: Moment,
    pub(super) sockets: Vec<Socket>,
    pub(super) ownership: Arc<Ownership>,
    pub(super) netns: Vec<Netns>,
    pub(super) notes: Vec<Note>,
    pub(super) settings: Result<PortSettings, String>,
    pub(super) premises: BindPremises,
    /// Where in `sockets` those with a port at either end stand.
    pub(super) by_port: HashMap<Port, Vec<u32>>,
    taken: Instant,
    cost: Duration,
    owners: Owners,
    digests: HashMap<Port, u64>,
}

/// What the owners are known by.
#[derive(Clone, Copy, Debug)]
struct Owners {
    /// Of which sockets.
    inodes: u64,
    sought: Instant,
}

/// Takes surveys, none more often than it is good for.
#[derive(Debug, Default)]
pub(super) struct Surveyor {
    latest: Mutex<Latest>,
}

#[derive(Debug, Default)]
struct Latest {
    survey: Option<Arc<Survey>>,
    /// What changed since somebody asked for changes.
    look: Look,
}

impl Surveyor {
    /// A survey of this moment, as nearly as many may have one.
    pub(super) fn survey(&self) -> Result<Arc<Survey>, Trouble> {
        let mut latest = self.latest();
        self.renew(&mut latest)
    }

    /// What is other than at the last call.
    pub(super) fn look(&self) -> Result<Look, Trouble> {
        let mut latest = self.latest();
        self.renew(&mut latest)?;
        let version = latest.look.version;
        let changed = std::mem::take(&mut latest.look.changed);
        Ok(Look { version, changed })
    }

    fn renew(&self, latest: &mut Latest) -> Result<Arc<Survey>, Trouble> {
        if let Some(survey) = latest.survey.as_ref().filter(|survey| survey.is_fresh()) {
            return Ok(survey.clone());
        }
        let survey = Arc::new(Survey::take(latest.survey.as_deref())?);
        if let Some(before) = &latest.survey {
            let changed = before.changed_to(&survey.digests);
            latest.look.version += u64::from(!changed.is_empty());
            latest.look.changed.extend(changed);
        }
        latest.survey = Some(survey.clone());
        Ok(survey)
    }

    fn latest(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Survey {
    fn take(before: Option<&Survey>) -> Result<Survey, Trouble> {
        let started = Instant::now();
        let host = host();
        let at = Moment::now();
        let Snapshot { sockets, netns, notes } = host
            .sockets(&Query::default())
            .map_err(|error| failed(anyhow::Error::from(error).context(UNLISTED)))?;
        let inodes = inodes(&sockets);
        let kept = before
            .filter(|it| it.owners.inodes == inodes && it.owners.sought.elapsed() < OWNERS_STAY);
        let (ownership, owners) = match kept {
            Some(survey) => (survey.ownership.clone(), survey.owners),
            None => {
                let ownership = host.owners(&sockets, search());
                (Arc::new(ownership), Owners { inodes, sought: Instant::now() })
            }
        };
        let digests = digests(&sockets, &ownership);
        Ok(Survey {
            at,
            by_port: by_port(&sockets),
            settings: host.port_settings().map_err(|error| error.to_string()),
            premises: host.bind_premises().with_notes(&notes),
            sockets,
            ownership,
            netns,
            notes,
            taken: Instant::now(),
            cost: started.elapsed(),
            owners,
            digests,
        })
    }

    /// Whether it need not be taken again yet: surveys take a third of the time at most.
    fn is_fresh(&self) -> bool {
        self.taken.elapsed() < FRESH.max(self.cost * 2)
    }

    /// The ports that look other by the digests `now`.
    fn changed_to(&self, now: &HashMap<Port, u64>) -> BTreeSet<Port> {
        let other = |(port, digest): (&Port, &u64)| {
            (self.digests.get(port) != Some(digest)).then_some(*port)
        };
        let gone = self.digests.keys().filter(|port| !now.contains_key(port)).copied();
        now.iter().filter_map(other).chain(gone).filter(|port| *port != Port::NONE).collect()
    }
}

fn search() -> Search {
    LookArgs::default().search()
}

/// Tells sets of sockets with descriptors apart.
fn inodes(sockets: &[Socket]) -> u64 {
    sockets.iter().fold(0, |sum: u64, socket| {
        let mut hasher = DefaultHasher::new();
        (socket.inode, socket.cookie).hash(&mut hasher);
        sum.wrapping_add(hasher.finish())
    })
}

fn by_port(sockets: &[Socket]) -> HashMap<Port, Vec<u32>> {
    let mut by_port: HashMap<Port, Vec<u32>> = HashMap::new();
    for (at, socket) in (0u32..).zip(sockets) {
        by_port.entry(socket.local.port).or_default().push(at);
        if socket.remote.port != socket.local.port && !socket.remote.is_none() {
            by_port.entry(socket.remote.port).or_default().push(at);
        }
    }
    by_port
}

/// For each port a number that changes with what a page shows of it.
fn digests(sockets: &[Socket], ownership: &Ownership) -> HashMap<Port, u64> {
    let mut digests: HashMap<Port, u64> = HashMap::with_capacity(sockets.len());
    for socket in sockets {
        let mut hasher = DefaultHasher::new();
        (socket.proto, socket.local, socket.remote, socket.state, socket.inode, socket.uid)
            .hash(&mut hasher);
        for holder in ownership.holders(socket.inode) {
            holder.process.pid.hash(&mut hasher);
        }
        let digest = hasher.finish();
        for port in [socket.local.port, socket.remote.port] {
            let sum = digests.entry(port).or_default();
            *sum = sum.wrapping_add(digest);
        }
    }
    digests
}

const UNLISTED: &str = "the sockets could not be listed";
/// Nobody notices that something was so a fifth of a second ago.
const FRESH: Duration = Duration::from_millis(200);
/// How long owners are believed while no socket came or went: a descriptor can be handed on.
const OWNERS_STAY: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Harbour;

    #[test]
    fn a_socket_less_changes_its_ports_and_no_other() {
        let all = Harbour.sockets(&Query::default()).unwrap().sockets;
        let owners = Harbour.owners(&all, search());
        let before = digests(&all, &owners);
        let without: Vec<Socket> =
            all.iter().filter(|socket| socket.local.port != Port(8081)).cloned().collect();
        let after = digests(&without, &owners);
        let other: Vec<Port> = before
            .keys()
            .filter(|port| before.get(port) != after.get(port) && port.number() != 0)
            .copied()
            .collect();
        assert_eq!(other, [Port(8081)]);
        assert_ne!(inodes(&all), inodes(&without));
        assert_eq!(by_port(&all)[&Port(443)].len(), 1);
    }
}
