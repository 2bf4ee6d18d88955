"""K-means from many starts, independent of row order and threads."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ilk.cluster.kmeans.hartigan_wong import compute_means
from ilk.cluster.kmeans.plus_plus import draw_initial_centers
from ilk.cluster.kmeans.search import run_to_convergence, search_centers
from ilk.cluster.parallel import run_parallel
from ilk.cluster.partition import CentroidPartition, Floats, compute_squared_distances
from ilk.cluster.weighted_rows import WeightedRows, compute_variance, sum_accurately
from ilk.errors import InputError

_SEARCH_ROWS = 5_000
"""Rows of the search for the best centers; Lloyd's algorithm then runs once on all rows."""

_CROSSOVER_ROWS = 25_000
"""Up to here the best solutions of a sample go through crossover once more on all rows: the best
centers of a sample are not quite those of the table (`benchmarks/optimum.py`)."""

_SERIAL_ROWS = 1_500
"""Up to here calls are so short that threads would only wait for each other."""

_STARTS, _MUTATIONS = 6, 40
"""k-means++ starts for each restart that was asked for, and mutations in a round. The search begins
with the best starts."""

_SAMPLE_STARTS, _SAMPLE_MUTATIONS = 2, 12
"""The same on a sample."""

_CROSSOVER_MUTATIONS = 24

_REFINE_TOL = 1e-4
"""When Lloyd's algorithm stops on all rows of a large table: scikit-learn's own default. Going on
until no row moves takes ten times as long on 200,000 rows without structure, for 0.1% of the
inertia; with structure it is nothing either way."""

_MAX_ITER = 1_000


def run_kmeans_for_ks(
    rows: WeightedRows, ks: Iterable[int], *, seed: int, restarts: int
) -> dict[int, CentroidPartition]:
    """Partitions for several K, computed in parallel; in each the largest cluster comes first.

    The partition of a K does not depend on which others are asked for, and the number of threads
    changes no digit. The search for the centers takes at most 5,000 of the rows
    (:mod:`ilk.cluster.kmeans.search`); then Lloyd's algorithm runs on all.

    Parameters
    ----------
    rows : WeightedRows
        Encoded and finite. Sorted ones, as :func:`~ilk.cluster.weighted_rows.deduplicate_rows`
        gives them, make the result independent of the order of the rows.
    ks : iterable of int
        Numbers of clusters, at least 1 each.
    seed : int
        Of the restarts.
    restarts : int
        Each is six starts, or two on a sample.

    Raises
    ------
    InputError
        ``E_TOO_FEW_DISTINCT`` if fewer rows differ than the largest K.

    Examples
    --------
    >>> from ilk.cluster.weighted_rows import deduplicate_rows
    >>> rows = deduplicate_rows(np.array([[1.0], [2.0], [9.0]]))
    >>> partitions = run_kmeans_for_ks(rows, [1, 2], seed=0, restarts=3)
    >>> [partitions[k].inertia for k in (1, 2)]
    [38.0, 0.5]
    """
    k_list = list(ks)
    check_distinct(rows, max(k_list))
    sample = rows.sample(_SEARCH_ROWS, seed)
    is_whole = sample is rows
    runs = restarts * (_STARTS if is_whole else _SAMPLE_STARTS)
    mutations = _MUTATIONS if is_whole else _SAMPLE_MUTATIONS
    [init] = run_parallel(lambda k: draw_initial_centers(sample, k, runs, seed), [max(k_list)])

    def fit_k(k: int) -> CentroidPartition:
        centers = search_centers(sample, init[:, :k], mutations=mutations, seed=seed)
        if is_whole:
            return _fill_empty_clusters(rows, run_to_convergence(rows, centers[0]))
        if len(rows) <= _CROSSOVER_ROWS:
            centers = search_centers(rows, centers, mutations=_CROSSOVER_MUTATIONS, seed=seed)
        return _finish_on_many_rows(rows, centers[0])

    max_workers = None if len(rows) > _SERIAL_ROWS else 1
    # Those with many clusters take longest, so they go first.
    order = sorted(k_list, reverse=True)
    with warnings.catch_warnings():
        # Of too few distinct labels: `_fill_empty_clusters` sees to those.
        warnings.simplefilter("ignore")
        return dict(zip(order, run_parallel(fit_k, order, max_workers=max_workers), strict=True))


