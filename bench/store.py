#!/usr/bin/env python3
"""The measuring half of bench/store, which sets up and calls this."""

import argparse
import json
import random
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

try:
    import duckdb
except ImportError:
    duckdb = None

MILLION = 1_000_000
HOUR = 3_600_000_000_000
AIM_BYTES = 16
AIM_SPEED = 500_000
# Questions and, of those that have one, the aim in milliseconds by the size of the store.
AIMS = {10 * MILLION: 20, 100 * MILLION: 100}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--synth", required=True)
    parser.add_argument("--dir", required=True, type=Path)
    parser.add_argument("--tenures", type=int, action="append")
    parser.add_argument("--queries", type=int, default=30)
    args = parser.parse_args()
    missed = []
    for tenures in args.tenures or AIMS:
        place = args.dir / str(tenures)
        place.mkdir()
        missed += measure(args.synth, place, tenures, args.queries)
        shutil.rmtree(place)
    for what in missed:
        print(f"store: missed: {what}", file=sys.stderr)
    sys.exit(1 if missed else 0)


def measure(synth, place, tenures, queries):
    """Makes a store, asks it, prints; returns the aims that were missed."""
    made = run([synth, "make", place, tenures])
    speed = MILLION / made["cpu_us_a_tenure"]
    print(f"\n{made['tenures']:,} tenures of {(made['until'] - made['from']) // HOUR} hours, "
          f"{made['bytes_a_tenure']} bytes each with their programs, sealed at {speed:,.0f} a second "
          f"and core.\n")
    print("| question | median | slowest | CPU | found | DuckDB |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    missed = []
    if made["bytes_a_tenure"] > AIM_BYTES:
        missed.append(f"{made['bytes_a_tenure']} bytes a tenure, over {AIM_BYTES}")
    if speed < AIM_SPEED:
        missed.append(f"{speed:,.0f} tenures sealed a second and core, under {AIM_SPEED:,}")
    aim = AIMS.get(tenures)
    for label, conditions, has_aim in questions(synth, place, made):
        wall, cpu, found = ask(synth, place, conditions, queries)
        print(f"| {label} | {wall[0]:.1f} ms | {wall[1]:.1f} ms | {cpu:.1f} ms | {found:.0f} "
              f"| {beside(place, conditions)} |", flush=True)
        if aim and has_aim and wall[0] > aim:
            missed.append(f"{label}: {wall[0]:.1f} ms, over {aim}")
    return missed


def questions(synth, place, made):
    """Each with a label, a function that makes its arguments, and whether an aim is set for it."""
    chance = random.Random(60440)
    start, end = made["from"], made["until"]

    def at(low, high, *conditions):
        def make():
            moment = chance.randrange(low, high)
            return [moment, moment, *(c() if callable(c) else c for c in conditions)]
        return make

    def hour(*conditions):
        def make():
            moment = chance.randrange(start, end - HOUR)
            return [moment, moment + HOUR, *conditions]
        return make

    def ephemeral():
        return f"port={chance.randrange(32768, 60999)}"

    def held(low, high):
        """A moment at which some ephemeral port was held, and that port."""
        def make():
            while True:
                moment = chance.randrange(low, high)
                newest = run([synth, "ask", place, moment, moment, "uid=5", "most=1"])
                if newest.get("port", 0) > 32767:
                    return [newest["newest"], newest["newest"], f"port={newest['port']}"]
        return make

    old = start + min(24 * HOUR, (end - start) // 10)
    return [
        ("an ephemeral port at a moment", held(start, end), True),
        ("one that nobody held then", at(start, end, ephemeral), True),
        ("port 443 at a moment, the newest fifty", at(start, end, "port=443", "most=50"), True),
        ("port 443 at a moment, all of it", at(start, end, "port=443"), False),
        ("an ephemeral port long ago", held(start, old), True),
        ("port 443 long ago, the newest fifty", at(start, old, "port=443", "most=50"), True),
        ("a port that nobody ever has", at(start, end, "port=7"), True),
        ("a program's tenures of an hour", hour("name=app3-7", "most=1000"), False),
        ("a user's tenures of an hour, the newest twenty", hour("uid=3", "most=20"), False),
    ]


def ask(synth, place, conditions, queries):
    """Median and slowest time of a fresh process and its median CPU time, in ms, and rows found."""
    seconds, cpu, found = [], [], []
    for _ in range(queries):
        argv = [str(word) for word in (synth, "ask", place, *conditions())]
        before = children_cpu()
        began = time.perf_counter()
        answer = subprocess.run(argv, capture_output=True, check=True).stdout
        seconds.append(time.perf_counter() - began)
        cpu.append(children_cpu() - before)
        found.append(json.loads(answer)["found"])
    wall = statistics.median(seconds) * 1e3, max(seconds) * 1e3
    return wall, statistics.median(cpu) * 1e3, statistics.mean(found)


def children_cpu():
    import resource
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def beside(place, conditions):
    """What DuckDB takes for the same, its process running already: the best of three."""
    if duckdb is None:
        return "-"
    database, best = duckdb.connect(), float("inf")
    for _ in range(3):
        query = sql(place, *conditions())
        began = time.perf_counter()
        database.execute(query).fetchall()
        best = min(best, time.perf_counter() - began)
    return f"{best * 1e3:.0f} ms"


def sql(place, since, until, *conditions):
    """A question as docs/store-format.md asks it."""
    given = dict(condition.split("=") for condition in conditions)
    where = [f"epoch_ns(start) <= {until}",
             f"epoch_ns(start) + duration_ns + stepped_ns"
             f" + CASE ending WHEN 'time-wait' THEN 60000000000 ELSE 0 END > {since}"]
    if "port" in given:
        where.append(f"local_port = {given['port']}")
    if "uid" in given:
        where.append(f"uid = {given['uid']}")
    if "name" in given:
        where.append(f"(segment, opener) IN (SELECT (segment, program) FROM "
                     f"'{place}/*.programs.parquet' WHERE contains(comm, '{given['name']}'))")
    return (f"SELECT * FROM '{place}/*.tenures.parquet' WHERE {' AND '.join(where)}"
            f" ORDER BY clock DESC, start DESC LIMIT {given.get('most', 1000000)}")


def run(argv):
    done = subprocess.run([str(word) for word in argv], capture_output=True, check=True)
    return json.loads(done.stdout)


if __name__ == "__main__":
    main()
