//! `portolan lease` and `free`: real servers on leased ports, real clients of the portserver.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::world::{NOBODY, apart};

/// What portolan says to `args`, split at spaces, with nothing on its standard input.
pub(crate) fn portolan(args: &str) -> Output {
    command(args).stdin(Stdio::null()).output().unwrap()
}

fn command(args: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portolan"));
    command.args(args.split(' ')).env_remove("PORTSERVER_ADDRESS");
    command
}

/// Runs a shell script in which `$P` is portolan.
fn shell(script: &str) -> Output {
    let mut shell = Command::new("sh");
    shell.args(["-uc", script]).env("P", env!("CARGO_BIN_EXE_portolan"));
    shell.stdin(Stdio::null()).output().unwrap()
}

pub(crate) fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A `/var/lib` of our own, where root's names are remembered.
fn own_memory(options: &str) {
    let mount = ["-t", "tmpfs", "-o", options, "tmpfs", "/var/lib"];
    assert!(Command::new("mount").args(mount).status().unwrap().success());
}

/// A lease that lasts until the end of the child's standard input, and its port.
pub(crate) fn held(args: &str) -> (Child, u16) {
    let mut child = command(format!("lease --hold {args}").trim())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    (child, line.trim().parse().unwrap())
}

fn wait_until(what: &str, mut is: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is() {
        assert!(began.elapsed() < Duration::from_secs(30), "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_program_is_told_its_ports_and_its_end_is_ours() {
    apart("lease::a_program_is_told_its_ports_and_its_end_is_ours", || {
        let output = shell(
            "$P lease -- sh -c 'test $PORT = $1' sh {port}; echo $?
             $P lease -n 3 --block --env P -- sh -c \
                'test $P = $P_1 && test $((P + 2)) = $P_3 && test $P_2 = $1' sh {port_2}; echo $?
             $P lease -- sh -c 'exit 7'; echo $?
             $P lease -- sh -c 'kill -TERM $$'; echo $?
             $P lease -- no-such-program 2>/dev/null; echo $?
             $P lease -- /etc/passwd 2>/dev/null; echo $?
             $P lease --pass -- /etc/passwd 2>/dev/null; echo $?
             $P lease -- sh -c 'trap \"exit 5\" TERM; kill -TERM $PPID; sleep 5 & wait'; echo $?
             $P lease -- sh -c 'kill -ALRM $PPID; sleep 5 & wait'; echo $?
             $P lease ls",
        );
        assert_eq!(
            out(&output),
            "0\n0\n7\n143\n127\n126\n126\n5\n142\nno port is leased\n",
            "{output:?}"
        );
        assert_eq!(err(&output), "");
    });
}

/// What `ss` shows of what runs there is not needed to see it: the servers answer.
#[test]
fn servers_of_python_and_node_run_on_leased_ports() {
    apart("lease::servers_of_python_and_node_run_on_leased_ports", || {
        let node =
            "require('http').createServer((q, s) => s.end('hello')).listen(process.env.PORT)";
        for server in [
            &["python3", "-m", "http.server", "{port}"][..],
            &["node", "-e", node],
            &["perl", "-MIO::Socket::INET", "-e", PLAIN],
        ] {
            if Command::new(server[0]).arg("--version").output().is_err() {
                println!(
                    "SKIPPED: a server of {} on a leased port: it is not installed",
                    server[0]
                );
                continue;
            }
            let (drop, words) = (server[0] == "perl", "lease -- sh -c");
            let words = if drop { "lease --drop -- sh -c" } else { words };
            let mut child = command(words)
                .arg("echo $PORT; exec \"$@\" 2>/dev/null >/dev/null")
                .arg("sh")
                .args(server)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut line = String::new();
            BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
            let port: u16 = line.trim().parse().unwrap();
            wait_until(server[0], || TcpStream::connect(("127.0.0.1", port)).is_ok());
            let listed = out(&portolan("lease ls"));
            assert!(listed.contains(&port.to_string()) && listed.contains(server[0]), "{listed}");
            kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
            child.wait().unwrap();
            wait_until("the port is free", || TcpListener::bind(("::", port)).is_ok());
        }
    });
}

/// A server that does not set `SO_REUSEADDR`. Closes after its client has: who closes first stays in
/// TIME_WAIT, and a server that did, and has not set it, would keep the port for a minute.
const PLAIN: &str =
    "my $s = IO::Socket::INET->new(LocalPort => $ENV{PORT}, Listen => 5, Proto => 'tcp')
    or die $!; while (my $c = $s->accept) { readline $c; close $c }";

#[test]
fn a_socket_is_passed_as_systemd_passes_it() {
    apart("lease::a_socket_is_passed_as_systemd_passes_it", || {
        let script = "import os, socket
assert os.environ['LISTEN_PID'] == str(os.getpid()) and os.environ['LISTEN_FDS'] == '2'
assert 'LISTEN_FDNAMES' not in os.environ
tcp, udp = (socket.socket(fileno=n) for n in (3, 4))
assert tcp.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) == 1
assert tcp.getsockname()[1] == udp.getsockname()[1] == int(os.environ['PORT'])
more = [os.stat(n) for n in range(5, 64) if os.path.exists(f'/proc/self/fd/{n}')]
assert not {os.fstat(3).st_ino, os.fstat(4).st_ino} & {each.st_ino for each in more}
client = socket.create_connection(('127.0.0.1', int(os.environ['PORT'])))
tcp.accept()
print('served')";
        let output =
            command("lease --pass --proto tcp,udp -- python3 -c").arg(script).output().unwrap();
        assert_eq!(out(&output), "served\n", "{}", err(&output));
    });
}

#[test]
fn a_name_is_one_holders_and_free_when_that_is_killed() {
    apart("lease::a_name_is_one_holders_and_free_when_that_is_killed", || {
        own_memory("mode=0755");
        let (mut first, port) = held("web");
        let second = portolan("lease web -- true");
        assert_eq!(second.status.code(), Some(1));
        let said = err(&second);
        let whom = format!("port {port}, by portolan ({}) of root since ", first.id());
        assert!(said.contains("'web' of ") && said.contains(&whom), "{said}");
        first.kill().unwrap();
        first.wait().unwrap();
        TcpListener::bind(("0.0.0.0", port)).unwrap();
        let (mut again, same) = held("web");
        assert_eq!(same, port);
        drop(again.stdin.take());
        assert!(again.wait().unwrap().success());
        assert_eq!(out(&portolan("lease ls")), "no port is leased\n");
    });
}

#[test]
fn everybody_sees_what_is_leased_and_root_by_whom() {
    apart("lease::everybody_sees_what_is_leased_and_root_by_whom", || {
        own_memory("mode=0755");
        let (mut child, port) = held("web --proto tcp,udp");
        let listed = out(&portolan("lease ls"));
        for part in
            [&port.to_string(), "tcp,udp", "web", &format!("portolan ({})", child.id()), "root"]
        {
            assert!(listed.contains(part), "{part} in {listed}");
        }
        let json: serde_json::Value =
            serde_json::from_slice(&portolan("lease ls --json").stdout).unwrap();
        let lease = &json["leases"][0];
        assert_eq!((&json["schema"], &lease["name"]), (&"portolan/1".into(), &"web".into()));
        assert_eq!((&lease["port"], &lease["ports"][0]), (&port.into(), &port.into()));
        assert_eq!(lease["holder"]["pid"], child.id());
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        let copy = folder.path().join("portolan");
        fs::copy(env!("CARGO_BIN_EXE_portolan"), &copy).unwrap();
        let other =
            Command::new(&copy).args(["lease", "ls"]).uid(NOBODY).gid(NOBODY).output().unwrap();
        let listed = out(&other);
        assert!(listed.contains(&port.to_string()) && listed.contains("hidden"), "{listed}");
        assert!(listed.contains("root") && !listed.contains("web"), "{listed}");
        assert!(err(&other).contains("root sees more"), "{}", err(&other));
        // A range of one port that root leases is nobody's to lease.
        let range = port.to_string();
        let refused =
            Command::new(&copy).args(["free", "--range", &range]).uid(NOBODY).output().unwrap();
        assert_eq!(refused.status.code(), Some(1));
        assert!(err(&refused).contains("1 are leased"), "{}", err(&refused));
        drop(child.stdin.take());
        child.wait().unwrap();
    });
}

#[test]
fn a_memory_that_cannot_be_written_costs_a_note() {
    apart("lease::a_memory_that_cannot_be_written_costs_a_note", || {
        for options in ["mode=0755,ro", "mode=0755,nr_inodes=3"] {
            own_memory(options);
            let ports = [(), ()].map(|()| portolan("lease web -- printenv PORT"));
            assert!(ports.iter().all(|port| port.status.success()), "{ports:?}");
            assert_eq!(out(&ports[0]), out(&ports[1]), "{options}");
            assert!(err(&ports[0]).contains("is not remembered for the next time"), "{ports:?}");
        }
        own_memory("mode=0777");
        fs::create_dir_all("/var/lib/portolan/leases").unwrap();
        fs::set_permissions("/var/lib/portolan/leases", fs::Permissions::from_mode(0o777)).unwrap();
        let refused = portolan("lease web -- true");
        assert_eq!(refused.status.code(), Some(2));
        assert!(err(&refused).contains("may be written by everybody"), "{}", err(&refused));
    });
}

#[test]
fn bad_input_is_one_line_and_status_2() {
    let long = format!("lease {} -- true", "x".repeat(10_000));
    for (args, said) in [
        ("lease a/b -- true", "no '/'"),
        ("lease  -- true", "a letter at least"),
        (&long, "64 bytes at most, and this one 10000"),
        ("lease -- ", "there is no program"),
        ("lease", "a program to run behind --"),
        ("lease web --hold -- true", "--hold"),
        ("lease --range 9000-8000 -- true", "lower to its higher"),
        ("lease --range 0 -- true", "port 0 is none"),
        ("lease --range x -- true", "whole number"),
        ("lease --proto sctp -- true", "tcp and udp"),
        ("lease -n 0 -- true", "from 1 to 4096"),
        ("lease --env 1X -- true", "letters, digits and _"),
        ("lease --address 203.0.113.9 -- true", "no address of this host"),
        ("lease web --project /no/such -- true", "there is no /no/such"),
        ("lease serve", "PORTSERVER_ADDRESS"),
        ("lease serve --address @", "is no address"),
        ("lease --json -- true", "--json"),
        ("stop 0", "port 0"),
        ("stop 80-90", "one port"),
        ("stop 80 --grace x", "0 to 3600"),
        ("stop 80 --json", "--json"),
    ] {
        let output = portolan(args);
        let text = err(&output);
        let status = if args == "lease -- " { 127 } else { 2 };
        assert_eq!(output.status.code(), Some(status), "{args}: {text}");
        assert!(text.contains(said) && text.lines().count() == 1, "{args}: {text}");
        assert!(text.len() < 1000, "{text}");
    }
}

#[test]
fn a_range_of_the_kernels_own_is_warned_of() {
    apart("lease::a_range_of_the_kernels_own_is_warned_of", || {
        let output = portolan("lease --range 40000-40010 -- true");
        assert!(output.status.success());
        assert!(err(&output).contains("the kernel hands out 32768-60999"), "{}", err(&output));
        let refused = portolan("lease --range 22000-22001 -n 3 -- true");
        assert_eq!(refused.status.code(), Some(1), "{}", err(&refused));
        let free = portolan("free -n 2 --block");
        assert_eq!(out(&free).lines().count(), 2);
        assert!(err(&free).contains("promised to nobody"), "{}", err(&free));
    });
}

/// A portserver at `address`, which serves when this returns.
fn serving(address: &str) -> Child {
    let mut child = command(&format!("lease serve --address {address}"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, format!("leasing ports at {address}\n"));
    child
}

fn ask(mut server: UnixStream, request: &str) -> Option<u16> {
    server.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    server.read_to_string(&mut answer).unwrap();
    answer.strip_suffix('\n').map(|port| port.parse().unwrap())
}

#[test]
fn a_portserver_leases_to_processes_for_as_long_as_they_live() {
    apart("lease::a_portserver_leases_to_processes_for_as_long_as_they_live", || {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let by_name =
            || UnixStream::connect_addr(&SocketAddr::from_abstract_name("ports").unwrap()).unwrap();
        let by_path = || UnixStream::connect(&path).unwrap();
        for (address, server) in [
            ("@ports".to_owned(), &by_name as &dyn Fn() -> UnixStream),
            (path.display().to_string(), &by_path),
        ] {
            let mut serving = serving(&address);
            let mut tenant = Command::new("sleep").arg("600").spawn().unwrap();
            let ports = [(), ()].map(|()| ask(server(), &format!("{}\n", tenant.id())).unwrap());
            assert_ne!(ports[0], ports[1]);
            let listed = out(&portolan("lease ls"));
            assert!(listed.contains(&format!("for {}", tenant.id())), "{listed}");
            // Not held, so that any client can bind it, and yet nobody else's.
            let range = format!("free --range {}", ports[0]);
            assert_eq!(portolan(&range).status.code(), Some(1));
            for bad in ["0\n", "1\n", "x\n", "999999999\n", "\n", &"9".repeat(50)] {
                assert_eq!(ask(server(), bad), None, "{bad}");
            }
            let silent = server();
            tenant.kill().unwrap();
            tenant.wait().unwrap();
            wait_until("the ports are free", || portolan(&range).status.success());
            drop(silent);
            let pid = Pid::from_child(&serving);
            kill_process(pid, Signal::USR1).unwrap();
            kill_process(pid, Signal::TERM).unwrap();
            assert!(serving.wait().unwrap().success());
        }
        assert!(!path.exists());
    });
}

/// A client in a pid namespace of its own says the number that it has there.
#[test]
fn a_portserver_knows_clients_of_other_pid_namespaces() {
    apart("lease::a_portserver_knows_clients_of_other_pid_namespaces", || {
        let mut serving = serving("@ports");
        let script = "import os, socket, sys, time
def ask(pid):
    s = socket.socket(socket.AF_UNIX); s.connect('\\0ports'); s.sendall(b'%d\\n' % pid)
    return s.recv(99)
child = os.fork()
if not child: time.sleep(600)
print(len(ask(os.getpid())) > 1, len(ask(child)) > 1, len(ask(4000)) > 1, flush=True)
sys.stdin.read()";
        let mut client = Command::new("unshare")
            .args([
                "--pid",
                "--fork",
                "--kill-child",
                "--mount-proc",
                "sh",
                "-c",
                "python3 -c \"$0\" & wait",
            ])
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(client.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "True True False\n");
        client.kill().unwrap();
        client.wait().unwrap();
        wait_until("the ports are free", || out(&portolan("lease ls")) == "no port is leased\n");
        serving.kill().unwrap();
        serving.wait().unwrap();
    });
}
