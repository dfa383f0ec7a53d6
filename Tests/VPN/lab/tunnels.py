# SPDX-License-Identifier: Apache-2.0
"""`jumpd tunnels` of the edge, and what it keeps and wrote."""

from pathlib import Path

from support.programs import Control, Program, until

_WRITTEN = Path("/etc/ipsec.d")


class Tunnels(Program):
    def __init__(self, edge, folder):
        self.control = Control(folder / "run" / "tunnels.sock")
        self.state = folder / "tunnels"
        self.state.mkdir(mode=0o700)
        for each in _WRITTEN.glob("eig*"):
            each.unlink()
        super().__init__("jumpd", ["tunnels", "--config", str(folder / "etc"), "--state", str(self.state)],
                         edge.network.edge, folder, edge.hosts)

    @property
    def output(self):
        return self.folder / "tunnels.log"

    @property
    def errors(self):
        return self.folder / "tunnels.err"

    def start(self, **options):
        """Returns once it answers: by then it has done what its files say, or said why not."""
        super().start(**options)
        def ready():
            assert self.is_running, f"jumpd tunnels ended with {self.process.poll()}: {self.complaints()}"
            return self.answers()
        until(ready, 60, 0.1, what="jumpd tunnels to answer")

    def answers(self):
        try:
            return self.control.request("GET", "/v1/status", timeout=5)[0] in (200, 404)
        except OSError:
            return False

    def ask(self, path):
        """A verb of its control socket."""
        return self.control.request("POST", path, timeout=60)

    def kill(self):
        if self.is_running:
            super().kill()
