# SPDX-License-Identifier: Apache-2.0

import pytest

from bench import callgrind, calls
from bench.log import Log
from bench.peer import filled

STRACE = """\
77 execve("/usr/sbin/edge", ["edge"], 0x7ffc /* 20 vars */) = 0
77 read(3</usr/lib/libc.so.6>, ""..., 832) = 832
77 epoll_wait(5<anon_inode:[eventpoll]>, [{events=EPOLLIN}], 64, -1) = 1
77 recvfrom(12<socket:[4242]>, ""..., 16384, 0, NULL, NULL) = 240
77 sendto(13<socket:[4243]>, ""..., 300, MSG_NOSIGNAL, NULL, 0 <unfinished ...>
78 write(7</var/log/edge.log>, ""..., 89 <unfinished ...>
77 <... sendto resumed>) = 300
78 <... write resumed>) = 89
77 read(12<socket:[4242]>, 0x5581, 16384) = -1 EAGAIN (Resource temporarily unavailable)
77 write(8<anon_inode:[eventfd]>, ""..., 8) = 8
77 getpid() = 77
77 +++ exited with 0 +++
"""


def test_calls_are_counted_once_and_told_apart_by_what_they_are_on():
    assert calls.counted(STRACE.splitlines()) == {
        "execve": 1, "read (file)": 1, "epoll_wait": 1, "recvfrom": 1, "sendto": 1, "write (file)": 1,
        "read": 1, "write (no socket)": 1, "getpid": 1}


def test_no_call_is_no_count():
    with pytest.raises(ValueError):
        calls.counted(["strace: not permitted"])


def test_calls_are_grouped_by_what_they_do():
    grouped = calls.grouped({"read": 1, "recvfrom": 1.5, "writev": 2, "epoll_wait": 9, "getpid": 0.25,
                             "write (file)": 0.5})
    assert grouped == (2.5, 2, 0.75)


@pytest.mark.parametrize("text", ["events: Ir\nsummary: 123\nfn=x\n", "fn=x\ntotals: 123\n"])
def test_a_profile_has_its_total(text):
    assert callgrind.total(text) == 123


def test_a_profile_cut_short_has_none():
    with pytest.raises(ValueError):
        callgrind.total("events: Ir\nfn=x\n")


def test_a_log_is_counted_once_however_often_it_is_emptied(tmp_path):
    path = tmp_path / "log"
    log = Log(path)
    for text in ["a\nb\n", "", "c\n"]:
        with open(path, "a") as file:
            file.write(text)
        log.drain()
    assert log.lines == 3
    assert path.stat().st_size == 0


def test_a_configuration_with_a_word_nobody_gave_is_refused():
    assert filled("bind @port@ user@example", {"port": 7}) == "bind 7 user@example"
    with pytest.raises(KeyError):
        filled("bind @port@", {})
