//! Holds the tenures in a store against what the load `churn` of the crate `bpf` did:
//! churned DIR PORT CLIENT SERVER client|server|reset LOG
//!
//! LOG has the client's port of every connection, two bytes each; CLIENT and SERVER are the two
//! processes. Prints one line of JSON: how many tenures there should be on each side, how many
//! there are, and how many are missing, too many, of a wrong owner or of a wrong end; some of these
//! are printed to standard error.

use std::collections::HashMap;
use std::error::Error;
use std::path::PathBuf;

use log::{Answer, Archive, Moment, Party, Question, Remote, Tenure};
use registry::{Port, PortRange};
use sockets::{Ending, Role};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [dir, port, client, server, closes_first, log] = &words[..] else {
        return Err("churned DIR PORT CLIENT SERVER client|server|reset LOG".into());
    };
    let port = Port(port.parse()?);
    let port = PortRange::new(port, port).ok_or("a port is a range")?;
    let archive = Archive::open(PathBuf::from(dir))?;
    let ports = std::fs::read(log)?;
    let ports = ports.chunks_exact(2).map(|raw| u16::from_ne_bytes([raw[0], raw[1]]));
    let (of_client, of_server) = endings(closes_first)?;

    let all = Question::between(Moment(0), Moment(i64::MAX));
    let remote = Remote { net: None, ports: Some(port) };
    let outgoing = archive.ask(&Question { remotes: vec![remote], ..all.clone() })?;
    let mut left = Side::new(ports.clone(), Role::Outgoing, client.parse()?, of_client);
    left.check(&outgoing, |tenure| tenure.local.port);
    drop(outgoing);
    let incoming = archive.ask(&Question { ports: vec![port], ..all })?;
    let mut right = Side::new(ports, Role::Incoming, server.parse()?, of_server);
    right.check(&incoming, |tenure| tenure.remote.map_or(Port::NONE, |end| end.port));
    let lost: u64 = incoming.gaps.iter().map(|gap| gap.events).sum();
    println!("{{\"client\":{},\"server\":{},\"lost\":{lost}}}", left.json(), right.json());
    Ok(())
}

/// How the two sides of a connection end.
fn endings(closes_first: &str) -> Result<(Ending, Ending)> {
    match closes_first {
        "client" => Ok((Ending::TimeWait, Ending::Closed)),
        "server" => Ok((Ending::Closed, Ending::TimeWait)),
        "reset" => Ok((Ending::Aborted, Ending::Reset)),
        other => Err(format!("nobody is called {other:?}").into()),
    }
}

/// What one side of all connections should be, and is.
struct Side {
    role: Role,
    owner: u32,
    ending: Ending,
    expected: u64,
    /// How many more tenures there should be of each client's port; less than none if too many.
    due: HashMap<Port, i64>,
    tenures: u64,
    wrong_owner: u64,
    wrong_end: u64,
    /// How many tenures of a wrong owner or end were printed.
    shown: usize,
}

impl Side {
    fn new(ports: impl Iterator<Item = u16>, role: Role, owner: u32, ending: Ending) -> Side {
        let mut due = HashMap::new();
        let mut expected = 0;
        for port in ports {
            *due.entry(Port(port)).or_insert(0) += 1;
            expected += 1;
        }
        Side {
            role,
            owner,
            ending,
            expected,
            due,
            tenures: 0,
            wrong_owner: 0,
            wrong_end: 0,
            shown: 0,
        }
    }

    fn check(&mut self, answer: &Answer, client: impl Fn(&Tenure) -> Port) {
        for tenure in answer.tenures.iter().filter(|tenure| tenure.role == self.role) {
            self.tenures += 1;
            *self.due.entry(client(tenure)).or_insert(0) -= 1;
            let is_right =
                matches!(tenure.holder(), Party::Known(who) if who.key.pid.0 == self.owner);
            self.wrong_owner += u64::from(!is_right);
            // Where the far end had not closed yet, the kernel waits for that too.
            let ending = tenure.ending.map(|ending| match ending {
                Ending::FinWait => Ending::TimeWait,
                other => other,
            });
            let is_wrong_end = ending != Some(self.ending);
            self.wrong_end += u64::from(is_wrong_end);
            if (is_wrong_end || !is_right) && self.shown < SHOWN {
                self.shown += 1;
                eprintln!("churned: {tenure:?}");
            }
        }
    }

    fn json(&self) -> String {
        let missing: i64 = self.due.values().filter(|due| **due > 0).sum();
        let extra: i64 = self.due.values().filter(|due| **due < 0).sum();
        let Side { expected, tenures, wrong_owner, wrong_end, .. } = self;
        format!(
            "{{\"expected\":{expected},\"tenures\":{tenures},\"missing\":{missing},\
             \"extra\":{},\"wrong_owner\":{wrong_owner},\"wrong_end\":{wrong_end}}}",
            -extra,
        )
    }
}

/// How many wrong tenures of a side are printed, on standard error.
const SHOWN: usize = 10;
