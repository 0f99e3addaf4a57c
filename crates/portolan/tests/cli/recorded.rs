//! What a recorder took down is found again by `who`: by name, while it runs and after a restart.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::Command;
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::sockopt::set_socket_linger;
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, connect, socket_with};
use rustix::process::Signal;
use serde_json::Value;

use crate::at_work::{Recorder, store_dir};
use crate::netns::{Run, in_own_netns, portolan};

/// The tenures of our own network namespace that `who` finds.
fn found(recorder: &Recorder, args: &[&str]) -> Vec<Value> {
    let run = recorder.ask(&[&["who", "--json", "--netns", "own"], args].concat());
    run.json()["tenures"].as_array().unwrap().clone()
}

#[test]
fn what_happened_is_found_by_name_also_after_a_restart() {
    in_own_netns("what happened is found", || {
        let dir = store_dir();
        let Some(recorder) = Recorder::in_kernel("what happened is found", dir.path()) else {
            return;
        };
        let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 8080)).unwrap();
        let quick = "exec 3<>/dev/tcp/127.0.0.1/8080";
        assert!(Command::new("bash").args(["-c", quick]).status().unwrap().success());
        drop(server.accept().unwrap());
        let refused = TcpStream::connect((Ipv4Addr::LOCALHOST, 8081)).unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
        let resolver = UdpSocket::bind((Ipv4Addr::LOCALHOST, 5353)).unwrap();
        drop((server, resolver));
        let check = |recorder: &Recorder| {
            let listener = &found(recorder, &["8080"])[..];
            assert!(listener.iter().any(|t| t["role"] == "listening"), "{listener:#?}");
            let client = found(recorder, &["--remote", ":8080", "--process", "bash"]);
            assert_eq!(client.len(), 1, "{client:#?}");
            assert_eq!(client[0]["opener"]["process"]["comm"], "bash");
            let failed = found(recorder, &["--remote", ":8081"]);
            assert_eq!(failed[0]["ended"], "refused", "{failed:#?}");
            let udp = found(recorder, &["5353/udp"]);
            assert_eq!((udp.len(), &udp[0]["role"]), (1, &Value::from("bound")), "{udp:#?}");
        };
        check(&recorder);
        assert_eq!(recorder.end(Signal::TERM), (0, String::new()));
        let Some(again) = Recorder::in_kernel("what happened is found", dir.path()) else { return };
        check(&again);
    });
}

#[test]
fn an_end_that_was_seen_just_before_the_recorder_stops_is_not_lost() {
    const NAME: &str = "an end just before the stop";
    in_own_netns(NAME, || {
        let dir = store_dir();
        let Some(recorder) = Recorder::in_kernel(NAME, dir.path()) else { return };
        let _server = TcpListener::bind((Ipv4Addr::LOCALHOST, 8082)).unwrap();
        let client = TcpStream::connect((Ipv4Addr::LOCALHOST, 8082)).unwrap();
        let from = client.local_addr().unwrap().port();
        set_socket_linger(&client, Some(Duration::ZERO)).unwrap();
        drop(client);
        assert_eq!(recorder.end(Signal::TERM), (0, String::new()));
        let Some(again) = Recorder::in_kernel(NAME, dir.path()) else { return };
        let incoming = found(&again, &["8082", "--remote", &format!(":{from}")]);
        assert_eq!((incoming.len(), &incoming[0]["ended"]), (1, &Value::from("reset")));
    });
}

#[test]
fn a_listener_that_was_never_bound_is_found_by_its_port() {
    const NAME: &str = "a listener that was never bound";
    in_own_netns(NAME, || {
        let dir = store_dir();
        let Some(recorder) = Recorder::in_kernel(NAME, dir.path()) else { return };
        let listener =
            socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None)
                .unwrap();
        rustix::net::listen(&listener, 8).unwrap();
        let at = SocketAddr::try_from(rustix::net::getsockname(&listener).unwrap()).unwrap();
        let tenures = found(&recorder, &[&at.port().to_string()]);
        assert_eq!((tenures.len(), &tenures[0]["role"]), (1, &Value::from("listening")));
        assert!(found(&recorder, &["--at", "now"]).iter().all(|t| t["local"]["port"] != 0));
    });
}

#[test]
fn a_udp_socket_that_only_connected_is_found_while_it_is_open() {
    const NAME: &str = "a UDP socket that only connected";
    in_own_netns(NAME, || {
        let dir = store_dir();
        let Some(recorder) = Recorder::in_kernel(NAME, dir.path()) else { return };
        let socket =
            socket_with(AddressFamily::INET, SocketType::DGRAM, SocketFlags::CLOEXEC, None)
                .unwrap();
        connect(&socket, &SocketAddr::from((Ipv4Addr::LOCALHOST, 9))).unwrap();
        let at = SocketAddr::try_from(rustix::net::getsockname(&socket).unwrap()).unwrap();
        let tenures = found(&recorder, &[&format!("{}/udp", at.port())]);
        assert_eq!(tenures.len(), 1, "{tenures:#?}");
        let told = [&tenures[0]["role"], &tenures[0]["remote"]["port"], &tenures[0]["until"]];
        assert_eq!(told, [&Value::from("outgoing"), &9.into(), &Value::Null]);
    });
}

