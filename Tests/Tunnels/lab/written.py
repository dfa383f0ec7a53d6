# SPDX-License-Identifier: Apache-2.0
"""Connections and secrets as an engineer writes them by hand: the partner's side, and what our own text is held to."""

import base64
import hashlib

from .pair import EDGE, OURS, PARTNER


def key(name):
    """A pre-shared key as both engineers type it, the same for the same name."""
    return base64.b64encode(hashlib.sha256(name.encode()).digest()).decode()


SECRET = key("acme")
OTHER_SECRET = key("acme, next year")


def connection(name, left, left_id, left_subnet, right, right_id, right_subnet, **more):
    """One conn. A keyword's dash is an underscore in `more`."""
    keys = {"type": "tunnel", "ikev2": "insist", "left": left, "leftid": f'"{left_id}"', "leftsubnet": left_subnet,
            "right": right, "rightid": f'"{right_id}"', "rightsubnet": right_subnet, "authby": "secret",
            "ike": '"aes_gcm256-sha2_512;dh20"', "esp": '"aes_gcm256"', "pfs": "yes", "dpddelay": "5s",
            "dpdaction": "restart", "retransmit-timeout": "10s", "fragmentation": "no", "mobike": "no",
            "leftupdown": '"%disabled"', "auto": "ondemand"}
    keys.update({key.replace("_", "-"): value for key, value in more.items()})
    return f"conn {name}\n" + "".join(f"    {key}={value}\n" for key, value in keys.items() if value) + "\n"


def ours(name="acme", number=5, **more):
    return connection(name, EDGE, "@gw.edge.example", OURS, PARTNER, "@vpn.acme.example", f"172.16.{number}.0/24",
                      **more)


def theirs(name="edge", number=5, gateway=PARTNER, identity="@vpn.acme.example", network=None, **more):
    return connection(name, gateway, identity, network or f"172.16.{number}.0/24", EDGE, "@gw.edge.example", OURS,
                      **{"auto": "add", **more})


def secret(value=SECRET, theirs="@vpn.acme.example"):
    return f'@gw.edge.example {theirs} : PSK "{value}"\n'
