//! `ls`: its filters, orders and formats, and text that would harm a terminal.

use std::net::{Ipv4Addr, Ipv6Addr, TcpListener, TcpStream, UdpSocket};
use std::process::{Child, Command, Stdio};

use crate::netns::{Run, Watch, in_own_netns, portolan, portolan_as_nobody};

/// The local ports of the rows, in order.
fn ports(run: &Run) -> Vec<u64> {
    let rows = run.json()["sockets"].as_array().unwrap().clone();
    rows.iter().map(|row| row["local"]["port"].as_u64().unwrap()).collect()
}

fn listed(filters: &[&str]) -> Vec<u64> {
    ports(&portolan(&[&["ls", "--json"], filters].concat()))
}

#[test]
fn filters_compose() {
    in_own_netns("filters", || {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 8001)).unwrap();
        let _six = TcpListener::bind((Ipv6Addr::LOCALHOST, 8002)).unwrap();
        let _udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 8003)).unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let _accepted = listener.accept().unwrap();
        let from = u64::from(client.local_addr().unwrap().port());
        assert_eq!(listed(&["-tl"]), [8001, 8002]);
        assert_eq!(listed(&["-tulpn"]), [8001, 8002, 8003]);
        assert_eq!(listed(&["-u"]), [8003]);
        assert_eq!(listed(&["--proto", "udp"]), [8003]);
        assert_eq!(listed(&["-6"]), [8002]);
        assert_eq!(listed(&["--port", "8001"]), [8001, 8001, from]);
        assert_eq!(listed(&["--port", "8002-8003"]), [8002, 8003]);
        assert_eq!(listed(&["--state", "established", "--local", ":8001"]), [8001]);
        assert_eq!(listed(&["--remote", "127.0.0.0/8:8001"]), [from]);
        assert_eq!(listed(&["--local", "[::1]"]), [8002]);
        let me = std::process::id().to_string();
        assert_eq!(listed(&["-l", "--pid", &me]), [8001, 8002, 8003]);
        assert_eq!(listed(&["-l", "--user", "root", "--port", "8001,8003"]), [8001, 8003]);
        assert_eq!(listed(&["-l", "--user", "65534"]), [] as [u64; 0]);
        assert_eq!(listed(&["-l", "--sort", "send-q"]).last(), Some(&8003));
        assert_eq!(portolan(&["ls", "--port", "9"]).status, 1);
        assert_eq!(portolan(&["ls"]).status, 0);
    });
}

#[test]
fn csv_has_a_line_for_each_socket_and_owner() {
    in_own_netns("csv", || {
        let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 8001)).unwrap();
        let run = portolan(&["ls", "--csv"]);
        let lines: Vec<&str> = run.stdout.lines().collect();
        assert_eq!(lines.len(), 2, "{}", run.stdout);
        assert!(lines[0].starts_with("proto,state,recv_q,send_q,local_addr,local_port,"));
        assert!(lines[1].starts_with("tcp,LISTEN,0,128,127.0.0.1,8001,0.0.0.0,0,known,"));
    });
}

/// A process with a name of our choice that listens on a port.
struct Named(Child);