#[test]
fn a_port_that_the_far_end_freed_by_a_reset_is_nobodys() {
    const NAME: &str = "a port that was freed by a reset";
    in_own_netns(NAME, || {
        let dir = store_dir();
        let Some(recorder) = Recorder::in_kernel(NAME, dir.path()) else { return };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let port = client.local_addr().unwrap().port().to_string();
        let (mut server, _) = listener.accept().unwrap();
        drop(client);
        let now = ["who", &port, "--at", "now", "--netns", "own", "--json"];
        let ended = |run: &Run| run.json()["tenures"][0]["ended"] == "fin-wait";
        let kept = recorder.ask_until(&now, ended);
        assert!(ended(&kept) && kept.status == 0, "{kept:?}");
        // The kernel has no socket any more that could take it.
        server.write_all(b"x").unwrap();
        let freed = recorder.ask_until(&now, |run| run.status == 1);
        assert_eq!((freed.status, &freed.json()["tenures"]), (1, &Value::Array(vec![])));
        assert_eq!(found(&recorder, &[&port])[0]["ended"], "fin-wait");
    });
}

#[test]
fn a_connect_in_vain_from_a_chosen_port_is_told_while_the_port_is_kept() {
    const NAME: &str = "a connect in vain";
    in_own_netns(NAME, || {
        let dir = store_dir();
        let Some(recorder) = Recorder::in_kernel(NAME, dir.path()) else { return };
        let client =
            socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None)
                .unwrap();
        bind(&client, &SocketAddr::from((Ipv4Addr::LOCALHOST, 4040))).unwrap();
        let there = SocketAddr::from((Ipv4Addr::LOCALHOST, 8081));
        assert_eq!(connect(&client, &there), Err(Errno::CONNREFUSED));
        let told = |recorder: &Recorder| -> Vec<[Value; 3]> {
            let tenures = found(recorder, &["4040"]).into_iter();
            let mut told: Vec<Value> = tenures.collect();
            told.sort_by_key(|tenure| tenure["from"].to_string());
            let remote = |tenure: &Value| tenure["remote"]["port"].clone();
            told.iter().map(|t| [t["role"].clone(), remote(t), t["ended"].clone()]).collect()
        };
        let tried = ["outgoing".into(), 8081.into(), "refused".into()];
        let kept = |ended: Value| ["bound".into(), Value::Null, ended];
        assert_eq!(told(&recorder), [tried.clone(), kept(Value::Null)]);
        assert!(recorder.ask(&["status"]).stdout.contains("1 refused"));
        drop(client);
        // A process that another test starts right now has it, too, until it executes its program.
        let kept_no_more = |run: &Run| run.json()["tenures"][0]["ended"] == "closed";
        let ask = ["who", "4040", "--json", "--netns", "own", "--limit", "1"];
        let last = recorder.ask_until(&ask, kept_no_more);
        assert!(kept_no_more(&last), "{last:?}");
        assert_eq!(recorder.end(Signal::TERM), (0, String::new()));
        let Some(again) = Recorder::in_kernel(NAME, dir.path()) else { return };
        assert_eq!(told(&again), [tried, kept("closed".into())]);
    });
}

#[test]
fn a_recorder_that_was_killed_leaves_a_store_that_opens() {
    in_own_netns("killed", || {
        let dir = store_dir();
        let Some(recorder) = Recorder::in_kernel("killed", dir.path()) else { return };
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 5354)).unwrap();
        let _held = UdpSocket::bind((Ipv4Addr::LOCALHOST, 5355)).unwrap();
        drop(socket);
        std::thread::sleep(Duration::from_millis(1500));
        assert_eq!(recorder.end(Signal::KILL).0, -9);
        let Some(again) = Recorder::in_kernel("killed", dir.path()) else { return };
        assert_eq!(found(&again, &["5354"])[0]["ended"], "closed");
        let held = found(&again, &["5355"]);
        assert!(held.len() == 1 && held[0]["ended"].is_null(), "{held:#?}");
    });
}

