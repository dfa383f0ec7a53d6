# SPDX-License-Identifier: Apache-2.0
"""systemd keeps the sockets: who connects while eigd is restarted waits in their queue and is served."""

from container.load import Load


def test_every_request_is_answered_across_restarts(edge):
    with Load(edge, new=2, kept=2) as load:
        for _ in range(3):
            edge.machine.systemctl("restart", "eigd.service", timeout=60)
            load.settle()
    assert load.failures == [], load


def test_every_callback_is_taken_and_delivered_across_restarts(edge):
    edge.payfast_callbacks  # noqa: B018 - it listens from here on
    with Load(edge, new=0, kept=0, callbacks=2) as load:
        for _ in range(3):
            edge.machine.systemctl("restart", "eigd.service", timeout=60)
            load.settle()
    assert load.failures == [], load
    edge.delivered(load.accepted)
