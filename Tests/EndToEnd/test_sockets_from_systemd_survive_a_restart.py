# SPDX-License-Identifier: Apache-2.0
"""Sockets that were handed over stay open while eigd is away: who connects meanwhile waits and is served."""

import functools
import signal
import socket
import threading
import time

import pytest

from support import network
from support.client import render
from support.manager import Manager
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


@pytest.fixture
def manager(lab):
    made = Manager(lab.folder)
    yield made
    made.close()


@pytest.fixture
def elsewhere(lab):
    """Sockets of a unit that nobody changed when the file was."""
    made = [("partners", lab.network.edge.listen((network.EDGE, 8443))),
            ("internal", lab.network.edge.listen((network.INSIDE, 9081)))]
    yield made
    for _, each in made:
        each.close()


def test_sockets_that_are_not_the_files_are_served_and_complained_of(lab, manager, elsewhere):
    lab.txn, lab.rpt
    lab.gateway["listen"]["partners"] = [f"{network.EDGE}:8443"]
    lab.configuration.write()
    lab.start_eigd(sockets=elsewhere, environment=manager.environment())
    said = "eigd.toml [listen] internal and the sockets of eigd-internal.socket differ"
    assert said in manager.status(f"{network.INSIDE}:9081")
    complaint = lab.eigd.logged(event="listen_differs")["message"]
    assert said in complaint and f"{network.INSIDE}:8081 is in the file" in complaint
    assert "eigctl setup --yes, then systemctl restart eigd-internal.socket eigd" in complaint
    assert said in lab.eigctl("status").stdout
    assert lab.payfast.call("GET", "/eig/any/1").status == 200
    lab.network.backends.connect((network.INSIDE, 9081), network.TXN).close()

    # Mending the file is one of the two ways, and needs no restart.
    lab.gateway["listen"]["internal"] = [f"{network.INSIDE}:9081"]
    lab.configuration.host["internal"]["ports"] = [9081]
    lab.reload()
    assert said not in lab.eigctl("status").stdout
    manager.forget()
    manager.status("serving")
    assert "notices" not in lab.status

    # Going away from what is open is refused: a reload opens nothing.
    lab.gateway["listen"]["internal"] = [f"{network.INSIDE}:7081"]
    lab.configuration.host["internal"]["ports"] = [7081]
    lab.configuration.write()
    generation = lab.generation
    lab.eigd.signal(signal.SIGHUP)
    refused = lab.eigd.logged(event="reload_refused")
    assert "[listen] differs" in refused["message"] and lab.generation == generation


def test_a_socket_with_a_name_that_says_nothing_is_refused(lab, manager):
    """Whoever connected to it would wait for ever."""
    lab.configuration.write()
    with lab.network.edge.listen((network.EDGE, 8443)) as unnamed:
        lab.eigd.start(sockets=[("eigd.socket", unnamed)], environment=manager.environment())
        assert lab.eigd.refuses(1)
    assert "FileDescriptorName=partners, internal or control" in lab.eigd.complaints()
    manager.status("not started", "a socket named eigd.socket")


def test_a_socket_that_is_none_is_refused(lab):
    lab.configuration.write()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(lab.folder / "other"))
        other.listen()
        lab.eigd.start(sockets=[("partners", other)])
        assert lab.eigd.refuses(1)
    assert "no listening TCP socket" in lab.eigd.complaints()


def test_operators_wait_for_a_restart_too(lab):
    """The control socket is systemd's as well: it is never away, and eigd does not remove it."""
    lab.txn, lab.rpt
    lab.configuration.write()
    path = lab.run / "eigd.sock"
    with socket.socket(socket.AF_UNIX) as control:
        control.bind(str(path))
        control.listen()
        lab.start_eigd(sockets=[("control", control)])
        lab.eigd.terminate()
        assert lab.eigd.exited() == 0
        assert path.exists()
        answers = []
        asker = threading.Thread(target=lambda: answers.append(lab.control.json("GET", "/v1/status")))
        asker.start()
        lab.start_eigd(sockets=[("control", control)])
        asker.join(10)
        assert answers and answers[0]["ok"]
