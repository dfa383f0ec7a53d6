# SPDX-License-Identifier: Apache-2.0
"""A run of a suite's own tests that is told to end in the middle of one."""

import os
import subprocess
import sys

from .programs import until

_SCENARIO = '''
import pathlib
import time


def test_that_takes_its_time({fixtures}):
    {begin}
    facts = pathlib.Path(__file__).with_name("facts.part")
    facts.write_text("\\n".join(str(fact) for fact in [{facts}]))
    facts.rename(facts.with_name("facts"))
    time.sleep(60)
'''


def ended(folder, suite, number, fixtures, begin, facts):
    """Signals a run of one scenario, with the fixtures of `suite`, once it has begun.

    The scenario's facts, as it wrote them, what there was by the names in /run/netns at that time, the status the run
    ended with and what it had said.
    """
    (folder / "test_scenario.py").write_text(_SCENARIO.format(fixtures=fixtures, begin=begin, facts=facts))
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "conftest", "-q", str(folder)]
    with open(folder / "output", "wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=folder,
                                   env={**os.environ, "PYTHONPATH": str(suite)}, start_new_session=True)
    try:
        def begun():
            assert process.poll() is None, (folder / "output").read_text()
            return (folder / "facts").exists()
        until(begun, 30, 0.05, what="a test to be in its middle")
        namespaces = os.listdir("/run/netns")
        process.send_signal(number)
        status = process.wait(30)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    return (folder / "facts").read_text().split("\n"), namespaces, status, (folder / "output").read_text()
