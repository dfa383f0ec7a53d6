# SPDX-License-Identifier: Apache-2.0
"""System calls per request: two runs of different length under strace, and what the longer one made more."""

import os
import re
import signal
from collections import Counter

from .process import children

#: A row of `strace -c`: the share, seconds, microseconds a call, calls, errors (or nothing), the name.
_ROW = re.compile(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?([a-z]\w*)$", re.M)
#: Fewer a request than this is not the request's doing.
_LEAST = 0.005

WAITING = ("epoll_wait", "epoll_pwait", "epoll_pwait2")
RECEIVING = ("read", "readv", "recv", "recvfrom", "recvmsg", "recvmmsg")
SENDING = ("write", "writev", "send", "sendto", "sendmsg", "sendmmsg", "pwrite64", "pwritev")


def per_request(start, load, table, requests, **options):
    """System call -> how many a keep-alive request makes.

    `start(under)` makes a peer whose program runs under that command; `table` is a file to use. Two runs: both have
    starting, handshakes, stopping, and the requests until every connection to the backend is there; their difference
    is of `requests` requests.
    """
    short, long = (_count(start, load, table, requests + more, **options) for more in (0, requests))
    per = {name: (long[name] - short[name]) / requests for name in long}
    return {name: each for name, each in sorted(per.items(), key=lambda pair: -pair[1]) if each >= _LEAST}


def _count(start, load, table, requests, **options):
    with start(["strace", "-f", "-c", "-o", table]) as peer:
        load.run("keep-alive", peer, watch=False, requests=requests, warm_up=0, **options)
        # The program itself: ended by a signal, strace would let it go on untraced.
        (traced,) = children(peer.process.pid)
        os.kill(traced, signal.SIGTERM)
        peer.process.wait(20)
    return parsed(table.read_text())


def parsed(table):
    """System call -> calls, from what `strace -c` prints. Raises ValueError when there is none."""
    counts = Counter({name: int(number) for number, name in _ROW.findall(table) if name != "total"})
    if not counts:
        raise ValueError(f"no system call in: {table[:200]}")
    return counts


def grouped(per_request):
    """(receiving, sending, others besides waiting) per request; reading and writing files counts as the same."""
    receiving = sum(per_request.get(name, 0) for name in RECEIVING)
    sending = sum(per_request.get(name, 0) for name in SENDING)
    waiting = sum(per_request.get(name, 0) for name in WAITING)
    return receiving, sending, sum(per_request.values()) - receiving - sending - waiting
