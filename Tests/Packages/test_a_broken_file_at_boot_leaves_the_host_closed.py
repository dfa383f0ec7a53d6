# SPDX-License-Identifier: Apache-2.0
"""A host that boots with a file it cannot use is closed: to partners, and where it must be to administrators, too."""

import pytest
from container.wires import ADMINISTRATION_PORT, ADMINISTRATOR, network
from support.programs import until

#: Which administrators' access stays with which file broken.
FILES = [("partners.d/payfast.toml", True), ("eigd.toml", True), ("jumpd.toml", False)]


@pytest.mark.parametrize("name, lets_administrators_in", FILES)
def test_it_serves_again_once_the_file_is_mended(edge, name, lets_administrators_in):
    machine = edge.machine
    text = machine.read(f"/etc/eig/{name}")
    machine.write(f"/etc/eig/{name}", "nonsense\n" + text, "640", "root:eig")
    edge.reboot()
    service = edge.network.edge.listen((network.EDGE, ADMINISTRATION_PORT))
    try:
        administration = (network.EDGE, ADMINISTRATION_PORT)
        assert edge.network.answers("stranger", administration, ADMINISTRATOR) == lets_administrators_in
        assert not edge.network.answers("stranger", administration, network.STRANGER)
        assert not edge.network.answers("stranger", (network.EDGE, 8443), network.STRANGER)
    finally:
        service.close()
    unit = "jumpd-enforce.service" if name != "eigd.toml" else "eigd.service"
    assert name in machine.journal("--boot", "--unit", unit, "--unit", "eig-lockdown.service"), machine.why()
    # At the console, which no rule closes.
    machine.write(f"/etc/eig/{name}", text, "640", "root:eig")
    machine.systemctl("start", "eigd.service", timeout=60)
    until(lambda: machine.is_active("jumpd-enforce.service"), 20, what=machine.status("jumpd-enforce.service"))
    until(lambda: edge.network.answers("payfast", (network.EDGE, 8443)), 20, what="partners to get in")
    assert edge.payfast.call("GET", "/eig/any/1").status == 200
    assert machine.state == "running", machine.run("systemctl", "--failed").out
