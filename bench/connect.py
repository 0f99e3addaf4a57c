#!/usr/bin/env python3
"""The measuring half of bench/connect, which sets up and calls this."""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from page import kernel, put

FILLS = ("0", "0.1", "0.4", "0.45", "0.5", "0.75", "0.9", "0.95", "0.99", "0.999", "0.9999")
# What is measured, and its name in the tables. Those that the load does not know are piloted.
MODES = {
    "kernel": "plain `connect(2)`",
    "whole": "whole range, nothing tracked",
    "default": "`Dialer`",
    "dialer": "`Dialer`, `Tracking::Always`",
    "preload": "`pilot run --with preload`",
    "ebpf": "`pilot run --with ebpf`",
    "all": "the same, all others piloted too",
}
DIALER = ("default", "dialer")
# By mode, how many times the plain kernel's time at an empty range it may take from a fill on; below half it
# is 1.15 times the kernel's at that fill.
AIMS = {
    **dict.fromkeys(DIALER, {"0.5": 2, "0.9999": 2.5}),
    "preload": {"0.5": 2, "0.99": 4, "0.999": None},
    **dict.fromkeys(("ebpf", "all"), {"0.5": 2, "0.99": 3, "0.999": 6, "0.9999": 25}),
}
# What `all` is beside below half: plain connects in the same moments, of a process outside of what is piloted.
PLAIN = {"all": "plain"}
LEAVE = """sh -c '[ $0 = all ] || echo 0 > {root}/cgroup.procs; exec $*' @"""
PAGES = {
    "docs/dialer.md": ("kernel", "whole", *DIALER),
    "docs/pilot.md": ("kernel", "preload", "ebpf", "all"),
}
PLOT = {"kernel": "plain connect(2)", "dialer": "Dialer", "preload": "pilot, preload", "ebpf": "pilot, ebpf"}
# Eight at once: how, and how many times each, in a range that they fill up to a thousandth.
CROWD = ("kernel", "default", "dialer", "preload", "ebpf")
PROCESSES, TIMES, SPARE = 8, 10_000, 0.001
# Namespaces of its own, and a pilot of its own.
APART = """mount --make-rprivate / && mkdir -p /var/cache && mount -t tmpfs tmpfs /run &&
mount -t tmpfs tmpfs /var/cache && ip link set lo up &&"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", required=True, type=Path)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--samples", type=int, default=300)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    head = conditions(args)
    steps = measure(args)
    crowds = {mode: crowd(args, mode) for mode in CROWD}
    missed = [*misses(steps), *crowd_misses(crowds)]
    pages = {page: text(page, head, steps, crowds) for page in PAGES}
    for page in pages.values():
        print(page)
    if args.write:
        for page, written in pages.items():
            put(args.root / page, "connect", written)
        plot(args.root / "docs/connect.svg", steps)
    for what in missed:
        print(f"connect: missed: {what}", file=sys.stderr)
    sys.exit(1 if missed else 0)


def measure(args):
    """What the load says of each mode and fill, a list of the rounds."""
    modes = ",".join(mode for mode in MODES if mode != "all")
    portolan, load = f"{args.programs}/portolan", f"{args.programs}/examples/connect_fill"
    rest = f"20000 {args.samples} {','.join(FILLS)} {args.rounds}"
    steps = {}
    for command in (
        f"{load} {modes} {rest} -- {portolan} pilot run --with @ --",
        f"{portolan} pilot run --with ebpf -- {load} plain,all {rest} -- {LEAVE.format(root=cgroup_root())}",
    ):
        for line in said_by(command).splitlines():
            step = json.loads(line)
            steps.setdefault((step["mode"], f"{step['fill']:g}"), []).append(step)
    return steps


def cgroup_root():
    """Where the tree of cgroups (v2) is."""
    mounts = (line.split() for line in Path("/proc/self/mounts").read_text().splitlines())
    return next(mount[1] for mount in mounts if mount[2] == "cgroup2")


def crowd(args, mode):
    """What eight at once say, and how often two of their sockets had one port, of how many looks."""
    load = f"{args.programs}/examples/connect_fill churn"
    if mode in DIALER + ("kernel",):
        dial = f"{load} {mode}"
    else:
        dial = f"{args.programs}/portolan pilot run --with {mode} -- {load} kernel"
    return json.loads(said_by(f"python3 {args.root}/bench/crowd.py {PROCESSES} {TIMES} {SPARE} {dial}"))


def said_by(command):
    """What a command prints that is run in namespaces of its own; it must succeed."""
    argv = ["unshare", "--net", "--mount", "sh", "-c", f"{APART} exec {command}"]
    done = subprocess.run(argv, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        print(f"connect: failed: {command}", file=sys.stderr)
        sys.exit(2)
    return done.stdout


def median(steps, mode, fill, figure="us_median"):
    return statistics.median(step[figure] for step in steps[mode, fill])


def misses(steps):
    """The aims that were not met."""
    for mode in AIMS:
        for fill in FILLS:
            times, most = times_plain(steps, mode, fill)
            if most and times > most:
                yield f"{mode} at {float(fill):.2%}: {times:.2f} times plain connects, over {most}"
    for (mode, fill), rounds in steps.items():
        if any(step["failed"] for step in rounds):
            yield f"{mode} at {float(fill):.2%}: a connect failed though a port was free"


def times_plain(steps, mode, fill):
    """How many times as long as plain connects it took, in the same moment or in an empty range, and how many it
    may; `None` for no aim."""
    most = 1.15
    for step in FILLS[:FILLS.index(fill) + 1]:
        most = AIMS.get(mode, {}).get(step, most)
    if float(fill) >= 0.5:
        return median(steps, mode, fill) / median(steps, "kernel", "0"), mode in AIMS and most
    # The machine has faster and slower moments: each round is compared by itself.
    rounds = zip(steps[mode, fill], steps[PLAIN.get(mode, "kernel"), fill], strict=True)
    return statistics.median(one["us_median"] / plain["us_median"] for one, plain in rounds), mode in AIMS and most


def crowd_misses(crowds):
    for mode, said in crowds.items():
        if mode != "kernel" and said["failed"]:
            yield f"{mode}: {said['failed']} connects of eight processes failed though ports were free"
        if said["shared"]:
            yield f"{mode}: two sockets had one port"


def conditions(args):
    return (f"One run of `bench/connect`, median of {args.rounds} rounds, {args.samples:,} connects a step: "
            f"Linux {kernel()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f} when it began. "
            f"Microseconds a connect, median / 99th percentile:\n")


def text(page, head, steps, crowds):
    return "\n".join([head, *table(steps, PAGES[page]), "", *crowd_table(crowds, PAGES[page])])


def table(steps, modes):
    yield "| taken | " + " | ".join(MODES[mode] for mode in modes) + " |"
    yield "| ---: |" + " ---: |" * len(modes)
    for fill in FILLS:
        yield f"| {float(fill) * 100:g} % | " + " | ".join(cell(steps, mode, fill) for mode in modes) + " |"
    yield ""
    yield ("In brackets how many times as long as plain connects take, and how many are the most that are aimed at: below "
           "half of the range at the same fill, by the median of the rounds, each compared by itself; from there on in an "
           "empty range. What is over is bold.")


def cell(steps, mode, fill):
    both = f"{number(median(steps, mode, fill))} / {number(median(steps, mode, fill, 'us_p99'))}"
    times, most = times_plain(steps, mode, fill)
    if not most:
        return both
    met = f"{times:.2f} of {most}"
    return f"{both} ({met})" if times <= most else f"{both} (**{met}**)"


def crowd_table(crowds, modes):
    modes = [mode for mode in modes if mode in crowds]
    held = crowds["kernel"]["wanted"]
    yield (f"Eight processes at once hold {held:,} connections, all ports but a thousandth, and {TIMES:,} times "
           f"each close one and connect again:\n")
    yield "| | connects | failed | µs, median | two sockets with one port |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for mode in modes:
        said = crowds[mode]
        yield (f"| {MODES[mode]} | {said['connects']:,} | {said['failed']:,} | {number(said['us_median'])} "
               f"| {said['shared']} in {said['looks']} looks |")


def number(us):
    return f"{us:,.0f}" if us >= 100 else f"{us:.1f}"


def plot(path, steps):
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "portolan", "font.family": "sans-serif"})
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7.5, 3.6), layout="constrained")
    for mode, name in PLOT.items():
        axes.plot(range(len(FILLS)), [median(steps, mode, fill) for fill in FILLS], marker="o", label=name)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_xticks(range(len(FILLS)), [f"{float(fill) * 100:g} %" for fill in FILLS])
    axes.set_xlabel("ephemeral ports taken towards the destination")
    axes.set_ylabel("µs a connect, median")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
