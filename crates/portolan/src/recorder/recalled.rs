//! This machine with the help of a recorder: it remembers which sockets have a port, and whose they
//! are, so that the kernel is asked about those alone. Its whole table, and the descriptors of
//! every process, are looked through only where there is no recorder, or none that would know.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use log::{Answer, GapReason, Tenure};
use registry::{Port, PortRange, Proto};
use sockets::{
    BindPremises, BindTrial, Ending, Endpoint, Error, Family, Findings, Linux, Method, NetnsId,
    NetnsScope, Note, Ownership, Pid, PortSettings, Ports, Process, Processes, Program, Query,
    Role, Search, Snapshot, Socket, Source, State, States, Tuple,
};

use super::message::Held;
use super::{Briefing, Client};
use crate::netns;

/// A machine, and the recorder that may run on it.
#[derive(Debug)]
pub(crate) struct Recalled<S> {
    machine: S,
    dir: Option<PathBuf>,
    /// What the recorder was asked already.
    briefing: Option<Rc<Briefing>>,
    /// What the recorder told of the sockets last listed, by the kernel's number for them.
    told: RefCell<HashMap<u64, Tenure>>,
}

impl<S: Source> Recalled<S> {
    /// `machine`, whose recorder keeps its store in `dir`, if that is not the default one, and may have
    /// been asked for a `briefing` already.
    pub(crate) fn new(
        machine: S,
        dir: Option<PathBuf>,
        briefing: Option<Rc<Briefing>>,
    ) -> Recalled<S> {
        Recalled { machine, dir, briefing, told: RefCell::default() }
    }

    /// What the recorder says that `range` of `netns` is held by now.
    fn held(&self, netns: NetnsId, range: PortRange) -> Option<Held> {
        let briefed = self.briefing.as_ref().and_then(|briefing| briefing.held(netns, range));
        briefed.map_or_else(
            || Client::connect(self.dir.as_deref())?.held(netns, &[range]).ok(),
            |held| held.ok(),
        )
    }

    /// What `query` asks for, as far as the recorder knows of it; `None` where it must be asked
    /// for in another way.
    fn recall(&self, query: &Query) -> Option<Snapshot> {
        let (Ports::Either(range), NetnsScope::Own) = (query.ports, query.netns) else {
            return None;
        };
        let is_recorded = |proto: &Proto| matches!(proto, Proto::Tcp | Proto::Udp);
        let all = query.states == States::ALL && query.family.is_none();
        if !all || !query.protos.iter().all(is_recorded) {
            return None;
        }
        let own = netns::own().ok()?;
        let memory = Memory::of(self.held(own, range)?, query)?;
        let sockets = memory.confirm(&self.machine, query, range)?;
        // What was found has to be all that the recorder still knows to be there.
        let found: HashSet<u64> = sockets.iter().map(|socket| socket.cookie).collect();
        if !memory.held.keys().all(|cookie| found.contains(cookie)) {
            let again = Memory::of(self.held(own, range)?, query)?.held;
            let is_missed = |cookie| memory.held.contains_key(cookie) && !found.contains(cookie);
            if again.keys().any(is_missed) {
                return None;
            }
        }
        self.told.replace(memory.held);
        let netns = vec![sockets::Netns { id: own, name: None }];
        Some(Snapshot { sockets, netns, notes: vec![Note::Recalled] })
    }
}

impl<S: Source> Source for Recalled<S> {
    fn sockets(&self, query: &Query) -> Result<Snapshot, Error> {
        self.told.borrow_mut().clear();
        self.recall(query).map_or_else(|| self.machine.sockets(query), Ok)
    }

    fn owners(&self, sockets: &[Socket], search: Search) -> Ownership {
        let found = match search {
            Search::Likely { .. } => owners(sockets, &self.told.borrow()),
            Search::Full => None,
        };
        found.unwrap_or_else(|| self.machine.owners(sockets, search))
    }

    fn port_settings(&self) -> Result<PortSettings, Error> {
        self.machine.port_settings()
    }

    fn try_binds(&self, port: Port, protos: &[Proto]) -> Vec<BindTrial> {
        self.machine.try_binds(port, protos)
    }

    fn bind_premises(&self) -> BindPremises {
        self.machine.bind_premises()
    }
}

