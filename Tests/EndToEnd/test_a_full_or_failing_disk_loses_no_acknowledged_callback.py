# SPDX-License-Identifier: Apache-2.0
"""A full disk: callbacks are refused with Retry-After, what was accepted goes on and drains, and there is room again.

A disk that fails: nothing is acknowledged that was not synced, and eigd ends rather than go on.
"""

import shutil
import subprocess

import pytest

from support.edge import ACKNOWLEDGED
from support.network import run
from support.programs import until
from support.server import Answer


@pytest.fixture
def small(lab):
    """The store on a file system of its own, 2 MiB of it held in reserve."""
    lab.gateway["store"]["reserve-bytes"] = 2 << 20
    run("mount", "-t", "tmpfs", "-o", "size=300m", "tmpfs", str(lab.store))
    lab.txn, lab.rpt
    yield lab.start()
    lab.eigd.kill()
    run("umount", str(lab.store))


def test_a_full_disk_loses_no_acknowledged_callback(small):
    endpoint = small.payfast_callbacks
    endpoint.behaviour = lambda request: Answer(503)
    accepted = set()

    def submit(number):
        answer = small.callback("payfast", f"K-{number}", {"transactionId": f"TP{number}", "padding": "x" * 60_000})
        if answer.status == 202:
            accepted.add(answer.json["id"])
        return answer

    for number in range(20):
        assert submit(number).status == 202
    # Somebody else takes what is left, to the last block.
    filler = small.store / "filler"
    with open(filler, "wb", buffering=0) as file, pytest.raises(OSError):
        while True:
            file.write(bytes(1 << 20))
    refused = until(lambda: (answer := submit(99)).status != 202 and answer, timeout=20, what="a refusal")
    assert refused.status == 503, refused
    assert int(refused.field("Retry-After")) >= 1
    assert small.eigd.is_running
    assert small.payfast.call("GET", "/eig/any/1").status == 200, "calls suffer from a full disk"

    # What was accepted goes out, and that it did is written down: it does not come again after a restart.
    endpoint.behaviour = lambda request: ACKNOWLEDGED
    until(lambda: small.status["relay"]["pending"] == 0, timeout=60, every=0.1, what="the backlog to drain")
    assert accepted <= {request.field("webhook-id") for request in endpoint.requests}
    small.eigd.kill()
    endpoint.requests.clear()
    small.start_eigd()
    assert small.status["relay"]["pending"] == 0

    filler.unlink()
    until(lambda: submit(100).status == 202, timeout=20, every=0.2, what="room again")
    endpoint.wait()
    assert len(endpoint.requests) == 1


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace: run make deps")
def test_a_callback_that_could_not_be_synced_is_not_acknowledged(lab):
    lab.txn, lab.rpt
    # The store syncs some times while it opens; the failure comes later.
    fault = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync",
             "-e", "inject=fsync,fdatasync:error=EIO:when=30+"]
    if subprocess.run([*fault, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("strace may not trace here")
    lab.configuration.write()
    lab.start_eigd(under=fault)
    ledger = []
    failed = None
    for number in range(400):
        try:
            answer = lab.callback("payfast", f"K-{number}", {"transactionId": f"TP{number}"})
        except (OSError, ValueError) as error:
            failed = error
            break
        if answer.status == 202:
            ledger.append(answer.json["id"])
        else:
            assert answer.status == 503, answer
            failed = answer
            break
    assert failed is not None, "a failing disk was not noticed"
    until(lambda: not lab.eigd.is_running, what="eigd to end: its store cannot be trusted any more")
    assert lab.eigd.process.returncode != 0
    lab.eigd.process = None

    endpoint = lab.payfast_callbacks
    lab.start_eigd()
    until(lambda: lab.status["relay"]["pending"] == 0, timeout=30, every=0.1, what="the backlog to drain")
    assert set(ledger) <= {request.field("webhook-id") for request in endpoint.requests}
    assert len(ledger) >= 1
