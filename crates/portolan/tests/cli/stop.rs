//! `portolan stop`: servers that end, those that will not, and those that are not ours to end.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::lease::{err, out, portolan};
use crate::world::{NOBODY, apart};

/// A process that listens on `port`, after a line of Python of its own.
fn server(port: u16, also: &str) -> Child {
    let script = format!(
        "import os, signal, socket, time
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('127.0.0.1', {port})); s.listen()
{also}
print('ready', flush=True)
time.sleep(600)"
    );
    started(Command::new("python3").args(["-c", &script]))
}

fn started(command: &mut Command) -> Child {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    child
}

const IGNORES: &str = "signal.signal(signal.SIGTERM, signal.SIG_IGN)";

#[test]
fn a_server_is_ended_and_its_port_free() {
    apart("stop::a_server_is_ended_and_its_port_free", || {
        let mut child = server(8080, "");
        let asked = portolan("stop 8080");
        assert_eq!(asked.status.code(), Some(2));
        assert!(err(&asked).contains("--yes"), "{}", err(&asked));
        assert!(child.try_wait().unwrap().is_none());
        let stopped = portolan("stop 8080 --yes");
        assert!(stopped.status.success(), "{}", err(&stopped));
        let pid = child.id();
        let said =
            format!("8080: python3 ({pid}) of root: SIGTERM to {pid}, 10 s to end\n8080 is free\n");
        assert_eq!(out(&stopped), said);
        assert_eq!(child.wait().unwrap().signal(), Some(15));
        TcpListener::bind("0.0.0.0:8080").unwrap();
        assert_eq!(portolan("stop 8080 --yes").status.code(), Some(1));
    });
}

#[test]
fn who_will_not_end_is_killed_by_force_alone() {
    apart("stop::who_will_not_end_is_killed_by_force_alone", || {
        let mut child = server(8080, IGNORES);
        let stopped = portolan("stop 8080 --yes --grace 1");
        assert_eq!(stopped.status.code(), Some(1));
        assert!(err(&stopped).contains("has not ended within 1 s; --force"), "{}", err(&stopped));
        assert!(child.try_wait().unwrap().is_none());
        assert!(portolan("stop 8080 --yes --grace 0 --force").status.success());
        assert_eq!(child.wait().unwrap().signal(), Some(9));
    });
}

/// One who talks to the port, one who merely has its number, and one who listens.
#[test]
fn clients_are_left_alone() {
    apart("stop::clients_are_left_alone", || {
        let listener = TcpListener::bind("127.0.0.1:9000").unwrap();
        let script = "import socket, time
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('127.0.0.1', 8080)); s.connect(('127.0.0.1', 9000))
print('ready', flush=True); time.sleep(600)";
        let mut client = started(Command::new("python3").args(["-c", script]));
        let stopped = portolan("stop 8080 --yes");
        assert_eq!(stopped.status.code(), Some(1));
        let said = format!("python3 ({}) merely has the number", client.id());
        assert!(err(&stopped).contains(&said), "{}", err(&stopped));
        let mut server = server(8081, "");
        let browser = TcpStream::connect("127.0.0.1:8081").unwrap();
        assert!(portolan("stop 8081 --yes").status.success());
        server.wait().unwrap();
        assert!(browser.local_addr().is_ok() && client.try_wait().unwrap().is_none());
        assert!(portolan("stop 8080 --yes --clients").status.success());
        assert_eq!(client.wait().unwrap().signal(), Some(15));
        drop(listener);
    });
}

#[test]
fn several_owners_are_all_named_and_their_master_told() {
    apart("stop::several_owners_are_all_named_and_their_master_told", || {
        let also = "pids = [os.fork() for _ in range(2)] if True else 0
if 0 in pids: time.sleep(600)
def end(*_):
    for pid in pids: os.kill(pid, signal.SIGTERM)
    os._exit(0)
signal.signal(signal.SIGTERM, end)";
        // The first child forks once more: three workers and a master.
        let mut master = server(8080, also);
        let stopped = portolan("stop 8080 --yes --grace 4");
        assert!(stopped.status.success(), "{}{}", out(&stopped), err(&stopped));
        let first = out(&stopped).lines().next().unwrap().to_owned();
        assert_eq!(first.matches("python3 (").count(), 4, "{first}");
        assert!(first.contains(&format!("SIGTERM to {},", master.id())), "{first}");
        assert_eq!(master.wait().unwrap().code(), Some(0));
    });
}

