"""Stability: do the segments come back on another draw of the customers, and from other starts?

Customers are drawn again with replacement, k-means goes on from the centres found until they
settle, and every segment is compared with the one among the new ones that it shares most customers
with: the customers in both over the customers in either, the Jaccard coefficient [1]_. Going on
from the centres found alone would ask only whether the segments stay where they are, and in a cloud
they do. So k-means also starts anew on every draw, and the better of the two counts. What other
starts find on the same customers is the agreement over seeds.

.. [1] C. Hennig (2007). Cluster-wise assessment of cluster stability. Computational Statistics &
   Data Analysis 52, 258-271. The bands of :data:`ilk.formatting.text.STABILITY_LABELS` are his.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ilk.cluster.algorithms import ALGORITHMS, Algorithm, ClusterResult
from ilk.cluster.kmeans.lloyd import run_lloyd_batch
from ilk.cluster.kmeans.plus_plus import draw_initial_centers
from ilk.cluster.parallel import run_parallel
from ilk.cluster.partition import Floats, Partition, compute_squared_distances
from ilk.cluster.weighted_rows import WeightedRows, deduplicate_rows, subsample_indices
from ilk.errors import GateError, InputError
from ilk.selection.candidates import Candidate
from ilk.selection.rule import filter_promising, recommend_k
from ilk.selection.settings import SelectionSettings

MAX_RESAMPLED_ROWS = 3_000
"""Rows drawn from; more are sampled."""

N_RESAMPLES = 50
N_SEEDS = 10
_MAX_SEED_ROWS = 2_000
_MAX_REFIT_ROWS = 1_000
_MAX_ITER = 20
_TOL = 1e-4


@dataclass(frozen=True)
class Stability:
    """How sure one partition is.

    ``jaccard``, shape (k,), is the mean over resamples of every cluster's best Jaccard coefficient;
    ``seed_agreement`` the mean adjusted Rand index of the partition with those of other starts, ``None``
    where there are none.
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
    """How sure the partition of every K is.

    Parameters
    ----------
    rows : WeightedRows
        n distinct rows with weights.
    centers : mapping of int to ndarray of shape (k, d)
        Centres by K.
    seed : int
        Of the sample, the resamples and the other starts.

    Examples
    --------
    >>> from ilk.cluster.weighted_rows import deduplicate_rows
    >>> values = np.repeat([[0.0], [9.0]], 30, axis=0) + np.linspace(0, 1, 60)[:, None]
    >>> found = measure_stability(deduplicate_rows(values), {2: np.array([[0.25], [9.75]])})[2]
    >>> found.jaccard.tolist(), found.seed_agreement
    ([1.0, 1.0], 1.0)
    """
    values = rows.values[subsample_indices(rows, MAX_RESAMPLED_ROWS, seed)]
    generator = np.random.default_rng([seed, 1])
    n = len(values)
    anew = draw_initial_centers(_weigh_equally(values), max(centers), N_RESAMPLES, seed + 1)
    drawn = np.stack(
        [np.bincount(generator.integers(n, size=n), minlength=n) for _ in range(N_RESAMPLES)]
    )
    again = run_parallel(
        lambda each: _measure_jaccard(values, drawn.astype(np.float64), each, anew),
        list(centers.values()),
    )
    agreed = _measure_seed_agreement(rows, centers, seed)
    return {k: Stability(jaccard, agreed[k]) for k, jaccard in zip(centers, again, strict=True)}


def _measure_jaccard(
    values: Floats, weights: Floats, centers: Floats, fresh_centers: Floats
) -> Floats:
    k = len(centers)
    found, inertia, _ = run_lloyd_batch(values, weights, centers, max_iter=_MAX_ITER, tol=_TOL)
    others, rivals, _ = run_lloyd_batch(
        values, weights, fresh_centers[:, :k], max_iter=_MAX_ITER, tol=_TOL
    )
    found[rivals < inertia] = others[rivals < inertia]
    return _compute_best_jaccard(
        _count_overlaps(_assign_nearest(values, centers), _assign_nearest_many(values, found), k)
    )


def _compute_best_jaccard(overlaps: NDArray[np.int64], *, with_noise: bool = False) -> Floats:
    """Mean over runs of every row's best Jaccard coefficient, from tables (runs, k, others).

    With ``with_noise``, the last row and column hold what fits nowhere: no clusters, but members that
    others have lost.
    """
    rows, columns = overlaps.sum(axis=2)[:, :, None], overlaps.sum(axis=1)[:, None, :]
    either = rows + columns - overlaps
    if with_noise:
        overlaps, either = overlaps[:, :-1, :-1], either[:, :-1, :-1]
    best: Floats = (overlaps / np.where(either > 0, either, 1)).max(axis=2).mean(axis=0)
    return best


