"""Exact sums: Python's own, whatever the order, the parts and the size of the numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilk.stats.exact_sum import ExactSums

numbers = st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=30)


@given(numbers, st.integers(0, 30))
def test_a_sum_of_parts_is_the_one_that_python_rounds_once(values, cut):
    parts = ExactSums.of(np.array(values[:cut])) + ExactSums.of(np.array(values[cut:]))
    try:
        expected = math.fsum(values)
    except OverflowError:
        return
    assert parts.values == (expected,)


@given(numbers, st.randoms(use_true_random=False))
def test_groups_are_summed_apart(values, random):
    groups = np.array([random.randrange(3) for _ in values], dtype=np.int32)
    sums = ExactSums.of(np.array(values), groups, 3)
    alone = [ExactSums.of(np.array(values)[groups == group]) for group in range(3)]
    assert sums.units == tuple(group_sums.units[0] for group_sums in alone)


def test_means_are_rounded_once_and_of_nothing_there_is_none():
    sums = ExactSums.of(np.array([0.1, 0.2, 0.3]), np.array([0, 0, 2], dtype=np.int32), 3)
    assert sums.compute_means([2, 0, 1]) == ((0.1 + 0.2) / 2, None, 0.3)


def test_nothing_changes_no_sum():
    one = ExactSums.of(np.array([1.5, -2.25]))
    assert one + ExactSums.zeros() == one


def test_too_many_numbers_have_to_come_in_parts():
    with pytest.raises(ValueError, match="too many for one part"):
        ExactSums.of(np.broadcast_to(1.0, 2**26 + 1))
