"""The search finds optima that are known; children take over what is good in their parents."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage

from ilk.cluster.kmeans.plus_plus import draw_initial_centers
from ilk.cluster.kmeans.search import cross_over, mutate, run_to_convergence, search_centers
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


def test_a_child_is_better_than_both_parents():
    # Each parent has split one of the four groups and missed another one.
    first = np.array([[0.0], [0.2], [10.0], [25.0]])
    second = np.array([[0.1], [15.0], [29.9], [30.1]])
    (child,) = cross_over(
        np.stack([first, second]), np.array([[5, 5, 10, 20], [10, 20, 5, 5]]) / 1.0
    )
    assert sorted(child.ravel()) == pytest.approx([0.1, 40 / 3, 25.0, 30.0])


def test_every_pair_has_one_child():
    parents = np.random.default_rng(0).normal(size=(4, 3, 2))
    together = cross_over(parents, np.ones((4, 3)))
    assert together.shape == (6, 3, 2)
    alone = cross_over(parents[[1, 3]], np.ones((2, 3)))
    assert together[4] == pytest.approx(alone[0])


def test_a_single_parent_has_no_child():
    assert cross_over(np.zeros((1, 3, 2)), np.ones((1, 3))).shape == (0, 3, 2)


def test_an_empty_cluster_is_lost_first():
    parents = np.array([[[0.0], [50.0]], [[1.0], [9.0]]])
    (child,) = cross_over(parents, np.array([[4.0, 0.0], [4.0, 4.0]]))
    assert sorted(child.ravel()) == pytest.approx([0.5, 9.0])


@given(st.integers(0, 10_000), st.integers(2, 6), st.integers(1, 3))
def test_merging_is_wards(seed, k, d):
    parents = np.random.default_rng(seed).normal(size=(2, k, d))
    (child,) = cross_over(parents, np.ones((2, k)))
    union = parents.reshape(2 * k, d)
    labels = fcluster(linkage(union, "ward"), k, "maxclust")
    expected = [union[labels == label].mean(axis=0) for label in range(1, k + 1)]
    assert sorted(child.tolist()) == pytest.approx(np.array(sorted(map(list, expected))))


def test_strays_lose_one_center_to_a_row():
    rows = WeightedRows(np.array([[5.0, 5.0], [6.0, 6.0]]), np.ones(2))
    parents = np.stack([np.zeros((3, 2)), np.ones((3, 2))])
    mutants = mutate(parents, rows, 40, np.random.default_rng(0))
    changed = (mutants >= 5.0).all(axis=2)
    assert (changed.sum(axis=1) == 1).all()
    kept = mutants[~changed].reshape(40, 2, 2)
    assert (kept[::2] == 0.0).all()
    assert (kept[1::2] == 1.0).all()


def test_those_stray_that_are_missed_least():
    # Without the first the squares grow by 200, without the second by 12.5, the third by 11.25.
    values = np.array([[0.0], [1.0], [10.0], [11.0], [14.0]])
    rows = WeightedRows(values, np.ones(5))
    parent = np.array([[[0.5], [10.5], [13.0]]])
    mutants = mutate(parent, rows, 60, np.random.default_rng(0))[:, :, 0]
    lost = (mutants != parent[0, :, 0]).any(axis=0)
    assert lost.tolist() == [False, True, True]  # half of three, rounded up


def test_strays_go_where_rows_lie_far_from_all_centers():
    # Squared distances 1, 9 and, twice, 0: one in ten and nine in ten.
    rows = WeightedRows(np.array([[0.0], [1.0], [10.0], [13.0]]), np.ones(4))
    mutants = mutate(np.array([[[0.0], [10.0]]]), rows, 1000, np.random.default_rng(0))
    gone = mutants[(mutants != 0.0) & (mutants != 10.0)]
    assert set(gone.tolist()) == {1.0, 13.0}
    assert 0.87 < (gone == 13.0).mean() < 0.93
