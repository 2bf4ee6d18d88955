"""Distinct rows: one form for all orders of the same rows."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ilk.cluster.weighted_rows import (
    WeightedRows,
    count_customers,
    deduplicate_rows,
    subsample_indices,
    sum_accurately,
)

tables = arrays.arrays(
    np.float64,
    arrays.array_shapes(min_dims=2, max_dims=2, max_side=12),
    elements=st.sampled_from([-1.0, -0.0, 0.0, 0.5, 2.0]),
)


@given(tables, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_is_forgotten(values, random):
    order = list(range(len(values)))
    random.shuffle(order)
    first, second = deduplicate_rows(values), deduplicate_rows(values[order])
    assert first.values.tobytes() == second.values.tobytes()
    assert first.weights.tolist() == second.weights.tolist()


@given(tables)
def test_every_row_is_there_once_with_its_count(values):
    rows = deduplicate_rows(values)
    expected, counts = np.unique(values + 0.0, axis=0, return_counts=True)
    assert rows.values.tolist() == expected.tolist()
    assert rows.weights.tolist() == counts.tolist()


def test_a_sample_keeps_order_and_weights():
    rows = WeightedRows(np.arange(100.0)[:, None], np.arange(100.0) + 1)
    drawn = rows.sample(10, seed=0)
    assert len(drawn) == 10
    assert (np.diff(drawn.values.ravel()) > 0).all()
    assert (drawn.weights == drawn.values.ravel() + 1).all()
    assert rows.sample(100, seed=0) is rows


def test_long_totals_keep_their_digits():
    terms = np.full(300_000, 0.1)
    assert abs(sum_accurately(terms) - 30_000.0) < 1e-10
    assert abs(terms.cumsum()[-1] - 30_000.0) > 1e-8


def test_customers_are_counted_to_less_than_one_in_any_stretch_of_rows():
    weights = np.random.default_rng(0).uniform(0.01, 3.0, 500)
    for always_max, n in ((False, round(weights.sum())), (True, 10_000)):
        counts = count_customers(weights, 10_000, seed=1, always_max=always_max)
        assert counts.sum() == n
        shares = weights.cumsum() * n / weights.sum()
        assert np.abs(counts.cumsum() - shares).max() < 1


def test_no_position_is_held_for_each_of_billions_of_customers():
    rows = WeightedRows(np.array([[1.0], [2.0]]), np.array([3e12, 1e12]))
    assert np.bincount(subsample_indices(rows, 400, seed=0)).tolist() == [300, 100]


def test_rows_whose_weights_are_not_whole_are_sampled_in_proportion():
    rows = WeightedRows(np.array([[1.0], [2.0]]), np.array([7.5, 2.5]))
    indices = subsample_indices(rows, 400, seed=0)
    assert len(indices) == 10
    assert np.bincount(indices)[0] in (7, 8)
