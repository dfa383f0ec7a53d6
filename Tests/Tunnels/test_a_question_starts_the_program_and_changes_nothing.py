# SPDX-License-Identifier: Apache-2.0
"""systemd starts `jumpd tunnels` when an operator asks: a plan plans, and nothing has happened before it."""

import contextlib
import socket
import threading

from lab import written
from lab.configured import partner, tunnel


def asked_and_started(edge, verb):
    """The answer to a question that was there before the program was."""
    answers = []
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as listener:
        path = edge.configured.run / "tunnels.sock"
        path.unlink(missing_ok=True)
        listener.bind(str(path))
        listener.listen(8)
        with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as first:
            # In the queue before the start; what is asked is asked on the next one.
            first.connect(str(path))
            asker = threading.Thread(target=lambda: answers.append(edge.ask(verb)))
            manager = edge.managers["tunnels"]
            manager.forget()
            edge.tunnels.start(environment=manager.environment(), sockets=[("control", listener)])
            manager.told("READY=1", timeout=60)
        asker.start()
        asker.join(60)
        edge.stop_tunnels()
    return answers[0]


def test_a_plan_only_plans(edge, pair):
    edge.configured.partners["acme"] = partner("acme", tunnel())
    edge.configured.write()
    pair.edge.pluto.start()
    before = edge.files
    status, document = asked_and_started(edge, "plan")
    assert status == 200 and document["changes"][0]["partner"] == "acme"
    assert edge.files == before and pair.edge.pluto.connections == {}

    # What was applied is looked after all the same.
    status, document = asked_and_started(edge, "apply")
    assert status == 200 and document["is_applied"]
    edge.configured.partners["acme"]["tunnel"][0]["esp-lifetime"] = "30m"
    files = edge.files
    status, document = asked_and_started(edge, "plan")
    assert status == 200 and "esp-lifetime" in document["changes"][0]["text"]
    assert edge.files == files
    assert "ipsec_life: 3600s" in "\n".join(pair.edge.pluto.connections["p_acme_t1_s1"]["lines"])
    assert written.SECRET not in pair.edge.pluto.status
