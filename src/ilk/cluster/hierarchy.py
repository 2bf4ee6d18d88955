"""Hierarchical methods: bisecting k-means divides, Ward's method merges.

Both end with centers, the means of their clusters, and every row is assigned to the nearest one. A
row that the tree had put into the cluster of a farther center changes its cluster.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ilk.cluster.kmeans.fit import check_distinct
from ilk.cluster.kmeans.hartigan_wong import compute_means
from ilk.cluster.parallel import run_parallel
from ilk.cluster.partition import CentroidPartition, Labels
from ilk.cluster.result import ClusterResult, finalize
from ilk.cluster.weighted_rows import (
    WeightedRows,
    find_first_replicates,
    repeat_rows,
    sample_customers,
)

MAX_WARD_ROWS = 5_000
"""Customers in Ward's tree; all others are assigned to the nearest center. The distances of all
pairs take 100 MB and half a second then, and both grow with the square."""

_STARTS = 5


def fit_bisecting(rows: WeightedRows, ks: Sequence[int], seed: int) -> dict[int, ClusterResult]:
    """Bisecting k-means: split the cluster of the largest inertia in two until there are k.

    Time and memory are linear in the rows, all of which are used. Copies are weights.

    Raises
    ------
    InputError
        ``E_TOO_FEW_DISTINCT`` if fewer rows differ than the largest K.

    Examples
    --------
    >>> rows = WeightedRows(np.array([[0.0], [1.0], [7.0], [9.0]]), np.ones(4))
    >>> fit_bisecting(rows, [3], seed=0)[3].partition.centers.ravel()
    array([0.5, 7. , 9. ])
    """
    check_distinct(rows, max(ks))
    results = run_parallel(partial(_bisect, rows, seed), ks)
    return dict(zip(ks, results, strict=True))


def _bisect(rows: WeightedRows, seed: int, k: int) -> ClusterResult:
    from sklearn.cluster import BisectingKMeans

    tree = BisectingKMeans(k, init="k-means++", n_init=_STARTS, random_state=seed)
    labels = tree.fit(rows.values, sample_weight=rows.weights).labels_
    return _build_from_centers(rows, rows, labels, k)


def fit_ward(
    rows: WeightedRows, ks: Sequence[int], seed: int, *, max_rows: int = MAX_WARD_ROWS
) -> dict[int, ClusterResult]:
    """Ward's method: merge the two clusters that raise the inertia least until k are left.

    One tree serves every K. It is built from at most ``max_rows`` customers
    (:func:`~ilk.cluster.weighted_rows.sample_customers`); copies of a row are merged first of all,
    so that a row of weight n counts n times.

    Raises
    ------
    InputError
        ``E_TOO_FEW_DISTINCT`` if fewer rows differ than the largest K.

    Examples
    --------
    >>> rows = WeightedRows(np.array([[0.0], [1.0], [7.0], [9.0]]), np.ones(4))
    >>> fit_ward(rows, [2], seed=0)[2].partition.centers.ravel()
    array([0.5, 8. ])
    """
    check_distinct(rows, max(ks))
    sample = sample_customers(rows, max_rows, seed)
    check_distinct(sample, max(ks))
    [merges] = run_parallel(build_ward_merges, [sample])
    first = find_first_replicates(sample)
    return {k: _build_from_centers(rows, sample, cut_tree(merges, k)[first], k) for k in ks}


def build_ward_merges(sample: WeightedRows) -> NDArray[np.int64]:
    """The merges in order, shape (n - 1, 2); the i-th makes the cluster of number n + i."""
    from sklearn.cluster import ward_tree

    if sample.weights.sum() < 2:
        return np.empty((0, 2), dtype=np.int64)
    merges: NDArray[np.int64] = ward_tree(repeat_rows(sample))[0]
    return merges


def cut_tree(merges: NDArray[np.int64], k: int) -> Labels:
    """Labels of the rows when the last k - 1 merges are undone."""
    n = len(merges) + 1
    labels = np.full(2 * n - 1, -1, dtype=np.int32)
    labels[-1] = 0
    for undone, pair in enumerate(merges[::-1], 1):
        # The highest merges are undone; below them both branches share a label.
        labels[pair] = labels[2 * n - 1 - undone]
        if undone < k:
            labels[pair[1]] = undone
    return labels[:n]


def _build_from_centers(
    rows: WeightedRows, sample: WeightedRows, sample_labels: Labels, k: int
) -> ClusterResult:
    """The means of an algorithm's clusters as the centers for all rows."""
    centers, _ = compute_means(sample, sample_labels, np.zeros((k, rows.values.shape[1])))
    return finalize(rows, CentroidPartition(centers, inertia=0.0), sample, sample_labels)
