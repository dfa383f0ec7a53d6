# SPDX-License-Identifier: Apache-2.0
"""The targets, each with what was measured against it."""

from typing import NamedTuple

from . import calls, figures
from .spread import Spread, ratio

RIVALS = {"haproxy": "HAProxy", "nginx": "nginx", "envoy": "Envoy"}
#: User instructions of tuned HAProxy 2.6 for a keep-alive request with no log; with its log it takes more.
HAPROXY_INSTRUCTIONS = 57000


class Verdict(NamedTuple):
    """One target: what it is about, the bound in words, what was measured in words, and whether that is met."""

    mode: str
    target: str
    measured: str
    is_met: bool

    @property
    def word(self):
        return "met" if self.is_met else "**not met**"


def verdicts(results):
    """All targets in the order of the table; the median of the rounds decides."""
    return [
        *_against(results, "keep-alive: CPU per request", "keep-alive",
                  {"haproxy": 0.70, "nginx": 0.65, "envoy": 0.25}),
        _instructions(results),
        _system_calls(results),
        _throughput(results),
        *_against(results, "16 KiB bodies: CPU per request", "bodies", {"haproxy": 0.65}),
        *_against(results, "full handshake: CPU per connection", "handshake", {"haproxy": 0.65, "envoy": 1.0}),
        *_against(results, "resumed handshake: CPU per connection", "resume", {"haproxy": 0.55, "envoy": 0.9}),
        _latency(results, "p50", "p50 at the fixed rate", 0.85),
        _latency(results, "p99", "p99 at the fixed rate", 1.0),
        *_memory(results),
        _partners(results),
        _workers(results),
        _allocations(results),
    ]


def spread_text(spread, digits=2):
    return f"{spread.median:.{digits}f} [{spread.low:.{digits}f}–{spread.high:.{digits}f}]"


def _against(results, title, mode, bounds):
    own = figures.cpu_microseconds(results[mode]["eigd"])
    for rival, bound in bounds.items():
        measured = ratio(own, figures.cpu_microseconds(results[mode][rival]))
        yield Verdict(title, f"≤ {bound:.2f} × {RIVALS[rival]}", spread_text(measured), measured.median <= bound)


def _instructions(results):
    """Against HAProxy as counted in this run, or without its log where that is less."""
    haproxy = min(results["instructions"]["haproxy"], HAPROXY_INSTRUCTIONS)
    own = results["callgrind"]["keep-alive-64"]["instructions"]
    return Verdict("keep-alive: user instructions per request", f"≤ 0.35 × HAProxy ({haproxy:,.0f})",
                   f"{own / haproxy:.2f} ({own:,.0f})", own <= 0.35 * haproxy)


def _system_calls(results):
    receiving, sending, others = calls.grouped(results["calls"]["eigd"])
    # The log is written by a thread of its own, which is woken once a turn of the loop: a part of a call a request.
    is_met = receiving < 2.02 and sending < 2.02 and others < 0.2
    return Verdict("keep-alive: system calls per request besides epoll_wait", "2 receive + 2 send",
                   f"{receiving:.2f} + {sending:.2f}, others {others:.2f}", is_met)


def _throughput(results):
    mode = results["keep-alive"]
    measured = ratio(figures.throughput(mode["eigd"]), figures.throughput(mode["haproxy"]))
    core = Spread.of(figures.busy(mode["eigd"])).median
    note = "" if core > 0.97 else f"; the load had eigd's core busy for {core:.0%} only"
    return Verdict("keep-alive: throughput on one core", "≥ 1.40 × HAProxy", spread_text(measured) + note,
                   measured.median >= 1.4)


def _latency(results, quantile, title, bound):
    mode = results["rate"]
    micros = {name: figures.latency_microseconds(rounds, quantile) for name, rounds in mode.items()}
    best = min(RIVALS, key=lambda name: Spread.of(micros[name]).median)
    measured = ratio(micros["eigd"], micros[best])
    return Verdict(title, f"≤ {bound:.2f} × the best peer ({RIVALS[best]})", spread_text(measured),
                   measured.median <= bound)


def _memory(results):
    kilobytes = {name: figures.kilobytes_per_connection(rounds) for name, rounds in results["idle"].items()}
    best = min(RIVALS, key=lambda name: Spread.of(kilobytes[name]).median)
    own = Spread.of(kilobytes["eigd"])
    yield Verdict("memory per idle connection", "≤ 20 kB", f"{spread_text(own, 1)} kB", own.median <= 20)
    measured = ratio(kilobytes["eigd"], kilobytes[best])
    yield Verdict("memory per idle connection", f"≤ 0.90 × the best peer ({RIVALS[best]})", spread_text(measured),
                  measured.median <= 0.9)


def _partners(results):
    mode = results["partners"]
    measured = ratio(figures.cpu_microseconds(mode["many"]), figures.cpu_microseconds(mode["one"]))
    return Verdict("CPU per request with many partners against one", "≤ 1.05 ×", spread_text(measured),
                   measured.median <= 1.05)


def _workers(results):
    mode = results["workers"]
    one, two = (figures.cpu_microseconds(mode[name]) for name in ("worker", "workers"))
    # Capacity is workers by CPU per request: two cores cannot run two workers and the load beside them.
    measured = Spread.of(2 * alone / each for alone, each in zip(one, two, strict=True))
    return Verdict("two workers against one: capacity", "≥ 1.80 ×", spread_text(measured), measured.median >= 1.8)


def _allocations(results):
    own = max(each["allocations"] for name, each in results["callgrind"].items() if name.startswith("keep-alive"))
    return Verdict("heap allocations of ours per keep-alive request", "0", f"{own:.2f}", own < 0.005)
