# SPDX-License-Identifier: Apache-2.0
"""What a suite of scenarios asks of pytest: a reason to skip, the programs, a folder, an end in order, a report."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from .ending import end_in_order
from .programs import programs


class Suite:
    """Scenarios in network namespaces of their own: they need root, `tools`, and the `programs` that were built.

    `also` says what else is missing on this machine, or nothing.
    """

    def __init__(self, tools, programs, also=lambda: None):
        self.tools = tools
        self.programs = programs
        self.also = also

    def obstacle(self):
        """Why its scenarios cannot run here, or nothing."""
        if os.geteuid() != 0:
            return "needs root for network namespaces"
        for tool in self.tools:
            if not shutil.which(tool):
                return f"needs {tool}: run make deps"
        return self.also()

    def begin(self):
        """Before anything is collected."""
        end_in_order()
        if self.obstacle() is None:
            missing = [name for name in self.programs if not (programs() / name).exists()]
            if missing:
                raise pytest.UsageError(f"{', '.join(missing)} not built in {programs()}: run make build")

    def choose(self, items):
        """What cannot run is skipped, and says why."""
        why = self.obstacle()
        if why:
            for item in items:
                item.add_marker(pytest.mark.skip(reason=why))


def workspace(prefix):
    """A folder for a whole run: in memory where there is room; kept if EIG_KEEP is set."""
    memory = Path("/dev/shm")
    has_room = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 1 << 30
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=memory if has_room else None))
    yield folder
    if not os.environ.get("EIG_KEEP"):
        shutil.rmtree(folder)


def report(item, outcome, **titles):
    """A scenario that failed shows what those it has by these names said."""
    result = outcome.get_result()
    for name, title in titles.items():
        witness = getattr(item, name, None) or getattr(item.parent, name, None)
        if result.failed and witness is not None:
            result.sections.append((title, witness.why()))
