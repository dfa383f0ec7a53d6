# SPDX-License-Identifier: Apache-2.0
"""Runs every mode of the benchmark and prints the report, which is RESULTS.md; `make bench` calls it.

usage: run.py --programs FOLDER --envoy PROGRAM [--quick] [--force] [--folder FOLDER] [--report FILE] [--port N]
"""

import resource
import sys
from pathlib import Path

from bench import callgrind, command, machine
from bench.modes import Bench, say
from bench.peer import Eigd, Envoy
from bench.plan import FULL, QUICK
from bench.report import report

#: Open files: the idle connections and a margin; and what is taken where it is allowed.
DESCRIPTORS_MIN, DESCRIPTORS = 15000, 65536


def arguments():
    parser = command.parser(__doc__, "eigd, edge-load and edge-backend", ".build/bench")
    parser.add_argument("--envoy", type=Path, required=True, help="Envoy's program")
    parser.add_argument("--port", type=int, default=21000, help="the first of some 60 ports on 127.0.0.1")
    return parser.parse_args()


def main():
    options = arguments()
    options.folder = options.folder.resolve()
    programs, envoy = options.programs.resolve(), options.envoy.resolve()
    plan = QUICK if options.quick else FULL
    _raise_descriptors()
    busy = command.begin(options.force)
    Eigd.program, Envoy.program = programs / "eigd", envoy
    about = machine.about(Eigd.program, Envoy.program)

    bench = Bench(options.folder, programs, plan, options.port)
    results = bench.run()
    say("instructions and allocations: eigd")
    results["callgrind"] = callgrind.counted(programs)
    about |= command.company(busy, bench.bystanders)
    described = {**plan._asdict(), "is_quick": options.quick}
    command.publish(options, report(about, described, results), about=about, plan=described, results=results)
    if options.report:
        say(f"written to {options.report}")


def _raise_descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < DESCRIPTORS_MIN:
        sys.exit(f"bench: {DESCRIPTORS_MIN} open files are needed and {hard} are allowed (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, DESCRIPTORS)), hard))


if __name__ == "__main__":
    main()
