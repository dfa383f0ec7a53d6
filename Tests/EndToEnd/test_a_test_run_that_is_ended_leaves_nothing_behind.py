# SPDX-License-Identifier: Apache-2.0
"""These tests themselves, told to end in the middle of one: namespaces, programs and folders go with them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.programs import until

HERE = Path(__file__).resolve().parent
SCENARIO = '''
import pathlib
import time


def test_that_takes_its_time(lab, workspace):
    lab.start()
    facts = [lab.network.prefix, str(lab.eigd.pid), str(workspace)]
    pathlib.Path(__file__).with_name("facts.part").write_text("\\n".join(facts))
    pathlib.Path(__file__).with_name("facts.part").rename(pathlib.Path(__file__).with_name("facts"))
    time.sleep(60)
'''


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_nothing_is_left(tmp_path, number):
    (tmp_path / "test_scenario.py").write_text(SCENARIO)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    # Its fixtures are those beside this file.
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "conftest", "-q", str(tmp_path)]
    with open(tmp_path / "output", "wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=tmp_path,
                                   env={**os.environ, "PYTHONPATH": str(HERE)}, start_new_session=True)
    try:
        def begun():
            assert process.poll() is None, (tmp_path / "output").read_text()
            return (tmp_path / "facts").exists()
        until(begun, 30, 0.05, what="a test to be in its middle")
        prefix, program, folder = (tmp_path / "facts").read_text().split("\n")
        assert any(name.startswith(prefix) for name in os.listdir("/run/netns"))
        process.send_signal(number)
        status = process.wait(30)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    assert status == (2 if number == signal.SIGINT else 128 + number), (tmp_path / "output").read_text()
    assert not [name for name in os.listdir("/run/netns") if name.startswith(prefix)]
    assert not Path(f"/proc/{program}").exists() and not Path(folder).exists()
