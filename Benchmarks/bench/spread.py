# SPDX-License-Identifier: Apache-2.0
"""Medians with their spread, and ratios that are taken round by round."""

import statistics
from typing import NamedTuple


class Spread(NamedTuple):
    """The median of some rounds, their least and their greatest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values):
        """Raises ValueError where there is no value."""
        values = list(values)
        if not values:
            raise ValueError("no round to take a median of")
        return cls(statistics.median(values), min(values), max(values))


def ratios(values, base):
    """Each round's value by the same round's `base`: neighbours in time share the machine's mood.

    Raises ValueError when the rounds do not match or a base is nothing.
    """
    if len(values) != len(base):
        raise ValueError(f"{len(values)} rounds against {len(base)}")
    if any(each <= 0 for each in base):
        raise ValueError("a round measured nothing")
    return [value / each for value, each in zip(values, base)]


def ratio(values, base):
    """The median and the spread of `ratios`."""
    return Spread.of(ratios(values, base))
