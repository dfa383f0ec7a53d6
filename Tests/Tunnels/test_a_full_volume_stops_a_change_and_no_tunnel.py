# SPDX-License-Identifier: Apache-2.0
"""No room for Libreswan's files, or for the program's own: a change is refused whole, and made once there is room."""

import pytest

from lab import written
from lab.configured import partner, tunnel


@pytest.fixture
def volumes(pair, edge):
    """/etc/ipsec.d and the state folder on small volumes of their own, seen at our end only."""
    return {"files": Volume(pair.edge, "/etc/ipsec.d", "64k"), "state": Volume(pair.edge, edge.state, "24m")}


class Volume:
    def __init__(self, end, path, size):
        end.command("mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", path)
        self.end = end
        self.path = path
        self.filler = f"{path}/filler"

    def fill(self):
        """To the last block; the writer's complaint is the proof."""
        done = self.end.attempt("dd", "if=/dev/zero", f"of={self.filler}", "bs=4k")
        assert "No space left" in done.stderr, done.stderr

    def leave(self, size):
        """Full but for this much."""
        self.fill()
        self.end.command("truncate", "-s", f"-{size}", self.filler)

    def empty(self):
        self.end.command("rm", self.filler)

    @property
    def content(self):
        """What is in it but the filler and the history, which has its own way with a full volume."""
        text = self.end.command("find", self.path, "-type", "f", "!", "-name", "filler", "!", "-name", "history.db*",
                                "-exec", "sha256sum", "{}", "+")
        return sorted(text.splitlines())


@pytest.fixture
def running(volumes, one):
    """One tunnel that is up as far as its key exchange, and the program that looks after it."""
    return one


def standing(pair):
    return pair.edge.pluto.connections, pair.edge.pluto.established("p_acme_t1_s1")


def change(edge):
    """One tunnel changed, one secret, one tunnel more."""
    edge.configured.partners["acme"]["tunnel"][0]["esp-lifetime"] = "30m"
    edge.configured.secrets["acme.psk"] = written.OTHER_SECRET
    other = tunnel(6, remote_id="@vpn.other.example", peer="203.0.113.9", auth={"psk": "other.psk"})
    edge.configured.partners["other"] = partner("other", other, address="203.0.113.21")
    edge.configured.secrets["other.psk"] = written.key("other")


@pytest.mark.parametrize("which", ["files", "state"])
def test_a_change_waits_for_room(running, volumes, pair, which):
    volume = volumes[which]
    change(running)
    volume.fill()
    before = [each.content for each in volumes.values()], standing(pair)
    for _ in range(2):
        status, document = running.ask("apply")
        assert status == 500, document
        error = document["error"]
        assert str(volume.path) in error["message"] and "nothing was changed" in error["message"], error
        assert error["hint"] == "make room on that volume"
        assert ([each.content for each in volumes.values()], standing(pair)) == before
    # What it would do is still said, and so is that it was not done.
    assert {item["partner"] for item in running.ask("plan")[1]["changes"]} >= {"acme", "other"}
    attempt = running.tunnels_control.json("GET", "/v1/status")["configuration"]["last_attempt"]
    assert not attempt["ok"] and str(volume.path) in attempt["message"], attempt
    assert f"not applied: {attempt['message']}" in running.tunnels.complaints() + running.tunnels.output.read_text()

    volume.empty()
    changed = {change["partner"] for change in running.apply()}
    assert {"acme", "other"} <= changed
    connections = pair.edge.pluto.connections
    assert "ipsec_life: 1800s" in "\n".join(connections["p_acme_t1_s1"]["lines"])
    assert connections["p_other_t1_s1"]["state"] == "prospective erouted"
    assert running.ask("plan")[1]["changes"] == []


def test_nothing_is_made_that_could_not_be_tried(running, volumes, pair):
    """There is room for the files, but not for the throw-away pluto."""
    change(running)
    volumes["state"].leave("8M")
    before = [each.content for each in volumes.values()], standing(pair)
    status, document = running.ask("apply")
    assert status == 500, document
    assert "8192 KiB are free there, and trying a change takes 16 MiB" in document["error"]["message"], document
    assert ([each.content for each in volumes.values()], standing(pair)) == before
    # What goes need not be tried.
    running.configured.partners = {}
    assert [change["sign"] for change in running.apply()] == ["-"]
    assert pair.edge.pluto.connections == {}


def test_a_choice_that_cannot_be_kept_is_not_made(running, volumes, pair):
    volumes["state"].fill()
    before = standing(pair)
    down = ["tunnel", "down", "acme", "t1", "--control-tunnels", f"{running.configured.run}/tunnels.sock"]
    done = running.eigctl(*down)
    assert done.returncode == 1 and f"{running.state}/choices" in done.stderr, done
    assert "hint: make room on that volume" in done.stderr
    assert standing(pair) == before
    volumes["state"].empty()
    assert running.eigctl(*down).returncode == 0
    assert "p_acme_t1_s1" not in pair.edge.pluto.connections
