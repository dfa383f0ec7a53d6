# SPDX-License-Identifier: Apache-2.0
"""README's install section, word for word, on a Debian that never heard of us: at its end a partner is served.

Each line of its block is typed into one shell at a terminal, in a folder with the packages that `make deb` left, copied
as they are. Not typed is what the block itself leaves to people, a comment that is a line of its own: `BY_HAND` has what
stands for each of these, and a comment it does not know fails.
"""

import re

from container.packages import ROOT
from container.terminal import Terminal
from support import network
from support.programs import until
from support.surroundings import HOSTS

ANSWERS = {
    "host-names": "edge.eig.example",
    "addresses": f"{network.EDGE}, {network.EDGE6}",
    "inside": network.INSIDE,
    "inside-networks": f"{network.TXN}/31",
    "txn": network.TXN,
    "rpt": network.RPT,
    "management": "203.0.113.131",
}
#: The same questions, asked by apt.
PRESEED = "eigctl eigctl/configure boolean true\n" + "".join(
    f"eigctl eigctl/{name} string {answer}\n" for name, answer in ANSWERS.items())


def block(title, language):
    """The first block of a language in a section of the README."""
    section = (ROOT / "README.md").read_text().split(f"\n## {title}\n")[1].split("\n## ")[0]
    return re.search(rf"```{language}\n(.*?)```", section, re.DOTALL)[1]


def lines():
    """The block's lines: what is typed, without what is said about it behind; and what people do, from its `#` on."""
    for line in block("Install", "sh").splitlines():
        if line.strip():
            yield line if line.startswith("#") else line.split("#")[0].strip()


def installation():
    """The line that installs the packages."""
    return next(line for line in lines() if line.startswith("apt install "))


def provide(machine, packages):
    """The packages are in the current folder, as the README has it."""
    for package in packages.values():
        machine.copy_in(package.path, "/srv/packages")


def sign(host):
    """The network's own authority answers the request that setup made."""
    authority = host.pki.authority("eig-ca")
    folder = host.folder / "signing"
    folder.mkdir()
    (folder / "edge.csr").write_text(host.machine.read("/etc/eig/identities/edge.csr"))
    network.run("openssl", "x509", "-req", "-in", str(folder / "edge.csr"), "-out", str(folder / "edge.pem"),
                "-CA", str(authority.certificate), "-CAkey", str(authority.key), "-CAserial", str(folder / "serial"),
                "-CAcreateserial", "-days", "30", "-copy_extensions", "copy")
    host.machine.write("/etc/eig/identities/edge.pem", (folder / "edge.pem").read_bytes(), "640", "root:eig")


def add_payfast(host):
    """Step by step what "Adding a partner" says, with the partner file of the README itself."""
    machine = host.machine
    machine.write("/etc/eig/ca/payfast-ca.pem", host.pki.authority("payfast-ca").certificate.read_bytes(), "640",
                  "root:eig")
    ours = host.pki.leaf("payfast-out", "eig-ca", "payfast-out.eig.example")
    for file in [ours.certificate, ours.key]:
        machine.write(f"/etc/eig/identities/payfast-out{file.suffix}", file.read_bytes(), "640", "root:eig")
    machine.shell("eigctl credential payfast >/etc/eig/credentials/payfast.credential && "
                  "chgrp eig /etc/eig/credentials/payfast.credential && "
                  "chmod 640 /etc/eig/credentials/payfast.credential", input="a long secret")
    machine.write("/etc/eig/partners.d/payfast.toml", block("A partner file", "toml"), "640", "root:eig")


def authority_and_partner(host):
    # Not before a certificate and a partner are there.
    assert ":8443" not in host.machine.run("ss", "-Hltn").out
    sign(host)
    add_payfast(host)


BY_HAND = {
    "# sign /etc/eig/identities/edge.csr, put the chain at /etc/eig/identities/edge.pem, write the first partner's file":
        authority_and_partner,
}


def test_every_command_works_and_a_partner_is_served(blank, packages):
    machine = blank.machine
    blank.txn, blank.rpt  # noqa: B018 - they listen from here on
    machine.write("/etc/hosts", HOSTS)
    provide(machine, packages)
    done = []
    with Terminal(machine, "/srv/packages") as terminal:
        for line in lines():
            if line.startswith("#"):
                BY_HAND[line](blank)
            else:
                done.append(terminal.type(line, ANSWERS, timeout=90))
                assert done[-1].code == 0, done
    assert len(done) >= 4 and "host-names" in repr(done), done
    until(lambda: blank.control.answers(), 20, what="eigd to answer")
    answer = blank.payfast.call("GET", "/eig/gsma/transactions/1")
    assert answer.status == 200, answer
    assert blank.txn.requests[-1].field("X-EIG-Partner") == "payfast"
    assert not blank.network.answers("stranger", (network.EDGE, 8443))
    blank.reboot()
    assert blank.payfast.call("GET", "/eig/gsma/transactions/1").status == 200


def test_apt_can_ask_the_same_questions_without_a_terminal(blank, packages):
    machine = blank.machine
    provide(machine, packages)
    machine.run("debconf-set-selections", input=PRESEED)
    said = machine.shell(f"cd /srv/packages && {installation()}", timeout=90)
    for name in ["eigd.toml", "jumpd.toml", "identities/edge.key", "identities/edge.csr"]:
        assert machine.exists(f"/etc/eig/{name}"), (name, said)
    assert f'"{network.EDGE}:8443"' in machine.read("/etc/eig/eigd.toml")
    assert "203.0.113.131" in machine.read("/etc/eig/jumpd.toml")
    # Still closed: no certificate, no partner.
    assert ":8443" not in machine.run("ss", "-Hltn").out
    assert machine.state == "running", machine.run("systemctl", "--failed").out


def test_wrong_answers_configure_nothing_and_break_nothing(blank, packages):
    machine = blank.machine
    provide(machine, packages)
    machine.run("debconf-set-selections", input=PRESEED.replace(network.INSIDE, "banana"))
    said = machine.shell(f"cd /srv/packages && {installation()}", timeout=90)
    assert "banana" in said.out + said.err, said
    assert not machine.exists("/etc/eig/eigd.toml") and not machine.exists("/etc/eig/jumpd.toml")
    for name in ["eigd", "jumpd", "eigctl"]:
        assert str(machine.run("dpkg-query", "-W", "-f", "${db:Status-Status}", name)) == "installed"
