//! Signals to `portolan pilot run`: they reach the program, and whatever ends it takes everything away.

use crate::pilot::{apart, has_ebpf, printed, text};

/// At any moment of its start.
#[test]
fn a_run_that_is_ended_before_its_program_starts_leaves_nothing_behind() {
    if !has_ebpf() {
        return;
    }
    let script = "for wait in 0.02 0.04 0.08 0.12 0.16 0.2 0.3 0.4; do
    $P pilot run --with ebpf -- sleep 5 & run=$!
    sleep $wait; kill -TERM $run; wait $run 2>/dev/null; echo $?
    ls /run; find /sys/fs/cgroup -name portolan-pilot-$run
done";
    let Some(output) = apart(script, "") else { return };
    assert_eq!(text(&output.stdout), "143\n".repeat(8), "{}", text(&output.stderr));
}

/// By number, HUP, INT, QUIT, ABRT, USR1, USR2, ALRM, TERM, XCPU, XFSZ, VTALRM,
/// PROF, IO, PWR.
#[test]
fn no_signal_ends_a_run_and_leaves_its_cgroup_behind() {
    if !has_ebpf() {
        return;
    }
    // The program prints the cgroup that it is in, which has to be gone when the run is over.
    let script = "ulimit -c 0; python3 $PY $P pilot run --with ebpf -- python3 $PY; ls /run";
    let python = "
import signal, subprocess
numbers = [1, 2, 3, 6, 10, 12, 14, 15, 24, 25, 26, 27, 29, 30]
for number in numbers: signal.signal(number, signal.SIG_DFL)
if sys.argv[1:]:
    for number in numbers:
        run = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, text=True)
        cgroup = run.stdout.readline().strip()
        assert cgroup.endswith(f'/portolan-pilot-{run.pid}'), cgroup
        run.send_signal(number)
        if run.wait() != 128 + number: print(number, run.returncode)
        if any(cgroup.endswith('/' + name) for _, names, _ in os.walk('/sys/fs/cgroup') for name in names):
            print(number, cgroup)
else:
    print([line for line in open('/proc/self/cgroup') if line.startswith('0::')][0], end='', flush=True)
    time.sleep(60)
";
    let Some(printed) = printed(script, python) else { return };
    assert_eq!(printed, "");
}

/// Each once, whether a process sends it or the terminal, and whatever standard input is. What the terminal sends
/// when it goes reaches the leader of the session alone, which is the run.
#[test]
fn a_signal_reaches_the_program_once_whoever_sends_it() {
    if !has_ebpf() {
        return;
    }
    let python = "
import pty, signal
INT, QUIT, TERM, HUP = signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP
KEYS = {INT: b'\\x03', QUIT: b'\\x1c'}

def child():
    got = []
    for number in INT, QUIT, TERM, HUP: signal.signal(number, lambda number, _: got.append(int(number)))
    print('up', flush=True)
    started = time.time()
    while not got and time.time() - started < 10: time.sleep(0.05)
    time.sleep(0.5)
    open('/run/got', 'w').write(str(got))

def run(number, sender, stdin):
    pid, terminal = pty.fork()
    if not pid:
        for ignored in INT, QUIT, TERM, HUP: signal.signal(ignored, signal.SIG_DFL)
        if stdin: os.dup2(os.open(stdin, os.O_RDONLY), 0)
        os.execvp(sys.argv[1], [*sys.argv[1:], 'python3', sys.argv[0], 'child'])
    said = b''
    while b'\\n' not in said: said += os.read(terminal, 100)
    if sender == 'process': os.kill(pid, number)
    elif number == HUP: os.close(terminal)
    else: os.write(terminal, KEYS[number])
    os.waitpid(pid, 0)
    got = open('/run/got').read()
    os.remove('/run/got')
    if got != f'[{int(number)}]': print(number, sender, stdin, got)

if sys.argv[1:] == ['child']: child(); sys.exit()
for stdin in None, '/dev/null':
    for number in INT, QUIT, HUP:
        for sender in 'process', 'terminal': run(number, sender, stdin)
    run(TERM, 'process', stdin)
";
    let script = "python3 $PY $P pilot run --with ebpf --; ls /run";
    let Some(printed) = printed(script, python) else { return };
    assert_eq!(printed, "");
}
