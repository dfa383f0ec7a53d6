# SPDX-License-Identifier: Apache-2.0
"""What cannot be delivered is given up visibly, holds its transaction, and goes again when an operator says so."""

import json

from support.edge import ACKNOWLEDGED
from support.programs import until
from support.server import Answer


def test_a_dead_letter_waits_for_an_operator(edge):
    endpoint = edge.payfast_callbacks
    endpoint.behaviour = lambda request: Answer(404)
    identifier = edge.callback("payfast", "K-1", {"transactionId": "TP1", "status": "SUCCESS"}).json["id"]

    def dead():
        result = edge.eigctl("callbacks", "dead", "--json")
        return [item for item in json.loads(result.stdout)["callbacks"] if item["destination"] == "partner:payfast"]

    [letter] = until(dead, timeout=30, every=0.1, what="a dead letter")
    assert letter["kind"] == "sender" and letter["last_status"] == 404, letter
    tried = len(endpoint.requests)
    assert tried == letter["attempts"] >= 1

    shown = edge.eigctl("callbacks", "show", letter["id"], "--json")
    document = json.loads(shown.stdout)
    assert len(document["attempts"]) == tried and "SUCCESS" in document["body"]
    # For people, too.
    assert letter["id"] in edge.eigctl("callbacks", "dead").stdout

    endpoint.behaviour = lambda request: ACKNOWLEDGED
    replayed = edge.eigctl("callbacks", "replay", letter["id"])
    assert replayed.returncode == 0, replayed
    requests = endpoint.wait(tried + 1)
    assert requests[-1].body == requests[0].body
    until(lambda: edge.eigctl("callbacks", "show", replayed.stdout.strip(), "--json").stdout.count('"done"'),
          what="the replay to be done")
    assert identifier


def test_what_follows_a_dead_letter_waits_with_it(edge):
    endpoint = edge.payfast_callbacks
    endpoint.behaviour = lambda request: Answer(404) if request.json["number"] == 1 else ACKNOWLEDGED
    for number in [1, 2]:
        edge.callback("payfast", f"K-{number}", {"transactionId": "TP1", "number": number})
    edge.callback("payfast", "K-3", {"transactionId": "TP2", "number": 3})
    until(lambda: edge.status["relay"]["dead"], timeout=30, every=0.1, what="a dead letter")
    endpoint.wait(where=lambda request: request.json["number"] == 3)
    assert not endpoint.matching(lambda request: request.json["number"] == 2), "overtook a dead letter"
    endpoint.behaviour = lambda request: ACKNOWLEDGED
    [letter] = json.loads(edge.eigctl("callbacks", "dead", "--json").stdout)["callbacks"]
    assert edge.eigctl("callbacks", "replay", letter["id"]).returncode == 0
    endpoint.wait(where=lambda request: request.json["number"] == 2)


def test_an_unknown_id_is_an_error(edge):
    result = edge.eigctl("callbacks", "show", "01920f3e-7c1a-7000-8000-000000000001")
    assert result.returncode == 1 and result.stderr, result
