# SPDX-License-Identifier: Apache-2.0
"""Syslog over TLS: every line reaches the server, through its death, a wrong server and our own restart."""

import json
import re
import signal
import subprocess

import pytest

from support.audit import Audit, LogServer, Reporter, event
from support.programs import until


@pytest.fixture
def server(pki):
    server = LogServer(pki.leaf("logs", "log-ca", "logs.edge.example", usage="serverAuth"), pki.authority("log-clients"))
    yield server.open()
    server.close()


@pytest.fixture
def audit(tmp_path, pki, server):
    audit = Audit(tmp_path)
    ours = pki.leaf("edge-logs", "log-clients", "edge-1.example")
    for name, path in [("logs.pem", ours.certificate), ("logs.key", ours.key)]:
        (audit.etc / "identities" / name).write_bytes(path.read_bytes())
        (audit.etc / "identities" / name).chmod(0o640)
    (audit.etc / "ca" / "log-ca.pem").write_bytes(pki.authority("log-ca").certificate.read_bytes())
    audit.sections["audit.forward"] = {"to": f"127.0.0.1:{server.port}", "name": "logs.edge.example", "ca": "log-ca.pem",
                                       "certificate": "logs.pem", "key": "logs.key"}
    yield audit
    audit.stop()


def report(audit, count, name="eig-01:22"):
    with Reporter(audit) as reporter:
        for number in range(count):
            assert reporter.report(event(f"{name}-{number}")).startswith("ok ")


def everything(audit):
    return [line for file in audit.files for line in file.read_bytes().splitlines()]


def arrived(audit, server):
    return set(everything(audit)) <= set(server.lines)


def test_each_line_arrives_byte_for_byte_as_one_message(audit, server, tmp_path):
    audit.start()
    report(audit, 150)
    until(lambda: arrived(audit, server), what="the copy")
    assert server.lines == everything(audit), "in order, each once"
    header = re.compile(rb"<110>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z \S+ eig-audit - session\.begin - \{")
    sessions = [message for message in server.messages if b"session.begin" in message]
    assert len(sessions) == 150 and all(header.match(message) for message in sessions)
    until(lambda: audit.status["forward"]["lag_lines"] == 0, what="no lag")
    assert audit.status["forward"]["is_connected"]
    audit.stop()
    assert arrived(audit, server), "the last words, too"
    copy = tmp_path / "received.log"
    copy.write_bytes(b"".join(message + b"\n" for message in server.messages))
    assert audit.verify("--copy", copy)["known_count"] >= 3


def test_nothing_is_lost_when_the_server_dies_and_comes_back(audit, server):
    audit.start()
    report(audit, 50, "before")
    until(lambda: arrived(audit, server), what="the copy")
    server.close()
    report(audit, 50, "meanwhile")
    until(lambda: audit.status["forward"]["trouble"], what="the trouble to be noticed")
    assert audit.status["forward"]["lag_lines"] >= 50
    server.open()
    until(lambda: arrived(audit, server), timeout=40, what="what was written meanwhile")


def test_nothing_is_lost_across_our_own_restart_and_kill(audit, server):
    audit.start()
    report(audit, 30)
    until(lambda: arrived(audit, server), what="the copy")
    audit.stop()
    count = len(server.messages)
    server.close()
    audit.start()
    report(audit, 30, "unseen")
    audit.kill()
    server.open()
    audit.start()
    until(lambda: arrived(audit, server), timeout=40, what="what was written while nobody listened")
    # What was copied before an orderly stop is not sent again.
    again = server.lines[count:]
    assert all(json.loads(line)["seq"] > 30 for line in again)


def test_a_server_of_another_name_or_authority_gets_nothing(audit, server, pki):
    audit.sections["audit.forward"]["name"] = "other.edge.example"
    audit.start()
    report(audit, 5)
    until(lambda: audit.status["forward"]["trouble"], what="the refusal")
    assert "hostname mismatch" in audit.status["forward"]["trouble"].lower()
    audit.stop()
    audit.sections["audit.forward"]["name"] = "logs.edge.example"
    (audit.etc / "ca" / "log-ca.pem").write_bytes(pki.authority("another-ca").certificate.read_bytes())
    audit.start()
    until(lambda: audit.status["forward"]["trouble"], what="the refusal")
    assert not server.messages


