//! Whether a tenure meets a [`Question`]: the one place that says what its conditions mean, for
//! tenures in memory, in a journal and in segments.
//!
//! Every condition that is set has to be met, each on its own: `names` by the taker and `uids` by
//! the opener will do.

use std::net::IpAddr;
use std::os::unix::ffi::OsStrExt as _;

use registry::Port;
use sockets::{Ending, Endpoint, Program};

use crate::{Gap, Moment, Party, Question, Remote, Tenure};

impl Question {
    /// Whether `tenure` is one of those asked for. A condition on processes is never met by a party
    /// that is hidden or not known, but for [`Question::uids`] by a hidden one of that user.
    #[must_use]
    pub fn asks_for(&self, tenure: &Tenure) -> bool {
        self.wants_port(tenure.local.port)
            && self.proto.is_none_or(|proto| proto == tenure.proto)
            && self.netns.is_none_or(|netns| netns == tenure.netns)
            && self.wants_remote(tenure.remote)
            && self.wants_time(tenure)
            && self.wants_parties(tenure)
    }

    fn wants_time(&self, tenure: &Tenure) -> bool {
        let until = tenure.until.unwrap_or(Moment(i64::MAX));
        let (low, high) = held(tenure.from, until);
        let tail = self.tails && tenure.ending.is_some_and(Ending::leaves_tail);
        self.touches(low, high) || tail && self.touches(until, until.after_time_wait())
    }

    /// Whether some moment asked for is in `low..high`.
    pub(crate) fn touches(&self, low: Moment, high: Moment) -> bool {
        low <= self.until && self.from < high
    }

    /// Whether some moment asked for is in `gap`, which ends before it begins where the clock was
    /// stepped back meanwhile: then it is all between the two.
    pub(crate) fn touches_gap(&self, gap: &Gap) -> bool {
        let (low, high) = held(gap.from, gap.until.unwrap_or(Moment(i64::MAX)));
        self.touches(low, high)
    }

    fn wants_parties(&self, tenure: &Tenure) -> bool {
        let parties = [&tenure.opener, &tenure.taker, &tenure.closer];
        let any = |wants: &dyn Fn(&Program) -> bool| {
            parties.iter().any(|party| matches!(party, Party::Known(program) if wants(program)))
        };
        let hidden =
            |party: &&Party| matches!(party, Party::Hidden { uid } if self.wants_uid(*uid));
        (self.pids.is_empty() || any(&|program| self.wants_pid(program)))
            && (self.names.is_empty() || any(&|program| self.wants_name(program)))
            && (self.units.is_empty() || any(&|program| self.wants_unit(program)))
            && (self.containers.is_empty() || any(&|program| self.wants_container(program)))
            && (self.uids.is_empty()
                || self.wants_uid(tenure.uid)
                || any(&|program| self.wants_uid(program.process.user.uid))
                || parties.iter().any(hidden))
    }

    /// Whether a local port is one of those asked for.
    pub(crate) fn wants_port(&self, port: Port) -> bool {
        self.ports.is_empty() || self.ports.iter().any(|range| range.contains(port))
    }

    /// Whether a far end is one of those asked for.
    pub(crate) fn wants_remote(&self, remote: Option<Endpoint>) -> bool {
        self.remotes.is_empty()
            || remote.is_some_and(|end| self.remotes.iter().any(|wanted| wanted.contains(end)))
    }

    pub(crate) fn wants_uid(&self, uid: u32) -> bool {
        self.uids.contains(&uid)
    }

    pub(crate) fn wants_pid(&self, program: &Program) -> bool {
        self.viewer.sees(program) && self.pids.contains(&program.key.pid.0)
    }

