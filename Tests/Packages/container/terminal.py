# SPDX-License-Identifier: Apache-2.0
"""An administrator at a terminal of a machine: reads what is asked, types the answer."""

import os
import pty
import re
import select
import time

#: How programs of ours ask: the question's name, what is taken for an empty line, a colon.
_QUESTION = re.compile(r"(?:^|\n)([a-z-]+)(?: \[[^\]\n]*\])?: $")
_CONSENT = re.compile(r"\[y/N\] $")


def interview(machine, command, answers, timeout=60):
    """Runs a command at a terminal and answers each question by its name: an empty line where `answers` has none, and yes.

    Returns the exit status and all that was on the screen.
    """
    ours, theirs = pty.openpty()
    process = machine.popen(*command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    screen, answered = "", 0
    end = time.monotonic() + timeout
    try:
        while True:
            assert time.monotonic() < end, f"{command} waits for something else: {screen[-1000:]}"
            if not select.select([ours], [], [], 0.2)[0]:
                continue
            try:
                data = os.read(ours, 65536)
            except OSError:
                # The last who had the terminal open is gone.
                break
            if not data:
                break
            screen += data.decode(errors="replace").replace("\r", "")
            question = _QUESTION.search(screen[answered:])
            if question or _CONSENT.search(screen[answered:]):
                answered = len(screen)
                os.write(ours, (answers.get(question[1], "") if question else "y").encode() + b"\n")
    finally:
        os.close(ours)
        if process.poll() is None:
            try:
                process.wait(5)
            except Exception:
                process.kill()
                raise
    return process.wait(), screen
