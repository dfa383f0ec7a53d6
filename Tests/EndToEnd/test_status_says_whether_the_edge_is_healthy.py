# SPDX-License-Identifier: Apache-2.0
"""eigctl status: its first line and its exit status, while programs run and while they do not, and watched."""

import json
import os
import pty
import select
import signal
import subprocess
import time

from support.programs import programs, until
from support.server import Answer


def command(edge, *arguments):
    return [str(programs() / "eigctl"), "status", *arguments, "--config", str(edge.configuration.folder),
            "--control-eigd", edge.control.path, "--control-enforce", edge.enforcer.path]


def verdict(edge):
    result = edge.eigctl("status", "--json")
    return result.returncode, json.loads(result.stdout)["verdict"]


def test_the_first_line_says_what_is_wrong(lab):
    lab.txn, lab.rpt
    lab.configuration.write()
    status, found = verdict(lab)
    assert status == 1 and found["state"] == "failing", found
    assert len([reason for reason in found["reasons"] if reason["state"] == "failing"]) == 2, found
    assert "server" in lab.eigctl("status").stdout, "certificates are shown while nothing runs"

    lab.start(enforce=True)
    status, found = verdict(lab)
    # The certificates of these tests end within 30 days.
    assert {reason["text"].split(" ends in ")[0].split(" ")[1] for reason in found["reasons"]} <= {"certificate"}, found
    assert status == (2 if found["reasons"] else 0)

    lab.payfast_callbacks.behaviour = lambda request: Answer(404)
    lab.partners["payfast"]["callbacks"]["give-up-after"] = "1m"
    lab.callback("payfast", "K-1", {"transactionId": "TP1"})
    until(lambda: any("paused" in reason["text"] or "callback" in reason["text"] for reason in verdict(lab)[1]["reasons"]),
          timeout=20, every=0.2, what="a reason about callbacks")

    lab.eigd.kill()
    result = lab.eigctl("status")
    assert result.returncode == 1 and result.stdout.startswith("FAILING: eigd: "), result
    lab.start_eigd()


def read(terminal, seconds):
    """What comes within the time."""
    data, end = b"", time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if select.select([terminal], [], [], left)[0]:
            try:
                data += os.read(terminal, 65536)
            except OSError:
                break
    return data


def watched(edge, end):
    """Starts it on a terminal, ends it, and gives what was seen, the exit status, and the terminal's mode before and after."""
    ours, theirs = pty.openpty()
    before = subprocess.run(["stty", "-g"], stdin=theirs, capture_output=True, check=True).stdout
    process = subprocess.Popen(command(edge, "--watch=1"), stdin=theirs, stdout=theirs, stderr=theirs,
                               start_new_session=True, env={**os.environ, "TERM": "xterm"})
    try:
        seen = read(ours, 2.5)
        end(process, ours)
        status = process.wait(10)
        seen += read(ours, 0.2)
    finally:
        if process.poll() is None:
            process.kill()
    after = subprocess.run(["stty", "-g"], stdin=theirs, capture_output=True, check=True).stdout
    os.close(ours)
    os.close(theirs)
    return seen, status, before == after


def test_it_is_drawn_again_in_its_place_until_a_key_or_a_signal_ends_it(edge):
    ends = [lambda process, terminal: os.write(terminal, b"q"), lambda process, terminal: os.write(terminal, b"\x03"),
            lambda process, terminal: process.send_signal(signal.SIGTERM)]
    for end in ends:
        seen, status, is_restored = watched(edge, end)
        assert status in (0, 1, 2) and is_restored, (status, seen)
        assert seen.count(b"\x1b[H") >= 3 and seen.count(b"\x1b[2J") == 1, "it was blanked, or not drawn again"
        assert seen.rstrip().endswith(b"\x1b[?25h"), "the cursor did not come back"


def test_without_a_terminal_it_is_printed_again(edge):
    process = subprocess.Popen(command(edge, "--watch=1"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    try:
        seen = read(process.stdout.fileno(), 2.6)
    finally:
        process.terminate()
        process.wait(10)
    assert seen.count(b"PARTNER ") >= 2 and b"\x1b" not in seen, seen
    process.stdout.close()
    json_watch = subprocess.Popen(command(edge, "--watch=1", "--json"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    first, second = json_watch.stdout.readline(), json_watch.stdout.readline()
    json_watch.stdout.close()
    json_watch.terminate()
    json_watch.wait(10)
    assert json.loads(first)["schema"] == "eig/1" and (json.loads(second or b"{}") or not second)
