#!/usr/bin/env python3
"""The measuring half of bench/web, which sets up and calls this in a network namespace of its own."""

import argparse
import os
import re
import resource
import selectors
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from page import kernel, put

HOST, PORT = "127.0.0.1", 7678
RATE, CONNECTIONS, STREAMS = 2000, 50, 500
AIM_P99_MS, AIM_MB, AIM_PAINT_MS = 50, 100, 100
PAGES = ("22", "80/tcp", "443", "5432", "53/udp", "8080", "49152", "60440", "0", "65535")
FOLLOWED = range(45000, 45050)  # of which one comes and goes


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", required=True, type=Path)
    parser.add_argument("--program", required=True)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    head = conditions(args)
    place = Path(tempfile.mkdtemp(prefix="portolan-web."))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    try:
        # First, as afterwards any port may still be some connection's.
        paints = painted(args)
        rows = measure(args, place)
    finally:
        shutil.rmtree(place)
    page = "\n".join([head, *table(rows), *paint_table(paints)])
    print(page)
    if args.write:
        put(args.root / "docs/web.md", "web", page)
    missed = list(misses(rows[0], paints))
    for what in missed:
        print(f"web: missed: {what}", file=sys.stderr)
    sys.exit(1 if missed else 0)


def conditions(args):
    return (f"One run of `bench/web`, {args.seconds} seconds each: Linux {kernel()}, {os.cpu_count()} CPUs that the "
            f"load shares, load {os.getloadavg()[0]:.1f} when it began. Pages are those of {len(PAGES)} ports in "
            f"turn, not compressed; a listener comes or goes four times a second under {STREAMS} streams:\n")


def measure(args, place):
    store = place / "store"
    with running(args.program, "record", "--dir", store, until="recording"), \
            running(args.program, "serve", "--dir", store, "--feedback", place / "votes.redb", until="serving") as web:
        list_pages(place / "pages")
        paced(place, 3)  # what is read once is read by now
        with followed(web) as stage:
            both = paced(place, args.seconds) | stage()
        with watched(web) as stage:
            alone = paced(place, args.seconds) | stage()
        with watched(web) as stage:
            full = flat_out(args.seconds) | stage()
    return [
        {"what": f"{RATE:,} pages a second, {STREAMS} streams"} | both,
        {"what": f"{RATE:,} pages a second"} | alone,
        {"what": f"as many as it gives ({CONNECTIONS} connections)"} | full,
    ]


@contextmanager
def running(*command, until):
    """A program, once it has said `until`; ended in the end."""
    child = subprocess.Popen([str(part) for part in command], stderr=subprocess.PIPE, text=True)
    try:
        said = ""
        while until not in said:
            line = child.stderr.readline()
            if not line:
                print(f"web: {command[1]} ended: {said}", file=sys.stderr)
                sys.exit(2)
            said += line
        threading.Thread(target=child.stderr.read, daemon=True).start()
        yield child.pid
    finally:
        child.terminate()
        with suppress(subprocess.TimeoutExpired):
            child.wait(10)
        child.kill()


def list_pages(path):
    path.write_text("".join(f"http://{HOST}:{PORT}/ports/{page}\n" for page in PAGES))


def paced(place, seconds):
    """Asks at the rate, and tells how long each page took."""
    log = place / "log"
    log.unlink(missing_ok=True)
    said = run("h2load", "--h1", f"--clients={CONNECTIONS}", f"--rps={RATE / CONNECTIONS:g}", f"--duration={seconds}",
               f"--input-file={place / 'pages'}", f"--log-file={log}")
    requests = [line.split("\t") for line in log.read_text().splitlines()]
    took = sorted(int(us) / 1000 for _, status, us in requests if status == "200")
    failed = sum(status != "200" for _, status, _ in requests)
    if len(took) < 100:
        print(f"web: h2load had no answers:\n{said}", file=sys.stderr)
        sys.exit(2)
    return {"rate": len(took) / seconds, "failed": failed, **quantiles(took)}


def quantiles(took):
    at = lambda share: took[min(len(took) - 1, int(len(took) * share))]
    return {"median": at(0.5), "p99": at(0.99), "p999": at(0.999), "worst": took[-1]}


def flat_out(seconds):
    script = Path(__file__).with_name("web.lua")
    said = run("wrk", "--threads=1", f"--connections={CONNECTIONS}", f"--duration={seconds}s", "--latency",
               f"--script={script}", f"http://{HOST}:{PORT}", "--", *PAGES)
    ms = {"us": 0.001, "ms": 1, "s": 1000}
    found = {float(share): float(value) * ms[unit] for share, value, unit in
             re.findall(r"^\s+([0-9.]+)%\s+([0-9.]+)(us|ms|s)$", said, re.M)}
    worst, unit = re.search(r"Latency\s+\S+\s+\S+\s+([0-9.]+)(us|ms|s)", said).groups()
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return {"rate": float(re.search(r"Requests/sec:\s+([0-9.]+)", said)[1]), "failed": int(errors[1]) if errors else 0,
            "median": found[50], "p99": found[99], "p999": None, "worst": float(worst) * ms[unit]}


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        print(f"web: failed: {' '.join(command)}\n{done.stdout}", file=sys.stderr)
        sys.exit(2)
    return done.stdout


