# SPDX-License-Identifier: Apache-2.0
"""The programs under test as processes, each in its namespace and with no more than its capabilities."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path


#: How many times as long as usual all may take, where the machine is slower than any processor: an emulated one.
PATIENCE = float(os.environ.get("EIG_PATIENCE") or 1)


def programs():
    """The folder the programs were built into."""
    given = os.environ.get("EIG_PROGRAMS")
    root = Path(__file__).resolve().parents[3]
    folder = Path(given) if given else root / ".build" / "debug"
    return folder.resolve()


def until(condition, timeout=15, every=0.01, what="it"):
    """Waits until `condition()` is true, and returns what it returned."""
    timeout *= PATIENCE
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"waited {timeout} s for {what}"
        time.sleep(every)


@contextlib.contextmanager
def meanwhile(stop, *work, patience=60):
    """Runs each of `work` on a thread of its own until the block ends, however it ends.

    `patience` is how long each may take to end once `stop` is set, in seconds.
    """
    threads = [threading.Thread(target=each, daemon=True) for each in work]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        end = time.monotonic() + patience
        for thread in threads:
            thread.join(max(0, end - time.monotonic()))
        hung = sum(thread.is_alive() for thread in threads)
        assert not hung, f"{hung} of {len(threads)} still work {patience} s after they were told to stop"


class Program:
    """One program: started, signalled, its output read."""

    def __init__(self, name, arguments, namespace, folder, hosts, capabilities=(), called=None):
        self.name = name
        # Of its files and in what is said of it, where one folder has several of a program.
        self.called = called or name
        self.arguments = arguments
        self.namespace = namespace
        self.folder = Path(folder)
        self.hosts = hosts
        self.capabilities = capabilities
        self.process = None
        # An exit status that a scenario is about.
        self.expected = 0
        self._offset = 0
        self._lines = []

    @property
    def output(self):
        return self.folder / f"{self.called}.log"

    @property
    def errors(self):
        return self.folder / f"{self.called}.err"

    def start(self, sockets=(), environment=(), under=()):
        """Starts it.

        `sockets`, pairs of a name and a listening socket, are handed over as systemd does; `under` is a command that
        runs the program, such as strace with its options.
        """
        assert not self.is_running, f"{self.called} runs already"
        bounding = ",".join(["-all", *(f"+{capability}" for capability in self.capabilities)])
        # Root without a capability may do what the owner of the files may, and nothing else; a user of its own
        # could not read a checkout in somebody's home.
        confined = ["setpriv", f"--bounding-set={bounding}", "--inh-caps=-all", "--no-new-privs",
                    *under, str(programs() / self.name), *self.arguments]
        names = ["unshare", "-m", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', str(self.hosts)]
        environment = {**os.environ, "SWIFT_BACKTRACE": "enable=no", **dict(environment)}
        numbers = [str(socket.fileno()) for _, socket in sockets]
        if sockets:
            moves = " ".join(f"{3 + index}<&{number}" for index, number in enumerate(numbers))
            # Every command of the chain replaces the one before: the process stays the same one.
            confined = ["bash", "-c", f'exec {moves}; export LISTEN_PID=$$; exec "$@"', "bash", *confined]
            environment["LISTEN_FDS"] = str(len(sockets))
            environment["LISTEN_FDNAMES"] = ":".join(name for name, _ in sockets)
        with open(self.output, "ab") as output, open(self.errors, "ab") as errors:
            self.process = subprocess.Popen(self.namespace.command(*names, *confined), stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=errors, env=environment, start_new_session=True,
                                            pass_fds=[int(number) for number in numbers])

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self):
        return self.process.pid

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        """As a power cut does it, except that the kernel goes on."""
        self.process.kill()
        self.process.wait()

    def terminate(self):
        self.signal(signal.SIGTERM)

    def exited(self, timeout=20):
        """The exit status, once it has ended."""
        return self.process.wait(timeout)

    def refuses(self, status):
        """Whether it ends by itself with this status, as the scenario wants it to."""
        self.expected = status
        return self.exited() == status

    def ready(self, control):
        """Waits until it answers on this control socket."""
        def answers():
            assert self.is_running, \
                f"{self.called} ended with {self.process.poll()}: {self.complaints()}{self.output.read_text()}"
            return control.answers()
        until(answers, what=f"{self.called} to answer on its control socket")

    def complaints(self):
        return self.errors.read_text(errors="replace") if self.errors.exists() else ""

    def log(self):
        """Every JSON object it has logged so far."""
        if not self.output.exists():
            return []
        with open(self.output, "rb") as file:
            file.seek(self._offset)
            data = file.read()
        whole, _, _ = data.rpartition(b"\n")
        if whole:
            self._offset += len(whole) + 1
            for line in whole.split(b"\n"):
                try:
                    self._lines.append(json.loads(line))
                except ValueError:
                    raise AssertionError(f"{self.called} logged what is not JSON: {line!r}") from None
        return self._lines

    def logged(self, timeout=5, **fields):
        """The first line with these fields, as soon as it is there."""
        def find():
            return next((line for line in self.log()
                         if all(line.get(key) == value for key, value in fields.items())), None)
        try:
            return until(find, timeout)
        except AssertionError:
            last = "\n".join(map(str, self.log()[-20:]))
            raise AssertionError(f"{self.called} did not log {fields}; last lines:\n{last}") from None


def end(*programs):
    """Ends those that run; one that died by itself, and not as the scenario expects, fails the scenario."""
    for program in programs:
        if program.is_running:
            program.kill()
    for program in programs:
        status = program.process and program.process.returncode
        assert status in (None, 0, -signal.SIGKILL, program.expected), \
            f"{program.called} died ({status}): {program.complaints()[-4000:]}"


def last_words(*programs):
    """What those that were started said last, for a scenario that failed."""
    parts = []
    for program in programs:
        if program.process is not None:
            lines = [line[:400] for line in program.output.read_text(errors="replace").splitlines()[-25:]]
            parts.append(f"--- {program.called}\n" + "\n".join(lines) + "\n" + program.complaints()[-4000:])
    return "\n".join(parts)


class Control:
    """A control socket, spoken to as curl --unix-socket would."""

    def __init__(self, path):
        self.path = str(path)

    def request(self, method, path, body=None, timeout=10):
        connection = http.client.HTTPConnection("control", timeout=timeout)
        connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.sock.settimeout(timeout)
        try:
            connection.sock.connect(self.path)
            connection.request(method, path, body)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def json(self, method, path, status=200):
        got, body = self.request(method, path)
        assert got == status, (got, body)
        return json.loads(body)

    def answers(self):
        try:
            return self.request("GET", "/v1/status", timeout=2)[0] == 200
        except OSError:
            return False
