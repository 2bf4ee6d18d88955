"""Sums in pieces are the sums that rational numbers give."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilk.stats.moments import Moments, choose_exponent, compute_moments

values = st.one_of(
    st.none(),
    st.floats(-1e6, 1e6),
    st.integers(-(2**33), 2**33).map(float),
    st.floats(allow_nan=False, allow_infinity=False),
)


def by_hand(numbers: list[float | None], exponent: int) -> Moments:
    known = [number for number in numbers if number is not None]
    units = [math.trunc(Fraction(number) * Fraction(2) ** exponent) for number in known]
    return Moments(len(units), sum(units), sum(unit * unit for unit in units))


@given(st.lists(st.lists(values, min_size=1, max_size=9), max_size=4))
def test_every_group_has_its_exact_sums(groups: list[list[float | None]]) -> None:
    cells = [number for group in groups for number in group]
    exponent = choose_exponent(
        max((abs(number) for number in cells if number is not None), default=0.0)
    )
    starts = np.cumsum([0, *map(len, groups)])[:-1].tolist()
    moments = compute_moments(np.array(cells, dtype=float), exponent, starts)
    assert moments == [by_hand(group, exponent) for group in groups]


@pytest.mark.parametrize("value", [-(2.0**79) + 2.0**26, 2.0**79 - 2.0**26, -1.0, 2.0**31 - 1])
def test_so_many_of_the_largest_that_a_product_is_computed_in_portions(value: float) -> None:
    n = 2**22 + 3
    (moments,) = compute_moments(np.full(n, value), 0, [0])
    assert moments == Moments(n, n * int(value), n * int(value) ** 2)
