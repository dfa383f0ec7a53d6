# SPDX-License-Identifier: Apache-2.0
"""The root file system of a Debian 12 host, made once by mmdebstrap and kept as an archive."""

import hashlib
import os
import subprocess
from pathlib import Path

from support import debian

#: What a server has before ours comes: an init, a bus, a network, and what its administrator types.
PACKAGES = ["ca-certificates", "curl", "dbus", "debconf", "init-system-helpers", "iproute2", "nftables", "openssl",
            "procps", "systemd", "systemd-sysv"]
#: For the tests: a clock that can be set for one program, and what debian/tests needs.
TESTING = ["conntrack", "libfaketime"]
#: What an administrator with tunnels adds: its packages lie in LATER, and no machine has it from the start.
ADDED = ["libnss3-tools", "libreswan"]
LATER = "/srv/later"
#: The programs the machines need here, and the packages they come in.
TOOLS = {"mmdebstrap": "mmdebstrap", "systemd-nspawn": "systemd-container", "dpkg-deb": "dpkg"}


def archive(folder, packages):
    """The archive below `folder` that holds `packages` and all they need; made where there is none yet.

    Its name is a digest of the list: another list is another archive. Debian's updates since then are not in it;
    removing the file brings them in.
    """
    names = sorted({*PACKAGES, *TESTING, *packages})
    sources = debian.sources()
    recipe = "\n".join([debian.SUITE, *names, LATER, *ADDED, *(Path(source).read_text() for source in sources)])
    path = Path(folder) / f"{debian.SUITE}-{hashlib.sha256(recipe.encode()).hexdigest()[:16]}.tar"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    debian.give_back(path.parent)
    partial = path.with_suffix(f".{os.getpid()}.tar")
    command = ["mmdebstrap", "--quiet", "--variant=minbase", "--mode=root", f"--include={','.join(names)}",
               '--aptopt=Acquire::Languages "none"',
               '--customize-hook=APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get install --quiet --yes --download-only '
               f'--no-install-recommends {" ".join(ADDED)}',
               f'--customize-hook=mkdir "$1{LATER}" && mv "$1"/var/cache/apt/archives/*.deb "$1{LATER}"',
               # No address of this machine's name server, no name of its own, no identity: each boot has a new one.
               '--customize-hook=rm -f "$1/etc/resolv.conf" "$1/etc/machine-id"',
               '--customize-hook=echo uninitialized >"$1/etc/machine-id"; echo edge >"$1/etc/hostname"',
               debian.SUITE, str(partial), *sources]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"mmdebstrap: {done.stderr[-4000:]}")
        partial.rename(path)
    finally:
        partial.unlink(missing_ok=True)
    debian.give_back(path)
    return path


def unpack(path, folder):
    """The root as a folder: the lowest layer of every machine, never written to."""
    Path(folder).mkdir()
    subprocess.run(["tar", "-xpf", str(path), "-C", str(folder), "--xattrs-include=*"], check=True, timeout=120)
    return Path(folder)
