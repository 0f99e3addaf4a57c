//! A tenure in memory: as few bytes as its facts take, since there may be hundreds of thousands.
//! Programs, clocks and text are elsewhere, named by their index.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use registry::{Port, Proto};
use sockets::{Ending, Endpoint, Evidence, Family, NetnsId, Opened, Program, Role};

use crate::{Clock, Moment, Party, Tenure};

/// No program.
pub(crate) const NOBODY: u32 = u32::MAX;

/// What an open and an ended tenure have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hold {
    local: [u8; 16],
    remote: [u8; 16],
    pub(crate) netns: u64,
    /// When it took the port, in nanoseconds since the boot of `clock`.
    pub(crate) from: u64,
    pub(crate) uid: u32,
    /// The slots of programs, or [`NOBODY`].
    pub(crate) opener: u32,
    pub(crate) taker: u32,
    /// The index of the clock that held at `from`.
    pub(crate) clock: u32,
    pub(crate) local_port: u16,
    pub(crate) remote_port: u16,
    /// Bits 0–1 protocol, 2 made for IPv6, 3 IPv6 alone, 4 and 5 local and remote address are IPv6,
    /// 6 there is a far end, 8–9 role, 10–11 evidence: the journal has them like this too.
    traits: u16,
}

impl Hold {
    pub(crate) fn new(opened: &Opened, from: u64, clock: u32, opener: u32) -> Hold {
        let remote = opened.remote.unwrap_or(NO_END);
        let bit = |set: bool, at: u16| u16::from(set) << at;
        let traits = proto_bits(opened.proto)
            | bit(opened.family == Family::V6, 2)
            | bit(opened.v6only, 3)
            | bit(opened.local.addr.is_ipv6(), 4)
            | bit(remote.addr.is_ipv6(), 5)
            | bit(opened.remote.is_some(), 6)
            | (opened.role as u16) << 8
            | (opened.evidence as u16) << 10;
        Hold {
            local: octets(opened.local.addr),
            remote: octets(remote.addr),
            netns: opened.netns.0,
            from,
            uid: opened.uid,
            opener,
            taker: NOBODY,
            clock,
            local_port: opened.local.port.0,
            remote_port: remote.port.0,
            traits,
        }
    }

    /// From what the journal has: the traits of [`Hold::traits`], and ends with their ports.
    pub(crate) fn restored(traits: u16, local: Endpoint, remote: Option<Endpoint>) -> Option<Hold> {
        let far = remote.unwrap_or(NO_END);
        let agrees = (traits & 1 << 6 != 0) == remote.is_some()
            && (traits & 1 << 4 != 0) == local.addr.is_ipv6()
            && (traits & 1 << 5 != 0) == far.addr.is_ipv6();
        let known = traits >> 12 == 0 && traits & 1 << 7 == 0 && (traits >> 10) & 3 != 3;
        (agrees && known).then_some(Hold {
            local: octets(local.addr),
            remote: octets(far.addr),
            netns: 0,
            from: 0,
            uid: 0,
            opener: NOBODY,
            taker: NOBODY,
            clock: 0,
            local_port: local.port.0,
            remote_port: far.port.0,
            traits,
        })
    }

    /// Whether traits say that the local address is IPv6.
    pub(crate) fn local_is_v6(traits: u16) -> bool {
        traits & 1 << 4 != 0
    }

    /// Whether traits say that the remote address is IPv6; `None` where there is no far end.
    pub(crate) fn remote_is_v6(traits: u16) -> Option<bool> {
        (traits & 1 << 6 != 0).then_some(traits & 1 << 5 != 0)
    }

    pub(crate) fn traits(&self) -> u16 {
        self.traits
    }

    pub(crate) fn proto(&self) -> Proto {
        Proto::ALL[usize::from(self.traits & 3)]
    }

    pub(crate) fn family(&self) -> Family {
        if self.traits & 1 << 2 == 0 { Family::V4 } else { Family::V6 }
    }

    pub(crate) fn v6only(&self) -> bool {
        self.traits & 1 << 3 != 0
    }

    pub(crate) fn local(&self) -> Endpoint {
        let addr = address(self.local, self.traits & 1 << 4 != 0);
        Endpoint { addr, port: Port(self.local_port) }
    }

    pub(crate) fn remote(&self) -> Option<Endpoint> {
        let addr = address(self.remote, self.traits & 1 << 5 != 0);
        self.has_remote().then_some(Endpoint { addr, port: Port(self.remote_port) })
    }

    pub(crate) fn has_remote(&self) -> bool {
        self.traits & 1 << 6 != 0
    }

    pub(crate) fn role(&self) -> Role {
        match self.traits >> 8 & 3 {
            0 => Role::Bound,
            1 => Role::Listening,
            2 => Role::Outgoing,
            _ => Role::Incoming,
        }
    }

    pub(crate) fn evidence(&self) -> Evidence {
        match self.traits >> 10 & 3 {
            0 => Evidence::Exact,
            1 => Evidence::OpenAtStart,
            _ => Evidence::Sampled,
        }
    }

    /// The same, but known as well as `evidence` says.
    pub(crate) fn known_by(self, evidence: Evidence) -> Hold {
        Hold { traits: self.traits & !(3 << 10) | (evidence as u16) << 10, ..self }
    }

    /// The tenure while it is open, `now` being the time since boot.
    pub(crate) fn tenure(&self, names: &Names<'_>, now: u64) -> Tenure {
        let clock = names.clocks[self.clock as usize];
        Tenure {
            netns: NetnsId(self.netns),
            proto: self.proto(),
            family: self.family(),
            v6only: self.v6only(),
            local: self.local(),
            remote: self.remote(),
            role: self.role(),
            uid: self.uid,
            opener: names.party(self.opener),
            taker: names.party(self.taker),
            closer: Party::Unknown,
            from: clock.moment(self.from),
            until: None,
            duration: Duration::from_nanos(now.saturating_sub(self.from)),
            ending: None,
            evidence: self.evidence(),
        }
    }
}

