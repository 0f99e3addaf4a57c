#!/usr/bin/env python3
"""The measuring half of bench/dialer, which sets up and calls this."""

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
from pathlib import Path

FILLS = ("0", "0.1", "0.4", "0.45", "0.5", "0.75", "0.9", "0.95", "0.99", "0.999", "0.9999")
# What is measured: its name in the load, and in the table.
MODES = {
    "kernel": "plain `connect(2)`",
    "whole": "whole range, nothing tracked",
    "default": "`Dialer`",
    "dialer": "`Dialer`, `Tracking::Always`",
}
OURS = ("default", "dialer")
MARKER = "<!-- bench:dialer -->"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", required=True, type=Path)
    parser.add_argument("--load", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--samples", type=int, default=3000)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    head = conditions(args)
    steps = measure(args)
    missed = list(misses(steps))
    text = "\n".join([head, *table(steps)])
    print(text)
    if args.write:
        write(args.root / "docs/dialer.md", text)
    for what in missed:
        print(f"dialer: missed: {what}", file=sys.stderr)
    sys.exit(1 if missed else 0)


def measure(args):
    """What the load says of each mode and fill, a list of the rounds."""
    steps = {}
    for _ in range(args.rounds):
        for mode in MODES:
            command = f'ip link set lo up && exec "$0" {mode} 20000 {args.samples} {",".join(FILLS)}'
            argv = ["unshare", "--net", "sh", "-c", command, args.load]
            done = subprocess.run(argv, stdout=subprocess.PIPE, text=True)
            if done.returncode:
                print(f"dialer: failed: {' '.join(argv)}", file=sys.stderr)
                sys.exit(2)
            for fill, line in zip(FILLS, done.stdout.splitlines(), strict=True):
                steps.setdefault((mode, fill), []).append(json.loads(line))
    return steps


def median(steps, mode, fill, figure="us_median"):
    return statistics.median(step[figure] for step in steps[mode, fill])


def misses(steps):
    """The aims that were not met."""
    empty = median(steps, "kernel", "0")
    for mode in OURS:
        for fill in FILLS:
            took, share = median(steps, mode, fill), float(fill)
            plain = median(steps, "kernel", fill)
            times, beside = (1.15, plain) if share < 0.5 else (2, empty) if share < 0.9999 else (2.5, empty)
            if took > times * beside:
                yield f"{mode} at {share:.2%}: {took:.1f} µs, over {times} × {beside:.1f}"
            if any(step["failed"] for step in steps[mode, fill]):
                yield f"{mode} at {share:.2%}: a connect failed though a port was free"


def conditions(args):
    kernel = re.match("[0-9.]*", platform.release())[0]
    return (f"One run of `bench/dialer`, median of {args.rounds} rounds, {args.samples:,} connects a step: "
            f"Linux {kernel}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f} when it began. "
            f"Microseconds a connect, median / 99th percentile:\n")


def table(steps):
    yield "| taken | " + " | ".join(MODES.values()) + " |"
    yield "| ---: |" + " ---: |" * len(MODES)
    for fill in FILLS:
        cells = (f"{number(median(steps, mode, fill))} / {number(median(steps, mode, fill, 'us_p99'))}"
                 for mode in MODES)
        yield f"| {float(fill) * 100:g} % | " + " | ".join(cells) + " |"


def number(us):
    return f"{us:,.0f}" if us >= 100 else f"{us:.1f}"


def write(path, text):
    before, marker, rest = path.read_text().partition(MARKER)
    _, end, after = rest.partition(MARKER)
    if not marker or not end:
        print(f"dialer: {path} needs two lines {MARKER} to write between", file=sys.stderr)
        sys.exit(2)
    path.write_text(f"{before}{MARKER}\n{text.strip()}\n{MARKER}{after}")


if __name__ == "__main__":
    main()
