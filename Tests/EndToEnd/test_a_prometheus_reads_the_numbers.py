# SPDX-License-Identifier: Apache-2.0
"""Metrics as a stock Prometheus gets them: well formed, true, bounded, for nobody else, and of no cost to partners."""

import contextlib
import json
import os
import re
import signal
import socket
import stat
import subprocess
import time

import pytest

from support import network
from support.configuration import PASSWORDS, WEBHOOK_SECRET
from support.metrics import RULES, SCRAPE, Page, relied_on, tool
from support.programs import until
from support.server import Answer

PORT = 9464
HERE = ("127.0.0.1", PORT)


@pytest.fixture
def metered(lab):
    lab.gateway["metrics"] = {"listen": f"127.0.0.1:{PORT}"}
    lab.txn, lab.rpt
    return lab.start()


def ask(lab, request=b"GET /metrics HTTP/1.1\r\nHost: edge\r\n\r\n", address=HERE, source=None):
    """Everything that is answered, head and body."""
    with contextlib.closing(lab.network.edge.connect(address, source)) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def read(lab, **options):
    head, _, body = ask(lab, **options).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    assert b"\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n" in head
    return Page(body.decode())


def test_promtool_finds_nothing_wrong(lab):
    lab.gateway["metrics"] = {"listen": f"127.0.0.1:{PORT}"}
    lab.txn, lab.rpt
    lab.start(enforce=True)
    lab.payfast.call("GET", "/eig/any/1")
    pages = [read(lab), Page(lab.eigctl("metrics", "enforce").stdout)]
    assert not set(pages[0].types) & set(pages[1].types), "the pages may be read together"
    for page in pages:
        done = subprocess.run([tool("promtool"), "check", "metrics"], input=page.text, text=True, capture_output=True,
                              check=False)
        assert done.returncode == 0 and not done.stdout + done.stderr, done.stdout + done.stderr


def test_every_name_that_rules_dashboard_and_guide_rely_on_is_there(lab):
    lab.gateway["metrics"] = {"listen": f"127.0.0.1:{PORT}"}
    lab.txn, lab.rpt
    lab.start(enforce=True)
    # Those of tunnels and of the gate are asked of a host that has one: Tests/Tunnels, Tests/Jump. Of refusals only those
    # that happened are told.
    relied_on(Page(lab.eigctl("metrics").stdout), lambda name: not name.startswith(("eig_tunnel", "eig_jump", "eig_audit")),
              without_labels=["eig_partner_refusals_total"])


