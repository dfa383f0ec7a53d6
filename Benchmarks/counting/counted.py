# SPDX-License-Identifier: Apache-2.0
"""A gateway under callgrind: windows of work, each with a profile of its own."""

import shutil
import subprocess
from pathlib import Path

from . import allocations
from .measurement import Measurement
from .profile import Profile
from .scene import Scene

#: Names in full: callgrind's numbers for them are only defined in the first of several dumps.
_COMMAND = ["valgrind", "--tool=callgrind", "--callgrind-out-file=FOLDER/dump", "--compress-strings=no",
            "--compress-pos=no", "--dump-line=no", "--demangle=no", "--separate-threads=yes",
            *allocations.options()]
#: Threads that work by the clock whatever partners do, here on a store that stays empty: what they did in a window
#: says how long it took, not what was done in it. Every other thread is counted.
BY_THE_CLOCK = {"relay"}
TOOLS = ("valgrind", "vgdb", "objcopy", "openssl")


class Counted(Scene):
    """A scene whose gateway is counted."""

    def __init__(self, programs, gateway="eigd"):
        missing = [tool for tool in TOOLS if not shutil.which(tool)]
        if missing:
            raise FileNotFoundError(f"{', '.join(missing)} not installed: run make deps")
        super().__init__(programs, _COMMAND, gateway)
        self._dumps = 0

    def measure(self, operation):
        """Does `operation` and returns its Measurement."""
        few, more = operation.windows
        # What is done only once (a password is hashed, a page is touched) is done here.
        self._window(operation, few)
        before = self._window(operation, few)
        return Measurement(operation, self._window(operation, more) - before)

    def _window(self, operation, requests):
        result = self.load(operation.mode, operation.connections, requests)
        self.settle()
        done = result["requests"]
        if done != requests or (operation.mode == "resume" and result["resumed"] != requests):
            raise RuntimeError(f"{operation.name}: {requests} wanted, done: {result}")
        return self._dump()

    def _dump(self):
        """The profile of all that was done since the last dump."""
        self._dumps += 1
        done = subprocess.run(["vgdb", f"--pid={self.gateway.pid}", "dump"], capture_output=True, text=True, timeout=60,
                              check=False)
        if done.returncode != 0:
            raise RuntimeError(f"vgdb: {done.stderr.strip()}\n{self.said()}")
        threads = self._threads()
        files = sorted(self.folder.glob(f"dump.{self._dumps}-*"))
        if len(files) != len(threads):
            raise RuntimeError(f"{len(files)} profiles of {len(threads)} threads: {', '.join(threads)}")
        profile = Profile()
        for file, thread in zip(files, threads):
            if thread not in BY_THE_CLOCK:
                profile += Profile.read(file)
            file.unlink()
        return profile

    def _threads(self):
        """The names of its threads in the order they were made, which is that of callgrind's numbers."""
        tasks = sorted(Path(f"/proc/{self.gateway.pid}/task").iterdir(), key=lambda task: int(task.name))
        return [(task / "comm").read_text(encoding="utf-8").strip() for task in tasks]
