"""The search finds optima that are known."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ilk.cluster.kmeans.plus_plus import draw_initial_centers
from ilk.cluster.kmeans.search import run_to_convergence, search_centers
from ilk.cluster.partition import compute_squared_distances
from ilk.cluster.weighted_rows import WeightedRows, deduplicate_rows


def inertia(rows: WeightedRows, centers) -> float:
    return float(compute_squared_distances(rows.values, centers).min(axis=0) @ rows.weights)


def find_centers(rows: WeightedRows, k: int, *, seed: int, runs: int = 60):
    return run_to_convergence(
        rows,
        search_centers(rows, draw_initial_centers(rows, k, runs, seed), mutations=24, seed=seed),
    )


def best_cut(values, k: int) -> float:
    """The optimum in one dimension, where clusters are intervals, by trying all of them."""
    places = np.arange(1, len(values))
    return min(
        sum(float(((part - part.mean()) ** 2).sum()) for part in np.split(values, cuts))
        for cuts in combinations(places, k - 1)
    )


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(6, 14), st.integers(2, 4))
def test_the_optimum_on_a_line(seed, n, k):
    values = np.sort(np.random.default_rng(seed).normal(size=n))
    rows = deduplicate_rows(values[:, None])
    assert inertia(rows, find_centers(rows, k, seed=0)) == pytest.approx(
        best_cut(values, k), rel=1e-9
    )


@pytest.mark.parametrize("size", [30, 300])
def test_groups_on_a_lattice_are_found(size):
    groups = np.array([[x, y] for x in range(4) for y in range(3)]) * 10.0
    random = np.random.default_rng(0)
    rows = deduplicate_rows((groups[:, None] + random.normal(size=(12, size, 2))).reshape(-1, 2))
    assert (
        np.sqrt(compute_squared_distances(find_centers(rows, 12, seed=0), groups).min(axis=0).max())
        < 1.0
    )


def test_one_cluster_is_the_mean():
    rows = WeightedRows(np.array([[0.0], [1.0], [5.0]]), np.array([1.0, 1.0, 2.0]))
    assert find_centers(rows, 1, seed=0).ravel() == pytest.approx([2.75])


def test_the_same_seed_finds_the_same():
    rows = deduplicate_rows(np.random.default_rng(0).normal(size=(150, 3)))
    first, second = (find_centers(rows, 5, seed=3) for _ in range(2))
    assert first.tobytes() == second.tobytes()


def test_as_many_centers_as_rows():
    rows = deduplicate_rows(np.array([[0.0], [1.0], [2.0]]))
    assert inertia(rows, find_centers(rows, 3, seed=0)) == 0.0
