# SPDX-License-Identifier: Apache-2.0

import pytest
from gates.report import processor_per_gigabyte, targets


def moved(gigabytes, seconds):
    return {"bytes": int(gigabytes * 1e9), "seconds": 1.0, "watchedNanoseconds": int(seconds * 1e9), "connections": 1}


def results(ours, connect=1.0, kib=10):
    """Ours moves `ours` gigabytes in a CPU second; HAProxy 1, socat 2, each in two rounds."""
    return {
        "download, 1 connection": {"jumpd": [moved(ours, 1)] * 2, "HAProxy": [moved(1, 1)] * 2, "socat": [moved(1, 0.5)] * 2},
        "connect": {"jumpd": [{"nanoseconds": [connect * 1e6] * 3}] * 2, "HAProxy": [{"nanoseconds": [1e6, 1e6, 9e6]}] * 2},
        "idle": {"jumpd": [{"bytesBefore": 1024, "bytesAfter": 1024 + kib * 1024 * 5, "connections": 5}]},
    }


@pytest.mark.parametrize("ours, connect, kib, met", [
    (1.9, 0.9, 39, [True, True, True]), (1.7, 1.1, 41, [False, False, False]), (1.8, 1.0, 40, [True, True, True])])
def test_each_is_met_or_not(ours, connect, kib, met):
    found = targets(results(ours, connect, kib))
    assert [each[3] for each in found] == met
    assert "socat" in found[0][1]


def test_a_gigabyte_costs_what_the_window_took():
    assert processor_per_gigabyte([moved(4, 2)]) == [0.5]
