# SPDX-License-Identifier: Apache-2.0
"""The edge of the end-to-end tests, its partners behind tunnels."""

import signal
import subprocess

from support.edge import Edge
from support.manager import Manager
from support.network import run
from support.programs import programs

from . import network as places
from .connections import EDGE_ID, ENDS, SECRET, connection, secrets
from .libreswan import Libreswan
from .pluto import EdgeLibreswan
from .tunnels import Tunnels


class TunnelEdge(Edge):
    """PayFast's tunnel t1 and MobiCash's; Libreswan and our three programs are started one by one.

    One that is not `guarded` begins without the lock-down and the enforcer: for what needs neither, on any kernel.
    """

    def __init__(self, net, pki, folder, guarded=True):
        super().__init__(net, pki, folder)
        self.guarded = guarded
        self.manager = Manager(folder)
        self.pluto = EdgeLibreswan(net.edge, folder / "edge-pluto")
        self.tunnels = Tunnels(self, folder)
        self._gateways = {}
        self.configuration.host["tunnels"] = {"addresses": [places.EDGE_END], "control": self.tunnels.control.path}
        for partner, inside in [("payfast", places.PAYFAST), ("mobicash", places.MOBICASH)]:
            self._behind_tunnel(partner, inside)

    def _behind_tunnel(self, partner, inside):
        theirs, gateway, subnet = ENDS[partner]
        keys = self.partners[partner]
        keys["allow"] = [{"from": [inside], "via": "t1", "reason": "production egress"}]
        keys["tunnel"] = [{
            "name": "t1", "peer": gateway, "local-id": EDGE_ID, "remote-id": theirs,
            "local-subnets": [f"{places.EDGE}/32"], "remote-subnets": [subnet],
            "auth": {"psk": f"{partner}-t1.psk"}}]
        secret = self.configuration.folder / "secrets" / f"{partner}-t1.psk"
        secret.parent.mkdir(exist_ok=True)
        secret.write_text(SECRET + "\n")
        secret.chmod(0o600)

    # Our side.

    def lock_down(self):
        """As its unit does, once, before there is a network."""
        run(*self.network.edge.command(str(programs() / "jumpd"), "lockdown", "--config",
                                       str(self.configuration.folder)))

    def enforce(self):
        """Starts the enforcer as systemd does, with what it keeps for it."""
        self.manager.forget()
        self.jumpd.start(environment=self.manager.environment(), sockets=self.manager.kept)
        self.manager.told("READY=1", timeout=30)

    def stop_enforcing(self):
        """As `systemctl stop` does it: what was kept for the service goes with it."""
        self.jumpd.terminate()
        self.jumpd.exited()
        for _, kept in self.manager.kept:
            kept.close()
        self.manager.kept = []

    def kill_enforcer(self):
        """What systemd keeps for it, it goes on to keep: the service is to be restarted."""
        self.jumpd.signal(signal.SIGKILL)
        self.jumpd.exited()

    def begin(self, *partners):
        """All of it in the order of a boot, the partners' gateways first; returns once eigd serves."""
        for partner in partners:
            self.gateway(partner)
        self.configuration.write()
        if self.guarded:
            self.lock_down()
            self.enforce()
        self.pluto.start()
        self.tunnels.start()
        self.start_eigd()

    def answers(self):
        """Whether PayFast, who calls now, has an answer within some seconds."""
        try:
            return self.payfast.call("GET", "/eig/any/1").status == 200
        except OSError:
            return False

    # Their side.

    def appoint(self, name, daemon):
        """Another daemon is the partner's gateway; started with the rest."""
        self._gateways[name] = daemon

    def gateway(self, name, **settings):
        """A partner's Libreswan, running; it starts the tunnel for its own packets, too."""
        if name not in self._gateways:
            self._gateways[name] = Libreswan(f"gateway-{name}", getattr(self.network, name), self.folder / name,
                                             connection(name, **settings), secrets(name))
        if not self._gateways[name].is_running:
            self._gateways[name].start()
        return self._gateways[name]

    def close(self):
        self.tunnels.kill()
        for each in self._gateways.values():
            each.kill()
        self.pluto.kill()
        self.pluto.forget()
        for table in ["eig_lockdown"]:
            subprocess.run(self.network.edge.command("nft", "delete", "table", "inet", table), capture_output=True,
                           check=False)
        super().close()
        self.manager.close()
