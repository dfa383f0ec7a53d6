# SPDX-License-Identifier: Apache-2.0
"""Sockets that were handed over stay open while eigd is away: who connects meanwhile waits and is served."""

import functools
import socket
import threading
import time

import pytest

from support import network
from support.client import render
from support.programs import meanwhile, until


@pytest.fixture
def sockets(lab):
    made = [("partners", lab.network.edge.listen((network.EDGE, 8443))),
            ("internal", lab.network.edge.listen((network.INSIDE, 8081)))]
    yield made
    for _, each in made:
        each.close()


def test_sockets_from_systemd_survive_a_restart(lab, sockets):
    lab.txn, lab.rpt
    lab.configuration.write()
    lab.start_eigd(sockets=sockets)
    assert lab.payfast.call("GET", "/eig/any/1").status == 200
    lab.eigd.terminate()
    assert lab.eigd.exited() == 0

    answers = []
    waiting = [threading.Thread(target=lambda: answers.append(lab.payfast.call("GET", "/eig/any/2")))
               for _ in range(10)]
    for thread in waiting:
        thread.start()
    early = lab.network.payfast.connect((network.EDGE, 8443), network.PAYFAST)
    lab.start_eigd(sockets=sockets)
    for thread in waiting:
        thread.join()
    assert [answer.status for answer in answers] == [200] * 10
    early.close()


def test_restarts_under_load_fail_no_new_connection(lab, sockets):
    lab.txn, lab.rpt
    lab.configuration.write()
    lab.start_eigd(sockets=sockets)
    stop = threading.Event()
    counts, failures = [], []

    def load(caller):
        count = 0
        while not stop.is_set():
            try:
                # Each on a connection of its own: one that is open is told to go with its next answer.
                answer = caller.call("GET", "/eig/any/1")
                count += 1
                if answer.status != 200:
                    failures.append(answer)
            except OSError as error:
                failures.append(error)
        counts.append(count)

    with meanwhile(stop, *[functools.partial(load, caller) for caller in (lab.payfast, lab.mobicash)]):
        for _ in range(5):
            lab.eigd.terminate()
            assert lab.eigd.exited() == 0
            lab.start_eigd(sockets=sockets)
            time.sleep(0.15)
    assert not failures, failures[:3]
    assert min(counts) > 5, counts


@pytest.mark.parametrize("who", ["its own", "systemd's"])
def test_a_peer_that_vanishes_is_noticed_on_any_socket(lab, sockets, who):
    """Connections have their keep-alive from the listening socket, whoever opened that."""
    lab.txn, lab.rpt
    lab.configuration.write()
    if who == "its own":
        for _, each in sockets:
            each.close()
    lab.start_eigd(sockets=sockets if who == "systemd's" else [])
    with lab.payfast.connect() as connection:
        connection.send(render("GET", "/eig/any/1", None, lab.payfast.fields))
        assert connection.response().status == 200
        look = lab.network.edge.command("ss", "-tnoH", "state", "established", "sport", "=", ":8443")
        # Once the answer is acknowledged, the only timer left.
        until(lambda: "timer:(keepalive," in network.run(*look), what="the keep-alive timer")


def test_the_service_manager_is_told(lab):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(lab.folder / "notify"))
        manager.settimeout(10)

        def told(word):
            while True:
                message = manager.recv(4096).decode()
                if word in message.splitlines():
                    return message

        lab.txn, lab.rpt
        lab.configuration.write()
        environment = {"NOTIFY_SOCKET": str(lab.folder / "notify"), "WATCHDOG_USEC": "400000"}
        lab.start_eigd(environment=environment)
        assert "STATUS=" in told("READY=1")
        told("WATCHDOG=1")
        lab.reload()
        told("RELOADING=1")
        told("READY=1")
        lab.eigd.terminate()
        told("STOPPING=1")
        assert lab.eigd.exited() == 0
