# SPDX-License-Identifier: Apache-2.0
"""The configuration folder the scenarios start from, as Python values; `write` makes it files."""

import hashlib
import json
import subprocess
from pathlib import Path

from . import network

#: What partners send as X-PASSWORD: the SHA-256 of their password, in hex.
PASSWORDS = {"payfast": hashlib.sha256(b"a long secret").hexdigest()}
WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def hashed(password):
    done = subprocess.run(["openssl", "passwd", "-6", "-stdin"], input=password, text=True, capture_output=True,
                          check=True)
    return done.stdout.strip()


_HASHES = {}


class Configuration:
    """Change the dictionaries, then `write`. A partner or key set to None is left out."""

    def __init__(self, pki, folder, run, store):
        self.pki = pki
        self.folder = Path(folder)
        self.gateway = {
            "listen": {
                "partners": [f"{network.EDGE}:8443", f"[{network.EDGE6}]:8443"],
                "internal": [f"{network.INSIDE}:8081"],
                "control": f"{run}/eigd.sock",
            },
            "server": {"names": ["edge.eig.example"], "certificate": "edge.pem", "key": "edge.key"},
            "workers": {"count": 2},
            "internal": {"from": [f"{network.TXN}/31"]},
            "timeouts": {},
            # Scenarios connect far more often than a partner does.
            "limits": {"handshakes-per-second": 10000, "handshakes-burst": 20000},
            "store": {"path": f"{store}/relay.db", "reserve-bytes": 0},
            "relay": {
                "retry": ["100ms", "200ms", "300ms"],
                "receiver-callbacks-to": ["txn", "rpt"],
                "sender-copies-to": ["rpt"],
            },
            "log": {},
            "backend": [
                {"name": "txn", "address": f"{network.TXN}:8080"},
                {"name": "rpt", "address": f"{network.RPT}:8080"},
            ],
            "route": [
                {"method": "POST", "path": "/eig/gsma/transactions", "role": "send", "to": "txn"},
                {"method": "GET", "path": "/eig/gsma/transactions/", "role": "send", "to": "txn"},
                {"path": "/eig/any/", "role": "any", "to": "txn"},
                {"method": "POST", "path": "/eig/callbacks/payouts", "role": "receive", "to": "relay"},
                {"method": "PUT", "path": "/eig/callbacks/payouts", "role": "receive", "to": "relay"},
            ],
        }
        self.host = {
            "host": {"addresses": [network.EDGE, network.EDGE6]},
            "management": {"from": ["10.99.0.0/24"], "ports": [22]},
            "partners": {"ports": [8443]},
            "internal": {"from": ["10.20.0.0/24"], "ports": [8081]},
            "control": {"path": f"{run}/jumpd-enforce.sock"},
        }
        self.partners = {
            "payfast": {
                "name": "PayFast India", "roles": ["send"], "owner": "ops@payfast.example", "ticket": "NET-1",
                "allow": [{"from": [network.PAYFAST, network.PAYFAST6], "reason": "production egress"}],
                "certificate": [{"ca": "payfast-ca.pem", "san": "edge.payfast.example"}],
                "credential": {"scheme": "terrapay", "file": "payfast.credential"},
                "limits": {"requests-per-second": 10000, "burst": 20000},
                "callbacks": {
                    "url": "https://callbacks.payfast.example:9443/terrapay", "to": [network.PAYFAST],
                    "profile": "terrapay", "identity": "payfast-out", "timeout": "2s",
                },
            },
            "mobicash": {
                "name": "MobiCash Kenya", "roles": ["receive"], "owner": "ops@mobicash.example", "ticket": "NET-2",
                "allow": [{"from": [network.MOBICASH], "reason": "production egress"}],
                "certificate": [{"ca": "mobicash-ca.pem", "san": "edge.mobicash.example"}],
                "limits": {"requests-per-second": 10000, "burst": 20000},
                "callbacks": {
                    "url": "https://callbacks.mobicash.example:9443/status", "to": [network.MOBICASH],
                    "profile": "plain", "identity": "mobicash-out", "timeout": "2s",
                },
                "outward": {
                    "url": "https://api.mobicash.example:8443", "to": [network.MOBICASH],
                    "identity": "mobicash-out", "timeout": "2s",
                },
            },
        }

    def write(self):
        """Writes every file anew and removes partner files that are no longer there."""
        for name in ["partners.d", "ca", "credentials", "identities", "secrets"]:
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._write_pki()
        _replace(self.folder / "eigd.toml", toml(self.gateway))
        _replace(self.folder / "jumpd.toml", toml(self.host))
        for partner, keys in self.partners.items():
            if keys is not None:
                _replace(self.folder / "partners.d" / f"{partner}.toml", toml({"id": partner, **keys}))
        for file in (self.folder / "partners.d").iterdir():
            if self.partners.get(file.stem) is None:
                file.unlink()

    def _write_pki(self):
        for authority in ["payfast-ca", "mobicash-ca"]:
            self._copy(self.pki.authority(authority).certificate, f"ca/{authority}.pem")
        edge = self.pki.leaf("edge", "eig-ca", "edge.eig.example", usage="serverAuth")
        payfast = self.pki.leaf("payfast-out", "eig-ca", "payfast-out.eig.example")
        mobicash = self.pki.leaf("mobicash-out", "eig-ca", "mobicash-out.eig.example")
        for name, identity in [("edge", edge), ("payfast-out", payfast), ("mobicash-out", mobicash)]:
            self._copy(identity.certificate, f"identities/{name}.pem")
            self._copy(identity.key, f"identities/{name}.key")
        for name, password in PASSWORDS.items():
            if name not in _HASHES:
                _HASHES[name] = hashed(password)
            self._secret(f"credentials/{name}.credential", f"{name}:{_HASHES[name]}\n")
        self._secret("secrets/webhooks.whsec", WEBHOOK_SECRET + "\n")

    def _copy(self, source, name):
        target = self.folder / name
        if not target.exists():
            target.write_bytes(source.read_bytes())
            target.chmod(0o600 if name.endswith(".key") else 0o644)

    def _secret(self, name, text):
        target = self.folder / name
        target.write_text(text)
        target.chmod(0o600)


def _replace(path, text):
    """As an editor does it: the file is whole at every instant."""
    temporary = path.with_name("." + path.name + ".new")
    temporary.write_text(text)
    temporary.rename(path)


def toml(table):
    """TOML for dictionaries of scalars, lists, tables and arrays of tables."""
    lines = []
    _table(lines, table, "")
    return "\n".join(lines) + "\n"


def _table(lines, table, title):
    later = []
    for key, value in table.items():
        if value is None:
            continue
        if isinstance(value, dict) or (isinstance(value, list) and value and isinstance(value[0], dict)):
            later.append((key, value))
        else:
            # JSON's strings, numbers, booleans and flat arrays are TOML's, too.
            lines.append(f"{key} = {json.dumps(value)}")
    for key, value in later:
        for item in value if isinstance(value, list) else [value]:
            lines.append(f"\n[[{title}{key}]]" if isinstance(value, list) else f"\n[{title}{key}]")
            _table(lines, item, f"{title}{key}.")
