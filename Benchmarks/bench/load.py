# SPDX-License-Identifier: Apache-2.0
"""The load: one run of edge-load against one peer, and the backend behind all of them."""

import json
import subprocess

from .partners import SERVER
from .peer import LOAD_CORE
from .process import Process


class Backend(Process):
    """edge-backend on the load's core."""

    def __init__(self, program, port, folder, cores=(LOAD_CORE,)):
        super().__init__("backend", [program, "--listen", f"127.0.0.1:{port}"], cores, folder)
        self.port = port

    def __enter__(self):
        super().__enter__()
        try:
            self.listens(self.port)
        except BaseException:
            self.stop()
            raise
        return self


class Load:
    """Runs edge-load. Every answer is checked by it; one that is wrong or missing ends the benchmark."""

    #: What a request asks for, in every mode: a payment of a partner.
    REQUEST = ["--method", "POST", "--path", "/eig/gsma/transactions"]

    def __init__(self, program, cores=(LOAD_CORE,)):
        self.program = program
        self.cores = set(cores)

    def run(self, mode, peer, watch=True, failures_allowed=False, **options):
        """What edge-load printed, as a dictionary. `options` are its options with _ for -.

        Raises RuntimeError for a failure it reports, unless `failures_allowed`.
        """
        partners = peer.partners
        command = ["taskset", "-c", ",".join(map(str, sorted(self.cores))), self.program, mode,
                   "--connect", f"127.0.0.1:{peer.port}", "--server-name", SERVER, "--ca", partners.authority,
                   "--identities", partners.identities, *self.REQUEST]
        if watch:
            command += ["--watch", peer.pid]
        if partners.count > 1:
            command += ["--source-addresses", ",".join(partners.addresses)]
        for name, value in options.items():
            command += [f"--{name.replace('_', '-')}", value]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300)
        peer.process.check()
        try:
            measured = json.loads(done.stdout)
        except json.JSONDecodeError:
            raise RuntimeError(f"edge-load {mode} at {peer.name}: {done.returncode}: {done.stderr[-1000:]}") from None
        if done.returncode != 0 and not (failures_allowed and measured["requests"]):
            raise RuntimeError(f"edge-load {mode} at {peer.name}: {measured['failures']} failures, the first: "
                               f"{measured.get('firstFailure')} {done.stderr[-1000:]}")
        return measured
