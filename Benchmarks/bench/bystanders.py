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
    return sum(times[:4]) + sum(core_seconds(pid) for process in processes for pid in process.family())


def core_seconds(pid):
    """By the clock's ticks, with threads that have ended and children that were waited for: some have one of them for
    each connection (proc_pid_stat(5))."""
    try:
        times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(map(int, times[11:15])) / os.sysconf("SC_CLK_TCK")
