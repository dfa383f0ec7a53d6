# SPDX-License-Identifier: Apache-2.0
"""What `make bench-jump` does, too short to judge by: every gate starts, is used in every mode, and is reported."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.programs import programs

BENCHMARKS = Path(__file__).resolve().parents[2] / "Benchmarks"


def test_every_mode_gets_a_figure(workspace, tmp_path):
    for tool in ["haproxy", "stunnel4", "socat"]:
        if not shutil.which(tool, path="/usr/sbin:/usr/bin"):
            pytest.skip(f"needs {tool}: run make bench-jump")
    done = subprocess.run([sys.executable, "-B", BENCHMARKS / "jump.py", "--programs", programs(), "--smoke",
                           "--folder", workspace / "bench", "--report", tmp_path / "page"],
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    page = (tmp_path / "page").read_text()
    for words in ["| jumpd |", "upload, 16 connections: throughput per CPU second", "memory per idle connection",
                  "connect, to the target's first byte"]:
        assert words in page, page
    assert "nan" not in page.lower()
