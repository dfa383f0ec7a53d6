# SPDX-License-Identifier: Apache-2.0
"""`jumpd tunnels` is killed before one of its steps, then before another: its next start ends what it had begun.

A step is a rename or removal of a file, or the start of a program, counted by strace; the kill is the kernel's, before
the step is taken. Each time one tunnel is changed, one is removed, one is new and one gets another secret; another's
key exchange must not even notice.
"""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from lab import written
from lab.configured import partner, tunnel
from lab.pair import WIRE
from support.programs import until

STEPS = "rename,link,unlink,clone,clone3,vfork"
#: `untouched` and `secret` have a peer that answers.
TUNNELS = {"changed": 1, "untouched": 2, "secret": 3, "here": 4, "there": 5}

pytestmark = pytest.mark.skipif(not shutil.which("strace"), reason="needs strace: run make deps")


def name(which):
    return f"p_{which}_t1_s1"


class Two:
    """Two configurations, and the way from one to the other and back."""

    def __init__(self, edge, pair):
        self.edge = edge
        self.pair = pair
        self.pluto = pair.edge.pluto
        for which in ["untouched", "secret"]:
            pair.partner.command("ip", "addr", "add", f"{peer(which)}/32", "dev", WIRE)
        self.is_second = False
        self._theirs()
        pair.partner.pluto.start()
        pair.edge.pluto.start()
        self._ours()
        edge.start_tunnels()
        for which in ["untouched", "secret"]:
            until(lambda which=which: self.pluto.established(name(which)), what=f"the key exchange of {which}")

    @property
    def _secret(self):
        return written.key("second" if self.is_second else "first")

    def _theirs(self):
        self.pair.partner.pluto.configure("a.conf", "".join(
            written.theirs(which, gateway=peer(which), identity=f"@vpn.{which}.example",
                           network=f"172.16.{TUNNELS[which]}.0/24") for which in ["untouched", "secret"]))
        self.pair.partner.pluto.configure("a.secrets", "".join(
            written.secret(key, f"@vpn.{which}.example")
            for which, key in [("untouched", written.SECRET), ("secret", self._secret)]))

    def _ours(self):
        configured = self.edge.configured
        configured.partners = {which: self._partner(which) for which in TUNNELS
                               if which != ("here" if self.is_second else "there")}
        configured.secrets = {f"{which}.psk": written.SECRET for which in TUNNELS} | {"secret.psk": self._secret}
        configured.write()

    def _partner(self, which):
        more = {"esp_lifetime": "30m"} if which == "changed" and self.is_second else {}
        rule = tunnel(TUNNELS[which], peer=peer(which), remote_id=f"@vpn.{which}.example",
                      auth={"psk": f"{which}.psk"}, **more)
        return partner(which, rule, address=f"203.0.113.{20 + TUNNELS[which]}")

    def turn(self):
        """The files say the other one from now on, at both ends."""
        self.is_second = not self.is_second
        self._theirs()
        self.pair.partner.pluto.whack("--rereadsecrets")
        self._ours()

    def begin(self, *options):
        """Starts the program, which applies what the files say, under strace with these options."""
        tunnels = self.edge.tunnels
        manager = self.edge.managers["tunnels"]
        manager.forget()
        strace = ["strace", "-D", "-qq", "-e", f"trace={STEPS}", *options]
        tunnels.start(environment=manager.environment(), under=strace)
        return manager

    def killed(self, steps, number):
        """Before this one of the steps of its apply, the first being 0; false when it did not come to that."""
        call = steps[number].split("(")[0]
        # strace counts each call by itself.
        count = sum(line.startswith(f"{call}(") for line in steps[:number + 1])
        manager = self.begin("-o", "/dev/null", "-e", f"inject={call}:signal=KILL:when={count}")
        until(lambda: not self.edge.tunnels.is_running or is_ready(manager), timeout=60,
              what="the kill or the end of the apply")
        if self.edge.tunnels.is_running:
            self.edge.stop_tunnels()
            return False
        self.edge.tunnels.process = None
        return True

    def standing(self):
        """What must not change unless the tunnel does: the serial numbers of connections and key exchanges."""
        connections = self.pluto.connections
        return {which: (connections[name(which)]["serial"], self.pluto.established(name(which)))
                for which in ["untouched", "secret"]}

    def assert_whole(self, step):
        """All of it is as the files say, and nothing is left of what was killed."""
        connections = self.pluto.connections
        there = {which for which in TUNNELS if which != ("here" if self.is_second else "there")}
        assert set(connections) == {name(which) for which in there}, step
        assert all(connections[name(which)]["state"] == "prospective erouted" for which in there), step
        lifetime = 1800 if self.is_second else 3600
        assert f"ipsec_life: {lifetime}s" in "\n".join(connections[name("changed")]["lines"]), step
        ours = {f"eig-{which}.{kind}" for which in there for kind in ["conf", "secrets"]}
        assert set(self.edge.files) == {"eig.conf", "eig.secrets"} | ours, step
        left = {path.name for path in self.edge.state.iterdir()}
        assert left <= {"choices", "history.db", "history.db-shm", "history.db-wal", "revisions"}, (step, left)
        assert not forgotten(self.edge.state), step
        assert all(path.name.isdecimal() for path in (self.edge.state / "revisions").iterdir()), step
        # Pluto knows the secret of now, and its peer no other.
        self.pluto.whack("--terminate", "--name", name("secret"))
        said = self.pluto.initiate(name("secret"))
        assert "established IKE SA" in said, (step, said)


