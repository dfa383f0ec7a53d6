# SPDX-License-Identifier: Apache-2.0
"""Each event says who did what, when, whence, to what and with which result; what was done to the log is found."""

import hashlib
import json
import shutil
import signal

import pytest
from lab.administrator import EIGCTL
from support.programs import until

#: PCI DSS 4.0.1 requirement 10.2.2, in our words.
FIELDS = ["seq", "ts", "boot_id", "prev", "kind", "outcome", "who", "how", "origin", "object", "source"]


@pytest.fixture(scope="module")
def written(module_gate):
    """A log with everything in it."""
    gate = module_gate
    grant = gate.grant("eig-01:22")
    gate.anna.ssh("true")
    gate.ben.ssh("true", proxy=EIGCTL)
    gate.ben.decide(grant, "revoke")
    gate.grant("txn-db")
    gate.anna.psql("txn-db", "select 1")
    gate.audit.terminate()
    assert gate.audit.exited() == 0
    return gate


@pytest.fixture(scope="module")
def going(module_gate):
    """The same gate, with its log again."""
    if not module_gate.audit.is_running:
        module_gate.start_audit()
    return module_gate


def files(folder):
    return sorted(folder.glob("*.jsonl"))


def test_every_event_has_every_field(written):
    events = written.events()
    assert len(events) > 8
    for event in events:
        assert set(FIELDS) <= set(event), event
    [begun, *_] = written.events(kind="session.begin")
    assert begun["who"] == "anna" and begun["object"] == "eig-01:22" and begun["outcome"] == "success"
    assert begun["origin"].startswith("203.0.113.200:") and begun["how"].startswith("certificate "), begun
    [refused, *_] = written.events(kind="session.refused")
    assert refused["who"] == "ben" and refused["outcome"] == "failure", refused


def test_each_line_is_chained_to_the_one_before(written):
    [first, *_] = files(written.trail)
    lines = first.read_bytes().splitlines()
    for before, after in zip(lines, lines[1:]):
        digest = hashlib.sha256(before).hexdigest()
        assert json.loads(after)["prev"] == digest, after


def flip(lines):
    number = len(lines) // 2
    lines[number] = lines[number].replace(b'"who":"', b'"who":"x', 1)
    return number


def remove(lines):
    number = len(lines) // 2
    del lines[number]
    return number


def cut(lines):
    del lines[-3:]
    return None


def rewrite(lines):
    """One changed event, and every link after it made to fit; without the key no checkpoint can be."""
    number = len(lines) // 3
    lines[number] = lines[number].replace(b'"outcome":"success"', b'"outcome":"failure"', 1)
    for each in range(number + 1, len(lines)):
        link = f'"prev":"{json.loads(lines[each])["prev"]}"'.encode()
        lines[each] = lines[each].replace(link, f'"prev":"{hashlib.sha256(lines[each - 1]).hexdigest()}"'.encode())
    return None


@pytest.mark.parametrize("tamper, word", [(flip, "altered"), (remove, "removed"), (cut, "cut"), (rewrite, "rewritten")],
                         ids=lambda each: each if isinstance(each, str) else each.__name__)
def test_what_was_done_to_it_is_named(written, tamper, word):
    head = written.eigctl("audit", "verify").stdout.split("head ")[1].split()[0]
    kept = written.folder / "kept"
    shutil.copytree(written.trail, kept)
    try:
        path = files(written.trail)[-1]
        lines = path.read_bytes().splitlines()
        number = tamper(lines)
        path.write_bytes(b"\n".join(lines) + b"\n")
        # What an auditor noted the last time; the log alone cannot show that its end is gone.
        done = written.eigctl("audit", "verify", "--head", head)
        assert done.returncode != 0 and word in (done.stdout + done.stderr).lower(), done
        if number is not None:
            assert f"{path.name}:{number + 1}" in done.stdout + done.stderr, done
    finally:
        shutil.rmtree(written.trail)
        shutil.move(kept, written.trail)


def test_an_untouched_one_verifies_and_can_be_shown_and_exported(written):
    assert written.eigctl("audit", "verify").returncode == 0
    begun = written.events(kind="session.begin")[0]
    shown = written.eigctl("audit", "show", str(begun["seq"]))
    assert shown.returncode == 0 and "session.begin" in shown.stdout and "anna" in shown.stdout, shown
    exported = written.eigctl("audit", "export")
    assert exported.returncode == 0, exported


def test_who_reads_it_is_in_it(gate):
    assert gate.control.answers()
    done = gate.eigctl("audit", "tail")
    assert done.returncode == 0, done
    assert gate.told(kind="log.read")


@pytest.mark.parametrize("path, order, kind, where", [
    ("/v1/grants", {"targets": [], "reason": "x"}, "grant.request", "grant"),
    ("/v1/grants", {"targets": ["eig-01:22"], "minutes": 5, "reason": "x", "from": "now"}, "grant.request", "grant"),
    ("/v1/grants/g-none/approve", {}, "grant.approve", "grant g-none"),
    ("/v1/grants/g-none/revoke", {}, "grant.revoke", "grant g-none"),
    ("/v1/sessions/s-none/kill", {}, "session.kill", "session s-none"),
    ("/v1/review/sign", {"sha256": "0", "days": 1, "note": "x"}, "review.sign", "review"),
    ("/v1/unlock", {"person": "ben"}, "lockout.end", "lock-out"),
    ("/v1/break-glass", {"reason": "because"}, "break-glass.begin", "break-glass"),
])
def test_what_the_gate_refuses_to_do_is_in_it_once(going, path, order, kind, where):
    def refusals():
        return going.events(kind=kind, outcome="failure", who="anna")

    before = len(refusals())
    code, document = going.anna.api("POST", path, order)
    assert code >= 400, document
    event = until(lambda: refusals()[before:], 5, 0.05, what="the refusal")[-1]
    assert event["object"] == where and event["details"]["refused"] == document["error"]["code"], event
    assert len(refusals()) == before + 1


def test_a_reload_by_signal_is_in_it_though_nobody_knows_whose(gate):
    gate.gate.signal(signal.SIGHUP)
    reload = gate.told(kind="config.reload", object="gate")
    assert reload["how"] == "signal SIGHUP" and reload["who"] == "" and reload["outcome"] == "success", reload
