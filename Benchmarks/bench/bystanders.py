# SPDX-License-Identifier: Apache-2.0
"""What the rest of the machine used while we measured: figures of a busy machine are worth little."""

import contextlib
import os
import time
from pathlib import Path

from .machine import busy_seconds


class Bystanders:
    """Adds up, over every stretch of measuring, the core seconds that were not ours."""

    def __init__(self):
        self.foreign = 0.0
        self.elapsed = 0.0

    @contextlib.contextmanager
    def watched(self, processes):
        """A stretch of measuring with these processes, all running before it and after it."""
        began, used, ours = time.monotonic(), busy_seconds(), _ours(processes)
        yield
        elapsed = time.monotonic() - began
        self.foreign += max(0.0, (busy_seconds() - used) - (_ours(processes) - ours))
        self.elapsed += elapsed

    @property
    def fraction(self):
        """Of all cores, 0 to 1."""
        return self.foreign / (self.elapsed * os.cpu_count()) if self.elapsed else 0.0


def _ours(processes):
    """Core seconds of this program, of what it waited for, and of those processes and their children."""
    times = os.times()
    return sum(times[:4]) + sum(cpu_seconds(pid) for process in processes for pid in process.family())


def cpu_seconds(pid):
    """Of all threads the process has now."""
    spent = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            spent += int((task / "schedstat").read_text().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return spent / 1e9
