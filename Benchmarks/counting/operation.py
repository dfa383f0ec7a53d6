# SPDX-License-Identifier: Apache-2.0
"""The operations that are counted, and the load that performs them."""

from typing import NamedTuple


class Operation(NamedTuple):
    """One thing a partner does, done `few` times and then `few + counted` times.

    The difference of both is `counted` operations alone: connecting, the first request of each connection and
    closing are in both.
    """

    name: str
    mode: str
    connections: int
    few: int
    counted: int
    summary: str

    @property
    def windows(self):
        return self.few, self.few + self.counted


#: One connection gives exactly one event a turn of the loop: nothing is shared by requests, so this is the dearest
#: shape, and the one where a cost per turn shows. Sixty-four are the shape of `make bench`: a turn serves several,
#: how many depends on the scheduler, and the figure moves by 1 % for it.
OPERATIONS = [
    Operation("keep-alive-1", "keep-alive", 1, 100, 600, "a keep-alive request, one connection"),
    Operation("keep-alive-64", "keep-alive", 64, 256, 1280, "a keep-alive request, 64 connections"),
    Operation("handshake", "handshake", 1, 5, 40, "a connection: full handshake, one request, close"),
    Operation("resume", "resume", 1, 5, 40, "a connection: resumed handshake, one request, close"),
]
