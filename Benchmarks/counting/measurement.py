# SPDX-License-Identifier: Apache-2.0
"""The figures of one operation: its profile divided by how often it was done."""

from collections import Counter
from functools import cached_property

from .allocations import PROGRAMS, Allocations
from .symbols import readable

#: libc's functions that are one system call on a socket or on epoll's list of them. epoll_wait, the log's write and
#: the wake-ups between threads are left out: how many there are depends on how requests fall together.
SOCKET_CALLS = ("read", "readv", "recv", "recvfrom", "recvmsg", "send", "sendto", "sendmsg", "sendfile", "splice",
                "accept4", "connect", "shutdown", "epoll_ctl", "setsockopt", "getsockopt", "getpeername",
                "getsockname")

#: How the names of functions begin that the compiler puts between a call and what is called.
_THUNKS = ("partial apply", "closure #", "protocol witness", "dispatch thunk", "@objc")


class Measurement:
    """What `count` operations cost, as figures per operation."""

    def __init__(self, operation, profile, count=None):
        self.operation = operation
        self.profile = profile
        self.count = count or operation.counted
        self.allocated = Allocations(profile)

    @property
    def instructions(self):
        """User instructions; what the kernel does is not seen by callgrind."""
        return self.profile.total / self.count

    @property
    def allocations(self):
        """Calls of malloc and its like by eigd and the Swift libraries; OpenSSL's and libc's own are not ours.

        What grows once a minute may have grown in the shorter window: less than nothing is nothing.
        """
        return max(0, self.allocated.count("ours") / self.count)

    @cached_property
    def socket_calls(self):
        return self._calls(SOCKET_CALLS)

    @property
    def figures(self):
        """What the budget holds, by the names it has there."""
        return {"instructions": round(self.instructions),
                "allocations": round(self.allocations, 2),
                "socket-calls": round(sum(self.socket_calls.values()), 2)}

    @cached_property
    def functions(self):
        """`library: function` -> instructions per operation in the function itself, largest first."""
        merged = Counter()
        for function, instructions in self.profile.instructions.items():
            # A function without a symbol has an address for a name: another one in every build of the library.
            name = "(no name)" if function.name.startswith("0x") else function.name
            merged[(function.library, name)] += instructions
        names = readable({name for _, name in merged})
        result = Counter()
        for (library, name), instructions in merged.items():
            result[f"{library}: {names[name]}"] += instructions / self.count
        return dict(result.most_common())

    @cached_property
    def inclusive(self):
        """(function of ours, instructions per operation in it and in all it calls), largest first."""
        found = Counter()
        for function, instructions in self.profile.inclusive.items():
            if function.library in PROGRAMS:
                found[function.name] += instructions / self.count
        # What takes everything says nothing: the loop and what started it. Nor does what only calls on.
        found = [(name, count) for name, count in found.most_common() if count < 0.98 * self.instructions][:80]
        names = readable([name for name, _ in found])
        return [(names[name], count) for name, count in found if not names[name].startswith(_THUNKS)]

    @property
    def details(self):
        """What the figures are made of: kind -> name -> figure per operation."""
        inclusive = Counter()
        for name, count in self.inclusive:
            inclusive[name] += count
        allocations = Counter()
        for count, chain in self.allocating():
            allocations[" < ".join(chain)] += count
        return {"function": self.functions, "inclusive": dict(inclusive), "allocations": dict(allocations)}

    def allocating(self, owner="ours", depth=4, least=0.005):
        """(allocations per operation, callers nearest first) of `owner`, most first."""
        found = [(count / self.count, chain) for count, chain in self.allocated.callers(owner, depth)]
        found = [(count, chain) for count, chain in found if count >= least]
        names = readable({name for _, chain in found for name in chain})
        return [(count, [names[name] for name in chain]) for count, chain in found]

    def _calls(self, wanted):
        counted = Counter()
        for function, calls in self.profile.calls.items():
            # `recv@@GLIBC_2.2.5` and `__recv` are `recv`.
            name = function.name.split("@", 1)[0].lstrip("_").removeprefix("libc_")
            if name in wanted and function.library in ("libc", "libpthread"):
                counted[name] += calls / self.count
        return {name: calls for name, calls in counted.most_common() if calls >= 0.005}
