# SPDX-License-Identifier: Apache-2.0
"""Every mode with every peer, round by round in turn."""

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from bench.peer import LOAD_CORE
from bench.process import Process
from support.pki import PKI
from support.programs import until

from . import ADDRESS, peers


class Plan(NamedTuple):
    rounds: int
    seconds: float
    #: Connections opened one after the other in a round, and how many such rounds: short ones, since a machine that is
    #: slow for a moment should be so for all peers.
    connects: int
    connect_rounds: int
    #: Idle ones, and those of a peer that forks for each.
    idle: int
    idle_forking: int
    settle: float


FULL = Plan(rounds=7, seconds=2.0, connects=100, connect_rounds=21, idle=2000, idle_forking=200, settle=2)
QUICK = Plan(rounds=3, seconds=0.7, connects=50, connect_rounds=3, idle=500, idle_forking=50, settle=1)
#: Whether everything works, and no more.
SMOKE = Plan(rounds=1, seconds=0.2, connects=3, connect_rounds=1, idle=10, idle_forking=3, settle=0.1)

MODES = {
    "download, 1 connection": ("download", 1), "upload, 1 connection": ("upload", 1),
    "download, 16 connections": ("download", 16), "upload, 16 connections": ("upload", 16),
}


class Bench:
    def __init__(self, folder, plan, port, bystanders):
        self.folder = Path(folder)
        self.plan = plan
        self.port = port
        self.bystanders = bystanders
        self.pki = PKI(self.folder / "pki")
        self.sink = None
        #: The descriptors it has while nobody is connected.
        self.at_rest = 0

    def run(self):
        """Mode -> peer -> the rounds' figures as the load printed them."""
        target = Path(__file__).with_name("target.py")
        with Process("target", [sys.executable, target, ADDRESS, self.port], (LOAD_CORE,), self.folder) as sink:
            sink.listens(self.port)
            self.sink, self.at_rest = sink, descriptors(sink.pid)
            running = [kind(self.folder, self.pki, self.port + 1 + number, self.port)
                       for number, kind in enumerate(peers.ALL)]
            results = {}
            opened = []
            try:
                for peer in running:
                    opened.append(peer.__enter__())
                with self.bystanders.watched([sink, *(process for peer in opened for process in peer.processes)]):
                    for mode, (verb, count) in MODES.items():
                        results[mode] = self._alternate(self.plan.rounds, opened, verb, connections=count,
                                                        seconds=self.plan.seconds)
                    results["connect"] = self._alternate(self.plan.connect_rounds, opened, "connect",
                                                         connections=self.plan.connects)
                    results["idle"] = {peer.title: [self._idle(peer)] for peer in opened}
            finally:
                for peer in reversed(opened):
                    peer.stop()
        return results

    def _alternate(self, rounds, opened, verb, **options):
        figures = {peer.title: [] for peer in opened}
        for _ in range(rounds):
            for peer in opened:
                figures[peer.title].append(self._load(peer, verb, **options))
        return figures

    def _idle(self, peer):
        count = self.plan.idle_forking if peer.forks else self.plan.idle
        return self._load(peer, "idle", connections=count, settle=self.plan.settle)

    def _load(self, peer, verb, **options):
        person = self.pki.leaf(peers.PERSON, peers.access.AUTHORITY, f"{peers.PERSON}@edge.example")
        command = ["taskset", "-c", str(LOAD_CORE), sys.executable, "-m", f"{__package__}.administrators", verb,
                   "--connect", f"{ADDRESS}:{peer.port}", "--name", peers.NAME,
                   "--ca", self.pki.authority("eig-ca").certificate, "--certificate", person.certificate,
                   "--key", person.key, "--watch", ",".join(str(process.pid) for process in peer.processes)]
        if peer.target:
            command += ["--target", peer.target]
        for name, value in options.items():
            command += [f"--{name}", value]
        done = subprocess.run([str(word) for word in command], cwd=Path(__file__).parents[1], capture_output=True,
                              text=True, timeout=180)
        peer.process.check()
        if done.returncode != 0:
            raise RuntimeError(f"{verb} at {peer.name}: {done.stderr[-1500:]} {peer.process.said()}")
        until(lambda: descriptors(self.sink.pid) == self.at_rest, 60, 0.02,
              what=f"the target to be rid of all connections after {verb} at {peer.name}")
        return json.loads(done.stdout)


def descriptors(pid):
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
