# SPDX-License-Identifier: Apache-2.0
"""Names a person can read: Swift's symbols through `swift demangle`, where there is one."""

import shutil
import subprocess


def readable(symbols):
    """Symbol -> readable name, for each of `symbols`."""
    symbols = list(symbols)
    swift = shutil.which("swift")
    mangled = [symbol for symbol in symbols if symbol.startswith("$s")]
    names = dict(zip(symbols, symbols))
    if swift and mangled:
        done = subprocess.run([swift, "demangle", "--compact", "--simplified"], input="\n".join(mangled) + "\n",
                              text=True, capture_output=True, check=False, timeout=60)
        lines = done.stdout.splitlines()
        if done.returncode == 0 and len(lines) == len(mangled):
            names.update(zip(mangled, lines))
    return names


def module(symbol):
    """The Swift module a mangled symbol belongs to; `C` for any other symbol."""
    if not symbol.startswith("$s"):
        return "C"
    rest = symbol[2:]
    digits = len(rest) - len(rest.lstrip("0123456789"))
    if digits == 0:
        # `$ss…`, `$sS…`: the standard library, specialised for us.
        return "Swift"
    length = int(rest[:digits])
    return rest[digits:digits + length]
