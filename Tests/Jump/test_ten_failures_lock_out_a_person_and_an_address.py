# SPDX-License-Identifier: Apache-2.0
"""Ten failed logins close the gate to the person they claimed to be and to where they came from, for half an hour."""

import pytest
from lab import wires
from support.programs import until


def fails(person, source=None):
    """One login with what is no longer good."""
    try:
        with person.connect(source=source) as connection:
            connection.send("GET /v1/whoami HTTP/1.1\r\nHost: jump.edge.example\r\n\r\n")
            return connection.response().status in (401, 403, 429)
    except OSError:
        return True


def enters(person, source=None):
    return not fails(person, source)


def is_on_disk(gate, name):
    """Whether the store has this name: while the gate runs it lets nobody in, so by its bytes."""
    return any(name.encode() in path.read_bytes() for path in gate.state.iterdir() if path.is_file())


@pytest.fixture
def locked(lab):
    """A gate at which anna's old certificate failed ten times, from one address."""
    gate = lab
    old = gate.pki.leaf("anna-old", "admins-ca", "anna@edge.example")
    gate.configuration.host["gate"]["revoked"] = [old.serial]
    gate.start()
    thief = gate.person("anna", source=wires.ADMIN_OTHER)
    thief.identity = old
    assert enters(gate.anna)
    for _ in range(10):
        assert fails(thief)
    gate.thief = thief
    return gate


def test_the_person_is_out_from_everywhere_and_the_address_for_everybody(locked):
    until(lambda: locked.status["lockouts"], 3, what="the lock-out")
    kinds = {(each["kind"], each["name"]) for each in locked.status["lockouts"]}
    assert kinds == {("person", "anna"), ("address", wires.ADMIN_OTHER)}, kinds
    assert not enters(locked.anna)
    assert not enters(locked.ben, wires.ADMIN_OTHER)
    # From elsewhere others come in.
    assert enters(locked.ben)
    assert {event["object"] for event in locked.events(kind="lockout.begin")} == {"anna", wires.ADMIN_OTHER}
    assert len(locked.events(kind="login.failed")) >= 10


def test_a_restart_does_not_let_them_in_and_an_operator_does(locked):
    until(lambda: len(locked.status["lockouts"]) == 2, 3, what="the lock-out")
    until(lambda: is_on_disk(locked, wires.ADMIN_OTHER), 5, what="the lock-out to be on disk")
    locked.gate.kill()
    locked.start_gate()
    assert not enters(locked.anna)
    for body in [b'{"person": "anna"}', b'{"address": "203.0.113.201"}']:
        status, said = locked.control.request("POST", "/v1/unlock", body)
        assert status == 200, said
    assert enters(locked.anna)
    assert enters(locked.ben, wires.ADMIN_OTHER)


def test_what_was_never_a_login_counts_for_nobody(gate):
    """A refusal for want of a grant is no failed login."""
    for _ in range(15):
        with gate.anna.connect() as connection:
            connection.send("CONNECT eig-01:22 HTTP/1.1\r\nHost: eig-01:22\r\n\r\n")
            assert connection.response("CONNECT").status == 403
    assert gate.status["lockouts"] == []


def test_a_live_connection_of_a_locked_out_person_goes_on(lab):
    """Somebody else's guesses do not end what she is doing; whoever means to ends it by name."""
    gate = lab
    old = gate.pki.leaf("anna-old", "admins-ca", "anna@edge.example")
    gate.configuration.host["gate"]["revoked"] = [old.serial]
    gate.start()
    gate.grant("eig-01:22")
    with gate.anna.tunnel() as connection:
        connection.connection.recv(1)
        thief = gate.person("anna", source=wires.ADMIN_OTHER)
        thief.identity = old
        for _ in range(12):
            fails(thief)
        assert not enters(gate.anna)
        connection.send("SSH-2.0-test\r\n")
        assert connection.connection.recv(100)


def test_the_log_says_what_an_unknown_certificate_calls_itself(gate):
    """Who has to let them in, or find them, has more than a serial number."""
    stranger = gate.person("unheard")
    assert fails(stranger)
    failed = gate.told(kind="login.failed", outcome="failure")
    assert failed["who"] == "" and failed["details"]["names"] == "unheard@edge.example", failed
    stranger.identity = gate.pki.expired("unheard-old", "admins-ca", "unheard.edge.example")
    assert fails(stranger)
    until(lambda: gate.told(kind="login.failed")["details"].get("names") == "unheard.edge.example", 3,
          what="the names in a certificate that has ended")
    assert gate.gate.logged(event="login_failed", names="unheard.edge.example")
