# SPDX-License-Identifier: Apache-2.0
"""Every tampering with the audit log is found by eigctl, named for what it is, with its first bad line."""

import shutil
import subprocess

import pytest

from support.audit import Audit, Reporter, event
from support.programs import programs


@pytest.fixture
def written(audit):
    """A log of 250 events, three checkpoints and more, stopped in order."""
    audit.start()
    with Reporter(audit) as reporter:
        for number in range(250):
            assert reporter.report(event(f"eig-{number:02}:22")).startswith("ok ")
    audit.stop()
    return audit


def change(audit, body):
    file = audit.files[0]
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(body(lines)))


def first(report):
    return report["findings"][0]["kind"], report["findings"][0]["line"]


def test_a_sound_log_is_sound_also_as_a_copy_elsewhere(written, tmp_path):
    report = written.verify()
    assert report["ok"] and not report["notes"] and report["line_count"] == len(written.lines)
    copy = tmp_path / "copy"
    shutil.copytree(written.state, copy)
    assert written.verify("--folder", copy, "--key", written.public)["ok"]


def test_an_altered_byte_is_named(written):
    change(written, lambda lines: lines[:99] + [lines[99].replace(b"anna", b"hans")] + lines[100:])
    report = written.verify(status=1)
    assert first(report) == ("altered", 100)
    assert "audit-000000000001.jsonl:100" in written.eigctl("audit", "verify", status=1)


def test_a_removed_line_is_named(written):
    change(written, lambda lines: lines[:99] + lines[100:])
    report = written.verify(status=1)
    assert first(report) == ("removed", 100) and report["findings"][0]["seq"] == 100


def test_a_cut_tail_is_found_by_what_was_remembered(written, tmp_path):
    note = tmp_path / "note"
    assert written.verify("--remember", note)["ok"]
    head = note.read_text().strip()
    change(written, lambda lines: lines[:-30])
    assert written.verify()["ok"], "the log itself cannot show it"
    assert first(written.verify("--remember", note, status=1)) == ("cut", len(written.lines))
    assert first(written.verify("--head", head, status=1))[0] == "cut"
    assert note.read_text().strip() == head, "what was remembered was overwritten"


def test_a_cut_tail_is_found_by_the_copy_of_the_log_server(written, tmp_path):
    received = tmp_path / "received.log"
    lines = written.files[0].read_text().splitlines()
    received.write_text("".join(f"Nov 22 02:00:00 edge-1 eig-audit {line}\n" for line in lines))
    assert written.verify("--copy", received)["ok"]
    change(written, lambda lines: lines[:-30])
    assert first(written.verify("--copy", received, status=1))[0] == "cut"


def test_a_rewritten_chain_is_found_by_its_signatures(written, tmp_path):
    """Somebody with the whole folder and another key writes it anew, from one line on."""
    forger = Audit(tmp_path / "forger")
    keep = 150
    forger.state.mkdir()
    lines = written.files[0].read_bytes().splitlines(keepends=True)
    (forger.state / written.files[0].name).write_bytes(b"".join(lines[:keep]))
    forger.start()
    with Reporter(forger) as reporter:
        for _ in range(120):
            assert reporter.report(event("forged")).startswith("ok ")
    forger.stop()
    shutil.copy(forger.files[0], written.files[0])
    # With his key beside it.
    shutil.copy(forger.state / "audit.pub", written.state / "audit.pub")
    kind, line = first(written.verify(status=1))
    assert kind == "rewritten" and line <= keep + 1
    copy = tmp_path / "copy"
    shutil.copytree(written.state, copy)
    assert written.verify("--folder", copy, "--key", written.public, status=1)["findings"]


def test_a_log_checked_with_the_key_beside_it_is_not_called_good(written, tmp_path):
    written.key.unlink()
    report = written.verify(status=2)
    assert report["ok"] and any("beside the log" in note for note in report["notes"])


def test_a_changed_key_takes_both(written, tmp_path):
    old = written.public.read_text()
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", written.key], check=True, capture_output=True)
    written.start()
    assert not written.status["notices"]
    written.stop()
    start = [line for line in written.lines if line["kind"] == "log.start"][-1]
    assert start["outcome"] == "success" and start["details"]["key_before"] == "another"
    public = subprocess.run(["openssl", "pkey", "-in", written.key, "-pubout"], check=True, capture_output=True, text=True)
    both = tmp_path / "both.pub"
    both.write_text(old + public.stdout)
    assert written.verify("--key", both)["ok"]
    assert any("--key" in note for note in written.verify(status=1)["notes"])


def test_lines_lost_while_nothing_ran_are_a_gap(written):
    change(written, lambda lines: lines[:-3])
    written.start()
    assert any("lost" in notice for notice in written.status["notices"])
    written.stop()
    report = written.verify(status=1)
    assert first(report)[0] == "gap"
    start = next(line for line in reversed(written.lines) if line["kind"] == "log.start")
    assert start["outcome"] == "failure" and "lost" in start["details"]


def test_reading_is_an_event_of_the_person_who_read(audit):
    audit.start()
    with Reporter(audit) as reporter:
        reporter.report()
    shown = audit.eigctl("audit", "tail", "--kind", "session")
    assert "session.begin" in shown and "anna" in shown
    assert "eig-01:22" in audit.eigctl("audit", "show", "3")
    audit.verify()
    reads = [line for line in audit.lines if line["kind"] == "log.read"]
    assert [line["details"]["verb"] for line in reads] == ["tail", "show", "verify"]
    assert all(line["who"] and line["how"].startswith("login ") for line in reads)
    exported = audit.eigctl("audit", "export", "--since", "1h").encode()
    assert exported == b"".join(file.read_bytes() for file in audit.files)


def test_tail_goes_on_with_what_follows(audit):
    audit.start()
    process = subprocess.Popen([programs() / "eigctl", "audit", "tail", "-f", "--config", audit.etc, "--kind", "session"],
                               stdout=subprocess.PIPE, text=True)
    try:
        with Reporter(audit) as reporter:
            for number in range(3):
                reporter.report(event(f"late-{number}"))
        lines = [process.stdout.readline() for _ in range(3)]
        assert [f"late-{number}" in line for number, line in enumerate(lines)] == [True] * 3
    finally:
        process.terminate()
        process.wait(10)
