//! Metrics of a survey: the room, the fullest destinations, and other limits. However many destinations
//! there are, those beyond the fullest few share one value, so that no series grow without bound.

use sockets::Cliff;

use super::Family;
use crate::commands::room::{LimitKind, Namespace, Row, Survey, limits};
use crate::label;

/// What a survey says.
pub(super) fn families(survey: &Survey) -> Vec<Family> {
    let mut all = rooms(survey);
    all.extend(destinations(survey));
    all.extend(others(survey));
    all
}

/// The name of a namespace as a label.
fn netns(namespace: &Namespace) -> String {
    let netns = &namespace.limits.netns;
    label::netns(netns.id, std::slice::from_ref(netns))
}

fn rooms(survey: &Survey) -> Vec<Family> {
    let mut open = Family::gauge(
        "portolan_ephemeral_ports_max",
        "Ports that connect() can hand out towards one destination.",
    );
    let mut used = Family::gauge(
        "portolan_ephemeral_ports",
        "Ephemeral ports that some socket of the protocol has.",
    );
    let mut states =
        Family::gauge("portolan_ephemeral_sockets", "Sockets on ephemeral ports, by state.");
    let mut overflows = Family::counter(
        "portolan_listen_overflows_total",
        "Connections that found a listen queue full, since boot.",
    );
    for namespace in &survey.namespaces {
        let netns = netns(namespace);
        let room = &namespace.room;
        open.count(&[("netns", &netns)], room.open());
        for (proto, usage) in [("tcp", room.tcp), ("udp", room.udp)] {
            used.count(&[("netns", &netns), ("proto", proto)], usage.ports);
            for (state, count) in usage.states.each() {
                let labels = [("netns", netns.as_str()), ("proto", proto), ("state", state.name())];
                states.count(&labels, count);
            }
        }
        if let Some(count) = namespace.limits.counters.listen_overflows {
            overflows.count(&[("netns", &netns)], count);
        }
    }
    vec![open, used, states, overflows]
}

/// The metrics of destinations.
struct Destinations {
    fill: Family,
    ports: Family,
    past: Family,
    seconds: Family,
    hidden: Family,
}

fn destinations(survey: &Survey) -> Vec<Family> {
    let mut families = Destinations {
        fill: Family::gauge(
            "portolan_destination_fill_ratio",
            "Share of the ports towards a destination that are taken, TIME-WAIT included; of the others, the largest.",
        ),
        ports: Family::gauge(
            "portolan_destination_ports",
            "Ports that are taken towards a destination.",
        ),
        past: Family::gauge(
            "portolan_destination_past_cliff",
            "Whether connect() to a destination is slow, because the ports it tries first are taken.",
        ),
        seconds: Family::gauge(
            "portolan_destination_exhaustion_seconds",
            "In how many seconds the ports towards a destination run out, where that is within a day.",
        ),
        hidden: Family::gauge(
            "portolan_destinations",
            "Destinations that are talked to from ephemeral ports.",
        ),
    };
    for namespace in &survey.namespaces {
        families.add(namespace);
    }
    let Destinations { fill, ports, past, seconds, hidden } = families;
    vec![fill, ports, past, seconds, hidden]
}

impl Destinations {
    fn add(&mut self, namespace: &Namespace) {
        let netns = netns(namespace);
        let all = namespace.rows.len() + namespace.more;
        self.hidden.count(&[("netns", &netns)], u64::try_from(all).unwrap_or(u64::MAX));
        for row in &namespace.rows {
            self.add_row(&netns, row);
        }
        // Not those of a row, and all of TCP's and UDP's that are on ephemeral ports.
        if let Some((largest, ports)) = namespace.rest {
            let labels = [
                ("netns", netns.as_str()),
                ("proto", "other"),
                ("source", "other"),
                ("destination", "other"),
            ];
            self.fill.value(&labels, largest);
            self.ports.count(&labels, ports);
        }
    }

    fn add_row(&mut self, netns: &str, row: &Row) {
        let destination = &row.destination;
        let (source, remote) = (destination.source.to_string(), destination.remote.to_string());
        let labels = [
            ("netns", netns),
            ("proto", destination.proto.name()),
            ("source", source.as_str()),
            ("destination", remote.as_str()),
        ];
        self.fill.value(&labels, destination.fill());
        self.ports.count(&labels, destination.taken);
        self.past.count(&labels, u32::from(destination.cliff() == Cliff::Past));
        if let Some(time) = row.exhaustion() {
            self.seconds.value(&labels, time.as_secs_f64());
        }
    }
}

fn others(survey: &Survey) -> Vec<Family> {
    let mut used = Family::gauge(
        "portolan_limit_used",
        "How much of something that connections need is in use, by kind.",
    );
    let mut most = Family::gauge("portolan_limit_max", "How much of it there can be.");
    // Processes, queues and pools come and go: of them only the fullest counts.
    let single = [LimitKind::ListenQueue, LimitKind::NatPool, LimitKind::ProcessFiles];
    let mut seen = Vec::new();
    for limit in limits(survey) {
        let netns = limit.netns.as_ref();
        let netns = netns.map(|netns| label::netns(netns.id, std::slice::from_ref(netns)));
        let netns = netns.unwrap_or_default();
        let key = (limit.kind, netns.clone());
        if single.contains(&limit.kind) && seen.contains(&key) {
            continue;
        }
        seen.push(key);
        let labels = [("netns", netns.as_str()), ("kind", limit.kind.code())];
        used.count(&labels, limit.gauge.used);
        most.count(&labels, limit.gauge.of);
    }
    vec![used, most]
}