    pub(crate) fn wants_name(&self, program: &Program) -> bool {
        let process = &program.process;
        let exe = process.exe.as_ref().map(|exe| exe.as_os_str().as_bytes());
        let first = process.cmdline.as_ref().and_then(|arguments| arguments.first());
        let names = [exe, first.map(Vec::as_slice)].into_iter().flatten().map(file_name);
        let called = |part: &Vec<u8>| names.clone().any(|name| holds(name, part));
        self.viewer.sees(program)
            && self.names.iter().any(|part| holds(&process.comm, part) || called(part))
    }

    pub(crate) fn wants_unit(&self, program: &Program) -> bool {
        let unit = program.process.place.unit.as_deref();
        self.viewer.sees(program)
            && unit.is_some_and(|unit| self.units.iter().any(|wanted| wanted == unit))
    }

    pub(crate) fn wants_container(&self, program: &Program) -> bool {
        let Some(container) = program.process.place.container.as_deref() else { return false };
        let id = container.split_once(':').map_or(container, |(_, id)| id);
        let starts =
            |wanted: &String| container.starts_with(&**wanted) || id.starts_with(&**wanted);
        self.viewer.sees(program) && self.containers.iter().any(starts)
    }
}

impl Remote {
    /// Whether `end` lies in the network and its port in the range.
    #[must_use]
    pub fn contains(&self, end: Endpoint) -> bool {
        self.ports.is_none_or(|ports| ports.contains(end.port))
            && self.net.is_none_or(|(net, prefix)| within(end.addr, net, prefix))
    }
}

/// The time in which a port is held: see [`Tenure::held_at`].
pub(crate) fn held(from: Moment, until: Moment) -> (Moment, Moment) {
    let least = Moment(from.0.saturating_add(1));
    (from.min(until), from.max(until).max(least))
}

/// Whether `addr` is in the network of the first `prefix` bits of `net`.
fn within(addr: IpAddr, net: IpAddr, prefix: u8) -> bool {
    let (addr, net, width) = match (addr, net) {
        (IpAddr::V4(addr), IpAddr::V4(net)) => (addr.to_bits().into(), net.to_bits().into(), 32),
        (IpAddr::V6(addr), IpAddr::V6(net)) => (addr.to_bits(), net.to_bits(), 128),
        _ => return false,
    };
    let host_bits = width - u32::from(prefix).min(width);
    let network = |bits: u128| bits.checked_shr(host_bits).unwrap_or(0);
    network(addr) == network(net)
}

/// What follows the last slash.
fn file_name(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or(path)
}

/// Whether `text` has `part` in it, whatever the case of their ASCII letters.
fn holds(text: &[u8], part: &[u8]) -> bool {
    part.is_empty() || text.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_network_is_its_prefix_and_never_of_the_other_family() {
        assert!(within(ip("10.1.2.3"), ip("10.0.0.0"), 8));
        assert!(!within(ip("11.1.2.3"), ip("10.0.0.0"), 8));
        assert!(within(ip("11.1.2.3"), ip("10.0.0.0"), 0));
        assert!(within(ip("::1"), ip("8000::"), 0));
        assert!(!within(ip("::1"), ip("::2"), 200));
        assert!(!within(ip("0.0.0.1"), ip("::1"), 0));
    }

    #[test]
    fn a_name_is_a_part_of_comm_whatever_its_case() {
        assert!(holds(b"Web Content", b"content"));
        assert!(holds(b"", b""));
        assert!(!holds(b"curl", b"curl2"));
        assert_eq!(file_name(b"/usr/bin/curl"), b"curl");
    }

    #[test]
    fn a_port_is_held_until_its_end_and_for_a_moment_at_least() {
        let (low, high) = held(Moment(5), Moment(9));
        let at = |moment| Question::between(Moment(moment), Moment(moment)).touches(low, high);
        assert_eq!([4, 5, 8, 9].map(at), [false, true, true, false]);
        assert_eq!(held(Moment(5), Moment(5)), (Moment(5), Moment(6)));
        assert_eq!(held(Moment(9), Moment(5)), (Moment(5), Moment(10)));
    }
}