def forgotten(state):
    """Throw-away plutos of the program that still run."""
    word = f"{state}/shadow/run".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if word in path.read_bytes().split(b"\0"):
                found.append(path.parent.name)
    return found


def is_ready(manager):
    return any("READY=1" in words for words in manager.messages)


def peer(which):
    """The gateways that answer have an address of their own each; nobody is at the others."""
    return f"203.0.113.{100 + TUNNELS[which]}"


@pytest.fixture
def two(edge, pair):
    if subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("strace may not trace here")
    return Two(edge, pair)


def recorded(two, log):
    """The steps of one apply, in their order, as strace writes them."""
    two.edge.stop_tunnels()
    two.turn()
    two.begin("-o", str(log)).told("READY=1", timeout=60)
    two.edge.stop_tunnels()
    return [line for line in log.read_text().splitlines() if line.split("(")[0] in STEPS.split(",")]


def crucial(steps, state):
    """From the first file that is put in its place to the end of the list of what is begun, by their numbers."""
    first = next(number for number, line in enumerate(steps) if '"/etc/ipsec.d/eig' in line)
    last = next(number for number, line in enumerate(steps) if line.startswith(f'unlink("{state}/pending"'))
    return range(first, last + 1)


@pytest.mark.timeout(300)
def test_every_step_may_be_the_last(two, tmp_path):
    steps = recorded(two, tmp_path / "steps")
    middle = crucial(steps, two.edge.state)
    # Rereading the secrets, listing them, deleting what goes, loading, reading back.
    assert len([number for number in middle if steps[number].startswith("clone")]) >= 5, "\n".join(steps)
    # With the starts of programs before it: the throw-away pluto's is one.
    numbers = [number for number in range(middle.stop)
               if number in middle or steps[number].startswith("clone") or os.environ.get("EIG_THOROUGH")]
    two.edge.start_tunnels()
    for number in numbers:
        two.edge.stop_tunnels()
        before = two.standing()
        two.turn()
        step = f"step {number}: {steps[number]}"
        assert two.killed(steps, number), f"it did not come to {step}"
        assert two.standing()["untouched"] == before["untouched"], step
        two.edge.start_tunnels()
        assert two.standing() == before, step
        two.assert_whole(step)
        status, document = two.edge.ask("plan")
        assert (status, document["changes"]) == (200, []), step
