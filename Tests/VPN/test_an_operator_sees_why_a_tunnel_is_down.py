# SPDX-License-Identifier: Apache-2.0
"""A new partner with a strongSwan, from the exported text to a tunnel that is up, and every look at it in between."""

import json
import re
import subprocess

from lab import network as places
from lab.connections import SECRET
from lab.facts import fact
from lab.strongswan import StrongSwan
from support.programs import programs, until

#: Looks are five seconds apart, a refused attempt is made again within half a minute, and a tunnel may start for one.
PATIENCE = 120


class Operator:
    """Asks as `docs/operations/tunnels.md` says it."""

    def __init__(self, edge):
        self.edge = edge
        self.common = ["--config", str(edge.configuration.folder), "--control-tunnels", edge.tunnels.control.path]

    def run(self, *words):
        command = self.edge.network.edge.command(str(programs() / "eigctl"), *self.common, *words)
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    def tunnel(self):
        return json.loads(self.run("tunnel", "status", "payfast", "--json").stdout)["tunnels"][0]

    def until(self, what, is_so):
        until(lambda: is_so(self.tunnel()), PATIENCE, 1, what=f"{what}: {self.tunnel()}")


def theirs(edge, folder, name, exported, secret=SECRET):
    """What the partner's engineer makes of our text: the key filled in."""
    return StrongSwan(name, edge.network.payfast, folder / name,
                      exported.replace('"PRE-SHARED-KEY"', f'"{secret}"'))


def reason(seen):
    return seen.get("last_failure", {}).get("reason")


def test_from_the_exported_text_to_a_tunnel_that_is_up(edge, folder):
    operator = Operator(edge)
    edge.configuration.write()
    edge.lock_down()
    edge.enforce()
    edge.pluto.start()
    edge.tunnels.arguments += ["--pluto-log", str(edge.pluto.log)]
    edge.tunnels.start()
    exported = operator.run("tunnel", "export", "payfast", "--for", "strongswan").stdout
    operator.until("nobody answers", lambda seen: reason(seen) == "no_answer")

    old = re.sub("proposals = aes256gcm16-prf.*", "proposals = aes128-sha256-modp2048", exported)
    wrong = theirs(edge, folder, "wrong-proposal", old).start()
    operator.until("proposals differ", lambda seen: (seen["state"], reason(seen)) == ("down", "ike_proposal"))
    shown = operator.run("tunnel", "status", "payfast")
    assert shown.returncode == 1
    assert "no IKE proposal in common" in shown.stdout and "  ours: aes_gcm256-sha2_512;dh20" in shown.stdout
    wrong.kill()

    wrong = theirs(edge, folder, "wrong-secret", exported, "another secret, long enough to be taken").start()
    operator.until("secrets differ", lambda seen: reason(seen) in ("refused_by_peer", "secret_differs"))
    wrong.kill()

    right = theirs(edge, folder, "right", exported).start()
    assert operator.run("tunnel", "restart", "payfast", "t1").returncode == 0
    operator.until("up", lambda seen: seen["state"] == "up")
    assert operator.run("tunnel", "status", "payfast").returncode == 0
    ping = edge.network.payfast.command("ping", "-q", "-c", "4", "-i", "0.2", places.EDGE)
    subprocess.run(ping, capture_output=True, check=False)
    operator.until("bytes", lambda seen: seen["bytes_in_total"] > 0)
    assert "ESTABLISHED" in right.swanctl("--list-sas")

    # What is up already does not get a second child SA.
    assert operator.run("tunnel", "up", "payfast", "t1").returncode == 0
    assert right.swanctl("--list-sas").count("INSTALLED") == 1

    assert operator.run("tunnel", "down", "payfast", "t1").returncode == 0
    operator.until("held", lambda seen: seen["state"] == "held")
    assert operator.run("tunnel", "status", "payfast").returncode == 2
    assert operator.run("tunnel", "up", "payfast", "t1").returncode == 0
    operator.until("up again", lambda seen: seen["state"] == "up")

    history = json.loads(operator.run("tunnel", "history", "payfast", "--json").stdout)
    told = [event["event"] for event in history["events"]][::-1]
    assert told[-5:] == ["up", "held", "down", "released", "up"] and "failed" in told
    assert history["days"][0]["up_seconds"] > 0
    fact(f"an operator saw {', '.join(told)}")
    right.kill()
