# SPDX-License-Identifier: Apache-2.0
"""What is held is held alone: the store, the listeners; and a gateway takes on no more than it was told to."""

import pytest

from support.programs import Program


def test_a_second_gateway_on_the_same_store_does_not_start(edge):
    second = Program("eigd", edge.eigd.arguments, edge.network.stranger, edge.folder / "run", edge.hosts)
    second.start()
    assert second.exited() != 0
    assert second.complaints(), "it did not say why"
    assert edge.payfast.call("GET", "/eig/any/1").status == 200
    assert edge.control.answers(), "the second took the control socket away"


def test_check_says_whether_the_files_are_good_and_starts_nothing(lab):
    lab.configuration.write()
    lab.eigd.arguments.append("--check")
    lab.eigd.start()
    assert lab.eigd.exited() == 0
    lab.partners["payfast"]["rolls"] = ["send"]
    lab.configuration.write()
    lab.eigd.start()
    assert lab.eigd.exited() == 1
    assert "payfast.toml" in lab.eigd.complaints()
    lab.eigd.process = None


def test_connections_over_the_bound_are_turned_away_and_the_others_live_on(lab):
    lab.gateway["limits"]["connections"] = 5
    lab.gateway["workers"]["count"] = 1
    lab.txn, lab.rpt
    lab.start()
    held = [lab.payfast.connect() for _ in range(5)]
    for connection in held:
        assert connection.request("GET", "/eig/any/1", fields=lab.payfast.fields).status == 200
    with pytest.raises(OSError):
        lab.mobicash.call("GET", "/eig/any/1")
    assert held[0].request("GET", "/eig/any/2", fields=lab.payfast.fields).status == 200
    for connection in held:
        connection.close()


@pytest.mark.parametrize("data", [
    b"POST /v1/callbacks/payfast HTTP/1.1\r\nHost: x\r\nIdempotency-Key: k\r\nContent-Length: 2\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n{}",
    b"GET /v1/partners/mobicash/x HTTP/1.0\r\nHost: x\r\n\r\n",
    b"GET /v1/partners/mobicash/../payfast/x HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /v1/partners/mobicash/x HTTP/1.1\nHost: x\n\n",
])
def test_the_inside_is_parsed_as_strictly(edge, data):
    api = edge.mobicash_api
    with edge.inside() as connection:
        connection.send(data)
        received = connection.rest()
    assert received.startswith((b"HTTP/1.1 400", b"HTTP/1.1 505")), received
    assert api.requests == [] and edge.status["relay"]["accepted_total"] == 0
