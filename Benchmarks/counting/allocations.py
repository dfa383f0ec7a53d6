# SPDX-License-Identifier: Apache-2.0
"""Who allocates: the calls of the heap's functions in a profile that keeps their callers apart."""

from collections import Counter

from .symbols import module

#: What counts as one allocation. A realloc may move nothing; it is counted all the same.
FUNCTIONS = ("malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc", "memalign")
#: How many callers callgrind keeps for each: enough to pass the runtime's and the standard library's frames.
DEPTH = 20

#: What is built here.
PROGRAMS = ("eigd", "edge-floor")

#: Frames that only hand an allocation on.
_PASSING = ("swift_slowAlloc", "swift_allocObject", "swift_bufferAllocate", "swift_initStackObject")
_OPENSSL = ("CRYPTO_malloc", "CRYPTO_zalloc", "CRYPTO_realloc", "CRYPTO_calloc")


def options():
    """What makes callgrind record what this module reads."""
    return [f"--separate-callers{DEPTH}={function}" for function in FUNCTIONS]


class Allocations:
    """Allocations by owner: `ours` (our program and the Swift libraries), `openssl`, or the library that asked."""

    def __init__(self, profile):
        library = {function.name: function.library for function in profile.instructions}
        self._library = library
        self.by_owner = {}
        for function, count in profile.calls.items():
            if function.name in FUNCTIONS and count:
                owner = _owner(function.callers, library)
                self.by_owner.setdefault(owner, Counter())[tuple(function.callers)] += count

    def count(self, owner):
        return sum(self.by_owner.get(owner, {}).values())

    def callers(self, owner, depth=4):
        """(calls, callers nearest first), most calls first.

        A chain is the function that asked the runtime and the nearest of our own above it, `depth` in all: what the
        standard library does in between says little.
        """
        merged = Counter()
        for chain, count in self.by_owner.get(owner, {}).items():
            named = [name for name in chain if name not in _PASSING]
            rest = [name for name in named[1:] if self._library.get(name) in PROGRAMS and module(name) != "Swift"]
            merged[tuple([*named[:1], *rest][:depth])] += count
        return [(count, chain) for chain, count in merged.most_common() if count]


def _owner(callers, library):
    """Who asked for the memory: the nearest caller, unless it is an allocator of ours that OpenSSL calls."""
    if any(name in _OPENSSL for name in callers[:2]):
        return "openssl"
    # The stub a library calls another through has no object of its own.
    known = [library.get(name, "") for name in callers]
    nearest = next((each for each in known if each != "???"), "")
    if nearest in ("libssl", "libcrypto"):
        return "openssl"
    if nearest in PROGRAMS or nearest.startswith(("libswift", "libFoundation", "lib_Foundation")):
        return "ours"
    return nearest or "unknown"
