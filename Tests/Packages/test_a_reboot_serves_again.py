# SPDX-License-Identifier: Apache-2.0
"""After a reboot the host is closed before its network is up, serves by itself, and delivers what it had accepted."""

import threading

from container.host import SOCKETS, UNITS
from container.wires import ADMINISTRATOR, network
from support.programs import meanwhile, until


def test_what_was_accepted_is_delivered_after_it(edge):
    ids = {edge.callback("payfast", f"key-{number}", {"transactionReference": f"key-{number}"}).json["id"]
           for number in range(5)}
    # PayFast's endpoint is not there until the host is back.
    edge.reboot()
    assert edge.machine.state == "running", edge.machine.run("systemctl", "--failed").out
    # systemd drops a job of an ordering cycle without failing anything: that each of ours runs is looked at.
    for unit in ["eig-lockdown.service", *UNITS, *SOCKETS]:
        assert edge.machine.is_active(unit), edge.machine.status(unit)
    arrived = edge.payfast_callbacks.wait(5, timeout=30)
    assert {request.field("Idempotency-Key") or request.field("webhook-id") for request in arrived} == ids
    assert edge.payfast.call("GET", "/eig/any/1").status == 200


def test_it_is_closed_before_it_is_open(edge):
    edge.machine.power_off()
    got_in = []
    stop = threading.Event()
    # Somebody listens on the administrators' port from the first moment, as sshd would, and on another one.
    edge.network.replug()
    services = [edge.network.edge.listen((network.EDGE, port)) for port in (22, 5432)]

    def knock():
        while not stop.is_set():
            for port in (8443, 5432, 22):
                if edge.network.answers("stranger", (network.EDGE, port), network.STRANGER, timeout=0.2):
                    got_in.append(port)

    # The kernel of a host that boots has no network before network-pre.target: none of the stranger's packets may
    # pass once it is reached.
    edge.machine.boot(settled=False)
    until(lambda: edge.machine.is_active("network-pre.target"), 20, what="network-pre.target")
    with meanwhile(stop, knock):
        until(lambda: edge.machine.is_active("eigd.service"), 30, what="eigd.service")
        assert edge.network.answers("stranger", (network.EDGE, 22), ADMINISTRATOR)
        assert not edge.network.answers("stranger", (network.EDGE, 5432), ADMINISTRATOR)
    assert got_in == []
    times = {name: int(edge.machine.property(name, "ActiveEnterTimestampMonotonic"))
             for name in ["eig-lockdown.service", "network-pre.target", "jumpd-enforce.service", "eigd.service"]}
    assert sorted(times, key=times.get) == list(times), times
    for service in services:
        service.close()
