# SPDX-License-Identifier: Apache-2.0
"""Both partners take the text `eigctl tunnel export` prints for their product, put the secret in, and that is all."""

import pytest
from lab.connections import SECRET
from lab.facts import fact
from lab.libreswan import Libreswan
from lab.strongswan import StrongSwan
from lab.transfer import begin

pytestmark = pytest.mark.short

PLACEHOLDER = "PRE-SHARED-KEY"


def export(edge, partner, product):
    done = edge.eigctl("tunnel", "export", partner, "--for", product)
    assert done.returncode == 0, done.stderr
    assert SECRET not in done.stdout
    return done.stdout


def run_exported(edge):
    """PayFast runs strongSwan, MobiCash Libreswan."""
    edge.configuration.write()
    text = export(edge, "payfast", "strongswan").replace(PLACEHOLDER, SECRET)
    strongswan = StrongSwan("gateway-payfast", edge.network.payfast, edge.folder / "payfast", text)
    edge.appoint("payfast", strongswan)
    text = export(edge, "mobicash", "libreswan")
    secret = next(line for line in text.splitlines() if PLACEHOLDER in line and " : PSK " in line)
    edge.appoint("mobicash", Libreswan("gateway-mobicash", edge.network.mobicash, edge.folder / "mobicash", text,
                                       secret.removeprefix("# ").replace(PLACEHOLDER, SECRET) + "\n"))
    return strongswan


def test_transfers_go_through(unguarded):
    run_exported(unguarded)
    transfers = begin(unguarded)
    for _ in range(3):
        transfers.run()
    unguarded.network.wire.assert_no_clear_text()
    fact(f"strongSwan and Libreswan by exported text: {transfers.count} transfers, 0 packets in clear text")


def test_strongswan_may_end_and_renew_the_tunnel(edge):
    strongswan = run_exported(edge)
    transfers = begin(edge)
    strongswan.swanctl("--rekey", "--child", "edge_t1_s1")
    transfers.run()
    strongswan.swanctl("--rekey", "--ike", "edge_t1")
    transfers.run()
    strongswan.swanctl("--terminate", "--ike", "edge_t1")
    transfers.run()
    edge.network.wire.assert_no_clear_text()
    fact("strongSwan renewed ESP, renewed IKE and hung up: a transfer after each")
