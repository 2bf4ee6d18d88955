"""A few values far beyond all others are outliers; a group of customers is none."""

from __future__ import annotations

import numpy as np
import pytest

from ilk.stats.outliers import clip_outliers, count_outliers

ORDINARY = np.linspace(0.0, 100.0, 1_000)


def count(*extremes: float) -> tuple[int, int]:
    return count_outliers(np.sort(np.concatenate([ORDINARY, extremes])))


def test_the_fences_of_tukey_by_hand():
    # The quartiles of 1 to 100 are 25.5 and 75.5, so the fences are at -124.5 and 225.5.
    values = np.arange(1.0, 101.0)
    assert count_outliers(np.append(values, 225.4)) == (0, 0)
    assert count_outliers(np.append(values, 229.0)) == (0, 1)
    assert count_outliers(np.concatenate([[-130.0], values])) == (1, 0)


@pytest.mark.parametrize("code", [-999.0, 1e6])
@pytest.mark.parametrize("times", [1, 10, 25])
def test_a_code_is_an_outlier_however_often_up_to_the_largest_share(code, times):
    assert sum(count(*[code] * times)) == times


def test_more_than_a_fortieth_of_the_values_is_a_group():
    assert count(*[1e6] * 26) == (0, 0)


def test_a_compact_group_is_no_outlier_and_a_wrong_unit_is():
    random = np.random.default_rng(0)
    assert count(*random.normal(600, 20, 10)) == (0, 0)
    assert count(*random.normal(600, 20, 4)) == (0, 4)
    assert count(*50 * random.uniform(20, 100, 10)) == (0, 10)


def test_where_most_values_are_the_same_the_others_have_the_quartiles():
    spent = np.concatenate([np.zeros(2_000), ORDINARY + 1, [1e6]])
    assert count_outliers(np.sort(spent)) == (0, 1)
    assert count_outliers(np.array([0.0] * 99 + [1.0])) == (0, 0)
    assert count_outliers(np.zeros(50)) == count_outliers(np.empty(0)) == (0, 0)


def test_copies_units_and_signs_change_nothing():
    values = np.sort(np.concatenate([ORDINARY[::7], [-900.0, 4_000.0, 5_000.0]]))
    assert count_outliers(values) == (1, 2)
    assert count_outliers(np.repeat(values, 3)) == (3, 6)
    assert count_outliers(values * 1e-300) == count_outliers(values * 1e300) == (1, 2)
    assert count_outliers(-values[::-1]) == (2, 1)


def test_clipping_moves_outliers_to_the_nearest_other_value():
    values = np.array([np.nan, *ORDINARY, 1e6])
    clipped = clip_outliers(values)
    assert np.isnan(clipped[0])
    assert clipped[-1] == 100.0
    np.testing.assert_array_equal(clipped[1:-1], ORDINARY)
    assert clip_outliers(ORDINARY) is ORDINARY
