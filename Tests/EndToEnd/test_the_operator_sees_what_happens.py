# SPDX-License-Identifier: Apache-2.0
"""eigctl, metrics and logs: what they say is true, well formed, and free of secrets."""

import json
import os
import re
import subprocess

import pytest

from support.configuration import PASSWORDS
from support.programs import Control, programs


def test_status_tells_what_runs(edge):
    edge.payfast.call("GET", "/eig/any/1")
    result = edge.eigctl("status", "--json")
    document = json.loads(result.stdout)
    assert document["schema"] == "eig/1"
    eigd = document["eigd"]
    assert {partner["id"] for partner in eigd["partners"]} == {"payfast", "mobicash"}
    payfast = next(partner for partner in eigd["partners"] if partner["id"] == "payfast")
    assert payfast["requests_total"] == 1 and payfast["last_request_at"]
    assert {"txn", "rpt"} <= {backend["name"] for backend in eigd["backends"]}
    assert any(certificate["days_left"] >= 28 for certificate in eigd["certificates"])
    assert "payfast" in edge.eigctl("status").stdout
    assert "payfast" in edge.eigctl("status", "payfast").stdout


def test_check_shows_the_place_and_the_mend(lab):
    lab.configuration.write()
    assert lab.eigctl("check").returncode == 0, lab.eigctl("check")
    lab.partners["payfast"]["callback"] = lab.partners["payfast"].pop("callbacks")
    lab.configuration.write()
    result = lab.eigctl("check")
    assert result.returncode == 1
    said = result.stderr + result.stdout
    assert re.search(r"payfast\.toml:\d+:\d+", said), said
    assert "^" in said and "callbacks" in said, said
    document = json.loads(lab.eigctl("check", "--json").stdout)
    assert document["ok"] is False
    assert any(item["line"] >= 1 and item["hint"] for item in document["diagnostics"])


def test_exit_codes(lab):
    assert lab.eigctl("nonsense").returncode == 64
    assert lab.eigctl("status").returncode == 1, "nothing runs"
    for verb in ["check", "apply", "status", "callbacks"]:
        result = subprocess.run([programs() / "eigctl", verb, "--help"], capture_output=True, text=True, check=False)
        assert result.returncode == 0 and verb in result.stdout, result


def test_the_control_socket_obeys_only_root_and_its_own(edge):
    assert os.stat(edge.control.path).st_mode & 0o007 == 0 or not _as_nobody(edge)
    assert Control(edge.control.path).answers()


def _as_nobody(edge):
    """Whether another user gets an answer."""
    done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "curl", "-s", "-f",
                           "--unix-socket", edge.control.path, "http://control/v1/status"], capture_output=True,
                          check=False)
    return done.returncode == 0


def test_nobody_elses_user_is_obeyed(edge):
    # Past the file modes, too: the caller's uid decides.
    os.chmod(edge.folder.parent, 0o755)
    os.chmod(edge.folder, 0o755)
    os.chmod(edge.run, 0o755)
    os.chmod(edge.control.path, 0o777)
    assert not _as_nobody(edge)


def test_the_log_is_json_without_secrets_or_bodies(edge):
    secret = "a-secret-in-the-body"
    edge.payfast.call("POST", "/eig/gsma/transactions?token=a-secret-in-the-query", secret.encode(),
                      [("Authorization", "Bearer a-secret-token")])
    edge.payfast_callbacks
    edge.callback("payfast", "K-1", {"transactionId": "TP1", "name": secret})
    edge.payfast_callbacks.wait()
    access = edge.eigd.logged(event="access", partner="payfast")
    assert access["status"] == 200 and access["method"] == "POST" and access["microseconds"] > 0
    text = edge.eigd.output.read_text() + edge.eigd.complaints()
    for word in [secret, PASSWORDS["payfast"], "a-secret-in-the-query", "a-secret-token", "$6$", "PRIVATE KEY"]:
        assert word not in text, word


def test_the_programs_hold_no_more_than_they_need(lab):
    lab.txn, lab.rpt
    lab.start(enforce=True)
    for program, capabilities in [(lab.eigd, 0), (lab.jumpd, 1 << 12)]:
        text = open(f"/proc/{program.pid}/status").read()
        effective = int(re.search(r"CapEff:\s+(\w+)", text)[1], 16)
        assert effective == capabilities, f"{program.name} runs with {effective:x}"
    assert lab.payfast.call("GET", "/eig/any/1").status == 200


@pytest.mark.parametrize("program", ["eigd", "jumpd", "eigctl"])
def test_each_program_says_its_version_and_its_usage(program):
    for option in ["--version", "--help"]:
        result = subprocess.run([programs() / program, option], capture_output=True, text=True, check=False)
        assert result.returncode == 0 and result.stdout.strip(), (program, option, result)
    wrong = subprocess.run([programs() / program, "--nonsense"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 64, (program, wrong)
