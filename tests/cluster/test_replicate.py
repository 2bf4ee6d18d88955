"""Whole customers: exact where they fit, in proportion where they do not."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ilk.cluster.weighted_rows import (
    WeightedRows,
    find_first_replicates,
    repeat_rows,
    sample_customers,
)


def rows(*weights: float) -> WeightedRows:
    return WeightedRows(
        np.arange(len(weights), dtype=float)[:, None], np.array(weights, dtype=float)
    )


def test_whole_weights_within_the_limit_are_left_alone():
    few = rows(1, 2, 3)
    assert sample_customers(few, 6, seed=0) is few


@given(st.lists(st.floats(0.01, 50), min_size=1, max_size=30), st.integers(1, 40))
def test_shares_are_kept_to_less_than_one_customer(weights, limit):
    whole = rows(*weights)
    taken = sample_customers(whole, limit, seed=1)
    if taken is whole:
        return
    counts = np.zeros(len(whole))
    counts[taken.values.ravel().astype(int)] = taken.weights
    assert counts.sum() == limit
    exact = np.cumsum(whole.weights) * limit / whole.weights.sum()
    assert (np.abs(np.cumsum(counts) - exact) < 1 + 1e-9).all()


def test_copies_stand_together_and_the_first_is_found():
    some = rows(2, 1, 3)
    assert repeat_rows(some).ravel().tolist() == [0, 0, 1, 2, 2, 2]
    assert find_first_replicates(some).tolist() == [0, 2, 3]