impl Named {
    fn listening(name: &[u8], port: u16) -> Named {
        let script = "use IO::Socket::INET; $| = 1;\
            open(F, '>/proc/self/comm'); print F pack('H*', $ARGV[0]); close(F);\
            $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[1], Listen => 5);\
            print \"ready\\n\" if $s; <STDIN>";
        let hex: String = name.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut child = Command::new("perl")
            .args(["-e", script, &hex, &port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("perl is part of every Debian");
        let mut ready = [0; 6];
        let out = child.stdout.as_mut().unwrap();
        std::io::Read::read_exact(out, &mut ready).expect("it listens");
        Named(child)
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

#[test]
fn names_cannot_harm_a_terminal_and_json_has_them_exactly() {
    in_own_netns("odd names", || {
        let names: [&[u8]; 5] =
            [b"\x1b]0;pwned\x07", b"two\nlines", b"bad \xff\xfe", b"               ", b"a) R 1 (b"];
        let _held: Vec<Named> =
            (8001..).zip(names).map(|(port, n)| Named::listening(n, port)).collect();
        let text = portolan(&["ls", "-tl", "--color=always"]).stdout + &portolan(&["8001"]).stdout;
        let shown =
            [r"\x1b]0;pwned\x07 (", r"two\nlines (", r"bad \xff\xfe (", r"\x20\x20", "a) R 1 (b ("];
        for name in shown {
            assert!(text.contains(name), "{name} in {text}");
        }
        assert!(!text.contains("\x1b]") && !text.contains('\x07'));
        assert_eq!(text.lines().filter(|line| line.contains("LISTEN")).count(), 6);
        let json = portolan(&["ls", "-tl", "--json"]).json();
        let process = |at: usize| json["sockets"][at]["owners"]["processes"][0].clone();
        assert_eq!(process(0)["comm"], "\x1b]0;pwned\x07");
        assert_eq!(process(1)["comm"], "two\nlines");
        assert_eq!(process(2)["comm_hex"], "62616420fffe");
        assert_eq!(process(3)["comm"], " ".repeat(15));
    });
}

#[test]
fn a_pipe_is_never_cut_and_a_closed_one_is_no_error() {
    in_own_netns("pipe", || {
        let _listeners: Vec<_> =
            (9000..9200).map(|p| TcpListener::bind((Ipv4Addr::LOCALHOST, p)).unwrap()).collect();
        assert_eq!(portolan(&["ls"]).stdout.lines().count(), 201);
        let script = format!("{} ls | head -n 1", env!("CARGO_BIN_EXE_portolan"));
        let out = Command::new("sh").args(["-c", &script]).output().unwrap();
        let told = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(told.lines().all(|line| line.starts_with("portolan: note: ")), "{told}");
    });
}

#[test]
fn nobody_sees_every_socket_and_that_owners_are_hidden() {
    in_own_netns("ls as nobody", || {
        let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 8001)).unwrap();
        let run = portolan_as_nobody(&["ls"]);
        assert!(run.stdout.contains("hidden"), "{}", run.stdout);
        assert!(run.stderr.contains("could not be looked into"), "{}", run.stderr);
        assert_eq!(portolan_as_nobody(&["ls", "--process", "anything"]).status, 3);
        assert_eq!(portolan_as_nobody(&["ls", "--port", "9"]).status, 1);
        let pid = |pid: &str| portolan_as_nobody(&["ls", "--pid", pid]).status;
        assert_eq!(pid(&std::process::id().to_string()), 3);
        assert_eq!(pid("4194305"), 1, "past every process id there can be");
        assert_eq!(portolan_as_nobody(&["ls", "--user", "65534"]).status, 3);
    });
}

#[test]
fn filters_mean_what_people_write() {
    in_own_netns("filters as written", || {
        let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 1112)).unwrap();
        let _udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 1112)).unwrap();
        let _ssh = TcpListener::bind((Ipv6Addr::LOCALHOST, 22)).unwrap();
        assert_eq!(listed(&["--port", "1112"]), [1112, 1112]);
        assert_eq!(listed(&["--port", "1112/tcp"]), [1112]);
        assert_eq!(listed(&["--local", ":1112/udp"]), [1112]);
        assert_eq!(listed(&["--port", "ssh,http"]), [22]);
        assert_eq!(listed(&["--port", "1-10"]), [] as [u64; 0]);
        assert_eq!(listed(&["--local", "[::ffff:127.0.0.1]:1112"]), [1112, 1112]);
        assert_eq!(listed(&["--local", "localhost"]), [22, 1112, 1112]);
    });
}

#[test]
fn watching_as_csv_has_one_header_and_tells_notes_once() {
    in_own_netns("watch as csv", || {
        let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 8001)).unwrap();
        let mut watch = Watch::start(&["ls", "--watch=0.1", "--csv"]);
        let lines = watch.lines(3);
        assert!(lines[0].starts_with("proto,state") && lines[1].starts_with("tcp,LISTEN"));
        assert_eq!(lines[1], lines[2]);
        assert_eq!(watch.end().lines().count(), 1, "the note that owners are hidden");
    });
}

/// A network namespace with a name, which goes away with it.
struct NamedNetns(String);

impl NamedNetns {
    fn add(name: String) -> Option<NamedNetns> {
        let added = Command::new("ip").args(["netns", "add", &name]).status();
        added.is_ok_and(|status| status.success()).then_some(NamedNetns(name))
    }
}

impl Drop for NamedNetns {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["netns", "del", &self.0]).status();
    }
}

#[test]
fn a_namespace_called_like_a_number_is_found() {
    let Some(netns) = NamedNetns::add(format!("60{}", std::process::id())) else {
        return println!("SKIPPED: naming a network namespace needs root");
    };
    let named = std::fs::metadata(format!("/run/netns/{}", netns.0)).unwrap();
    let number = std::os::unix::fs::MetadataExt::ino(&named).to_string();
    for name in [&netns.0, &number] {
        let run = portolan(&["ls", "--netns", name]);
        assert_eq!((run.status, run.stderr.as_str()), (1, ""), "{name} is there, and empty");
    }
}

#[test]
fn every_namespace_is_listed_on_request_and_rows_say_which() {
    in_own_netns("all namespaces", || {
        let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 17_111)).unwrap();
        let rows = portolan(&["ls", "--all-netns", "--port", "17111", "--json"]).json();
        let ours = std::fs::metadata("/proc/thread-self/ns/net").unwrap();
        let inode = std::os::unix::fs::MetadataExt::ino(&ours);
        assert_eq!(rows["sockets"][0]["netns"].as_u64(), Some(inode));
        let by_number = ["ls", "--netns", &inode.to_string(), "--port", "17111", "--json"];
        assert_eq!(portolan(&by_number).json()["sockets"][0]["local"]["port"], 17_111);
    });
}
