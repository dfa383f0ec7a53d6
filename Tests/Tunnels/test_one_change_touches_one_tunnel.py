# SPDX-License-Identifier: Apache-2.0
"""Of 500 tunnels one is added, changed or removed: pluto is told nothing of the other 499."""

import copy

import pytest

from lab import written
from lab.configured import partner, tunnel
from lab.pair import PARTNER, WIRE
from support.programs import until

#: Tunnels whose peers answer; nobody asks the others.
ANSWERING = 4


@pytest.fixture
def many(edge, pair):
    """500 tunnels, loaded; the first few have their key exchange agreed."""
    edge.configured.hundreds(500).write()
    text = ""
    for number in range(ANSWERING):
        peer = f"203.0.100.{number + 1}"
        pair.partner.command("ip", "addr", "add", f"{peer}/32", "dev", WIRE)
        text += written.theirs(f"edge{number}", gateway=peer, identity=f"@vpn.partner{number}.example",
                               network=f"172.20.{number}.0/24")
    pair.partner.pluto.configure("a.conf", text)
    pair.partner.pluto.configure("a.secrets", "".join(
        written.secret(edge.configured.secrets[f"partner{number}.psk"], f"@vpn.partner{number}.example")
        for number in range(ANSWERING)))
    pair.partner.pluto.start()
    # pluto loads the files when it starts; nobody begins 500 key exchanges that have no answer.
    edge.start_tunnels()
    pair.edge.pluto.start()
    assert len(pair.edge.pluto.connections) == 500
    for number in range(ANSWERING):
        pair.edge.pluto.whack("--initiate", "--asynchronous", "--name", name(number))
    until(lambda: len(agreed(pair)) == ANSWERING, timeout=30, what=f"{ANSWERING} key exchanges")
    return edge


def name(number):
    return f"p_partner{number}_t1_s1"


def agreed(pair):
    """The IKE SAs that are up: connection and serial number."""
    return {connection: number for number, (connection, state) in pair.edge.pluto.states.items()
            if state == "STATE_V2_ESTABLISHED_IKE_SA"}


def snapshot(pair):
    """What would tell that pluto was asked to do something with a connection."""
    return ({connection: (keys["serial"], keys["state"]) for connection, keys in pair.edge.pluto.connections.items()},
            agreed(pair))


def without(seen, *connections):
    return tuple({key: value for key, value in part.items() if key not in connections} for part in seen)


def told(pair, since):
    """The connections whose addition or end pluto logged after this many characters."""
    lines = pair.edge.pluto.log.read_text(errors="replace")[since:].splitlines()
    return {line.split('"')[1] for line in lines
            if "added IKEv2 connection" in line or "terminating SAs using this connection" in line}


def test_one_of_five_hundred(many, pair):
    before = snapshot(pair)
    said = len(pair.edge.pluto.log.read_text(errors="replace"))

    # Nothing has changed: nothing is planned and nothing is told.
    status, document = many.ask("plan")
    assert (status, document["changes"]) == (200, [])
    assert many.apply() == []
    assert told(pair, said) == set() and snapshot(pair) == before

    # One that is up changes.
    many.configured.partners["partner1"]["tunnel"][0]["esp-lifetime"] = "30m"
    status, document = many.ask("plan")
    assert status == 200 and [change["partner"] for change in document["changes"]] == ["partner1"]
    assert "RESTARTS t1" in document["changes"][0]["disruption"]
    assert snapshot(pair) == before, "a plan changes nothing"
    assert [change["partner"] for change in many.apply()] == ["partner1"]
    until(lambda: name(1) in agreed(pair), what="its key exchange to be agreed again")
    after = snapshot(pair)
    assert told(pair, said) == {name(1)}
    assert without(after, name(1)) == without(before, name(1))
    assert after[0][name(1)][0] > before[0][name(1)][0] and after[0][name(1)][1] == "prospective erouted"
    assert "ipsec_life: 1800s" in "\n".join(pair.edge.pluto.connections[name(1)]["lines"])

    # One more.
    many.configured.partners["acme"] = partner("acme", tunnel())
    many.apply()
    assert told(pair, said) == {name(1), "p_acme_t1_s1"}
    assert without(snapshot(pair), "p_acme_t1_s1") == without(after, "p_acme_t1_s1")
    assert pair.edge.policies("10.20.0.0/24", "172.16.5.0/24")

    # One that is up goes, and leaves nothing.
    del many.configured.partners["partner2"]
    many.apply()
    assert without(snapshot(pair), "p_acme_t1_s1", name(2)) == without(after, name(2))
    assert name(2) not in pair.edge.pluto.status
    assert not pair.edge.policies("10.20.0.0/24", "172.20.2.0/24")
    assert not [file for file in many.files if "partner2." in file]
    assert told(pair, said) == {name(1), "p_acme_t1_s1", name(2)}

    # The program itself starts again: everything is as it should be, and nothing is told.
    end = len(pair.edge.pluto.log.read_text(errors="replace"))
    before = snapshot(pair)
    many.stop_tunnels()
    many.start_tunnels()
    assert told(pair, end) == set() and snapshot(pair) == before


def test_a_changed_secret_drops_nothing(one, pair):
    before = snapshot(pair)
    one.configured.secrets["acme.psk"] = written.OTHER_SECRET
    assert [change["partner"] for change in one.apply()] == ["acme"]
    assert snapshot(pair) == before
    # It is there: the next key exchange is made with it, and with nothing else.
    pair.edge.pluto.whack("--terminate", "--name", "p_acme_t1_s1")
    assert "AUTHENTICATION_FAILED" in pair.edge.pluto.initiate("p_acme_t1_s1")
    pair.partner.pluto.configure("a.secrets", written.secret(written.OTHER_SECRET))
    pair.partner.pluto.whack("--rereadsecrets")
    pair.edge.pluto.whack("--initiate", "--asynchronous", "--name", "p_acme_t1_s1")
    until(lambda: pair.edge.pluto.established("p_acme_t1_s1"), what="the key exchange with the new secret")


def test_what_somebody_changed_by_hand_is_put_back(one, pair):
    files = copy.deepcopy(one.files)
    path = pair.edge.etc / "eig-acme.conf"
    path.write_text(path.read_text().replace("narrowing=\"no\"", "narrowing=\"yes\""))
    pair.edge.pluto.whack("--delete", "--name", "p_acme_t1_s1")
    assert one.apply()
    assert one.files == files
    assert pair.edge.pluto.connections["p_acme_t1_s1"]["state"] == "prospective erouted"


def test_a_pluto_that_starts_later_loads_the_same(edge, pair):
    edge.configured.partners["acme"] = partner("acme", tunnel())
    edge.configured.write()
    edge.start_tunnels()
    pair.edge.pluto.start()
    assert pair.edge.pluto.connections["p_acme_t1_s1"]["state"] == "prospective erouted"
    assert edge.apply() == []


def test_the_last_tunnel_leaves_nothing(one, pair):
    del one.configured.partners["acme"]
    one.apply()
    assert pair.edge.pluto.connections == {}
    assert not pair.edge.policies("10.20.0.0/24", "172.16.5.0/24")
    assert not [file for file in one.files if file.startswith("eig-")]
    assert PARTNER not in pair.edge.pluto.status
