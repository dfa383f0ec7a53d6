# SPDX-License-Identifier: Apache-2.0
"""One guest: a User-mode Linux kernel, which is a program of this machine, booted to run one command."""

import ctypes
import os
import shlex
import shutil
import signal
import subprocess
import time
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)
_MEMORY = "768M"


class Done:
    """How the command in the guest ended: `status` is None where the guest died before it did."""

    def __init__(self, status, output, seconds):
        self.status = status
        self.output = output
        self.seconds = seconds


class Guest:
    """`kernel` is the program, `image` the disk it starts from; what it writes goes to `folder` and is thrown away.

    With `time_travel` its clock jumps over every moment in which nothing runs: an hour's sleep takes no time. Nothing
    outside the guest can be waited for then, and its clock starts anywhere within some hours from now.
    """

    def __init__(self, kernel, image, folder, time_travel=False):
        self.kernel = Path(kernel)
        self.image = Path(image)
        self.folder = Path(folder)
        self.time_travel = time_travel
        self.share = self.folder / "share"
        self.share.mkdir(parents=True)

    def run(self, command, timeout, shown=(), environment=(), cwd="/"):
        """Boots, runs `command` in `cwd`, powers off; killed when it has not done so after `timeout` of our seconds.

        The folders in `shown` are seen by the guest at their own places, and cannot be written to by it.
        """
        variables = "".join(f"export {name}={shlex.quote(str(value))}\n" for name, value in dict(environment).items())
        (self.share / "shown").write_text("".join(f"{folder}\n" for folder in shown))
        words = shlex.join(map(str, command))
        (self.share / "command").write_text(f"{variables}cd {shlex.quote(str(cwd))}\nexec {words}\n")
        began = time.monotonic()
        with open(self.folder / "console", "wb") as console:
            process = subprocess.Popen(self._command(), stdin=subprocess.DEVNULL, stdout=console, stderr=console,
                                       env={**os.environ, "TMPDIR": _memory(), "HOME": str(self.folder)},
                                       start_new_session=True, preexec_fn=_die_with_parent)
            try:
                self._wait(process, began + timeout)
            finally:
                # unshare takes the kernel with it, and the kernel's process namespace all the rest.
                process.kill()
                process.wait()
        return Done(self._status(), self.output(), time.monotonic() - began)

    def _wait(self, process, end):
        while time.monotonic() < end:
            try:
                return process.wait(0.25)
            except subprocess.TimeoutExpired:
                # A kernel that gave up stays where it is.
                if "Kernel panic" in self.console():
                    return None
        return None

    def _command(self):
        travel = ["time-travel"] if self.time_travel else []
        # In a process namespace: every process of the guest is one of this machine, and none may be left.
        return ["unshare", "--pid", "--fork", "--kill-child=KILL", "--mount-proc", str(self.kernel), f"mem={_MEMORY}",
                f"ubd0={self.folder / 'cow'},{self.image}", "root=/dev/ubda", "rw", "init=/sbin/init", "con=null",
                "con0=null,fd:1", "ssl=null", "quiet", "panic=-1", "random.trust_cpu=on",
                "umid=guest", f"uml_dir={self.folder}/",
                f"EIG_SHARE={self.share}", *travel]

    def _status(self):
        try:
            return int((self.share / "status").read_text())
        except (OSError, ValueError):
            return None

    def output(self):
        """What the command has written so far."""
        path = self.share / "output"
        return path.read_text(errors="replace") if path.exists() else ""

    def console(self):
        return (self.folder / "console").read_text(errors="replace")

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def _die_with_parent():
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _memory():
    """Where the guest's memory is: a file in it is what the kernel runs on."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp"
