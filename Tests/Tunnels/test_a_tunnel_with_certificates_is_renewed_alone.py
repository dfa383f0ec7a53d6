# SPDX-License-Identifier: Apache-2.0
"""Our certificate goes into Libreswan's database, is replaced by its successor, and goes with its tunnel."""

import pytest

from lab import written
from lab.configured import partner, tunnel
from lab.pair import BACKUP
from support.programs import until

OURS, THEIRS = "CN=gw.edge.example", "CN=vpn.acme.example"


def put(edge, identity):
    """As `eigctl cert csr` and an authority would have left it."""
    for folder in ["identities", "ca"]:
        (edge.configured.folder / folder).mkdir(exist_ok=True)
    for file in [identity.certificate, identity.key]:
        path = edge.configured.folder / "identities" / f"vpn-gw{file.suffix}"
        path.write_bytes(file.read_bytes())
        path.chmod(0o600)
    authority = edge.configured.pki.authority("vpn-ca").certificate
    (edge.configured.folder / "ca" / "vpn-ca.pem").write_bytes(authority.read_bytes())


def nicknames(end):
    """Those of the database, with their trust."""
    lines = end.command("certutil", "-L", "-d", "sql:/var/lib/ipsec/nss").splitlines()
    return {words[0]: words[1] for words in map(str.split, lines) if len(words) == 2 and words[1].count(",") == 2}


def nickname(identity):
    """Ours for it: the serial number in whole bytes."""
    return f"acme-{identity.serial.zfill(len(identity.serial) + len(identity.serial) % 2)}"


def gateway(pki, name):
    return pki.leaf(name, "vpn-ca", "gw.edge.example", usage="serverAuth,clientAuth")


@pytest.fixture
def both(edge, pair, pki):
    """A tunnel with certificates and one with a secret, to two gateways, both agreed."""
    keys = {"authby": "ecdsa", "leftrsasigkey": "%cert", "rightrsasigkey": "%cert", "leftsendcert": "always",
            "rightca": '"O=vpn-ca, CN=vpn-ca"', "leftcert": "acme", "leftid": f'"{THEIRS}"', "rightid": f'"{OURS}"'}
    pair.partner.trust("vpn-ca", pki.authority("vpn-ca").certificate)
    pair.partner.own("acme", pki.leaf("acme-gateway", "vpn-ca", "vpn.acme.example", usage="serverAuth,clientAuth"))
    other = written.theirs("other", 6, gateway=BACKUP, identity="@vpn.other.example")
    pair.partner.pluto.configure("a.conf", written.theirs(**keys) + other)
    pair.partner.pluto.configure("a.secrets", written.secret(theirs="@vpn.other.example"))
    pair.partner.pluto.start()
    put(edge, gateway(pki, "vpn-gw-1"))
    edge.configured.partners["acme"] = partner("acme", tunnel(
        local_id=OURS, remote_id=THEIRS, auth={"certificate": "vpn-gw", "ca": "vpn-ca.pem"}))
    edge.configured.partners["other"] = partner("other", tunnel(6, peer=BACKUP, remote_id="@vpn.other.example"),
                                                address="203.0.113.21")
    edge.configured.write()
    pair.edge.pluto.start()
    edge.start_tunnels()
    for name in ["p_acme_t1_s1", "p_other_t1_s1"]:
        until(lambda name=name: pair.edge.pluto.established(name), what=f"the key exchange of {name}")
    return edge


def test_renewed_and_removed_alone(both, pair, pki):
    first = nickname(gateway(pki, "vpn-gw-1"))
    assert nicknames(pair.edge)[first] == "u,u,u"
    assert len([name for name in nicknames(pair.edge) if name.startswith("eig-ca-")]) == 1
    other = pair.edge.pluto.established("p_other_t1_s1")
    serial = pair.edge.pluto.connections["p_other_t1_s1"]["serial"]

    # Its successor has the same subject.
    put(both, gateway(pki, "vpn-gw-2"))
    second = nickname(gateway(pki, "vpn-gw-2"))
    assert first != second
    changes = both.apply()
    assert [change["partner"] for change in changes] == ["acme"]
    assert second in nicknames(pair.edge) and first not in nicknames(pair.edge)
    until(lambda: pair.edge.pluto.established("p_acme_t1_s1"), what="the key exchange with the new certificate")
    assert pair.edge.pluto.established("p_other_t1_s1") == other
    assert pair.edge.pluto.connections["p_other_t1_s1"]["serial"] == serial

    # Nobody else's is removed with it.
    pair.edge.trust("somebody-else", pki.authority("else").certificate)
    del both.configured.partners["acme"]
    both.apply()
    assert list(nicknames(pair.edge)) == ["somebody-else"]
    assert pair.edge.pluto.established("p_other_t1_s1") == other


def test_a_key_of_another_certificate_changes_nothing(both, pair, pki):
    before = (both.files, nicknames(pair.edge), pair.edge.pluto.states)
    put(both, gateway(pki, "vpn-gw-3"))
    key = both.configured.folder / "identities" / "vpn-gw.key"
    key.write_bytes(pki.leaf("another", "vpn-ca", "x.example").key.read_bytes())
    status, document = both.ask("apply")
    assert status == 422 and "another certificate" in document["error"]["message"], document
    assert (both.files, nicknames(pair.edge), pair.edge.pluto.states) == before
    assert not [path for path in both.state.iterdir() if path.suffix in {".p12", ".der"} or path.name == "password"]
