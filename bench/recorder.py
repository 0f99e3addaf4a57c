#!/usr/bin/env python3
"""The measuring half of bench/recorder, which sets up and calls this."""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from page import kernel

PORT = 20055
ORDERS = ("client", "server", "reset")
ADDRESSES = 100  # so that ports in TIME-WAIT do not run out
HOLD = 10_000  # connections, 20,000 sockets; a process may have 20,000 descriptors
COST_CONNECTIONS = 100_000
IDLE_SECONDS = 20
AIM_US, AIM_LOSS, AIM_IDLE_PERCENT, AIM_IDLE_MB = 1.5, 0.12, 0.1, 40
PEERS = ("tcplife", "tcpstates")
# A network namespace of its own for the load, where ports in TIME-WAIT may be as many as there are
# connections and are left alone: one that finds no room, or whose port is taken while its far end is
# still closing, has that reset.
ALONE = (
    "ip link set lo up && echo 4000000 >/proc/sys/net/ipv4/tcp_max_tw_buckets"
    " && echo 0 >/proc/sys/net/ipv4/tcp_tw_reuse"
    ' && exec "$0" "$@"'
)
# They want the tracing file system mounted, which not everybody has.
WITH_TRACEFS = 'mount -t tracefs none /sys/kernel/tracing 2>/dev/null; exec "$0" "$@"'


def stop(message):
    print(f"recorder: {message}", file=sys.stderr)
    sys.exit(2)


def say(message):
    print(f"recorder: {message}", file=sys.stderr)


class Bench:
    def __init__(self, args, folder):
        self.portolan, self.folder = args.portolan, Path(folder)
        self.examples = Path(args.examples)
        self.missed = False

    def churn(self, connections, order, *more):
        command = ["unshare", "--net", "sh", "-c", ALONE, self.examples / "churn"]
        command += [str(connections), order, "--port", str(PORT)]
        command += ["--addresses", str(ADDRESSES), *more]
        done = subprocess.run(command, stdout=subprocess.PIPE)
        if done.returncode != 0:
            stop(f"the load ended with status {done.returncode}")
        return json.loads(done.stdout)

    @contextmanager
    def recording(self, store="store"):
        """portolan record at work; yields its pid and its store."""
        path = self.folder / store
        shutil.rmtree(path, ignore_errors=True)
        with open(self.folder / "said", "w+") as said:
            recorder = subprocess.Popen(
                [self.portolan, "record", "--dir", path, "--source", "kernel"], stderr=said
            )
            try:
                wait_for(said, "recording", recorder)
                yield recorder.pid, path
            finally:
                recorder.terminate()
                recorder.wait()

    @contextmanager
    def peer(self, name, *flags):
        """One of bcc's tools, its lines in a file; yields its pid and the file."""
        path = self.folder / name
        with open(path, "w") as out, open(self.folder / "said", "w+") as said:
            tool = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin") or name
            command = ["unshare", "--mount", "sh", "-c", WITH_TRACEFS, tool, *flags]
            tool = subprocess.Popen(command, stdout=out, stderr=said)
            time.sleep(3)  # it says nothing when it is ready
            if tool.poll() is not None:
                said.seek(0)
                stop(f"{name} ended: {said.read()}")
            try:
                yield tool.pid, path
            finally:
                time.sleep(1)
                tool.send_signal(2)
                tool.wait()

    def aim(self, met):
        self.missed |= not met
        return "" if met else " **(missed)**"


