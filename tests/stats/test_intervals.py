from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilk.stats.intervals import compute_wilson_interval


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [  # R. G. Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_published_intervals(count, total, low, high):
    assert compute_wilson_interval(count, total) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_ends_are_the_shares_whose_score_test_just_rejects(pair):
    """By definition: |share - end| is 1.96 standard errors of the end."""
    count, total = pair
    share = count / total
    for end in compute_wilson_interval(count, total):
        if 0.0 < end < 1.0:
            error = math.sqrt(end * (1 - end) / total)
            assert abs(share - end) / error == pytest.approx(1.959964, rel=1e-5)


def test_without_customers_anything_is_possible():
    assert compute_wilson_interval(0, 0) == (0.0, 1.0)
