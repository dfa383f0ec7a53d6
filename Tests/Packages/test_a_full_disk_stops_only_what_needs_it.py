# SPDX-License-Identifier: Apache-2.0
"""With /var full callbacks are refused, so that their senders keep them; requests and deliveries go on."""

import pytest
from support.programs import until

MIB = 1 << 20
#: The whole of /var; eigd stops taking callbacks where less than 256 MiB are free.
SIZE = 600 * MIB


def small(machine):
    """Moves /var to a file system of its own that can be filled."""
    machine.shell(f"""
        mkdir /srv/var && mount -t tmpfs -o size={SIZE},mode=755 tmpfs /srv/var && cp -a /var/. /srv/var/
        mount --bind /srv/var /var && systemctl restart systemd-journald.service""")


def fill(machine, leave):
    """Leaves this many bytes free in /var."""
    machine.shell(f"""
        free=$(($(stat --file-system --format='%a * %S' /var)))
        [ "$free" -le {leave} ] || head -c $((free - {leave})) /dev/zero >>/var/ballast || [ {leave} = 0 ]""")


@pytest.fixture
def edge(host):
    small(host.machine)
    # With the reserve that a host has unless its administrator gave it up.
    del host.gateway["store"]["reserve-bytes"]
    host.txn, host.rpt  # noqa: B018 - they listen from here on
    return host.serve()


def test_requests_and_deliveries_go_on(edge):
    tell(edge, "before")
    for leave in [100 * MIB, 0]:
        fill(edge.machine, leave)
        refused = refusal(edge, leave)
        assert refused.field("Retry-After"), refused
        assert edge.payfast.call("GET", "/eig/any/1").status == 200
    # What was accepted before is delivered from a full disk.
    edge.delivered(["before"])
    status = edge.machine.run("eigctl", "status", check=False)
    assert status.code == 1 and status.out.startswith("FAILING: "), status
    assert "callbacks are not accepted" in status.out, status
    edge.machine.shell("rm /var/ballast")
    until(lambda: tell(edge, "after").status == 202, 30, 0.2, what="callbacks to be taken again")
    edge.delivered(["before", "after"])
    assert edge.machine.state == "running", edge.machine.run("systemctl", "--failed").out


def test_a_restart_on_a_full_disk_delivers_what_it_has(edge):
    tell(edge, "before")
    fill(edge.machine, 0)
    edge.machine.systemctl("restart", "eigd.service", timeout=60)
    edge.delivered(["before"])
    assert edge.payfast.call("GET", "/eig/any/1").status == 200


def refusal(edge, leave):
    """The first refusal; a reference that was taken is never refused again, so each is new."""
    answers = []

    def refused():
        answers.append(tell(edge, f"left-{leave}-{len(answers)}"))
        return answers[-1].status == 503
    until(refused, 20, 0.2, what=f"callbacks to be refused: {answers[-1:]}")
    return answers[-1]


def tell(edge, reference):
    return edge.callback("payfast", reference, {"transactionReference": reference})
