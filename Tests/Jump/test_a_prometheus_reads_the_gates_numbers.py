# SPDX-License-Identifier: Apache-2.0
"""The numbers of the gate and of the audit log are what rules, dashboard and guide rely on, and true."""

from lab.administrator import EIGCTL
from lab.wires import EMPTY
from support.metrics import Page, relied_on


def page(gate):
    done = gate.eigctl("metrics", "jump", "audit")
    assert done.returncode == 0, done.stderr
    return Page(done.stdout)


def test_every_name_is_there(lab):
    # A log host that is not there: what is said of one is on the page.
    lab.configuration.host["audit"]["forward"] = {"to": f"{EMPTY}:6514", "name": "logs.edge.example", "ca": "db-ca.pem"}
    gate = lab.start()
    gate.grant("eig-01:22")
    # Reasons and targets are told once there are some.
    gate.ben.ssh("true", proxy=EIGCTL)
    gate.grant("gone:22")
    gate.anna.ssh("true", target="gone", proxy=EIGCTL)
    gate.anna.ssh("true")
    gate.anna.plain().close()
    with gate.anna.tunnel() as connection:
        connection.connection.recv(10)
        found = page(gate)
        relied_on(found, lambda name: name.startswith(("eig_jump", "eig_audit")))
        assert found.sum("eig_jump_sessions") == 1 and found.sum("eig_jump_grants", state="active") == 2
        assert found.sum("eig_jump_audit_writable") == 1 and found.sum("eig_audit_writable") == 1
        assert found.sum("eig_program_up", program="jump") == 1 and found.sum("eig_program_up", program="audit") == 1


def test_a_refusal_and_its_reason_are_counted(gate):
    before = page(gate)
    assert gate.anna.ssh("true", proxy=EIGCTL).code == 255
    after = page(gate)
    assert after.sum("eig_jump_refusals_total") > (
        before.sum("eig_jump_refusals_total") if before.has("eig_jump_refusals_total") else 0)
    assert after.sum("eig_jump_sessions_total") == 0