/// What a recorder remembers of some ports.
#[derive(Debug)]
struct Memory {
    /// The tenures that are open, by the kernel's number for the socket.
    held: HashMap<u64, Tenure>,
    /// Those that have ended and that the kernel may still keep in `TIME-WAIT`.
    tails: Vec<Tenure>,
}

impl Memory {
    /// What `query` means of what was told; `None` where that may not be all.
    fn of(told: Held, query: &Query) -> Option<Memory> {
        let Held { open, recent } = told;
        if recent.more || has_lost(&recent) {
            return None;
        }
        let meant = |tenure: &Tenure| query.protos.contains(&tenure.proto);
        let waits = |t: &Tenure| t.ending.is_some_and(Ending::leaves_tail) && meant(t);
        let held: HashMap<u64, Tenure> =
            open.into_iter().filter(|(_, tenure)| meant(tenure)).collect();
        let tails = recent.tenures.into_iter().filter(waits).collect();
        Some(Memory { held, tails })
    }

    /// The sockets that are remembered, as the kernel has them now.
    fn confirm(
        &self,
        machine: &impl Source,
        query: &Query,
        range: PortRange,
    ) -> Option<Vec<Socket>> {
        let mut found = self.by_their_ends()?;
        let list = |protos: Vec<Proto>, states: States| {
            let query = Query { protos, states, ports: Ports::Either(range), ..Query::default() };
            machine.sockets(&query).ok().map(|snapshot| snapshot.sockets)
        };
        if query.protos.contains(&Proto::Tcp) {
            // These tables are small ones apart, where the kernel has them.
            let bound = |t: &Tenure| t.proto == Proto::Tcp && t.role == Role::Bound;
            let bound = self.held.values().any(bound).then_some(State::Bound);
            let states: States = [State::Listen].into_iter().chain(bound).collect();
            found.extend(list(vec![Proto::Tcp], states)?);
        }
        if query.protos.contains(&Proto::Udp) {
            // Never many, and a UDP socket that was connected shows only when it is used.
            found.extend(list(vec![Proto::Udp], States::ALL)?);
        }
        found.sort_by_key(|s| (s.proto, s.family, s.local, s.remote, s.cookie));
        found.dedup_by_key(|s| (s.proto, s.family, s.local, s.remote, s.cookie));
        Some(found)
    }

    /// The sockets that the kernel finds by their ends.
    fn by_their_ends(&self) -> Option<Vec<Socket>> {
        let held = self.held.iter().filter(|(_, tenure)| is_found_by_ends(tenure));
        let held = held.map(|(cookie, tenure)| tuple(tenure, Some(*cookie)));
        let tails = self.tails.iter().map(|tenure| tuple(tenure, None));
        let tuples: Vec<Tuple> = held.chain(tails).collect();
        Some(Linux.look_up(&tuples).ok()?.into_iter().flatten().collect())
    }
}

/// The owners of `sockets` as a recorder `told`, confirmed by the descriptors of those processes if
/// they are not many. `None` where it does not know them all, and where it is as quick to look at
/// every process: that tells more.
fn owners(sockets: &[Socket], told: &HashMap<u64, Tenure>) -> Option<Ownership> {
    if told.is_empty() || Linux.walks_within(UNNOTICED) {
        return None;
    }
    let named: HashSet<Pid> =
        told.values().flat_map(programs).map(|program| program.key.pid).collect();
    let named: Vec<Pid> = named.into_iter().collect();
    Linux.owners_named(sockets, &named).or_else(|| remembered(sockets, told))
}

