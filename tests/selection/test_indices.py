"""Indices against brute force, scikit-learn and cases computed by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from ilk.cluster.kmeans.fit import run_kmeans_for_ks
from ilk.cluster.weighted_rows import WeightedRows, deduplicate_rows
from ilk.selection.indices import compute_calinski_harabasz, compute_davies_bouldin
from ilk.selection.silhouette import (
    MAX_SILHOUETTE_ROWS,
    compute_row_silhouettes,
    compute_silhouettes,
    compute_squared_silhouette,
)


def blobs(n: int, d: int, k: int, seed: int, apart: float = 4.0):
    random = np.random.default_rng(seed)
    centers = random.normal(size=(k, d)) * apart
    labels = np.concatenate([np.arange(k), random.integers(k, size=n - k)]).astype(np.int32)
    return centers[labels] + random.normal(size=(n, d)), labels


def ones(values):
    return WeightedRows(values, np.ones(len(values)))


cases = st.tuples(st.integers(6, 60), st.integers(1, 4), st.integers(2, 5), st.integers(0, 10_000))


@given(cases)
def test_the_silhouette_is_scikit_learns(case):
    values, labels = blobs(*case)
    expected = metrics.silhouette_samples(values, labels)
    silhouettes = compute_silhouettes(ones(values), [labels])[0]
    assert silhouettes.values == pytest.approx(expected, abs=1e-7)
    assert silhouettes.mean == pytest.approx(expected.mean(), abs=1e-8)
    assert silhouettes.error == 0.0


@given(cases)
def test_the_squared_silhouette_is_that_of_squared_distances(case):
    values, labels = blobs(*case)
    squared = ((values[:, None] - values) ** 2).sum(axis=2)
    expected = metrics.silhouette_score(squared, labels, metric="precomputed")
    assert compute_squared_silhouette(ones(values), labels) == pytest.approx(expected, abs=1e-9)


def test_the_squared_silhouette_keeps_its_digits_far_from_zero():
    values, labels = blobs(200, 3, 4, seed=1)
    near, far = (compute_squared_silhouette(ones(values + shift), labels) for shift in (0.0, 1e6))
    assert far == pytest.approx(near, abs=1e-9)


def test_several_labelings_at_once_are_each_alone():
    values, labels = blobs(300, 3, 4, seed=2)
    other = (labels % 2).astype(np.int32)
    together = compute_silhouettes(ones(values), [labels, other])
    alone = [compute_silhouettes(ones(values), [one_labels])[0] for one_labels in (labels, other)]
    assert [silhouettes.mean for silhouettes in together] == pytest.approx(
        [silhouettes.mean for silhouettes in alone]
    )


def test_a_row_that_is_alone_has_silhouette_zero():
    silhouettes, _ = compute_row_silhouettes(
        np.array([[0.0], [1.0], [9.0]]), np.array([0, 0, 1], np.int32)
    )
    assert silhouettes.tolist() == pytest.approx([8 / 9, 7 / 8, 0.0])


def test_equal_rows_weigh_as_their_copies():
    values, labels = blobs(40, 2, 3, seed=3)
    copies = np.repeat(np.arange(40), np.arange(40) % 3 + 1)
    weighted = WeightedRows(values, np.arange(40.0) % 3 + 1.0)
    repeated = ones(values[copies])
    for index in (
        lambda rows, names: compute_silhouettes(rows, [names])[0].mean,
        compute_squared_silhouette,
        lambda rows, names: compute_davies_bouldin(rows, means(repeated, labels[copies]), names),
    ):
        expected = pytest.approx(index(repeated, labels[copies]), abs=1e-9)
        assert index(weighted, labels) == expected


def means(rows, labels):
    return np.array([rows.values[labels == k].mean(axis=0) for k in range(labels.max() + 1)])


def test_a_sample_comes_within_its_spread():
    values, labels = blobs(MAX_SILHOUETTE_ROWS + 4_000, 2, 5, seed=4, apart=2.0)
    silhouettes = compute_silhouettes(ones(values), [labels])[0]
    exact = metrics.silhouette_score(values, labels)
    assert len(silhouettes.values) <= MAX_SILHOUETTE_ROWS
    assert 0 < silhouettes.error < 0.005
    assert abs(silhouettes.mean - exact) < 4 * silhouettes.error


def test_thin_clusters_are_in_the_sample():
    values, labels = blobs(MAX_SILHOUETTE_ROWS * 2, 2, 3, seed=5)
    labels = np.where(labels == 2, 1, labels).astype(np.int32)
    labels[:5] = 2
    silhouettes = compute_silhouettes(ones(values), [labels])[0]
    assert np.bincount(silhouettes.labels)[2] == 5


@given(cases)
def test_calinski_harabasz_is_scikit_learns(case):
    values, labels = blobs(*case)
    inertia = ((values - means(ones(values), labels)[labels]) ** 2).sum()
    whole = ((values - values.mean(axis=0)) ** 2).sum()
    expected = metrics.calinski_harabasz_score(values, labels)
    index = compute_calinski_harabasz(inertia, whole, labels.max() + 1, len(values))
    assert index == pytest.approx(expected)


def test_calinski_harabasz_is_not_defined_at_the_ends():
    assert compute_calinski_harabasz(1.0, 1.0, 1, 10) is None
    assert compute_calinski_harabasz(0.0, 1.0, 2, 10) is None
    assert compute_calinski_harabasz(1.0, 2.0, 10, 10) is None


@given(cases)
def test_davies_bouldin_is_scikit_learns(case):
    values, labels = blobs(*case)
    rows = ones(values)
    expected = metrics.davies_bouldin_score(values, labels)
    assert compute_davies_bouldin(rows, means(rows, labels), labels) == pytest.approx(expected)


def test_davies_bouldin_by_hand():
    rows = ones(np.array([[0.0], [2.0], [10.0], [14.0]]))
    labels = np.array([0, 0, 1, 1], dtype=np.int32)
    assert compute_davies_bouldin(rows, np.array([[1.0], [12.0]]), labels) == pytest.approx(
        (1 + 2) / 11
    )
    assert compute_davies_bouldin(rows, np.array([[6.5]]), np.zeros(4, np.int32)) is None


def test_indices_of_a_partition_do_not_depend_on_row_order():
    values, _ = blobs(500, 3, 4, seed=6)
    turned = values[np.random.default_rng(0).permutation(500)]
    both = []
    for table in (values, turned):
        rows = deduplicate_rows(table)
        partition = run_kmeans_for_ks(rows, [4], seed=0, restarts=10)[4]
        labels = partition.predict(rows.values).labels
        both.append(
            (compute_silhouettes(rows, [labels])[0].mean, compute_squared_silhouette(rows, labels))
        )
    assert both[0] == both[1]
