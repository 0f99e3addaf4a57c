//! `watch`: what happens shows as it happens, from a recorder or without one.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::at_work::{Recorder, store_dir};
use crate::netns::{as_nobody, as_nobody_in, in_own_netns, program};

/// `portolan watch` at work, until dropped.
struct Watching {
    child: Child,
    out: BufReader<std::process::ChildStdout>,
    /// What it said on standard error before it began.
    told: String,
}

impl Watching {
    fn start(args: &[&str]) -> Watching {
        let mut command = Command::new(program());
        command.arg("watch").args(args);
        Watching::spawn(command)
    }

    /// Starts `command`, and waits until it says that it watches.
    fn spawn(mut command: Command) -> Watching {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut told = String::new();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        while !told.contains("watching ") && stderr.read_line(&mut told).unwrap() > 0 {}
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || std::io::copy(&mut stderr, &mut std::io::sink()));
        Watching { child, out, told }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line
    }

    fn event(&mut self) -> Value {
        serde_json::from_str(&self.line()).expect("an object a line")
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Connects to a new listener and closes both ends, the client first; the client's own address.
fn visit() -> SocketAddr {
    let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let client = TcpStream::connect(server.local_addr().unwrap()).unwrap();
    let from = client.local_addr().unwrap();
    let accepted = server.accept().unwrap();
    drop(client);
    drop(accepted);
    from
}

#[test]
fn the_recorder_tells_line_by_line_what_happens() {
    in_own_netns("watch", || {
        let dir = store_dir();
        let Some(_recorder) = Recorder::in_kernel("watch", dir.path()) else { return };
        let at = ["--dir", dir.path().to_str().unwrap(), "--netns", "own"];
        let mut text = Watching::start(&at);
        let mut json = Watching::start(&[&["--json", "--pid", &me()], &at[..]].concat());
        assert!(text.told.contains("the recorder"), "{}", text.told);
        let client = visit();
        let lines: Vec<String> = (0..7).map(|_| text.line()).collect();
        let connect = lines.iter().find(|line| line.contains("connect")).expect("a connect");
        assert!(connect.contains(&format!("{client} → 127.0.0.1:")), "{connect}");
        assert!(connect.contains(&format!("({})", me())), "{connect}");
        assert!(lines.iter().any(|line| line.contains("listen")), "{lines:#?}");
        // Which of the two depends on whether the far end's kernel had waited for it to close.
        let lingers =
            |line: &str| line.contains("TIME-WAIT after") || line.contains("FIN-WAIT-2 after");
        assert!(lines.iter().any(|line| lingers(line)), "{lines:#?}");
        let events: Vec<Value> = (0..7).map(|_| json.event()).collect();
        let verbs: BTreeSet<_> = events.iter().map(|e| e["event"].as_str().unwrap()).collect();
        assert_eq!(verbs, BTreeSet::from(["opened", "changed", "closed"]));
        let closed = events.iter().filter(|event| event["event"] == "closed");
        let lingers = ["time-wait", "fin-wait"];
        let ended = |event: &Value| lingers.iter().any(|ended| event["tenure"]["ended"] == *ended);
        assert!(closed.clone().any(ended));
        assert_eq!(closed.count(), 3);
    });
}

#[test]
fn without_a_recorder_watch_looks_for_itself() {
    in_own_netns("watch alone", || {
        for source in ["kernel", "sampling"] {
            let args = ["--source", source, "--netns", "own", "-l", "-t"];
            let mut watching = Watching::start(&args);
            if source == "kernel" && !watching.told.contains("watching what the kernel tells") {
                println!("SKIPPED: watch alone, in the kernel: {}", watching.told.trim());
                continue;
            }
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let line = loop {
                let line = watching.line();
                if line.contains("listen") {
                    break line;
                }
            };
            assert!(line.contains(&listener.local_addr().unwrap().to_string()), "{line}");
            assert!(line.contains(&format!("({})", me())), "{line}");
            assert_eq!(line.contains("sampled"), source == "sampling", "{line}");
        }
    });
}

#[test]
fn filters_keep_the_rest_out() {
    in_own_netns("watch filters", || {
        let filters = ["--source", "sampling", "--netns", "own", "--local", ":7007", "--json"];
        let mut watching = Watching::start(&filters);
        let _other = TcpListener::bind((Ipv4Addr::LOCALHOST, 7006)).unwrap();
        let _wanted = TcpListener::bind((Ipv4Addr::LOCALHOST, 7007)).unwrap();
        assert_eq!(watching.event()["tenure"]["local"]["port"], 7007);
    });
}

#[test]
fn nobody_sees_the_sockets_of_others_but_not_their_names() {
    in_own_netns("watch as nobody", || {
        let dir = store_dir();
        let Some(recorder) = Recorder::in_kernel("watch as nobody", dir.path()) else { return };
        let mut command = as_nobody(&["watch", "--json", "--netns", "own"]);
        command.arg("--dir").arg(dir.path());
        let mut watching = Watching::spawn(command);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let opener = watching.event()["tenure"]["opener"].clone();
        assert_eq!((&opener["status"], &opener["uid"]), (&"hidden".into(), &0.into()), "{opener}");
        drop(listener);
        assert_eq!(recorder.ask_as_nobody(&["status"]).status, 0);
    });
}

#[test]
fn members_of_the_group_see_everybody() {
    in_own_netns("watch as a member", || {
        let dir = store_dir();
        let groups = dir.path().join("group");
        let text = std::fs::read_to_string("/etc/group").unwrap();
        std::fs::write(&groups, text + "portolan:x:4711:\n").unwrap();
        // A group of this test's own: nobody else sees this /etc/group.
        let script = "mount --bind \"$0\" /etc/group && exec \"$@\"";
        let mut command = Command::new("unshare");
        command.args(["-m", "sh", "-c", script]).arg(&groups).arg(program());
        command.args(["record", "--source", "kernel", "--dir"]).arg(dir.path().join("store"));
        command.arg("--socket").arg(dir.path().join("x.sock"));
        let Ok(_recorder) = Recorder::spawn(command, dir.path()) else {
            return println!("SKIPPED: watch as a member needs programs in the kernel");
        };
        let opener_for = |groups: &str| {
            let args = ["watch", "--json", "--netns", "own", "--dir", dir.path().to_str().unwrap()];
            let mut watching = Watching::spawn(as_nobody_in(groups, &args));
            let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            watching.event()["tenure"]["opener"].clone()
        };
        std::os::unix::fs::symlink("x.sock", dir.path().join("recorder.sock")).unwrap();
        let members = dir.path().join("recorder.members.sock");
        std::os::unix::fs::symlink("x.members.sock", members).unwrap();
        assert_eq!(opener_for("--clear-groups")["status"], "hidden");
        let seen = opener_for("--groups=4711");
        assert_eq!((&seen["status"], &seen["process"]["pid"]), (&"known".into(), &me_json()));
    });
}

#[test]
fn a_reader_who_has_seen_enough_ends_it_though_nothing_more_happens() {
    in_own_netns("watch and a pipe", || {
        let script = "$P watch --source sampling --netns own -l | head -n 1";
        let mut shell = Command::new("bash");
        shell.args(["-c", script]).env("P", program()).stderr(Stdio::null()).stdout(Stdio::piped());
        let mut child = shell.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(700));
        let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let mut out = String::new();
        child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        child.wait().unwrap();
        assert_eq!(out.lines().count(), 1, "{out}");
    });
}

#[test]
fn every_field_of_an_event_is_documented() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/json.md");
    let docs = std::fs::read_to_string(docs).unwrap();
    in_own_netns("fields of an event", move || {
        let args = ["--source", "sampling", "--netns", "own", "--json"];
        let mut watching = Watching::start(&args);
        let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let event = watching.event();
        let mut names = BTreeSet::new();
        collect_names(&event, &mut names);
        assert!(names.len() > 25, "{names:?}");
        let missing: Vec<_> = names.iter().filter(|n| !docs.contains(&format!("`{n}`"))).collect();
        assert!(missing.is_empty(), "{missing:?}");
    });
}

fn collect_names(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                names.insert(name.clone());
                collect_names(value, names);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect_names(value, names)),
        _ => {}
    }
}

fn me_json() -> Value {
    std::process::id().into()
}

fn me() -> String {
    std::process::id().to_string()
}
