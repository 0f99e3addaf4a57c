//! A search under way: where it looks, in which order, and what it says of whom nobody was seen to hold.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use rustix::fs::{AtFlags, Mode, OFlags, openat, readlinkat, statat};

use super::census::{Census, Plan, Returns};
use super::cgroup::Cgroups;
use super::likely::Likely;
use super::mounts::{self, Mount};
use super::process::{Particulars, Register};
use super::still_open;
use super::users::Users;
use super::walk::{Sightings, Walk, numbers};
use crate::{CgroupId, Method, Note, Ownership, Pid, Process, Socket};

/// What a search came to.
#[derive(Debug)]
pub(super) struct Found {
    method: Method,
    sightings: Sightings,
}

/// A search that has something to look for.
#[derive(Debug)]
pub(super) struct Hunt<'a> {
    pub(super) walk: Walk<'a>,
    pub(super) census: Option<&'a dyn Census>,
    pub(super) sockets: &'a [Socket],
    pub(super) users: &'a Users,
    pub(super) cgroups: Cgroups,
    pub(super) mounts: Vec<Mount>,
    pub(super) ownership: Ownership,
}

impl Hunt<'_> {
    pub(super) fn run(mut self) -> Ownership {
        let pids = numbers(self.walk.proc, c".");
        let plan = self.census.and_then(|c| Plan::new(c, self.walk.proc, pids.len()));
        let Found { mut method, mut sightings } = match (self.counted_ahead(), self.walk.budget) {
            (Some(found), _) => found,
            (None, None) => self.everywhere(&pids, plan),
            (None, Some(budget)) => self.likely_first(pids.clone(), budget, plan),
        };
        if method != Method::Iterator {
            match self.count(plan.filter(|plan| self.is_left_with_a_question(&sightings, plan))) {
                Some(counted) => Found { method, sightings } = counted,
                None if self.walk.wanted.all_owned() => {}
                None => sightings.add(self.newcomers(&pids)),
            }
        }
        self.ownership.method = method;
        self.explain_unowned(&sightings);
        self.record(sightings);
        self.ownership
    }

    /// Whether a walk leaves open what the census would tell: who holds a socket that nobody was
    /// seen to hold, or, if that takes no longer than looking on may, who else among processes
    /// that we may not look into.
    fn is_left_with_a_question(&self, seen: &Sightings, plan: &Plan<'_>) -> bool {
        let fits = || self.walk.budget.is_some_and(|budget| plan.fits(budget));
        !self.walk.wanted.all_owned() || !seen.unreadable.is_empty() && fits()
    }

    /// Takes the census, if there is one that can be taken, and looks at those it passed over:
    /// processes without descriptors, new ones, and ones that are kept from everybody.
    fn count(&self, plan: Option<Plan<'_>>) -> Option<Found> {
        let returns = plan?.take(self.walk.wanted).ok()?;
        Some(seen(self.walk, returns))
    }

    /// The same, of a moment ago; `None` where none was taken then, and where it leaves a socket
    /// without a holder, which may have been opened since: then nothing of it counts.
    fn counted_ahead(&self) -> Option<Found> {
        let wanted = self.walk.wanted.anew();
        let mut returns = Returns::new(&wanted);
        self.census?.taken()?.iter().for_each(|counted| returns.add(counted));
        let found = seen(Walk { wanted: &wanted, ..self.walk }, returns);
        wanted.all_owned().then(|| {
            self.walk.wanted.claim_all();
            found
        })
    }

    /// Looks at every process.
    fn everywhere(&self, pids: &[u32], plan: Option<Plan<'_>>) -> Found {
        let walk = || Found { method: Method::Walk, sightings: self.walk.run(pids) };
        self.count(plan).unwrap_or_else(walk)
    }

    /// Looks at likely processes alone.
    pub(super) fn run_likely(mut self) -> Ownership {
        let (Found { method, sightings }, _) = self.likely(numbers(self.walk.proc, c"."), None);
        self.ownership.method = method;
        let count = sightings.unreadable.len();
        self.ownership.notes.extend((count > 0).then_some(Note::ProcessesUnreadable { count }));
        self.record(sightings);
        self.ownership
    }

    /// Looks at ever less likely processes until every socket has a holder, then at the others for
    /// as long as the budget lasts; takes the census as soon as that is quicker.
    fn likely_first(&self, pids: Vec<u32>, budget: Duration, plan: Option<Plan<'_>>) -> Found {
        let (Found { method, mut sightings }, others) = self.likely(pids, plan);
        if method == Method::Iterator {
            return Found { method, sightings };
        }
        // Once all have a holder, what takes longer than the budget is not worth the while.
        let is_worthwhile = |plan: &Plan<'_>| {
            let all_owned = self.walk.wanted.all_owned();
            plan.beats_walk_of(others.len()) && (!all_owned || plan.fits(budget))
        };
        self.count(plan.filter(is_worthwhile)).unwrap_or_else(|| {
            sightings.add(self.walk.run(&others));
            let method = if sightings.skipped == 0 { Method::Walk } else { method };
            Found { method, sightings }
        })
    }

    /// Looks at the likely processes among `pids`, or takes the census of all if that is quicker;
    /// returns the others too.
    fn likely(&self, mut pids: Vec<u32>, plan: Option<Plan<'_>>) -> (Found, Vec<u32>) {
        let mut sightings = Sightings::default();
        let mut method = Method::Walk;
        for likely_by in [Method::Cgroup, Method::User] {
            let likely = match likely_by {
                Method::Cgroup => self.by_cgroup(),
                _ => self.by_user(&pids),
            };
            let (now, later): (Vec<u32>, Vec<u32>) =
                pids.into_iter().partition(|pid| likely.contains(*pid));
            let wins = plan.filter(|plan| plan.beats_walk_of(now.len()));
            if let Some(found) = self.count(wins) {
                return (found, Vec::new());
            }
            let walk = Walk { likely: Some(&likely), ..self.walk };
            let mut seen = walk.run(&now);
            pids = std::mem::take(&mut seen.deferred);
            pids.extend(later);
            sightings.add(seen);
            if self.walk.wanted.all_owned() {
                method = likely_by;
                break;
            }
        }
        (Found { method, sightings }, pids)
    }

    /// The processes in the cgroups that the sockets were made in.
    fn by_cgroup(&self) -> Likely {
        let sockets = self.sockets.iter().filter_map(|socket| Some((socket.cgroup?, socket.inode)));
        Likely::new(sockets, self.cgroups.processes())
    }

    /// Those of `pids` that belong to the users who made the sockets.
    fn by_user(&self, pids: &[u32]) -> Likely {
        let sockets = self.sockets.iter().map(|socket| (socket.uid, socket.inode));
        let process = |pid: &u32| {
            let owner = statat(self.walk.proc, pid.to_string(), AtFlags::empty()).ok()?;
            Some((owner.st_uid, *pid))
        };
        Likely::new(sockets, pids.iter().filter_map(process))
    }

    /// Looks at the processes that have started since `known` were listed: a child that has taken
    /// a socket over from a parent that is gone by now.
    fn newcomers(&self, known: &[u32]) -> Sightings {
        let known: HashSet<u32> = known.iter().copied().collect();
        let mut pids = numbers(self.walk.proc, c".");
        pids.retain(|pid| !known.contains(pid));
        self.walk.run(&pids)
    }

    /// Finds out why sockets have no holder that we saw: for want of permission, or because they
    /// have none.
    pub(super) fn explain_unowned(&mut self, sightings: &Sightings) {
        let ownership = &mut self.ownership;
        let count = sightings.unreadable.len();
        if count > 0 {
            ownership.notes.push(Note::ProcessesUnreadable { count });
        }
        if sightings.skipped > 0 {
            ownership.notes.push(Note::SearchNarrowed { skipped: sightings.skipped });
        }
        let wanted = self.walk.wanted;
        let unowned: Vec<&Socket> =
            self.sockets.iter().filter(|socket| !wanted.is_owned(socket.inode)).collect();
        if unowned.is_empty() {
            return;
        }
        let invisible = match ownership.method {
            Method::Iterator => None, // nothing is kept from the kernel
            _ => invisible(self.walk.proc, &self.mounts),
        };
        ownership.notes.extend(invisible.map(|why| Note::ProcessesInvisible { why }));
        ownership.blind = count > 0 || invisible.is_some();
        if ownership.blind {
            self.suspect(&unowned, sightings);
            return;
        }
        match still_open::inodes(&unowned) {
            Ok(open) => ownership.kernel = open,
            Err(_) => ownership.blind = true,
        }
    }

    /// Names the processes that may hold the `unowned` sockets: those in their cgroups that we
    /// could not look into.
    fn suspect(&mut self, unowned: &[&Socket], sightings: &Sightings) {
        let ids: BTreeSet<CgroupId> = unowned.iter().filter_map(|socket| socket.cgroup).collect();
        let mut register = Register::new(self.walk.proc, self.users);
        for id in ids {
            let suspects: Vec<Process> = self
                .cgroups
                .processes_of(id)
                .into_iter()
                .filter(|pid| sightings.unreadable.contains(pid))
                .take(SUSPECTS)
                .filter_map(|pid| self.read(&mut register, pid))
                .collect();
            if !suspects.is_empty() {
                self.ownership.suspects.push((id, suspects));
            }
        }
    }

    fn read(&self, register: &mut Register<'_>, pid: u32) -> Option<Process> {
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
        let dir = openat(self.walk.proc, pid.to_string(), flags, Mode::empty()).ok()?;
        Some(register.process(Pid(pid), Particulars::read(dir.as_fd(), dir.as_fd())?))
    }

    /// Puts the sightings in order.
    pub(super) fn record(&mut self, sightings: Sightings) {
        let mut register = Register::new(self.walk.proc, self.users);
        let mut indices = HashMap::new();
        for (index, (pid, particulars)) in (0..).zip(sightings.holders) {
            self.ownership.processes.push(register.process(Pid(pid), particulars));
            indices.insert(pid, index);
        }
        let mut holdings = sightings.holdings;
        for holding in &mut holdings {
            holding.process = indices[&holding.process];
        }
        holdings.sort_unstable();
        self.ownership.holdings = holdings;
    }
}

