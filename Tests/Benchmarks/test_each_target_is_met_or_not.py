# SPDX-License-Identifier: Apache-2.0

import json

import pytest

from bench.report import report, table
from bench.targets import verdicts


def rounds(micros, rate=10000, p50=100, p99=200, kilobytes=20, count=3):
    """Rounds that all measured the same: one second, one core as busy as the CPU of a request makes it."""
    return [{
        "requests": rate, "answers": rate + 10, "connections": 1000, "seconds": 1.0, "requestsPerSecond": rate,
        "watchedNanoseconds": micros * 1000 * rate, "ownNanoseconds": 5e8,
        "latencyNanoseconds": {"p50": p50 * 1000, "p90": 0, "p99": p99 * 1000, "p999": p99 * 2000, "max": 0},
        "watchedResidentBytes": {"before": 10_000_000, "after": 10_000_000 + kilobytes * 1000 * 1000},
    } for _ in range(count)]


def results():
    """A run that meets every target exactly."""
    calls = {"read": 2.0, "sendto": 2.0, "epoll_wait": 0.5}
    return {
        "keep-alive": {"haproxy": rounds(100, rate=5000), "nginx": rounds(110), "envoy": rounds(280),
                       "eigd": rounds(70, rate=7000)},
        "bodies": {"haproxy": rounds(100), "nginx": rounds(100), "envoy": rounds(100), "eigd": rounds(65)},
        "handshake": {"haproxy": rounds(1000), "nginx": rounds(1000), "envoy": rounds(650), "eigd": rounds(650)},
        "resume": {"haproxy": rounds(1000), "nginx": rounds(1000), "envoy": rounds(620), "eigd": rounds(550)},
        "rate": {"haproxy": rounds(100, p50=120, p99=220), "nginx": rounds(100), "envoy": rounds(100, p50=300),
                 "eigd": rounds(70, p50=85)},
        "fixed rate": 2500,
        "idle": {"haproxy": rounds(1, kilobytes=23), "nginx": rounds(1, kilobytes=24),
                 "envoy": rounds(1, kilobytes=30), "eigd": rounds(1, kilobytes=20)},
        "partners": {"one": rounds(100), "many": rounds(105)},
        "workers": {"worker": rounds(90), "workers": rounds(100)},
        "calls": dict.fromkeys(["haproxy", "nginx", "envoy", "eigd"], calls),
        "instructions": {"haproxy": 60000, "nginx": 50000},
        "callgrind": {"keep-alive-1": {"instructions": 21000, "allocations": 0},
                      "keep-alive-64": {"instructions": 19950, "allocations": 0},
                      "handshake": {"instructions": 4000000, "allocations": 3}},
        "log": dict.fromkeys(["haproxy", "nginx", "envoy", "eigd"], {"lines": 100, "answers": 100}),
    }


