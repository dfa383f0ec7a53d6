# SPDX-License-Identifier: Apache-2.0
"""The benchmark's two ends: right answers are counted in every mode, and one wrong answer fails the run."""

import contextlib
import json
import signal
import subprocess

import pytest

from support import network as net
from support.programs import programs, until
from support.server import DROP, Answer, Server

MODES = {
    "keep-alive": ["--connections", "4", "--requests", "100"],
    "handshake": ["--connections", "4", "--requests", "20"],
    "resume": ["--connections", "4", "--requests", "20"],
    "rate": ["--connections", "4", "--rate", "400", "--seconds", "0.5", "--warm-up", "0.1"],
    "idle": ["--connections", "30", "--settle", "0.1"],
}
REQUESTS = {"keep-alive": 100, "handshake": 20, "resume": 20, "rate": 200, "idle": 30}


def echo(request, **changes):
    fields = {"X-Token": request.field("X-Token"), "Content-Type": "application/json"}
    return Answer(**{"body": b"x" * int(request.field("X-Answer-Bytes")), "fields": list(fields.items()), **changes})


@pytest.fixture(scope="module")
def identities(pki, workspace):
    """Two partners that one authority vouches for, the second with a header of its own."""
    folder = workspace / "load-identities"
    folder.mkdir()
    for name in ("000", "001"):
        identity = pki.leaf(f"load-{name}", "payfast-ca", f"load-{name}.example")
        (folder / f"{name}.pem").write_bytes(identity.certificate.read_bytes())
        (folder / f"{name}.key").write_bytes(identity.key.read_bytes())
    (folder / "001.headers").write_text("X-Partner: one\n")
    return folder


@pytest.fixture
def server(network, pki):
    identity = pki.leaf("load-server", "eig-ca", "edge.eig.example", usage="serverAuth")
    server = Server(network.edge, net.EDGE, 9443, identity, pki.authority("payfast-ca"))
    server.behaviour = echo
    yield server
    server.close()


@pytest.fixture
def load(network, pki, identities):
    def load(mode, *options, port=9443, folder=identities):
        command = [str(programs() / "edge-load"), mode, "--connect", f"{net.EDGE}:{port}", "--server-name",
                   "edge.eig.example", "--ca", str(pki.authority("eig-ca").certificate), "--identities", str(folder)]
        done = subprocess.run(network.payfast.command(*command, *options), capture_output=True, text=True,
                              timeout=60, check=False)
        report = json.loads(done.stdout) if done.stdout else {}
        assert (done.returncode == 0) == (report.get("failures") == 0 and report["requests"] > 0), done
        return done, report
    return load


@pytest.mark.parametrize("mode", MODES)
def test_right_answers_are_counted(load, server, mode):
    done, report = load(mode, *MODES[mode])
    assert done.returncode == 0, done
    assert report["mode"] == mode and report["firstFailure"] is None
    assert report["requests"] == pytest.approx(REQUESTS[mode], abs=2 if mode == "rate" else 0)
    assert report["resumed"] == (20 if mode == "resume" else 0)
    latency = report["latencyNanoseconds"]
    assert 0 < latency["p50"] <= latency["p90"] <= latency["p99"] <= latency["p999"] <= latency["max"]
    tokens = [request.field("X-Token") for request in server.requests]
    assert len(set(tokens)) == len(tokens) >= report["requests"]
    assert {request.field("X-Partner") for request in server.requests} == {None, "one"}


def test_bodies_have_the_length_asked_for(load, server):
    done, report = load("keep-alive", "--requests", "20", "--connections", "2", "--limit", "1",
                        "--method", "PUT", "--path", "/p", "--header", "X-One: 1", "--header", "X-Two: 2",
                        "--body", "16384", "--answer", "100000")
    assert done.returncode == 0 and report["requests"] == 20, done
    for request in server.requests:
        assert (request.method, request.target, len(request.body)) == ("PUT", "/p", 16384)
        assert (request.field("X-One"), request.field("X-Two"), request.field("X-Partner")) == ("1", "2", None)


@pytest.mark.parametrize(("change", "why"), [
    (lambda request: echo(request, status=503), "status 503"),
    (lambda request: echo(request, body=b"short"), "Content-Length 5, asked for 40"),
    (lambda request: echo(request, fields=[]), "X-Token is not the request's"),
    (lambda request: echo(request, fields=[("X-Token", "0" * 15 + "f")]), "X-Token is not the request's"),
    (lambda request: echo(request, chunked=True), "the answer is chunked"),
    (lambda request: echo(request, cut=80), "the server closed a connection that was waiting"),
    (lambda request: DROP, "the server closed a connection that was waiting"),
], ids=["status", "length", "no token", "other token", "chunked", "cut", "dropped"])
def test_one_wrong_answer_fails_the_run(load, server, change, why):
    server.behaviour = lambda request: change(request) if len(server.requests) == 7 else echo(request)
    done, report = load("keep-alive", "--requests", "50", "--connections", "2")
    assert done.returncode == 1
    assert report["failures"] == 1
    assert why in report["firstFailure"] or "connection lost" in report["firstFailure"], report