/// The owners of `sockets` by what a recorder `told` alone, as far as they still run.
fn remembered(sockets: &[Socket], told: &HashMap<u64, Tenure>) -> Option<Ownership> {
    let mut processes = Processes::open().ok()?;
    let wanted = || sockets.iter().filter(|socket| socket.inode != 0);
    let tenures: Vec<&Tenure> = wanted().filter_map(|socket| told.get(&socket.cookie)).collect();
    let pids: HashSet<Pid> =
        tenures.into_iter().flat_map(programs).map(|program| program.key.pid).collect();
    let running: HashMap<Pid, Process> =
        processes.several(pids).into_iter().map(|process| (process.pid, process)).collect();
    let runs = |program: &&Program| {
        let now = running.get(&program.key.pid);
        now.is_some_and(|now| now.start_ticks == program.key.start_ticks)
    };
    let mut held = Vec::new();
    for socket in wanted() {
        let holder = programs(told.get(&socket.cookie)?).find(runs)?.key.pid;
        held.push(sockets::Held {
            inode: socket.inode,
            pid: holder,
            fd: sockets::Held::UNKNOWN_FD,
        });
    }
    let makers: HashSet<u32> = sockets.iter().map(|socket| socket.uid).collect();
    let holders: HashSet<Pid> = held.iter().map(|held| held.pid).collect();
    let found = running.into_values().filter(|process| holders.contains(&process.pid));
    let mut found: Vec<Process> = found.collect();
    found.sort_by_key(|process| process.pid);
    let findings = Findings {
        users: makers.into_iter().map(|uid| processes.user(uid)).collect(),
        processes: found,
        held,
        method: Method::Recorder,
        notes: vec![Note::OwnersRecalled],
        ..Findings::default()
    };
    Some(findings.into())
}

/// The programs that may hold the socket of `tenure`, the likelier one first.
fn programs(tenure: &Tenure) -> impl Iterator<Item = &Program> {
    [&tenure.taker, &tenure.opener].into_iter().filter_map(crate::past::program)
}

/// Whether events were lost lately: then the sockets are just being listed anew.
fn has_lost(answer: &Answer) -> bool {
    answer.gaps.iter().any(|gap| gap.reason != GapReason::NotRunning || gap.until.is_some())
}

fn is_found_by_ends(tenure: &Tenure) -> bool {
    tenure.proto == Proto::Tcp && tenure.remote.is_some()
}

fn tuple(tenure: &Tenure, cookie: Option<u64>) -> Tuple {
    let family = if tenure.local.addr.is_ipv4() { Family::V4 } else { Family::V6 };
    let nobody = Endpoint { addr: family.unspecified(), port: Port::NONE };
    let Tenure { proto, local, .. } = *tenure;
    Tuple { proto, local, remote: tenure.remote.unwrap_or(nobody), cookie }
}

/// A walk through all processes that is quicker than this is taken.
const UNNOTICED: Duration = Duration::from_millis(5);

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use log::{Moment, Party, Question};
    use sockets::{Owners, ProgramKey};

    use super::*;
    use crate::fixture::{Harbour, past};

    /// The fixture's connection from port 60440, and its tenure with this process as its opener.
    fn remembered_one() -> (Socket, Tenure) {
        let sockets = Harbour.sockets(&Query::default()).unwrap().sockets;
        let socket = sockets.into_iter().find(|socket| socket.local.port == Port(60440)).unwrap();
        let question = Question::between(Moment(0), Moment(i64::MAX));
        let tenures = past::ask(&question).tenures;
        let tenure = tenures.into_iter().find(|t| t.remote == Some(socket.remote)).unwrap();
        let me = Processes::open().unwrap().process(Pid(std::process::id())).unwrap();
        let Party::Known(curl) = &tenure.opener else { panic!("curl made it") };
        let key = ProgramKey { pid: me.pid, start_ticks: me.start_ticks, exec: 1 };
        let opener = Party::Known(Arc::new(Program { key, ..(**curl).clone() }));
        (socket, Tenure { opener, ..tenure })
    }

    #[test]
    fn who_is_remembered_and_runs_holds_the_socket() {
        let (socket, tenure) = remembered_one();
        let told = HashMap::from([(socket.cookie, tenure)]);
        let found = remembered(std::slice::from_ref(&socket), &told).unwrap();
        let Owners::Known(holders) = found.of(&socket) else { panic!("{found:?}") };
        assert_eq!(holders[0].process.pid.0, std::process::id());
        assert_eq!((holders.len(), holders[0].fd), (1, sockets::Held::UNKNOWN_FD));
        assert_eq!(
            (found.method(), found.notes()),
            (Method::Recorder, &[Note::OwnersRecalled][..])
        );
    }

    #[test]
    fn who_has_exited_or_is_not_remembered_does_not() {
        let (socket, mut tenure) = remembered_one();
        let sockets = [socket.clone()];
        assert!(remembered(&sockets, &HashMap::new()).is_none());
        if let Party::Known(program) = &mut tenure.opener {
            Arc::make_mut(program).key.start_ticks += 1;
        }
        assert!(remembered(&sockets, &HashMap::from([(socket.cookie, tenure)])).is_none());
    }
}
