# SPDX-License-Identifier: Apache-2.0
"""SIGTERM: nothing new is accepted, what is being answered is answered, idle connections are told, and it ends."""

import threading
import time

from support.client import render
from support.programs import until
from support.server import Answer


def test_sigterm_finishes_what_is_in_flight(edge):
    edge.txn.behaviour = lambda request: Answer(200, b"done", after=1.0 if "slow" in request.target else 0)
    slow, idle = edge.payfast.connect(), edge.mobicash.connect()
    assert idle.request("GET", "/eig/any/1").status == 200
    answers = []
    thread = threading.Thread(target=lambda: answers.append(
        slow.request("POST", "/eig/any/slow", b"{}", edge.payfast.fields)))
    thread.start()
    edge.txn.wait(where=lambda request: "slow" in request.target)
    edge.eigd.terminate()

    def was_last():
        """A connection that is open gets one more answer, which says that it is the last."""
        answer = idle.request("GET", "/eig/any/2")
        assert answer.status == 200, answer
        return answer.field("Connection") == "close"

    until(was_last, what="the last answer")
    assert idle.is_closed()
    thread.join(10)
    assert (answers[0].status, answers[0].body) == (200, b"done")
    assert answers[0].field("Connection") == "close"
    assert edge.eigd.exited() == 0


def test_an_idle_edge_ends_soon(edge):
    with edge.payfast.connect() as idle:
        assert idle.request("GET", "/eig/any/1", fields=edge.payfast.fields).status == 200
        edge.eigd.terminate()
        assert edge.eigd.exited(timeout=35) == 0


def test_what_never_finishes_is_cut_within_the_bound(lab):
    lab.gateway["timeouts"]["drain"] = "1s"
    lab.rpt
    lab.txn.behaviour = lambda request: Answer(200, after=20)
    lab.start()
    connection = lab.payfast.connect()
    connection.send(render("POST", "/eig/any/slow", b"{}", lab.payfast.fields))
    lab.txn.wait()
    started = time.monotonic()
    lab.eigd.terminate()
    assert lab.eigd.exited(timeout=10) == 0
    assert 0.8 < time.monotonic() - started < 6


def test_a_callback_accepted_before_the_end_is_there_after_it(edge):
    assert edge.callback("payfast", "K-1", {"transactionId": "TP1"}).status == 202
    edge.eigd.terminate()
    assert edge.eigd.exited() == 0
    edge.start_eigd()
    edge.payfast_callbacks.wait()