/// It was said to be listened on now, and later up to the next start.
#[test]
fn what_was_open_when_recording_ended_is_not_known_to_be_open_after() {
    const NAME: &str = "what was open when recording ended";
    in_own_netns(NAME, || {
        let dir = store_dir();
        let Some(recorder) = Recorder::in_kernel(NAME, dir.path()) else { return };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 9600)).unwrap();
        let listening = |run: &Run| run.json()["tenures"][0]["role"] == "listening";
        let ask = ["who", "9600", "--at", "now", "--netns", "own", "--json"];
        assert!(listening(&recorder.ask_until(&ask, listening)));
        assert_eq!(recorder.end(Signal::TERM), (0, String::new()));
        drop(listener);
        std::thread::sleep(Duration::from_secs(1));
        let then = jiff::Timestamp::now().to_string();
        let store = ["--netns", "own", "--dir", dir.path().to_str().unwrap()];
        let who = |args: &[&str]| portolan(&[&["who", "9600"], args, &store].concat());
        let is_not_known = |run: Run| {
            assert_eq!(run.status, 3, "{run:?}");
            assert!(run.stdout.contains("9600/tcp was open when recording ended at"), "{run:?}");
        };
        is_not_known(who(&["--at", "now"]));
        let ever = who(&[]);
        assert!(ever.status == 0 && ever.stdout.contains("end not seen"), "{ever:?}");
        assert!(!ever.stdout.contains("still open"), "{ever:?}");
        assert!(ever.stdout.contains(" listened on 9600/tcp "), "{ever:?}");
        let card = portolan(&[&["9600", "--json"], &store[2..]].concat()).json();
        let before = &card["before"]["tenures"][0];
        assert_eq!((&before["ended"], before["until"].is_string()), (&"unseen".into(), true));
        let Some(_again) = Recorder::in_kernel(NAME, dir.path()) else { return };
        is_not_known(who(&["--at", &then]));
    });
}

/// They were said to be nobody's, and could not be bound.
#[test]
fn ports_in_time_wait_when_a_recorder_starts_are_told() {
    const NAME: &str = "ports in TIME-WAIT at the start";
    in_own_netns(NAME, || {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        // Closed by the client first: its port lingers.
        let lingering = |between: &dyn Fn(&str)| {
            let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let port = client.local_addr().unwrap().port().to_string();
            between(&port);
            let (server, _) = listener.accept().unwrap();
            drop(client);
            drop(server);
            port
        };
        let earlier = lingering(&|_| ());
        let dir = store_dir();
        let Some(recorder) = Recorder::in_kernel(NAME, dir.path()) else { return };
        let now = |recorder: &Recorder, port: &str| {
            recorder.ask(&["who", port, "--at", "now", "--netns", "own", "--json"])
        };
        let told = now(&recorder, &earlier);
        assert_eq!(
            (told.status, told.json()["tenures"][0]["ended"].as_str()),
            (0, Some("time-wait"))
        );
        assert_eq!(now(&recorder, "9601").status, 1, "others are nobody's at once");
        let recorder = std::cell::Cell::new(Some(recorder));
        let meanwhile = lingering(&|port| {
            let recorder = recorder.take().unwrap();
            let open = |run: &Run| run.json()["tenures"][0]["role"] == "outgoing";
            let ask = ["who", port, "--at", "now", "--netns", "own", "--json"];
            assert!(open(&recorder.ask_until(&ask, open)));
            assert_eq!(recorder.end(Signal::TERM), (0, String::new()));
        });
        let Some(again) = Recorder::in_kernel(NAME, dir.path()) else { return };
        let told = found(&again, &[&meanwhile, "--at", "now"]);
        let me = std::process::id();
        let words = (&told[0]["ended"], &told[0]["opener"]["process"]["pid"]);
        assert_eq!(words, (&"time-wait".into(), &me.into()), "{told:#?}");
        assert_eq!(found(&again, &[&earlier]).len(), 1, "it is told of once");
    });
}

#[test]
fn nobody_finds_the_sockets_of_others_but_not_by_their_names() {
    in_own_netns("who as nobody", || {
        let dir = store_dir();
        let Some(recorder) = Recorder::in_kernel("who as nobody", dir.path()) else { return };
        let _held = UdpSocket::bind((Ipv4Addr::LOCALHOST, 5356)).unwrap();
        let me = std::process::id().to_string();
        let as_root = recorder.ask(&["who", "5356", "--pid", &me, "--json"]).json();
        assert_eq!(as_root["tenures"][0]["opener"]["process"]["pid"].to_string(), me);
        let seen = recorder.ask_as_nobody(&["who", "5356", "--netns", "own", "--json"]).json();
        assert_eq!(seen["tenures"][0]["opener"]["status"], "hidden", "{seen:#}");
        assert!(!seen.to_string().contains("cmdline"), "{seen:#}");
        let _another = UdpSocket::bind((Ipv4Addr::LOCALHOST, 5357)).unwrap();
        let by_pid = ["who", "5356-5357", "--pid", &me, "--limit", "1", "--json"];
        let by_pid = recorder.ask_as_nobody(&by_pid).json();
        let told = (&by_pid["tenures"], &by_pid["more"], &by_pid["hidden"]);
        assert_eq!(told, (&Value::Array(vec![]), &false.into(), &true.into()), "{by_pid:#}");
    });
}
