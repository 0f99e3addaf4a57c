#!/usr/bin/env python3
"""The measuring half of bench/owners, which sets up and calls this.

idle   times the everyday commands on the machine as it is
load   times the tools under the load; its network namespace and its /run must be its own
"""

import argparse
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from page import kernel

LOAD = (300, 500, 1500)  # processes, TCP connections each, descriptors on /dev/null each
LOAD_SECONDS = 900  # it ends by itself then, whatever becomes of us
COMMAND_SECONDS = 120
PART_SECONDS = 240  # no further round begins after that
CGROUPS = 30
NOBODY = 65534


class Command:
    """A command line, how long it took each time, and its peak memory."""

    def __init__(self, label, argv, statuses=(0,)):
        self.label, self.argv, self.statuses = label, argv, statuses
        self.seconds, self.cpu, self.megabytes, self.output = [], [], 0.0, ""

    @property
    def median(self):
        return statistics.median(self.seconds)

    @property
    def busy(self):
        """The median of the processor time, its own and the kernel's for it."""
        return statistics.median(self.cpu)

    def run(self):
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            began = time.perf_counter()
            signal.alarm(COMMAND_SECONDS)  # run(timeout=) would poll, in steps of up to 50 ms
            child = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
            try:
                _, waited, used = os.wait4(child.pid, 0)
            except BaseException:
                child.kill()
                raise
            signal.alarm(0)
            self.seconds.append(time.perf_counter() - began)
            self.cpu.append(used.ru_utime + used.ru_stime)
            status = child.returncode = os.waitstatus_to_exitcode(waited)
            out.seek(0)
            self.output = out.read().decode(errors="replace")
            if status not in self.statuses:
                err.seek(0)
                said = err.read().decode(errors="replace")
                stop(f"'{self.label}' ended with status {status}: {said}")

    def weigh(self):
        """Peak memory, through time(1): a child of ours would start with this interpreter's."""
        with tempfile.NamedTemporaryFile() as report:
            time_args = ["/usr/bin/time", "-q", "-f", "%M", "-o", report.name]
            subprocess.run(
                time_args + self.argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=COMMAND_SECONDS,
            )
            self.megabytes = int(report.read().split()[-1]) / 1024

    def pids(self, name):
        """The processes called `name` that the output tells, in the manner of any of the tools."""
        patterns = (
            rf'"{name}",pid=(\d+)',  # ss
            rf"\b{name} \((\d+)\)",  # portolan
            rf"(?m)^{name} +(\d+)",  # lsof
            rf"(\d+)/{name}",  # netstat
        )
        return {pid for pattern in patterns for pid in re.findall(pattern, self.output)}


def too_slow(*_):
    raise TimeoutError(f"a command took over {COMMAND_SECONDS} s")


def stop(message):
    print(f"owners: {message}", file=sys.stderr)
    sys.exit(2)


def say(message):
    print(f"owners: {message}", file=sys.stderr, flush=True)


def measure(commands, rounds):
    """Runs all commands in turn, so that a busy minute hits every one of them."""
    began = time.monotonic()
    for number in range(rounds):
        for command in commands:
            command.run()
        if time.monotonic() - began > PART_SECONDS:
            say(f"  this takes too long, stopping after round {number + 1}")
            break
    for command in commands:
        command.weigh()
    say("  " + ", ".join(f"{c.label} {duration(c.median)}" for c in commands))
    return commands


