#!/usr/bin/env python3
"""Fills the ephemeral range towards 127.0.0.1:7000: fill.py [--pace PER_SECOND] PERCENT...

Prints a line when a share is reached, serves HTTP there to whoever else connects, and goes on to the next when it
reads one; then all are closed. Beyond 100 it goes on until connect() finds no port, and tries twenty times more. Give
it a network namespace of its own."""

import argparse
import os
import select
import signal
import socket
import struct
import sys
import time
from pathlib import Path

DESTINATION = ("127.0.0.1", 7000)
# Of each connection a process holds both ends, and 10,000 descriptors are allowed nearly everywhere.
EACH = 5000


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pace", type=float, default=0, metavar="PER_SECOND")
    parser.add_argument("percent", type=float, nargs="+")
    args = parser.parse_args()
    low, high = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    listener = socket.create_server(DESTINATION, backlog=128)
    held, holders = 0, []
    try:
        for percent in args.percent:
            wanted = int((high - low + 1) * min(percent, 100) / 100) + (20 if percent > 100 else 0)
            while held < wanted:
                count, pid = hold(listener, min(EACH, wanted - held), args.pace)
                holders.append(pid)
                held += count
                if count == 0:
                    break
            print(f"{held} connections", flush=True)
            if not served(listener):
                break
    finally:
        for pid in holders:
            os.kill(pid, signal.SIGTERM)
            os.waitpid(pid, 0)


def served(listener):
    """Answers who connects, one after the other, until a line is read: that line."""
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            return sys.stdin.readline()
        with listener.accept()[0] as peer:
            if peer.recv(4096):
                peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                peer.recv(4096)
            # By a reset, once the client has closed: it leaves no TIME-WAIT, and the range as full as it was.
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hold(listener, count, pace):
    """Has a child make connections and hold them; how many it got, and its pid."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        ends = connections(listener, count, pace)
        os.write(theirs, str(len(ends)).encode())
        os.close(theirs)
        while True:
            signal.pause()
    os.close(theirs)
    with os.fdopen(ours) as pipe:
        return int(pipe.read()), pid


def connections(listener, count, pace):
    ends = []
    for _ in range(count):
        client = socket.socket()
        try:
            client.connect(DESTINATION)
        except OSError:
            client.close()
            continue
        ends.append((client, listener.accept()[0]))
        if pace and len(ends) % 10 == 0:
            time.sleep(10 / pace)
    return ends


main()
