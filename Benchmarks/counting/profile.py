# SPDX-License-Identifier: Apache-2.0
"""What one callgrind dump says: instructions of each function, and how often each called each."""

import re
from collections import Counter
from typing import NamedTuple

#: `name=(12) text` defines a name, `name=(12)` repeats it, `name=text` is one written in full.
_NUMBERED = re.compile(r"\((\d+)\)(?: (.*))?$")


class Function(NamedTuple):
    """One function as callgrind names it: the object file it is in, and its symbol.

    Where callers are kept apart the symbol is `callee'caller'caller's caller`; see `callers`.
    """

    object: str
    symbol: str

    @property
    def name(self):
        return self.symbol.split("'", 1)[0]

    @property
    def callers(self):
        """The chain above it, nearest first, as far as the profile keeps it."""
        return self.symbol.split("'")[1:]

    @property
    def library(self):
        """The file name of its object, without folders and versions: `libcrypto`, `eigd`."""
        return self.object.rsplit("/", 1)[-1].split(".so", 1)[0].split(".", 1)[0]


class Profile:
    """Counts per function. Those of threads are added; those of windows subtracted, which takes set-up out."""

    def __init__(self, instructions=None, calls=None, inclusive=None):
        #: Function -> instructions spent in itself.
        self.instructions = Counter(instructions)
        #: Function -> how many times it was called.
        self.calls = Counter(calls)
        #: Function -> instructions spent in it and in all it called; too many for what calls itself.
        self.inclusive = Counter(inclusive)

    @property
    def total(self):
        return sum(self.instructions.values())

    def __sub__(self, other):
        return Profile(_difference(self.instructions, other.instructions), _difference(self.calls, other.calls),
                       _difference(self.inclusive, other.inclusive))

    def __add__(self, other):
        return Profile(self.instructions + other.instructions, self.calls + other.calls,
                       self.inclusive + other.inclusive)

    @classmethod
    def read(cls, path):
        with open(path, encoding="utf-8", errors="replace") as lines:
            return cls.parse(lines)

    @classmethod
    def parse(cls, lines):
        """Reads the format of callgrind's manual, "Callgrind Format Specification", for one event (Ir).

        Raises ValueError for another event or a total that is not the sum of the functions'.
        """
        profile = cls()
        names = {"ob": {}, "fn": {}}
        function = Function("", "")
        own_object = called_object = ""
        called = None
        total = 0
        for line in lines:
            line = line.rstrip("\n")
            if not line:
                continue
            if line[0].isdigit() or line[0] in "+-*":
                cost = int(line.split(" ", 2)[1])
                # The line after `calls=` is the cost of those calls, which the callee has in its own lines.
                if called is None:
                    profile.instructions[function] += cost
                else:
                    profile.inclusive[called] += cost
                    called = None
                continue
            key, mark, value = line.partition("=")
            if not mark:
                if line.startswith("events:") and line.split()[1:] != ["Ir"]:
                    raise ValueError(f"expected one event, Ir: {line}")
                if line.startswith("totals:"):
                    total += int(line.split()[1])
                continue
            if key == "ob":
                own_object = _name(names["ob"], value)
            elif key == "fn":
                function = Function(own_object, _name(names["fn"], value))
            elif key == "cob":
                called_object = _name(names["ob"], value)
            elif key == "cfn":
                called = Function(called_object or own_object, _name(names["fn"], value))
                called_object = ""
            elif key == "calls":
                profile.calls[called] += int(value.split(" ", 1)[0])
        if profile.total != total:
            raise ValueError(f"the functions' instructions are {profile.total}, the file's total is {total}")
        return profile


def _difference(left, right):
    """Counter's own `-` drops what is negative; here that is a finding."""
    result = Counter(left)
    result.subtract(right)
    return Counter({key: value for key, value in result.items() if value})


def _name(known, value):
    match = _NUMBERED.match(value)
    if not match:
        return value
    number, text = match.groups()
    if text is not None:
        known[number] = text
    return known[number]
