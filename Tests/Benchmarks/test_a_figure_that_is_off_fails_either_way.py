# SPDX-License-Identifier: Apache-2.0

import pytest

from counting import breakdown
from counting.budget import SLACK, Budget

TEXT = """# What a turn costs.
[other]
instructions = 1

[turn]
# Counted, not timed.
instructions = {instructions}
allocations = {allocations}
"""


@pytest.fixture
def budget(tmp_path, monkeypatch):
    # A quarter of one each: the sample's window has three turns.
    monkeypatch.setitem(SLACK, "allocations", 0.75)

    def make(instructions=670, allocations=2):
        path = tmp_path / "budget.toml"
        path.write_text(TEXT.format(instructions=instructions, allocations=allocations))
        return Budget(path)
    return make


def test_the_samples_figures(measurement):
    assert measurement.figures == {"instructions": 670, "allocations": 2, "socket-calls": 0}


@pytest.mark.parametrize("instructions", [670, 610, 744])
def test_a_tenth_either_way_is_no_complaint(budget, measurement, instructions):
    assert budget(instructions).complaints(measurement) == []


@pytest.fixture
def changed(budget, measurement):
    """A budget that was met once, with less in some of its details."""
    def make(figures, *changes):
        budget().write([measurement])
        path = budget(**figures).path
        details = path.with_suffix(".details")
        text = details.read_text()
        for new, old in changes:
            assert new in text
            text = text.replace(new, old)
        details.write_text(text)
        return Budget(path)
    return make


def test_more_instructions_name_what_grew_and_who_called_it(changed, measurement):
    field = "inclusive\t{}\tHeadWriter.field()"
    budget = changed({"instructions": 600}, ("\t256\tlibc: _int_free", "\t156\tlibc: _int_free"),
                     (field.format(110), field.format(10)))
    complaint, = budget.complaints(measurement)
    assert complaint.splitlines() == [
        "turn: 670 instructions per operation, the budget is 600, +11.7%",
        "  functions of ours with all they call:",
        "        +100  HeadWriter.field()",
        "  functions in themselves:",
        "        +100  libc: _int_free",
    ]


def test_more_allocations_name_who_asked_for_them(changed, measurement):
    budget = changed({"allocations": 0}, ("allocations\t2\t", "allocations\t0.5\t"))
    complaint, = budget.complaints(measurement)
    assert complaint.splitlines()[:2] == ["turn: 2.0 allocations per operation, the budget is 0",
                                          "  of ours, by who asked for them:"]
    asked, = complaint.splitlines()[2:]
    assert asked.split()[0] == "+1.50" and "HeadWriter" in asked and "logAccess" in asked


def test_what_the_clock_does_in_a_window_is_no_difference(budget, measurement, monkeypatch):
    monkeypatch.setattr(type(measurement), "allocations", 2.24)
    assert budget().complaints(measurement) == []
    monkeypatch.setattr(type(measurement), "allocations", 2.26)
    assert len(budget().complaints(measurement)) == 1


def test_less_is_a_complaint_that_says_the_new_figure(budget, measurement):
    complaint, = budget(800).complaints(measurement)
    assert complaint.splitlines() == [
        "turn: 670 instructions per operation, the budget is 800, -16.2%",
        "  lower the figure: new value 670 for instructions in [turn] of budget.toml",
    ]


def test_a_figure_that_cannot_be_compared_here_is_left_out(budget, measurement):
    assert budget(1).complaints(measurement, only={"allocations"}) == []


def test_writing_keeps_the_comments_and_the_other_tables(budget, measurement):
    before = budget(1, 7)
    before.write([measurement])
    assert before.path.read_text() == TEXT.format(instructions=670, allocations=2)
    assert Budget(before.path).complaints(measurement) == []
    functions = Budget(before.path).details.known["turn", "function"]
    assert sum(functions.values()) == pytest.approx(670, rel=0.02)


def test_a_figure_that_is_next_to_nothing_is_written_as_nothing(budget, measurement, monkeypatch):
    monkeypatch.setattr(type(measurement), "allocations", 0.2)
    before = budget()
    before.write([measurement])
    assert before.path.read_text() == TEXT.format(instructions=670, allocations=0)
    assert Budget(before.path).complaints(measurement) == []


def test_the_parts_of_an_operation_are_all_of_it(measurement):
    parts = breakdown.parts(measurement)
    assert sum(parts.values()) == pytest.approx(measurement.instructions)
    assert parts["libc"] > parts["ours: Edge"] > parts["ours: HTTP"] > 0
