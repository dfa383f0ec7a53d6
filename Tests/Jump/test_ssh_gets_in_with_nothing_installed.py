# SPDX-License-Identifier: Apache-2.0
"""OpenSSH and what runs over it reach a host through the gate, from files an administrator types once."""

import hashlib
import os
import time

import pytest
from lab.administrator import EIGCTL, OPENSSL, SOCAT
from support.programs import programs

WAYS = [pytest.param(way, id=name) for name, way in [("openssl", OPENSSL), ("eigctl", EIGCTL), ("socat", SOCAT)]]
BIG = 100_000_000


@pytest.fixture(scope="module")
def anna(module_gate):
    module_gate.grant("eig-01:22")
    return module_gate.anna


@pytest.fixture(scope="module")
def big(module_gate):
    """What no compression and no luck makes smaller."""
    path = module_gate.folder / "big"
    path.write_bytes(os.urandom(BIG))
    return path


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@pytest.mark.parametrize("proxy", WAYS)
def test_a_shell_answers(anna, proxy):
    done = anna.ssh("id -un; cat; exit 7", proxy=proxy, input="what was typed\n")
    assert (done.code, done.out) == (7, "operator\nwhat was typed\n"), done


@pytest.mark.parametrize("proxy", WAYS)
def test_a_hundred_megabytes_arrive_unchanged_each_way(anna, module_gate, big, proxy):
    home = module_gate.servers.sshd.home
    config = anna.ssh_config(proxy)
    anna.run("scp", "-q", "-F", config, big, "eig-01:sent", check=True, timeout=120)
    assert digest(home / "sent") == digest(big)
    anna.run("scp", "-q", "-F", config, "eig-01:sent", anna.folder / "back", check=True, timeout=120)
    assert digest(anna.folder / "back") == digest(big)
    (home / "sent").unlink()
    (anna.folder / "back").unlink()


def test_sftp_lists_and_moves_files(anna, module_gate):
    (anna.folder / "note").write_text("a note\n")
    done = anna.run("sftp", "-q", "-b", "-", "-F", anna.ssh_config(), "eig-01", check=True,
                    input=f"mkdir notes\nput {anna.folder}/note notes/one\nls notes\nget notes/one {anna.folder}/two\n")
    assert "notes/one" in done.out, done
    assert (anna.folder / "two").read_text() == "a note\n"


def test_rsync_carries_only_what_changed(anna, module_gate, big):
    home = module_gate.servers.sshd.home
    tree = anna.folder / "tree"
    tree.mkdir(exist_ok=True)
    for number in range(40):
        (tree / f"file-{number}").write_bytes(os.urandom(5000))
    words = ["rsync", "-a", "--stats", "-e", f"ssh -F {anna.ssh_config()}", f"{tree}/", "eig-01:tree/"]
    anna.run(*words, check=True)
    assert sorted(path.name for path in (home / "tree").iterdir()) == sorted(path.name for path in tree.iterdir())
    (tree / "file-7").write_bytes(b"another one")
    again = anna.run(*words, check=True)
    assert "Number of regular files transferred: 1\n" in again.out, again
    assert (home / "tree" / "file-7").read_bytes() == b"another one"


@pytest.mark.parametrize("words", [[], ["--openssl"], ["eig-01"]], ids=" ".join)
def test_what_ssh_config_prints_is_all_one_needs(anna, words):
    printed = anna.eigctl("jump", "ssh-config", *words, check=True).out
    path = anna.folder / "pasted"
    more = "".join(f"    {line}\n" for line in anna.gate.servers.sshd.options())
    path.write_text(f"{printed}\nHost *\n    BatchMode yes\n{more}")
    done = anna.run("ssh", "-F", path, "eig-01", "id -un", env={**os.environ, "PATH": f"{programs()}:{os.environ['PATH']}"})
    assert (done.code, done.out) == (0, "operator\n"), (done, printed)


@pytest.fixture
def ansible(anna):
    """Ansible as it is installed, its ssh with the lines that were pasted; a host is its target's name."""
    printed = anna.eigctl("jump", "ssh-config", "--openssl", "eig-01", check=True).out
    path = anna.folder / "pasted-for-ansible"
    more = "".join(f"    {line}\n" for line in anna.gate.servers.sshd.options())
    path.write_text(f"{printed}\nHost *\n{more}")
    home = anna.folder / "ansible"
    home.mkdir(exist_ok=True)
    (home / "ansible.cfg").touch()
    # What it does by itself, but for the file and for how long its connection stays.
    environment = {**os.environ, "HOME": str(home), "ANSIBLE_CONFIG": str(home / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1",
                   "ANSIBLE_SSH_ARGS": f"-F {path} -C -o ControlMaster=auto -o ControlPersist=2s"}
    return lambda *words: anna.run("ansible", "all", "-i", "eig-01,", *words, env=environment)


def test_ansible_pings_and_copies(anna, module_gate, ansible):
    done = ansible("-m", "ping")
    assert done.code == 0 and "eig-01 | SUCCESS" in done.out and '"ping": "pong"' in done.out, done
    (anna.folder / "motd").write_text("be careful\n")
    words = ["-m", "copy", "-a", f"src={anna.folder}/motd dest=motd mode=0600"]
    done = ansible(*words)
    assert done.code == 0 and "eig-01 | CHANGED" in done.out, done
    assert (module_gate.servers.sshd.home / "motd").read_text() == "be careful\n"
    again = ansible(*words)
    assert again.code == 0 and "eig-01 | SUCCESS" in again.out and '"changed": false' in again.out, again
    (module_gate.servers.sshd.home / "motd").unlink()


def test_many_sessions_go_beside_each_other(anna):
    commands = [anna.start("ssh", "-F", anna.ssh_config(), "eig-01", f"sleep 1; echo {number}") for number in range(12)]
    assert [command.communicate(timeout=60)[0] for command in commands] == [b"%d\n" % n for n in range(12)]


def test_a_connection_that_rests_for_a_moment_goes_on(anna):
    shell = anna.start("ssh", "-F", anna.ssh_config(), "eig-01", "cat")
    for word in [b"one\n", b"two\n", b"three\n"]:
        shell.stdin.write(word)
        shell.stdin.flush()
        assert shell.stdout.readline() == word
        time.sleep(0.7)
    shell.stdin.close()
    assert shell.wait(10) == 0
