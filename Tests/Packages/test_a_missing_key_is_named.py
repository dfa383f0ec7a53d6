# SPDX-License-Identifier: Apache-2.0
"""A key or a secret that is gone changes nothing until it must, and then the file is named where one looks."""

import threading

import pytest
from support.programs import until

FILES = ["identities/edge.key", "identities/edge.pem", "identities/payfast-out.key", "ca/payfast-ca.pem",
         "credentials/payfast.credential"]


@pytest.mark.parametrize("name", FILES)
def test_a_reload_keeps_what_it_has_and_names_it(edge, name):
    edge.machine.run("mv", f"/etc/eig/{name}", "/srv/kept")
    refused = edge.machine.systemctl("reload", "eigd.service", check=False)
    assert refused.code != 0
    assert edge.payfast.call("GET", "/eig/any/1").status == 200
    assert name in edge.machine.status("eigd.service"), edge.machine.status("eigd.service")
    check = edge.machine.run("eigctl", "check", check=False)
    assert check.code == 1 and name in check.out + check.err, check


def test_a_start_fails_by_name_and_goes_on_when_it_is_back(edge):
    machine = edge.machine
    machine.run("mv", "/etc/eig/identities/edge.key", "/srv/edge.key")
    machine.systemctl("restart", "eigd.service", check=False, timeout=60)
    assert not machine.is_active("eigd.service")
    assert "identities/edge.key" in machine.status("eigd.service"), machine.status("eigd.service")
    # Nobody is refused meanwhile.
    answers = []

    def call():
        with edge.payfast.connect(timeout=60) as connection:
            answers.append(connection.request("GET", "/eig/any/1", None, edge.payfast.fields).status)
    caller = threading.Thread(target=call, daemon=True)
    caller.start()
    machine.run("mv", "/srv/edge.key", "/etc/eig/identities/edge.key")
    # systemd tries again by itself.
    until(lambda: machine.is_active("eigd.service"), 30, 0.1, what=machine.status("eigd.service"))
    caller.join(60)
    assert answers == [200]


def test_keys_can_come_encrypted_from_systemd(edge):
    """As decision and manual have it: no key of ours in clear text on the disk (systemd-creds(1))."""
    machine = edge.machine
    machine.shell("""
        mkdir -p -m 700 /etc/credstore.encrypted /etc/systemd/system/eigd.service.d
        systemd-creds encrypt --with-key=host --name=server.key /etc/eig/identities/edge.key \\
            /etc/credstore.encrypted/server.key
        rm /etc/eig/identities/edge.key""")
    machine.write("/etc/systemd/system/eigd.service.d/credentials.conf",
                  "[Service]\nLoadCredentialEncrypted=server.key:/etc/credstore.encrypted/server.key\n")
    edge.gateway["server"]["key"] = "credential:server.key"
    edge.configuration.write()
    machine.copy_in(edge.folder / "etc" / "eigd.toml", "/etc/eig")
    machine.shell("chown root:eig /etc/eig/eigd.toml && chmod 640 /etc/eig/eigd.toml")
    machine.systemctl("daemon-reload")
    machine.systemctl("restart", "eigd.service", timeout=60)
    assert edge.payfast.call("GET", "/eig/any/1").status == 200
    assert not machine.exists("/etc/eig/identities/edge.key")
    # Gone as well: it does not start without, and systemd says why.
    machine.run("rm", "/etc/credstore.encrypted/server.key")
    machine.systemctl("restart", "eigd.service", check=False, timeout=60)
    assert not machine.is_active("eigd.service")
    assert "243/CREDENTIALS" in machine.status("eigd.service"), machine.status("eigd.service")
