# SPDX-License-Identifier: Apache-2.0
"""Nobody reaches a target by a role alone: somebody else says yes, for a time, and that outlives the program."""

import pytest
from support.programs import until

ORDER = {"targets": ["eig-01:22"], "minutes": 30, "reason": "look at the logs", "ticket": "CHG-7"}


def reaches(person, target="eig-01:22"):
    with person.connect() as connection:
        connection.send(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n")
        return connection.connection.recv(12) == b"HTTP/1.1 200"


def state(person, grant):
    _, document = person.api("GET", "/v1/grants")
    return next(each for each in document["grants"] if each["id"] == grant)


def test_a_request_alone_opens_nothing_and_an_approval_does(gate):
    asked = gate.anna.request("eig-01:22")
    assert not reaches(gate.anna)
    assert state(gate.anna, asked)["state"] == "pending"
    gate.ben.decide(asked, "approve", note="as discussed")
    until(lambda: reaches(gate.anna), 2, what="the grant to count")
    given = state(gate.anna, asked)
    assert (given["state"], given["decided_by"], given["note"]) == ("active", "ben", "as discussed"), given
    # For her, and for nobody and nothing else.
    assert not reaches(gate.ben) and not reaches(gate.anna, "gone:22")


def test_nobody_approves_their_own(gate):
    asked = gate.anna.request("eig-01:22")
    status, document = gate.anna.api("POST", f"/v1/grants/{asked}/approve", {"note": "me"})
    assert status in (403, 409), (status, document)
    assert not reaches(gate.anna)


def test_who_may_not_approve_is_refused(gate):
    asked = gate.anna.request("eig-01:22")
    status, document = gate.person("mallory").api("POST", f"/v1/grants/{asked}/approve", {})
    assert status == 403, (status, document)
    assert not reaches(gate.anna)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                                  "text/plain; a=application/json", None], ids=str)
def test_a_page_in_the_browser_of_who_may_approve_approves_nothing(module_gate, kind):
    """A browser would send these for any page, with its user's certificate; the page of who asked, say."""
    asked = module_gate.anna.request("eig-01:22")
    with module_gate.ben.connect() as connection:
        fields = f"Content-Type: {kind}\r\n" if kind else ""
        connection.send(f"POST /v1/grants/{asked}/approve HTTP/1.1\r\nHost: jump.edge.example\r\n{fields}"
                        "Origin: https://anna.example\r\nContent-Length: 2\r\n\r\n{}")
        assert connection.response("POST").status == 415
    assert state(module_gate.anna, asked)["state"] == "pending"
    module_gate.anna.decide(asked, "revoke")


def test_what_was_denied_or_revoked_or_decided_stays_so(gate):
    asked = gate.anna.request("eig-01:22")
    gate.ben.decide(asked, "deny", note="not today")
    assert state(gate.anna, asked)["state"] == "denied"
    status, _ = gate.ben.api("POST", f"/v1/grants/{asked}/approve", {})
    assert status == 409 and not reaches(gate.anna)
    given = gate.grant("eig-01:22")
    # Who has it may give it back.
    gate.anna.decide(given, "revoke")
    until(lambda: not reaches(gate.anna), 2, what="the grant to be gone")
    status, _ = gate.ben.api("POST", f"/v1/grants/{given}/approve", {})
    assert status == 409 and not reaches(gate.anna)


@pytest.mark.parametrize("change", [
    {"minutes": 8 * 60 + 1}, {"minutes": 0}, {"minutes": -5}, {"minutes": "60"}, {"targets": []},
    {"targets": ["nowhere:22"]}, {"targets": ["eig-01:23"]}, {"targets": ["10.20.0.20:22"]}, {"reason": ""},
    {"ticket": ""}, {"reason": "x" * 5000}, {"from": "yesterday"}, {"targets": ["eig-01:22"] * 2000},
    {"form": "2026-11-22T00:00:00Z"}], ids=str)
def test_a_request_that_makes_no_sense_is_refused(module_gate, change):
    order = {**ORDER, **change}
    status, document = module_gate.anna.api("POST", "/v1/grants", order)
    assert 400 <= status < 500 and document["error"], (status, document)


def test_what_no_role_gives_cannot_be_asked_for(module_gate):
    status, document = module_gate.person("mallory").api("POST", "/v1/grants", ORDER)
    assert 400 <= status < 500, (status, document)
    status, _ = module_gate.person("mallory").api("POST", "/v1/grants", {**ORDER, "targets": ["rpt-01:443"]})
    assert status in (200, 201)


def test_it_outlives_a_crash_and_so_does_what_ended_it(gate):
    given, revoked, asked = gate.grant("eig-01:22"), gate.grant("gone:22"), gate.anna.request("rpt-01:443")
    gate.ben.decide(revoked, "revoke")
    gate.gate.kill()
    gate.start_gate()
    assert [state(gate.anna, each)["state"] for each in (given, revoked, asked)] == ["active", "revoked", "pending"]
    assert reaches(gate.anna) and not reaches(gate.anna, "gone:22")


def test_each_step_is_in_the_log_with_who_took_it(gate):
    given = gate.grant("eig-01:22")
    gate.ben.decide(given, "revoke", note="done")
    denied = gate.anna.request("eig-01:22")
    gate.ben.decide(denied, "deny")
    steps = [("grant.request", "anna", given), ("grant.approve", "ben", given), ("grant.revoke", "ben", given),
             ("grant.request", "anna", denied), ("grant.deny", "ben", denied)]
    told = [(event["kind"], event["who"], event["object"].removeprefix("grant "))
            for event in gate.events() if event["kind"].startswith("grant.")]
    assert told == steps


def test_break_glass_opens_at_once_and_loudly_and_stays_open_for_review(gate):
    sealed = gate.person("sealed")
    assert not reaches(sealed)
    status, _ = sealed.api("POST", "/v1/break-glass", {})
    assert 400 <= status < 500
    status, _ = gate.anna.api("POST", "/v1/break-glass", {"reason": "the identity is not sealed"})
    assert status == 403
    status, document = sealed.api("POST", "/v1/break-glass", {"reason": "nobody else is awake, payments fail"})
    assert status in (200, 201), document
    grant = document["grant"]
    assert grant["is_break_glass"] and grant["is_review_open"] and grant["minutes"] <= 60, grant
    until(lambda: reaches(sealed), 2, what="the glass to be broken")
    assert gate.told(kind="break-glass.begin")["who"] == "sealed"
    # Loud: in the program's own log, too, as something that wakes people up.
    assert gate.gate.logged(event="break_glass", person="sealed", target="eig-01:22")
    # Not by who used it.
    assert sealed.api("POST", f"/v1/grants/{grant['id']}/close", {"note": "me"})[0] in (403, 409)
    assert gate.status["grants"]["reviews_open"] == 1
    # Not while it lasts.
    gate.ben.decide(grant["id"], "close", expect=409)
    gate.ben.decide(grant["id"], "revoke", note="payments are back")
    until(lambda: not reaches(sealed), 2, what="the glass to be whole")
    gate.ben.decide(grant["id"], "close", note="looked at every command")
    assert gate.status["grants"]["reviews_open"] == 0
    assert gate.told(kind="break-glass.close")["who"] == "ben"