#[test]
fn whom_one_may_not_end_is_told_with_who_may() {
    apart("stop::whom_one_may_not_end_is_told_with_who_may", || {
        let mut child = server(8080, "");
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        let copy = folder.path().join("portolan");
        fs::copy(env!("CARGO_BIN_EXE_portolan"), &copy).unwrap();
        let mut command = Command::new(&copy);
        let refused =
            command.args(["stop", "8080", "--yes"]).uid(NOBODY).gid(NOBODY).output().unwrap();
        assert_eq!(refused.status.code(), Some(3), "{}", err(&refused));
        assert!(err(&refused).contains("root could stop it"), "{}", err(&refused));
        assert!(child.try_wait().unwrap().is_none());
        // The first process of these namespaces is this test.
        let _own = TcpListener::bind("127.0.0.1:8081").unwrap();
        let refused = portolan("stop 8081 --yes --force");
        assert_eq!(refused.status.code(), Some(1));
        assert!(err(&refused).contains("the first process"), "{}", err(&refused));
        child.kill().unwrap();
        child.wait().unwrap();
    });
}

/// A cgroup that is gone with the test.
struct Cgroup(PathBuf);

impl Cgroup {
    fn new(name: &str) -> Option<Cgroup> {
        let path = sockets::cgroup_root()?.join(name);
        fs::create_dir(&path).ok()?;
        Some(Cgroup(path))
    }

    fn take_in(&self, child: &Child) {
        fs::write(self.0.join("cgroup.procs"), child.id().to_string()).unwrap();
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        _ = fs::remove_dir(&self.0);
    }
}

/// A manager that writes down how it is called, and kills `child`.
fn manager(folder: &Path, name: &str, child: &Child) {
    let script = format!(
        "#!/bin/sh\necho \"{name} $*\" >> {}/calls\nkill {}\n",
        folder.display(),
        child.id()
    );
    let path = folder.join(name);
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn services_and_containers_are_stopped_by_those_who_manage_them() {
    apart("stop::services_and_containers_are_stopped_by_those_who_manage_them", || {
        let id = "0123456789ab".repeat(6)[..64].to_owned();
        let unit = format!("portolan-test-{}.service", std::process::id());
        for (cgroup, manager_name, call) in [
            (unit.clone(), "systemctl", format!("systemctl stop -- {unit}\n")),
            (
                format!("docker-{id}.scope"),
                "docker",
                "docker stop --time 10 -- 0123456789ab\n".into(),
            ),
            (
                format!("libpod-{id}.scope"),
                "podman",
                "podman stop --time 10 -- 0123456789ab\n".into(),
            ),
        ] {
            let Some(cgroup) = Cgroup::new(&cgroup) else {
                println!("SKIPPED: stop of a service and a container: no cgroup can be made");
                return;
            };
            let mut child = server(8080, "");
            cgroup.take_in(&child);
            let folder = tempfile::tempdir().unwrap();
            let stop = |path: &str| {
                let mut command = Command::new(env!("CARGO_BIN_EXE_portolan"));
                command.args(["stop", "8080", "--yes"]).env("PATH", path).output().unwrap()
            };
            // Without its manager nothing is done, and nobody signalled.
            let helpless = stop("/nonexistent");
            assert_eq!(helpless.status.code(), Some(2), "{}", err(&helpless));
            assert!(child.try_wait().unwrap().is_none());
            manager(folder.path(), manager_name, &child);
            let stopped = stop(&format!("{}:/usr/bin:/bin", folder.path().display()));
            assert!(stopped.status.success(), "{}{}", out(&stopped), err(&stopped));
            assert!(out(&stopped).contains(call.trim()), "{}", out(&stopped));
            assert_eq!(fs::read_to_string(folder.path().join("calls")).unwrap(), call);
            child.wait().unwrap();
        }
    });
}

/// It hands its listener on when it is told to end.
#[test]
fn who_listens_next_is_named() {
    apart("stop::who_listens_next_is_named", || {
        let also = "def hand_on(*_):
    if os.fork(): os._exit(0)
signal.signal(signal.SIGTERM, hand_on)";
        let mut child = server(8080, also);
        let stopped = portolan("stop 8080 --yes --grace 1");
        assert_eq!(stopped.status.code(), Some(1));
        assert_eq!(child.wait().unwrap().code(), Some(0));
        let said = err(&stopped);
        assert!(said.contains("listens on it now") && said.contains("8080 is not free"), "{said}");
        assert!(!said.contains(&format!("({})", child.id())), "{said}");
    });
}
