# SPDX-License-Identifier: Apache-2.0
"""What `make demo` shows where the kernel has ESP: the whole transfer, both callbacks, every refusal, in tunnels."""

import re
import subprocess

import pytest
from lab.facts import fact
from lab.tree import TREE
from support.programs import PATIENCE, programs

pytestmark = pytest.mark.short


def test_every_step_is_observed_at_the_receiving_end(enforceable):
    done = subprocess.run([TREE / "demo" / "run.sh", "--programs", programs()], capture_output=True, text=True,
                          timeout=200 * PATIENCE, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "reach the edge through Libreswan tunnels" in done.stdout
    steps = re.search(r"(\d+) of (\d+) observed at the receiving end", done.stdout)
    assert steps and steps[1] == steps[2], done.stdout
    tunnels = re.findall(r"Libreswan: (\d+) bytes in, (\d+) bytes out", done.stdout)
    assert len(tunnels) == 2 and all(int(count) > 0 for pair in tunnels for count in pair), done.stdout
    fact(f"{steps[0]}, tunnels carried {tunnels}")
