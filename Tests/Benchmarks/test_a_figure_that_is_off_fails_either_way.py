# SPDX-License-Identifier: Apache-2.0

import pytest

from counting import breakdown
from counting.budget import Budget

TEXT = """# What a turn costs.
[other]
instructions = 1

[turn]
# Counted, not timed.
instructions = {instructions}
allocations = {allocations}
"""


@pytest.fixture
def budget(tmp_path):
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


def test_more_is_a_complaint_that_names_what_grew(budget, measurement):
    budget(670).write([measurement])
    path = budget(600).path
    details = path.with_suffix(".functions")
    lines = [line.replace("\t256\t", "\t156\t") for line in details.read_text().splitlines()]
    details.write_text("\n".join(lines) + "\n")
    complaint, = Budget(path).complaints(measurement)
    assert complaint.splitlines() == [
        "turn: 670 instructions per operation, the budget is 600, +11.7%",
        "        +100  libc: _int_free",
    ]


def test_less_is_a_complaint_that_says_the_new_figure(budget, measurement):
    complaint, = budget(800).complaints(measurement)
    assert complaint.splitlines() == [
        "turn: 670 instructions per operation, the budget is 800, -16.2%",
        "  lower the figure: new value 670 for instructions in [turn] of budget.toml",
    ]


def test_more_allocations_name_their_callers(budget, measurement):
    complaint, = budget(allocations=0).complaints(measurement)
    first, second = complaint.splitlines()
    assert first == "turn: 2.0 allocations per operation, the budget is 0"
    assert second.split()[0] == "2.00" and "logAccess" in second


def test_a_figure_that_cannot_be_compared_here_is_left_out(budget, measurement):
    assert budget(1).complaints(measurement, only={"allocations"}) == []


def test_writing_keeps_the_comments_and_the_other_tables(budget, measurement):
    before = budget(1, 7)
    before.write([measurement])
    assert before.path.read_text() == TEXT.format(instructions=670, allocations=2)
    assert Budget(before.path).complaints(measurement) == []
    functions = Budget(before.path).functions["turn"]
    assert sum(functions.values()) == pytest.approx(670, rel=0.02)


def test_the_parts_of_an_operation_are_all_of_it(measurement):
    parts = breakdown.parts(measurement)
    assert sum(parts.values()) == pytest.approx(measurement.instructions)
    assert parts["libc"] > parts["ours: Edge"] > parts["ours: HTTP"] > 0
