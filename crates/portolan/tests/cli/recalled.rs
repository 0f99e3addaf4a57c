//! The card with a recorder's help, against the same card without.

use std::collections::BTreeSet;
use std::net::{TcpListener, TcpStream, UdpSocket};

use serde_json::Value;

use crate::at_work::{Recorder, store_dir};
use crate::netns::{in_own_netns, portolan};
use crate::world::World;

/// What a card says of the sockets: all that does not change from one moment to the next.
fn gist(card: &Value) -> BTreeSet<String> {
    let sockets = card["sockets"].as_array().unwrap();
    let part = |socket: &Value| {
        let owners = socket["owners"]["processes"].as_array().unwrap();
        let pids: Vec<&Value> = owners.iter().map(|process| &process["pid"]).collect();
        let keys = ["proto", "family", "state", "local", "remote", "v6only", "device", "cookie"];
        let told = keys.map(|key| socket[key].to_string()).join(" ");
        format!("{told} {} {pids:?}", socket["owners"]["status"])
    };
    sockets.iter().map(part).collect()
}

/// Whether the card was told by the recorder.
fn is_recalled(card: &Value) -> bool {
    card["notes"].as_array().unwrap().iter().any(|note| note["code"] == "recalled")
}

/// Every port that some socket here has at either end.
fn ports() -> BTreeSet<u64> {
    let all = portolan(&["ls", "--json"]).json();
    let sockets = all["sockets"].as_array().unwrap().clone();
    let ends =
        |socket: &Value| ["local", "remote"].map(|end| socket[end]["port"].as_u64().unwrap());
    sockets.iter().flat_map(ends).filter(|port| *port != 0).collect()
}

/// What the card of `port` says, and whether the recorder told it; `None` if it says something else
/// without one.
fn same_told(recorder: &Recorder, port: &str) -> Option<(BTreeSet<String>, bool)> {
    let here = portolan(&[port, "--no-probe", "--json", "--dir", "/nowhere"]).json();
    let told = recorder.ask(&[port, "--no-probe", "--json"]).json();
    let is_recalled = is_recalled(&told);
    let (mut here, told) = (gist(&here), gist(&told));
    // A half-open handshake is nobody's socket yet, and the recorder does not know of it.
    here.retain(|socket| !(is_recalled && socket.contains("SYN-RECV")));
    if told != here {
        println!("{port}: {told:#?}\nwithout: {here:#?}");
    }
    (told == here).then_some((told, is_recalled))
}

#[test]
fn the_card_is_the_same_with_a_recorder_as_without() {
    in_own_netns("the card from memory", || {
        let dir = store_dir();
        let Some(recorder) = Recorder::in_kernel("the card from memory", dir.path()) else {
            return;
        };
        let mut world = World::open("recalled");
        // Several that share their port, of which the kernel's search finds one.
        let one = UdpSocket::bind("127.0.0.1:7000").unwrap();
        one.connect("127.0.0.1:53").unwrap();
        world.hold(one);
        let ports = ports();
        assert!(ports.len() > 15, "{ports:?}");
        let look = || {
            let (mut recalled, mut states) = (0, BTreeSet::new());
            for port in ports.iter().map(u64::to_string) {
                // Other tests fork: for a moment their children hold what we hold, too.
                let same = (0..5).find_map(|_| same_told(&recorder, &port));
                let (told, is_recalled) =
                    same.unwrap_or_else(|| panic!("{port} is told in two ways"));
                recalled += usize::from(is_recalled);
                for state in ["LISTEN", "ESTAB", "TIME-WAIT", "BOUND", "UNCONN", "SYN-SENT"] {
                    if told.iter().any(|socket| socket.contains(state)) {
                        states.insert(state);
                    }
                }
            }
            (recalled, states)
        };
        // For two seconds after it lost an event it does not speak from memory, and others are at
        // work here.
        let mut found = look();
        for _ in 0..10 {
            if found.0 > 10 {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(500));
            found = look();
        }
        let (recalled, states) = found;
        assert!(recalled > 10, "{recalled} cards came from the recorder");
        assert_eq!(states.len(), 6, "{states:?}");
    });
}

#[test]
fn what_has_changed_a_moment_ago_is_known() {
    in_own_netns("fresh memory", || {
        let dir = store_dir();
        let Some(recorder) = Recorder::in_kernel("fresh memory", dir.path()) else { return };
        let card = |args: &[&str]| recorder.ask(&[args, &["--no-probe", "--json"]].concat()).json();
        for _ in 0..20 {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port().to_string();
            let sockets = card(&[&port])["sockets"].as_array().unwrap().len();
            assert_eq!(sockets, 1);
            let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let near = client.local_addr().unwrap().port().to_string();
            let both = card(&[&near]);
            assert_eq!(both["sockets"].as_array().unwrap().len(), 2, "{both:#}");
            drop((client, listener));
            let states = card(&[&port])["sockets"].as_array().unwrap().clone();
            let open = |socket: &&Value| socket["owners"]["status"] == "known";
            assert_eq!(states.iter().filter(open).count(), 0, "{states:?}");
        }
    });
}
