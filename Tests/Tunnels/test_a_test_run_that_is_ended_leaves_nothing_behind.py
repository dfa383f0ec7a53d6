# SPDX-License-Identifier: Apache-2.0
"""These tests themselves, told to end in the middle of one: namespaces, both plutos, programs and folders go with them."""

import os
import signal
from pathlib import Path

from support.ended import ended

HERE = Path(__file__).resolve().parent


def test_nothing_is_left(tmp_path):
    facts, namespaces, status, said = ended(
        tmp_path, HERE, signal.SIGTERM, "edge, plutos, workspace", "edge.configured.write(); edge.start_tunnels()",
        "plutos.edge.network.name, plutos.partner.network.name, edge.tunnels.pid, plutos.edge.pluto.process.pid, "
        "plutos.partner.pluto.process.pid, workspace")
    *names, program, ours, theirs, folder = facts
    assert set(names) <= set(namespaces)
    assert status == 128 + signal.SIGTERM, said
    assert not set(names) & set(os.listdir("/run/netns"))
    assert not [number for number in [program, ours, theirs] if Path(f"/proc/{number}").exists()]
    assert not Path(folder).exists()
