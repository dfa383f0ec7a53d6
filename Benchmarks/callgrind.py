#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Counts what eigd costs per operation in steady state: instructions, heap allocations, calls on sockets.

usage: callgrind.py check --programs DIR      compares with budget.toml; exit 1 when a figure is off by more than 10 %
       callgrind.py write --programs DIR      measures, and writes budget.toml anew
       callgrind.py show --programs DIR       prints the figures, who allocates, and where the instructions go
              [--json] [--breakdown] [--floor] [--only OPERATION]...
--breakdown adds the processor time in user mode and in the kernel; --floor takes edge-floor in place of eigd.
"""

import argparse
import json
import platform
import signal
import subprocess
import sys
from pathlib import Path

from counting import breakdown, processor
from counting.budget import Budget
from counting.counted import Counted
from counting.operation import OPERATIONS

BUDGET = Path(__file__).with_name("budget.toml")


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ", 1)[1].replace("%", "%%"))
    parser.add_argument("verb", choices=["check", "write", "show"])
    parser.add_argument("--programs", required=True, help="where the release build is")
    parser.add_argument("--only", action="append", choices=[each.name for each in OPERATIONS])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--breakdown", action="store_true")
    parser.add_argument("--floor", action="store_const", dest="gateway", const="edge-floor", default="eigd")
    options = parser.parse_args()
    operations = [each for each in OPERATIONS if not options.only or each.name in options.only]
    budget = Budget(BUDGET)
    if not options.only:
        operations = [each for each in operations if each.name in budget.figures]
    # Whoever ends us ends what we started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with Counted(options.programs, options.gateway) as counted:
            measurements = [counted.measure(operation) for operation in operations]
    except (OSError, RuntimeError, ValueError, subprocess.SubprocessError) as error:
        sys.exit(f"callgrind: {error}")
    if options.verb == "show":
        return show(measurements, options)
    for each in measurements:
        print(f"{each.operation.name}: " + ", ".join(f"{value:,} {figure}" for figure, value in each.figures.items()))
    if options.verb == "write":
        budget.write(measurements)
        return 0
    only = None if comparable() else {"allocations", "socket-calls"}
    complaints = [text for each in measurements for text in budget.complaints(each, only)]
    if only:
        print("the instructions are not compared: the figures are those of an x86-64 processor with AVX2")
    for text in complaints:
        print(text, file=sys.stderr)
    return 1 if complaints else 0


def comparable():
    """Whether callgrind counts the same here as where the figures were taken.

    OpenSSL and libc choose code by CPUID. valgrind shows a program one and the same processor wherever there is AVX2,
    so newer processors make no difference; an older or another kind does.
    """
    flags = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").split()
    return platform.machine() == "x86_64" and "avx2" in flags


def show(measurements, options):
    if options.json:
        print(json.dumps({each.operation.name: each.figures for each in measurements}))
        return 0
    for each in measurements:
        lines = breakdown.table(each)
        if each.allocations >= 0.005:
            lines += ["", "| allocations of ours | callers, nearest first |", "|---:|---|"]
            lines += [f"| {count:.2f} | " + " < ".join(chain) + " |" for count, chain in each.allocating()]
        if options.breakdown:
            user, kernel = processor.times(options.programs, each.operation, options.gateway)
            lines += ["", f"CPU without callgrind: {user:.1f} µs in user mode, {kernel:.1f} µs in the kernel "
                          f"({kernel / (user + kernel):.0%})."]
        print("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
