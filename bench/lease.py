#!/usr/bin/env python3
"""The measuring half of bench/lease, which sets up and calls this in a network namespace and with portpicker."""

import argparse
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from page import kernel, put

CONNECTIONS, BINDERS = 20_000, 8
# Leases a second by the library and by the protocol, and milliseconds for a run.
LIBRARY, PROTOCOL, ADDED = 20_000, 5_000, 10
ROUNDS, ASKED = 5, 3_000
NODE = """
import net from 'node:net';
import { writeFileSync } from 'node:fs';
const { default: getPort } = await import(process.argv[2] + '/node_modules/get-port/index.js');
const [times, file] = [Number(process.argv[3]), process.argv[4]];
const pause = () => new Promise(done => setTimeout(done, Math.random() * 20));
const log = [];
let inUse = 0, failed = 0;
for (let n = 0; n < times; n++) {
  let port;
  try { port = await getPort(); } catch { failed++; continue; }
  const from = process.hrtime.bigint();
  await pause();
  const server = net.createServer();
  await new Promise(done => {
    server.once('error', () => { inUse++; done(); });
    server.listen(port, '0.0.0.0', done);
  });
  await pause();
  log.push(`${port} ${from} ${process.hrtime.bigint()}`);
  if (server.listening) await new Promise(done => server.close(done));
}
writeFileSync(file, log.join('\\n'));
console.log(JSON.stringify({ times, in_use: inUse, failed }));
"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", required=True, type=Path)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--get-port", required=True, type=Path)
    parser.add_argument("--processes", type=int, default=64)
    parser.add_argument("--times", type=int, default=1000)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--work", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.work:
        return work(int(args.work[0]), args.work[1])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    load = f"{args.programs}/examples/lease_load"
    head = conditions()
    ways = {
        "`alloc::lease`": [load, "work", "lease", str(args.times)],
        "`bind(0)`, close": [load, "work", "bind", str(args.times)],
        "python portpicker, no server": [sys.executable, __file__, *sys.argv[1:], "--work", str(args.times)],
    }
    if args.get_port.exists():
        script = args.get_port / "work.mjs"
        script.write_text(NODE)
        ways["npm get-port"] = ["node", str(script), str(args.get_port), str(args.times)]
    crowds = {name: crowd(args, load, command) for name, command in ways.items()}
    rates = [json.loads(said_by([load, "rate", "1000"]))["per_second"] for _ in range(ROUNDS)]
    served = portservers(args, load)
    plain, leased = overhead(args)
    text = "\n".join(report(args, crowds, rates, served, plain, leased))
    print(head + text)
    if args.write:
        put(args.root / "docs/lease.md", "lease", head + text)
    missed = list(misses(crowds, rates, served, plain, leased))
    for what in missed:
        print(f"lease: missed: {what}", file=sys.stderr)
    sys.exit(1 if missed else 0)


def work(times, log):
    """One of many processes that ask portpicker, as the load's `work` does for others."""
    import portpicker

    os.environ.pop("PORTSERVER_ADDRESS", None)
    in_use = failed = 0
    with open(log, "w") as file:
        for _ in range(times):
            try:
                port = portpicker.pick_unused_port()
            except portpicker.NoFreePortFoundError:
                failed += 1
                continue
            since = time.monotonic_ns()
            time.sleep(random.random() * 0.02)
            with socket.socket() as server:
                server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    server.bind(("0.0.0.0", port))
                    server.listen()
                except OSError:
                    in_use += 1
                time.sleep(random.random() * 0.02)
                file.write(f"{port} {since} {time.monotonic_ns()}\n")
    print(json.dumps({"times": times, "in_use": in_use, "failed": failed}))


def crowd(args, load, command):
    """What comes of many processes that get ports in one way, with all that is in their way."""
    # So many are to go out whatever the others do to these processors, so it goes first.
    connect = ["nice", "-n", "-20", load, "connect", str(CONNECTIONS)]
    around = [subprocess.Popen(connect, stdin=-1, stdout=-1, text=True)]
    around += [subprocess.Popen([load, "bind"], stdin=-1, stdout=-1, text=True) for _ in range(BINDERS)]
    with tempfile.TemporaryDirectory() as folder:
        logs = [f"{folder}/{nth}" for nth in range(args.processes)]
        began = time.monotonic()
        workers = [subprocess.Popen([*command, log], stdout=-1, text=True) for log in logs]
        said = [json.loads(worker.communicate()[0]) for worker in workers]
        took = time.monotonic() - began
        twice = overlapping(logs)
    beside = [json.loads(process.communicate()[0]) for process in around]
    total = {key: sum(each[key] for each in said) for key in said[0]}
    return {**total, "twice": twice, "seconds": took, "connections": beside[0]["per_second"],
            "bound": sum(each["made"] for each in beside[1:]) / took}


