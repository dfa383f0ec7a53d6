# SPDX-License-Identifier: Apache-2.0
"""These tests themselves, told to end in the middle of one: namespaces, servers, programs and folders go with them."""

import os
import signal
from pathlib import Path

from support.ended import ended

HERE = Path(__file__).resolve().parent


def test_nothing_is_left(tmp_path):
    facts, namespaces, status, said = ended(
        tmp_path, HERE, signal.SIGTERM, "gate, wires, workspace", "pass",
        "wires.admin.name, wires.edge.name, gate.gate.pid, gate.audit.pid, gate.servers.sshd.process.pid, "
        "gate.servers.postgres.process.pid, workspace")
    *names, gate, audit, sshd, postgres, folder = facts
    assert set(names) <= set(namespaces)
    assert status == 128 + signal.SIGTERM, said
    assert not set(names) & set(os.listdir("/run/netns"))
    assert not [number for number in [gate, audit, sshd, postgres] if Path(f"/proc/{number}").exists()]
    assert not Path(folder).exists()
