# SPDX-License-Identifier: Apache-2.0
"""What Libreswan 4.10 really does, where our text and our commands depend on it: a newer one that differs fails here."""

import pytest

from lab import written


@pytest.fixture
def here(pair):
    pair.edge.pluto.start()
    return pair.edge


def added(here, **more):
    """The lines of the status of one connection, after it was added."""
    here.pluto.configure("a.conf", written.ours(auto="add", **more))
    here.pluto.add("acme")
    return "\n".join(here.pluto.connections["acme"]["lines"])


@pytest.mark.parametrize("keys, expected", [
    ({"replay_window": "256"}, "replay_window: 256"),
    ({"replay_window": '"256"'}, "replay_window: 0"),
    ({"priority": "5"}, "sa_prio:5"),
    ({"priority": '"5"'}, "sa_prio:auto"),
    ({"ikelifetime": '"7h"', "salifetime": '"2h"'}, "ike_life: 25200s; ipsec_life: 7200s"),
    ({"authby": '"secret"'}, "policy: IKEv2+PSK+"),
    ({"authby": "secret,rsasig"}, "policy: IKEv2+PSK+RSASIG+RSASIG_v1_5+"),
    ({"fragmentation": '"no"'}, "PFS+ESN"),
])
def test_a_quoted_number_is_no_number_and_no_error(here, keys, expected):
    assert expected in added(here, **keys)


@pytest.mark.parametrize("keys, message", [
    ({"reqid": '"101"'}, "Ignoring reqid value"),
    ({"authby": "secrets"}, "conn acme did not load properly"),
])
def test_what_it_cannot_use_it_says_and_exits_with_0(here, keys, message):
    here.pluto.configure("a.conf", written.ours(**keys))
    done = here.attempt("ipsec", "addconn", "acme")
    assert done.returncode == 0 and message in done.stdout + done.stderr


def test_a_connection_without_selector_is_loaded_all_the_same(here):
    here.pluto.configure("a.conf", written.ours().replace("172.16.5.0/24", "172.16.5.0/99"))
    checked = here.attempt("ipsec", "addconn", "--config", "/etc/ipsec.conf", "--checkconfig")
    assert checked.returncode == 0 and checked.stdout + checked.stderr != ""
    here.pluto.load()
    assert "===172.16.5" not in here.pluto.connections["acme"]["lines"][0]


def test_the_first_setup_section_wins(pair):
    pair.edge.pluto.configure("a.conf", "config setup\n    uniqueids=no\n")
    pair.edge.pluto.configure("b.conf", "config setup\n    uniqueids=yes\n")
    pair.edge.pluto.start()
    assert "uniqueids=no" in pair.edge.pluto.status


def test_adding_again_takes_the_trap_away(here):
    here.pluto.configure("a.conf", written.ours())
    here.pluto.add("acme")
    assert here.pluto.connections["acme"]["state"] == "unrouted", "auto= is obeyed by addconn NAME"
    here.pluto.whack("--route", "--name", "acme")
    before = here.pluto.connections["acme"]
    here.pluto.add("acme")
    after = here.pluto.connections["acme"]
    assert (before["state"], after["state"]) == ("prospective erouted", "unrouted")
    assert after["serial"] > before["serial"]


def test_two_connections_with_the_same_networks_cannot_both_be_routed(here):
    here.pluto.configure("a.conf", written.ours("first") + written.ours("second").replace("203.0.113.7", "203.0.113.8"))
    for name in ["first", "second"]:
        here.pluto.add(name)
        said = here.pluto.whack("--route", "--name", name)
    assert 'cannot route -- route already in use for "first"' in said


def test_a_connection_of_a_missing_certificate_fails_without_a_word(here):
    here.pluto.configure("a.conf", written.ours(authby="ecdsa", leftcert="nosuch"))
    done = here.attempt("ipsec", "addconn", "acme")
    assert (done.returncode, done.stdout, done.stderr) == (36, "", "")
    assert here.pluto.said("left certificate 'nosuch' not found in the NSS database")


def test_secrets_are_read_again_under_a_living_key_exchange(plutos):
    for end, text in [(plutos.edge, written.ours()), (plutos.partner, written.theirs())]:
        end.pluto.configure("a.conf", text)
        end.pluto.configure("a.secrets", written.secret())
        end.pluto.load()
    plutos.edge.pluto.initiate("acme")
    before = plutos.edge.pluto.established("acme")
    plutos.edge.pluto.configure("a.secrets", written.secret(written.OTHER_SECRET))
    plutos.edge.pluto.whack("--rereadsecrets")
    assert before and plutos.edge.pluto.established("acme") == before
    # It is a new IKE SA that needs the new secret.
    plutos.edge.pluto.whack("--terminate", "--name", "acme")
    assert "AUTHENTICATION_FAILED" in plutos.edge.pluto.initiate("acme")


def test_networks_of_one_tunnel_share_a_key_exchange(plutos):
    for end, text in [(plutos.edge, written.ours), (plutos.partner, written.theirs)]:
        end.pluto.configure("a.conf", text("one", 1) + text("two", 2))
        end.pluto.configure("a.secrets", written.secret())
        end.pluto.load()
    plutos.edge.pluto.initiate("one")
    assert "initiating Child SA using IKE SA #1" in plutos.edge.pluto.initiate("two")
    plutos.edge.pluto.add("two")
    assert plutos.edge.pluto.established("one") == 1
    plutos.edge.pluto.add("one")
    assert not plutos.edge.pluto.states, "whose connection it is takes it along"
