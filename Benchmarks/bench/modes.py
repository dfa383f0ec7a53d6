# SPDX-License-Identifier: Apache-2.0
"""The modes: what is measured, of whom, and in which order. Nothing here judges."""

import contextlib
import statistics
import sys
import time

from . import callgrind, calls
from .check import check
from .bystanders import Bystanders
from .load import Backend, Load
from .log import Log
from .peer import EDGE_CORE, LOAD_CORE, PEERS, Eigd, EigdOnTwoCores, HAProxy, Nginx
from .partners import Partners

_BEGAN = time.monotonic()
#: Ports above the base: the backend's, a second eigd's; the peers' are 1 to 4. eigd's inside listener is 50 above.
BACKEND_PORT, SECOND_PORT = 5, 6
#: A small JSON body each way, in bytes, and the large one.
SMALL, LARGE = 128, 16384

#: The closed loops all four take part in: the name, edge-load's mode, its options.
CLOSED = {
    "keep-alive": ("keep-alive", {"connections": 64, "body": SMALL, "answer": SMALL}),
    "bodies": ("keep-alive", {"connections": 64, "body": LARGE, "answer": LARGE}),
    "handshake": ("handshake", {"connections": 8, "body": SMALL, "answer": SMALL}),
    "resume": ("resume", {"connections": 8, "body": SMALL, "answer": SMALL}),
}


