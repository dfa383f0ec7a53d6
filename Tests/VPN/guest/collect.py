# SPDX-License-Identifier: Apache-2.0
"""Hooks of pytest outside: a file of scenarios is one test, which boots a guest and has pytest run the file there."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from guest import image
from guest.guest import Guest
from guest.machine import machine
from support.ending import end_in_order
from support.pki import PKI
from support.programs import programs

__all__ = ["pytest_pycollect_makemodule", "pytest_report_collectionfinish", "pytest_sessionfinish",
           "pytest_sessionstart", "pytest_terminal_summary"]

_LANE = Path(__file__).resolve().parents[1]
_TREE = _LANE.parents[1]
#: Seconds a scenario may take by the guest's clock, and a file of them by ours; one that is late is a finding.
_TIMEOUT_INSIDE = 240
_TIMEOUT = 900
_SETTING = pytest.StashKey()


def _cache():
    """Where what takes long to make is kept."""
    return Path(os.environ.get("EIG_VPN") or _TREE / ".build" / "vpn")


def _obstacle(kind):
    if os.geteuid() != 0:
        return "needs root, to make the guest's disk: run make test-vpn"
    if kind.obstacle():
        return kind.obstacle()
    for tool, package in {**image.TOOLS, "openssl": "openssl", "unshare": "util-linux"}.items():
        if not shutil.which(tool):
            return f"needs {tool}: apt-get install {package}, or make test-vpn"
    missing = [name for name in ("eigd", "jumpd", "eigctl", "eig-sandbox") if not (programs() / name).exists()]
    if missing:
        return f"{', '.join(missing)} not built in {programs()}: run make build"
    return None


def pytest_sessionstart(session):
    if session.config.option.collectonly:
        return
    try:
        kind = machine(_cache())
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
    why = _obstacle(kind)
    if why:
        raise pytest.UsageError(why)
    end_in_order()
    session.config.stash[_SETTING] = Setting(kind)


def pytest_report_collectionfinish(config):
    setting = config.stash.get(_SETTING, None)
    return f"guests: {setting.machine.description}" if setting else None


def pytest_sessionfinish(session):
    setting = session.config.stash.get(_SETTING, None)
    if setting is not None:
        setting.remove()


class Setting:
    """What all guests of a run share, and none of them can write to."""

    def __init__(self, kind):
        self.machine = kind
        self.image = image.image(_cache())
        # In memory where there is room: a guest's disk is not worth a disk's time.
        has_room = os.access("/dev/shm", os.W_OK) and shutil.disk_usage("/dev/shm").free > 4 << 30
        self.folder = Path(tempfile.mkdtemp(prefix="eig-vpn-", dir="/dev/shm" if has_room else None))
        self.pki = self.folder / "pki"
        try:
            _make_certificates(PKI(self.pki))
            self.shown = [_TREE, self.pki, *_libraries()]
        except BaseException:
            self.remove()
            raise
        if not programs().is_relative_to(_TREE):
            self.shown.append(programs())

    def remove(self):
        if not os.environ.get("EIG_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)


def _make_certificates(pki):
    """Those the end-to-end tests' surroundings ask for: an openssl takes ten times as long in the guest."""
    pki.leaf("edge", "eig-ca", "edge.eig.example", usage="serverAuth")
    pki.leaf("payfast-out", "eig-ca", "payfast-out.eig.example")
    pki.leaf("mobicash-out", "eig-ca", "mobicash-out.eig.example")
    pki.leaf("payfast", "payfast-ca", "edge.payfast.example")
    pki.leaf("payfast-callbacks", "payfast-ca", "callbacks.payfast.example", usage="serverAuth")
    pki.leaf("mobicash", "mobicash-ca", "edge.mobicash.example")
    pki.leaf("mobicash-server", "mobicash-ca", "api.mobicash.example", "callbacks.mobicash.example",
             usage="serverAuth")


def _libraries():
    """Folders of the Swift libraries our programs are linked against; Debian's own are in the image."""
    said = subprocess.run(["ldd", str(programs() / "eigctl")], capture_output=True, text=True, check=True).stdout
    paths = [Path(path).parent for path in re.findall(r"=> (/\S+)", said)]
    return sorted({path for path in paths if "swift" in path.parts})


def pytest_pycollect_makemodule(module_path, parent):
    is_scenario = module_path.name.startswith("test_")
    return ScenarioFile.from_parent(parent, path=module_path) if is_scenario else None


class ScenarioFile(pytest.File):
    """Not imported out here: what is in it is for the guest."""

    def collect(self):
        marks = re.findall(r"pytest\.mark\.(\w+)", self.path.read_text())
        item = Scenario.from_parent(self, name=self.path.stem.removeprefix("test_"))
        for name in {"short", "time_travel"}.intersection(marks):
            item.add_marker(name)
        yield item


class Scenario(pytest.Item):
    def runtest(self):
        setting = self.config.stash[_SETTING]
        travels = self.get_closest_marker("time_travel") is not None
        kind = setting.machine
        if travels and kind.no_time_travel:
            pytest.skip(kind.no_time_travel)
        guest = Guest(kind, setting.image, tempfile.mkdtemp(prefix="guest-", dir=setting.folder), travels)
        try:
            bound = 0 if travels else _TIMEOUT_INSIDE * kind.patience
            command = ["python3", "-B", "-m", "pytest", "-p", "no:cacheprovider", "-vv", f"--timeout={bound}",
                       *self._narrowed(), self.path.name]
            environment = {"EIG_SHARE": guest.share, "EIG_PROGRAMS": programs(), "EIG_PKI": setting.pki,
                           "EIG_PATIENCE": kind.patience, "COLUMNS": "160", "PYTHONDONTWRITEBYTECODE": "1"}
            done = guest.run(command, _TIMEOUT * kind.patience, setting.shown, environment, _LANE)
            facts = guest.share / "facts"
            if facts.exists():
                self.user_properties += [("fact", fact) for fact in facts.read_text().splitlines()]
            self.user_properties.append(("fact", f"{done.seconds:.0f} s in its guest"))
            if done.status != 0:
                raise ScenarioFailed(self._why(done, guest))
            if not re.search(r"\d+ passed", done.output):
                # Said in there with a reason; out here it must not look like a pass.
                pytest.skip(" ".join(re.findall(r"SKIPPED \[\d+\] \S+ (.*)", done.output)))
            if os.environ.get("EIG_SHOW"):
                sys.stderr.write(done.output)
        finally:
            if not os.environ.get("EIG_KEEP"):
                guest.remove()

    def _narrowed(self):
        """`EIG_ONLY` picks scenarios of a file as -k does: out here a file is one test."""
        only = os.environ.get("EIG_ONLY")
        return ["-k", only] if only else []

    @staticmethod
    def _why(done, guest):
        ended = f"pytest in the guest ended with {done.status}" if done.status is not None \
            else f"the guest did not come to an end in {done.seconds:.0f} s"
        return f"{ended}\n{done.output[-60000:]}\n--- its console\n{guest.console()[-3000:]}"

    def repr_failure(self, excinfo):
        if isinstance(excinfo.value, ScenarioFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self):
        return self.path, 0, self.name


class ScenarioFailed(Exception):
    """Already says all there is to say."""


def pytest_terminal_summary(terminalreporter):
    """What the scenarios measured, those that passed too."""
    for outcome in ["passed", "failed"]:
        for report in terminalreporter.getreports(outcome):
            facts = [value for name, value in report.user_properties if name == "fact"]
            if facts:
                terminalreporter.write_line(f"{report.nodeid.split('::')[-1]}: {'; '.join(facts)}")
