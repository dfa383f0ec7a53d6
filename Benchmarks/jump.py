# SPDX-License-Identifier: Apache-2.0
"""Measures the gate beside its peers and prints the report, which is RESULTS-jump.md; `make bench-jump` calls it, as root.

usage: jump.py --programs FOLDER [--quick | --smoke] [--force] [--folder FOLDER] [--report FILE]
"""

import os
import subprocess
import sys

from bench import command, machine
from bench.bystanders import Bystanders
from gates import ADDRESS, peers
from gates.modes import FULL, QUICK, SMOKE, Bench
from gates.report import report

#: Set in the network namespace that this program makes for itself.
_INSIDE = "EIG_BENCH_JUMP_INSIDE"
_PORT = 22000


def arguments():
    parser = command.parser(__doc__, "jumpd", ".build/bench-jump")
    parser.add_argument("--smoke", action="store_true", help="whether it works at all")
    return parser.parse_args()


def main():
    options = arguments()
    if os.environ.get(_INSIDE) is None:
        # The gate lets nobody get to a loopback address: everything is at another one, where nobody else is.
        os.execvpe("unshare", ["unshare", "--net", sys.executable, *sys.argv], {**os.environ, _INSIDE: "1"})
    for words in (["link", "set", "lo", "up"], ["addr", "add", f"{ADDRESS}/32", "dev", "lo"]):
        subprocess.run(["ip", *words], check=True)
    busy = command.begin(options.force or options.smoke)
    peers.Gate.program = options.programs.resolve() / "jumpd"
    plan = SMOKE if options.smoke else QUICK if options.quick else FULL
    options.folder = options.folder.resolve()
    bystanders = Bystanders()
    results = Bench(options.folder, plan, _PORT, bystanders).run()
    about = machine.here(peers.Gate.program, "jumpd", peers.versions()) | command.company(busy, bystanders)
    command.publish(options, report(about, plan, results), about=about, plan=plan._asdict(), results=results)


if __name__ == "__main__":
    main()
