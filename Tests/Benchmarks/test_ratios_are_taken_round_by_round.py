# SPDX-License-Identifier: Apache-2.0

import pytest

from bench.spread import Spread, ratio, ratios


def test_a_spread_has_the_median_the_least_and_the_greatest():
    assert Spread.of([3, 1, 2]) == (2, 1, 3)
    assert Spread.of([4, 1]) == (2.5, 1, 4)


def test_a_slow_moment_that_hits_both_changes_no_ratio():
    own, base = [10, 20, 40], [20, 40, 80]
    assert ratios(own, base) == [0.5, 0.5, 0.5]
    assert ratio(own, base) == (0.5, 0.5, 0.5)


def test_the_ratio_of_the_medians_is_not_the_median_of_the_ratios():
    # The medians are both 2; no round was that even.
    assert ratio([1, 2, 30], [2, 10, 1]) == (0.5, 0.2, 30)


@pytest.mark.parametrize(("values", "base"), [([1], [1, 2]), ([1], [0]), ([], [])])
def test_rounds_that_do_not_match_or_measured_nothing_are_refused(values, base):
    with pytest.raises(ValueError):
        ratio(values, base)
