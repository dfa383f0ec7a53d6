# SPDX-License-Identifier: Apache-2.0
"""`journalctl -t eigd PARTNER=payfast` answers what happened to a partner, by fields of the journal's own."""

import json


def test_a_partners_requests_and_refusals_are_found_by_its_name(edge):
    assert edge.payfast.call("GET", "/eig/any/1").status == 200
    [request] = edge.txn.wait()
    entry = edge.logged(partner="payfast", event="access")
    assert entry["request_id"] == request.field("X-EIG-Request-Id")
    # The text is what a log file would hold.
    line = json.loads(entry["message"])
    assert (line["partner"], line["status"], line["request"]) == ("payfast", 200, entry["request_id"])

    with edge.payfast.connect() as connection:
        refused = connection.request("GET", "/eig/any/2", fields=[("X-USERNAME", "payfast"), ("X-PASSWORD", "0" * 64)])
    assert refused.status == 401
    entry = edge.logged(partner="payfast", event="refusal", reason="credential_wrong")
    assert entry["priority"] == "5"
    assert edge.mobicash.call("GET", "/eig/any/3").status == 200
    edge.logged(partner="mobicash", event="access")
    partners = {found.get("partner") for found in edge.entries("-t", "eigd", "PARTNER=payfast")}
    assert partners == {"payfast"}


def test_a_request_is_found_by_its_number(edge):
    assert edge.payfast.call("GET", "/eig/any/1").status == 200
    [request] = edge.txn.wait()
    number = request.field("X-EIG-Request-Id")
    edge.logged(request_id=number)
    assert len(edge.entries(f"REQUEST_ID={number}")) == 1


def test_what_the_enforcer_admits_is_found_by_partner(edge):
    entry = edge.logged(identifier="jumpd", partner="payfast")
    assert "allow" in entry["message"]


def test_a_refused_change_is_an_error_in_the_journal(edge):
    edge.partners["payfast"]["alow"] = []
    edge.write()
    assert edge.machine.systemctl("reload", "eigd.service", check=False).code != 0
    entry = edge.logged(event="reload_refused")
    assert entry["priority"] == "3" and "payfast.toml" in entry["message"]
