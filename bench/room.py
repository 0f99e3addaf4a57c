#!/usr/bin/env python3
"""The measuring half of bench/room, which sets up and calls this in a network namespace of its own."""

import argparse
import errno
import json
import os
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

from page import kernel, put

RESET = struct.pack("ii", 1, 0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", required=True, type=Path)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    args.portolan = f"{args.programs}/portolan"
    rows = [*large(args), *foretold(args), planner(args)]
    page = text(rows)
    print(page)
    if args.write:
        put(args.root / "docs/room.md", "room", page)
    missed = [what for what, _, _, met in rows if not met]
    for what in missed:
        print(f"room: missed: {what}", file=sys.stderr)
    sys.exit(1 if missed else 0)


def text(rows):
    head = (
        f"One run of `bench/room`: Linux {kernel()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f} at its end.\n\n"
        "| what | aim | measured | |\n| --- | --- | --- | --- |\n"
    )
    return head + "\n".join(
        f"| {what} | {aim} | {measured} | {'met' if met else '**missed**'} |" for what, aim, measured, met in rows
    )


def run(command, **options):
    """Its output, wall time and peak memory."""
    begun = time.monotonic()
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, **options)
        _, status, usage = os.wait4(process.pid, 0)
        took = time.monotonic() - begun
        out.seek(0)
        if os.waitstatus_to_exitcode(status):
            sys.exit(f"room: failed: {' '.join(command)}")
        return out.read().decode(), took, usage.ru_maxrss / 1024


def room(args, *options):
    # No recorder, unless one is named.
    nowhere = [] if "--dir" in options else ["--dir", "/nonexistent/portolan"]
    out, took, peak = run([args.portolan, "room", "--json", *nowhere, *options])
    return json.loads(out), took, peak


def large(args):
    """100,000 connections, with both of their ends here."""
    load = subprocess.Popen(
        [f"{args.programs}/examples/fd_load", "200", "500", "10", "300"], stdout=subprocess.PIPE, text=True
    )
    try:
        if not load.stdout.readline().startswith("ready"):
            sys.exit("room: the load did not start")
        runs = [room(args) for _ in range(7)]
        took = statistics.median(seconds for _, seconds, _ in runs)
        peak = max(memory for _, _, memory in runs)
        found = runs[-1][0]["rooms"][0]["destinations"]
        yield "`portolan room` over 100,000 connections (200,000 sockets), median", "0.3 s", f"{took:.2f} s", took < 0.3
        yield "its peak memory", "100 MB", f"{peak:.0f} MB", peak < 100
        low, high = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
        counted = {}
        for line in run(["ss", "-tanH", "dport = :20000"])[0].splitlines():
            address, port = line.split()[3].rsplit(":", 1)
            if low <= int(port) <= high:
                counted[address] = counted.get(address, 0) + 1
        ours = {row["source"]: row["taken"] for row in found if row["destination"]["port"] == 20000}
        wrong = sum(abs(ours.get(address, 0) - count) for address, count in counted.items())
        yield "fill of each source address beside `ss`", "exact", f"{wrong} of {sum(counted.values()):,} apart", wrong == 0
        yield scrape(args)
    finally:
        load.terminate()
        load.wait()


def scrape(args):
    with tempfile.TemporaryDirectory() as store:
        recorder = subprocess.Popen(
            [args.portolan, "record", "--dir", store, "--metrics", "127.0.0.1:9188"], stderr=subprocess.DEVNULL
        )
        try:
            times = []
            for _ in range(100):
                time.sleep(0.3)
                begun = time.monotonic()
                try:
                    body = urllib.request.urlopen("http://127.0.0.1:9188/metrics", timeout=10).read()
                except OSError:
                    continue
                if b"portolan_destination_fill_ratio" in body:
                    times.append(time.monotonic() - begun)
                if len(times) == 30:
                    break
        finally:
            recorder.terminate()
            recorder.wait()
    # The first waits for the first look.
    slowest = max(times[1:], default=9.0) * 1000
    return "a scrape at 100,000 connections, the slowest of 29", "50 ms", f"{slowest:.1f} ms", slowest < 50


