# SPDX-License-Identifier: Apache-2.0
"""The processor time of one operation, in user mode and in the kernel: what callgrind does not see. By the clock."""

import os

from .scene import Scene


def times(programs, operation, gateway="eigd", seconds=5):
    """Microseconds of user and of kernel time per operation, of the gateway as it is, without callgrind.

    The kernel samples which of both it is; both together are exact.
    """
    with Scene(programs, gateway=gateway) as scene:
        before = _ticks(scene.gateway.pid)
        result = scene.load(operation.mode, operation.connections, seconds=seconds)
        after = _ticks(scene.gateway.pid)
        user, system = (end - begin for begin, end in zip(before, after))
        exact = result["watchedNanoseconds"] / 1000 / result["requests"]
        return exact * user / (user + system), exact * system / (user + system)


def _ticks(pid):
    """Clock ticks in user and kernel mode (proc(5), fields 14 and 15)."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return [int(fields[11]) / os.sysconf("SC_CLK_TCK"), int(fields[12]) / os.sysconf("SC_CLK_TCK")]
