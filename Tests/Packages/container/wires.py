# SPDX-License-Identifier: Apache-2.0
"""The network around a machine: partners, backends, a stranger and an administrator, each in a namespace."""

import subprocess

from support import network
from support.network import Namespace, Network

#: Who may reach this host's own port 22, beside the stranger in the same network.
ADMINISTRATOR = "203.0.113.131"
ADMINISTRATION_PORT = 22


class Wires(Network):
    """The end-to-end tests' network, whose edge is a machine: it goes when that is powered off."""

    def _join(self):
        super()._join()
        self._address("stranger", "edge", f"{ADMINISTRATOR}/28")

    def replug(self):
        """A new namespace for the edge: no rule, flow or socket of the machine before is in it.

        What listens in the other namespaces goes on, and is reached again.
        """
        for name in [name for name in self.namespaces if name != "edge"]:
            # By hand: a namespace's own end of its wires is gone some time after it.
            subprocess.run(["ip", "-n", self.prefix + name, "link", "del", "edge"], capture_output=True, check=False)
        self.namespaces["edge"].remove()
        self.namespaces["edge"] = Namespace(self.prefix + "edge")
        self._join()
        return self.namespaces["edge"].name

    def answers(self, namespace, address, source=None, timeout=1):
        """Whether a TCP handshake with `address` comes about: what the kernel lets through, whoever listens."""
        try:
            getattr(self, namespace).connect(address, source, timeout).close()
        except (TimeoutError, OSError):
            return False
        return True


__all__ = ["ADMINISTRATION_PORT", "ADMINISTRATOR", "Wires", "network"]
