# SPDX-License-Identifier: Apache-2.0
"""Debian's rsyslog, configured as our manual says: every line arrives byte for byte, over its death, and can be checked."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from support.audit import Audit, Reporter, event
from support.programs import until

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("EIG_RSYSLOG", ROOT / ".build/rsyslog"))
LIBRARIES = FOLDER / "usr/lib/x86_64-linux-gnu"


class Rsyslog:
    """The log server of the manual, in a folder and at a port of its own."""

    def __init__(self, folder, port, ours, authority):
        self.folder = folder
        self.received = folder / "edge-1.jsonl"
        self.output = folder / "rsyslogd.out"
        self.process = None
        folder.mkdir()
        text = (ROOT / "docs/operations/audit.md").read_text()
        [block] = re.findall(r"```\n(global\(.*?)```", text, re.DOTALL)
        for there, here in [("/etc/rsyslog.d/eig-ca.pem", authority.certificate), ("/etc/rsyslog.d/logs.pem", ours.certificate),
                            ("/etc/rsyslog.d/logs.key", ours.key), ("/var/log/eig-audit", folder), ("6514", port)]:
            assert there in block, there
            block = block.replace(there, str(here))
        self.configuration = folder / "rsyslog.conf"
        self.configuration.write_text(block)

    def start(self):
        environment = dict(os.environ, LD_LIBRARY_PATH=str(LIBRARIES), RSYSLOG_MODDIR=str(LIBRARIES / "rsyslog"))
        with open(self.output, "ab") as output:
            self.process = subprocess.Popen([FOLDER / "usr/sbin/rsyslogd", "-n", "-f", self.configuration, "-i",
                                             self.folder / "pid"], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                            env=environment)
        return self

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        (self.folder / "pid").unlink(missing_ok=True)

    @property
    def lines(self):
        return self.received.read_bytes().splitlines() if self.received.exists() else []


@pytest.fixture
def copied(tmp_path, pki, free_port):
    if not (FOLDER / "usr/sbin/rsyslogd").exists():
        pytest.skip("needs rsyslogd: run deps/rsyslog.sh .build/rsyslog")
    audit = Audit(tmp_path)
    ours = pki.leaf("edge-logs", "log-clients", "edge-1.example")
    for name, path in [("logs.pem", ours.certificate), ("logs.key", ours.key)]:
        (audit.etc / "identities" / name).write_bytes(path.read_bytes())
        (audit.etc / "identities" / name).chmod(0o640)
    (audit.etc / "ca" / "log-ca.pem").write_bytes(pki.authority("log-ca").certificate.read_bytes())
    server = Rsyslog(tmp_path / "rsyslog", free_port, pki.leaf("logs", "log-ca", "logs.edge.example", usage="serverAuth"),
                     pki.authority("log-clients"))
    audit.sections["audit.forward"] = {"to": f"127.0.0.1:{free_port}", "name": "logs.edge.example", "ca": "log-ca.pem",
                                       "certificate": "logs.pem", "key": "logs.key"}
    yield audit, server
    audit.stop()
    server.kill()


@pytest.fixture
def free_port():
    import socket
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def everything(audit):
    return [line for file in audit.files for line in file.read_bytes().splitlines()]


def test_every_line_is_there_as_it_is_and_verifies(copied):
    audit, server = copied
    server.start()
    audit.start()
    with Reporter(audit) as reporter:
        for number in range(120):
            assert reporter.report(event(f"eig-{number}")).startswith("ok ")
        # As long as an event can be; what some syslogs change on their way; both as JSON has it.
        long = {f"d{number}": "x" * 1000 for number in range(5)}
        assert reporter.report(event("o" * 1000, **long)).startswith("ok ")
        assert reporter.report(event('tab\\t del\x7f "quote" \\\\ é 😀 %msg% <13>')).startswith("ok ")
    until(lambda: server.lines == everything(audit), 30, what=f"each line once and in order: {server.output}")
    assert max(map(len, server.lines)) > 6000
    audit.stop()
    until(lambda: server.lines == everything(audit), what="the last words")
    assert audit.verify("--copy", server.received)["known_count"] >= 2


def test_nothing_is_lost_when_it_is_killed(copied):
    audit, server = copied
    server.start()
    audit.start()
    with Reporter(audit) as reporter:
        for number in range(60):
            assert reporter.report(event(f"before-{number}")).startswith("ok ")
        until(lambda: len(server.lines) > 30, 30, what="some of them")
        server.kill()
        for number in range(60):
            assert reporter.report(event(f"meanwhile-{number}")).startswith("ok ")
    server.start()
    until(lambda: set(everything(audit)) <= set(server.lines), 60, 0.1, what="all of them")
    # At least once; what rsyslog had written half when it was killed stands before the next line, and came again, too.
    assert len(set(server.lines) - set(everything(audit))) <= 1
    assert audit.verify("--copy", server.received)["ok"]