def overlapping(logs):
    """How often a port was given to somebody while it was another's."""
    times = {}
    for log in logs:
        for line in Path(log).read_text().splitlines():
            port, since, until = map(int, line.split())
            times.setdefault(port, []).append((since, until))
    twice = 0
    for spans in times.values():
        end = 0
        for since, until in sorted(spans):
            twice += since < end
            end = max(end, until)
    return twice


def portservers(args, load):
    """Ports a second from each portserver, asked in turns."""
    google = shutil.which("portserver.py", path=str(Path(sys.executable).parent))
    servers = {
        "portolan lease serve": [f"{args.programs}/portolan", "lease", "serve", "--address", "@ours"],
        "Google's portserver": [sys.executable, google, "--portserver_address", "@google"],
    }
    running, rates = {}, {name: [] for name in servers}
    for name, command in servers.items():
        running[name] = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for("\0" + command[-1][1:])
    for _ in range(ROUNDS):
        for name, command in servers.items():
            said = json.loads(said_by([load, "ask", command[-1], str(ASKED)]))
            if said["refused"]:
                sys.exit(f"lease: {name} refused {said['refused']} of {ASKED}")
            rates[name].append(said["per_second"])
    for process in running.values():
        process.terminate()
        process.wait()
    return {name: statistics.median(each) for name, each in rates.items()}


def wait_for(address):
    for _ in range(200):
        with socket.socket(socket.AF_UNIX) as client:
            try:
                return client.connect(address)
            except OSError:
                time.sleep(0.05)
    sys.exit("lease: a portserver does not serve")


def overhead(args):
    """Milliseconds of a run of `true`, alone and leased, in turns."""
    commands = (["true"], [f"{args.programs}/portolan", "lease", "--", "true"])
    took = ([], [])
    for _ in range(200):
        for command, times in zip(commands, took):
            began = time.perf_counter()
            subprocess.run(command, check=True)
            times.append((time.perf_counter() - began) * 1000)
    return tuple(statistics.median(times) for times in took)


def said_by(command):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def conditions():
    return (f"One run of `bench/lease`: Linux {kernel()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f} when it "
            f"began.\n\n")


def report(args, crowds, rates, served, plain, leased):
    yield (f"{args.processes} processes each get {args.times:,} ports, wait up to 20 ms, start a server that sets "
           f"`SO_REUSEADDR`, and end it up to 20 ms later, while {CONNECTIONS:,} connections a second are to go out "
           f"and {BINDERS} processes bind port 0:\n")
    yield "| | ports | given to two at once | `EADDRINUSE` at the server | none found | connections a second beside |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for name, said in crowds.items():
        yield (f"| {name} | {said['times']:,} | {said['twice']:,} | {said['in_use']:,} | {said['failed']:,} "
               f"| {said['connections']:,.0f} |")
    yield ""
    yield "| | leases a second |"
    yield "| --- | ---: |"
    yield f"| `alloc::lease`, taken and ended, one thread | {statistics.median(rates):,.0f} |"
    for name, rate in served.items():
        yield f"| {name}, one client | {rate:,.0f} |"
    yield ""
    yield (f"`true` takes {plain:.2f} ms, `portolan lease -- true` {leased:.2f} ms: {leased - plain:.2f} ms more "
           f"(medians of 200 runs in turns).")


def misses(crowds, rates, served, plain, leased):
    ours = crowds["`alloc::lease`"]
    for key in ("twice", "in_use", "failed"):
        if ours[key]:
            yield f"{ours[key]} leases: {key}"
    if ours["connections"] < 0.99 * CONNECTIONS:
        yield f"{ours['connections']:,.0f} connections a second beside, under {CONNECTIONS:,}"
    if statistics.median(rates) < LIBRARY:
        yield f"{statistics.median(rates):,.0f} leases a second by the library, under {LIBRARY:,}"
    own, google = served.values()
    if own < PROTOCOL or own < google:
        yield f"{own:,.0f} leases a second by the protocol, under {PROTOCOL:,} or Google's {google:,.0f}"
    if leased - plain > ADDED:
        yield f"a lease adds {leased - plain:.1f} ms to a run, over {ADDED}"


if __name__ == "__main__":
    main()
