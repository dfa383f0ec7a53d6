# SPDX-License-Identifier: Apache-2.0
"""Who is refused hears it from the program they typed, with what to do, in less than a second."""

from lab.administrator import EIGCTL

WHY = "access denied for ben to eig-01:22: no grant (request a grant: eigctl grant request eig-01:22)"


def test_eigctl_says_why_and_ends_with_one(module_gate):
    done = module_gate.ben.eigctl("jump", "connect", "eig-01:22")
    assert done.code == 1 and done.out == "" and WHY in done.err, done
    assert done.took < 1, done


def test_ssh_ends_as_soon_as_its_proxy_does(module_gate):
    done = module_gate.ben.ssh("true", proxy=EIGCTL)
    assert done.code == 255 and WHY in done.err and done.took < 1, done


def test_a_target_that_is_not_there_is_said_to_be_unknown(module_gate):
    done = module_gate.ben.eigctl("jump", "connect", "nowhere:22")
    assert done.code == 1 and "nowhere" in done.err and done.took < 1, done


def test_a_gate_that_is_not_there_is_said_to_be(module_gate):
    ben = module_gate.ben
    done = ben.run(*ben.fill("{eigctl} jump connect eig-01:22 --gate {name}:9 --cert {certificate} --key {key} "
                             "--ca {authority}").split())
    assert done.code == 1 and ":9" in done.err and done.took < 2, done
