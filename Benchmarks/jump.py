# SPDX-License-Identifier: Apache-2.0
"""Measures the gate beside its peers and prints the report, which is RESULTS-jump.md; `make bench-jump` calls it, as root.

usage: jump.py --programs FOLDER [--quick | --smoke] [--force] [--folder FOLDER] [--report FILE]
"""

import argparse
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from bench import machine
from bench.bystanders import Bystanders
from gates import ADDRESS, peers
from gates.modes import FULL, QUICK, SMOKE, Bench
from gates.report import report

#: Set in the network namespace that this program makes for itself.
_INSIDE = "EIG_BENCH_JUMP_INSIDE"
_PORT = 22000


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--programs", type=Path, required=True, help="the folder of jumpd")
    parser.add_argument("--quick", action="store_true", help="a minute, for a look")
    parser.add_argument("--smoke", action="store_true", help="whether it works at all")
    parser.add_argument("--force", action="store_true", help="run although the machine is busy, and say so")
    parser.add_argument("--folder", type=Path, default=Path(".build/bench-jump"), help="for everything temporary")
    parser.add_argument("--report", type=Path, help="where the report goes, besides standard output")
    return parser.parse_args()


def main():
    options = arguments()
    if os.environ.get(_INSIDE) is None:
        # The gate lets nobody get to a loopback address: everything is at another one, where nobody else is.
        os.execvpe("unshare", ["unshare", "--net", sys.executable, *sys.argv], {**os.environ, _INSIDE: "1"})
    for words in (["link", "set", "lo", "up"], ["addr", "add", f"{ADDRESS}/32", "dev", "lo"]):
        subprocess.run(["ip", *words], check=True)
    # Ended by SIGTERM, it still ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if len(os.sched_getaffinity(0)) < 2:
        sys.exit("bench: two cores are needed, one for the gate and one for the load")
    busy = machine.wait_until_idle(0 if options.force or options.smoke else 60)
    if busy > machine.BUSY_MAX and not (options.force or options.smoke):
        sys.exit(f"bench: something else uses {busy:.0%} of this machine; end it, or set FORCE=1 and trust nothing")
    peers.Gate.program = options.programs.resolve() / "jumpd"
    plan = SMOKE if options.smoke else QUICK if options.quick else FULL
    folder = options.folder.resolve()
    bystanders = Bystanders()
    results = Bench(folder, plan, _PORT, bystanders).run()
    about = {**machine.here(peers.Gate.program, "jumpd", peers.versions()), "busy": busy, "busy_max": machine.BUSY_MAX,
             "foreign": bystanders.fraction, "foreign_max": machine.FOREIGN_MAX}
    (folder / "results.json").write_text(json.dumps({"about": about, "plan": plan._asdict(), "results": results}, indent=1))
    page = report(about, plan, results)
    print(page, end="")
    if options.report:
        options.report.write_text(page)


if __name__ == "__main__":
    main()
