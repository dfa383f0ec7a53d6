# SPDX-License-Identifier: Apache-2.0

import pytest

from bench import callgrind, calls
from bench.log import Log
from bench.peer import filled

STRACE = """% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 41.34    0.004821           4      1200           sendto
 29.70    0.003464           2      1204         4 recvfrom
  0.00    0.000000           0         1           execve
------ ----------- ----------- --------- --------- ----------------
100.00    0.011662           3      2405         4 total
"""


def test_calls_are_counted_with_and_without_errors_and_without_the_total():
    assert calls.parsed(STRACE) == {"sendto": 1200, "recvfrom": 1204, "execve": 1}


def test_no_table_is_no_count():
    with pytest.raises(ValueError):
        calls.parsed("strace: not permitted\n")


def test_calls_are_grouped_by_what_they_do():
    grouped = calls.grouped({"read": 1, "recvfrom": 1.5, "writev": 2, "epoll_wait": 9, "getpid": 0.25})
    assert grouped == (2.5, 2, 0.25)


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