class Bench:
    """One run: `results` has, for each mode, each peer's rounds as edge-load printed them."""

    def __init__(self, folder, programs, plan, port):
        self.folder = folder
        self.programs = programs
        self.plan = plan
        self.port = port
        self.results = {}
        self.bystanders = Bystanders()
        self.load = Load(programs / "edge-load")
        self.partners = Partners(folder / "pki-1", 1)
        self.many = Partners(folder / f"pki-{plan.partners}", plan.partners)

    def run(self):
        say(f"certificates of {self.plan.partners} partners")
        self.partners.make()
        self.many.make()
        with Backend(self.programs / "edge-backend", self.port + BACKEND_PORT, self.folder / "run") as backend:
            self._with_all_four(backend)
            self._idle(backend)
            self._calls()
            self._instructions()
            self._many_partners(backend)
        self._two_workers()
        return self.results

    def peer(self, kind, partners=None, port=None, **options):
        """A peer that is not started yet, on the port of its kind."""
        port = self.port + (port or 1 + PEERS.index(kind))
        return kind(self.folder / "run", partners or self.partners, port, self.port + BACKEND_PORT, **options)

    # All four at once, each idle while another is measured.

    def _with_all_four(self, backend):
        with contextlib.ExitStack() as stack:
            peers = [stack.enter_context(self.peer(kind)) for kind in PEERS]
            for peer in peers:
                check(peer)
            logs = {peer.name: Log(peer.log) for peer in peers}
            for name, (mode, options) in CLOSED.items():
                with self.bystanders.watched([backend, *(peer.process for peer in peers)]):
                    self._alternate(name, mode, peers, logs, **options, seconds=self.plan.seconds)
            rate = self._half_of_haproxy()
            with self.bystanders.watched([backend, *(peer.process for peer in peers)]):
                self._alternate("rate", "rate", peers, logs, failures_allowed=True, rate=rate, connections=64,
                                body=SMALL, answer=SMALL, seconds=self.plan.rate_seconds)
            self.results["fixed rate"] = rate
        # Ended: whatever a peer still held back is in its log now.
        self._compare_logs(logs)

    def _alternate(self, name, mode, peers, logs, load=None, failures_allowed=False, **options):
        rounds = self.results[name] = {peer.name: [] for peer in peers}
        for number in range(self.plan.rounds):
            say(f"{name}: round {number + 1} of {self.plan.rounds}")
            for peer in peers:
                measured = (load or self.load).run(mode, peer, failures_allowed=failures_allowed,
                                                   warm_up=self.plan.warm_up, **options)
                rounds[peer.name].append(measured)
                if peer.name in logs:
                    logs[peer.name].drain()

    def _half_of_haproxy(self):
        fastest = statistics.median(one["requestsPerSecond"] for one in self.results["keep-alive"]["haproxy"])
        return int(fastest / 2)

    def _compare_logs(self, logs):
        """Every request is in the file of every peer: none saved its work by dropping lines."""
        answers = dict.fromkeys(logs, 0)
        for mode in [*CLOSED, "rate"]:
            for name, rounds in self.results[mode].items():
                answers[name] += sum(one["answers"] for one in rounds)
        self.results["log"] = {}
        for name, log in logs.items():
            log.drain()
            self.results["log"][name] = {"lines": log.lines, "answers": answers[name]}

    # Each alone, started anew.

    def _idle(self, backend):
        rounds = self.results["idle"] = {}
        for number in range(self.plan.idle_rounds):
            say(f"idle connections: round {number + 1} of {self.plan.idle_rounds}")
            for kind in PEERS:
                with self.peer(kind) as peer, self.bystanders.watched([backend, peer.process]):
                    rounds.setdefault(peer.name, []).append(self.load.run(
                        "idle", peer, connections=self.plan.idle_connections, settle=self.plan.settle,
                        body=SMALL, answer=SMALL))

    def _calls(self):
        self.results["calls"] = {}
        for kind in PEERS:
            say(f"system calls: {kind.title}")
            self.results["calls"][kind.title.lower()] = calls.per_request(
                lambda under: self.peer(kind, under=under), self.load, self.folder / "strace.out",
                self.plan.traced_requests, connections=64, body=SMALL, answer=SMALL)

    def _instructions(self):
        self.results["instructions"] = {}
        for kind in (HAProxy, Nginx):
            say(f"instructions: {kind.title}")
            self.results["instructions"][kind.title.lower()] = callgrind.per_request(
                lambda under: self.peer(kind, under=under), self.load, self.folder / "callgrind.out",
                self.plan.counted_requests, connections=64, body=SMALL, answer=SMALL)

    # eigd against itself.

    def _many_partners(self, backend):
        """As many connections as partners, with one partner and with all of them."""
        with (
            self.peer(Eigd, name="one") as one,
            self.peer(Eigd, self.many, SECOND_PORT, name="many") as many,
        ):
            # The first request of each partner hashes its password, which is remembered: not what is compared here.
            options = {"connections": self.plan.partners, "body": SMALL, "answer": SMALL}
            for peer in (one, many):
                self.load.run("keep-alive", peer, requests=4 * self.plan.partners, **options)
            with self.bystanders.watched([backend, one.process, many.process]):
                self._alternate("partners", "keep-alive", [one, many], {}, **options, seconds=self.plan.seconds)

    def _two_workers(self):
        """One worker and two, each on a core of its own; the load and the backend take what is left of both.

        Both runs share their cores with the load alike, so that the CPU per request is comparable; the machine has
        no third core to let two workers run free.
        """
        cores = {EDGE_CORE, LOAD_CORE}
        load = Load(self.programs / "edge-load", cores)
        with (
            Backend(self.programs / "edge-backend", self.port + BACKEND_PORT, self.folder / "run", cores) as backend,
            self.peer(Eigd, name="worker") as single,
            self.peer(EigdOnTwoCores, port=SECOND_PORT, name="workers", cores=cores) as double,
        ):
            double.process.pin("worker-0", {EDGE_CORE})
            double.process.pin("worker-1", {LOAD_CORE})
            with self.bystanders.watched([backend, single.process, double.process]):
                self._alternate("workers", "keep-alive", [single, double], {}, load=load, connections=64, body=SMALL,
                                answer=SMALL, seconds=self.plan.seconds)


def say(what):
    """Progress; the results alone go to standard output."""
    print(f"bench: {time.monotonic() - _BEGAN:4.0f} s: {what}", file=sys.stderr, flush=True)
