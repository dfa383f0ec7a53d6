# SPDX-License-Identifier: Apache-2.0
"""The wall clock is set forward and back under a running eigd; deliveries, timeouts and the watchdog do not follow it.

The clock of this machine is everybody's: it is libfaketime that lies to eigd, and to nobody else.
"""

import datetime
import http.client
import ssl

import pytest
from support.programs import until

LIBRARY = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
CLOCK = "/etc/eig-clock"
UNIT = f"""[Service]
Environment=LD_PRELOAD={LIBRARY} FAKETIME_TIMESTAMP_FILE={CLOCK} FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1
WatchdogSec=5s
"""


def set_clock(host, offset):
    host.machine.write(CLOCK, f"{offset}\n")


@pytest.fixture
def started(edge):
    """Serving, an hour after everybody else: so it can be set back without certificates being of the future."""
    set_clock(edge, "+1h")
    edge.machine.write("/etc/systemd/system/eigd.service.d/clock.conf", UNIT)
    edge.machine.systemctl("daemon-reload")
    edge.machine.systemctl("restart", "eigd.service", timeout=60)
    ahead = datetime.datetime.fromisoformat(edge.status["program"]["started_at"].replace("Z", "+00:00")) - \
        datetime.datetime.now(datetime.timezone.utc)
    assert ahead > datetime.timedelta(minutes=50), ahead
    return edge


@pytest.mark.parametrize("offset", ["+0", "+3h", "+20d"])
def test_a_callback_that_waits_is_delivered(started, offset):
    process = started.machine.main_pid("eigd.service")
    assert started.callback("payfast", "waiting", {"transactionReference": "waiting"}).status == 202
    until(lambda: any(backend["failures_total"] for backend in started.status["backends"]), what="a first attempt")
    set_clock(started, offset)
    started.delivered(["waiting"])
    assert started.callback("payfast", "after", {"transactionReference": "after"}).status == 202
    started.delivered(["after"])
    assert started.payfast.call("GET", "/eig/any/1").status == 200
    assert started.machine.main_pid("eigd.service") == process


def test_a_certificate_ends_by_the_new_time(started):
    with started.payfast.connect() as connection:
        assert connection.request("GET", "/eig/any/1", None, started.payfast.fields).status == 200
        # Every certificate here ends after thirty days.
        set_clock(started, "+40d")
        until(lambda: is_refused(started), 20, 0.2, what="a certificate that ended to be refused")
        # On a connection that it opened in time, too.
        try:
            assert connection.request("GET", "/eig/any/1", None, started.payfast.fields).status == 403
        except (http.client.RemoteDisconnected, ConnectionResetError):
            pass
    set_clock(started, "+1h")
    until(lambda: started.payfast.call("GET", "/eig/any/1").status == 200, 20, 0.2, what="it to be taken again")


def is_refused(host):
    try:
        host.payfast.call("GET", "/eig/any/1")
    except ssl.SSLError as error:
        return "CERTIFICATE_EXPIRED" in str(error)
    return False