def table(commands, base, header):
    """Markdown rows: medians, how many times faster than `base`, peak memory."""
    lines = [
        f"| {header} | median | against `{base.argv[0]}` | processor | peak memory |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for c in commands:
        ratio = "1" if c is base else speed(base.median / c.median)
        cells = [f"`{c.label}`", duration(c.median), ratio, duration(c.busy), f"{c.megabytes:.1f} MB"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def speed(ratio):
    return f"{ratio:.3g}× faster" if ratio >= 1 else f"{1 / ratio:.3g}× slower"


def duration(seconds):
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.2f} s"


class Aims:
    """What we promised ourselves; a miss is said and makes the exit status 1."""

    def __init__(self):
        self.missed = 0

    def faster(self, ours, theirs, times):
        ratio = theirs.median / ours.median
        self.check(ratio >= times, f"{ours.label}: {ratio:.3g}× faster than {theirs.label}, wanted {times}×")

    def below(self, what, value, limit, unit):
        self.check(value < limit, f"{what}: {value:.3g} {unit}, wanted below {limit} {unit}")

    def check(self, met, message):
        say(("met     " if met else "MISSED  ") + message)
        self.missed |= not met


@contextmanager
def load(program, *options):
    """The load, while it stands; yields the port to ask for and the load's own pid."""
    say(f"opening {LOAD[0]} processes with {LOAD[1] + LOAD[2]} descriptors each")
    child = subprocess.Popen(
        [program, *map(str, LOAD), str(LOAD_SECONDS), *map(str, options)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        answer = child.stdout.readline().split()
        if len(answer) != 2 or answer[0] != "ready":
            stop("the load did not get ready; it says why above")
        check_size()
        yield answer[1]
    finally:
        child.kill()  # its processes die with it
        child.wait()


def check_size():
    """The load is what the table says it is: the kernel's own count of sockets."""
    summary = subprocess.run(["ss", "-s"], capture_output=True, text=True, check=True).stdout
    established = int(re.search(r"estab (\d+)", summary)[1])
    if established != 2 * LOAD[0] * LOAD[1]:
        stop(f"the load has {established} established connections, not {2 * LOAD[0] * LOAD[1]}")


@contextmanager
def cgroup_directory():
    """A cgroup (v2) of our own, removed with everything in it; None where there is no v2 mount."""
    mount = next((l.split()[4] for l in open("/proc/self/mountinfo") if " - cgroup2 " in l), None)
    if mount is None:
        yield None
        return
    directory = Path(mount, f"portolan-bench-{os.getpid()}")
    directory.mkdir()
    try:
        yield directory
    finally:
        for path in [*directory.glob("load-*"), directory]:
            remove_cgroup(path)


def remove_cgroup(path):
    """Removes it once its last process is gone, which takes a moment after the kill."""
    for _ in range(100):
        try:
            return path.rmdir()
        except OSError:
            time.sleep(0.1)
    say(f"could not remove {path}; do it with rmdir")


def compare_owners(ours, theirs):
    """The answers are the same: every process that their tool names, ours names too."""
    absent = theirs.pids("fd_load") - ours.pids("fd_load")
    if absent or not theirs.pids("fd_load"):
        stop(f"'{ours.label}' does not name {len(absent)} processes that '{theirs.label}' does")


def nobody():
    """What a command of somebody without any privilege begins with."""
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--bounding-set=-all"]


@contextmanager
def pinned(portolan):
    """While the owners are pinned for the group of nobody; the /run must be ours alone."""
    subprocess.run([portolan, "owners-pin", f"--group={NOBODY}"], check=True, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        subprocess.run([portolan, "owners-pin", "--remove"], check=True, stdout=subprocess.DEVNULL)


@contextmanager
def recording(portolan):
    """While a recorder runs; yields its store."""
    with tempfile.TemporaryDirectory() as folder, open(Path(folder, "said"), "w+") as said:
        store = Path(folder, "store")
        child = subprocess.Popen([portolan, "record", "--dir", store], stderr=said)
        try:
            while "recording" not in Path(folder, "said").read_text():
                if child.poll() is not None:
                    stop(f"the recorder ended: {Path(folder, 'said').read_text()}")
                time.sleep(0.1)
            time.sleep(3)  # what is now is asked of the kernel for as long as it may know more
            yield store
        finally:
            child.terminate()
            child.wait()


def part_idle(options, aims):
    portolan = options.portolan
    say("the machine as it is")
    card = Command("portolan 60440", [portolan, "60440"])
    registry = Command("portolan registry ssh", [portolan, "registry", "ssh"])
    listing = Command("portolan ls -t", [portolan, "ls", "-t"])
    ss = Command("ss -tanp sport = :60440", ["ss", "-tanp", "sport = :60440"])
    lsof = Command("lsof -nP -i :60440", ["lsof", "-nP", "-i", ":60440"], statuses=(0, 1))
    commands = measure([card, registry, listing, ss, lsof], max(options.rounds, 21))
    print("An idle machine:\n")
    print(table(commands, ss, "command"))
    aims.below(card.label, card.median * 1000, 5, "ms")
    aims.below(registry.label, registry.median * 1000, 5, "ms")
    for command in (card, registry, listing):
        aims.below(command.label, command.megabytes, 20, "MB")


def part_load(options, aims):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with load(options.load) as port:
        walk_everything(options, aims, port)
    with cgroup_directory() as directory:
        if directory is None:
            print("No cgroup v2 mount here: the walk that cgroups narrow was not measured.\n")
            return
        with load(options.load, "--cgroups", directory, CGROUPS) as port:
            walk_cgroups(options, aims, port)


def walk_everything(options, aims, port):
    portolan = options.portolan
    ss_port = Command("ss -tanp sport = :P", ["ss", "-tanp", f"sport = :{port}"])
    lsof = Command("lsof -nP -i :P", ["lsof", "-nP", "-i", f":{port}"])
    alone = Command("ss -tan sport = :P", ["ss", "-tan", f"sport = :{port}"])
    full = Command("portolan P --no-probe --full-walk", [portolan, port, "--no-probe", "--full-walk"])
    card = Command("portolan P --no-probe", [portolan, port, "--no-probe"])
    member = Command("portolan P --no-probe, as nobody", [*nobody(), portolan, port, "--no-probe"])
    ss_all = Command("ss -tanp", ["ss", "-tanp"])
    netstat = Command("netstat -tanp", ["netstat", "-tanp"])
    listing = Command("portolan ls -t", [portolan, "ls", "-t"])
    measure([ss_port, full, lsof, card, alone, ss_all, listing, netstat], options.rounds)
    with pinned(portolan):
        measure([member], options.rounds)
    with recording(portolan) as store:
        recalled = Command("portolan P, beside a recorder", [portolan, port, "--dir", store])
        measure([recalled], max(options.rounds, 11))
    for ours in (full, card, member, recalled):
        compare_owners(ours, ss_port)
    compare_owners(listing, ss_all)
    sockets = 2 * LOAD[0] * LOAD[1]
    print(f"{LOAD[0]} processes with {LOAD[1] + LOAD[2]:,} descriptors each, {sockets:,} TCP sockets, one port:\n")
    print(table([full, card, member, recalled, ss_port, lsof, alone], ss_port, "who owns port P"))
    print("The one as nobody reads what `portolan owners-pin` pinned for its group. The same, all of it:\n")
    print(table([listing, ss_all, netstat], ss_all, "who owns everything"))
    for ours in (full, card, member):
        aims.faster(ours, ss_port, 4)
    aims.faster(listing, ss_all, 10)
    aims.below(recalled.label, recalled.median * 1000, 10, "ms")
    aims.below(f"{listing.label}, {sockets:,} sockets", listing.megabytes, 150, "MB")


def walk_cgroups(options, aims, port):
    portolan = options.portolan
    ss_port = Command("ss -tanp sport = :P", ["ss", "-tanp", f"sport = :{port}"])
    full = Command("portolan P --no-probe --full-walk", [portolan, port, "--no-probe", "--full-walk"])
    card = Command("portolan P --no-probe", [portolan, port, "--no-probe"])
    measure([ss_port, card, full], options.rounds)
    compare_owners(card, ss_port)
    print(f"The same processes in {CGROUPS} cgroups, as services or containers are, one port:\n")
    print(table([card, full, ss_port], ss_port, "who owns port P"))
    aims.faster(card, ss_port, 5)


def conditions(rounds):
    def version(argv, pattern):
        said = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout
        found = re.search(pattern, said)
        return found[1] if found else "of unknown version"

    return (
        f"Medians of up to {rounds} rounds in one run of `bench/owners`, starting the process included: "
        f"Linux {kernel()}, {os.cpu_count()} CPUs, "
        f"ss {version(['ss', '-V'], 'iproute2-([0-9.]+)')}, "
        f"lsof {version(['lsof', '-v'], 'revision: ([0-9.]+)')}, "
        f"netstat {version(['netstat', '--version'], 'net-tools ([0-9.]+)')}.\n"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=("idle", "load"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--portolan")
    parser.add_argument("--load")
    options = parser.parse_args()
    signal.signal(signal.SIGALRM, too_slow)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    signal.signal(signal.SIGHUP, lambda *_: sys.exit(2))
    aims = Aims()
    if options.part == "idle":
        print(conditions(options.rounds))
        part_idle(options, aims)
    else:
        part_load(options, aims)
    sys.exit(1 if aims.missed else 0)


if __name__ == "__main__":
    try:
        main()
    except (KeyboardInterrupt, TimeoutError, subprocess.SubprocessError) as failure:
        stop(f"broken off: {failure!r}")
