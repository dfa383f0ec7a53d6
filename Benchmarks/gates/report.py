# SPDX-License-Identifier: Apache-2.0
"""The page: targets met or not, ratios, and the figures they are made of."""

from bench.report import head, table
from bench.spread import Spread, ratio
from bench.targets import spread_text

OURS, BASE = "jumpd", "HAProxy"


def per_processor_second(rounds):
    """Gigabytes moved for each second of the gate's processor time."""
    return [one["bytes"] / max(one["watchedNanoseconds"], 1) for one in rounds]


def processor_per_gigabyte(rounds):
    """Seconds."""
    return [max(one["watchedNanoseconds"], 1) / one["bytes"] for one in rounds]


def throughput(rounds):
    """Gigabits a second."""
    return [one["bytes"] * 8 / one["seconds"] / 1e9 for one in rounds]


def connect(rounds):
    """Milliseconds, the median of each round."""
    return [sorted(one["nanoseconds"])[len(one["nanoseconds"]) // 2] / 1e6 for one in rounds]


def connect_processor(rounds):
    """Milliseconds of the gate's processor time."""
    return [max(one["watchedNanoseconds"], 1) / one["connections"] / 1e6 for one in rounds]


def idle(rounds):
    """KiB for each connection."""
    return [(one["bytesAfter"] - one["bytesBefore"]) / one["connections"] / 1024 for one in rounds]


def targets(results):
    """(what, target, Spread, whether it is met)"""
    found = []
    for mode, peers in ((mode, peers) for mode, peers in results.items() if mode not in ("connect", "idle")):
        figures = {title: per_processor_second(rounds) for title, rounds in peers.items()}
        best = max((title for title in figures if title != OURS), key=lambda title: Spread.of(figures[title]).median)
        measured = ratio(figures[OURS], figures[best])
        found.append((f"{mode}: throughput per CPU second", f"≥ 0.90 × the best peer ({best})", measured,
                      measured.median >= 0.90))
    took = ratio(connect(results["connect"][OURS]), connect(results["connect"][BASE]))
    found.append(("connect, to the target's first byte", f"≤ 1.00 × {BASE}", took, took.median <= 1.00))
    each = Spread.of(idle(results["idle"][OURS]))
    found.append(("memory per idle connection", "≤ 40 KiB", each, each.median <= 40))
    return found


def report(about, plan, results):
    met = [[what, target, spread_text(spread), "met" if is_met else "**not met**"]
           for what, target, spread, is_met in targets(results)]
    moving = [mode for mode in results if mode not in ("connect", "idle")]
    parts = [head("Benchmark results of the gate", "make bench-jump", about, plan.rounds, plan.seconds),
             "## Targets\n\n" + table(["what", "target", "measured", ""], met)]
    for title, unit, figures, modes in [
            ("Throughput", "Gbit/s", throughput, moving),
            ("CPU for a gigabyte", "s", processor_per_gigabyte, moving),
            ("Connecting, to the target's first byte", "ms", connect, ["connect"]),
            ("CPU for a connection", "ms", connect_processor, ["connect"]),
            ("Memory for an idle connection", "KiB", idle, ["idle"])]:
        parts.append(f"## {title}, {unit}\n\n" + _by_mode(results, figures, modes))
    return "\n\n".join(parts) + "\n"


def _by_mode(results, figures, modes):
    """A row for each mode, and one of ratios where there is more than one round of it."""
    titles = list(results["connect"])
    rows = [[mode, *(spread_text(Spread.of(figures(results[mode][peer]))) for peer in titles)] for mode in modes]
    for mode in modes if modes != ["idle"] else []:
        base = figures(results[mode][BASE])
        rows.append([f"{mode}, by {BASE}", *(spread_text(ratio(figures(results[mode][peer]), base)) for peer in titles)])
    return table(["mode", *titles], rows)
