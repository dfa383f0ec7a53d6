# SPDX-License-Identifier: Apache-2.0
"""Figures per round out of what edge-load printed, in the units of the tables."""


def cpu_microseconds(rounds):
    """CPU of the edge for one request, or for one connection with one request."""
    return [one["watchedNanoseconds"] / one["requests"] / 1000 for one in rounds]


def throughput(rounds):
    """Requests per second."""
    return [one["requestsPerSecond"] for one in rounds]


def busy(rounds):
    """How much of one core the edge used in the window."""
    return [one["watchedNanoseconds"] / 1e9 / one["seconds"] for one in rounds]


def load_busy(rounds):
    """How much of its core the load generator used in the window."""
    return [one["ownNanoseconds"] / 1e9 / one["seconds"] for one in rounds]


def latency_microseconds(rounds, quantile):
    """`quantile` is p50, p90, p99, p999 or max."""
    return [one["latencyNanoseconds"][quantile] / 1000 for one in rounds]


def kilobytes_per_connection(rounds):
    """Memory of the edge for one idle connection, in thousands of bytes."""
    return [(one["watchedResidentBytes"]["after"] - one["watchedResidentBytes"]["before"]) / one["connections"] / 1000
            for one in rounds]
