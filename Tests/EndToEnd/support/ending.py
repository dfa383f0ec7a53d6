# SPDX-License-Identifier: Apache-2.0
"""A test run that is told to end: what its fixtures made is taken down first, namespaces and machines with it."""

import os
import signal

import pytest


def end_in_order():
    """From now on SIGTERM and SIGHUP end the run as Ctrl-C does, with the exit status of who was terminated."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        # nohup(1) and a shell's background jobs mean it when they ignore one.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def _end(number, _):
    # Whoever is impatient and says it again would leave behind what the first time is just being taken down.
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, _once_is_enough)
    os.write(2, f"\n{signal.Signals(number).name}: taking down what was made\n".encode())
    pytest.exit(f"ended by {signal.Signals(number).name}", returncode=128 + number)


def _once_is_enough(*_):
    """Not SIG_IGN, which every program that is started from now on would inherit."""