def test_a_log_that_was_cut_or_begun_anew_is_copied_from_its_beginning(audit, server):
    audit.start()
    report(audit, 50)
    until(lambda: arrived(audit, server), what="the copy")
    audit.stop()
    # Cut behind its 20th line: what was copied last is no place in it any more.
    [file] = audit.files
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:20]))
    audit.start()
    report(audit, 10, "behind-the-cut")
    until(lambda: arrived(audit, server), what="the copy of what was left and what followed")
    audit.stop()
    # Begun anew: its numbers are lower than what was copied.
    for path in [*audit.files, audit.state / "head"]:
        path.unlink()
    audit.start()
    report(audit, 5, "anew")
    until(lambda: arrived(audit, server), what="the copy of the new log")
    until(lambda: audit.status["forward"]["lag_lines"] == 0, what="no lag")


def test_a_server_that_reads_nothing_holds_up_no_event_and_no_memory(audit, server):
    audit.start()
    report(audit, 5)
    until(lambda: arrived(audit, server), what="the copy")
    server.reads.clear()
    before = audit.resident
    # More than all buffers on the way hold.
    details = {f"d{number}": "x" * 1000 for number in range(5)}
    with Reporter(audit) as reporter:
        for number in range(3000):
            assert reporter.report(event(f"unread-{number}", **details)).startswith("ok ")
    status = audit.status
    assert status["ok"] and status["forward"]["lag_lines"] > 500, status["forward"]
    assert audit.resident - before < 24 << 20, (before, audit.resident)
    count = len(everything(audit))
    server.reads.set()
    # Counted, not compared: sixteen megabytes each time would leave the server above no time to read.
    until(lambda: len(server.messages) >= count, timeout=10, every=0.2, what="all of it, as fast as it is read")
    until(lambda: arrived(audit, server), timeout=60, every=2, what="the last of it")
    assert server.lines == everything(audit) and server.connections == 1, "in order, each once, on one connection"


def test_a_server_that_ends_in_the_middle_of_a_line_gets_it_again_whole(audit, server):
    server.endure = 20_000
    audit.start()
    report(audit, 300)
    until(lambda: server.connections >= 2, timeout=40, what="another connection")
    server.endure = None
    until(lambda: arrived(audit, server), timeout=40, what="all of it")
    assert set(server.lines) == set(everything(audit)), "nothing that is no line"


def test_a_reload_without_the_key_changes_nothing(audit, server):
    audit.start()
    kept = audit.key.read_bytes()
    audit.key.unlink()
    assert post(audit, "/v1/reload") == 422
    report(audit, 5)
    until(lambda: arrived(audit, server), what="the copy, as before")
    reload = next(line for line in reversed(audit.lines) if line["kind"] == "config.reload")
    assert reload["outcome"] == "failure" and "cannot be read" in reload["details"]["reason"]
    # By signal as over the socket: nobody knows who, and it goes on.
    audit.process.send_signal(signal.SIGHUP)
    signalled = until(lambda: [line for line in audit.lines if line["how"] == "signal SIGHUP"], what="the reload by signal")
    assert signalled[0]["outcome"] == "failure" and signalled[0]["object"] == "audit log"
    audit.key.write_bytes(kept)
    audit.key.chmod(0o640)
    audit.process.send_signal(signal.SIGHUP)
    until(lambda: audit.lines[-1]["how"] == "signal SIGHUP" and audit.lines[-1]["outcome"] == "success", what="the reload")
    assert post(audit, "/v1/reload") == 200
    report(audit, 5)
    until(lambda: arrived(audit, server), what="the copy, on another connection")


def post(audit, path):
    done = subprocess.run(["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-X", "POST", "--unix-socket", audit.control,
                           f"http://localhost{path}"], capture_output=True, check=True, text=True, timeout=60)
    return int(done.stdout)