def measure_refit_stability(
    rows: WeightedRows, algorithm: Algorithm, partition: Partition, *, seed: int = 0
) -> Stability:
    """How sure the clusters of any algorithm are: it is run again on halves of the rows.

    Halves without replacement, because copies would be dense places to a density method. An
    algorithm that finds nothing on a half agrees with nothing.

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
    >>> from ilk.cluster.weighted_rows import deduplicate_rows
    >>> rows = deduplicate_rows(np.repeat([[0.0], [9.0]], 30, axis=0) + np.linspace(0, 1, 60)[:, None])
    >>> ward = ALGORITHMS["ward"]
    >>> measure_refit_stability(rows, ward, ward.fit(rows, 2, 0).partition).jaccard.tolist()
    [1.0, 1.0]
    """
    values = rows.values[subsample_indices(rows, _MAX_REFIT_ROWS, seed)]
    ours = partition.predict(values).labels
    generator = np.random.default_rng([seed, 1])
    halves = [
        generator.choice(len(values), len(values) // 2, replace=False) for _ in range(N_RESAMPLES)
    ]

    def refit_half(half: NDArray[np.intp]) -> Floats:
        try:
            k = partition.k if algorithm.takes_k else None
            found = algorithm.fit(deduplicate_rows(values[half]), k, seed).partition
        except InputError:
            return np.zeros(partition.k)
        shared = np.zeros((1, partition.k + 1, found.k + 1), dtype=np.int64)
        # The last place of either side is where label -1 looks.
        np.add.at(shared[0], (ours, found.predict(values).labels), 1)
        return _compute_best_jaccard(shared, with_noise=True)

    # The algorithms call `side_by_side` themselves.
    return Stability(np.mean([refit_half(half) for half in halves], axis=0), None)


def _measure_seed_agreement(
    rows: WeightedRows, centers: Mapping[int, Floats], seed: int
) -> dict[int, float]:
    """Mean adjusted Rand index of every partition with those from other starts."""
    values = rows.values[subsample_indices(rows, _MAX_SEED_ROWS, seed)]
    ks = sorted(centers)
    begun = draw_initial_centers(_weigh_equally(values), ks[-1], N_SEEDS, seed)
    ones = np.ones(len(values))
    blocks = run_parallel(
        lambda k: run_lloyd_batch(values, ones, begun[:, :k], max_iter=_MAX_ITER, tol=_TOL).centers,
        ks,
    )
    return {
        k: _compute_adjusted_rand(
            _count_overlaps(
                _assign_nearest(values, centers[k]), _assign_nearest_many(values, found), k
            )
        )
        for k, found in zip(ks, blocks, strict=True)
    }


def _compute_adjusted_rand(overlaps: NDArray[np.int64]) -> float:
    """Mean adjusted Rand index of tables of shared rows, shape (runs, k, k).

    L. Hubert, P. Arabie (1985). Comparing partitions. Journal of Classification 2, 193-218.
    """

    def count_pairs(counts: NDArray[np.int64]) -> Floats:
        return counts * (counts - 1) / 2.0

    together = count_pairs(overlaps).sum(axis=(1, 2))
    ours, theirs = (
        count_pairs(overlaps.sum(axis=2)).sum(axis=1),
        count_pairs(overlaps.sum(axis=1)).sum(axis=1),
    )
    chance = ours * theirs / count_pairs(overlaps.sum(axis=(1, 2)))
    most = (ours + theirs) / 2
    same = most == chance
    return float(
        np.where(same, 1.0, (together - chance) / np.where(same, 1.0, most - chance)).mean()
    )


def _count_overlaps(
    labels: NDArray[np.intp], other_labels: NDArray[np.intp], k: int
) -> NDArray[np.int64]:
    """How many rows each of our clusters shares with each of theirs: shape (runs, k, k)."""
    runs = len(other_labels)
    cells = (np.arange(runs)[:, None] * k + labels) * k + other_labels
    counts: NDArray[np.int64] = np.bincount(cells.ravel(), minlength=runs * k * k)
    tables: NDArray[np.int64] = counts.reshape(runs, k, k)
    return tables


def _assign_nearest(values: Floats, centers: Floats) -> NDArray[np.intp]:
    labels: NDArray[np.intp] = compute_squared_distances(values, centers).argmin(axis=0)
    return labels


def _assign_nearest_many(values: Floats, centers: Floats) -> NDArray[np.intp]:
    return np.stack([_assign_nearest(values, each) for each in centers])


def _weigh_equally(values: Floats) -> WeightedRows:
    """Rows that count the same."""
    return WeightedRows(values, np.ones(len(values)))


def add_refit_stability(
    candidates: Sequence[Candidate],
    results: Mapping[int, ClusterResult],
    rows: WeightedRows,
    settings: SelectionSettings,
) -> tuple[tuple[Candidate, ...], dict[int, Stability]]:
    """The same candidates, those that decide with their stability; and how sure these are.

    Parameters
    ----------
    candidates : sequence of Candidate
        With every test made but stability.
    results : mapping of int to Fitted
        What was found for each.
    rows : WeightedRows
        n distinct rows with weights.
    settings : Terms
    """
    table = {each.k: each for each in candidates}
    sure: dict[int, Stability] = {}
    while wanted := [k for k in _find_deciding_ks(list(table.values()), settings) if k not in sure]:
        for k in wanted:
            algorithm = ALGORITHMS[settings.algorithm]
            sure[k] = measure_refit_stability(
                rows, algorithm, results[k].partition, seed=settings.seed
            )
            table[k] = replace(table[k], stability=sure[k].mean, stability_min=sure[k].minimum)
    return tuple(table.values()), sure


def _find_deciding_ks(candidates: Sequence[Candidate], settings: SelectionSettings) -> set[int]:
    """The K of whom the rule has to know that they come back."""
    asked = set() if settings.k == "auto" else {settings.k}
    if all(each.k == 1 for each in candidates):
        return set()
    try:
        recommended = recommend_k(candidates).k
    except GateError:
        return asked
    hopeful = filter_promising(candidates)
    leading = {max(hopeful, key=lambda each: each.silhouette_gain or 0.0).k} if hopeful else set()
    return leading | asked | {recommended}
