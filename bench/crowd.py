#!/usr/bin/env python3
"""Several processes that dial at once: crowd.py PROCESSES TIMES SPARE COMMAND...

Listens, starts PROCESSES times COMMAND (`connect_fill churn MODE`, or that below something) so that together they
hold all ephemeral ports but a share of SPARE, and has the kernel list their sockets meanwhile. Prints one line of
JSON. To be run in a network namespace of its own, with lo up."""

import collections
import json
import resource
import socket
import statistics
import subprocess
import sys
from pathlib import Path

PORT = 20000


def main():
    processes, times, spare, command = int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), sys.argv[4:]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    Path("/proc/sys/net/core/somaxconn").write_text("200000")
    low, high = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    hold = int((high - low + 1) * (1 - spare)) // processes
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", PORT))
    listener.listen(200_000)  # nobody accepts: what was closed waits there, too
    crowd = [
        subprocess.Popen([*command, str(PORT), str(hold), times], stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    looks, shared = look_meanwhile(crowd)
    said = [json.loads(one.stdout.read()) for one in crowd]
    if any(one.returncode for one in crowd):
        sys.exit(1)
    print(json.dumps({
        "wanted": hold * processes,
        "connects": sum(one["connects"] for one in said),
        "failed": sum(one["failed"] for one in said),
        "us_median": statistics.median(one["us_median"] for one in said),
        "looks": looks,
        "shared": shared,
    }))


def look_meanwhile(crowd):
    """How often the kernel was asked for all sockets, and how many ports more than one had at once."""
    looks = shared = 0
    while any(one.poll() is None for one in crowd):
        said = subprocess.run(["ss", "-tnH", "dst", f"127.0.0.1:{PORT}"], stdout=subprocess.PIPE, text=True)
        ends = collections.Counter(line.split()[3] for line in said.stdout.splitlines())
        looks += 1
        shared += sum(count > 1 for count in ends.values())
    return looks, shared


if __name__ == "__main__":
    main()
