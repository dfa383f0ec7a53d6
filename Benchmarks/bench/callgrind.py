# SPDX-License-Identifier: Apache-2.0
"""User instructions: eigd's as Benchmarks/callgrind.py counts them, its rivals' by two runs of different length."""

import json
import os
import re
import signal
import subprocess
import sys

from . import ROOT


def counted(programs):
    """Operation -> {"instructions", "allocations", ...} per operation of eigd. Nothing of it depends on the clock."""
    done = subprocess.run([sys.executable, ROOT / "Benchmarks" / "callgrind.py", "show", "--json",
                           "--programs", programs], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"callgrind.py: {done.returncode}: {done.stderr[-1000:]}")
    return json.loads(done.stdout)


def per_request(start, load, profile, requests, **options):
    """User instructions of a peer for a keep-alive request.

    `start(under)` makes a peer whose program runs under that command; `profile` is a file name to use. Two runs: both
    have starting, handshakes, stopping, and the requests until every connection to the backend is there; their difference
    is of `requests` requests.
    """
    short, long = (_count(start, load, profile, requests + more, **options) for more in (0, requests))
    return (long - short) / requests


def _count(start, load, profile, requests, **options):
    for old in profile.parent.glob(f"{profile.name}.*"):
        old.unlink()
    with start(["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}.%p"]) as peer:
        load.run("keep-alive", peer, watch=False, requests=requests, warm_up=0, **options)
        os.kill(peer.process.pid, signal.SIGTERM)
        peer.process.wait(60)
    return sum(total(file.read_text(errors="replace")) for file in profile.parent.glob(f"{profile.name}.*"))


def total(profile):
    """The instructions of one profile. Raises ValueError when it has no sum."""
    found = re.search(r"^(?:totals|summary): (\d+)", profile, re.M)
    if not found:
        raise ValueError("a profile without its total")
    return int(found.group(1))
