# SPDX-License-Identifier: Apache-2.0
"""eigctl apply after a partner's file is deleted: its flows end in the kernel and in eigd, and nobody else's do."""

import json

import pytest

from support import network


@pytest.fixture
def enforced(lab):
    lab.txn, lab.rpt
    return lab.start(enforce=True)


def test_removing_a_partner_cuts_its_live_flows(enforced):
    edge = enforced
    gone, stays = edge.payfast.connect(), edge.mobicash.connect()
    assert gone.request("GET", "/eig/any/1", fields=edge.payfast.fields).status == 200
    assert stays.request("GET", "/eig/any/1").status == 200
    edge.partners["payfast"] = None
    edge.configuration.write()

    planned = edge.eigctl("plan", "--json")
    assert planned.returncode == 2, planned
    assert "payfast" in planned.stdout
    applied = edge.eigctl("apply", "--json")
    assert applied.returncode == 0, applied
    document = json.loads(applied.stdout)
    assert document["ok"] and "payfast" in applied.stdout
    assert edge.eigctl("plan").returncode == 0

    # The kernel lets nothing of it through, in either direction.
    entries = edge.enforcer.json("GET", "/v1/status")["partners"]
    assert [partner["id"] for partner in entries] == ["mobicash"]
    flows = network.run(*edge.network.edge.command("conntrack", "-L", "-s", network.PAYFAST))
    assert "ESTABLISHED" not in flows, flows
    gone.connection.settimeout(1)
    with pytest.raises(OSError):
        gone.request("GET", "/eig/any/2", fields=edge.payfast.fields)
    with pytest.raises(OSError):
        edge.network.payfast.connect((network.EDGE, 8443), network.PAYFAST, timeout=1)
    assert [request.target for request in edge.txn.requests].count("/eig/any/2") == 0
    assert stays.request("GET", "/eig/any/3").status == 200


def test_adding_an_address_lets_it_in_and_disturbs_nobody(enforced):
    edge = enforced
    with edge.mobicash.connect() as stays, edge.payfast.connect() as own:
        with pytest.raises(OSError):
            edge.network.payfast.connect((network.EDGE, 8443), network.PAYFAST_OTHER, timeout=0.7)
        edge.partners["payfast"]["allow"].append({"from": [network.PAYFAST_OTHER], "reason": "second site"})
        edge.configuration.write()
        assert edge.eigctl("apply").returncode == 0
        other = edge.payfast.from_namespace(edge.network.payfast, network.PAYFAST_OTHER)
        assert other.call("GET", "/eig/any/1").status == 200
        assert stays.request("GET", "/eig/any/2").status == 200
        assert own.request("GET", "/eig/any/3", fields=edge.payfast.fields).status == 200


def test_a_bad_file_applies_nothing_anywhere(enforced):
    edge = enforced
    kernel = network.run(*edge.network.edge.command("nft", "-s", "list", "ruleset"))
    generation = edge.generation
    edge.partners["payfast"] = None
    edge.partners["mobicash"]["rolls"] = ["receive"]
    edge.configuration.write()
    result = edge.eigctl("apply")
    assert result.returncode == 1, result
    assert "mobicash.toml" in result.stderr and "roles" in result.stderr, result.stderr
    assert network.run(*edge.network.edge.command("nft", "-s", "list", "ruleset")) == kernel
    assert edge.generation == generation
    assert edge.payfast.call("GET", "/eig/any/1").status == 200


def test_the_allow_list_knows_ipv6(enforced):
    edge = enforced
    six = edge.payfast.from_namespace(edge.network.payfast, network.PAYFAST6)
    with six.connect(address=network.EDGE6) as connection:
        assert connection.request("GET", "/eig/any/1", fields=six.fields).status == 200
    [request] = edge.txn.wait()
    assert request.field("Forwarded") == 'for="[2001:db8:5::10]";proto=https'