def check_distinct(rows: WeightedRows, k: int) -> None:
    """Refuse more clusters than there are distinct rows."""
    if k > len(rows):
        raise InputError(
            "E_TOO_FEW_DISTINCT",
            f"{k} segments were asked for, but only {len(rows)} customers differ from each other "
            "in the columns used",
            way_out=f"Ask for at most {len(rows)} segments, or use more columns.",
        )


def refine_partition(rows: WeightedRows, partition: CentroidPartition) -> CentroidPartition:
    """Run Lloyd's algorithm on more rows than a partition was fitted on, keeping its order.

    Examples
    --------
    >>> from ilk.cluster.weighted_rows import deduplicate_rows
    >>> rows = deduplicate_rows(np.array([[1.0], [2.0], [8.0], [9.0]]))
    >>> rough = CentroidPartition(np.array([[9.0], [1.0]]), 0.0)
    >>> refine_partition(rows, rough).centers.ravel().tolist()
    [8.5, 1.5]
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a cluster without rows, which keeps its center
        [(centers, _)] = run_parallel(partial(_run_sklearn_lloyd, rows), [partition.centers])
    return _measure_partition(rows, centers, compute_squared_distances(rows.values, centers))


def _finish_on_many_rows(rows: WeightedRows, init: Floats) -> CentroidPartition:
    """Lloyd's algorithm on many rows, and the largest cluster first."""
    centers, sizes = _run_sklearn_lloyd(rows, init)
    return _build_partition(rows, centers) if sizes.all() else _fill_empty_clusters(rows, centers)


def _run_sklearn_lloyd(rows: WeightedRows, init: Floats) -> tuple[Floats, Floats]:
    """The centers at which Lloyd's algorithm ends, and the weights of their clusters."""
    from sklearn import config_context
    from sklearn.cluster import KMeans

    fitted = KMeans(len(init), init=init, n_init=1, tol=_REFINE_TOL, max_iter=_MAX_ITER)
    with config_context(assume_finite=True, skip_parameter_validation=True):  # known already
        fitted.fit(rows.values, sample_weight=rows.weights)
    return compute_means(rows, fitted.labels_, init)


def _fill_empty_clusters(rows: WeightedRows, centers: Floats) -> CentroidPartition:
    """Exact means, after every empty cluster got the row farthest from its center."""
    squared = compute_squared_distances(rows.values, centers)
    labels = squared.argmin(axis=0)
    for empty in np.flatnonzero(np.bincount(labels, minlength=len(centers)) == 0):
        labels[_find_farthest_row(squared, labels)] = empty
    return _build_partition(rows, compute_means(rows, labels, centers)[0])


def _build_partition(rows: WeightedRows, centers: Floats) -> CentroidPartition:
    """Centers in canonical order, largest cluster first, and the inertia to the last digit."""
    squared = compute_squared_distances(rows.values, centers)
    sizes = np.bincount(squared.argmin(axis=0), rows.weights, minlength=len(centers))
    order = np.lexsort((*centers.T[::-1], -sizes))
    return _measure_partition(rows, centers[order], squared)


def _measure_partition(rows: WeightedRows, centers: Floats, squared: Floats) -> CentroidPartition:
    """Centers with their inertia, from the squared distances of the rows to them in any order."""
    inertia = sum_accurately(squared.min(axis=0) * rows.weights)
    return CentroidPartition(centers, inertia, compute_variance(rows, inertia))


def _find_farthest_row(squared: Floats, labels: NDArray[np.intp]) -> int:
    """The row farthest from the center of its cluster, of those that are not alone in it."""
    own = squared[labels, np.arange(len(labels))]
    return int(np.where(np.bincount(labels)[labels] > 1, own, -1.0).argmax())
