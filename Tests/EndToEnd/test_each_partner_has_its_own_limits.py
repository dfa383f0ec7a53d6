# SPDX-License-Identifier: Apache-2.0
"""Rate and concurrency are per partner, answered with Retry-After, and one partner's excess is nobody else's."""

import threading
import time

from support.server import Answer


def a_third(lab):
    """The answer to a request while two wait for the backend, who are answered in the end."""
    gate = threading.Event()

    def wait(request):
        gate.wait(10)
        return Answer(200)

    lab.txn.behaviour = wait
    answers = []
    waiting = [threading.Thread(target=lambda: answers.append(lab.payfast.call("GET", "/eig/any/slow")))
               for _ in range(2)]
    for thread in waiting:
        thread.start()
    lab.txn.wait(2)
    third = lab.payfast.call("GET", "/eig/any/third")
    gate.set()
    for thread in waiting:
        thread.join()
    assert [answer.status for answer in answers] == [200, 200]
    return third


def test_requests_over_the_rate_get_429(lab):
    lab.partners["payfast"]["limits"] = {"requests-per-second": 1, "burst": 5}
    lab.txn, lab.rpt
    lab.start()
    with lab.payfast.connect() as connection:
        answers = [connection.request("GET", "/eig/any/1", fields=lab.payfast.fields) for _ in range(12)]
    statuses = [answer.status for answer in answers]
    assert statuses[:5] == [200] * 5 and 429 in statuses, statuses
    refused = next(answer for answer in answers if answer.status == 429)
    assert refused.json["error"]["code"] == "rate_exceeded"
    assert int(refused.field("Retry-After")) >= 1
    assert len(lab.txn.requests) == statuses.count(200)
    assert lab.mobicash.call("GET", "/eig/any/1").status == 200
    status = next(partner for partner in lab.status["partners"] if partner["id"] == "payfast")
    assert {"reason": "rate_exceeded", "count": statuses.count(429)} in status["refusals"]


def test_the_rate_holds_over_all_connections(lab):
    lab.partners["payfast"]["limits"] = {"requests-per-second": 1, "burst": 5}
    lab.txn, lab.rpt
    lab.start()
    statuses = [lab.payfast.call("GET", "/eig/any/1").status for _ in range(12)]
    assert 5 <= statuses.count(200) <= 8 and statuses.count(429) >= 4, statuses


def test_requests_over_the_concurrency_get_429(lab):
    lab.partners["payfast"]["limits"]["concurrent"] = 2
    lab.txn, lab.rpt
    lab.start()
    refused = a_third(lab)
    assert (refused.status, refused.json["error"]["code"]) == (429, "concurrency_exceeded"), refused
    assert int(refused.field("Retry-After")) >= 1
    assert lab.payfast.call("GET", "/eig/any/fourth").status == 200
    assert [request.target for request in lab.txn.requests].count("/eig/any/third") == 0


def test_a_busy_backend_gets_no_more_connections_than_it_may(lab):
    lab.gateway["backend"][0]["connections"] = 2
    lab.gateway["workers"]["count"] = 1
    lab.txn, lab.rpt
    lab.start()
    refused = a_third(lab)
    assert (refused.status, refused.json["error"]["code"]) == (503, "backend_busy"), refused
    assert int(refused.field("Retry-After")) >= 1


def test_an_address_that_floods_handshakes_is_held_back_and_others_are_not(lab):
    lab.gateway["limits"] = {"handshakes-per-second": 1, "handshakes-burst": 5}
    lab.txn, lab.rpt
    lab.start()
    served = refused = 0
    started = time.monotonic()
    for _ in range(30):
        try:
            served += lab.payfast.call("GET", "/eig/any/1").status == 200
        except OSError:
            refused += 1
    # Each of two workers has a bucket of five and one more a second.
    allowed = 2 * (5 + time.monotonic() - started) + 1
    assert 5 <= served <= allowed and refused >= 6, (served, refused, allowed)
    assert lab.mobicash.call("GET", "/eig/any/1").status == 200
