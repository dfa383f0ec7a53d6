# SPDX-License-Identifier: Apache-2.0
"""Who is refused hears it from the program they typed, with what to do, and waits for no timeout."""

import json

from lab import access
from lab.administrator import EIGCTL, SOCAT

WHY = (f"eigctl: error: gate {access.NAME}:{access.PORT}: access denied for ben to eig-01:22: no grant\n"
       "  hint: request a grant: eigctl grant request eig-01:22\n")


def test_eigctl_says_why_and_ends_with_one(module_gate):
    done = module_gate.ben.eigctl("jump", "connect", "eig-01:22")
    assert done.code == 1 and done.out == "" and done.err == WHY, done
    assert done.was_at_once, done


def test_ssh_ends_as_soon_as_its_proxy_does(module_gate):
    done = module_gate.ben.ssh("true", proxy=EIGCTL)
    assert done.code == 255 and WHY in done.err and done.was_at_once, done


def test_ssh_through_openssl_ends_at_once_too_and_says_why_when_asked(module_gate):
    done = module_gate.ben.ssh("true")
    assert done.code == 255 and "Connection closed" in done.err and done.was_at_once, done
    done = module_gate.ben.run("ssh", "-v", "-F", module_gate.ben.ssh_config(), "eig-01", "true")
    assert done.code == 255 and "jumpd: access denied for ben to eig-01:22: no grant" in done.err, done
    assert "hint: request a grant: eigctl grant request eig-01:22" in done.err, done


def test_ssh_through_socat_ends_soon(module_gate):
    done = module_gate.ben.ssh("true", proxy=SOCAT)
    # It waits half a second for the direction that has not ended.
    assert done.code == 255 and "Connection closed" in done.err and done.was_at_once, done


def test_a_target_that_is_not_there_is_said_to_be_unknown(module_gate):
    done = module_gate.ben.eigctl("jump", "connect", "nowhere:22")
    assert done.code == 1 and "nowhere" in done.err and done.was_at_once, done


def test_whose_certificate_is_nobodys_reads_so_wherever_they_look(module_gate):
    # The gate's administrators' authority certified it, and no [[admin]] has its name.
    nobody = module_gate.person("nobody")
    done = nobody.eigctl("jump", "whoami")
    assert (done.code, done.err) == (3, f"eigctl: error: gate {access.NAME}:{access.PORT}: access denied: this "
                                        "certificate is no administrator's\n  hint: see [[admin]] in jumpd.toml\n"), done
    assert json.loads(nobody.eigctl("jump", "whoami", "--json").out)["error"]["code"] == "identity_unknown"
    done = nobody.eigctl("jump", "connect", "eig-01:22")
    assert done.code == 1 and "access denied: this certificate is no" in done.err, done
    status, document = nobody.api("GET", "/v1/whoami")
    assert (status, document["error"]["code"]) == (403, "identity_unknown"), document


def test_a_gate_that_is_not_there_is_said_to_be(module_gate):
    ben = module_gate.ben
    done = ben.run(*ben.fill("{eigctl} jump connect eig-01:22 --gate {name}:9 --cert {certificate} --key {key} "
                             "--ca {authority}").split())
    assert done.code == 1 and ":9" in done.err and done.was_at_once, done
