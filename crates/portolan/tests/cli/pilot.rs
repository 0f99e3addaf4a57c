//! `portolan pilot` in front of programs that know nothing of it, beside the same programs without.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What scripts begin with. `quick` says how long a connect takes in microseconds, by the median.
const PRELUDE: &str = r#"
import os, resource, statistics, struct, sys, time
from socket import *
SERVER = ("127.0.0.1", 7000)
RANGE, NO_PORT, MPTCP = 51, 24, 262
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

def serve(address=SERVER, family=AF_INET):
    s = socket(family, SOCK_STREAM)
    s.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    s.bind(address); s.listen(65535)
    return s

def hold(count):
    held = []
    for _ in range(count):
        s = socket(); s.connect(SERVER); held.append(s)
    return held

def quick(rounds=200):
    took = []
    for _ in range(rounds):
        s = socket()
        s.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        start = time.perf_counter(); s.connect(SERVER)
        took.append(time.perf_counter() - start)
        s.close()
    return statistics.median(took) * 1e6
"#;

/// Runs a shell script in namespaces of its own, on a `/run` of its own, where 12,000 ports are handed
/// out; `$P` is portolan, and `$PY` a file of Python to be run. Skipped without root, loudly.
pub(crate) fn apart(script: &str, python: &str) -> Option<Output> {
    if !rustix::process::geteuid().is_root() {
        println!("SKIPPED: pilot needs root to make namespaces");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("script.py");
    std::fs::write(&file, [PRELUDE, python].concat()).unwrap();
    let setup = "set -u
mount --make-rprivate / && mkdir -p /var/cache
mount -t tmpfs -o mode=0755 tmpfs /var/cache
mount -t tmpfs -o mode=0755 tmpfs /run
ip link set lo up
echo 40000 51999 > /proc/sys/net/ipv4/ip_local_port_range
echo 65535 > /proc/sys/net/core/somaxconn
";
    let output = Command::new("unshare")
        .args(["--net", "--mount", "sh", "-c", &[setup, script].concat()])
        .env("P", env!("CARGO_BIN_EXE_portolan"))
        .env("PY", &file)
        .env("NO_COLOR", "1")
        .env_remove("LD_PRELOAD")
        .output()
        .unwrap();
    Some(output)
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What it printed; it must have succeeded and complained of nothing.
pub(crate) fn printed(script: &str, python: &str) -> Option<String> {
    let output = apart(script, python)?;
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success() && err.is_empty(), "{:?}\n{out}\n{err}", output.status);
    Some(out)
}

/// Whether programs may be put into this kernel.
pub(crate) fn has_ebpf() -> bool {
    let may = cfg!(feature = "bpf") && Path::new("/sys/kernel/btf/vmlinux").exists();
    if !may {
        println!("SKIPPED: this kernel or this build takes no programs");
    }
    may
}

/// A cgroup of the test's own, below the root of all, that goes away with it, also when it fails.
pub(crate) struct Cgroup {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

impl Cgroup {
    pub(crate) fn new(test: &str) -> Cgroup {
        let name = format!("portolan-test-cli-{test}-{}", std::process::id());
        let path = sockets::cgroup_root().unwrap().join(&name);
        std::fs::create_dir(&path).unwrap();
        Cgroup { name, path }
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        let removed = std::fs::remove_dir(&self.path);
        if !std::thread::panicking() {
            removed.unwrap();
        }
    }
}

/// The point of it: an unmodified program at three quarters, with and without, in one run.
const THREE_QUARTERS: &str = "
server = serve()
held = hold(9000)
print(flush=True)
if not os.fork():
    os.execvp(sys.argv[1], [*sys.argv[1:], 'python3', sys.argv[0], 'time'])
os.wait()
";
const TIMED: &str = "if sys.argv[-1] == 'time':
    print(quick()); sys.exit()
";

fn times(way: &str) -> Option<(f64, f64)> {
    let script = format!("python3 $PY env\npython3 $PY $P pilot run --with {way} --\n");
    let python = [TIMED, THREE_QUARTERS].concat();
    let printed = printed(&script, &python)?;
    let mut numbers = printed.lines().filter_map(|line| line.parse::<f64>().ok());
    Some((numbers.next().unwrap(), numbers.next().unwrap()))
}

#[test]
fn a_preloaded_program_connects_quickly() {
    let Some((without, with)) = times("preload") else { return };
    println!("without {without} µs, with {with} µs");
    assert!(with * 4.0 < without, "without {without} µs, with {with} µs");
}

#[test]
fn a_program_that_the_kernel_pilots_connects_quickly() {
    if !has_ebpf() {
        return;
    }
    let Some((without, with)) = times("ebpf") else { return };
    assert!(with * 4.0 < without, "without {without} µs, with {with} µs");
}

#[test]
fn the_library_changes_one_option_and_nothing_else() {
    let python = "
def option(s): return struct.unpack('I', s.getsockopt(SOL_IP, RANGE, 4))[0]
every = 1 | 0xffff << 16
server, six = serve(), serve(('::', 7001), AF_INET6)
s = socket(); s.connect(SERVER)
assert option(s) == every and 40000 <= s.getsockname()[1] < 52000
assert s.getsockopt(SOL_SOCKET, SO_REUSEADDR) == 0
for to in ('::1', 7001), ('::ffff:127.0.0.1', 7001):
    s = socket(AF_INET6); s.connect(to)
    assert option(s) == every and 40000 <= s.getsockname()[1] < 52000
s = socket(); s.setsockopt(SOL_IP, RANGE, struct.pack('I', 45000 | 45009 << 16)); s.connect(SERVER)
assert option(s) == 45000 | 45009 << 16 and 45000 <= s.getsockname()[1] < 45010
s = socket(); s.bind(('127.0.0.3', 5555)); s.connect(SERVER)
assert s.getsockname() == ('127.0.0.3', 5555)
s = socket(); s.setsockopt(SOL_IP, NO_PORT, 1); s.bind(('127.0.0.2', 0)); s.connect(SERVER)
assert s.getsockname()[0] == '127.0.0.2'
s = socket(AF_INET, SOCK_DGRAM); s.connect(SERVER)
assert option(s) == 0
try:
    s = socket(AF_INET, SOCK_STREAM, MPTCP); s.connect(SERVER)
    print('mptcp', option(s))
except OSError: print('mptcp 0')
s = socket(); s.setblocking(False)
assert s.connect_ex(SERVER) in (0, 115)
s = socket()
assert s.connect_ex(('127.0.0.1', 1)) == 111
assert s.connect_ex(SERVER) == 0
s = socket(AF_UNIX)
assert s.connect_ex('/nowhere') == 2
print(os.environ['LD_PRELOAD'].count('.so'))
";
    let script = "LD_PRELOAD=libc.so.6 $P pilot run --with preload -- python3 $PY";
    let Some(printed) = printed(script, python) else { return };
    assert_eq!(printed, "mptcp 0\n2\n");
}

#[test]
fn a_run_ends_as_its_program_and_leaves_nothing_behind() {
    let script = "for way in preload ebpf auto; do
    $P pilot run --with $way -- sh -c 'exit 7'; echo $way $?
    $P pilot run --with $way -- sh -c 'kill -TERM $$' 2>/dev/null; echo $way $?
    $P pilot run --with $way -- no-such-program 2>/dev/null; echo $way $?
    $P pilot run --with $way -- /etc/passwd 2>/dev/null; echo $way $?
    printf x | $P pilot run --with $way -- cat; echo
done
ls /run";
    if !has_ebpf() {
        return;
    }
    let Some(printed) = printed(script, "") else { return };
    let each = |way| {
        // With the library we are the program, and a signal ends us: the shell says 143 then, too.
        format!("{way} 7\n{way} 143\n{way} 127\n{way} 126\nx\n")
    };
    let expected: String = ["preload", "ebpf", "auto"].map(each).concat();
    assert_eq!(printed, expected);
}

/// As `execvp(3)` and every shell have it.
#[test]
fn a_script_that_names_no_interpreter_is_the_shells() {
    if !has_ebpf() {
        return;
    }
    let script = "printf 'echo $1-$#; exit 7' > /run/script; chmod +x /run/script
for way in preload ebpf; do
    $P pilot run --with $way -- /run/script a b; echo $?
    PATH=/run:$PATH $P pilot run --with $way -- script a b; echo $?
done";
    let Some(printed) = printed(script, "") else { return };
    assert_eq!(printed, "a-2\n7\n".repeat(4));
}

#[test]
fn signals_reach_the_program_and_what_it_leaves_running_is_waited_for() {
    if !has_ebpf() {
        return;
    }
    let script = "$P pilot run --with ebpf -- sh -c 'trap \"echo got; exit 3\" USR1; echo up; while :; do sleep 0.05; done' > /run/said & run=$!
until [ -s /run/said ]; do sleep 0.05; done
kill -USR1 $run; wait $run; echo $? >> /run/said; cat /run/said; rm /run/said
$P pilot run --with ebpf -- sh -c '(sleep 2; echo late) &' 2>&1
ls /run";
    let Some(printed) = printed(script, "") else { return };
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines[..3], ["up", "got", "3"]);
    assert!(lines[3].contains("left others running") && lines[4] == "late", "{lines:?}");
    assert_eq!(lines.len(), 5);
}

#[test]
fn what_a_killed_run_left_is_swept_by_the_next() {
    if !has_ebpf() {
        return;
    }
    let script = "$P pilot run --with ebpf -- sh -c 'echo $$ > /run/pid; exec sleep 60' & run=$!
until [ -s /run/pid ]; do sleep 0.05; done
kill -KILL $run; wait $run 2>/dev/null; $P pilot status | grep -c portolan-pilot-$run
kill $(cat /run/pid); rm /run/pid; sleep 0.2
find /sys/fs/cgroup -name portolan-pilot-$run -exec touch -d '1 minute ago' {} +
$P pilot run --with ebpf -- true; echo $?
ls /run; find /sys/fs/cgroup -name portolan-pilot-$run";
    let Some(output) = apart(script, "") else { return };
    assert_eq!(text(&output.stdout), "1\n0\n", "{}", text(&output.stderr));
}

/// Each is process 1 of its namespace.
#[test]
fn two_runs_with_one_pid_in_one_cgroup_do_not_meet() {
    if !has_ebpf() {
        return;
    }
    let script = "for run in first second; do
    unshare --pid --fork $P pilot run --with ebpf -- \\
        sh -c 'sed -n s/^0:://p /proc/self/cgroup; sleep 1' > /run/$run &
done
wait; cat /run/first /run/second; rm /run/first /run/second; ls /run";
    let Some(printed) = printed(script, "") else { return };
    let mut names: Vec<_> = printed.lines().filter_map(|path| path.rsplit('/').next()).collect();
    names.sort_unstable();
    assert_eq!(names, ["portolan-pilot-1", "portolan-pilot-1-2"]);
}

/// A port that the pilot chose is one of an outgoing connection, to `ss`, `ls` and a card alike.
#[test]
fn piloted_connections_are_what_they_are_to_others() {
    if !has_ebpf() {
        return;
    }
    let python = "
import subprocess
server = serve()
held = hold(6500)
last = max(s.getsockname()[1] for s in held if s.getsockname()[1] % 2)
def said(*words): return subprocess.run(words, capture_output=True, text=True).stdout
print(said('ss', '-Htnp', 'state', 'established', 'dport', '=', ':7000').count('python3'))
print(said(sys.argv[1], 'ls', '--state', 'established', '--remote', '127.0.0.1:7000').count('python3'))
print(said(sys.argv[1], str(last)))
";
    let Some(printed) = printed("$P pilot run --with ebpf -- python3 $PY $P", python) else {
        return;
    };
    assert!(printed.starts_with("6500\n6500\n"), "{printed}");
    assert!(printed.contains("an outgoing connection of python3"), "{printed}");
    assert!(printed.contains("BIND no for tcp on 0.0.0.0"), "{printed}");
}

#[test]
fn what_is_ignored_stays_ignored() {
    let script = "for way in ebpf preload; do
(trap '' HUP; exec $P pilot run --with $way -- grep SigIgn: /proc/self/status)
done";
    let Some(output) = apart(script, "") else { return };
    let masks = text(&output.stdout);
    let ignores_hangup = |mask: &&str| {
        let digits = mask.trim_start_matches("SigIgn:").trim();
        u64::from_str_radix(digits, 16).is_ok_and(|mask| mask & 1 == 1)
    };
    assert_eq!(masks.lines().filter(ignores_hangup).count(), 2, "{masks}");
}

/// Root of a user namespace, who is somebody else outside, and root where `/var/cache` is read-only.
#[test]
fn root_who_may_not_write_the_library_to_its_first_place_has_another() {
    let script = "export HOME=/run; cd /run
shown='echo $LD_PRELOAD'
setpriv --reuid 65534 --regid 65534 --clear-groups unshare -Ur true || exit 7
setpriv --reuid 65534 --regid 65534 --clear-groups unshare -Ur $P pilot run --with preload -- sh -c \"$shown\"
setpriv --reuid 65534 --regid 65534 --clear-groups unshare -Ur $P pilot run -- true; echo $?
$P pilot run --with preload -- sh -c \"$shown\"
rm -r /var/cache/portolan; mount -o remount,ro /var/cache
$P pilot run --with preload -- sh -c \"$shown\"";
    let Some(output) = apart(script, "") else { return };
    if output.status.code() == Some(7) {
        println!("SKIPPED: not everybody may make user namespaces");
        return;
    }
    let said = text(&output.stdout);
    let begins = ["/tmp/portolan-65534/", "0", "/var/cache/portolan/", "/run/.cache/portolan/"];
    let as_wanted = said.lines().zip(begins).filter(|(line, begin)| line.starts_with(begin));
    assert_eq!(as_wanted.count(), 4, "{said}\n{}", text(&output.stderr));
}

#[test]
fn what_cannot_be_piloted_is_refused_in_one_line() {
    let script =
        "cp $P /run/static; printf '#!/run/nothing-there\\n' > /run/script; chmod +x /run/script
chmod u+s /run/static
cp /bin/true /run/capable
python3 -c \"import os, struct
os.setxattr('/run/capable', 'security.capability', struct.pack('<5I', 0x02000001, 1 << 10, 0, 0, 0))\"
$P pilot run --with preload -- /run/static; echo $?
setpriv --reuid 65534 --clear-groups $P pilot run -- /run/capable; echo $?
$P pilot run --with preload -- /run/script; echo $?
$P pilot run --with ebpf -- /run/script; echo $?
$P pilot on --cgroup /no/such; echo $?
$P pilot on --source nonsense; echo $?
$P pilot on --source 224.0.0.1; echo $?
$P pilot on --quota 0; echo $?
$P pilot; echo $?
$P pilot stauts; echo $?
$P pilot run; echo $?
setpriv --reuid 65534 --clear-groups $P pilot on; echo $?
setpriv --reuid 65534 --clear-groups $P pilot run --with ebpf -- true; echo $?
cd /tmp; HOME=/nowhere setpriv --reuid 65534 --clear-groups $P pilot run -- true; echo $?";
    let Some(output) = apart(script, "") else { return };
    let with_status =
        |wanted: &str| text(&output.stdout).lines().filter(|status| *status == wanted).count();
    assert_eq!((with_status("2"), with_status("126")), (11, 2));
    assert_eq!(text(&output.stdout).lines().last(), Some("0"));
    let complaints = text(&output.stderr);
    for part in [
        "setuid",
        "/run/capable has capabilities of its own",
        "no cgroup '/no/such'",
        "needs root",
        "'nonsense' does not fit --source <ADDRESS>: an address of this host",
        "'224.0.0.1' does not fit --source <ADDRESS>: no connection comes from a multicast, ",
        "'0' does not fit --quota <N>: a number of connections, 1 or more",
        "pilot needs one of run, on, off and status",
        "pilot has no 'stauts'; did you mean 'status'?",
    ] {
        assert!(complaints.contains(part), "{part}: {complaints}");
    }
}
