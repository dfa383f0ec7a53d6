# SPDX-License-Identifier: Apache-2.0
"""debian/tests, as Debian's own infrastructure runs it: on a host with the packages installed, beside the source."""

import re

from conftest import install
from container.packages import ROOT, SANDBOX


def test_the_transfer_runs_where_only_packages_are(host, packages):
    machine = host.machine
    install(machine, packages, [SANDBOX])
    for folder in ["debian/tests", "demo"]:
        machine.copy_in(ROOT / folder, f"/srv/source/{folder}")
    control = (ROOT / "debian/tests/control").read_text()
    [name] = re.search(r"^Tests: (.*)$", control, re.M)[1].split()
    for package in re.search(r"^Depends: (.*)$", control, re.M)[1].split(", "):
        assert str(machine.run("dpkg-query", "-W", "-f", "${db:Status-Status}", package)) == "installed", package
    done = machine.shell(f"cd /srv/source && debian/tests/{name}", timeout=100, check=False)
    assert done.code == 0 and "14 of 14 observed at the receiving end" in done.out, done