/// An ended tenure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) hold: Hold,
    pub(crate) duration: u64,
    /// The slot of the program that closed it, or [`NOBODY`].
    pub(crate) closer: u32,
    /// The index of the clock that held at its end.
    pub(crate) end_clock: u32,
    /// The index of the one before it on the same local port, or [`NONE_BEFORE`].
    pub(crate) before: u32,
    pub(crate) ending: Ending,
}

/// No earlier tenure on the port.
pub(crate) const NONE_BEFORE: u32 = u32::MAX;

impl Ended {
    /// By how much the clock was stepped while it was open.
    pub(crate) fn stepped(&self, clocks: &[Clock]) -> i64 {
        let offset = |clock: u32| clocks[clock as usize].offset;
        offset(self.end_clock).saturating_sub(offset(self.hold.clock))
    }

    pub(crate) fn until(&self, clocks: &[Clock]) -> Moment {
        clocks[self.end_clock as usize].moment(self.hold.from.saturating_add(self.duration))
    }

    pub(crate) fn tenure(&self, names: &Names<'_>) -> Tenure {
        let now = self.hold.from.saturating_add(self.duration);
        Tenure {
            closer: names.party(self.closer),
            until: Some(self.until(names.clocks)),
            ending: Some(self.ending),
            ..self.hold.tenure(names, now)
        }
    }
}

/// What the indexes of a [`Hold`] mean.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names<'a> {
    pub(crate) programs: &'a dyn Programs,
    pub(crate) clocks: &'a [Clock],
}

/// Programs by their slots.
pub(crate) trait Programs: std::fmt::Debug {
    /// The program in `slot`, if one is known.
    fn program(&self, slot: u32) -> Option<&Arc<Program>>;

    /// How many slots there are.
    fn slots(&self) -> u32;
}

impl Programs for Vec<Option<Arc<Program>>> {
    fn program(&self, slot: u32) -> Option<&Arc<Program>> {
        self.get(slot as usize)?.as_ref()
    }

    fn slots(&self) -> u32 {
        u32::try_from(self.len()).unwrap_or(NOBODY)
    }
}

impl Names<'_> {
    fn party(&self, slot: u32) -> Party {
        match self.programs.program(slot) {
            Some(program) => Party::Known(Arc::clone(program)),
            None => Party::Unknown,
        }
    }
}

const NO_END: Endpoint = Endpoint { addr: IpAddr::V4(Ipv4Addr::UNSPECIFIED), port: Port::NONE };

fn proto_bits(proto: Proto) -> u16 {
    match proto {
        Proto::Tcp => 0,
        Proto::Udp => 1,
        Proto::Sctp => 2,
        Proto::Dccp => 3,
    }
}

/// IPv4 in the first four octets, the rest zero.
fn octets(addr: IpAddr) -> [u8; 16] {
    match addr {
        IpAddr::V6(addr) => addr.octets(),
        IpAddr::V4(addr) => {
            let mut octets = [0; 16];
            octets[..4].copy_from_slice(&addr.octets());
            octets
        }
    }
}

fn address(octets: [u8; 16], v6: bool) -> IpAddr {
    let [a, b, c, d, ..] = octets;
    if v6 { Ipv6Addr::from(octets).into() } else { Ipv4Addr::new(a, b, c, d).into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenure_takes_no_more_memory_than_it_must() {
        assert_eq!(size_of::<Hold>(), 72);
        assert_eq!(size_of::<Ended>(), 96);
    }

    #[test]
    fn every_fact_comes_back() {
        for role in [Role::Bound, Role::Listening, Role::Outgoing, Role::Incoming] {
            for evidence in [Evidence::Exact, Evidence::OpenAtStart, Evidence::Sampled] {
                for (family, v6only, local, remote) in ENDS {
                    for proto in Proto::ALL {
                        comes_back(&Opened {
                            cookie: 1,
                            netns: NetnsId(4_026_531_840),
                            proto,
                            family,
                            v6only,
                            local: end(local),
                            remote: remote.map(end),
                            role,
                            uid: 1000,
                            opener: None,
                            evidence,
                        });
                    }
                }
            }
        }
    }

    fn comes_back(opened: &Opened) {
        let hold = Hold::new(opened, 5, 0, NOBODY);
        assert_eq!(hold.proto(), opened.proto);
        assert_eq!(hold.family(), opened.family);
        assert_eq!(hold.v6only(), opened.v6only);
        assert_eq!(hold.local(), opened.local);
        assert_eq!(hold.remote(), opened.remote);
        assert_eq!(hold.role(), opened.role);
        assert_eq!(hold.evidence(), opened.evidence);
        let restored = Hold::restored(hold.traits(), opened.local, opened.remote).unwrap();
        let rest = Hold { netns: hold.netns, from: 5, uid: 1000, ..restored };
        assert_eq!(rest, hold);
    }

    const ENDS: [(Family, bool, &str, Option<&str>); 4] = [
        (Family::V4, false, "127.0.0.1:80", Some("10.0.0.1:50000")),
        (Family::V6, true, "[::]:80", None),
        (Family::V6, false, "[::ffff:1.2.3.4]:80", Some("1.2.3.4:5")),
        (Family::V6, false, "10.0.0.1:53", Some("[2001:db8::1]:53")),
    ];

    fn end(text: &str) -> Endpoint {
        let addr: std::net::SocketAddr = text.parse().unwrap();
        Endpoint { addr: addr.ip(), port: Port(addr.port()) }
    }
}
