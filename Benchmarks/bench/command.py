# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks have in common as commands: their options, a quiet machine to begin with, an end in order."""

import argparse
import json
import os
import signal
import sys
from pathlib import Path

from . import machine

#: A core for what is measured, another for the load and what is behind.
CORES_MIN = 2


def parser(description, programs, folder):
    """The options all have; `description` is the module's, `programs` says whose folder it is."""
    made = argparse.ArgumentParser(description=description.split("\n", 1)[0])
    made.add_argument("--programs", type=Path, required=True, help=f"the folder of {programs}")
    made.add_argument("--quick", action="store_true", help="a few minutes at the most, for a look")
    made.add_argument("--force", action="store_true", help="run although the machine is busy, and say so")
    made.add_argument("--folder", type=Path, default=Path(folder), help="for everything temporary")
    made.add_argument("--report", type=Path, help="where the report goes, besides standard output")
    return made


def begin(is_forced):
    """Waits for a quiet machine, and returns how busy it is; ends the program where nothing can be measured.

    Ended by SIGTERM from here on, it still ends what it started.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if len(os.sched_getaffinity(0)) < CORES_MIN:
        sys.exit(f"bench: {CORES_MIN} cores are needed, one for what is measured and one for the load")
    busy = machine.wait_until_idle(0 if is_forced else 60)
    if busy > machine.BUSY_MAX and not is_forced:
        sys.exit(f"bench: something else uses {busy:.0%} of this machine; end it, or set FORCE=1 and trust nothing")
    return busy


def company(busy, bystanders):
    """What the page says of the rest of the machine: before, and while it was measured."""
    return {"busy": busy, "busy_max": machine.BUSY_MAX, "foreign": bystanders.fraction, "foreign_max": machine.FOREIGN_MAX}


def publish(options, page, **results):
    """Keeps the results, so that the page can be made again, and shows the page."""
    (options.folder / "results.json").write_text(json.dumps(results, indent=1))
    print(page, end="")
    if options.report:
        options.report.write_text(page)
