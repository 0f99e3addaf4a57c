//! What is so of a port, before a word is said of it: from IANA's registry, the RFCs, and the
//! settings of this host.

use std::sync::LazyLock;

use registry::{Assignment, Port, PortRange, Proto, Standing, System, Territory};

use crate::PortSettings;

/// Everything that the prose of a port's page is told from.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The port.
    pub port: Port,
    /// The protocol that was asked for; `None` for all of them.
    pub proto: Option<Proto>,
    /// What this host does with the port; `None` where its settings could not be read.
    pub settings: Option<PortSettings>,
    /// Services that IANA assigned the port to, each once.
    pub assigned: Vec<Service>,
    /// Uses that nobody asked IANA for, each once.
    pub unofficial: Vec<Service>,
    /// Whether IANA holds the port back.
    pub reserved: bool,
    /// The same service under protocols that were not asked for, where none has the one that was.
    pub other_protos: Vec<Service>,
}

/// A service, on all its protocols.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name; empty for the few that have none.
    pub name: &'static str,
    /// What it is, in IANA's words; may be empty.
    pub description: &'static str,
    /// The document that defines it, where that is known.
    pub reference: Option<&'static str>,
    /// Its ports: several where IANA assigned a range.
    pub ports: PortRange,
    /// Its protocols.
    pub protos: Vec<Proto>,
}

impl Facts {
    /// The facts of `port`, on a host with these `settings`.
    #[must_use]
    pub fn of(port: Port, proto: Option<Proto>, settings: Option<PortSettings>) -> Facts {
        let lines = registry::assignments(port, proto);
        let of = |standing| services(lines.iter().filter(|line| line.standing == standing));
        let assigned = of(Standing::Assigned);
        let all = registry::assignments(port, None);
        let others = all.iter().filter(|line| line.standing == Standing::Assigned);
        Facts {
            port,
            proto,
            settings,
            unofficial: of(Standing::Unofficial),
            reserved: lines.iter().any(|line| line.standing == Standing::Reserved),
            other_protos: if assigned.is_empty() { services(others) } else { Vec::new() },
            assigned,
        }
    }

    /// The territory of the port.
    #[must_use]
    pub const fn territory(&self) -> Territory {
        Territory::of(self.port)
    }

    /// Whether nobody has a claim on the port, by assignment or reservation.
    #[must_use]
    pub fn is_unassigned(&self) -> bool {
        self.assigned.is_empty() && !self.reserved
    }

    /// Whether the kernel of this host may give the port to whoever asks for any.
    #[must_use]
    pub fn is_handed_out(&self) -> bool {
        self.settings.is_some_and(|settings| settings.handed_out)
    }

    /// Whether the port is one that some kernel gives out, this one or others by the RFC.
    #[must_use]
    pub fn is_ephemeral(&self) -> bool {
        self.is_handed_out() || self.territory() == Territory::Dynamic
    }

    /// The systems other than Linux that hand the port out by default, and those that do not.
    #[must_use]
    pub fn elsewhere(&self) -> (Vec<System>, Vec<System>) {
        let others = System::ALL.into_iter().filter(|system| *system != System::Linux);
        others.partition(|system| system.ephemeral().contains(self.port))
    }

    /// The nearest ports below and above that IANA assigned, with their services.
    #[must_use]
    pub fn neighbours(&self) -> [Option<Neighbour>; 2] {
        let at = ASSIGNED.partition_point(|near| near.port < self.port);
        let below = at.checked_sub(1).and_then(|below| ASSIGNED.get(below)).copied();
        let above = ASSIGNED[at..].iter().find(|near| near.port > self.port).copied();
        [below, above]
    }
}

/// A port near another, and what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// The port.
    pub port: Port,
    /// The name of its service.
    pub name: &'static str,
    /// What it is, in IANA's words; may be empty.
    pub description: &'static str,
}

/// Every port with a service that IANA assigned, ascending, each once.
static ASSIGNED: LazyLock<Vec<Neighbour>> = LazyLock::new(|| {
    let assigned = registry::all().filter(|line| line.standing == Standing::Assigned);
    let mut all: Vec<Neighbour> = assigned
        .filter_map(|line| Some((line, line.name?)))
        .flat_map(|(line, name)| {
            let numbers = line.ports.first().number()..=line.ports.last().number();
            let description = line.description;
            numbers.map(move |number| Neighbour { port: Port(number), name, description })
        })
        .collect();
    all.sort_by_key(|near| near.port);
    all.dedup_by_key(|near| near.port);
    all
});

/// How many ports of `range` have such a service.
pub(super) fn assigned_in(range: PortRange) -> usize {
    ASSIGNED.iter().filter(|near| range.contains(near.port)).count()
}

/// The lines of each service in one, by its name; the first line's words stand for all.
fn services<'a>(lines: impl Iterator<Item = &'a Assignment>) -> Vec<Service> {
    let mut found: Vec<Service> = Vec::new();
    for line in lines {
        let name = line.name.unwrap_or_default();
        match found.iter_mut().find(|service| service.name.eq_ignore_ascii_case(name)) {
            Some(service) => service.protos.push(line.proto),
            None => found.push(Service {
                name,
                description: line.description,
                reference: line.reference,
                ports: line.ports,
                protos: vec![line.proto],
            }),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(port: u16, proto: Option<Proto>) -> Facts {
        Facts::of(Port(port), proto, None)
    }

    #[test]
    fn a_service_stands_once_with_all_its_protocols() {
        let ssh = &facts(22, None).assigned;
        assert_eq!(ssh.len(), 1);
        assert_eq!(ssh[0].protos, [Proto::Tcp, Proto::Udp, Proto::Sctp]);
        assert_eq!(facts(22, Some(Proto::Udp)).assigned[0].protos, [Proto::Udp]);
    }

    #[test]
    fn where_one_protocol_has_nothing_the_others_are_known() {
        let facts = facts(22, Some(Proto::Dccp));
        assert!(facts.assigned.is_empty() && facts.is_unassigned());
        assert_eq!(facts.other_protos[0].name, "ssh");
    }

    #[test]
    fn neighbours_are_the_nearest_with_a_service() {
        let [below, above] = facts(60440, None).neighbours();
        assert_eq!(below.map(|it| it.port), registry_below(60440));
        assert_eq!(above, None);
        let [below, above] = facts(22, None).neighbours();
        assert_eq!(below.map(|it| (it.port, it.name)), Some((Port(21), "ftp")));
        assert_eq!(above.map(|it| it.port), Some(Port(23)));
        assert_eq!(facts(0, None).neighbours()[0], None);
    }

    /// The highest port below `port` that any line of the registry assigns.
    fn registry_below(port: u16) -> Option<Port> {
        let assigned = registry::all().filter(|line| line.standing == Standing::Assigned);
        let named = assigned.filter(|line| line.name.is_some());
        let lasts = named.map(|line| line.ports.last()).filter(|last| last.number() < port);
        lasts.max()
    }

    #[test]
    fn reserved_ports_are_known_as_such() {
        assert!(facts(1023, None).reserved);
        assert!(facts(0, None).reserved && !facts(0, None).is_unassigned());
    }
}