/// What a census came to, and those it passed over.
fn seen(walk: Walk<'_>, returns: Returns<'_>) -> Found {
    let passed: HashSet<u32> = returns.passed.iter().copied().collect();
    let mut sightings = returns.sightings(walk.proc);
    let mut pids = numbers(walk.proc, c".");
    pids.retain(|pid| !passed.contains(pid));
    sightings.add(Walk { budget: None, ..walk }.run(&pids));
    Found { method: Method::Iterator, sightings }
}

/// Why there may be processes that we do not see at all, if so.
fn invisible(proc: BorrowedFd<'_>, mounts: &[Mount]) -> Option<&'static str> {
    let init = statat(proc, c"1", AtFlags::empty());
    if init.is_err() && mounts::hides_processes(mounts) {
        return Some("/proc is mounted with hidepid");
    }
    let namespace = readlinkat(proc, c"self/ns/pid", Vec::new());
    let is_first = namespace.is_ok_and(|link| link.to_bytes() == FIRST_PID_NAMESPACE);
    (!is_first).then_some("this is a pid namespace of its own, and others may share its network")
}

/// `PROC_PID_INIT_INO` of the kernel's `linux/proc_ns.h`.
const FIRST_PID_NAMESPACE: &[u8] = b"pid:[4026531836]";
/// How many processes of a cgroup are named where the holder is hidden.
const SUSPECTS: usize = 32;
