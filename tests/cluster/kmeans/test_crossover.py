"""Children take over what is good in their parents, by Ward's measure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage

from ilk.cluster.kmeans.crossover import cross_over, mutate
from ilk.cluster.weighted_rows import WeightedRows


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
