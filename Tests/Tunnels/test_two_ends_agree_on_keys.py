# SPDX-License-Identifier: Apache-2.0
"""The laboratory itself: two plutos authenticate each other, by secret and by certificate, and say why not."""

from lab import written

OUR_DN = "CN=gw.edge.example"
THEIR_DN = "CN=vpn.acme.example"


def test_with_a_shared_secret(plutos):
    for end, text in [(plutos.edge, written.ours()), (plutos.partner, written.theirs())]:
        end.pluto.configure("a.conf", text)
        end.pluto.configure("a.secrets", written.secret())
        end.pluto.load()
    said = plutos.edge.pluto.initiate("acme")
    assert "initiator established IKE SA; authenticated peer using authby=secret" in said
    assert plutos.edge.pluto.established("acme") and plutos.partner.pluto.established("edge")


def test_not_with_another_secret(plutos):
    for end, text, secret in [(plutos.edge, written.ours(), written.SECRET),
                              (plutos.partner, written.theirs(), written.OTHER_SECRET)]:
        end.pluto.configure("a.conf", text)
        end.pluto.configure("a.secrets", written.secret(secret))
        end.pluto.load()
    said = plutos.edge.pluto.initiate("acme")
    assert "rejected by peer: AUTHENTICATION_FAILED" in said
    assert not plutos.edge.pluto.established("acme")
    assert plutos.partner.pluto.said("computed hash does not match hash received from peer")


def test_with_certificates(plutos, pki):
    keys = {"authby": "ecdsa", "leftrsasigkey": "%cert", "rightrsasigkey": "%cert", "leftsendcert": "always",
            "rightca": '"O=vpn-ca, CN=vpn-ca"'}
    authority = pki.authority("vpn-ca")
    for end, nickname, name, text, ours, others in [
            (plutos.edge, "edge-1", "gw.edge.example", written.ours, OUR_DN, THEIR_DN),
            (plutos.partner, "acme-1", "vpn.acme.example", written.theirs, THEIR_DN, OUR_DN)]:
        end.trust("vpn-ca", authority.certificate)
        end.own(nickname, pki.leaf(nickname, "vpn-ca", name, usage="serverAuth,clientAuth"))
        end.pluto.configure("a.conf", text(leftcert=nickname, leftid=f'"{ours}"', rightid=f'"{others}"', **keys))
        end.pluto.load()
    said = plutos.edge.pluto.initiate("acme")
    assert "using peer certificate 'CN=vpn.acme.example' issued by CA 'O=vpn-ca, CN=vpn-ca'" in said
    assert plutos.edge.pluto.established("acme") and plutos.partner.pluto.established("edge")
