# SPDX-License-Identifier: Apache-2.0
"""Packets as witnesses: somebody knocks from the start of a block to its end, and each knock has its outcome."""

import contextlib
import threading
import time

from support import network
from support.programs import meanwhile


class Knocking:
    """A stranger who must never get in and a partner who always must, both at the partners' port."""

    def __init__(self, host):
        self.host = host
        self.strangers = 0
        self.partners = 0
        self.intrusions = []
        self.refusals = []
        self._stop = threading.Event()
        self._end = contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            stack.enter_context(meanwhile(self._stop, self._stranger, self._partner))
            self.settle()
            self._end = stack.pop_all()
        return self

    def __exit__(self, *outcome):
        return self._end.__exit__(*outcome)

    def settle(self, seconds=0.5):
        """Lets both knock some more."""
        wanted = self.partners + 3, self.strangers + 1
        end = time.monotonic() + 20
        time.sleep(seconds)
        while self.partners < wanted[0] or self.strangers < wanted[1]:
            assert time.monotonic() < end, "nobody knocks"
            time.sleep(0.02)

    def _stranger(self):
        while not self._stop.is_set():
            if self.host.network.answers("stranger", (network.EDGE, 8443), network.STRANGER, timeout=0.15):
                self.intrusions.append(time.monotonic())
            self.strangers += 1

    def _partner(self):
        while not self._stop.is_set():
            if not self.host.network.answers("payfast", (network.EDGE, 8443), network.PAYFAST, timeout=2):
                self.refusals.append(time.monotonic())
            self.partners += 1
            self._stop.wait(0.02)

    def __repr__(self):
        return (f"<{self.strangers} knocks of a stranger, {len(self.intrusions)} got in; {self.partners} of a partner, "
                f"{len(self.refusals)} did not>")
