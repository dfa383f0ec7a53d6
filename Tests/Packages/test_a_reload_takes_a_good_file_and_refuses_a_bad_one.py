# SPDX-License-Identifier: Apache-2.0
"""`systemctl reload eigd` succeeds when the new configuration is in force, and fails, changing nothing, when not."""

from support import network


def test_a_good_file_is_in_force_when_the_command_returns(edge):
    assert edge.payfast.call("GET", "/eig/any/1").status == 200
    edge.partners["payfast"]["enabled"] = False
    edge.write()
    edge.machine.systemctl("reload", "eigd.service")
    assert edge.payfast.call("GET", "/eig/any/1").status == 403
    assert edge.machine.is_active("eigd.service")


def test_a_bad_file_leaves_the_old_configuration_and_says_where_it_is_wrong(edge):
    before = edge.generation
    process = edge.machine.main_pid("eigd.service")
    edge.partners["payfast"]["alow"] = []
    edge.write()
    refused = edge.machine.systemctl("reload", "eigd.service", check=False)
    assert refused.code != 0
    assert edge.payfast.call("GET", "/eig/any/1").status == 200
    assert edge.generation == before
    assert edge.machine.is_active("eigd.service")
    assert edge.machine.main_pid("eigd.service") == process
    # What an administrator reads next names file, line and the mend.
    status = edge.machine.status("eigd.service")
    for part in ["partners.d/payfast.toml", "alow", "allow"]:
        assert part in status, status
    # And it is mended by mending it.
    del edge.partners["payfast"]["alow"]
    edge.write()
    edge.machine.systemctl("reload", "eigd.service")
    assert edge.generation > before


def test_a_bad_file_leaves_the_allow_list(edge):
    edge.partners["mobicash"]["allow"][0]["from"] = ["198.51.100.40/28"]
    edge.write()
    refused = edge.machine.systemctl("reload", "jumpd-enforce.service", check=False)
    assert refused.code != 0
    assert edge.network.answers("mobicash", (network.EDGE, 8443))
    assert not edge.network.answers("stranger", (network.EDGE, 8443))
    assert "partners.d/mobicash.toml" in edge.machine.status("jumpd-enforce.service")
    edge.partners["mobicash"]["allow"][0]["from"] = ["198.51.100.32/28"]
    edge.write()
    edge.machine.systemctl("reload", "jumpd-enforce.service")
