# SPDX-License-Identifier: Apache-2.0
"""The report: Markdown tables out of a run's results. Pure, so that a run can be told again."""

from . import calls, figures
from .spread import Spread, ratio
from .targets import spread_text, verdicts

TITLES = {"haproxy": "HAProxy", "nginx": "nginx", "envoy": "Envoy", "eigd": "eigd"}
MODES = {
    "keep-alive": "keep-alive, 64 connections, small JSON",
    "bodies": "16 KiB bodies both ways",
    "handshake": "full handshake and one request",
    "resume": "resumed handshake and one request",
    "rate": "fixed rate",
}
QUANTILES = {"p50": "p50", "p99": "p99", "p999": "p99.9"}
#: What callgrind counted, by the names Benchmarks/callgrind.py has for it.
COUNTED = {
    "keep-alive-1": "keep-alive request, one connection",
    "keep-alive-64": "keep-alive request, 64 connections",
    "handshake": "full handshake, one request, close",
    "resume": "resumed handshake, one request, close",
}


def report(about, plan, results):
    """The whole page. What a round is, and what the ratios are of, is said in Benchmarks/README.md."""
    parts = [
        head("Benchmark results", "make bench QUICK=1" if plan["is_quick"] else "make bench", about, plan["rounds"],
             plan["seconds"]),
        "## Targets\n\n" + _targets(results),
        "## Ratios to HAProxy\n\n" + _ratios(results),
        "## CPU per request, microseconds\n\n" + _by_mode(results, figures.cpu_microseconds, 1),
        "## Requests per second\n\n" + _throughput(results),
        f"## Latency at {results['fixed rate']:,} requests a second, microseconds\n\n" + _latency(results),
        f"## Memory with {plan['idle_connections']:,} idle connections, kB each\n\n" + _memory(results),
        "## System calls per keep-alive request\n\n" + _calls(results),
        "## eigd alone\n\n" + _alone(plan, results),
        "## Lines in the access log for each answer\n\n" + _log(results),
    ]
    return "\n\n".join(parts) + "\n"


def table(head, rows):
    """A Markdown table; the first column is text, the others are figures."""
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def head(title, command, about, rounds, seconds):
    """What stands above the tables of a page."""
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    lines = [
        f"# {title}",
        "",
        f"`{command}`, {about['date']}. How each figure is made is in [README.md](README.md).",
        "",
        f"- Machine: {about['machine']}; {about['system']}",
        f"- Versions: {versions}",
        f"- Rounds: {rounds} of {seconds:g} s each, in turn; figures are medians [least–greatest]",
        f"- The rest of the machine: load average {about['load']:.2f} at the start, {about['busy']:.0%} busy before, "
        f"{about['foreign']:.0%} while measuring",
    ]
    if about["busy"] > about["busy_max"] or about["foreign"] > about["foreign_max"]:
        lines += ["", "**The machine was busy with something else: trust none of this.**"]
    return "\n".join(lines)


def _targets(results):
    return table(["mode", "target", "measured", ""],
                 [[each.mode, each.target, each.measured, each.word] for each in verdicts(results)])


def _ratios(results):
    """Below 1 is less than HAProxy, in every row but those of throughput."""
    rows = [_ratio_row(f"{title}: CPU", results[mode], figures.cpu_microseconds) for mode, title in MODES.items()]
    rows += [_ratio_row(f"{MODES[mode]}: requests a second", results[mode], figures.throughput)
             for mode in ("keep-alive", "bodies", "handshake", "resume")]
    for quantile, title in QUANTILES.items():
        rows.append(_ratio_row(f"fixed rate: {title}", results["rate"],
                               lambda rounds, quantile=quantile: figures.latency_microseconds(rounds, quantile)))
    rows.append(_ratio_row("memory of an idle connection", results["idle"], figures.kilobytes_per_connection))
    return table(["mode", *TITLES.values()], rows)


