# SPDX-License-Identifier: Apache-2.0
"""Twenty SIGHUPs while both partners send without a pause: every request is answered 200."""

import functools
import signal
import threading
import time

from support.programs import meanwhile


def test_a_reload_under_load_fails_no_request(edge):
    stop = threading.Event()
    counts, failures = [], []

    def load(caller, keep):
        count = 0
        try:
            while not stop.is_set():
                with caller.connect() as connection:
                    for _ in range(50 if keep else 1):
                        answer = connection.request("POST", "/eig/any/1", b"{}", caller.fields)
                        if answer.status != 200:
                            failures.append(answer)
                        count += 1
                        if stop.is_set():
                            break
        except Exception as error:  # noqa: BLE001 - any failure of a request is the finding
            failures.append(error)
        counts.append(count)

    loads = [functools.partial(load, caller, keep)
             for caller in (edge.payfast, edge.mobicash) for keep in (True, False)]
    before = edge.generation
    with meanwhile(stop, *loads):
        for turn in range(20):
            edge.partners["payfast"]["name"] = f"PayFast India {turn}"
            edge.configuration.write()
            edge.eigd.signal(signal.SIGHUP)
            time.sleep(0.15)
    assert not failures, failures[:3]
    assert edge.generation > before
    assert min(counts) > 20, counts
    assert len(edge.txn.requests) == sum(counts)
