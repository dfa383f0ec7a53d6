# SPDX-License-Identifier: Apache-2.0
"""One guest: a machine booted to run one command, and thrown away."""

import ctypes
import os
import shlex
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class Done:
    """How the command in the guest ended: `status` is None where the guest died before it did."""

    def __init__(self, status, output, seconds):
        self.status = status
        self.output = output
        self.seconds = seconds


@dataclass
class Folder:
    """A folder of this machine that the guest sees at `place`; `tag` is its name between the two."""

    tag: str
    path: Path
    place: Path
    writable: bool = False

    def line(self, machine):
        """Of fstab(5)."""
        fields = [self.tag, self.place, machine.mount_type, f"ro,X-mount.mkdir,{machine.mount_options(self)}"]
        return " ".join(str(field).replace(" ", "\\040") for field in fields) + "\n"


class Guest:
    """`image` is the disk it starts from; what it writes there goes to `folder`, or nowhere, and is thrown away.

    With `time_travel` its clock jumps over every moment in which nothing runs: an hour's sleep takes no time. Nothing
    outside the guest can be waited for then, and its clock starts anywhere within some hours from now.
    """

    def __init__(self, machine, image, folder, time_travel=False):
        self.machine = machine
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
        share = Folder("share", self.share, self.share, writable=True)
        folders = [Folder(f"shown{number}", Path(path), Path(place)) for number, (path, place)
                   in enumerate([*((each, each) for each in shown), *self.machine.brings])]
        (self.share / "shown").write_text("".join(folder.line(self.machine) for folder in folders))
        words = shlex.join(map(str, command))
        (self.share / "command").write_text(f"{variables}cd {shlex.quote(str(cwd))}\nexec {words}\n")
        began = time.monotonic()
        with open(self.folder / "console", "wb") as console:
            surroundings = {**os.environ, "TMPDIR": _memory(), "HOME": str(self.folder)}
            process = subprocess.Popen(self._command(share, folders), stdin=subprocess.DEVNULL, stdout=console,
                                       stderr=console, env=surroundings, start_new_session=True,
                                       preexec_fn=_die_with_parent)
            try:
                self._wait(process, began + timeout)
            finally:
                # unshare takes the machine with it, and its process namespace all the rest.
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

    def _command(self, share, folders):
        parameters = ["quiet", "panic=-1", "random.trust_cpu=on", f"EIG_SHARE={share.place}",
                      f"EIG_MOUNT_TYPE={self.machine.mount_type}",
                      f"EIG_MOUNT_OPTIONS={self.machine.mount_options(share)}"]
        started = self.machine.command(self, [share, *folders], parameters, self.time_travel)
        # In a process namespace: in User-mode Linux every process of the guest is one of this machine, and none may be
        # left.
        return ["unshare", "--pid", "--fork", "--kill-child=KILL", "--mount-proc", *map(str, started)]

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
    """Where the guest's memory is, or what it writes to its disk: in a file the machine removes at once."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp"
