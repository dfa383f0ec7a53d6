# SPDX-License-Identifier: Apache-2.0
"""kill -9, a full volume, strangers at the door: nothing that was answered is lost, nothing is taken that is not written."""

import os
import subprocess

import pytest

from support.audit import Audit, Reporter, event
from support.network import run
from support.programs import programs, until


@pytest.fixture
def small(tmp_path):
    """The log on a volume of 1 MiB."""
    state = tmp_path / "volume"
    state.mkdir()
    run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(state))
    audit = Audit(tmp_path, state)
    yield audit
    audit.stop()
    run("umount", str(state))


def test_nothing_that_was_answered_is_lost_by_kill_nine(audit):
    answered = []
    for round in range(5):
        audit.start()
        with Reporter(audit) as reporter:
            for number in range(40):
                answer = reporter.report(event(f"{round}-{number}"))
                assert answer.startswith("ok ")
                answered.append((int(answer[3:]), f"{round}-{number}"))
            # In the middle of a stream of them.
            for _ in range(20):
                reporter.socket.send(event("unanswered"))
            audit.kill()
    # Half a line, as the kernel leaves it when a power cut comes.
    with open(audit.files[-1], "ab") as file:
        file.write(b'{"seq":999,"ts":"2026-')
    audit.start()
    start = next(line for line in reversed(audit.lines) if line["kind"] == "log.start")
    assert start["details"]["after"] == "crash" and start["details"]["torn_bytes"] == "22"
    assert (audit.state / start["details"]["torn_file"]).read_bytes() == b'{"seq":999,"ts":"2026-'
    audit.stop()
    written = {line["seq"]: line["object"] for line in audit.lines}
    assert all(written.get(seq) == name for seq, name in answered)
    report = audit.verify()
    assert report["ok"] and sum("killed" in note for note in report["notes"]) == 5


def test_a_full_volume_takes_nothing_and_says_so_and_recovers(small):
    small.start()
    filler = small.state / "filler"
    with Reporter(small) as reporter:
        assert reporter.report().startswith("ok ")
        with open(filler, "wb", buffering=0) as file, pytest.raises(OSError):
            while True:
                file.write(bytes(4096))
        answers = []
        refused = until(lambda: (answer := reporter.report()).startswith("error ") and answer, what="a refusal")
        assert "No space left" in refused
        for _ in range(5):
            answers.append(reporter.report())
        assert all(answer.startswith("error ") for answer in answers)
        assert not small.status["ok"] and "No space left" in small.status["trouble"]
        # The alarm found the room that was kept for it.
        assert small.lines[-2]["kind"] == "log.refused" and small.lines[-2]["outcome"] == "failure"
        filler.unlink()
        answer = until(lambda: (answer := reporter.report()).startswith("ok ") and answer, what="room again")
        assert small.lines[int(answer[3:]) - 1]["kind"] == "session.begin"
    assert small.status["ok"]
    said = [line for line in small.lines if line["kind"] == "log.refused" and line["outcome"] == "success"]
    assert len(said) == 1 and int(said[0]["details"]["events"]) >= 6
    small.stop()
    report = small.verify()
    assert report["ok"] and any("refused" in note for note in report["notes"])
    assert "No space left" in small.errors.read_text()


def test_the_last_words_fit_on_a_full_volume(small):
    small.start()
    with open(small.state / "filler", "wb", buffering=0) as file, pytest.raises(OSError):
        while True:
            file.write(bytes(4096))
    with Reporter(small) as reporter:
        until(lambda: reporter.report().startswith("error "), what="a refusal")
    small.stop()
    assert [line["kind"] for line in small.lines[-2:]] == ["log.stop", "log.checkpoint"]
    assert small.verify()["ok"]


def test_only_our_programs_report_and_nobody_else_is_heard(audit):
    audit.start()
    stranger = ("import socket,sys;s=socket.socket(socket.AF_UNIX,socket.SOCK_SEQPACKET);s.settimeout(5);"
                "s.connect(sys.argv[1]);s.send(sys.argv[2].encode());print(s.recv(999).decode())")
    os.chmod(audit.folder, 0o755)
    for parent in audit.folder.parents:
        if parent.name.startswith("pytest-"):
            os.chmod(parent, 0o755)
    said = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3", "-c",
                           stranger, str(audit.events), event().decode()], capture_output=True, text=True, timeout=20)
    assert said.stdout.strip() == "error your user may not report to the audit log", said
    assert [line["kind"] for line in audit.lines] == ["log.start", "log.checkpoint"]


def test_strangers_take_nobodys_place(audit):
    audit.start()
    os.chmod(audit.folder, 0o755)
    for parent in audit.folder.parents:
        if parent.name.startswith("pytest-"):
            os.chmod(parent, 0o755)
    # Without a timeout, so that they wait where the kernel's queue is full.
    many = ("import socket,sys\nheld=[]\nfor _ in range(900):\n s=socket.socket(socket.AF_UNIX,socket.SOCK_SEQPACKET)\n"
            " s.connect(sys.argv[1])\n held.append(s)\nprint('there',flush=True)\nsys.stdin.read()")
    strangers = subprocess.Popen(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3", "-c",
                                  many, str(audit.events)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert strangers.stdout.readline() == "there\n"
        with Reporter(audit) as reporter:
            assert reporter.report().startswith("ok ")
        assert audit.status["log"]["client_count"] <= 40
    finally:
        strangers.communicate("", timeout=20)


def test_several_hundred_clients_are_served_and_those_beyond_wait(audit):
    audit.start()
    clients, waiting = [Reporter(audit) for _ in range(500)], []
    try:
        numbers = [int(client.report()[3:]) for client in clients]
        assert len(set(numbers)) == 500
        waiting += [Reporter(audit) for _ in range(40)]
        for client in waiting:
            client.socket.send(event("waits"))
        for client in clients[:100]:
            client.socket.close()
        assert all(client.socket.recv(999).startswith(b"ok ") for client in waiting)
    finally:
        for client in clients + waiting:
            client.socket.close()
    assert audit.status["log"]["refused_total"] == 0


def test_a_second_process_does_not_write_the_same_log(audit, tmp_path):
    audit.start()
    second = subprocess.run([programs() / "jumpd", "audit", "--config", audit.etc, "--control", tmp_path / "2.sock",
                             "--events", tmp_path / "e2.sock"], capture_output=True, text=True, timeout=20)
    assert second.returncode == 1 and "another process writes this log" in second.stderr
    audit.stop()
    assert audit.verify()["ok"]
