# SPDX-License-Identifier: Apache-2.0
"""These tests themselves, told to end in the middle of one: namespaces, programs and folders go with them."""

import os
import signal
from pathlib import Path

import pytest

from support.ended import ended

HERE = Path(__file__).resolve().parent


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_nothing_is_left(tmp_path, number):
    facts, namespaces, status, said = ended(tmp_path, HERE, number, "lab, workspace", "lab.start()",
                                            "lab.network.prefix, lab.eigd.pid, workspace")
    prefix, program, folder = facts
    assert any(name.startswith(prefix) for name in namespaces)
    assert status == (2 if number == signal.SIGINT else 128 + number), said
    assert not [name for name in os.listdir("/run/netns") if name.startswith(prefix)]
    assert not Path(f"/proc/{program}").exists() and not Path(folder).exists()
