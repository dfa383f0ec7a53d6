# SPDX-License-Identifier: Apache-2.0
"""The format is that of callgrind's manual; the samples are what callgrind 3.19 wrote."""

import pytest

from counting.profile import Function, Profile

LOG = Function("/usr/sbin/eigd", "$s4Edge16ServerConnectionC9logAccessyyF")
HEAD = "events: Ir\n"


def test_a_functions_own_instructions_leave_out_those_of_what_it_calls(two):
    assert two.total == 1351
    assert two.instructions[LOG] == 16 + 6 + 12 + 2 + 8 + 4 + 2 + 4 + 2 + 8 + 2 + 4 + 2 + 4 + 2 + 12


def test_calls_are_added_up_over_all_callers(two):
    assert two.calls[LOG] == 2
    assert two.calls[Function("/usr/lib/x86_64-linux-gnu/libc.so.6", "free")] == 2 + 2 + 2 + 2


def test_the_difference_of_two_windows_is_the_work_between_them(two, five):
    three = five - two
    assert three.calls[LOG] == 3
    assert three.total == five.total - two.total
    # What both did equally often is not in it.
    assert Function("/usr/sbin/eigd", "main") not in three.calls


def test_what_became_less_is_kept(two, five):
    assert (two - five).calls[LOG] == -3


def test_names_may_be_numbers_that_were_defined_before():
    profile = Profile.parse((HEAD + "ob=(1) /lib/a.so.6\nfn=(1) first\n0 5\ncob=(2) /lib/b.so\ncfn=(2) second\n"
                             "calls=3 0\n0 60\nob=(2)\nfn=(2)\n0 60\ntotals: 65\n").splitlines())
    assert profile.instructions == {Function("/lib/a.so.6", "first"): 5, Function("/lib/b.so", "second"): 60}
    assert profile.calls == {Function("/lib/b.so", "second"): 3}


def test_a_call_without_an_object_stays_in_the_callers():
    profile = Profile.parse((HEAD + "ob=x\nfn=f\n0 1\ncob=y\ncfn=g\ncalls=1 0\n0 9\ncfn=h\ncalls=2 0\n0 9\n"
                             "totals: 1\n").splitlines())
    assert profile.calls == {Function("y", "g"): 1, Function("x", "h"): 2}


@pytest.mark.parametrize("text", [HEAD + "fn=f\n0 5\ntotals: 6\n", "events: Ir Dr\nfn=f\n0 5 1\ntotals: 5 1\n"])
def test_a_file_that_does_not_add_up_or_counts_something_else_is_refused(text):
    with pytest.raises(ValueError):
        Profile.parse(text.splitlines())


@pytest.mark.parametrize("path, library", [
    ("/usr/lib/x86_64-linux-gnu/libcrypto.so.3", "libcrypto"), ("/usr/lib/swift/linux/libswiftCore.so", "libswiftCore"),
    ("/usr/sbin/eigd", "eigd"), ("/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "ld-linux-x86-64"), ("???", "???")])
def test_a_library_is_named_without_its_version(path, library):
    assert Function(path, "f").library == library


def test_a_functions_inclusive_instructions_are_all_its_callers_paid_for_it(two):
    assert two.inclusive[LOG] == 665 + 665
    assert two.inclusive[Function("/usr/sbin/eigd", "$s4Edge6WorkerC4turnyyF")] == two.total
