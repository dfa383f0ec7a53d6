# SPDX-License-Identifier: Apache-2.0
"""Runs every mode of the benchmark and prints the report, which is RESULTS.md; `make bench` calls it.

usage: run.py --programs FOLDER --envoy PROGRAM [--quick] [--force] [--folder FOLDER] [--report FILE] [--port N]
"""

import argparse
import json
import os
import resource
import signal
import sys
from pathlib import Path

from bench import callgrind, machine
from bench.modes import Bench, say
from bench.peer import Eigd, Envoy
from bench.plan import FULL, QUICK
from bench.report import report

#: A core for the edge, another for the load and the backend.
CORES_MIN = 2
#: Open files: the idle connections and a margin; and what is taken where it is allowed.
DESCRIPTORS_MIN, DESCRIPTORS = 15000, 65536


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--programs", type=Path, required=True, help="the folder of eigd, edge-load and edge-backend")
    parser.add_argument("--envoy", type=Path, required=True, help="Envoy's program")
    parser.add_argument("--quick", action="store_true", help="under three minutes, for a look")
    parser.add_argument("--force", action="store_true", help="run although the machine is busy, and say so")
    parser.add_argument("--folder", type=Path, default=Path(".build/bench"), help="for everything temporary")
    parser.add_argument("--report", type=Path, help="where the report goes, besides standard output")
    parser.add_argument("--port", type=int, default=21000, help="the first of some 60 ports on 127.0.0.1")
    return parser.parse_args()


def main():
    options = arguments()
    # Ended by SIGTERM, it still ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    programs, envoy = options.programs.resolve(), options.envoy.resolve()
    plan = QUICK if options.quick else FULL
    _raise_descriptors()
    if len(os.sched_getaffinity(0)) < CORES_MIN:
        sys.exit(f"bench: {CORES_MIN} cores are needed, one for the edge and one for the load")
    busy = machine.wait_until_idle(0 if options.force else 60)
    if busy > machine.BUSY_MAX and not options.force:
        sys.exit(f"bench: something else uses {busy:.0%} of this machine; end it, or set FORCE=1 and trust nothing")
    Eigd.program, Envoy.program = programs / "eigd", envoy
    about = machine.about(Eigd.program, Envoy.program)

    folder = options.folder.resolve()
    bench = Bench(folder, programs, plan, options.port)
    results = bench.run()
    say("instructions and allocations: eigd")
    results["callgrind"] = callgrind.counted(programs)
    about |= {"busy": busy, "busy_max": machine.BUSY_MAX, "foreign": bench.bystanders.fraction,
              "foreign_max": machine.FOREIGN_MAX}
    described = {**plan._asdict(), "is_quick": options.quick}
    (folder / "results.json").write_text(json.dumps({"about": about, "plan": described, "results": results}, indent=1))
    page = report(about, described, results)
    print(page, end="")
    if options.report:
        options.report.write_text(page)
        say(f"written to {options.report}")


def _raise_descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < DESCRIPTORS_MIN:
        sys.exit(f"bench: {DESCRIPTORS_MIN} open files are needed and {hard} are allowed (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, DESCRIPTORS)), hard))


if __name__ == "__main__":
    main()
