# SPDX-License-Identifier: Apache-2.0
"""The configuration folder of our end: a host and partners with tunnels, as Python values; `write` makes it files."""

from support.configuration import toml

from .pair import EDGE, OUR_HOST, OURS, PARTNER
from .written import SECRET, key

#: Where a partner takes callbacks.
PORT = 9443


def tunnel(number=5, **more):
    """One `[[tunnel]]`, to the network 172.16.NUMBER.0/24."""
    return {"name": "t1", "peer": PARTNER, "local-id": "@gw.edge.example", "remote-id": "@vpn.acme.example",
            "local-subnets": [OURS], "remote-subnets": [f"172.16.{number}.0/24"], "auth": {"psk": "acme.psk"},
            **{key.replace("_", "-"): value for key, value in more.items()}}


def partner(name, *tunnels, address="203.0.113.20", callbacks=None):
    """A partner file; `callbacks` is the address of its endpoint for them."""
    keys = {"name": name, "roles": ["send"], "owner": f"ops@{name}.example", "ticket": "NET-1",
            "allow": [{"from": [address], "reason": "production egress"}],
            "certificate": [{"ca": "acme-ca.pem", "san": f"edge.{name}.example"}],
            "tunnel": list(tunnels)}
    if callbacks:
        keys["callbacks"] = {"url": f"https://{callbacks}:{PORT}/", "to": [callbacks], "profile": "plain",
                             "identity": "acme-out"}
    return keys


class Configured:
    """Change `host`, `partners` and `secrets`, then `write`."""

    def __init__(self, folder, pki):
        self.folder = folder / "etc"
        self.run = folder / "run"
        for each in [self.folder, self.run]:
            each.mkdir()
        self.pki = pki
        self.host = {
            "host": {"addresses": [EDGE, OUR_HOST]},
            "management": {"from": ["10.99.0.0/24"], "ports": [22]},
            "partners": {"ports": [8443]},
            "internal": {"from": ["10.20.0.0/24"], "ports": [8081]},
            "tunnels": {"addresses": [EDGE], "control": f"{self.run}/tunnels.sock"},
            "control": {"path": f"{self.run}/enforce.sock"},
        }
        self.partners = {}
        self.secrets = {"acme.psk": SECRET}

    def write(self):
        for name in ["partners.d", "ca", "credentials", "identities", "secrets"]:
            (self.folder / name).mkdir(exist_ok=True)
        authority = self.pki.authority("acme-ca").certificate
        (self.folder / "ca" / "acme-ca.pem").write_bytes(authority.read_bytes())
        identity = self.pki.leaf("acme-out", "acme-ca", "acme-out.edge.example")
        for file in [identity.certificate, identity.key]:
            (self.folder / "identities" / f"acme-out{file.suffix}").write_bytes(file.read_bytes())
            (self.folder / "identities" / f"acme-out{file.suffix}").chmod(0o600)
        _replace(self.folder / "jumpd.toml", toml(self.host))
        for name, keys in self.partners.items():
            _replace(self.folder / "partners.d" / f"{name}.toml", toml({"id": name, **keys}))
        for file in (self.folder / "partners.d").iterdir():
            if file.stem not in self.partners:
                file.unlink()
        for name, text in self.secrets.items():
            path = self.folder / "secrets" / name
            _replace(path, text)
            path.chmod(0o600)

    def hundreds(self, count):
        """This many partners with one tunnel each, all through the same gateway under different names."""
        for number in range(count):
            name = f"partner{number}"
            high, low = divmod(number, 250)
            rule = tunnel(remote_id=f"@vpn.{name}.example", auth={"psk": f"{name}.psk"},
                          remote_subnets=[f"172.{20 + high}.{low}.0/24"],
                          peer=f"203.0.{100 + high}.{low + 1}")
            self.partners[name] = partner(name, rule, address=f"198.18.{high}.{low + 1}")
            self.secrets[f"{name}.psk"] = key(name)
        return self


def _replace(path, text):
    """As an editor does it: the name always has a whole file behind it."""
    content = text if isinstance(text, bytes) else text.encode()
    if path.exists() and path.read_bytes() == content:
        return
    temporary = path.with_suffix(".new")
    temporary.write_bytes(content)
    temporary.rename(path)