#: How to miss a target by a little, and the words its row must have.
MISSES = [
    (lambda r: r["keep-alive"].update(haproxy=rounds(99, rate=5000)), ["keep-alive: CPU", "0.70 × HAProxy"]),
    (lambda r: r["keep-alive"].update(nginx=rounds(107)), ["keep-alive: CPU", "0.65 × nginx"]),
    (lambda r: r["keep-alive"].update(envoy=rounds(279)), ["keep-alive: CPU", "0.25 × Envoy"]),
    (lambda r: r["callgrind"]["keep-alive-64"].update(instructions=19951), ["instructions", "57,000"]),
    (lambda r: r["instructions"].update(haproxy=56000), ["instructions", "56,000"]),
    (lambda r: r["calls"].update(eigd={"read": 2.1, "sendto": 2.0}), ["system calls", "2.10 + 2.00"]),
    (lambda r: r["calls"].update(eigd={"read": 2.0, "sendto": 2.0, "write (file)": 0.2}), ["system", "others 0.20"]),
    (lambda r: r["keep-alive"].update(eigd=rounds(70, rate=6999)), ["throughput", "1.40 × HAProxy"]),
    (lambda r: r["bodies"].update(eigd=rounds(66)), ["16 KiB", "0.65 × HAProxy"]),
    (lambda r: r["handshake"].update(haproxy=rounds(999)), ["full handshake", "0.65 × HAProxy"]),
    (lambda r: r["handshake"].update(envoy=rounds(649)), ["full handshake", "1.00 × Envoy"]),
    (lambda r: r["resume"].update(haproxy=rounds(999)), ["resumed", "0.55 × HAProxy"]),
    (lambda r: r["resume"].update(envoy=rounds(610)), ["resumed", "0.90 × Envoy"]),
    (lambda r: r["rate"].update(nginx=rounds(100, p50=99)), ["p50", "0.85 × the best peer (nginx)"]),
    (lambda r: r["rate"].update(nginx=rounds(100, p99=199)), ["p99", "1.00 × the best peer (nginx)"]),
    (lambda r: r["idle"].update(eigd=rounds(1, kilobytes=20.1)), ["memory", "20 kB"]),
    (lambda r: r["idle"].update(haproxy=rounds(1, kilobytes=22)), ["memory", "0.90 × the best peer (HAProxy)"]),
    (lambda r: r["partners"].update(many=rounds(106)), ["many partners", "1.05"]),
    (lambda r: r["workers"].update(workers=rounds(101)), ["two workers", "1.80"]),
    (lambda r: r["callgrind"]["keep-alive-1"].update(allocations=0.01), ["allocations", "0.01"]),
]


def test_a_run_at_every_bound_meets_every_target():
    assert [each.target for each in verdicts(results()) if not each.is_met] == []


@pytest.mark.parametrize(("miss", "words"), MISSES, ids=[" ".join(words) for _, words in MISSES])
def test_a_little_more_misses_that_target_alone(miss, words):
    run = results()
    miss(run)
    (missed,) = [each for each in verdicts(run) if not each.is_met]
    text = f"{missed.mode} {missed.target} {missed.measured}"
    assert all(word in text for word in words), text
    assert missed.word == "**not met**"


def test_every_target_has_a_way_to_miss_it():
    targets = {f"{each.mode} {each.target}" for each in verdicts(results())}
    missed = set()
    for miss, _ in MISSES:
        run = results()
        miss(run)
        missed |= {each.mode for each in verdicts(run) if not each.is_met}
    assert missed == {each.mode for each in verdicts(results())}, targets


ABOUT = {"date": "2026-01-02 03:04 UTC", "machine": "a machine, 2 cores, 8 GB", "system": "a system",
         "versions": {"eigd": "1", "HAProxy": "2"}, "load": 0.5,
         "busy": 0.01, "busy_max": 0.05, "foreign": 0.02, "foreign_max": 0.1}
PLAN = {"rounds": 7, "seconds": 2.0, "idle_connections": 10000, "partners": 500, "is_quick": False}


def test_the_report_has_every_mode_and_says_what_it_was_made_with():
    page = report(ABOUT, PLAN, json.loads(json.dumps(results())))
    for words in ["2026-01-02", "HAProxy 2", "7 of 2 s", "10,000 idle", "500 partners", "at 2,500 requests",
                  "| 16 KiB bodies both ways: CPU | 1.00 [1.00–1.00] | 1.00 [1.00–1.00] | 1.00 [1.00–1.00] | "
                  "0.65 [0.65–0.65] |"]:
        assert words in page, words
    assert "trust none" not in page and "not met" not in page


@pytest.mark.parametrize("busy", [{"busy": 0.3}, {"foreign": 0.3}])
def test_a_busy_machine_is_told(busy):
    assert "trust none" in report({**ABOUT, **busy}, PLAN, results())


def test_a_table_has_a_column_for_each_head():
    assert table(["a", "b"], [["x", "1"]]) == "| a | b |\n|---|---:|\n| x | 1 |"
