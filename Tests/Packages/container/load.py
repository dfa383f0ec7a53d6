# SPDX-License-Identifier: Apache-2.0
"""Partners and backends that never pause: whatever is done to the host meanwhile, each request has its outcome."""

import contextlib
import functools
import http.client
import select
import ssl
import threading
import time

from support.programs import meanwhile

#: How long a caller waits for a connection or an answer: as patient as a partner, more than a restart takes.
PATIENCE = 15
PATH = "/eig/any/load"


class Load:
    """Threads that ask until the block ends. `failures` holds what a partner would have called an outage."""

    def __init__(self, host, new=1, kept=2, callbacks=0, pause=0.005):
        self.host = host
        self.pause = pause
        self.answered = 0
        #: Kept connections that the edge ended between two requests, as it may (RFC 9112 §9.5).
        self.closed = 0
        self.failures = []
        #: The slowest answer, in seconds.
        self.longest = 0.0
        #: Keys of the callbacks that were acknowledged.
        self.accepted = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._end = contextlib.ExitStack()
        self._turns = [*[self._new] * new, *[_Kept(self).turn for _ in range(kept)],
                       *[_Callbacks(self, number).turn for number in range(callbacks)]]

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            callers = [functools.partial(self._run, turn) for turn in self._turns]
            stack.enter_context(meanwhile(self._stop, *callers, patience=2 * PATIENCE))
            self.settle()
            self._end = stack.pop_all()
        return self

    def __exit__(self, *outcome):
        return self._end.__exit__(*outcome)

    def settle(self, more=20, timeout=30):
        """Waits until this many more requests were answered: what went before is over."""
        wanted = self.answered + more
        end = time.monotonic() + timeout
        while self.answered < wanted:
            assert time.monotonic() < end, f"waited {timeout} s for answers; {self}"
            time.sleep(0.01)

    def _run(self, turn):
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                turn()
            except (OSError, ssl.SSLError, http.client.HTTPException, AssertionError) as error:
                with self._lock:
                    self.failures.append(f"{type(error).__name__}: {error} after {time.monotonic() - began:.2f} s")
            else:
                with self._lock:
                    self.answered += 1
                    self.longest = max(self.longest, time.monotonic() - began)
            self._stop.wait(self.pause)

    def _new(self):
        """One request on a connection of its own."""
        payfast = self.host.payfast
        with payfast.connect(timeout=PATIENCE) as connection:
            answer = connection.request("GET", PATH, None, payfast.fields)
            assert answer.status == 200, answer

    def __repr__(self):
        return (f"<{self.answered} answered, {self.closed} closed between requests, longest {self.longest:.2f} s, "
                f"{len(self.accepted)} callbacks accepted, {len(self.failures)} failed: {self.failures[:5]}>")


class _Kept:
    """One partner that keeps its connection for as long as the edge lets it."""

    def __init__(self, load):
        self.load = load
        self.connection = None

    def turn(self):
        payfast = self.load.host.payfast
        if self.connection and select.select([self.connection.connection], [], [], 0)[0]:
            # Nothing is due: this is the end of the connection, and known before a request is sent.
            self._end()
        is_reused = self.connection is not None
        try:
            if not is_reused:
                self.connection = payfast.connect(timeout=PATIENCE)
            answer = self.connection.request("GET", PATH, None, payfast.fields)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError, ssl.SSLEOFError):
            if not is_reused:
                raise
            # Ended while the request was under way, and not a byte answered: a GET is sent again (RFC 9110 §9.2.2).
            self._end()
            self.connection = payfast.connect(timeout=PATIENCE)
            answer = self.connection.request("GET", PATH, None, payfast.fields)
        except BaseException:
            self.connection = None
            raise
        assert answer.status == 200, answer
        if (answer.field("Connection") or "").lower() == "close":
            self._end()

    def _end(self):
        with self.load._lock:
            self.load.closed += 1
        self.connection.close()
        self.connection = None


class _Callbacks:
    """A backend that tells PayFast of one transfer after the other; what is not acknowledged, it tells again."""

    def __init__(self, load, number):
        self.load = load
        self.number = number
        self.count = 0

    def turn(self):
        key = f"load-{self.number}-{self.count}"
        answer = self.load.host.callback("payfast", key, {"transactionReference": key})
        assert answer.status in (200, 202), answer
        with self.load._lock:
            self.load.accepted.append(key)
        self.count += 1
