# SPDX-License-Identifier: Apache-2.0
"""The configuration folder of a host with a gate, as Python values: who administers what."""

import os

from support import network
from support.configuration import Configuration
from support.network import run

from . import wires

#: What administrators call the gate by; a database is TARGET in front of it.
NAME = "jump.edge.example"
PORT = 9443
AUTHORITY = "admins-ca"


class Access(Configuration):
    """`host` has what jumpd.toml says of the gate; change it, then `write`."""

    def __init__(self, pki, folder, run_folder, store, audit):
        super().__init__(pki, folder, run_folder, store)
        self.host["management"] = {"from": [wires.ADMINS, "2001:db8:9::/64"], "ports": [PORT]}
        self.host["gate"] = {
            "listen": [f"{network.EDGE}:{PORT}", f"[{network.EDGE6}]:{PORT}"],
            "name": NAME, "certificate": "jump.pem", "key": "jump.key", "workers": 2,
            "control": f"{run_folder}/jump.sock",
            # Scenarios connect far more often than an administrator does.
            "handshakes-per-second": 10000, "handshakes-burst": 20000,
        }
        self.host["audit"] = {"key": "audit.key", "folder": str(audit), "control": f"{run_folder}/audit.sock",
                              "events": f"{run_folder}/audit-events.sock"}
        everything = ["eig-01:22", "txn-db", "old-db", "rpt-01:443", "gone:22"]
        self.host["role"] = [
            {"id": "network", "targets": everything, "may": ["approve", "audit", "sessions"]},
            {"id": "reports", "targets": ["rpt-01:443"]},
        ]
        self.host["admin"] = [
            self.admin("anna", "Anna Bauer", ["network"]),
            self.admin("ben", "Ben Okafor", ["network"]),
            self.admin("mallory", "Mallory Marsh", ["reports"]),
            {**self.admin("sealed", "Sealed identity", ["network"]), "break-glass": True},
        ]
        self.host["target"] = [
            self.target("eig-01", wires.HOST, [22]),
            self.target("gone", wires.EMPTY, [22]),
            self.target("rpt-01", network.RPT, [443]),
            {**self.target("old-db", wires.DATABASE, [5432]), "protocol": "postgresql"},
            {**self.target("txn-db", wires.DATABASE_TLS, [5432]), "protocol": "postgresql",
             "tls": {"ca": "db-ca.pem", "name": "txn-db.inside"}},
        ]

    @staticmethod
    def admin(name, full, roles):
        return {"id": name, "name": full, "roles": roles, "ca": f"{AUTHORITY}.pem", "san": f"{name}@edge.example"}

    @staticmethod
    def target(name, address, ports):
        return {"id": name, "address": address, "ports": ports, "protocol": "tcp", "reason": "the laboratory"}

    def one(self, table, name):
        """The entry of `[[admin]]`, `[[role]]` or `[[target]]` with this id."""
        return next(each for each in self.host[table] if each["id"] == name)

    def person(self, name):
        """The certificate that stands for an administrator, whether configured or not."""
        return self.pki.leaf(name, AUTHORITY, f"{name}@edge.example")

    @property
    def authority(self):
        """Whom administrators trust for the gate."""
        return self.pki.authority("eig-ca")

    def _write_pki(self):
        super()._write_pki()
        gate = self.pki.leaf("jump", "eig-ca", NAME, f"*.{NAME}", usage="serverAuth")
        self._copy(gate.certificate, "identities/jump.pem")
        self._copy(gate.key, "identities/jump.key")
        self._copy(self.pki.authority(AUTHORITY).certificate, f"ca/{AUTHORITY}.pem")
        self._copy(self.pki.authority("db-ca").certificate, "ca/db-ca.pem")
        key = self.folder / "identities" / "audit.key"
        if not key.exists():
            run("openssl", "genpkey", "-algorithm", "ed25519", "-out", str(key))
            os.chmod(key, 0o600)
