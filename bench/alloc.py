#!/usr/bin/env python3
"""The measuring half of bench/alloc, which sets up and calls this."""

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from page import kernel, put

MILLION = 1_000_000
FILLS = (90, 99)
FULLEST = 99.9
# Nanoseconds a release+acquire may take on one thread, by how many tuples are held.
AIMS = {MILLION: 60, 10 * MILLION: 80, 100 * MILLION: 150}
AIM_BYTES = 64 * MILLION
# What is measured: its name in the tables, in the load, and on how many threads.
OURS = [
    ("`Pool`, `Keyed`", "keyed", 1),
    ("`Shards`, one thread", "shards", 1),
    ("`Shards`, two threads", "shards", 2),
]
NOTHING = ("*the load alone*", "nothing", 1)
MEMORY = ("*a cache line of as much memory*", "memory", 1)
PATIENT = ("`Pool`, quarantine of 1,024", "patient", 1)
PEERS = [
    ("as gVisor", "gvisor", 1),
    ("as Cilium", "cilium", 1),
    ("as HAProxy", "haproxy", 1),
]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", required=True, type=Path)
    parser.add_argument("--sizes", type=sizes, default=list(AIMS))
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    load = Load(args.root, args.rounds)
    missed, times = time_table(load, args.sizes)
    text = "\n".join([conditions(args.rounds), *times, "", *share_table(load)])
    print(text)
    if args.write:
        put(args.root / "docs/alloc.md", "alloc", text)
    for what in missed:
        print(f"alloc: missed: {what}", file=sys.stderr)
    sys.exit(1 if missed else 0)


def sizes(text):
    return [int(float(size)) for size in text.split(",")]


class Load:
    """crates/alloc/benches/churn, a process a question."""

    def __init__(self, root, rounds):
        self.root, self.rounds = root, rounds

    def churn(self, subject, tuples, fill, threads):
        """The median of the rounds, by time."""
        answers = [self.ask(subject, "--tuples", tuples, "--fill", fill, "--threads", threads)
                   for _ in range(self.rounds)]
        return sorted(answers, key=time_of)[(self.rounds - 1) // 2]

    def rest(self, subject, fill):
        return self.ask("rest", subject, "--fill", fill)

    def ask(self, *words):
        argv = ["cargo", "bench", "--locked", "--quiet", "-p", "alloc@0.1.0", "--bench", "churn",
                "--", *map(str, words)]
        done = subprocess.run(argv, cwd=self.root, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            print(f"alloc: failed: {' '.join(argv)}", file=sys.stderr)
            sys.exit(2)
        return json.loads(done.stdout)


def time_of(answer):
    """Processor time, in which other programs' work does not stand; for threads, which wait for each
    other, that of the clock."""
    return answer["ns" if answer["threads"] > 1 else "cpu_ns"]


def conditions(rounds):
    return (f"One run of `bench/alloc`, median of {rounds * 7} rounds of 0.25 s: Linux {kernel()}, "
            f"{os.cpu_count()} CPUs ({cpu()}), load {os.getloadavg()[0]:.1f} when it began. Destinations have "
            f"28,232 ports each, all as full as the column says; a release of a random port, then an "
            f"acquire towards the same destination, together, in processor time; for two threads by the "
            f"clock, of each:\n")


def cpu():
    found = re.search("model name\\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return found[1] if found else "unknown"


def time_table(load, held):
    """Lines of Markdown, after the aims that were missed."""
    missed = []
    columns = [(size, fill) for size in held for fill in FILLS]
    lines = ["| | " + " | ".join(f"{count(size)}, {fill} %" for size, fill in columns)
             + f" | memory at {count(held[-1])} |",
             "| --- |" + " ---: |" * (len(columns) + 1)]
    for label, subject, threads in [*OURS, *PEERS, NOTHING, MEMORY]:
        cells, memory = [], 0
        for size, fill in columns:
            answer = load.churn(subject, size, fill, threads)
            took, aim = nanoseconds(time_of(answer)), AIMS.get(size)
            is_over = subject == "keyed" and aim and time_of(answer) > aim
            cells.append(f"**{took}**" if is_over else took)
            if fill == FILLS[0]:
                memory = answer["bytes"]
            if subject == "keyed":
                missed += over(label, size, fill, answer)
            if subject in ("keyed", "shards", "haproxy", "gvisor") and answer["refused"]:
                missed.append(f"{label}: refused {answer['refused']} times though ports remained")
        lines.append(f"| {label} | {' | '.join(cells)} | {memory / MILLION:,.0f} MB |")
    aims = [f"{AIMS[size]} ns" if size in AIMS else "-" for size, _ in columns]
    lines.append(f"| *aim, for `Pool`* | {' | '.join(aims)} | {AIM_BYTES // MILLION} MB |")
    return missed, lines


def over(label, size, fill, answer):
    aim = AIMS.get(size)
    if aim and time_of(answer) > aim:
        yield f"{label} at {count(size)}, {fill} %: {time_of(answer):.0f} ns, over {aim}"
    if answer["bytes"] > AIM_BYTES:
        yield f"{label} at {count(size)}, {fill} %: {answer['bytes'] / MILLION:.0f} MB"


def share_table(load):
    """Refusals while ports remain, and how long a port rests."""
    fills = (*FILLS, FULLEST)
    yield ("Requests refused while ports remain, and how many other ports were given towards the same "
           "destination before one that was released came back:\n")
    yield ("| | " + " | ".join(f"refused at {fill} %" for fill in fills)
           + " | rest at 90 %: shortest | 1 in 100 shorter | median | at 99 %: shortest | median |")
    yield "| --- |" + " ---: |" * (len(fills) + 5)
    free = {}
    for label, subject, threads in [OURS[0], PATIENT, *PEERS]:
        refused = []
        for fill in fills:
            answer = load.churn(subject, MILLION, fill, threads)
            refused.append(percent(answer["refused"] / answer["requests"]))
        rests = {fill: load.rest(subject, fill) for fill in FILLS}
        free = {fill: rest["free"] for fill, rest in rests.items()}
        first, second = (rests[fill] for fill in FILLS)
        numbers = (first["least"], first["percentile1"], first["median"],
                   second["least"], second["median"])
        yield f"| {label} | {' | '.join(refused)} | {' | '.join(f'{n:,}' for n in numbers)} |"
    yield ""
    yield (f"{free[90]:,} ports are free at 90 % and {free[99]:,} at 99 %: no order can let a port rest "
           f"longer than that on average.")


def nanoseconds(ns):
    return f"{ns:.0f} ns" if ns < 1000 else f"{ns / 1000:.1f} µs"


def percent(share):
    return "0" if share == 0 else f"{share * 100:.2g} %"


def count(tuples):
    return f"{tuples / MILLION:g} M"


if __name__ == "__main__":
    main()
