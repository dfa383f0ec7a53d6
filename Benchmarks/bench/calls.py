# SPDX-License-Identifier: Apache-2.0
"""System calls per request: two runs of different length under strace, and what the longer one made more."""

import os
import re
import signal
from collections import Counter

from .process import children

#: The start of a call in `strace -f -y`: the thread, the name, and what the first descriptor is, if it is one.
_CALL = re.compile(r"^\d+ +([a-z]\w*)\((?:-?\d+<([^>]*))?")
#: Fewer a request than this is not the request's doing.
_LEAST = 0.005

WAITING = ("epoll_wait", "epoll_pwait", "epoll_pwait2")
RECEIVING = ("read", "readv", "recv", "recvfrom", "recvmsg", "recvmmsg")
SENDING = ("write", "writev", "send", "sendto", "sendmsg", "sendmmsg")


def per_request(start, load, trace, requests, **options):
    """System call -> how many a keep-alive request makes.

    `start(under)` makes a peer whose program runs under that command; `trace` is a file to use. Two runs: both have
    starting, handshakes, stopping, and the requests until every connection to the backend is there; their difference
    is of `requests` requests.
    """
    short, long = (_count(start, load, trace, requests + more, **options) for more in (0, requests))
    per = {name: (long[name] - short[name]) / requests for name in long}
    return {name: each for name, each in sorted(per.items(), key=lambda pair: -pair[1]) if each >= _LEAST}


def _count(start, load, trace, requests, **options):
    with start(["strace", "-f", "-y", "-s", "0", "-e", "signal=none", "-o", trace]) as peer:
        load.run("keep-alive", peer, watch=False, requests=requests, warm_up=0, **options)
        # The program itself: ended by a signal, strace would let it go on untraced.
        (traced,) = children(peer.process.pid)
        os.kill(traced, signal.SIGTERM)
        peer.process.wait(20)
    with open(trace, errors="replace") as lines:
        return counted(lines)


def counted(lines):
    """System call -> how often, from what `strace -f -y` wrote.

    Reading and writing something else than a socket has a name of its own. Raises ValueError when there is no call.
    """
    counts = Counter()
    for line in lines:
        call = _CALL.match(line)
        if call:
            counts[_named(*call.groups())] += 1
    if not counts:
        raise ValueError("strace wrote no system call")
    return counts


def _named(name, target):
    if name not in RECEIVING and name not in SENDING or target is None or target.startswith("socket:"):
        return name
    return f"{name} ({'file' if target.startswith('/') else 'no socket'})"


def grouped(per_request):
    """(received from sockets, sent to sockets, others besides waiting) a request."""
    receiving = sum(per_request.get(name, 0) for name in RECEIVING)
    sending = sum(per_request.get(name, 0) for name in SENDING)
    waiting = sum(per_request.get(name, 0) for name in WAITING)
    return receiving, sending, sum(per_request.values()) - receiving - sending - waiting