@contextmanager
def watched(pid):
    """Watches the memory and the processor time of a process; `stage()` tells of them, and stops."""
    most, ended, began, cpu = [0], threading.Event(), time.monotonic(), busy(pid)

    def look():
        while not ended.wait(0.2):
            most[0] = max(most[0], resident_mb(pid))

    thread = threading.Thread(target=look)
    thread.start()

    def stage():
        ended.set()
        thread.join()
        return {"mb": most[0], "cpus": (busy(pid) - cpu) / (time.monotonic() - began)}

    try:
        yield stage
    finally:
        ended.set()


def busy(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid):
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def followed(pid):
    """Follows ports with all streams while one listener after another comes and goes under them."""
    streams = [stream(FOLLOWED[at % len(FOLLOWED)]) for at in range(STREAMS)]
    ended, events, delays = threading.Event(), [0], []
    changed = {}  # by port, when it last changed

    def read():
        with selectors.DefaultSelector() as selector:
            for port, connection in streams:
                selector.register(connection, selectors.EVENT_READ, port)
            while not ended.is_set():
                for key, _ in selector.select(0.2):
                    data = key.fileobj.recv(65536)
                    if not data:
                        print("web: a stream ended", file=sys.stderr)
                        os._exit(2)
                    if b"event: now" in data:
                        events[0] += 1
                        if key.data in changed:
                            delays.append((time.monotonic() - changed[key.data]) * 1000)

    def change():
        for port in list(FOLLOWED) * 1000:
            with socket.create_server((HOST, port)):
                changed[port] = time.monotonic()
                if ended.wait(0.25):
                    return
            changed[port] = time.monotonic()
            if ended.wait(0.25):
                return

    threads = [threading.Thread(target=read), threading.Thread(target=change)]
    for thread in threads:
        thread.start()
    time.sleep(2)
    events[0] = 0
    delays.clear()
    with watched(pid) as stage:
        def both():
            said = stage()
            ended.set()
            for thread in threads:
                thread.join()
            shown = statistics.median(delays) if delays else float("nan")
            return said | {"events": events[0], "shown": shown, "shown_worst": max(delays, default=float("nan"))}

        try:
            yield both
        finally:
            ended.set()
    for _, connection in streams:
        connection.close()


def stream(port):
    connection = socket.create_connection((HOST, PORT), timeout=30)
    connection.sendall(f"GET /ports/{port}/live HTTP/1.1\r\nHost: {HOST}:{PORT}\r\n\r\n".encode())
    if b" 200 " not in connection.recv(64, socket.MSG_WAITALL):
        print("web: a stream was refused", file=sys.stderr)
        sys.exit(2)
    return port, connection


def painted(args):
    """After how many milliseconds each page is painted and answered, as Chromium tells."""
    proof = args.root / "crates/web/tests/browser/proof.mjs"
    said = subprocess.run(["node", proof], env=os.environ | {"PORTOLAN_PAINT": "1"}, stdout=subprocess.PIPE, text=True)
    paints = re.findall(r"(/\S*): painted after (\d+) ms, answered after (\d+) ms", said.stdout)
    if not paints:
        print(f"web: the browser painted nothing:\n{said.stdout}", file=sys.stderr)
        sys.exit(2)
    return [(path, int(paint), int(answer)) for path, paint, answer in paints]


def paint_table(paints):
    yield "\nFirst paint, as headless Chromium without a graphics card tells on the same processors, medians of 15 loads;\n`/healthz`, one word, is what the browser itself takes:\n"
    yield "| page | painted, ms | answered, ms |"
    yield "| --- | ---: | ---: |"
    for path, paint, answer in paints:
        mark = "" if paint < AIM_PAINT_MS else " **(missed)**"
        yield f"| `{path}` | {paint}{mark} | {answer} |"


def misses(row, paints):
    for path, paint, _ in paints:
        if paint >= AIM_PAINT_MS:
            yield f"{path} is painted after {paint} ms, not under {AIM_PAINT_MS}"
    if row["p99"] >= AIM_P99_MS:
        yield f"p99 of a page is {row['p99']:.0f} ms, not under {AIM_P99_MS}"
    if row["mb"] >= AIM_MB:
        yield f"{row['mb']:.0f} MB, not under {AIM_MB}"
    if row["rate"] < RATE * 0.99:
        yield f"{row['rate']:,.0f} pages a second of {RATE:,}"
    if row["failed"]:
        yield f"{row['failed']} answers were not pages"


def table(rows):
    yield "| | pages/s | ms, median | p99 | p99.9 | worst | failed | memory | CPUs |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for row in rows:
        p999 = f"{row['p999']:.1f}" if row["p999"] is not None else ""
        yield (f"| {row['what']} | {row['rate']:,.0f} | {row['median']:.1f} | {row['p99']:.1f} | {p999} | "
               f"{row['worst']:.0f} | {row['failed']} | {row['mb']:.0f} MB | {row['cpus']:.2f} |")
    first = rows[0]
    yield (f"\nThe streams had {first['events']:,} events meanwhile, {first['shown']:.0f} ms after the socket changed "
           f"(median; {first['shown_worst']:.0f} at worst).")


if __name__ == "__main__":
    main()
