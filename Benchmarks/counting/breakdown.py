# SPDX-License-Identifier: Apache-2.0
"""Where the instructions of one operation go, by part of the program."""

from collections import Counter

from .allocations import PROGRAMS
from .symbols import module

#: Library -> part. What is not here is "other".
_PARTS = {"libssl": "TLS: libssl", "libcrypto": "TLS: libcrypto", "libc": "libc",
          "ld-linux-x86-64": "libc: dynamic linker", "libsqlite3": "SQLite", "libstdc++": "libstdc++"}
#: Our modules -> part.
_OURS = {"C": "ours: C shims", "Swift": "ours: standard library, specialised"}


def parts(measurement):
    """Part -> instructions per operation, largest first."""
    result = Counter()
    for function, instructions in measurement.profile.instructions.items():
        if function.library in PROGRAMS:
            name = module(function.name)
            part = _OURS.get(name, f"ours: {name}")
        elif function.library.startswith("libswift"):
            part = "Swift runtime and library"
        else:
            part = _PARTS.get(function.library, "other")
        result[part] += instructions / measurement.count
    return dict(result.most_common())


def table(measurement, least=0.002):
    """The parts and the dearest functions, as lines of Markdown."""
    total = measurement.instructions
    lines = [f"### {measurement.operation.name}: {measurement.operation.summary}", "",
             f"{total:,.0f} user instructions, {measurement.allocations:.2f} allocations of ours, "
             f"{measurement.allocated.count('openssl') / measurement.count:.2f} of OpenSSL's; socket calls: "
             + ", ".join(f"{count:.2f} {name}" for name, count in measurement.socket_calls.items()), "",
             "| part | instructions | share |", "|---|---:|---:|"]
    lines += [f"| {part} | {count:,.0f} | {count / total:.1%} |" for part, count in parts(measurement).items()
              if count >= total * least]
    lines += ["", "| function of ours | instructions with all it calls |", "|---|---:|"]
    lines += [f"| {name} | {count:,.0f} |" for name, count in measurement.inclusive if count >= total * 0.01]
    lines += ["", "| function | instructions in itself |", "|---|---:|"]
    lines += [f"| {name} | {count:,.0f} |" for name, count in list(measurement.functions.items())[:30]]
    return lines
