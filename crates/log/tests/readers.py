#!/usr/bin/env python3
"""DuckDB and pandas read a store as it is, and find what we find: tests/readers.py SYNTH DIR DOC

SYNTH is the built examples/synth, DIR an empty directory, DOC docs/store-format.md, whose queries
are run. Exit status 1 and a line of text where something differs.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas

TENURES, AN_HOUR = 9000, 3000
SECOND = 1_000_000_000


def main():
    synth, place, doc = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]).read_text()
    made = output([synth, "make", place, TENURES, AN_HOUR])
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    check_counts(database, place, made)
    check_holders(database, synth, place, doc, made)
    check_gaps(database, place, doc, made)
    check_pandas(place, doc)
    print(f"duckdb {duckdb.__version__} and pandas {pandas.__version__} read what we wrote")


def check_counts(database, place, made):
    count, ports, latest = database.execute(
        f"SELECT count(*), count(DISTINCT local_port), max(epoch_ns(start) + duration_ns + stepped_ns)"
        f" FROM '{place}/*.tenures.parquet'").fetchone()
    same("tenures", made["tenures"], count)
    assert ports > 1000, ports
    assert made["from"] < latest <= made["until"], latest
    orphans = database.execute(
        f"SELECT count(*) FROM '{place}/*.tenures.parquet' t LEFT JOIN '{place}/*.programs.parquet' p"
        f" ON p.segment = t.segment AND p.program = t.opener WHERE p.pid IS NULL").fetchone()
    same("tenures whose opener is no program", 0, orphans[0])


def check_holders(database, synth, place, doc, made):
    """The query of the document, at many moments and ports, against our own answer."""
    query = block(doc, "sql", 0).replace("/var/lib/portolan", str(place))
    found = 0
    for step in range(1, 12):
        moment = made["from"] + (made["until"] - made["from"]) * step // 12
        moment -= moment % SECOND  # what TIMESTAMPTZ can hold
        at = database.execute(f"SELECT strftime(make_timestamp({moment // 1000}), '%Y-%m-%d %H:%M:%SZ')")
        text = at.fetchone()[0]
        for port in (443, 22, 5432, 33000 + step, 7):
            asked = query.replace("2026-11-23 14:03:11Z", text).replace("60440", str(port))
            theirs = database.execute(asked).fetchall()
            ours = output([synth, "ask", place, moment, moment, f"port={port}"])
            same(f"tenures of {port} at {text}", ours["found"], len(theirs))
            pids = [sorted(pid or 0 for pid in some) for some in (ours["holders"], [row[7] for row in theirs])]
            same(f"holders of {port} at {text}", *pids)
            found += len(theirs)
    assert found > 100, f"only {found} found: nothing was compared"


def check_gaps(database, place, doc, made):
    query = block(doc, "sql", 1).replace("/var/lib/portolan", str(place))
    gaps = database.execute(query).fetchall()
    same("reasons of gaps", ["events-lost"] * 3, [gap[2] for gap in gaps])
    same("lost events", [1, 2, 3], [gap[3] for gap in gaps])


def check_pandas(place, doc):
    segment = sorted(place.glob("*.tenures.parquet"))[0].name.removesuffix(".tenures.parquet")
    code = block(doc, "python", 0).replace("20261123T14Z-00000042", f"{place}/{segment}")
    scope = {}
    exec(code, scope)
    same("tenures that pandas reads", AN_HOUR, len(scope["tenures"]))
    same("openers that pandas finds", AN_HOUR, len(scope["named"]))
    same("gaps that pandas reads", 1, len(scope["gaps"]))
    assert str(scope["tenures"]["start"].dtype) == "datetime64[ns, UTC]", scope["tenures"].dtypes


def block(doc, language, which):
    """A code block of the document."""
    return re.findall(rf"```{language}\n(.*?)```", doc, re.DOTALL)[which]


def output(argv):
    done = subprocess.run([str(word) for word in argv], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def same(what, ours, theirs):
    if ours != theirs:
        sys.exit(f"readers.py: {what}: ours {ours}, theirs {theirs}")


if __name__ == "__main__":
    main()
