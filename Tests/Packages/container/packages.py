# SPDX-License-Identifier: Apache-2.0
"""The packages under test: found, read, and made again as another version."""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
#: What a host gets; the sandbox is for those who try it.
NAMES = ["eigd", "jumpd", "eigctl"]
SANDBOX = "eig-sandbox"


def folder():
    """Where `make deb` left them."""
    return Path(os.environ.get("EIG_PACKAGES") or ROOT / ".build" / "deb").resolve()


class Package:
    """One .deb."""

    def __init__(self, path):
        self.path = Path(path)

    def field(self, name):
        return subprocess.run(["dpkg-deb", "--field", str(self.path), name], capture_output=True, text=True,
                              check=True).stdout.strip()

    @property
    def name(self):
        return self.field("Package")

    @property
    def version(self):
        return self.field("Version")

    @property
    def dependencies(self):
        """The names of what it needs, the first of each alternative; not each other's."""
        text = ", ".join(filter(None, [self.field("Pre-Depends"), self.field("Depends"), self.field("Recommends")]))
        names = [re.split(r"[ (|:]", each.strip())[0] for each in text.split(",") if each.strip()]
        return [name for name in names if name not in [*NAMES, SANDBOX]]

    def extract(self, target):
        subprocess.run(["dpkg-deb", "--extract", str(self.path), str(target)], check=True)
        return Path(target)

    def remade(self, target, version, change=None):
        """The same package as another version; `change` is given its tree, with DEBIAN in it, to alter."""
        target = Path(target)
        target.mkdir(parents=True, exist_ok=True)
        tree = target / f"{self.name}-{version}"
        subprocess.run(["dpkg-deb", "--raw-extract", str(self.path), str(tree)], check=True)
        control = tree / "DEBIAN" / "control"
        text = re.sub(r"(?m)^Version: .*$", f"Version: {version}", control.read_text())
        # Packages of one source may name each other's version.
        text = text.replace(f"(= {self.version})", f"(= {version})").replace(f"(>= {self.version})", f"(>= {version})")
        control.write_text(text)
        if change:
            change(tree)
        _digest(tree)
        path = target / f"{self.name}_{version}_{self.field('Architecture')}.deb"
        subprocess.run(["dpkg-deb", "--build", "-Znone", str(tree), str(path)], check=True, capture_output=True)
        shutil.rmtree(tree)
        return Package(path)


def _digest(tree):
    """md5sums as dpkg keeps them, for `dpkg --verify`."""
    lines = []
    conffiles = tree / "DEBIAN" / "conffiles"
    kept = set(conffiles.read_text().split()) if conffiles.exists() else set()
    for path in sorted(tree.rglob("*")):
        name = path.relative_to(tree)
        if path.is_file() and not path.is_symlink() and name.parts[0] != "DEBIAN" and f"/{name}" not in kept:
            digest = hashlib.md5(path.read_bytes(), usedforsecurity=False)
            lines.append(f"{digest.hexdigest()}  {name}\n")
    (tree / "DEBIAN" / "md5sums").write_text("".join(lines))


def built():
    """The newest package of each name that was built."""
    found = {}
    for path in sorted(folder().glob("*.deb"), key=lambda path: path.stat().st_mtime):
        package = Package(path)
        if not package.name.endswith("-dbgsym"):
            found[package.name] = package
    return found
