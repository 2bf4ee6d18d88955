"""Many fits at once are the fits of scikit-learn one by one."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

from ilk.cluster.kmeans.lloyd import run_lloyd_batch
from ilk.cluster.partition import compute_squared_distances


def one_by_one(values, weights, starts, **options):
    fits = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for sample_weight, start in zip(weights, starts, strict=True):
            model = KMeans(len(start), init=start, n_init=1, **options)
            fits.append(model.fit(values, sample_weight=sample_weight))
    return np.stack([fit.cluster_centers_ for fit in fits]), [fit.inertia_ for fit in fits]


def case(seed: int, n: int, d: int, k: int, runs: int):
    random = np.random.default_rng(seed)
    groups = random.normal(size=(5, d)) * 3
    values = groups[random.integers(5, size=n)] + random.normal(size=(n, d)) + 100.0
    starts = np.stack([values[random.choice(n, k, replace=False)] for _ in range(runs)])
    return values, random.uniform(0.5, 2.0, size=(runs, n)), starts


def is_ever_empty(values, weights, start):
    """Whether a cluster has no rows in some round, counted as slowly as can be."""
    centers, last = start.copy(), None
    while True:
        labels = compute_squared_distances(values, centers).argmin(axis=0)
        sizes = np.bincount(labels, weights, minlength=len(centers))
        if (sizes == 0).any():
            return True
        if last is not None and np.array_equal(labels, last):
            return False
        last = labels
        for label in range(len(centers)):
            own = labels == label
            centers[label] = np.average(values[own], axis=0, weights=weights[own])


@settings(max_examples=40)
@given(
    st.integers(0, 10_000),
    st.integers(80, 300),
    st.integers(1, 6),
    st.integers(1, 7),
    st.integers(1, 7),
)
def test_each_run_ends_where_scikit_learns_does(seed, n, d, k, runs):
    values, weights, starts = case(seed, n, d, k, runs)
    centers, inertia, _ = run_lloyd_batch(values, weights, starts)
    expected, sums = one_by_one(values, weights, starts, tol=0.0)
    # scikit-learn moves a cluster that is empty in any round elsewhere.
    shape = (runs, k, d)
    for start, weight in zip(np.broadcast_to(starts, shape), weights, strict=True):
        assume(not is_ever_empty(values, weight, start))
    assert centers == pytest.approx(expected, abs=1e-9)
    assert inertia == pytest.approx(sums, rel=1e-12)


@pytest.mark.parametrize("max_iter", [1, 2, 5])
def test_rounds_are_counted_as_scikit_learn_does(max_iter):
    values, weights, starts = case(1, 400, 2, 6, 4)
    centers, inertia, _ = run_lloyd_batch(values, weights, starts, max_iter=max_iter)
    expected, sums = one_by_one(values, weights, starts, tol=0.0, max_iter=max_iter)
    assert centers == pytest.approx(expected, abs=1e-9)
    assert inertia == pytest.approx(sums, rel=1e-12)


@pytest.mark.parametrize("tol", [1e-4, 1e-2])
def test_the_tolerance_is_scikit_learns(tol):
    values, weights, starts = case(2, 900, 3, 8, 4)
    centers, *_ = run_lloyd_batch(values, weights, starts, tol=tol)
    expected, _ = one_by_one(values, weights, starts, tol=tol)
    assert centers == pytest.approx(expected, abs=1e-9)


def test_a_longer_stride_ends_at_the_same_place_in_fewer_rounds():
    line = np.linspace(0.0, 1.0, 8001)[:, None]
    start = np.linspace(0.0, 0.1, 8)[:, None]

    def rounds(stride: float) -> int:
        """Until the centers are those of eight equal parts, to a hundredth."""
        for count in range(1, 200):
            ends = run_lloyd_batch(line, np.ones(8001), start, max_iter=count, relaxation=stride)
            if ends.centers[0].ravel() == pytest.approx(np.arange(1, 16, 2) / 16, abs=1e-2):
                return count
        raise AssertionError("never")

    assert rounds(1.7) < 0.7 * rounds(1.0)


def test_who_stops_stops_at_the_means():
    values = np.array([[0.0], [1.0], [10.0], [12.0]])
    run = run_lloyd_batch(values, np.ones(4), np.array([[0.0], [10.0]]), relaxation=1.7)
    assert run.centers.ravel() == pytest.approx([0.5, 11.0], abs=1e-9)


def test_one_start_serves_all_weightings_and_one_weighting_all_starts():
    values, weights, starts = case(3, 200, 2, 4, 3)
    shared, *_ = run_lloyd_batch(values, weights, starts[0])
    assert shared == pytest.approx(run_lloyd_batch(values, weights, np.stack([starts[0]] * 3))[0])
    shared, *_ = run_lloyd_batch(values, weights[0], starts)
    assert shared == pytest.approx(run_lloyd_batch(values, np.stack([weights[0]] * 3), starts)[0])


def test_blocks_and_chunks_change_nothing_but_rounding():
    values, weights, starts = case(4, 500, 3, 5, 9)
    centers, inertia, _ = run_lloyd_batch(values, weights, starts)
    again, sums, _ = run_lloyd_batch(values, weights, starts, score_bytes=1_000, max_weights=1_000)
    assert again == pytest.approx(centers, abs=1e-12)
    assert sums == pytest.approx(inertia, rel=1e-12)


def test_no_weight_is_no_row():
    values, weights, starts = case(5, 120, 2, 4, 2)
    weights[:, 100:] = 0.0
    centers, inertia, _ = run_lloyd_batch(values, weights, starts)
    without, sums, _ = run_lloyd_batch(values[:100], weights[:, :100], starts)
    assert centers == pytest.approx(without, abs=1e-12)
    assert inertia == pytest.approx(sums, rel=1e-12)


def test_an_empty_cluster_keeps_its_center():
    values = np.array([[0.0], [2.0]])
    centers, inertia, _ = run_lloyd_batch(values, np.ones(2), np.array([[1.0], [50.0], [1.0]]))
    # A tie goes to the lower number, so the third center is as empty as the second.
    assert centers[0].ravel().tolist() == [1.0, 50.0, 1.0]
    assert inertia.tolist() == [2.0]


def test_equal_rows_end_at_once():
    centers, inertia, _ = run_lloyd_batch(
        np.full((4, 2), 7.0), np.ones((3, 4)), np.full((2, 2), 7.0)
    )
    assert (centers == 7.0).all()
    assert inertia.tolist() == [0.0, 0.0, 0.0]


def test_more_clusters_than_a_byte_counts():
    values = np.arange(600.0)[:, None]
    centers, inertia, _ = run_lloyd_batch(values, np.ones(600), values[::2])
    assert len(np.unique(centers)) == 300
    assert inertia == pytest.approx(one_by_one(values, np.ones((1, 600)), [values[::2]], tol=0)[1])


def test_distances_keep_their_digits_far_from_zero():
    values = np.array([[1e8], [1e8 + 1.0], [1e8 + 9.0]])
    _, inertia, _ = run_lloyd_batch(values, np.ones(3), values[[0, 2]])
    assert inertia.tolist() == [0.5]
