# SPDX-License-Identifier: Apache-2.0
"""One gate for one scenario: its configuration, its two programs, and the servers behind it."""

import json
import signal
import subprocess

from support.audit import whole
from support.programs import Control, Program, end, last_words, programs, until

from . import access
from .administrator import Administrator


class Gate:
    def __init__(self, wires, pki, folder, servers):
        self.wires = wires
        self.pki = pki
        self.folder = folder
        self.servers = servers
        self.run = folder / "run"
        self.state = folder / "state"
        self.trail = folder / "audit"
        for each in [self.run, self.state, self.trail, folder / "etc"]:
            each.mkdir()
        self.configuration = access.Access(pki, folder / "etc", self.run, folder / "store", self.trail)
        self.hosts = folder / "hosts"
        self.hosts.write_text("127.0.0.1 localhost\n")
        etc = str(folder / "etc")
        self.audit = Program("jumpd", ["audit", "--config", etc], wires.edge, folder, self.hosts, called="audit")
        self.gate = Program("jumpd", ["gate", "--config", etc, "--state", str(self.state)], wires.edge, folder,
                            self.hosts, called="gate")
        self.control = Control(self.run / "jump.sock")
        self.audit_control = Control(self.run / "audit.sock")
        self._people = {}

    # Its programs.

    def start(self):
        self.configuration.write()
        self.start_audit()
        return self.start_gate()

    def start_audit(self, **options):
        self.audit.start(**options)
        self.audit.ready(self.audit_control)

    def start_gate(self, **options):
        self.gate.start(**options)
        self.gate.ready(self.control)
        return self

    def pause(self):
        """Ends what runs; `go_on` starts it again with what it had kept."""
        self._paused = [program for program in (self.gate, self.audit) if program.is_running]
        for program in self._paused:
            program.terminate()
            program.exited()

    def go_on(self):
        if self.audit in self._paused:
            self.start_audit()
        if self.gate in self._paused:
            self.start_gate()

    def reload(self):
        """Writes the configuration and has the gate read it; returns once it decides by it."""
        self.configuration.write()
        before = self.generation
        self.gate.signal(signal.SIGHUP)
        until(lambda: self.generation > before, 10, what="a new configuration of the gate")

    @property
    def status(self):
        return self.control.json("GET", "/v1/status")

    @property
    def generation(self):
        return self.status["configuration"]["generation"]

    # Who uses it.

    def person(self, name, **options):
        """An administrator at a machine of their own, with the certificate in that name."""
        key = (name, *sorted(options.items()))
        if key not in self._people:
            self._people[key] = Administrator(self, name, self.configuration.person(name), **options)
        return self._people[key]

    @property
    def anna(self):
        return self.person("anna")

    @property
    def ben(self):
        return self.person("ben")

    def grant(self, *targets, to="anna", by="ben", minutes=60):
        """What `to` asks for and `by` approves; the grant's id."""
        asked = self.person(to).request(*targets, minutes=minutes)
        self.person(by).decide(asked, "approve")
        return asked

    # What it wrote down.

    def eigctl(self, *arguments, timeout=30):
        """The operators' command on the gate's own host."""
        command = [str(programs() / "eigctl"), *arguments, "--config", str(self.configuration.folder),
                   "--control-jump", self.control.path, "--control-audit", self.audit_control.path]
        return subprocess.run(self.wires.edge.command(*command), capture_output=True, text=True, timeout=timeout,
                              check=False)

    def events(self, **fields):
        """Every line of the trail so far that has these fields."""
        lines = []
        for path in sorted(self.trail.glob("*.jsonl")):
            lines += [json.loads(line) for line in path.read_text().splitlines()]
        return [line for line in lines if all(line.get(name) == value for name, value in fields.items())]

    def told(self, timeout=5, **fields):
        """The last event with these fields, as soon as it is there."""
        found = until(lambda: self.events(**fields), timeout, 0.05, what=f"an event {fields} in {self.events()[-10:]}")
        return found[-1]

    @property
    def sessions(self):
        """The live view, as the gate's own host sees it."""
        return self.control.json("GET", "/v1/sessions")["sessions"]

    def close(self):
        """Ends everything; a program that died by itself fails the scenario."""
        for person in self._people.values():
            person.close()
        end(self.gate, self.audit)
        for event in self.events():
            whole(event)

    def why(self):
        return last_words(self.gate, self.audit)
