# SPDX-License-Identifier: Apache-2.0
"""Twenty-four hours of a tunnel, a request each minute: every rekey of ESP and IKE happens meanwhile, none is noticed."""

import time

import pytest
from lab.facts import fact
from lab.transfer import begin

pytestmark = pytest.mark.time_travel

HOURS = 24


def test_a_day_of_rekeys_loses_no_request(edge):
    transfers = begin(edge)
    # It looks at the tunnels every five seconds, and a day of looks takes this guest half an hour; it renews no key.
    edge.tunnels.kill()
    began = time.monotonic()
    failed = []
    for minute in range(HOURS * 60):
        time.sleep(max(0, began + minute * 60 - time.monotonic()))
        try:
            answer = edge.payfast.call("GET", f"/eig/any/{minute}")
            if answer.status != 200:
                failed.append((minute, answer.status))
        except OSError as error:
            failed.append((minute, str(error)))
    hours = (time.monotonic() - began) / 3600
    transfers.run()
    log = edge.pluto.everything()
    children = log.count("rekeyed Child SA using") + log.count("established Child SA using")
    ikes = log.count("rekeyed IKE SA") + log.count("established IKE SA")
    assert not failed, f"{len(failed)} of {HOURS * 60}: {failed[:5]}"
    assert hours >= HOURS - 0.1 and children >= HOURS * 2 and ikes >= 2 * HOURS // 8, (hours, children, ikes)
    edge.network.wire.assert_no_clear_text()
    fact(f"{HOURS * 60} requests in {hours:.1f} simulated hours, 0 lost, {children} ESP and {ikes} IKE keys, "
         f"0 packets in clear text")
