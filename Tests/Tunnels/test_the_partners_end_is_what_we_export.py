# SPDX-License-Identifier: Apache-2.0
"""The text of `eigctl tunnel export` and the text of our emitter, each read by the program it is for, agree on keys."""

from pathlib import Path

import pytest

from lab import charon, written
from lab.configured import partner, tunnel

GOLDEN = Path(__file__).resolve().parents[1] / "IPsecConfigTests" / "Golden"
OURS = "p_acme_t1_s1"
PLACEHOLDER = "PRE-SHARED-KEY"
KEY = "4711" * 8


@pytest.fixture
def export(edge):
    """What we mail to the partner."""
    def write(product, **more):
        edge.configured.partners["acme"] = partner("acme", tunnel(**more))
        edge.configured.write()
        done = edge.eigctl("tunnel", "export", "acme", "--for", product)
        assert done.returncode == 0, done.stderr
        assert written.SECRET not in done.stdout and written.SECRET.removeprefix("0x") not in done.stdout
        return done.stdout
    return write


def start_ours(pair):
    """Our end as the emitter writes it."""
    pluto = pair.edge.pluto
    pluto.configure("eig-acme.conf", (GOLDEN / "secret-4.10.conf").read_text())
    pluto.configure("eig-acme.secrets", f"@gw.edge.example @vpn.acme.example : PSK 0x{KEY.encode().hex()}\n")
    pluto.start()
    assert pluto.connections[OURS]["state"] == "prospective erouted"
    return pluto


def start_libreswan(pair, text):
    """The partner's, as the text says: the secret goes into a file of its own."""
    secret = next(line for line in text.splitlines() if PLACEHOLDER in line and " : PSK " in line)
    pluto = pair.partner.pluto
    pluto.configure("edge.conf", text)
    pluto.configure("edge.secrets", secret.removeprefix("# ").replace(PLACEHOLDER, KEY) + "\n")
    pluto.start()
    return pluto


def test_libreswan_takes_our_text_and_we_reach_it(pair, export):
    ours = start_ours(pair)
    theirs = start_libreswan(pair, export("libreswan"))
    said = ours.initiate(OURS)
    assert "initiator established IKE SA; authenticated peer using authby=secret" in said
    assert ours.established(OURS) and theirs.established("edge_t1_s1")


def test_libreswan_takes_our_text_and_reaches_us(pair, export):
    ours = start_ours(pair)
    theirs = start_libreswan(pair, export("libreswan"))
    said = theirs.initiate("edge_t1_s1")
    assert "initiator established IKE SA; authenticated peer using authby=secret" in said
    assert ours.established(OURS)


needs_strongswan = pytest.mark.skipif(charon.obstacle() is not None, reason=str(charon.obstacle()))


@pytest.fixture
def strongswan(pair):
    """The partner's, as `swanctl --load-all` reads the text."""
    theirs = charon.Charon(pair.partner)

    def load(text, files=()):
        for kind, name, file in files:
            theirs.put(kind, name, file)
        file = theirs.folder / "swanctl.conf"
        file.write_text(text)
        theirs.start()
        loaded = theirs.swanctl("--load-all", "--file", file)
        assert "loaded connection 'edge_t1'" in loaded and "failed" not in loaded, loaded
        return theirs
    yield load
    theirs.stop()


@needs_strongswan
def test_strongswan_takes_our_text_and_we_reach_it(pair, export, strongswan):
    ours = start_ours(pair)
    theirs = strongswan(export("strongswan").replace(PLACEHOLDER, KEY))
    said = ours.initiate(OURS)
    assert "initiator established IKE SA; authenticated peer using authby=secret" in said, theirs.said()
    assert "ESTABLISHED" in theirs.swanctl("--list-sas")


@needs_strongswan
def test_strongswan_takes_our_text_and_reaches_us(pair, export, strongswan):
    ours = start_ours(pair)
    theirs = strongswan(export("strongswan").replace(PLACEHOLDER, KEY))
    # The child may fail for a kernel without ESP; the exchange of keys must not.
    theirs.swanctl("--initiate", "--ike", "edge_t1", "--timeout", "10")
    assert ours.established(OURS), theirs.said()


class Certificates:
    """What both ends have: the names are those of the golden file."""

    def __init__(self, pki):
        self.our_authority = pki.authority("edge-vpn-ca", subject="/C=IN/O=Edge/CN=Edge VPN CA")
        self.their_authority = pki.authority("acme-vpn-ca", subject="/C=IN/O=Acme Ltd/CN=Acme VPN CA")
        self.ours = pki.leaf("edge-vpn", "edge-vpn-ca", "gw.edge.example", usage="serverAuth,clientAuth",
                             subject="/C=IN/O=Edge/CN=gw.edge.example")
        self.theirs = pki.leaf("acme-vpn", "acme-vpn-ca", "vpn2.acme.example", usage="serverAuth,clientAuth",
                               subject="/C=IN/O=Acme Ltd (Mumbai)/CN=vpn2.acme.example")

    def start_ours(self, pair):
        pair.edge.trust("their-authority", self.their_authority.certificate)
        pair.edge.own("acme-0a1b2c", self.ours)
        pair.edge.pluto.configure("eig-acme.conf", (GOLDEN / "certificate-4.10.conf").read_text())
        return pair.edge.pluto.start()

    def export(self, edge, product):
        """The names in the text are those of the certificates, as eigctl reads them."""
        rule = tunnel(local_id="C=IN, O=Edge, CN=gw.edge.example",
                      remote_id="C=IN, O=Acme Ltd (Mumbai), CN=vpn2.acme.example",
                      auth={"certificate": "edge-vpn", "ca": "acme-vpn-ca.pem"})
        edge.configured.partners["acme"] = partner("acme", rule)
        edge.configured.write()
        for name, identity in [("identities/edge-vpn.pem", self.ours), ("ca/acme-vpn-ca.pem", self.their_authority)]:
            (edge.configured.folder / name).write_bytes(identity.certificate.read_bytes())
        done = edge.eigctl("tunnel", "export", "acme", "--for", product)
        assert done.returncode == 0, done.stderr
        assert "trust the authority" in done.stdout and PLACEHOLDER not in done.stdout
        return done.stdout


@pytest.fixture
def certificates(pki):
    return Certificates(pki)


def test_libreswan_takes_our_text_with_certificates(pair, edge, certificates):
    ours = certificates.start_ours(pair)
    pair.partner.trust("our-authority", certificates.our_authority.certificate)
    pair.partner.own("acme-vpn", certificates.theirs)
    theirs = pair.partner.pluto
    theirs.configure("edge.conf", certificates.export(edge, "libreswan").replace("YOUR-CERTIFICATE", "acme-vpn"))
    theirs.start()
    said = ours.initiate(OURS)
    assert "digital signature using peer certificate" in said and ours.established(OURS), said
    assert theirs.established("edge_t1_s1")


@needs_strongswan
def test_strongswan_takes_our_text_with_certificates(pair, edge, certificates, strongswan):
    ours = certificates.start_ours(pair)
    files = [("x509", "YOUR-CERTIFICATE.pem", certificates.theirs.certificate),
             ("private", "YOUR-CERTIFICATE.pem", certificates.theirs.key),
             ("x509ca", "OUR-AUTHORITY.pem", certificates.our_authority.certificate)]
    theirs = strongswan(certificates.export(edge, "strongswan"), files)
    said = ours.initiate(OURS)
    assert "digital signature using peer certificate" in said and ours.established(OURS), said + theirs.said()
