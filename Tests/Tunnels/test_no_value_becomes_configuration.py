# SPDX-License-Identifier: Apache-2.0
"""Hostile values in a partner file, and in the files it names, end to end: refused, or exactly what was written.

Nothing is executed, no file but the partner's own is written, no other partner's tunnel is touched, and pluto never has
a connection, a network or a secret that nobody asked for. `EIG_THOROUGH=1` tries every value in every place, otherwise
every value is tried in some.
"""

import copy
import itertools
import os
import re

import pytest

from lab import written
from lab.configured import partner, tunnel

#: Put where a value is expected; CANARY is a path that exists only if one of them was executed.
VALUES = [
    'x"\n    leftupdown="touch CANARY"\n    y="', "x\n    leftupdown=\"touch CANARY\"", "x\nconn q\n    left=%any",
    "x\r\n    auto=start", "x\n\ninclude /etc/passwd", "include /etc/passwd", "x'; touch CANARY; '", "$(touch CANARY)",
    "`touch CANARY`", "|touch CANARY", "x\"y", "x'y", "x`y", "{a,b}", "{x}y}", "%any", "%defaultroute", "%cert", "%none",
    "4711", "0x4711", "@4711 ", "@a b", "@a\tb", "@", "@@a", "@#47", "@[a]", "@~a", "#x", "x#y", "x=y", "x,,y", "a\0b",
    "\u00a0x", "@\u0430cme.example", "@" + "a" * 254, "@" + "a" * 2100, "x" * 70000, "0.0.0.0", "0.0.0.0/0", "::/0",
    "255.255.255.255", "127.0.0.1", "172.16.5.0/99", "172.16.5.7/24", "172.016.5.0/24", "172.16.5.0/24,10.0.0.0/8",
    "../../../etc/shadow", "/etc/shadow", "a/../b", ".", "-x", "--help", "aes128", "3des-md5;modp1024", "null-sha1",
    "aes256-sha2_256;dh19,aes256-sha2_256;dh2", "",
]
#: Where: the key of the tunnel, and how the value is put there.
PLACES = {
    "name": lambda value: value,
    "peer": lambda value: value,
    "backup-peer": lambda value: value,
    "local-address": lambda value: value,
    "local-id": lambda value: value,
    "remote-id": lambda value: value,
    "local-subnets": lambda value: [value],
    "remote-subnets": lambda value: [value],
    "auth": lambda value: {"psk": value},
    "ike": lambda value: [value],
    "esp": lambda value: [value],
    "esp-lifetime": lambda value: value,
    "encapsulation": lambda value: value,
}
#: What a file of a pre-shared key holds.
SECRETS = [
    b"", b"\n", b"short", b"a" * 31, b": PSK \"x\"", b"0x", b"0x47", b"0xzz" + b"47" * 32, b"0t" + b"a" * 40,
    b"0s" + b"QUJD" * 20, b"\"" + b"a" * 40, b"'" + b"a" * 40, b"`" + b"a" * 40, b"a" * 40 + b"\n: PSK \"catch all\"",
    b"a" * 40 + b"\n@gw.edge.example @vpn.other.example : PSK 0x00", b"a" * 40 + b"\ninclude /etc/passwd",
    b"a" * 40 + b"\r\n", b"a" * 2100, b"a" * 100000, b"\0" * 40, bytes(range(1, 256)), "\u00fc".encode() * 40,
    b"%" * 40, b"{" * 40, b"a" * 40,
]


class Victim:
    """A host with a good partner, and another one whose file is hostile."""

    def __init__(self, edge, pair, canary):
        self.edge, self.pair, self.canary = edge, pair, canary
        other = tunnel(6, remote_id="@vpn.other.example", auth={"psk": "other.psk"}, peer="203.0.113.9")
        edge.configured.partners["other"] = partner("other", other, address="203.0.113.21")
        edge.configured.secrets["other.psk"] = written.key("other")
        edge.configured.partners["acme"] = partner("acme", tunnel())
        self.good = copy.deepcopy(edge.configured.partners["acme"])
        edge.configured.write()
        pair.edge.pluto.start()
        edge.start_tunnels()
        self.serial = pair.edge.pluto.connections["p_other_t1_s1"]["serial"]
        self.connections = self.lines()
        self.files = set(edge.files)

    def lines(self):
        """What pluto has, without what changes by itself."""
        return {name: [line for line in keys["lines"] if "newest" not in line and "===" in line]
                for name, keys in self.pair.edge.pluto.connections.items()}

    def restore(self):
        self.edge.configured.partners["acme"] = copy.deepcopy(self.good)
        self.edge.configured.secrets["acme.psk"] = written.SECRET

    def attack(self):
        """Whether it was taken, and what is wrong afterwards: nothing when it was refused, or is what it says."""
        before = self.edge.files
        status, document = self.edge.ask("apply")
        return status == 200, list(self._wrong(before, status, document))

    def _wrong(self, before, status, document):
        files, loaded = self.edge.files, self.pair.edge.pluto.connections
        if self.canary.exists():
            yield "it was executed"
        if set(files) - self.files:
            yield f"it made {set(files) - self.files}"
        others = [name for name in loaded if name != "p_other_t1_s1"]
        if len(others) > 1 or not all(re.fullmatch(r"p_acme_[a-z][a-z0-9]*_s\d+", name) for name in others):
            yield f"pluto has {sorted(loaded)}"
        if loaded["p_other_t1_s1"]["serial"] != self.serial:
            yield "the other partner's tunnel was touched"
        if status == 200:
            if b"touch" in b"".join(files.values()):
                yield "it is in a file"
        elif status != 422:
            yield f"status {status}: {document}"
        elif files != before or self.lines() != self.connections:
            yield "it was refused, and yet something changed"


@pytest.fixture
def victim(edge, pair, workspace):
    return Victim(edge, pair, workspace / "canary")


def attempts():
    """Where, how and what."""
    every = 1 if os.environ.get("EIG_THOROUGH") else 4
    for (place, (key, put)), (number, value) in itertools.product(enumerate(PLACES.items()), enumerate(VALUES)):
        if (place + number) % every == 0:
            yield key, put, value


def test_of_a_partner_file(victim):
    wrong, accepted = [], []
    for key, put, value in attempts():
        victim.restore()
        given = value.replace("CANARY", str(victim.canary))
        victim.edge.configured.partners["acme"]["tunnel"][0][key] = put(given)
        is_taken, found = victim.attack()
        wrong += [(key, value[:60], each) for each in found]
        if is_taken:
            accepted.append((key, value[:60]))
            victim.restore()
            victim.edge.apply()
            victim.connections = victim.lines()
    assert wrong == []
    # What is taken is harmless: few, and never of what is executed or becomes a line.
    assert len(accepted) < 30, accepted
    assert not [each for each in accepted if set(each[1]) & set("\n\r\"'`$|\0")], accepted


@pytest.mark.parametrize("content", SECRETS, ids=lambda content: repr(content[:24]))
def test_of_a_secret_file(victim, content):
    victim.edge.configured.secrets["acme.psk"] = content
    assert victim.attack()[1] == []
    known = sorted(line.split(": PSK ")[1] for line in victim.pair.edge.pluto.whack("--listpsks").splitlines()
                   if ": PSK " in line)
    assert len(known) == 3, "the partner's, the other's, and nobody's"
    for pair in ["@vpn.acme.example @gw.edge.example", "@vpn.other.example @gw.edge.example"]:
        assert pair in known
