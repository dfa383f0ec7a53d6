# SPDX-License-Identifier: Apache-2.0
"""Any client of a proxy gets to an HTTPS server behind the gate, by its name and to its port; to nothing else."""

import time

import pytest
from lab import access
from support import network
from support.programs import PATIENCE

#: Never a target, however it is written.
ELSEWHERE = ["10.20.0.11:443", "127.0.0.1:443", "127.1:443", "2130706433:443", "localhost:443", "[::1]:443",
             "[::ffff:10.20.0.11]:443", "169.254.169.254:80", "[fd00:ec2::254]:80", "0.0.0.0:443", "192.0.2.1:9443",
             "jump.edge.example:9443", "rpt-01.:443", "rpt-01%00:443", "rpt-01@10.20.0.11:443",
             "eig-01:22/../rpt-01:443", "example.org:443"]


@pytest.fixture(scope="module")
def anna(module_gate):
    module_gate.grant("rpt-01:443", "eig-01:22")
    return module_gate.anna


def connect(person, target, head=""):
    """The status and body of a CONNECT that is expected to be refused, or 200."""
    with person.connect() as connection:
        connection.send(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{head}\r\n")
        return connection.response("CONNECT")


def test_curl_gets_an_answer(anna, module_gate):
    authority = module_gate.configuration.authority.certificate
    done = anna.curl("--cacert", authority, "https://rpt-01/v1/reports")
    assert (done.code, done.out) == (0, '{"ok": true}'), done
    assert module_gate.servers.web.requests[-1].target == "/v1/reports"


def test_without_a_grant_it_is_forbidden_at_once(anna, module_gate):
    done = module_gate.ben.curl("https://rpt-01/")
    assert done.code == 56 and "403" in done.err and done.was_at_once, done


def test_the_body_says_how_to_mend_it_within_a_second(anna, module_gate):
    began = time.monotonic()
    answer = connect(module_gate.ben, "eig-01:22")
    assert time.monotonic() - began < PATIENCE
    assert answer.status == 403, answer
    assert answer.body == (b"jumpd: access denied for ben to eig-01:22: no grant\n"
                           b"hint: request a grant: eigctl grant request eig-01:22\n"), answer


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nothing_but_a_target_is_reached(anna, module_gate, target):
    before = len(module_gate.servers.web.requests)
    assert connect(anna, target).status in (400, 403, 404), target
    assert len(module_gate.servers.web.requests) == before


@pytest.mark.parametrize("target", ["rpt-01:80", "rpt-01:8443", "rpt-01:0", "rpt-01:65536", "rpt-01:", "rpt-01"])
def test_another_port_is_refused(anna, target):
    assert connect(anna, target).status in (400, 403, 404), target


@pytest.mark.parametrize("line, field", [
    ("GET http://rpt-01/ HTTP/1.1", "Host: rpt-01"), ("GET / HTTP/1.1", "Host: jump.edge.example"),
    ("CONNECT  rpt-01:443 HTTP/1.1", "Host: rpt-01:443"),
    ("CONNECT rpt-01:443 HTTP/1.1", "Host: rpt-01:443\r\nContent-Length: 5"),
    ("CONNECT rpt-01:443 HTTP/1.1", "Host: rpt-01:443\r\nTransfer-Encoding: chunked"),
    ("POST rpt-01:443 HTTP/1.1", "Host: rpt-01:443"), ("PRI * HTTP/2.0", "")])
def test_what_is_not_a_connect_opens_nothing(anna, module_gate, line, field):
    before = len(module_gate.sessions)
    with anna.connect() as connection:
        connection.send(f"{line}\r\n{field}\r\n\r\n")
        said = connection.rest() if line.startswith(("PRI", "CONNECT  ")) else connection.connection.recv(4096)
    assert said == b"" or said.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5")), said
    assert len(module_gate.sessions) == before


def test_a_target_that_does_not_answer_is_a_gateway_error(anna, module_gate):
    module_gate.grant("gone:22")
    answer = connect(anna, "gone:22")
    assert answer.status in (502, 504), answer
    assert b"10.20.0" not in answer.body, answer


def test_without_a_certificate_there_is_no_connection(anna):
    done = anna.run("curl", "-sS", "--max-time", 10, "--noproxy", "", "--proxy", f"https://{access.NAME}:{access.PORT}",
                    "--proxy-cacert", anna.authority.certificate, "--proxytunnel", "https://rpt-01/")
    assert done.code in (35, 56) and done.was_at_once, done


def test_a_stranger_with_a_certificate_of_another_authority_is_refused(anna, module_gate):
    context = anna.context()
    leaf = module_gate.pki.leaf("impostor", "impostor-ca", "anna@edge.example")
    context.load_cert_chain(leaf.certificate, leaf.key)
    with pytest.raises(OSError):
        with anna.connect(context=context) as connection:
            connection.send("CONNECT eig-01:22 HTTP/1.1\r\nHost: eig-01:22\r\n\r\n")
            answer = connection.response("CONNECT")
            # Where the handshake was let end, the answer is no.
            assert answer.status == 403
            raise OSError


def test_both_addresses_of_the_gate_answer(anna):
    with anna.connect(address=network.EDGE6) as connection:
        connection.send("CONNECT nowhere:1 HTTP/1.1\r\nHost: nowhere:1\r\n\r\n")
        assert connection.response("CONNECT").status in (403, 404)