def test_latency_counts_from_when_a_request_was_due(load, server):
    """One connection, one answer 400 ms late: the requests due meanwhile were late, too."""
    server.behaviour = lambda request: echo(request, after=0.4 if len(server.requests) == 5 else 0)
    done, report = load("rate", "--connections", "1", "--rate", "100", "--seconds", "1", "--warm-up", "0")
    assert done.returncode == 0 and report["requests"] == pytest.approx(100, abs=1)
    # Due every 10 ms, forty of a hundred waited, 200 ms on the average.
    assert report["latencyNanoseconds"]["max"] >= 395e6
    assert report["latencyNanoseconds"]["p90"] >= 250e6
    assert len(server.requests) == report["requests"]


def test_what_cannot_be_used_is_refused(load, server, workspace):
    empty = workspace / "no-identities"
    empty.mkdir()
    done, _ = load("idle", folder=empty)
    assert done.returncode == 1 and "there is no certificate" in done.stderr
    done, _ = load("fast")
    assert done.returncode == 64 and "unknown mode fast" in done.stderr and "usage:" in done.stderr
    done, _ = load("idle", "--watch", "4194304")
    assert done.returncode == 64 and "--watch" in done.stderr
    _, report = load("keep-alive", "--connections", "2", port=9444)
    assert report["failures"] == 2 and "connecting:" in report["firstFailure"]


def test_the_two_measure_an_edge_between_them(lab, network):
    """Through eigd to edge-backend, the edge's processor time and memory watched."""
    lab.start()
    folder = lab.folder / "identities"
    folder.mkdir()
    (folder / "a.pem").write_bytes(lab.payfast.identity.certificate.read_bytes())
    (folder / "a.key").write_bytes(lab.payfast.identity.key.read_bytes())
    (folder / "a.headers").write_text("".join(f"{name}: {value}\n" for name, value in lab.payfast.fields))
    with backend(network):
        large = ["--body", "16384", "--answer", "16384"]
        for mode, extra in [("keep-alive", []), ("handshake", []), ("keep-alive", large)]:
            command = [str(programs() / "edge-load"), mode, "--connect", f"{net.EDGE}:8443", "--server-name",
                       "edge.eig.example", "--ca", str(lab.payfast.authority.certificate), "--identities", str(folder),
                       "--path", "/eig/any/1", "--requests", "50", "--connections", "5", "--watch", str(lab.eigd.pid),
                       "--source-addresses", net.PAYFAST, *extra]
            done = subprocess.run(network.payfast.command(*command), capture_output=True, text=True, timeout=60,
                                  check=False)
            assert done.returncode == 0, done
            report = json.loads(done.stdout)
            assert report["requests"] == 50
            assert 0 < report["watchedNanoseconds"] < 60e9
            assert report["watchedResidentBytes"]["before"] > 1 << 20


def test_the_floor_passes_every_byte(network, pki, load, workspace):
    """edge-floor in the gateway's place: every mode, bodies longer than it reads at once, no client without a name."""
    server = pki.leaf("load-server", "eig-ca", "edge.eig.example", usage="serverAuth")
    command = network.edge.command(
        str(programs() / "edge-floor"), "--listen", f"{net.EDGE}:9445", "--backend", f"{net.TXN}:8080",
        "--certificate", str(server.certificate), "--key", str(server.key),
        "--ca", str(pki.authority("payfast-ca").certificate))
    large = ["--body", "100000", "--answer", "300000"]
    with backend(network), running(command, network.payfast, (net.EDGE, 9445)):
        for mode in MODES:
            done, report = load(mode, *MODES[mode], port=9445)
            assert done.returncode == 0, (mode, report)
        done, report = load("keep-alive", "--requests", "50", "--connections", "5", *large, port=9445)
        assert done.returncode == 0, report
        strangers = workspace / "strangers"
        strangers.mkdir()
        stranger = pki.leaf("stranger", "mobicash-ca", "stranger.example")
        (strangers / "a.pem").write_bytes(stranger.certificate.read_bytes())
        (strangers / "a.key").write_bytes(stranger.key.read_bytes())
        done, report = load("handshake", "--requests", "2", "--connections", "1", port=9445, folder=strangers)
        assert report["requests"] == 0 and "TLS: " in report["firstFailure"], report


def backend(network):
    command = network.backends.command(str(programs() / "edge-backend"), "--listen", f"{net.TXN}:8080")
    return running(command, network.backends, (net.TXN, 8080))


@contextlib.contextmanager
def running(command, namespace, address):
    """The command, listening at the address, until the block ends; it must end well when told to."""
    with subprocess.Popen(command) as program:
        try:
            until(lambda: is_listening(namespace, address), what=f"{command[2]} to listen")
            yield
        finally:
            program.send_signal(signal.SIGTERM)
            assert program.wait(10) == 0


def is_listening(namespace, address):
    try:
        namespace.connect(address).close()
    except OSError:
        return False
    return True
