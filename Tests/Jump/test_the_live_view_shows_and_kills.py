# SPDX-License-Identifier: Apache-2.0
"""Who is on which target, since when, with how much traffic, by which grant; and an end to it."""

import json

from support import network
from support.programs import until


def test_a_session_is_shown_as_it_is(gate):
    grant = gate.grant("eig-01:22")
    with gate.anna.tunnel() as connection:
        banner = connection.connection.recv(200)
        connection.send("SSH-2.0-test\r\n")
        until(lambda: gate.sessions and gate.sessions[0]["bytes_in"] >= 14, 3, what="the count")
        [shown] = gate.sessions
        assert (shown["who"], shown["target"], shown["port"], shown["grant"], shown["ticket"]) == (
            "anna", "eig-01", 22, grant, "CHG-1"), shown
        assert shown["source"].startswith("203.0.113.200:") and shown["bytes_in"] == 14, shown
        assert shown["bytes_out"] >= len(banner) and shown["idle_seconds"] < 5, shown
        # The same for an administrator with the right to see it, and only their own for who has it not.
        assert len(gate.ben.api("GET", "/v1/sessions")[1]["sessions"]) == 1
        assert gate.person("mallory").api("GET", "/v1/sessions")[1]["sessions"] == []
        table = gate.ben.eigctl("jump", "sessions")
        assert table.code == 0 and "anna" in table.out and "eig-01:22" in table.out and grant in table.out, table
        assert json.loads(gate.ben.eigctl("jump", "sessions", "--json").out)["sessions"][0]["id"] == shown["id"]
    until(lambda: not gate.sessions, 3, what="it to be over")


def test_it_is_killed_by_who_may_and_nobody_else(gate):
    gate.grant("eig-01:22")
    with gate.anna.tunnel() as connection:
        connection.connection.recv(1)
        [shown] = gate.sessions
        status, _ = gate.person("mallory").api("POST", f"/v1/sessions/{shown['id']}/kill", {})
        assert status in (403, 404)
        done = gate.ben.eigctl("jump", "kill", shown["id"])
        assert done.code == 0, done
        # It ends, behind what was on its way.
        connection.rest(timeout=1)
    killed = gate.told(kind="session.kill", outcome="success")
    assert killed["who"] == "ben", killed
    refused = gate.told(kind="session.kill", outcome="failure", who="mallory")
    assert refused["object"] == f"session {shown['id']}" and refused["details"]["refused"], refused
    assert gate.ben.api("POST", f"/v1/sessions/{shown['id']}/kill", {})[0] == 404


def test_targets_are_listed_with_what_is_recorded_of_them(gate):
    gate.grant("eig-01:22")
    done = gate.anna.eigctl("jump", "targets")
    assert done.code == 0 and "eig-01" in done.out and "metadata" in done.out, done
    status, document = gate.anna.api("GET", "/v1/targets")
    assert status == 200
    assert all(each["records"] == "metadata" for each in document["targets"]), document
    # Where a target is is nobody's business who only uses it.
    assert network.RPT not in json.dumps(document)


def test_whoami_says_what_one_is(gate):
    status, document = gate.anna.api("GET", "/v1/whoami")
    assert status == 200 and document["who"] == "anna", document