def _ratio_row(title, peers, figure):
    each = {name: figure(peers[name]) for name in TITLES}
    return [title, *(spread_text(ratio(each[name], each["haproxy"])) for name in TITLES)]


def _by_mode(results, figure, digits):
    return table(["mode", *TITLES.values()], [
        [title, *(spread_text(Spread.of(figure(results[mode][name])), digits) for name in TITLES)]
        for mode, title in MODES.items()
    ])


def _throughput(results):
    rows = []
    for mode in ("keep-alive", "bodies", "handshake", "resume"):
        rounds = results[mode]
        rows.append([MODES[mode], *(spread_text(Spread.of(figures.throughput(rounds[name])), 0) for name in TITLES)])
        rows.append(["… its core busy", *(f"{Spread.of(figures.busy(rounds[name])).median:.0%}" for name in TITLES)])
        rows.append(["… the load's core busy with edge-load alone",
                     *(f"{Spread.of(figures.load_busy(rounds[name])).median:.0%}" for name in TITLES)])
    return table(["mode", *TITLES.values()], rows)


def _latency(results):
    rounds = results["rate"]
    rows = [
        [title, *(spread_text(Spread.of(figures.latency_microseconds(rounds[name], quantile)), 0) for name in TITLES)]
        for quantile, title in QUANTILES.items()
    ]
    rows.append(["answered, a second",
                 *(f"{Spread.of(figures.throughput(rounds[name])).median:,.0f}" for name in TITLES)])
    return table(["quantile", *TITLES.values()], rows)


def _memory(results):
    rounds = results["idle"]
    return table(["", *TITLES.values()], [
        ["kB a connection",
         *(spread_text(Spread.of(figures.kilobytes_per_connection(rounds[name])), 1) for name in TITLES)],
        ["the whole process, MB",
         *(f"{Spread.of(one['watchedResidentBytes']['after'] / 1e6 for one in rounds[name]).median:.0f}"
           for name in TITLES)],
    ])


def _calls(results):
    counted = results["calls"]
    groups = {name: calls.grouped(counted[name]) for name in TITLES}
    titles = ["receive from a socket", "send to a socket", "others, the log's with them"]
    rows = [[title, *(f"{groups[name][index]:.2f}" for name in TITLES)] for index, title in enumerate(titles)]
    rows.append(["waiting (epoll_wait)",
                 *(f"{sum(counted[name].get(call, 0) for call in calls.WAITING):.2f}" for name in TITLES)])
    lines = [table(["", *TITLES.values()], rows), ""]
    for name, title in TITLES.items():
        lines.append(f"- {title}: " + ", ".join(f"{call} {each:.2f}" for call, each in counted[name].items()))
    return "\n".join(lines)


def _alone(plan, results):
    partners, workers = results["partners"], results["workers"]
    rows = [
        [f"1 partner, {plan['partners']} connections", _cpu(partners["one"])],
        [f"{plan['partners']} partners, {plan['partners']} connections", _cpu(partners["many"])],
        ["1 worker, sharing its core with the load", _cpu(workers["worker"])],
        ["2 workers, sharing both cores with the load", _cpu(workers["workers"])],
    ]
    for name, each in results["callgrind"].items():
        title = COUNTED.get(name, name)
        rows.append([f"{title}: user instructions", f"{each['instructions']:,.0f}"])
        rows.append([f"{title}: heap allocations of ours", f"{each['allocations']:.2f}"])
    for name, each in results["instructions"].items():
        rows.append([f"for comparison, {TITLES[name]}, keep-alive request: user instructions", f"{each:,.0f}"])
    return table(["", "CPU per request in microseconds, or a count"], rows)


def _cpu(rounds):
    return spread_text(Spread.of(figures.cpu_microseconds(rounds)), 1)


def _log(results):
    return table(["", *TITLES.values()], [
        ["lines for an answer",
         *(f"{results['log'][name]['lines'] / results['log'][name]['answers']:.4f}" for name in TITLES)],
    ])
