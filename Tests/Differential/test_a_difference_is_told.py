# SPDX-License-Identifier: Apache-2.0
"""The comparison itself: what it calls a difference. The readers are asked by `make differential`."""

import re
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER))

from compare import STRICTER, differs  # noqa: E402
from corpus import cases  # noqa: E402
from found import Found  # noqa: E402
from laxer import explained  # noqa: E402

ONE, OTHER = ("GET", b""), ("POST", b"x")


@pytest.mark.parametrize("ours, theirs, want", [
    (Found((ONE,), "complete"), Found((ONE,), "open"), None),
    (Found((), "refused", "bare_lf"), Found((), "refused", "400"), None),
    (Found((ONE,), "closed"), Found((ONE,), "closed"), None),
    (Found((), "refused", "bare_lf"), Found((ONE,), "open"), ("stricter", "bare_lf")),
    (Found((ONE,), "refused", "bare_lf"), Found((ONE,), "open"), ("stricter", "bare_lf")),
    (Found((ONE,), "complete"), Found((), "refused", "400"), ("laxer", "refused 400")),
    (Found((ONE, ONE), "complete"), Found((ONE,), "open"), ("laxer", "open")),
    (Found((), "incomplete"), Found((ONE,), "open"), ("they go on", "where we are incomplete")),
    (Found((ONE,), "closed"), Found((ONE, ONE), "open"), ("they go on", "where we are closed")),
    (Found((ONE,), "complete"), Found((OTHER,), "open"), ("another message", f"{ONE} beside {OTHER}")),
    # Even where we refuse afterwards.
    (Found((ONE,), "refused", "bare_lf"), Found((OTHER,), "open"), ("another message", f"{ONE} beside {OTHER}")),
])
def test_a_difference_is_told(ours, theirs, want):
    assert differs(ours, theirs) == want


def test_only_what_waits_or_is_refused_elsewhere_is_explained():
    hidden = Found((ONE,), "open")
    smuggled = Found((ONE, ONE), "complete")
    case = cases(valid_count=1, mutated_count=0)[0]
    for subject in ["h11", "haproxy", "nginx"]:
        assert explained(subject, case, smuggled, hidden, "laxer") is None
        assert explained(subject, case, hidden, smuggled, "they go on") is None


def test_every_reason_there_is_has_its_section_and_no_other():
    source = (FOLDER.parents[1] / "Sources/HTTP/RefusalReason.swift").read_text()
    requests = source.split("// Responses.")[0]
    reasons = set(re.findall(r'case \w+ = "(\w+)"', requests))
    # What ends in the middle is no difference; the rest is looked up.
    assert reasons - set(STRICTER) == {"head_truncated", "body_truncated"}
    assert set(STRICTER) <= reasons
    for why in STRICTER.values():
        assert re.match(r"(RFC \d{4} )?§[\d.]+( to §[\d.]+)?: .{10}", why), why


def test_the_same_seed_makes_the_same_cases_and_another_seed_others():
    first, again, other = cases(1, 50, 50), cases(1, 50, 50), cases(2, 50, 50)
    assert first == again and first != other
    assert sum(case.is_valid for case in first) == 50
