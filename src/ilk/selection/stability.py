"""Do the same segments appear in resamples of the customers, and from other random starts?

The procedure is Hennig's [1]_, as ``clusterboot`` of the R package fpc has it. As many customers as
there are get drawn with replacement, those drawn count once each, and the algorithm starts from
scratch on them. Each segment, without the customers that were not drawn, is compared with the new
one most like it: customers in both over customers in either, the Jaccard coefficient. Nothing of
the known segments enters a new search: started from known centers, k-means stays there even in data
without groups.

A second figure says how well k-means agrees with itself on the same customers. It is compared with
searches of ten starts, like those on resamples: a single start often ends in a poor solution, which
says nothing about the segments.

.. [1] C. Hennig (2007). Cluster-wise assessment of cluster stability. Computational Statistics &
   Data Analysis 52, 258-271. The labels of the coefficient are his, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ilk.cluster.algorithms import Algorithm
from ilk.cluster.kmeans.lloyd import run_lloyd_batch
from ilk.cluster.kmeans.plus_plus import draw_initial_centers
from ilk.cluster.kmeans.search import RELAXATION
from ilk.cluster.parallel import run_parallel
from ilk.cluster.partition import NOISE, Floats, Labels, Partition, compute_squared_distances
from ilk.cluster.weighted_rows import WeightedRows, deduplicate_rows, subsample_indices
from ilk.errors import InputError

MAX_RESAMPLED_ROWS = 5_000
"""Rows that are resampled for k-means; of more, a sample is taken first, because a hundred thousand
would take longer than the rest of the decision. Segments with gaps between them are as stable on a
sample. Others are less so, because on fewer customers more solutions are about equally good: the
figure is then that of five thousand customers, too low rather than too high
(`benchmarks/stability.py`)."""

MAX_REFIT_ROWS = 1_000
"""The same for the other algorithms: some take time in proportion to the square of the rows."""

N_RESAMPLES, N_RESAMPLES_OF_MANY = 100, 50
"""Resamples: k-means on few rows, and the rest. Where segments are least stable, the mean over a
hundred has a standard error of 0.015. On many rows it is smaller, and time counts."""

N_SEEDS = 10
"""Searches on the same rows, for the agreement."""

N_STARTS = 10
"""k-means++ starts of every search; the best solution counts."""

_FEW_ROWS = 1_000
_SERIAL_ROWS = 1_500
"""Up to here calls are so short that threads would only wait for each other."""

_BATCH = 6
"""Resamples of few rows that are searched at once: there, calls take longer than arithmetic."""

_MAX_ITER = 30
_TOL = 1e-4

RowIndices = NDArray[np.intp]


@dataclass(frozen=True)
class Stability:
    """How well one partition is reproduced.

    ``jaccard``, shape (k,), is the mean over ``n_resamples`` of every cluster's best Jaccard
    coefficient; ``seed_agreement`` the mean adjusted Rand index of the partition with those of
    other searches, ``None`` for other algorithms than k-means.
    """

    jaccard: Floats
    seed_agreement: float | None
    n_resamples: int = N_RESAMPLES

    @property
    def mean(self) -> float:
        """Mean over the clusters."""
        return float(self.jaccard.mean())

    @property
    def minimum(self) -> float:
        """Of the least stable cluster."""
        return float(self.jaccard.min())


class StabilityTest:
    """The stability of what an algorithm finds in the same rows, measured once for each K.

    Parameters
    ----------
    rows : WeightedRows
        n distinct rows with weights.
    algorithm : Algorithm
    seed : int
        Of the sample, the resamples and the starts.

    Examples
    --------
    >>> from ilk.cluster.algorithms import ALGORITHMS
    >>> values = np.repeat([[0.0], [9.0]], 30, axis=0) + np.linspace(0, 1, 60)[:, None]
    >>> rows, ward = deduplicate_rows(values), ALGORITHMS["ward"]
    >>> StabilityTest(rows, ward).measure(ward.fit(rows, 2, 0).partition).jaccard.tolist()
    [1.0, 1.0]
    """

    def __init__(self, rows: WeightedRows, algorithm: Algorithm, seed: int = 0) -> None:
        self._rows, self._algorithm, self._seed = rows, algorithm, seed
        self._measured: dict[int, Stability] = {}

    def measure(self, partition: Partition) -> Stability:
        """How well the algorithm reproduces its partition with this number of clusters."""
        if partition.k not in self._measured:
            self._measured[partition.k] = measure_stability(
                self._rows, self._algorithm, partition, seed=self._seed
            )
        return self._measured[partition.k]


def measure_stability(
    rows: WeightedRows, algorithm: Algorithm, partition: Partition, *, seed: int = 0
) -> Stability:
    """How well an algorithm reproduces its clusters on resamples, and k-means on the same rows.

    A resample on which the algorithm finds nothing counts as no overlap.

    Parameters
    ----------
    rows : WeightedRows
        n distinct rows with weights.
    algorithm : Algorithm
    partition : Partition
        What it found on all rows.
    seed : int
        Of the sample, the resamples and the starts.

    Examples
    --------
    >>> from ilk.cluster.algorithms import ALGORITHMS
    >>> values = np.repeat([[0.0], [9.0]], 30, axis=0) + np.linspace(0, 1, 60)[:, None]
    >>> rows, kmeans = deduplicate_rows(values), ALGORITHMS["kmeans"]
    >>> stability = measure_stability(rows, kmeans, kmeans.fit(rows, 2, 0).partition)
    >>> stability.jaccard.tolist(), stability.seed_agreement
    ([1.0, 1.0], 1.0)
    """
    is_kmeans = algorithm.name == "kmeans"
    max_rows = MAX_RESAMPLED_ROWS if is_kmeans else MAX_REFIT_ROWS
    values = rows.values[subsample_indices(rows, max_rows, seed)]
    labels, k = partition.predict(values).labels, partition.k
    n_resamples = N_RESAMPLES if is_kmeans and len(values) <= _FEW_ROWS else N_RESAMPLES_OF_MANY
    resamples = _draw_resamples(len(values), n_resamples, seed)
    refits = (
        _refit_kmeans(values, resamples, k, seed)
        if is_kmeans
        else [_refit(algorithm, values[drawn], k, seed) for drawn in resamples]
    )
    jaccard = [
        compute_best_jaccard(count_overlaps(labels[drawn], refit, k))
        for drawn, refit in zip(resamples, refits, strict=True)
    ]
    return Stability(
        np.mean(jaccard, axis=0),
        _measure_seed_agreement(values, labels, k, seed) if is_kmeans else None,
        n_resamples,
    )


def _draw_resamples(n: int, n_resamples: int, seed: int) -> list[RowIndices]:
    """The rows of each resample, without the copies."""
    random = np.random.default_rng([seed, 1])
    return [np.unique(random.integers(n, size=n)) for _ in range(n_resamples)]


def _measure_seed_agreement(values: Floats, labels: Labels, k: int, seed: int) -> float:
    """Mean adjusted Rand index with the partitions of other searches on the same rows."""
    everyone = [np.arange(len(values))] * N_SEEDS
    others = _refit_kmeans(values, everyone, k, seed + N_RESAMPLES)
    return float(
        np.mean([compute_adjusted_rand(count_overlaps(labels, other, k)) for other in others])
    )


def _refit(algorithm: Algorithm, values: Floats, k: int, seed: int) -> Labels:
    """The clusters of rows that an algorithm finds in them; all noise where it finds none."""
    try:
        # The algorithms run in parallel themselves.
        refit = algorithm.fit(deduplicate_rows(values), k if algorithm.takes_k else None, seed)
    except InputError:
        return np.full(len(values), NOISE, dtype=np.int32)
    return refit.partition.predict(values).labels


def _refit_kmeans(
    values: Floats, resamples: Sequence[RowIndices], k: int, seed: int
) -> list[Labels]:
    """The clusters that k-means finds in each resample, from scratch."""
    step = _BATCH if len(values) <= _FEW_ROWS else 1

    def refit_batch(first: int) -> list[Labels]:
        batch = resamples[first : first + step]
        starts = [
            draw_initial_centers(_weigh_equally(values[drawn]), k, N_STARTS, seed + 1 + first + i)
            for i, drawn in enumerate(batch)
        ]
        centers = _search_centers(values, batch, np.stack(starts))
        return [
            compute_squared_distances(values[drawn], found).argmin(axis=0).astype(np.int32)
            for drawn, found in zip(batch, centers, strict=True)
        ]

    batches = run_parallel(
        refit_batch,
        range(0, len(resamples), step),
        max_workers=None if len(values) > _SERIAL_ROWS else 1,
    )
    return [labels for batch in batches for labels in batch]


def _search_centers(values: Floats, resamples: Sequence[RowIndices], starts: Floats) -> Floats:
    """The best centers of every resample, shape (r, k, d), from starts of shape (r, s, k, d)."""
    n_resamples, n_starts, k, d = starts.shape
    if n_resamples == 1:
        values = values[resamples[0]]
        weights = np.ones(len(values))
    else:
        is_drawn = np.zeros((n_resamples, len(values)))
        for row, drawn in zip(is_drawn, resamples, strict=True):
            row[drawn] = 1.0
        weights = np.repeat(is_drawn, n_starts, axis=0)
    runs = run_lloyd_batch(
        values,
        weights,
        starts.reshape(-1, k, d),
        max_iter=_MAX_ITER,
        tol=_TOL,
        relaxation=RELAXATION,
    )
    best = runs.inertia.reshape(n_resamples, n_starts).argmin(axis=1)
    found: Floats = runs.centers.reshape(starts.shape)[np.arange(n_resamples), best]
    return found


def count_overlaps(labels: Labels, other_labels: Labels, k: int) -> NDArray[np.int64]:
    """How many rows each of ``k`` clusters shares with each cluster of another partition.

    Examples
    --------
    The last row and column count noise.

    >>> count_overlaps(np.array([0, 0, 1]), np.array([0, 1, -1]), 2).tolist()
    [[1, 1, 0], [0, 0, 1], [0, 0, 0]]
    """
    other_k = max(int(other_labels.max()) + 1, 0)
    overlaps = np.zeros((k + 1, other_k + 1), dtype=np.int64)
    np.add.at(overlaps, (labels, other_labels), 1)  # label -1 is the last
    return overlaps


def compute_best_jaccard(overlaps: NDArray[np.int64]) -> Floats:
    """Every cluster's Jaccard coefficient with the one most like it; noise is like no cluster.

    Parameters
    ----------
    overlaps : ndarray of shape (k + 1, others + 1)
        Of :func:`count_overlaps`.

    Examples
    --------
    >>> compute_best_jaccard(np.array([[3, 1, 0], [1, 1, 0], [0, 0, 0]])).round(2).tolist()
    [0.6, 0.33]
    """
    unions = overlaps.sum(axis=1)[:, None] + overlaps.sum(axis=0) - overlaps
    shared, either = overlaps[:-1, :-1], np.maximum(unions[:-1, :-1], 1)
    best: Floats = (shared / either).max(axis=1, initial=0.0)
    return best


def compute_adjusted_rand(overlaps: NDArray[np.int64]) -> float:
    """The adjusted Rand index [1]_ of two partitions.

    Parameters
    ----------
    overlaps : ndarray of shape (k + 1, others + 1)
        Of :func:`count_overlaps`.

    References
    ----------
    .. [1] L. Hubert, P. Arabie (1985). Comparing partitions. Journal of Classification 2, 193-218.

    Examples
    --------
    >>> compute_adjusted_rand(np.array([[4, 0, 0], [0, 4, 0], [0, 0, 0]]))
    1.0
    """
    together, ours, theirs, all_pairs = (
        _count_pairs(counts)
        for counts in (overlaps, overlaps.sum(axis=1), overlaps.sum(axis=0), overlaps.sum())
    )
    expected, most = ours * theirs / all_pairs, (ours + theirs) / 2
    return 1.0 if most == expected else (together - expected) / (most - expected)


def _count_pairs(counts: NDArray[np.int64]) -> float:
    """Pairs of rows within each of these counts, in all."""
    return float((counts * (counts - 1) / 2.0).sum())


def _weigh_equally(values: Floats) -> WeightedRows:
    """Rows that all count once."""
    return WeightedRows(values, np.ones(len(values)))
