//! How ports work: given to a client for a while where a kernel hands them out (RFC 6056,
//! `ip-sysctl.rst`, `__inet_hash_connect` of Linux), shared by all connections of a server else.

use registry::{Port, Proto, Territory};

use super::{Facts, Saying};

pub(super) fn paragraphs(facts: &Facts) -> Vec<Saying> {
    if facts.port == Port::NONE {
        return zero(facts);
    }
    if facts.is_ephemeral() { ephemeral(facts) } else { server(facts) }
}

/// How the kernel picks a port for who asks for port 0.
fn zero(facts: &Facts) -> Vec<Saying> {
    let range = facts.settings.map(|settings| settings.ephemeral);
    let picked = range.map(|range| Saying::new("how-picked").with("range", range));
    picked.into_iter().chain([Saying::new("how-getsockname")]).collect()
}

fn ephemeral(facts: &Facts) -> Vec<Saying> {
    let mut all = Vec::new();
    let range = facts.settings.filter(|settings| settings.handed_out).map(|s| s.ephemeral);
    all.push(match range {
        Some(range) => Saying::new("how-picked").with("range", range),
        None => Saying::new("how-elsewhere").with("port", facts.port),
    });
    let tcp = facts.proto.is_none_or(|proto| proto == Proto::Tcp);
    let udp = facts.proto.is_none_or(|proto| proto == Proto::Udp);
    if tcp {
        if let Some(range) = range {
            let first = facts.port.number() % 2 == range.first().number() % 2;
            let even = if range.first().number().is_multiple_of(2) { "even" } else { "odd" };
            let turn = if first { "first" } else { "second" };
            let saying = Saying::new("how-parity").with("port", facts.port).with("turn", turn);
            all.push(saying.with("first", range.first()).with("parity", even));
        }
        all.push(Saying::new("how-tuple").with("port", facts.port));
        all.push(Saying::new("how-time-wait"));
        if let Some(range) = range {
            let count = range.count() as usize;
            let room = Saying::new("how-room").with("range", range).with("count", count);
            all.push(room.with("rate", count / TIME_WAIT_SECONDS));
        }
    }
    if udp {
        all.push(Saying::new("how-udp"));
    }
    all
}

fn server(facts: &Facts) -> Vec<Saying> {
    let mut all = Vec::new();
    match facts.proto {
        Some(Proto::Udp) => all.push(Saying::new("how-datagrams").with("port", facts.port)),
        // What is told of a restart is so of TCP: SCTP has no TIME-WAIT (RFC 9260), and a server of DCCP
        // leaves it to the client (RFC 4340 §8.3).
        Some(Proto::Sctp | Proto::Dccp) => {
            all.push(Saying::new("how-listener").with("port", facts.port));
        }
        None | Some(Proto::Tcp) => {
            all.push(Saying::new("how-listener").with("port", facts.port));
            all.push(Saying::new("how-restart"));
        }
    }
    if facts.territory() == Territory::User {
        all.extend(facts.settings.map(|settings| {
            Saying::new("how-safe").with("port", facts.port).with("range", settings.ephemeral)
        }));
    }
    all
}

/// How long Linux keeps a port in `TIME-WAIT`; `TCP_TIMEWAIT_LEN` in `include/net/tcp.h`.
const TIME_WAIT_SECONDS: usize = 60;
