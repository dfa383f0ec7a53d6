# SPDX-License-Identifier: Apache-2.0
"""eigctl setup as it is run: with and without a terminal, on a full disk, over ssh, and twice."""

import os
import pty
import select
import subprocess
import time
from pathlib import Path

import pytest

from support.network import run
from support.programs import programs

TEMPLATES = Path(__file__).resolve().parents[2] / "etc"
ANSWERS = {"host-names": "edge.example.net", "addresses": "203.0.113.1", "inside": "10.20.0.1",
           "inside-networks": "10.20.0.0/24", "txn": "10.20.0.10", "rpt": "10.20.0.11", "management": "192.0.2.0/24"}


class Host:
    """A folder that stands for a host nobody has set up."""

    def __init__(self, folder):
        self.folder = folder
        self.configuration = folder / "etc"
        self.systemd = folder / "systemd"
        self.systemd.mkdir(parents=True)

    def command(self, *arguments):
        return [str(programs() / "eigctl"), "setup", "--config", str(self.configuration), "--systemd", str(self.systemd),
                "--templates", str(TEMPLATES), "--group", "root", *arguments]

    def setup(self, *arguments, environment=(), under=()):
        environment = {name: value for name, value in os.environ.items() if name != "SSH_CONNECTION"} | dict(environment)
        return subprocess.run([*under, *self.command(*arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=30, check=False, env=environment)

    def files(self):
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}


@pytest.fixture
def host(workspace, request):
    return Host(workspace / request.node.name)


def options(**changes):
    return [f"--{name}={value}" for name, value in (ANSWERS | changes).items()]


def test_without_a_terminal_a_missing_answer_is_named(host):
    result = host.setup(*options()[:-1])
    assert result.returncode == 64 and "`--management` is missing" in result.stderr, result
    assert host.files() == {}
    done = host.setup(*options())
    assert done.returncode == 0, done
    key = (host.configuration / "identities" / "edge.key")
    assert key.stat().st_mode & 0o777 == 0o640
    assert "PRIVATE" not in done.stdout + done.stderr
    told = subprocess.run(["openssl", "req", "-in", str(host.configuration / "identities" / "edge.csr"), "-noout",
                           "-verify", "-subject"], capture_output=True, text=True, check=True)
    assert "OK" in told.stderr + told.stdout and "edge.example.net" in told.stdout, told
    before = host.files()
    assert host.setup("--yes").returncode == 0 and host.files() == before


def test_a_full_disk_changes_nothing(host):
    run("mount", "-t", "tmpfs", "-o", "size=12k", "tmpfs", str(host.folder))
    try:
        host.systemd.mkdir()
        result = host.setup(*options())
        assert result.returncode == 1 and "No space left on device; nothing was changed" in result.stderr, result
        assert [path.name for path in host.folder.rglob("*")] == ["systemd"], list(host.folder.rglob("*"))
    finally:
        run("umount", str(host.folder))


def test_a_file_that_cannot_be_replaced_leaves_the_others_as_they_were(host):
    assert host.setup(*options()).returncode == 0
    before = host.files()
    drop_in = host.systemd / "eigd-internal.socket.d" / "10-listen.conf"
    # Files are staged, and then the last of them cannot take its place.
    drop_in.unlink()
    drop_in.mkdir()
    result = host.setup("--replace", *options(addresses="203.0.113.9"))
    assert result.returncode == 1 and "nothing was changed" in result.stderr, result
    drop_in.rmdir()
    drop_in.write_bytes(before[str(drop_in.relative_to(host.folder))])
    assert host.files() == before


def test_a_login_over_ssh_is_not_locked_out(host):
    connection = {"SSH_CONNECTION": "198.51.100.9 50000 203.0.113.1 22"}
    refused = host.setup(*options(), environment=connection)
    assert refused.returncode == 3 and "198.51.100.9" in refused.stderr and host.files() == {}, refused
    # As under sudo, which takes the variable away: the shell above has it still.
    under = ["env", *(f"{name}={value}" for name, value in connection.items()), "sh", "-c",
             'env -u SSH_CONNECTION "$@"; exit $?', "sh"]
    hidden = host.setup(*options(), under=under)
    assert hidden.returncode == 3 and "198.51.100.9" in hidden.stderr, hidden
    wide = host.setup(*options(management="192.0.2.0/24,198.51.100.0/24"), environment=connection)
    assert wide.returncode == 0, wide


def typed(host, lines, *arguments):
    """Types the lines on a terminal, each when it is asked for; gives what was seen and the exit status."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(host.command(*arguments), stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
                               env={name: value for name, value in os.environ.items() if name != "SSH_CONNECTION"})
    os.close(theirs)
    seen, pending, end = b"", [line.encode() + b"\n" for line in lines], time.monotonic() + 20
    while time.monotonic() < end:
        if not select.select([ours], [], [], 0.2)[0]:
            if process.poll() is not None:
                break
            continue
        try:
            data = os.read(ours, 65536)
        except OSError:
            break
        if not data:
            break
        seen += data
        if pending and (seen.endswith(b": ") or seen.endswith(b"] ")):
            os.write(ours, pending.pop(0))
            seen += b"\n"
    if process.poll() is None and time.monotonic() >= end:
        process.kill()
    os.close(ours)
    return seen.decode(), process.wait(10)


def test_on_a_terminal_it_asks(host):
    answers = [*ANSWERS.values(), "", ""]
    seen, status = typed(host, [*answers, "n"])
    assert status == 1 and "nothing was changed" in seen and host.files() == {}, seen
    seen, status = typed(host, ["no_name", *answers, "y"])
    assert status == 0 and "no_name is not a host name" in seen, seen
    assert "203.0.113.1:8443" in (host.configuration / "eigd.toml").read_text()
