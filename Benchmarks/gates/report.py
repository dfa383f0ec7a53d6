# SPDX-License-Identifier: Apache-2.0
"""The page: targets met or not, ratios, and the figures they are made of."""

from bench.spread import Spread, ratio

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
    lines = ["# Benchmark results of the gate", "",
             f"`make bench-jump`, {about['date']}. How each figure is made is in [README.md](README.md).", "",
             f"- Machine: {about['machine']}; {about['system']}",
             "- Versions: " + ", ".join(f"{name} {version}" for name, version in about["versions"].items()),
             f"- Rounds: {plan.rounds} of {plan.seconds:g} s each, in turn; figures are medians [least–greatest]",
             f"- The rest of the machine: load average {about['load']:.2f} at the start, {about['busy']:.0%} busy before, "
             f"{about['foreign']:.0%} while measuring", ""]
    if about["busy"] > about["busy_max"] or about["foreign"] > about["foreign_max"]:
        lines += ["**The machine was busy: these figures say little.**", ""]
    lines += ["## Targets", "", "| what | target | measured |  |", "|---|---:|---:|---:|"]
    lines += [f"| {what} | {target} | {_spread(spread)} | {'met' if is_met else '**not met**'} |"
              for what, target, spread, is_met in targets(results)]
    moving = [mode for mode in results if mode not in ("connect", "idle")]
    titles = list(results["connect"])
    for title, unit, figures, modes in [
            ("Throughput", "Gbit/s", throughput, moving),
            ("CPU for a gigabyte", "s", processor_per_gigabyte, moving),
            ("Connecting, to the target's first byte", "ms", connect, ["connect"]),
            ("CPU for a connection", "ms", connect_processor, ["connect"]),
            ("Memory for an idle connection", "KiB", idle, ["idle"])]:
        lines += ["", f"## {title}, {unit}", "", f"| mode | {' | '.join(titles)} |", f"|---|{'---:|' * len(titles)}"]
        for mode in modes:
            cells = [_spread(Spread.of(figures(results[mode][peer]))) for peer in titles]
            lines.append(f"| {mode} | {' | '.join(cells)} |")
        if modes != ["idle"]:
            for mode in modes:
                base = figures(results[mode][BASE])
                cells = [_spread(ratio(figures(results[mode][peer]), base)) for peer in titles]
                lines.append(f"| {mode}, by {BASE} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _spread(spread):
    return f"{spread.median:.2f} [{spread.low:.2f}–{spread.high:.2f}]"
