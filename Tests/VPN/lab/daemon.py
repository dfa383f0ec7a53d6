# SPDX-License-Identifier: Apache-2.0
"""An IKE daemon as a process of ours, in one namespace."""

import os
import signal
import subprocess
from pathlib import Path

from support.network import run
from support.programs import until


class Daemon:
    """Started, stopped, killed; what it says is in `log`."""

    def __init__(self, name, namespace, folder):
        self.name = name
        self.namespace = namespace
        self.folder = Path(folder)
        self.folder.mkdir(parents=True)
        self.log = self.folder / "log"
        self.process = None

    def launch(self, *command, environment=()):
        assert not self.is_running, f"{self.name} runs already"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.namespace.command(*map(str, command)), stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, start_new_session=True,
                                            env={**os.environ, **dict(environment)})

    def ready(self, socket):
        """Waits for its control socket."""
        def there():
            assert self.is_running, f"{self.name} ended: {self.said()}"
            return socket.exists()
        until(there, 30, 0.05, what=f"{self.name} to answer at {socket}")

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        """As its unit stops it; killed when it does not listen."""
        if self.is_running:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self):
        if self.is_running:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def forget(self):
        """What its kernel knew of tunnels is gone, as after a reboot."""
        for each in ["policy", "state"]:
            run(*self.namespace.command("ip", "xfrm", each, "flush"))

    def everything(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def said(self):
        """The end of it."""
        return self.everything()[-4000:]