def wait_for(said, word, process):
    for _ in range(600):
        said.flush()
        said.seek(0)
        text = said.read()
        if word in text:
            return
        if process.poll() is not None:
            stop(f"the recorder ended: {text}")
        time.sleep(0.1)
    stop(f"the recorder does not say that it is {word}")


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_megabytes(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def exactness(bench, connections):
    """Every connection, looked for in the store."""
    print("| load | connections | tenures found | missing | wrong owner | wrong end | lost |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    loads = [(order, connections, 0) for order in ORDERS] + [("reset", 0, HOLD)]
    for order, count, hold in loads:
        say(f"{count + hold:,} connections, {name_of(order)}")
        log = bench.folder / "log"
        with bench.recording() as (_, store):
            done = bench.churn(count, order, "--hold", str(hold), "--log", str(log))
            time.sleep(2)  # what was reset before it was accepted is told half a second later
        command = [bench.examples / "churned", store, PORT, done["client"], done["server"], order, log]
        found = json.loads(subprocess.check_output([str(word) for word in command]))
        sides = (found["client"], found["server"])
        total = {key: sum(side[key] for side in sides) for key in sides[0]}
        wrong = total["missing"] + total["extra"] + total["wrong_owner"] + total["wrong_end"]
        name = f"{hold * 2:,} sockets at once" if hold else name_of(order)
        mark = bench.aim(wrong + found["lost"] == 0)
        print(
            f"| {name}{mark} | {count + hold:,} | {total['tenures']:,} of {total['expected']:,} | "
            f"{total['missing']:,} | {total['wrong_owner']:,} | {total['wrong_end']:,} | {found['lost']:,} |"
        )
    for order, count, hold in loads:
        tcplife(bench, order, min(count, 200_000), hold)
    print()


def tcplife(bench, order, count, hold):
    """The same, as far as tcplife can be asked: it tells pid and ports when a connection ends."""
    say(f"{count + hold:,} connections under tcplife")
    with bench.peer("tcplife") as (_, path):
        done = bench.churn(count, order, "--hold", str(hold))
    lines = right = 0
    for line in open(path, errors="replace"):
        fields = line.split()
        if len(fields) < 6 or not fields[0].isdigit() or str(PORT) not in (fields[3], fields[5]):
            continue
        lines += 1
        owner = done["server"] if fields[3] == str(PORT) else done["client"]
        right += int(fields[0]) == owner
    expected = 2 * (count + hold)
    name = f"{hold * 2:,} sockets at once" if hold else name_of(order)
    print(
        f"| tcplife, {name} | {count + hold:,} | {lines:,} of {expected:,} | "
        f"{max(0, expected - lines):,} | {lines - right:,} | – | not told |"
    )


def name_of(order):
    return {"client": "client closes first", "server": "server closes first"}.get(order, "client resets")


def cost(bench, rounds):
    """What watching costs: each in turn, round by round."""
    seen = {name: [] for name in ("nothing", "portolan record", *PEERS)}
    for turn in range(rounds):
        say(f"cost, round {turn + 1} of {rounds}")
        seen["nothing"].append(bench.churn(COST_CONNECTIONS, "reset") | {"watcher": 0.0})
        with bench.recording() as (pid, _):
            seen["portolan record"].append(watched(bench, pid))
        for name in PEERS:
            with bench.peer(name) as (pid, _):
                seen[name].append(watched(bench, pid))
    median = lambda name, key: statistics.median(run[key] for run in seen[name])
    bare_cpu, bare_rate = median("nothing", "cpu_us_per_connection"), median("nothing", "per_second")
    print("| watched by | connections a second | loss | processor time a connection | more, a socket |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name in seen:
        rate = median(name, "per_second")
        cpu = median(name, "cpu_us_per_connection") + median(name, "watcher")
        loss, more = 1 - rate / bare_rate, (cpu - bare_cpu) / 2
        is_ours = name == "portolan record"
        marks = (
            bench.aim(not is_ours or loss <= AIM_LOSS),
            bench.aim(not is_ours or more <= AIM_US),
        )
        shown = ("–", "–") if name == "nothing" else (f"{loss:.1%}", f"{more:.2f} µs")
        print(f"| {name} | {rate:,.0f} | {shown[0]}{marks[0]} | {cpu:.1f} µs | {shown[1]}{marks[1]} |")
    print()


def watched(bench, pid):
    """The load, and the processor time that the watcher itself took, a connection."""
    before = cpu_seconds(pid)
    done = bench.churn(COST_CONNECTIONS, "reset")
    time.sleep(1)  # what it has not read yet is its work too
    return done | {"watcher": (cpu_seconds(pid) - before) / COST_CONNECTIONS * 1e6}


def idle(bench):
    say(f"{IDLE_SECONDS} seconds of nothing")
    with bench.recording() as (pid, _):
        time.sleep(3)
        before = cpu_seconds(pid)
        time.sleep(IDLE_SECONDS)
        percent = (cpu_seconds(pid) - before) / IDLE_SECONDS * 100
        megabytes = resident_megabytes(pid)
    met = percent < AIM_IDLE_PERCENT + 1e-9 and megabytes < AIM_IDLE_MB
    print(
        f"Idle: {percent:.2f} % of a processor, {megabytes:.0f} MB resident{bench.aim(met)}."
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--portolan", required=True)
    parser.add_argument("--examples", required=True)
    args = parser.parse_args()
    print(
        f"One run of `bench/recorder`: Linux {kernel()}, "
        f"{os.cpu_count()} CPUs, medians of {args.rounds} rounds.\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(args, folder)
        exactness(bench, args.connections)
        cost(bench, args.rounds)
        idle(bench)
    sys.exit(1 if bench.missed else 0)


if __name__ == "__main__":
    main()
