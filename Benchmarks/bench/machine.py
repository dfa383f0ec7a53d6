# SPDX-License-Identifier: Apache-2.0
"""The machine and the programs a run was made with, and how busy the machine is with something else."""

import datetime
import os
import platform
import re
import subprocess
import time
from pathlib import Path

from . import ROOT

#: What else may use of the whole machine while we do nothing; the run is refused above it.
BUSY_MAX = 0.05
#: What else may have used of it while we measured. The machine's own count goes by clock ticks and ours does not, so a
#: quiet machine seems to have used a little, too.
FOREIGN_MAX = 0.10


def busy_fraction(seconds):
    """How much of all cores was in use during the next `seconds`, 0 to 1."""
    before = _ticks()
    time.sleep(seconds)
    after = _ticks()
    used, total = (later - earlier for later, earlier in zip(after, before))
    return used / total if total else 0.0


def wait_until_idle(patience):
    """Waits up to `patience` seconds for a quiet machine, and returns how busy it was at the end.

    Our own build just before leaves a load average behind that says nothing; so what runs now is asked, not that.
    """
    end = time.monotonic() + patience
    while True:
        busy = busy_fraction(2)
        if busy <= BUSY_MAX or time.monotonic() >= end:
            return busy


def _ticks():
    """(used, total) of all cores since boot, in clock ticks."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    idle = fields[3] + fields[4]
    return sum(fields) - idle, sum(fields)


def busy_seconds():
    """Core seconds used on the machine since boot, by everybody."""
    return _ticks()[0] / os.sysconf("SC_CLK_TCK")


def about(eigd, envoy):
    """What stands above the tables of `make bench`: date, machine, versions."""
    return here(eigd, "eigd", {
        "HAProxy": _said(["haproxy", "-v"], r"version (\S+)"),
        "nginx": _said(["nginx", "-v"], r"nginx/(\S+)"),
        "Envoy": _said([envoy, "--version"], r"/(\d+\.\d+\.\d+)/"),
    })


def here(program, name, others):
    """The date, the machine, and the versions of our program, of what it is measured beside and of OpenSSL."""
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{_model()}, {os.cpu_count()} cores, {_memory_gigabytes():.0f} GB",
        "system": f"{_distribution()}, Linux {platform.release()}",
        "versions": {name: _revision(program), **others, "OpenSSL": _said(["openssl", "version"], r"OpenSSL (\S+)")},
        "load": os.getloadavg()[0],
    }


def _revision(program):
    """The commit it was built from, as far as git knows it."""
    done = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True)
    return done.stdout.strip() or f"built {time.strftime('%F', time.gmtime(Path(program).stat().st_mtime))}"


def _said(command, pattern):
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(pattern, done.stdout + done.stderr)
    return found.group(1) if found else "unknown"


def _model():
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    return found.group(1) if found else platform.machine()


def _memory_gigabytes():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)


def _distribution():
    found = re.search(r'^PRETTY_NAME="(.*)"$', Path("/etc/os-release").read_text(), re.M)
    return found.group(1) if found else platform.system()
