# SPDX-License-Identifier: Apache-2.0
"""The tests of what measures: the parts that only compute.

The samples are callgrind's dumps of a small program that allocates by itself, through the Swift runtime's names,
through OpenSSL and through libc: two turns, then five.
"""

import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parents[1] / "Benchmarks"))

from counting.measurement import Measurement  # noqa: E402
from counting.operation import Operation  # noqa: E402
from counting.profile import Profile  # noqa: E402


@pytest.fixture
def two():
    return Profile.read(FOLDER / "Samples" / "two-turns.callgrind")


@pytest.fixture
def five():
    return Profile.read(FOLDER / "Samples" / "five-turns.callgrind")


@pytest.fixture
def measurement(two, five):
    """Three turns, without what a window costs whatever is in it."""
    return Measurement(Operation("turn", "keep-alive", 1, 2, 3, "a turn"), five - two)
