# SPDX-License-Identifier: Apache-2.0
"""The credential is the partner's second factor, checked for every request."""

import base64

import pytest

from support.configuration import PASSWORDS, hashed

GOOD = PASSWORDS["payfast"]


@pytest.mark.parametrize("name, fields, reason", [
    ("wrong password", [("X-USERNAME", "payfast"), ("X-PASSWORD", "0" * 64)], "credential_wrong"),
    ("wrong user", [("X-USERNAME", "mobicash"), ("X-PASSWORD", GOOD)], "credential_wrong"),
    ("no password", [("X-USERNAME", "payfast")], "credential_missing"),
    ("no user", [("X-PASSWORD", GOOD)], "credential_missing"),
    ("nothing", [], "credential_missing"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_a_wrong_password_is_refused(edge, name, fields, reason):
    with edge.payfast.connect() as connection:
        answer = connection.request("POST", "/eig/gsma/transactions", b"{}", fields)
    assert (answer.status, answer.json["error"]["code"]) == (401, reason), answer
    assert edge.txn.requests == []
    assert edge.eigd.logged(event="refusal", reason=reason)["partner"] == "payfast"
    assert GOOD not in edge.eigd.output.read_text(), "a credential was logged"


def test_a_good_one_does_not_open_the_connection_for_a_bad_one(edge):
    with edge.payfast.connect() as connection:
        assert connection.request("GET", "/eig/gsma/transactions/1", fields=edge.payfast.fields).status == 200
        bad = connection.request("GET", "/eig/gsma/transactions/2",
                                 fields=[("X-USERNAME", "payfast"), ("X-PASSWORD", "0" * 64)])
        assert bad.status == 401
        assert connection.request("GET", "/eig/gsma/transactions/3", fields=edge.payfast.fields).status == 200
    assert [request.target for request in edge.txn.requests] == ["/eig/gsma/transactions/1",
                                                                 "/eig/gsma/transactions/3"]


def test_many_clients_with_the_right_password_lock_nobody_out(edge):
    """Each certificate proves its credential anew, on each worker: after a restart as many as there are."""
    for number in range(16):
        name = f"payfast-client-{number}"
        client = edge.payfast.with_identity(edge.pki.leaf(name, "payfast-ca", "edge.payfast.example"))
        assert client.call("GET", "/eig/gsma/transactions/1").status == 200, number
    # Guessing stays slow.
    guess = [("X-USERNAME", "payfast"), ("X-PASSWORD", "0" * 64)]
    with edge.payfast.connect() as connection:
        codes = [connection.request("GET", "/eig/gsma/transactions/1", fields=guess).json["error"]["code"]
                 for _ in range(12)]
    assert codes == ["credential_wrong"] * 10 + ["credential_locked"] * 2


def test_user_and_digits_count_in_any_case(edge):
    with edge.payfast.connect() as connection:
        answer = connection.request("GET", "/eig/gsma/transactions/1",
                                    fields=[("x-username", "PayFast"), ("x-password", GOOD.upper())])
    assert answer.status == 200


def test_the_password_is_not_passed_on(edge):
    edge.payfast.call("GET", "/eig/gsma/transactions/1")
    [request] = edge.txn.wait()
    assert request.field("X-PASSWORD") is None


def test_basic_credentials_ask_for_them_and_stay_here(lab):
    lab.partners["payfast"]["credential"] = {"scheme": "basic", "file": "basic.credential"}
    lab.configuration.write()
    credential = lab.configuration.folder / "credentials" / "basic.credential"
    credential.write_text(f"payfast:{hashed('open sesame')}\n")
    credential.chmod(0o600)
    lab.txn, lab.rpt
    lab.start()
    with lab.payfast.connect() as connection:
        asked = connection.request("GET", "/eig/any/1")
        assert (asked.status, asked.field("WWW-Authenticate") is not None) == (401, True)
        wrong = base64.b64encode(b"payfast:open sesam").decode()
        assert connection.request("GET", "/eig/any/1", fields=[("Authorization", f"Basic {wrong}")]).status == 401
        right = base64.b64encode(b"payfast:open sesame").decode()
        assert connection.request("GET", "/eig/any/1", fields=[("Authorization", f"Basic {right}")]).status == 200
    [request] = lab.txn.wait()
    assert request.field("Authorization") is None
