# SPDX-License-Identifier: Apache-2.0
"""Packets that would be seen on the wire if anything let them: ours to the partner, and a stranger's in its name."""

import contextlib
import socket
import threading
import time

from support import network
from support.programs import meanwhile

from . import network as places


class Temptation:
    """New connections to the partner's network as our callbacks open them, and clear text from that network to us.

    The second comes from PayFast's other gateway, which has no tunnel here: somebody in the street who sends what
    only a tunnel may bring. Whatever the edge answers is seen on the wire; `intruded` is whoever got through to eigd.
    """

    def __init__(self, net):
        self.network = net
        self.stop = threading.Event()
        self.out, self.tried, self.intruded = 0, 0, 0

    def _outwards(self):
        while not self.stop.is_set():
            with self.network.edge.entered():
                end = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            end.settimeout(0.1)
            with contextlib.suppress(OSError), end:
                end.bind((network.EDGE, 0))
                self.out += 1
                end.connect((places.PAYFAST, 9443))
            time.sleep(0.01)

    def _inwards(self):
        while not self.stop.is_set():
            self.tried += 1
            with contextlib.suppress(OSError):
                getattr(self.network, "payfast-b").connect((network.EDGE, 8443), places.PAYFAST, timeout=0.1).close()
                self.intruded += 1
            time.sleep(0.01)

    def __enter__(self):
        self._threads = meanwhile(self.stop, self._outwards, self._inwards)
        self._threads.__enter__()
        return self

    def __exit__(self, *why):
        return self._threads.__exit__(*why)

    def goes_on(self):
        """Returns when each of them was tried anew."""
        out, tried = self.out, self.tried
        while self.out < out + 3 or self.tried < tried + 3:
            time.sleep(0.005)
