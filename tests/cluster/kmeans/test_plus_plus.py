"""Starts are rows, far from each other, drawn by weight and squared distance."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import kmeans_plusplus

from ilk.cluster.kmeans.plus_plus import CHUNK_CELLS, draw_initial_centers
from ilk.cluster.partition import compute_squared_distances
from ilk.cluster.weighted_rows import WeightedRows, deduplicate_rows


def rows(n: int = 300) -> WeightedRows:
    random = np.random.default_rng(1)
    groups = random.normal(size=(5, 2)) * 8
    return deduplicate_rows(groups[random.integers(5, size=n)] + random.normal(size=(n, 2)) + 1e3)


def inertia(table: WeightedRows, centers) -> float:
    return float(compute_squared_distances(table.values, centers).min(axis=0) @ table.weights)


def test_every_center_is_a_row_and_none_comes_twice():
    table = rows()
    for centers in draw_initial_centers(table, 6, 20, seed=0):
        assert compute_squared_distances(table.values, centers).min(axis=1).max() == 0.0
        assert len(np.unique(centers, axis=0)) == 6


def test_the_first_center_is_drawn_by_weight():
    table = WeightedRows(np.array([[0.0], [1.0]]), np.array([3.0, 1.0]))
    drawn = draw_initial_centers(table, 1, 4_000, seed=0)
    assert drawn.mean() == pytest.approx(0.25, abs=0.03)


def test_the_second_center_is_drawn_by_weight_and_squared_distance():
    # From the row at 0, which nearly all the weight makes the first: 8 * 1² against 1 * 4². Four
    # are drawn and the best one kept, which is the one at 4: it stays away only when all four
    # draws give the other.
    table = WeightedRows(np.array([[0.0], [1.0], [4.0]]), np.array([1e9, 8.0, 1.0]))
    drawn = draw_initial_centers(table, 2, 4_000, seed=0)[:, 1, 0]
    assert (drawn == 1.0).mean() == pytest.approx((8 / 24) ** 4, abs=0.006)


def test_starts_are_as_good_as_scikit_learns():
    table = rows()
    ours = [inertia(table, centers) for centers in draw_initial_centers(table, 5, 200, seed=0)]
    theirs = [
        inertia(table, kmeans_plusplus(table.values, 5, random_state=seed)[0])
        for seed in range(200)
    ]
    assert np.median(ours) == pytest.approx(np.median(theirs), rel=0.15)


@pytest.mark.parametrize("chunk_cells", [CHUNK_CELLS, 3_000])
def test_fewer_centers_are_the_first_of_more(chunk_cells):
    fewer, more = (
        draw_initial_centers(rows(), k, 9, seed=4, chunk_cells=chunk_cells) for k in (3, 8)
    )
    assert (fewer == more[:, :3]).all()


def test_more_centers_than_rows_repeat_some():
    table = WeightedRows(np.array([[0.0], [1.0]]), np.ones(2))
    assert draw_initial_centers(table, 3, 2, seed=0).shape == (2, 3, 1)
