# SPDX-License-Identifier: Apache-2.0
"""Apply, reload, replay and release are events of the person who logged in; a host without an audit log works as before."""

import json
import signal
import subprocess

import pytest

from support.audit import Audit
from support.programs import programs, until
from support.server import Answer


@pytest.fixture
def audit(tmp_path):
    audit = Audit(tmp_path)
    yield audit.start()
    audit.stop()


@pytest.fixture
def audited(lab, audit):
    """An edge whose jumpd.toml names the log."""
    folder = lab.configuration.folder / "identities"
    folder.mkdir(exist_ok=True)
    (folder / "audit.key").write_bytes(audit.key.read_bytes())
    (folder / "audit.key").chmod(0o640)
    lab.configuration.host["audit"] = {"key": "audit.key", "folder": str(audit.state), "events": str(audit.events),
                                       "control": str(audit.control)}
    return lab.start(enforce=True)


def acts(audit):
    return [line for line in audit.lines if not line["kind"].startswith("log.")]


def test_what_an_operator_changes_is_an_event(audited, audit):
    audited.partners["payfast"]["allow"].append({"from": ["203.0.113.77"], "reason": "a new office"})
    audited.configuration.write()
    assert audited.eigctl("apply").returncode == 0
    done = {(line["kind"], line["object"]): line for line in acts(audit)}
    allowed = done["config.apply", "allow-list"]
    assert allowed["outcome"] == "success" and "203.0.113.77" in allowed["details"]["first"]
    assert allowed["who"] and allowed["how"].startswith("login ") and allowed["source"].startswith("root (uid 0, ")
    assert ("config.reload", "gateway") in done

    # A refusal is one, too, with its reason.
    audited.partners["payfast"]["rolls"] = ["send"]
    audited.configuration.write()
    assert audited.control.request("POST", "/v1/reload")[0] == 422
    refused = acts(audit)[-1]
    assert refused["kind"] == "config.reload" and refused["outcome"] == "failure"
    assert refused["details"]["code"] == "configuration_refused" and refused["details"]["reason"]
    del audited.partners["payfast"]["rolls"]
    audited.configuration.write()

    # By signal nobody knows who.
    count = len(acts(audit))
    audited.eigd.signal(signal.SIGHUP)
    signalled = until(lambda: len(acts(audit)) > count and acts(audit)[-1], what="the reload by signal")
    assert signalled["kind"] == "config.reload" and signalled["who"] == "" and signalled["how"] == "signal SIGHUP"
    # Looking changes nothing, and is none.
    count = len(acts(audit))
    assert audited.eigctl("plan").returncode in (0, 2)
    assert audited.eigctl("callbacks", "list").returncode == 0
    assert len(acts(audit)) == count
    assert audit.verify()["ok"]


def test_a_broken_file_and_one_without_the_log_do_not_hide_who_wrote_it(audited, audit):
    path = audited.configuration.folder / "jumpd.toml"
    good = path.read_text()
    path.write_text(good + "\n[audit\n")
    assert audited.eigctl("apply").returncode != 0
    assert audited.control.request("POST", "/v1/reload")[0] in (200, 422)
    reload = acts(audit)[-1]
    assert reload["kind"] == "config.reload" and reload["who"]
    # Taken away: that is the last thing it hears.
    path.write_text(good[:good.index("[audit]")])
    assert audited.control.request("POST", "/v1/reload")[0] == 200
    count = len(acts(audit))
    assert count and acts(audit)[-1]["seq"] > reload["seq"]
    assert audited.control.request("POST", "/v1/reload")[0] == 200
    assert len(acts(audit)) == count
    path.write_text(good)


def test_a_replay_is_an_event_of_who_asked_for_it(audited, audit):
    audited.payfast_callbacks.behaviour = lambda request: Answer(404)
    audited.txn, audited.rpt
    audited.callback("payfast", "K-1", {"transactionId": "TP1", "status": "SUCCESS"})

    def dead():
        found = json.loads(audited.eigctl("callbacks", "dead", "--json").stdout)["callbacks"]
        return [item for item in found if item["destination"] == "partner:payfast"]

    [letter] = until(dead, timeout=30, every=0.1, what="a dead letter")
    # Somebody who logged in as nobody and became root.
    command = [str(programs() / "eigctl"), "callbacks", "replay", letter["id"], "--config",
               str(audited.configuration.folder), "--control-eigd", audited.control.path]
    done = subprocess.run(["sh", "-c", 'echo 65534 > /proc/self/loginuid; exec "$@"', "sh", *command],
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done
    [replay] = [line for line in acts(audit) if line["kind"] == "callbacks.replay"]
    assert replay["object"] == f"callback {letter['id']}" and replay["outcome"] == "success"
    if "loginuid" not in done.stderr:
        assert replay["who"] == "nobody" and "(uid 65534) as root" in replay["how"]


def test_a_log_that_does_not_answer_delays_nothing_for_long_and_is_complained_of(audited, audit):
    audit.process.send_signal(signal.SIGSTOP)
    try:
        assert audited.eigctl("apply").returncode == 0
    finally:
        audit.process.send_signal(signal.SIGCONT)
    until(lambda: "not in the audit log: config.apply" in audited.jumpd.complaints(), what="the complaint")
