# SPDX-License-Identifier: Apache-2.0
"""What a suite of scenarios asks of pytest: a reason to skip, the programs, a folder, an end in order, a report."""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from .ending import end_in_order
from .programs import programs


class Suite:
    """Scenarios in network namespaces of their own: they need root, `tools`, and the `programs` that were built.

    A plugin of pytest: the suite's conftest.py registers it. `also` says what else is missing on this machine, or
    nothing; `witnesses` are titles by the names of what a scenario or its module has, whose `why()` a failure shows.
    """

    def __init__(self, tools, programs, also=lambda: None, **witnesses):
        self.tools = tools
        self.programs = programs
        self.also = also
        self.witnesses = witnesses

    def obstacle(self):
        """Why its scenarios cannot run here, or nothing."""
        if os.geteuid() != 0:
            return "needs root for network namespaces"
        for tool in self.tools:
            if not shutil.which(tool):
                return f"needs {tool}: run make deps"
        return self.also()

    def pytest_sessionstart(self):
        end_in_order()
        if self.obstacle() is None:
            missing = [name for name in self.programs if not (programs() / name).exists()]
            if missing:
                raise pytest.UsageError(f"{', '.join(missing)} not built in {programs()}: run make build")

    def pytest_collection_modifyitems(self, items):
        """What cannot run is skipped, and says why."""
        why = self.obstacle()
        if why:
            for item in items:
                item.add_marker(pytest.mark.skip(reason=why))

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item):
        """A scenario that failed shows what those around it said."""
        outcome = yield
        result = outcome.get_result()
        for name, title in self.witnesses.items():
            witness = getattr(item, name, None) or getattr(item.parent, name, None)
            if result.failed and witness is not None:
                result.sections.append((title, witness.why()))


def memory(room_bytes=1 << 30):
    """Where nothing waits for a disk, if there is as much room: no scenario depends on one, and hundreds of stores do
    on its speed."""
    shared = Path("/dev/shm")
    return shared if os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > room_bytes else None


@contextlib.contextmanager
def folder(prefix, parent):
    """A folder that goes in the end, unless the block fails or EIG_KEEP is set; `parent` may be what `memory` says."""
    made = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    yield made
    if not os.environ.get("EIG_KEEP"):
        shutil.rmtree(made)