def test_a_stock_prometheus_scrapes_it_and_evaluates_every_rule(metered):
    folder = metered.folder / "prometheus"
    folder.mkdir()
    text = SCRAPE.read_text().replace("scrape_interval: 15s", "scrape_interval: 1s").replace(
        "scrape_timeout: 10s", "scrape_timeout: 1s")
    (folder / "prometheus.yml").write_text(
        f"global:\n  evaluation_interval: 1s\nrule_files:\n  - {RULES}\n{text}")
    command = metered.network.edge.command(
        tool("prometheus"), f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
        "--web.listen-address=127.0.0.1:9090", "--log.level=warn")
    with open(folder / "log", "wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        def api(path):
            assert server.poll() is None, (folder / "log").read_text()
            try:
                answer = ask(metered, f"GET /api/v1/{path} HTTP/1.0\r\n\r\n".encode(), ("127.0.0.1", 9090))
                return json.loads(answer.partition(b"\r\n\r\n")[2])["data"]
            except (OSError, ValueError, KeyError):
                return None

        def value(expression):
            data = api(f"query?query={expression}")
            return float(data["result"][0]["value"][1]) if data and data["result"] else None

        until(lambda: value("up%7Bjob%3D%22eigd%22%7D") == 1, timeout=60, every=0.2, what="Prometheus to read eigd")
        for _ in range(3):
            metered.payfast.call("GET", "/eig/any/1")
        until(lambda: value("sum(eig_partner_requests_total%7Bcode%3D%222xx%22%7D)") == 3, timeout=30, every=0.2,
              what="three requests")

        def evaluated():
            groups = (api("rules") or {"groups": []})["groups"]
            rules = [rule for group in groups for rule in group["rules"]]
            return rules if rules and all(rule["health"] != "unknown" for rule in rules) else None

        rules = until(evaluated, timeout=30, every=0.2, what="every rule to be evaluated")
        assert [rule for rule in rules if rule["health"] != "ok"] == []
        assert len(rules) == RULES.read_text().count("- alert: ")
        # Pending or firing: nothing but what the empty store and the leaf of a test's PKI are.
        assert {rule["name"] for rule in rules if rule["state"] != "inactive"} <= {"EigdCertificateEndsSoon"}
    finally:
        server.terminate()
        server.wait(20)


def test_the_numbers_are_true(metered):
    for number in range(3):
        assert metered.payfast.call("GET", f"/eig/any/{number}").status == 200
    assert metered.payfast.call("GET", "/nowhere").status == 404
    assert metered.mobicash.call("POST", "/eig/gsma/transactions", b"{}").status == 403
    metered.txn.behaviour = lambda request: Answer(503)
    assert metered.payfast.call("GET", "/eig/any/4").status == 503
    page = read(metered)
    requests = {code: page.sum("eig_partner_requests_total", partner="payfast", code=code)
                for code in ["2xx", "3xx", "4xx", "5xx", "none"]}
    assert requests == {"2xx": 3, "3xx": 0, "4xx": 1, "5xx": 1, "none": 0}
    assert page.sum("eig_partner_request_duration_seconds_count", partner="payfast") == 5
    assert 0 < page.sum("eig_partner_request_duration_seconds_sum", partner="payfast") < 5
    assert page.sum("eig_partner_refusals_total", partner="payfast", reason="route_unknown") == 1
    assert page.sum("eig_partner_refusals_total", partner="mobicash", reason="role_not_allowed") == 1
    assert page.sum("eig_refusals_total", reason="role_not_allowed") == 1
    assert page.sum("eig_upstream_requests_total", upstream="txn") == 4
    assert page.sum("eig_upstream_response_duration_seconds_count", upstream="txn") == 4
    assert page.sum("eig_upstream_failures_total", upstream="txn") == 0
    assert page.sum("eig_handshakes_total") >= 2
    assert abs(page.sum("eig_partner_last_request_timestamp_seconds", partner="payfast") - time.time()) < 30
    assert abs(page.sum("eig_start_time_seconds") - time.time()) < 60
    assert page.sum("eig_process_resident_memory_bytes") > 1 << 20
    assert 5 < page.sum("eig_process_open_fds") < page.sum("eig_process_max_fds")
    for use in ["server", "partner-ca", "identity"]:
        assert page.has("eig_certificate_expiry_timestamp_seconds", use=use)
        assert page.sum("eig_certificate_expiry_timestamp_seconds", use=use) > time.time()
    # What came over the control socket is the same page.
    assert set(Page(metered.eigctl("metrics", "eigd").stdout).types) == set(page.types) | {"eig_program_up"}


def test_an_upstream_that_is_down_is_counted_by_reason(lab):
    lab.gateway["metrics"] = {"listen": f"127.0.0.1:{PORT}"}
    lab.start()
    assert lab.payfast.call("GET", "/eig/any/1").status == 502
    page = read(lab)
    assert page.sum("eig_upstream_failures_total", upstream="txn", reason="connect") == 1
    assert page.sum("eig_partner_requests_total", partner="payfast", code="5xx") == 1


def test_handshakes_that_fail_are_counted_by_reason(metered):
    def raw(data):
        with contextlib.closing(metered.network.payfast.connect((network.EDGE, 8443), network.PAYFAST)) as connection:
            connection.sendall(data)
            with contextlib.suppress(OSError):
                while connection.recv(4096):
                    pass

    raw(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    metered.network.payfast.connect((network.EDGE, 8443), network.PAYFAST).close()
    bare = ["openssl", "s_client", "-connect", f"{network.EDGE}:8443", "-tls1_2", "-cipher", "AES128-SHA"]
    subprocess.run(metered.network.payfast.command(*bare), stdin=subprocess.DEVNULL, capture_output=True, check=False,
                   timeout=20)

    def counted():
        page = read(metered)
        return all(page.sum("eig_handshakes_failed_total", reason=reason) >= 1
                   for reason in ["not_tls", "closed", "parameters"]) and page
    page = until(counted, what="three kinds of failed handshakes")
    assert page.sum("eig_handshakes_failed_total") == 3
    assert page.sum("eig_handshakes_failed_total", reason="timeout") == 0


def test_callbacks_that_wait_have_an_age_and_dead_letters_are_counted(lab):
    lab.gateway["metrics"] = {"listen": f"127.0.0.1:{PORT}"}
    lab.gateway["relay"]["retry"] = ["300ms"]
    lab.txn, lab.rpt
    lab.start()
    lab.payfast_callbacks.behaviour = lambda request: Answer(500)
    lab.callback("payfast", "K-1", {"transactionId": "TP1"})
    lab.payfast_callbacks.wait()

    def waits():
        page = read(lab)
        return page.sum("eig_relay_attempts_total", destination="partner:payfast", result="failed") >= 1 and page
    page = until(waits, what="a failed attempt")
    assert page.sum("eig_relay_accepted_total") == 1
    assert page.sum("eig_relay_backlog", destination="partner:payfast") == 1
    assert page.sum("eig_relay_breaker") == len({labels for name, labels in page.samples if name == "eig_relay_backlog"})
    assert page.sum("eig_relay_commit_duration_seconds_count") >= 2
    assert page.sum("eig_relay_store_bytes") > 0 and page.sum("eig_relay_accepting") == 1
    # It is looked for every 15 seconds.
    until(lambda: read(lab).sum("eig_relay_oldest_age_seconds", destination="partner:payfast") > 0, timeout=25,
          every=0.2, what="the age of the callback that waits")
    lab.payfast_callbacks.behaviour = lambda request: Answer(404)
    until(lambda: read(lab).sum("eig_relay_dead_total", destination="partner:payfast") == 1, timeout=30, every=0.1,
          what="a dead letter")
    assert read(lab).sum("eig_relay_held", destination="partner:payfast") == 1


def test_no_secret_is_in_it(metered):
    metered.payfast.call("GET", "/eig/any/a-secret-in-the-path?token=a-secret-in-the-query")
    text = read(metered).text
    for word in [PASSWORDS["payfast"], WEBHOOK_SECRET, "a-secret", "$6$", "PRIVATE", "BEGIN"]:
        assert word not in text


def test_only_its_readers_read(metered):
    inside = (network.INSIDE, PORT)
    with pytest.raises(OSError):
        metered.network.backends.connect(inside, timeout=2)
    # On an address of administrators, by its networks.
    metered.configuration.host["management"] = {"from": [f"{network.RPT}/32"], "ports": [22, PORT]}
    metered.gateway["metrics"] = {"listen": f"{network.INSIDE}:{PORT}", "from": [f"{network.RPT}/32"]}
    metered.reload()
    metered.eigd.logged(event="metrics", message=f"served at http://{network.INSIDE}:{PORT}/metrics")
    with pytest.raises(OSError):
        metered.network.edge.connect(HERE, timeout=2)

    def answer(source):
        with contextlib.closing(metered.network.backends.connect(inside, source)) as connection:
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: edge\r\n\r\n")
            return b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer(network.RPT).startswith(b"HTTP/1.1 200 ")
    refused = answer(network.TXN)
    assert refused.startswith(b"HTTP/1.1 403 ") and b"eig_" not in refused
    # And not at all, when the table is gone.
    del metered.gateway["metrics"]
    metered.reload()
    until(lambda: "refused" in _attempt(metered.network.backends, inside, network.RPT), what="the socket to be closed")


def _attempt(namespace, address, source):
    try:
        namespace.connect(address, source, timeout=2).close()
        return "connected"
    except OSError as error:
        return str(error)


def test_a_taken_address_stops_nothing_but_the_metrics(lab):
    lab.gateway["metrics"] = {"listen": f"127.0.0.1:{PORT}"}
    lab.txn, lab.rpt
    with contextlib.closing(lab.network.edge.listen(HERE)):
        lab.start()
        line = lab.eigd.logged(event="metrics_unavailable")
        assert f"127.0.0.1:{PORT}" in line["message"] and "[metrics]" in line["message"]
        assert lab.payfast.call("GET", "/eig/any/1").status == 200
    lab.eigd.logged(timeout=20, event="metrics")
    assert read(lab).sum("eig_partner_requests_total", partner="payfast", code="2xx") == 1
    assert len([line for line in lab.eigd.log() if line.get("event") == "metrics_unavailable"]) == 1


def test_readers_that_do_not_read_hold_up_nobody(metered):
    held = []
    try:
        for _ in range(12):
            deaf = metered.network.edge.connect(HERE)
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            deaf.sendall(b"GET /metrics HTTP/1.1\r\nHost: edge\r\n\r\n"[: 20 if len(held) % 2 else None])
            held.append(deaf)
        started = time.monotonic()
        read(metered)
        assert time.monotonic() - started < 3
        assert metered.payfast.call("GET", "/eig/any/1").status == 200
        # More than there are places for: the rest waits its turn, which comes.
        for _ in range(30):
            held.append(metered.network.edge.connect(HERE))
        assert metered.payfast.call("GET", "/eig/any/1").status == 200
        started = time.monotonic()
        metered.eigd.signal(signal.SIGTERM)
        assert metered.eigd.exited() == 0
        assert time.monotonic() - started < 8
    finally:
        for connection in held:
            connection.close()


def test_what_the_allow_list_counts_gets_out_by_eigctl_alone(lab):
    lab.txn, lab.rpt
    lab.start(enforce=True)
    assert lab.payfast.call("GET", "/eig/any/1").status == 200
    with pytest.raises(TimeoutError):
        lab.network.stranger.connect((network.EDGE, 8443), timeout=1.2)
    file = lab.folder / "jumpd.prom"
    assert lab.eigctl("metrics", "enforce", "--output", str(file)).returncode == 0
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o644
    page = Page(file.read_text())
    assert page.sum("eig_program_up", program="enforce") == 1
    assert page.sum("eig_enforce_entries", partner="payfast") == 2
    assert page.sum("eig_enforce_allowed_packets_total", partner="payfast") > 0
    assert page.sum("eig_enforce_flows", partner="payfast") >= 0
    assert page.sum("eig_enforce_dropped_packets_total", reason="strangers") >= 1
    assert page.sum("eig_enforce_table_in_place") == 1 and page.sum("eig_enforce_drift") == 0
    assert page.sum("eig_enforce_last_apply_successful") == 1
    assert abs(page.sum("eig_enforce_last_apply_success_timestamp_seconds") - time.time()) < 60
    # Its sockets are a Unix socket and the kernel's; it listens on nothing else.
    listening = subprocess.run(lab.network.edge.command("ss", "-Hltnup"), capture_output=True, text=True, check=True)
    assert "jumpd" not in listening.stdout

    lab.jumpd.kill()
    failed = lab.eigctl("metrics", "enforce", "--output", str(file))
    assert failed.returncode == 1 and "jumpd" in failed.stderr
    assert Page(file.read_text()).samples == {("eig_program_up", frozenset({("program", "enforce")})): 0}
    assert [each.name for each in file.parent.iterdir() if each.name.startswith("jumpd.prom")] == ["jumpd.prom"]
    missing = lab.eigctl("metrics", "eigd", "--output", str(lab.folder / "no-such-folder" / "x.prom"))
    assert missing.returncode == 1 and "no-such-folder" in missing.stderr
    assert lab.eigctl("metrics", "txn").returncode == 64
