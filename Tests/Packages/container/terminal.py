# SPDX-License-Identifier: Apache-2.0
"""An administrator at a terminal of a machine: types commands into a shell, reads what is asked, types the answer."""

import os
import pty
import re
import select
import subprocess
import time

#: The shell's own: the exit status of the command before, so that it is on the screen.
_PROMPT = re.compile(r"(?:^|\n)\[(\d+)\] # $")
#: How programs of ours ask: the question's name, what is taken for an empty line, a colon.
_QUESTION = re.compile(r"(?:^|\n)([a-z-]+)(?: \[[^\]\n]*\])?: $")
_CONSENT = re.compile(r"\[y/N\] $")
#: How debconf asks, at installation, whether it shall ask everything else.
_DEBCONF = re.compile(r"\[yes/no\] +$")


class Typed:
    """One command: how it ended, and all that was on the screen."""

    def __init__(self, line, code, screen):
        self.line = line
        self.code = code
        self.screen = screen

    def __repr__(self):
        return f"<{self.line}: {self.code}\n{self.screen[-3000:]}>"


class Terminal:
    """A shell of root's in a folder, with a terminal of its own and nothing in its environment that answers for somebody."""

    def __init__(self, machine, folder):
        self._ours, theirs = pty.openpty()
        self._screen = ""
        shell = ["env", "-u", "DEBIAN_FRONTEND", "PS1=[$?] # ", "setsid", "--ctty", "--wait",
                 "sh", "-c", 'cd "$0" && exec bash --norc --noprofile --noediting -i', folder]
        self._process = machine.popen(*shell, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
        os.close(theirs)

    def __enter__(self):
        self._until_prompt("a shell", {}, 20)
        return self

    def __exit__(self, *_):
        # The shell hears of it as of a line that was cut.
        os.close(self._ours)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def type(self, line, answers=(), timeout=60):
        """Types a command and answers each question by its name: an empty line where `answers` has none.

        Its consent is given; to what debconf asks the answer is no.
        """
        self._screen = ""
        os.write(self._ours, line.encode() + b"\n")
        return self._until_prompt(line, dict(answers), timeout)

    def _until_prompt(self, line, answers, timeout):
        answered, end = 0, time.monotonic() + timeout
        while True:
            assert time.monotonic() < end, f"{line} waits for something else: {self._screen[-1000:]}"
            if not select.select([self._ours], [], [], 0.2)[0]:
                continue
            try:
                data = os.read(self._ours, 65536)
            except OSError:
                data = b""
            assert data, f"the shell ended: {self._screen[-1000:]}"
            self._screen += data.decode(errors="replace").replace("\r", "")
            fresh = self._screen[answered:]
            if prompt := _PROMPT.search(fresh):
                return Typed(line, int(prompt[1]), self._screen)
            answer = self._answer(fresh, answers)
            if answer is not None:
                answered = len(self._screen)
                os.write(self._ours, answer.encode() + b"\n")

    @staticmethod
    def _answer(screen, answers):
        if question := _QUESTION.search(screen):
            return answers.get(question[1], "")
        if _CONSENT.search(screen):
            return "y"
        return "no" if _DEBCONF.search(screen) else None
