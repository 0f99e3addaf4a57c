#!/usr/bin/env python3
"""A page of the documentation, of which a part is what a bench measured: page.py PAGE NAME puts there what is on stdin.

The part lies between two lines <!-- bench:NAME -->.
"""

import platform
import re
import sys
from pathlib import Path


def put(page, name, text):
    page, marker = Path(page), f"<!-- bench:{name} -->"
    parts = page.read_text().split(marker)
    if len(parts) != 3:
        print(f"{name}: {page} needs two lines {marker} to write between", file=sys.stderr)
        sys.exit(2)
    before, _, after = parts
    page.write_text(f"{before}{marker}\n{text.strip()}\n{marker}{after}")


def kernel():
    """The version of this kernel, without what its makers call it."""
    return re.match("[0-9.]*", platform.release())[0]


if __name__ == "__main__":
    _, PAGE, NAME = sys.argv
    put(PAGE, NAME, sys.stdin.read())
