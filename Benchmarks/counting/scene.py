# SPDX-License-Identifier: Apache-2.0
"""eigd, or the floor in its place, with one partner before it and a backend behind, on loopback, in one folder."""

import contextlib
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Tests" / "EndToEnd"))
from support.configuration import hashed, toml  # noqa: E402
from support.pki import PKI  # noqa: E402

PASSWORD = hashlib.sha256(b"counted").hexdigest()
SERVER_NAME = "edge.eig.example"
PATH = "/eig/gsma/transactions"
#: Bytes of a request's and of an answer's body: a small JSON document.
BODY = 128


class Scene:
    """Everything eigd does for a partner is on: certificate, addresses, credential, limits, metrics, access log."""

    def __init__(self, programs, under=(), gateway="eigd"):
        """`gateway` is the program between load and backend, `under` what runs it: valgrind, or nothing."""
        self.programs = Path(programs)
        missing = [name for name in (gateway, "edge-load", "edge-backend") if not (self.programs / name).exists()]
        if missing:
            raise FileNotFoundError(f"{', '.join(missing)} not built in {self.programs}: run make release")
        self.folder = Path(tempfile.mkdtemp(prefix="eig-count-"))
        self._under = [option.replace("FOLDER", str(self.folder)) for option in under]
        self._stack = contextlib.ExitStack()
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.name = gateway
        self.gateway = None

    def __enter__(self):
        with contextlib.ExitStack() as undo:
            undo.callback(self._stack.close)
            partners, internal, backend = _free_ports(3)
            self.address = f"127.0.0.1:{partners}"
            self._configure(internal, backend)
            self._start([self.programs / "edge-backend", "--listen", f"127.0.0.1:{backend}"], "backend")
            self.gateway = self._start([*self._under, self._plain_copy(), *self._options(backend)], "gateway")
            self._await(partners)
            undo.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def load(self, mode, connections, requests=None, seconds=None):
        """Runs the load generator and returns what it printed.

        Raises RuntimeError when any answer was not the right one.
        """
        amount = ["--requests", requests] if requests else ["--seconds", seconds, "--warm-up", 1]
        command = [self.programs / "edge-load", mode, "--connect", self.address, "--server-name", SERVER_NAME,
                   "--ca", self.folder / "eig-ca.pem", "--identities", self.folder / "identities",
                   "--connections", connections, *amount, "--method", "POST", "--path", PATH,
                   "--body", BODY, "--answer", BODY, "--watch", self.gateway.pid]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300,
                              check=False)
        if done.returncode != 0:
            raise RuntimeError(f"edge-load {mode}: {done.stderr.strip()} {done.stdout.strip()}\n{self.said()}")
        return json.loads(done.stdout)

    def settle(self):
        """Waits until the gateway has nothing left to do: what it does for closed connections belongs to them."""
        end = time.monotonic() + 20
        before = self._running()
        while time.monotonic() < end:
            time.sleep(0.2)
            after = self._running()
            if after - before < 20_000_000:
                return
            before = after
        raise RuntimeError(f"{self.name} does not come to rest\n{self.said()}")

    def said(self):
        """What the gateway wrote last."""
        lines = []
        for name in ("gateway.out", "gateway.err"):
            lines += (self.folder / name).read_text(errors="replace").splitlines()[-5:]
        return "\n".join(lines)

    def _running(self):
        """Nanoseconds all threads of the gateway have run."""
        tasks = Path(f"/proc/{self.gateway.pid}/task")
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir())

    def _plain_copy(self):
        """The program without its debug information, which valgrind 3.19 cannot read; the symbols stay."""
        copy = self.folder / self.name
        subprocess.run(["objcopy", "--strip-debug", self.programs / self.name, copy], check=True)
        return copy

    def _options(self, backend):
        etc = self.folder / "etc"
        if self.name == "eigd":
            return ["--config", etc]
        return ["--listen", self.address, "--backend", f"127.0.0.1:{backend}", "--ca", etc / "ca" / "payfast-ca.pem",
                "--certificate", etc / "identities" / "edge.pem", "--key", etc / "identities" / "edge.key"]

    def _start(self, command, name):
        with open(self.folder / f"{name}.out", "wb") as out, open(self.folder / f"{name}.err", "wb") as errors:
            process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=out,
                                       stderr=errors, env=_environment())
        self._stack.callback(_end, process)
        return process

    def _await(self, port):
        end = time.monotonic() + 60
        while time.monotonic() < end and self.gateway.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return
            time.sleep(0.1)
        raise RuntimeError(f"{self.name} does not listen\n{self.said()}")

    def _configure(self, internal, backend):
        etc = self.folder / "etc"
        for name in ("ca", "identities", "credentials", "secrets", "partners.d"):
            (etc / name).mkdir(parents=True)
        (self.folder / "identities").mkdir()
        pki = PKI(self.folder / "pki")
        edge = pki.leaf("edge", "eig-ca", SERVER_NAME, usage="serverAuth")
        partner = pki.leaf("payfast", "payfast-ca", "edge.payfast.example")
        shutil.copy(pki.authority("eig-ca").certificate, self.folder / "eig-ca.pem")
        shutil.copy(pki.authority("payfast-ca").certificate, etc / "ca")
        for source, target in ((edge, etc / "identities" / "edge"), (partner, self.folder / "identities" / "000")):
            shutil.copy(source.certificate, target.with_suffix(".pem"))
            shutil.copy(source.key, target.with_suffix(".key"))
        (self.folder / "identities" / "000.headers").write_text(
            f"X-USERNAME: payfast\nX-PASSWORD: {PASSWORD}\n")
        credential = etc / "credentials" / "payfast.credential"
        credential.write_text(f"payfast:{hashed(PASSWORD)}\n")
        credential.chmod(0o600)
        (etc / "eigd.toml").write_text(toml({
            "listen": {"partners": [self.address], "internal": [f"127.0.0.1:{internal}"],
                       "control": f"{self.folder}/eigd.sock"},
            "server": {"names": [SERVER_NAME], "certificate": "edge.pem", "key": "edge.key"},
            "workers": {"count": 1},
            "internal": {"from": ["127.0.0.1"]},
            "limits": {"handshakes-per-second": 10000, "handshakes-burst": 20000},
            "store": {"path": f"{self.folder}/relay.db", "reserve-bytes": 0},
            "backend": [{"name": "txn", "address": f"127.0.0.1:{backend}"}],
            "route": [{"method": "POST", "path": PATH, "role": "send", "to": "txn"}],
        }))
        (etc / "partners.d" / "payfast.toml").write_text(toml({
            "id": "payfast", "name": "PayFast India", "roles": ["send"], "owner": "ops@payfast.example",
            "ticket": "NET-1",
            "allow": [{"from": ["127.0.0.1"], "reason": "production egress"}],
            "certificate": [{"ca": "payfast-ca.pem", "san": "edge.payfast.example"}],
            "credential": {"scheme": "terrapay", "file": "payfast.credential"},
            "limits": {"requests-per-second": 100000, "burst": 100000, "concurrent": 1000},
        }))


def _environment():
    """Ours, without what would change the code that runs: an empty OPENSSL_ia32cap turns AES instructions off."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("OPENSSL_", "GLIBC_", "MALLOC_", "VALGRIND_", "NOTIFY_", "LISTEN_"))}
    # The order of a Swift dictionary is drawn anew in each process otherwise.
    return {**kept, "SWIFT_DETERMINISTIC_HASHING": "1", "SWIFT_BACKTRACE": "enable=no"}


def _free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _end(process):
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
