//! The table of tracked connections as the doctor and `room` see it: real entries in the kernel, made
//! through ctnetlink (`linux/netfilter/nfnetlink_conntrack.h`) in a namespace that goes with them.

use std::fs;
use std::net::Ipv4Addr;
use std::os::fd::OwnedFd;

use rustix::net::{AddressFamily, SendFlags, SocketFlags, SocketType, netlink, send, socket_with};
use serde_json::Value;

use crate::doctor::found;
use crate::netns::{in_own_netns, portolan};

/// A tracked connection: from where, to where, and where the answer is sent to.
#[derive(Clone, Copy)]
struct Entry {
    from: ([u8; 4], u16),
    to: ([u8; 4], u16),
    answer_to: ([u8; 4], u16),
}

/// Writes entries into the table of this thread's namespace.
struct Table(OwnedFd);

impl Table {
    /// `None`, aloud, where this kernel tracks nothing.
    fn open(name: &str) -> Option<Table> {
        let tracks = fs::read_to_string(COUNT).is_ok();
        let flags = SocketFlags::CLOEXEC;
        let socket =
            socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, Some(netlink::NETFILTER));
        if !tracks || socket.is_err() {
            println!("SKIPPED: {name}: this kernel has no table of tracked connections");
            return None;
        }
        Some(Table(socket.unwrap()))
    }

    fn add(&self, entries: impl IntoIterator<Item = Entry>) {
        let entries: Vec<Entry> = entries.into_iter().collect();
        let before = count();
        for some in entries.chunks(150) {
            let messages: Vec<u8> = some.iter().flat_map(message).collect();
            assert_eq!(send(&self.0, &messages, SendFlags::empty()), Ok(messages.len()));
        }
        assert_eq!(count() - before, entries.len(), "the kernel took them all");
    }
}

/// How many there are, and how many there can be: the machine's limit, each namespace's count.
fn count() -> usize {
    fs::read_to_string(COUNT).unwrap().trim().parse().unwrap()
}

fn most() -> usize {
    fs::read_to_string("/proc/sys/net/netfilter/nf_conntrack_max").unwrap().trim().parse().unwrap()
}

/// `IPCTNL_MSG_CT_NEW`: request, exclusive, create.
fn message(entry: &Entry) -> Vec<u8> {
    let (from, to, answer_to) = (entry.from, entry.to, entry.answer_to);
    let body = [
        vec![2, 0, 0, 0],
        tuple(CTA_TUPLE_ORIG, from, to),
        tuple(CTA_TUPLE_REPLY, to, answer_to),
        attribute(CTA_TIMEOUT, &600_u32.to_be_bytes()),
        nested(CTA_PROTOINFO, &nested(CTA_PROTOINFO_TCP, &attribute(1, &[TIME_WAIT]))),
    ]
    .concat();
    let mut message = u32::try_from(16 + body.len()).unwrap().to_ne_bytes().to_vec();
    message.extend(0x100_u16.to_ne_bytes());
    message.extend((0x1_u16 | 0x200 | 0x400).to_ne_bytes());
    message.extend([0; 8]);
    message.extend(body);
    message
}

/// The ends of a connection over TCP.
fn tuple(kind: u16, from: ([u8; 4], u16), to: ([u8; 4], u16)) -> Vec<u8> {
    let addresses = [attribute(1, &from.0), attribute(2, &to.0)].concat();
    let ports = [
        attribute(1, &[6]),
        attribute(2, &from.1.to_be_bytes()),
        attribute(3, &to.1.to_be_bytes()),
    ]
    .concat();
    nested(kind, &[nested(1, &addresses), nested(2, &ports)].concat())
}

fn nested(kind: u16, value: &[u8]) -> Vec<u8> {
    attribute(kind | 0x8000, value)
}

/// Its length and kind, then its value, up to a boundary of four bytes.
fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let mut bytes = u16::try_from(4 + value.len()).unwrap().to_ne_bytes().to_vec();
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// So many connections to one server, all of which leave from `source`.
fn translated(source: [u8; 4], count: u16) -> impl Iterator<Item = Entry> {
    (1024..1024 + count).map(move |port| Entry {
        from: ([172, 17, source[3], 2], port),
        to: (SERVER, 443),
        answer_to: (source, port),
    })
}

#[test]
fn tracked_connections_fill_their_table() {
    in_own_netns("tracked_connections_fill_their_table", || {
        let Some(table) = Table::open("conntrack-nearly-full") else { return };
        let wanted = most() * 81 / 100;
        if wanted > 500_000 {
            println!("SKIPPED: conntrack-nearly-full: {wanted} entries would take too much memory");
            return;
        }
        let entry = |at: usize| {
            let client = Ipv4Addr::from_bits(0x0a00_0000 + u32::try_from(at / 50_000).unwrap());
            let end = (client.octets(), u16::try_from(10_000 + at % 50_000).unwrap());
            Entry { from: end, to: (SERVER, 443), answer_to: end }
        };
        table.add((0..wanted / 2).map(entry));
        assert_eq!(found("conntrack-nearly-full"), None, "half is not nearly full");
        table.add((wanted / 2..wanted).map(entry));
        let finding = found("conntrack-nearly-full").expect("it was not found");
        let evidence = finding["evidence"].to_string();
        assert!(evidence.contains(&format!("{wanted} entries of")), "{evidence}");
        let fix = finding["fix"][0].as_str().unwrap();
        assert_eq!(fix, format!("sysctl -w net.netfilter.nf_conntrack_max={}", most() * 2));
    });
}

#[test]
fn a_translated_address_runs_out_of_ports() {
    in_own_netns("a_translated_address_runs_out_of_ports", || {
        let Some(table) = Table::open("nat-pool-nearly-full") else { return };
        if most() < 70_000 {
            println!("SKIPPED: nat-pool-nearly-full: nf_conntrack_max is {}", most());
            return;
        }
        table.add(translated([198, 51, 100, 1], 51_000));
        assert_eq!(found("nat-pool-nearly-full"), None, "79 % is not nearly full");
        table.add(translated([198, 51, 100, 2], 300));
        table.add((60_000..61_000).map(|port| Entry {
            from: ([172, 17, 0, 3], port),
            to: (SERVER, 443),
            answer_to: ([198, 51, 100, 1], port),
        }));
        let finding = found("nat-pool-nearly-full").expect("it was not found");
        assert_eq!(finding["subject"], "198.51.100.1 to 192.0.2.9:443");
        assert_eq!(finding["evidence"][0], "52000 of 64512 tcp ports are in use");
        let run = portolan(&["room", "--json", "--over", "0", "--dir", "/nonexistent/portolan"]);
        let json = run.json();
        let pools: Vec<&Value> = json["limits"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|limit| limit["kind"] == "nat-pool")
            .collect();
        let used: Vec<&Value> = pools.iter().map(|pool| &pool["used"]).collect();
        assert_eq!(used, [52_000, 300], "each address has ports of its own");
    });
}

const SERVER: [u8; 4] = [192, 0, 2, 9];
const COUNT: &str = "/proc/sys/net/netfilter/nf_conntrack_count";

const CTA_TUPLE_ORIG: u16 = 1;
const CTA_TUPLE_REPLY: u16 = 2;
const CTA_PROTOINFO: u16 = 4;
const CTA_TIMEOUT: u16 = 7;
const CTA_PROTOINFO_TCP: u16 = 1;
/// `TCP_CONNTRACK_TIME_WAIT`.
const TIME_WAIT: u8 = 7;
