# SPDX-License-Identifier: Apache-2.0
"""One program this run starts on given cores, finds again by its id, and ends."""

import ctypes
import os
import signal
import subprocess
import time
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class Process:
    """A context: the program runs inside it, in a session of its own, and all of that session ends with it."""

    def __init__(self, name, command, cores, folder, output=None, environment=None):
        """`output` is where standard output goes, appended; without it, it goes to a file beside the errors."""
        self.name = name
        self.command = [str(part) for part in command]
        self.cores = set(cores)
        self.folder = Path(folder)
        self.output = Path(output) if output else self.folder / f"{name}.out"
        self.errors = self.folder / f"{name}.err"
        self.environment = environment
        self._popen = None

    @property
    def pid(self):
        return self._popen.pid

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.output, "ab") as out, open(self.errors, "wb") as err:
            self._popen = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True,
                cwd=self.folder, env={**os.environ, **(self.environment or {})}, preexec_fn=self._before)
        return self

    def __exit__(self, *_):
        self.stop()

    def _before(self):
        """In the child: on its cores, and not left behind should this run be killed."""
        os.sched_setaffinity(0, self.cores)
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)

    def stop(self, timeout=15):
        """SIGTERM, and SIGKILL for whatever of its session is there afterwards."""
        if self._popen is None:
            return
        if self._popen.poll() is None:
            self._popen.terminate()
            try:
                self._popen.wait(timeout)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self._popen.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._popen.wait()
        self._popen = None

    def wait(self, timeout):
        """Until it ended by itself. Raises subprocess.TimeoutExpired."""
        self._popen.wait(timeout)

    def check(self):
        """Raises RuntimeError when it ended by itself; what it said is in it."""
        if self._popen.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self._popen.returncode}: {self.said()}")

    def said(self):
        return self.errors.read_text(errors="replace")[-2000:].strip()

    def listens(self, port, timeout=20):
        """Waits until exactly one socket of this session listens on the port.

        Two, by SO_REUSEPORT, would each get half of the connections, and every figure would be of half a server.
        """
        end = time.monotonic() + timeout
        while True:
            self.check()
            inodes = listening(port)
            if inodes:
                break
            if time.monotonic() > end:
                raise RuntimeError(f"{self.name} does not listen on port {port} after {timeout} s: {self.said()}")
            time.sleep(0.02)
        owned = set().union(*(_sockets(pid) for pid in self.family()))
        if len(inodes) != 1 or inodes[0] not in owned:
            raise RuntimeError(f"{self.name} shares port {port} with another process: {len(inodes)} sockets listen")

    def family(self):
        """The process ids of this program and its children, itself first."""
        return [self.pid, *children(self.pid)]

    def pin(self, thread, cores):
        """Puts the thread of that name onto those cores."""
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            if (task / "comm").read_text().strip() == thread:
                os.sched_setaffinity(int(task.name), set(cores))
                return
        raise RuntimeError(f"{self.name} has no thread {thread}")


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def listening(port):
    """The inodes of the sockets that listen on the port, on any address."""
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if not os.path.exists(table):
            continue
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rsplit(":", 1)[1], 16) == port:
                found.append(fields[9])
    return found


def _sockets(pid):
    """The inodes of the sockets a process has open."""
    found = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(descriptor)
        except FileNotFoundError:
            continue
        if target.startswith("socket:["):
            found.add(target[8:-1])
    return found
