# SPDX-License-Identifier: Apache-2.0
"""Everybody around an edge: the backends behind it, the partners before it, as clients and as servers."""

import json

from . import network
from .client import Caller, Connection
from .configuration import PASSWORDS
from .server import Answer, Server

ACKNOWLEDGED = Answer(200, b'{"acknowledged":"true"}', [("Content-Type", "application/json")])
REFUSED = Answer(200, b'{"acknowledged":"false"}', [("Content-Type", "application/json")])
#: What the edge's /etc/hosts says: where partners are called.
HOSTS = (f"127.0.0.1 localhost\n{network.PAYFAST} callbacks.payfast.example\n"
         f"{network.MOBICASH} api.mobicash.example callbacks.mobicash.example\n")


class Surroundings:
    """Who is there from the start calls; who is asked for first listens from then on."""

    def __init__(self, net, pki, configuration):
        self.network = net
        self.pki = pki
        self.configuration = configuration
        self._servers = []
        self._made = {}
        ours = pki.authority("eig-ca")
        self.payfast = Caller(net.payfast, pki.leaf("payfast", "payfast-ca", "edge.payfast.example"), ours,
                              fields=[("X-USERNAME", "payfast"), ("X-PASSWORD", PASSWORDS["payfast"])],
                              source=network.PAYFAST)
        self.mobicash = Caller(net.mobicash, pki.leaf("mobicash", "mobicash-ca", "edge.mobicash.example"), ours)

    # The configuration, in short.

    @property
    def gateway(self):
        return self.configuration.gateway

    @property
    def partners(self):
        return self.configuration.partners

    # Backends.

    @property
    def txn(self):
        return self._once("txn", lambda: Server(self.network.backends, network.TXN, 8080))

    @property
    def rpt(self):
        return self._once("rpt", lambda: Server(self.network.backends, network.RPT, 8080))

    def inside(self, source=network.TXN):
        """A connection to the internal listener, from a backend's address."""
        return Connection(self.network.backends.connect((network.INSIDE, 8081), source))

    def callback(self, partner, key, body, fields=()):
        """A sender callback, as TXN posts it; the body is JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        with self.inside() as connection:
            return connection.request("POST", f"/v1/callbacks/{partner}", data,
                                      [("Content-Type", "application/json"), ("Idempotency-Key", key), *fields],
                                      host="edge.inside")

    def outward(self, partner, method, path, body=None, fields=()):
        """A call to a partner, as TXN makes it."""
        with self.inside() as connection:
            return connection.request(method, f"/v1/partners/{partner}{path}", body, fields, host="edge.inside")

    # Partners' endpoints.

    @property
    def payfast_callbacks(self):
        """PayFast's callback endpoint; it acknowledges as TerraPay's partners do."""
        def make():
            identity = self.pki.leaf("payfast-callbacks", "payfast-ca", "callbacks.payfast.example",
                                     usage="serverAuth")
            server = Server(self.network.payfast, network.PAYFAST, 9443, identity, self.pki.authority("eig-ca"))
            server.behaviour = lambda request: ACKNOWLEDGED
            return server
        return self._once("payfast_callbacks", make)

    @property
    def mobicash_callbacks(self):
        return self._once("mobicash_callbacks", lambda: self._mobicash(9443))

    @property
    def mobicash_api(self):
        """What MobiCash serves for outward calls."""
        return self._once("mobicash_api", lambda: self._mobicash(8443))

    def _mobicash(self, port):
        identity = self.pki.leaf("mobicash-server", "mobicash-ca", "api.mobicash.example",
                                 "callbacks.mobicash.example", usage="serverAuth")
        return Server(self.network.mobicash, network.MOBICASH, port, identity, self.pki.authority("eig-ca"))

    def _once(self, name, make):
        if name not in self._made:
            self._made[name] = make()
            self._servers.append(self._made[name])
        return self._made[name]

    def close_servers(self):
        for server in self._servers:
            server.close()
