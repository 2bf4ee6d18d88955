"""Single moves leave optima that Lloyd's algorithm cannot leave, and never worsen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans

from ilk.cluster.kmeans.hartigan_wong import compute_means, exchange_rows
from ilk.cluster.partition import compute_squared_distances
from ilk.cluster.weighted_rows import WeightedRows, deduplicate_rows


def inertia(rows: WeightedRows, centers) -> float:
    return float(compute_squared_distances(rows.values, centers).min(axis=0) @ rows.weights)


def lloyd(rows: WeightedRows, start):
    fitted = KMeans(len(start), init=start, n_init=1, tol=0.0).fit(
        rows.values, sample_weight=rows.weights
    )
    return fitted.cluster_centers_, float(fitted.inertia_)


def test_a_row_moves_when_its_center_would_follow_it():
    # 4.5 lies nearer to its center 2.5 than to 6.5. But when it leaves, both centers move, and the
    # sum of squares falls from 11 to 7.67.
    rows = deduplicate_rows(np.array([[0.0], [3.0], [4.5], [6.0], [7.0]]))
    start = np.array([[2.5], [6.5]])
    stuck, before = lloyd(rows, start)
    assert before == pytest.approx(11.0)
    moved = exchange_rows(rows, stuck)
    assert inertia(rows, moved) == pytest.approx(4.5 + 19 / 6)
    assert sorted(moved.ravel()) == pytest.approx([1.5, 17.5 / 3])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(6, 80), st.integers(1, 4), st.integers(1, 5))
def test_nothing_gets_worse(seed, n, d, k):
    random = np.random.default_rng(seed)
    rows = deduplicate_rows(random.normal(size=(n, d)), random.integers(1, 4, size=n).astype(float))
    start, before = lloyd(rows, rows.values[random.choice(n, k, replace=False)])
    assert inertia(rows, exchange_rows(rows, start)) <= before * (1 + 1e-12)


def test_means_count_weights_and_leave_empty_clusters_alone():
    rows = WeightedRows(np.array([[0.0], [3.0]]), np.array([2.0, 1.0]))
    centers, sizes = compute_means(rows, np.array([0, 0]), np.array([[9.0], [7.0]]))
    assert (centers.ravel().tolist(), sizes.tolist()) == ([1.0, 7.0], [3.0, 0.0])
