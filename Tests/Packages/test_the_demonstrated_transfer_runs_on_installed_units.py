# SPDX-License-Identifier: Apache-2.0
"""What `make demo` shows of programs it started, shown of the units a host has after installation."""

from container.demonstration import Demonstration


def test_every_step_is_observed_at_the_receiving_end(host, packages):
    demonstration = Demonstration(host, packages, host.folder / "demo")
    demonstration.configure()
    host.start()
    done = demonstration.run()
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "14 of 14 observed at the receiving end" in done.stdout, done.stdout
