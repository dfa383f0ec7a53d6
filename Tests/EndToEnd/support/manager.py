# SPDX-License-Identifier: Apache-2.0
"""What systemd is to a service: it hears what the service says, keeps its descriptors, and can freeze its threads."""

import contextlib
import ctypes
import os
import socket
import threading
import time
from pathlib import Path

from .programs import PATIENCE


class Kept:
    """A descriptor from the store; `fileno` makes it one that `Program.start` hands over."""

    def __init__(self, number):
        self._number = number

    def fileno(self):
        return self._number

    def close(self):
        os.close(self._number)


class Manager:
    """The notify socket and the descriptor store of one service (sd_notify(3))."""

    def __init__(self, folder, name="notify"):
        self.path = str(Path(folder) / name)
        self.messages = []
        self.kept = []
        self._changed = threading.Condition()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.path)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def environment(self, watchdog=None):
        """What the service finds in its environment; `watchdog` in seconds."""
        found = {"NOTIFY_SOCKET": self.path}
        if watchdog:
            found["WATCHDOG_USEC"] = str(int(watchdog * 1_000_000))
        return found

    def _listen(self):
        while True:
            data, descriptors, _, _ = socket.recv_fds(self._socket, 65536, 16)
            words = data.decode().splitlines()
            if not words:
                return
            with self._changed:
                self._keep(words, descriptors)
                self.messages.append(words)
                self._changed.notify_all()

    def _keep(self, words, descriptors):
        name = next((word.partition("=")[2] for word in words if word.startswith("FDNAME=")), "stored")
        if "FDSTOREREMOVE=1" in words:
            for _, kept in [each for each in self.kept if each[0] == name]:
                kept.close()
            self.kept = [each for each in self.kept if each[0] != name]
        for number in descriptors:
            if "FDSTORE=1" in words:
                self.kept.append((name, Kept(number)))
            else:
                os.close(number)

    def told(self, is_it, timeout=15, what="a word"):
        """The first message from here on that `is_it` (a word, or a test of the words); those before it are taken."""
        test = is_it if callable(is_it) else lambda words: is_it in words
        timeout *= PATIENCE
        end = time.monotonic() + timeout
        with self._changed:
            while True:
                while self.messages:
                    words = self.messages.pop(0)
                    if test(words):
                        return words
                left = end - time.monotonic()
                assert left > 0, f"the manager was not told {what if callable(is_it) else is_it} in {timeout} s"
                self._changed.wait(left)

    def status(self, *parts, timeout=15):
        """The next status that has all of `parts` in it."""
        words = self.told(lambda words: any(word.startswith("STATUS=") and all(part in word for part in parts)
                                            for word in words), timeout, f"a status with {parts}")
        return next(word for word in words if word.startswith("STATUS="))

    def forget(self):
        """Takes what was said so far."""
        with self._changed:
            self.messages.clear()

    def close(self):
        with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as end:
            end.sendto(b"", self.path)
        self._thread.join(5)
        self._socket.close()
        for _, kept in self.kept:
            kept.close()


@contextlib.contextmanager
def frozen(pid, name):
    """Stops one thread of a process, and only that one (ptrace(2))."""
    tasks = Path(f"/proc/{pid}/task")
    tid = next(int(task.name) for task in tasks.iterdir() if (task / "comm").read_text().strip() == name)
    seize, interrupt, detach = 0x4206, 0x4207, 17
    libc = ctypes.CDLL(None, use_errno=True)

    def ptrace(request):
        if libc.ptrace(ctypes.c_long(request), ctypes.c_long(tid), ctypes.c_void_p(0), ctypes.c_void_p(0)) != 0:
            raise OSError(ctypes.get_errno(), f"ptrace {request:#x} of {name}")

    ptrace(seize)
    ptrace(interrupt)
    os.waitpid(tid, 0x40000000)
    try:
        yield
    finally:
        ptrace(detach)