class Load(threading.Thread):
    """Connects by a schedule until no port is left."""

    def __init__(self, rate, hold):
        super().__init__(daemon=True)
        self.rate, self.hold = rate, hold
        self.listener = socket.create_server(("127.0.0.1", 7000), backlog=4096)
        self.address = ("127.0.0.1", 7000)
        self.held, self.full_at, self.begun = [], None, None

    def run(self):
        self.begun = now = time.monotonic()
        due = 0.0
        while True:
            time.sleep(max(0.0, self.begun + due - time.monotonic()))
            client = socket.socket()
            try:
                client.connect(self.address)
            except OSError as error:
                if error.errno != errno.EADDRNOTAVAIL:
                    raise
                self.full_at = time.monotonic()
                return
            server, _ = self.listener.accept()
            if self.hold:
                self.held.append((client, server))
            else:
                client.close()
                server.close()
            due += 1 / self.rate(due)

    def close(self):
        self.listener.close()
        for client, server in self.held:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            client.close()
            server.close()


def foretold(args):
    """Three runs: what is said after some seconds, and what comes."""
    sysctl = Path("/proc/sys/net/ipv4")
    (sysctl / "tcp_tw_reuse").write_text("0")
    yield foretell(args, "constant: 200 a second, held", "40000 47999", lambda at: 200, True, 8, ["--over", "2s"])
    with tempfile.TemporaryDirectory() as store:
        recorder = subprocess.Popen([args.portolan, "record", "--dir", store], stderr=subprocess.DEVNULL)
        time.sleep(3)
        try:
            ramp = lambda at: 50 + 10 * at  # noqa: E731
            yield foretell(args, "ramp: 50 a second and 10 more each second, held", "40000 48999", ramp, True, 15, ["--dir", store])
        finally:
            recorder.terminate()
            recorder.wait()
    name = "`TIME-WAIT` bound: 200 a second, closed at once"
    yield foretell(args, name, "50000 57999", lambda at: 200, False, 15, ["--over", "1s"])


def foretell(args, name, range_, rate, hold, after, options):
    Path("/proc/sys/net/ipv4/ip_local_port_range").write_text(range_)
    load = Load(rate, hold)
    load.start()
    time.sleep(after)
    said = room(args, *options)[0]["rooms"][0]["destinations"][0]["full_in_s"]
    asked = time.monotonic()
    load.join(120)
    came = (load.full_at or float("inf")) - asked
    load.close()
    off = abs((said or 0) - came) / came
    measured = f"said {said and round(said, 1)} s, came after {came:.1f} s: {off:.1%} off"
    return f"time to exhaustion, {name}", "10 %", measured, off <= 0.1


def planner(args):
    worst_fill = worst_chance = 0.0
    count = 0
    for ports in (1000, 8000, 28232):
        for share in (0.3, 0.6, 0.9, 1.0, 1.1, 1.5):
            for hold, wait in ((1, 60), (30, 0), (20, 60)):
                rate = ports * share / (hold + wait)
                command = f"range plan --rate {rate} --hold {hold}s --time-wait {wait}s --range 20000-{19999 + ports} --json"
                plan = json.loads(run([args.portolan, *command.split()])[0])
                said, played = plan["formula"], plan["simulation"]
                worst_fill = max(worst_fill, abs(said["fill"] / played["fill"] - 1))
                worst_chance = max(worst_chance, abs(said["exhausted"] - played["exhausted"]))
                count += 1
    measured = f"fill {worst_fill:.2%}, probability {worst_chance:.2%} apart at worst, of {count}"
    return "planner's formula beside its simulation", "2 %", measured, max(worst_fill, worst_chance) < 0.02


main()
