# SPDX-License-Identifier: Apache-2.0
"""The pluto of one end: started and stopped as Debian's ipsec.service does it, killed, asked, read."""

import re
import subprocess
from pathlib import Path

from support.programs import until

PLUTO = Path("/usr/libexec/ipsec/pluto")


class Pluto:
    def __init__(self, end):
        self.end = end
        self.log = end.folder / "pluto.log"
        self.process = None

    # Running it.

    def start(self):
        """Returns once it has loaded what is in its files, as it does by itself."""
        assert not self.is_running, "pluto runs already"
        checked = self.end.attempt("ipsec", "addconn", "--config", "/etc/ipsec.conf", "--checkconfig")
        assert checked.returncode == 0, f"ipsec.service would not start: {checked.stdout}{checked.stderr}"
        (self.end.run / "pluto.pid").unlink(missing_ok=True)
        told = len(self._log())
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.end.inside(PLUTO, "--config", "/etc/ipsec.conf", "--nofork", "--stderrlog"),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        until(self._answers, what="pluto to answer")
        until(lambda: 'loading secrets from "/etc/ipsec.secrets"' in self._log()[told:] and not self._children(),
              what="pluto to load its files")
        return self

    def _log(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def _children(self):
        return Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()

    def _answers(self):
        assert self.is_running, f"pluto ended with {self.process.poll()}: {self._log()[-2000:]}"
        return self.end.attempt("ipsec", "whack", "--briefstatus").returncode == 0

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        """As `systemctl stop ipsec` does it: shut down, then flush the kernel's policies and states."""
        self.end.attempt("ipsec", "whack", "--shutdown")
        self.process.wait(20)
        self.flush()

    def kill(self):
        """As a crash: the kernel keeps whatever was there."""
        if self.is_running:
            self.process.kill()
        if self.process is not None:
            self.process.wait()

    def flush(self):
        """What the unit does after any end of the service."""
        self.end.command("ip", "xfrm", "policy", "flush")
        self.end.command("ip", "xfrm", "state", "flush")

    # Telling it.

    def configure(self, name, text):
        """Writes /etc/ipsec.d/NAME."""
        path = self.end.etc / name
        path.write_text(text)
        path.chmod(0o600)

    def whack(self, *arguments, timeout=30):
        """Both outputs of whack, whatever it thinks of them."""
        done = self.end.attempt("ipsec", "whack", *arguments, timeout=timeout)
        return done.stdout + done.stderr

    def add(self, name):
        self.end.command("ipsec", "addconn", name)

    def load(self):
        """Everything that is in its files, secrets too."""
        self.whack("--rereadsecrets")
        self.end.command("ipsec", "addconn", "--autoall")

    def initiate(self, name, timeout=15):
        """What was said until the peer agreed, refused or was given up."""
        return self.whack("--initiate", "--name", name, timeout=timeout)

    # Asking it.

    @property
    def status(self):
        return self.whack("--status")

    @property
    def connections(self):
        """For every loaded connection: `state` (`unrouted`, `prospective erouted`, …), `serial`, and `lines`."""
        found = {}
        for line in self.status.splitlines():
            match = re.match(r'000 "([^"]+)": +(.*)', line)
            if not match:
                continue
            connection = found.setdefault(match[1], {"lines": []})
            connection["lines"].append(match[2])
            if state := re.search(r"; ([a-zA-Z ]+); eroute owner", match[2]):
                connection["state"] = state[1]
            if serial := re.search(r"conn serial: \$(\d+)", match[2]):
                connection["serial"] = int(serial[1])
        return found

    @property
    def states(self):
        """The IKE and child SAs there are, by their serial numbers: (connection, state)."""
        found = {}
        for line in self.whack("--showstates").splitlines():
            if match := re.match(r'000 #(\d+): "([^"]+)"\S* (STATE_\w+)', line):
                found[int(match[1])] = (match[2], match[3])
        return found

    def established(self, name):
        """The serial number of the connection's IKE SA, if it is up."""
        return next((number for number, (connection, state) in self.states.items()
                     if connection == name and state == "STATE_V2_ESTABLISHED_IKE_SA"), None)

    def said(self, text):
        return text in self._log()
