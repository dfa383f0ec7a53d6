# SPDX-License-Identifier: Apache-2.0
"""One container with systemd as its first process: booted, commanded, powered off, killed."""

import ctypes
import os
import shutil
import signal
import subprocess
from pathlib import Path

from support.programs import until

_BOOT = Path(__file__).with_name("boot.sh")
_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8", "TERM": "dumb",
                "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": "", "SYSTEMD_LESS": "", "DEBIAN_FRONTEND": "noninteractive"}
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)
_count = 0


def _unique():
    global _count
    _count += 1
    return f"eig-{os.getpid()}-{_count}"


def _children(process, name):
    """The children of a process that run the program `name`."""
    found = []
    for child in Path(f"/proc/{process}/task/{process}/children").read_text().split():
        try:
            if Path(f"/proc/{child}/comm").read_text().strip() == name:
                found.append(int(child))
        except OSError:
            pass
    return found


def obstacle(folder):
    """What keeps machines from being booted here; nothing where all that they need is allowed."""
    done = subprocess.run([str(_BOOT), "--try", str(folder)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=20, check=False)
    return None if done.returncode == 0 else done.stderr.strip() or f"boot.sh ended with {done.returncode}"


class Done:
    """How a command in the machine ended and what it said."""

    def __init__(self, command, code, out, err):
        self.command = command
        self.code = code
        self.out = out
        self.err = err

    def __str__(self):
        return self.out.strip()

    def __repr__(self):
        return f"<{self.command}: {self.code}\n{self.out[-3000:]}{self.err[-3000:]}>"


class Machine:
    """`layers` are root file systems, the topmost first; what this machine writes is in `folder`/upper."""

    def __init__(self, layers, folder, namespace):
        self.name = _unique()
        self.layers = [str(layer) for layer in layers]
        self.folder = Path(folder)
        self.namespace = namespace
        self.process = None
        self.leader = None
        for each in ["upper", "work", "root"]:
            (self.folder / each).mkdir(parents=True)

    # Power.

    def boot(self, settled=True):
        """Powers it on; returns once systemd has started everything, or failed to, unless it is not `settled`."""
        assert self.process is None, f"{self.name} runs already"
        with open(self.folder / "console", "ab") as console:
            # Should this process be killed, the machine ends with it.
            self.process = subprocess.Popen(
                [str(_BOOT), self.name, ":".join(self.layers), str(self.folder), self.namespace],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True,
                preexec_fn=lambda: _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM))
        self.leader = until(self._leader, 20, what="the container's first process")
        # systemd answers once its socket is there.
        until(lambda: self.run("systemctl", "is-system-running", check=False).out.strip()
              not in ("", "offline", "unknown"), 20, 0.05, what="systemd to answer")
        if settled:
            self.run("systemctl", "is-system-running", "--wait", timeout=60, check=False)
        return self

    def _leader(self):
        """The container's first process, as this side numbers it: boot.sh starts nspawn, and that starts it."""
        assert self.process.poll() is None, f"the container ended: {self.console()}"
        for child in _children(self.process.pid, "systemd-nspawn"):
            for leader in _children(child, "systemd"):
                return leader
        return None

    @property
    def state(self):
        """`running` when everything started, `degraded` when a unit failed."""
        return str(self.run("systemctl", "is-system-running", check=False))

    def power_off(self):
        self.run("systemctl", "poweroff", "--no-block", check=False)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not power off in 60 s: {self.console()[-3000:]}") from None
        self._ended()

    def kill(self):
        """As pulling the plug does it; does nothing when it is off."""
        if self.process is None:
            return
        # boot.sh kills every process of the machine at once.
        self.process.terminate()
        try:
            self.process.wait(20)
        finally:
            self._ended()

    def _ended(self):
        self.process = self.leader = None

    def remove(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def console(self):
        return (self.folder / "console").read_text(errors="replace")

    # Commands.

    def run(self, *command, check=True, timeout=30, input=None, environment=(), text=True):
        """Runs a command in the machine, bounded in time."""
        assert self.process is not None, f"{self.name} is off"
        variables = [f"{name}={value}" for name, value in {**_ENVIRONMENT, **dict(environment)}.items()]
        words = [str(word) for word in command]
        inside = ["nsenter", "--target", str(self.leader), "--all", "--wdns=/", "env", "-i", *variables,
                  "timeout", "--kill-after=2", str(timeout), *words]
        try:
            done = subprocess.run(inside, input=input, capture_output=True, text=text, timeout=timeout + 10,
                                  check=False, **({"errors": "replace"} if text else {}),
                                  **({} if input is not None else {"stdin": subprocess.DEVNULL}))
        except subprocess.TimeoutExpired as expired:
            raise AssertionError(f"{' '.join(words)} took longer than {timeout} s: {expired.output}") from None
        result = Done(" ".join(words), done.returncode, done.stdout, done.stderr)
        assert not check or result.code == 0, repr(result)
        return result

    def shell(self, text, **options):
        """Runs what an administrator would type."""
        return self.run("bash", "-c", text, **options)

    def popen(self, *command, **options):
        """A command that goes on beside the test; whoever starts it ends it."""
        inside = ["nsenter", "--target", str(self.leader), "--all", "--wdns=/", "env", "-i",
                  *(f"{name}={value}" for name, value in _ENVIRONMENT.items()), *map(str, command)]
        return subprocess.Popen(inside, **{"stdin": subprocess.DEVNULL, **options})

    # Files, through the machine's own eyes.

    def write(self, path, data, mode="644", owner="root:root"):
        """Replaces a file whole, as an editor does it."""
        data = data if isinstance(data, bytes) else data.encode()
        self.run("sh", "-c", 'mkdir -p "$(dirname "$1")" && cat >"$1.part" && chmod "$2" "$1.part" && '
                 'chown "$3" "$1.part" && mv "$1.part" "$1"', "sh", path, mode, owner, input=data, text=False)

    def read(self, path):
        return self.run("cat", path).out

    def exists(self, path):
        return self.run("test", "-e", path, check=False).code == 0

    def copy_in(self, source, target):
        """Copies a file or the content of a folder of this side into a folder of the machine, owned by root."""
        source = Path(source)
        members = ["-C", str(source), "."] if source.is_dir() else ["-C", str(source.parent), source.name]
        data = subprocess.run(["tar", "-cf", "-", "--owner=0", "--group=0", *members], capture_output=True,
                              check=True).stdout
        self.run("sh", "-c", 'mkdir -p "$1" && tar -xf - -C "$1"', "sh", target, input=data, text=False, timeout=60)

    # Units.

    def systemctl(self, *words, **options):
        return self.run("systemctl", *words, **options)

    def unit(self, name, *properties):
        """A unit's properties, all or those named, as `systemctl show` tells them."""
        only = [f"--property={','.join(properties)}"] if properties else []
        lines = self.run("systemctl", "show", name, *only).out.splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def property(self, name, key):
        return self.run("systemctl", "show", name, f"--property={key}", "--value").out.strip()

    def main_pid(self, unit):
        """The unit's main process, as the machine numbers it; 0 when it has none."""
        return int(self.property(unit, "MainPID"))

    def is_active(self, unit):
        return self.property(unit, "ActiveState") == "active"

    def wait_active(self, unit, timeout=30):
        until(lambda: self.is_active(unit), timeout, 0.05, what=f"{unit} to be active: {self.status(unit)}")

    def status(self, unit):
        return self.run("systemctl", "status", "--no-pager", "--full", "--lines=30", unit, check=False).out

    def journal(self, *words):
        """What the journal holds, one line an entry, as an administrator reads it."""
        return self.run("journalctl", "--no-pager", "--output=cat", *words).out

    def why(self):
        """What this machine has to say about a failure."""
        if self.process is None:
            return self.console()[-4000:]
        failed = self.run("systemctl", "--failed", "--no-legend", check=False).out
        journal = self.run("journalctl", "--no-pager", "--boot", "--lines=60", "--output=short-precise", "--unit=eig*",
                           "--unit=jumpd*", check=False).out
        return f"failed units: {failed or 'none'}\n{journal[-12000:]}"
