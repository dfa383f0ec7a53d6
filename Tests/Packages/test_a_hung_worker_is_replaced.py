# SPDX-License-Identifier: Apache-2.0
"""The watchdog hears each worker's own heart: one that stands still is enough to have eigd replaced."""

import contextlib
import ctypes
import os
import threading
from pathlib import Path

from container.load import Load
from support.programs import until

_PTRACE_INTERRUPT = 0x4207
_PTRACE_SEIZE = 0x4206
#: Threads that are no children of ours, too.
_WALL = 0x40000000
_libc = ctypes.CDLL(None)
#: The administrator's own, shorter than the unit's: nobody waits half a minute.
WATCHDOG = "[Service]\nWatchdogSec=2s\n"


def impatient(host, unit):
    host.machine.write(f"/etc/systemd/system/{unit}.d/watchdog.conf", WATCHDOG)
    host.machine.systemctl("daemon-reload")
    host.machine.systemctl("restart", unit)
    return host.machine.main_pid(unit)


def replaced(host, unit, before):
    until(lambda: host.machine.main_pid(unit) not in (0, before) and host.machine.is_active(unit), 30, 0.05,
          what=f"{unit} to be replaced: {host.machine.status(unit)}")
    assert "Watchdog timeout" in host.machine.journal("-u", unit)


def test_a_stopped_process_is_replaced_and_no_accepted_callback_lost(edge):
    process = impatient(edge, "eigd.service")
    # PayFast does not listen yet: what is accepted now waits in the store.
    with Load(edge, new=0, kept=0, callbacks=1) as load:
        pass
    edge.machine.run("kill", "-STOP", process)
    replaced(edge, "eigd.service", process)
    edge.delivered(load.accepted)
    assert edge.payfast.call("GET", "/eig/any/1").status == 200


def test_one_worker_that_stands_still_is_enough(edge):
    process = impatient(edge, "eigd.service")
    hang(edge, "worker")
    replaced(edge, "eigd.service", process)
    assert edge.payfast.call("GET", "/eig/any/1").status == 200


def test_a_stopped_enforcer_is_replaced(edge):
    process = impatient(edge, "jumpd-enforce.service")
    edge.machine.run("kill", "-STOP", process)
    replaced(edge, "jumpd-enforce.service", process)


def test_a_program_that_is_well_is_left_alone(edge):
    process = impatient(edge, "eigd.service")
    enforcer = impatient(edge, "jumpd-enforce.service")
    with Load(edge) as load:
        until(lambda: load.answered > 100, 20, what="answers")
        load.settle(200)
    assert load.failures == [], load
    assert edge.machine.main_pid("eigd.service") == process
    assert edge.machine.main_pid("jumpd-enforce.service") == enforcer


def hang(host, name):
    """Makes one thread of eigd stand still, as one that spins or waits for ever does; the others go on."""
    victim = _thread(host, name)
    began, outcome = threading.Event(), []

    def trace():
        # All of it on one thread: whoever traces another thread must also hear of its end, or it stays a zombie.
        for request in [_PTRACE_SEIZE, _PTRACE_INTERRUPT]:
            outcome.append(_libc.ptrace(request, victim, None, None))
        began.set()
        with contextlib.suppress(ChildProcessError):
            while not os.WIFSIGNALED(os.waitpid(victim, _WALL)[1]):
                pass
    threading.Thread(target=trace, daemon=True).start()
    assert began.wait(5) and outcome == [0, 0], outcome


def _thread(host, name):
    """The first thread of eigd with this name, as this side numbers it."""
    inside = host.machine.main_pid("eigd.service")
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            text = status.read_text()
            spaces = next(line for line in text.splitlines() if line.startswith("NSpid:")).split()
            if spaces[-1] == str(inside) and len(spaces) > 2 and "Name:\teigd" in text:
                for task in (status.parent / "task").iterdir():
                    if (task / "comm").read_text().startswith(name):
                        return int(task.name)
    raise AssertionError(f"eigd has no thread {name}")


