# SPDX-License-Identifier: Apache-2.0
"""The guest's disk: a Debian 12 with both IKE daemons, made once by mmdebstrap and kept as a sparse ext4 image."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from support import debian

#: What the edge runs on, what the scenarios drive it with, and what our programs are linked against.
PACKAGES = ["ca-certificates", "conntrack", "curl", "iproute2", "iputils-ping", "kmod", "libmnl0",
            "libnetfilter-conntrack3", "libnftnl11", "libnss3-tools", "libreswan", "libsqlite3-0", "libssl3",
            "libstdc++6", "libstrongswan", "libstrongswan-standard-plugins", "libsystemd0", "nftables", "openssl",
            "procps", "python3", "python3-pytest", "python3-pytest-timeout", "strongswan-swanctl", "tcpdump"]
#: Debian does not let both IKE daemons be installed on one host, and they share no file: these are unpacked.
UNPACKED = ["charon-systemd", "strongswan-libcharon"]
#: The programs needed here, and the packages they come in.
TOOLS = {"mmdebstrap": "mmdebstrap", "mke2fs": "e2fsprogs"}
_INIT = Path(__file__).with_name("init")
_SIZE = "1200M"


def image(folder):
    """The image below `folder`, made where there is none yet: a minute.

    Its name is a digest of what goes in: another list is another image. Debian's updates since then are not in it;
    removing the file brings them in.
    """
    sources = debian.sources()
    recipe = "\n".join([debian.SUITE, *PACKAGES, *UNPACKED, _SIZE, Path(__file__).read_text(), _INIT.read_text(),
                        *(Path(source).read_text() for source in sources)])
    path = Path(folder) / f"{debian.SUITE}-{hashlib.sha256(recipe.encode()).hexdigest()[:16]}.ext4"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    debian.give_back(path.parent)
    with tempfile.TemporaryDirectory(prefix="eig-vpn-root-") as scratch:
        root, partial = Path(scratch) / "root", path.with_suffix(f".{os.getpid()}.part")
        try:
            _bootstrap(root, sources)
            subprocess.run(["truncate", f"--size={_SIZE}", str(partial)], check=True)
            # No journal: a guest's disk is thrown away with it.
            subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-O", "^has_journal", "-d", str(root), str(partial)],
                           check=True, timeout=120)
            partial.rename(path)
        finally:
            partial.unlink(missing_ok=True)
            shutil.rmtree(root, ignore_errors=True)
    debian.give_back(path)
    return path


def _bootstrap(root, sources):
    unpack = ('cd "$1" && mkdir -p tmp/unpacked && cd tmp/unpacked && '
              f'APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get -qq download {" ".join(UNPACKED)} && '
              # /lib is a link, and stays one.
              'for package in *.deb; do dpkg-deb --fsys-tarfile "$package" | tar -x -C "$1" --keep-directory-symlink; '
              'done && rm -rf "$1/tmp/unpacked"')
    command = ["mmdebstrap", "--quiet", "--variant=minbase", "--mode=root", f"--include={','.join(PACKAGES)}",
               '--aptopt=Acquire::Languages "none"', "--dpkgopt=path-exclude=/usr/share/man/*",
               "--dpkgopt=path-exclude=/usr/share/locale/*", "--dpkgopt=path-exclude=/usr/share/doc/*",
               f"--customize-hook={unpack}",
               # No address of this machine's name server, and no name of its own.
               '--customize-hook=rm -f "$1/etc/resolv.conf"; echo guest >"$1/etc/hostname"',
               # The kernel hands what it does not know, EIG_SHARE= and the like, to its first process.
               "--customize-hook=copy-in " + str(_INIT) + " /sbin",
               debian.SUITE, str(root), *sources]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"mmdebstrap: {done.stderr[-4000:]}")
