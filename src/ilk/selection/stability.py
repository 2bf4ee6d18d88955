"""Do the same segments appear in resamples of the customers, and from other random starts?

Customers are resampled with replacement, and k-means runs on every resample from the centers that
were found. Each segment is compared with the new one that it shares most customers with: customers
in both over customers in either, the Jaccard coefficient [1]_. Starting only from the known centers
would be too kind, because k-means stays where it is even in data without groups. So it also starts
afresh on every resample, and the result with the lower inertia counts. A second figure says how
well runs from other starts on the same customers agree.

.. [1] C. Hennig (2007). Cluster-wise assessment of cluster stability. Computational Statistics &
   Data Analysis 52, 258-271. The labels of the coefficient are his, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ilk.cluster.algorithms import Algorithm
from ilk.cluster.kmeans.lloyd import run_lloyd_batch
from ilk.cluster.kmeans.plus_plus import draw_initial_centers
from ilk.cluster.parallel import run_parallel
from ilk.cluster.partition import Floats, Partition, compute_squared_distances
from ilk.cluster.weighted_rows import WeightedRows, deduplicate_rows, subsample_indices
from ilk.errors import InputError

MAX_RESAMPLED_ROWS = 3_000
"""Rows that are resampled; of more, a sample is taken first."""

N_RESAMPLES = 50
N_SEEDS = 10
_MAX_SEED_ROWS = 2_000
_MAX_REFIT_ROWS = 1_000
_MAX_ITER = 20
_TOL = 1e-4


@dataclass(frozen=True)
class Stability:
    """How well one partition is reproduced.

    ``jaccard``, shape (k,), is the mean over resamples of every cluster's best Jaccard coefficient;
    ``seed_agreement`` the mean adjusted Rand index of the partition with those of other starts,
    ``None`` for algorithms without random starts.
    """

    jaccard: Floats
    seed_agreement: float | None

    @property
    def mean(self) -> float:
        """Mean over the clusters."""
        return float(self.jaccard.mean())

    @property
    def minimum(self) -> float:
        """Of the least stable cluster."""
        return float(self.jaccard.min())


def measure_stability(
    rows: WeightedRows, centers: Mapping[int, Floats], *, seed: int = 0
) -> dict[int, Stability]:
    """How well k-means reproduces the partition of every K.

    Parameters
    ----------
    rows : WeightedRows
        n distinct rows with weights.
    centers : mapping of int to ndarray of shape (k, d)
        Centers by K.
    seed : int
        Of the sample, the resamples and the other starts.

    Examples
    --------
    >>> from ilk.cluster.weighted_rows import deduplicate_rows
    >>> values = np.repeat([[0.0], [9.0]], 30, axis=0) + np.linspace(0, 1, 60)[:, None]
    >>> centers = {2: np.array([[0.25], [9.75]])}
    >>> stability = measure_stability(deduplicate_rows(values), centers)[2]
    >>> stability.jaccard.tolist(), stability.seed_agreement
    ([1.0, 1.0], 1.0)
    """
    values = rows.values[subsample_indices(rows, MAX_RESAMPLED_ROWS, seed)]
    generator = np.random.default_rng([seed, 1])
    n = len(values)
    fresh = draw_initial_centers(_weigh_equally(values), max(centers), N_RESAMPLES, seed + 1)
    counts = np.stack(
        [np.bincount(generator.integers(n, size=n), minlength=n) for _ in range(N_RESAMPLES)]
    ).astype(np.float64)
    coefficients = run_parallel(
        lambda known: _measure_jaccard(values, counts, known, fresh), list(centers.values())
    )
    agreement = _measure_seed_agreement(rows, centers, seed)
    return {
        k: Stability(jaccard, agreement[k])
        for k, jaccard in zip(centers, coefficients, strict=True)
    }


def _measure_jaccard(
    values: Floats, weights: Floats, centers: Floats, fresh_centers: Floats
) -> Floats:
    k = len(centers)
    best, inertia, _ = run_lloyd_batch(values, weights, centers, max_iter=_MAX_ITER, tol=_TOL)
    fresh, fresh_inertia, _ = run_lloyd_batch(
        values, weights, fresh_centers[:, :k], max_iter=_MAX_ITER, tol=_TOL
    )
    best[fresh_inertia < inertia] = fresh[fresh_inertia < inertia]
    labels = _assign_nearest(values, centers)
    return compute_best_jaccard(count_overlaps(labels, _assign_nearest_many(values, best), k))


def compute_best_jaccard(overlaps: NDArray[np.int64], *, with_noise: bool = False) -> Floats:
    """Mean over runs of every cluster's best Jaccard coefficient.

    Parameters
    ----------
    overlaps : ndarray of shape (runs, k, others)
        Shared rows of our clusters and those of each run.
    with_noise : bool
        The last row and column count noise: no cluster, but lost members of the others.

    Examples
    --------
    >>> compute_best_jaccard(np.array([[[3, 1], [1, 1]]])).round(2).tolist()
    [0.6, 0.33]
    """
    rows, columns = overlaps.sum(axis=2)[:, :, None], overlaps.sum(axis=1)[:, None, :]
    unions = rows + columns - overlaps
    if with_noise:
        overlaps, unions = overlaps[:, :-1, :-1], unions[:, :-1, :-1]
    best: Floats = (overlaps / np.where(unions > 0, unions, 1)).max(axis=2).mean(axis=0)
    return best


def measure_refit_stability(
    rows: WeightedRows, algorithm: Algorithm, partition: Partition, *, seed: int = 0
) -> Stability:
    """How well any algorithm reproduces its clusters when it runs again on halves of the rows.

    Halves are drawn without replacement, because copies of a row would look like a dense region to
    a density method. A half on which the algorithm finds nothing counts as no overlap.

    Parameters
    ----------
    rows : WeightedRows
        n distinct rows with weights.
    algorithm : Algorithm
    partition : Partition
        What it found on all rows.
    seed : int
        Of the sample and the halves.

    Examples
    --------
    >>> from ilk.cluster.algorithms import ALGORITHMS
    >>> values = np.repeat([[0.0], [9.0]], 30, axis=0) + np.linspace(0, 1, 60)[:, None]
    >>> rows, ward = deduplicate_rows(values), ALGORITHMS["ward"]
    >>> measure_refit_stability(rows, ward, ward.fit(rows, 2, 0).partition).jaccard.tolist()
    [1.0, 1.0]
    """
    values = rows.values[subsample_indices(rows, _MAX_REFIT_ROWS, seed)]
    labels = partition.predict(values).labels
    generator = np.random.default_rng([seed, 1])
    halves = [
        generator.choice(len(values), len(values) // 2, replace=False) for _ in range(N_RESAMPLES)
    ]

    def refit_half(half: NDArray[np.intp]) -> Floats:
        try:
            k = partition.k if algorithm.takes_k else None
            refit = algorithm.fit(deduplicate_rows(values[half]), k, seed).partition
        except InputError:
            return np.zeros(partition.k)
        overlaps = np.zeros((1, partition.k + 1, refit.k + 1), dtype=np.int64)
        # Label -1, noise, counts in the last row and column.
        np.add.at(overlaps[0], (labels, refit.predict(values).labels), 1)
        return compute_best_jaccard(overlaps, with_noise=True)

    # The algorithms run in parallel themselves.
    return Stability(np.mean([refit_half(half) for half in halves], axis=0), None)


def _measure_seed_agreement(
    rows: WeightedRows, centers: Mapping[int, Floats], seed: int
) -> dict[int, float]:
    """Mean adjusted Rand index of every partition with those from other starts."""
    values = rows.values[subsample_indices(rows, _MAX_SEED_ROWS, seed)]
    ks = sorted(centers)
    init = draw_initial_centers(_weigh_equally(values), ks[-1], N_SEEDS, seed)
    ones = np.ones(len(values))
    runs = run_parallel(
        lambda k: run_lloyd_batch(values, ones, init[:, :k], max_iter=_MAX_ITER, tol=_TOL).centers,
        ks,
    )
    return {
        k: compute_adjusted_rand(
            count_overlaps(
                _assign_nearest(values, centers[k]), _assign_nearest_many(values, others), k
            )
        )
        for k, others in zip(ks, runs, strict=True)
    }


def compute_adjusted_rand(overlaps: NDArray[np.int64]) -> float:
    """Mean adjusted Rand index [1]_ of tables of shared rows, shape (runs, k, k).

    References
    ----------
    .. [1] L. Hubert, P. Arabie (1985). Comparing partitions. Journal of Classification 2, 193-218.

    Examples
    --------
    >>> compute_adjusted_rand(np.array([[[4, 0], [0, 4]], [[4, 0], [0, 4]]]))
    1.0
    """

    def count_pairs(counts: NDArray[np.int64]) -> Floats:
        return counts * (counts - 1) / 2.0

    together = count_pairs(overlaps).sum(axis=(1, 2))
    ours, theirs = (
        count_pairs(overlaps.sum(axis=2)).sum(axis=1),
        count_pairs(overlaps.sum(axis=1)).sum(axis=1),
    )
    expected = ours * theirs / count_pairs(overlaps.sum(axis=(1, 2)))
    most = (ours + theirs) / 2
    same = most == expected
    return float(
        np.where(same, 1.0, (together - expected) / np.where(same, 1.0, most - expected)).mean()
    )


def count_overlaps(
    labels: NDArray[np.intp], other_labels: NDArray[np.intp], k: int
) -> NDArray[np.int64]:
    """How many rows each of our clusters shares with each cluster of every other run.

    Parameters
    ----------
    labels : ndarray of shape (n,)
    other_labels : ndarray of shape (runs, n)
    k : int
        More than any label.

    Returns
    -------
    ndarray of shape (runs, k, k)

    Examples
    --------
    >>> count_overlaps(np.array([0, 0, 1]), np.array([[0, 1, 1]]), 2).tolist()
    [[[1, 1], [0, 1]]]
    """
    runs = len(other_labels)
    cells = (np.arange(runs)[:, None] * k + labels) * k + other_labels
    counts: NDArray[np.int64] = np.bincount(cells.ravel(), minlength=runs * k * k)
    tables: NDArray[np.int64] = counts.reshape(runs, k, k)
    return tables


def _assign_nearest(values: Floats, centers: Floats) -> NDArray[np.intp]:
    labels: NDArray[np.intp] = compute_squared_distances(values, centers).argmin(axis=0)
    return labels


def _assign_nearest_many(values: Floats, centers: Floats) -> NDArray[np.intp]:
    return np.stack([_assign_nearest(values, run) for run in centers])


def _weigh_equally(values: Floats) -> WeightedRows:
    """Rows that all count once."""
    return WeightedRows(values, np.ones(len(values)))
