# SPDX-License-Identifier: Apache-2.0
"""How long and how often everything is measured."""

from typing import NamedTuple


class Plan(NamedTuple):
    """Seconds, rounds and counts of one run."""

    #: Rounds of every mode with the four peers in turn, and of those that compare eigd with itself.
    rounds: int
    #: Not counted, at the start of each measurement.
    warm_up: float
    #: The measured window of the closed loops, and of the fixed rate.
    seconds: float
    rate_seconds: float
    #: Connections held idle, rounds of it, and the seconds until memory is read.
    idle_connections: int
    idle_rounds: int
    settle: float
    #: Partners of the run that compares many with one.
    partners: int
    #: Requests between the two counts of system calls, and between those of instructions.
    traced_requests: int
    counted_requests: int


FULL = Plan(rounds=7, warm_up=0.5, seconds=2.0, rate_seconds=3.0, idle_connections=10000, idle_rounds=2, settle=3,
            partners=500, traced_requests=5000, counted_requests=2000)
#: Under three minutes, for a look during development: every mode, but spreads that say little.
QUICK = Plan(rounds=2, warm_up=0.3, seconds=0.7, rate_seconds=1.0, idle_connections=2000, idle_rounds=1, settle=2,
             partners=500, traced_requests=2000, counted_requests=1000)
