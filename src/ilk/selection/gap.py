"""Chance: how much of a clustering's success comes from having been looked for.

K-means cuts anything into K parts, and the parts always look tighter than the whole. What counts is
how much tighter than in tables that are like the data but have no segments: see
:mod:`ilk.selection.null_models`. Data and references are clustered in the same way on as many rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from ilk.cluster.kmeans.lloyd import run_lloyd_batch
from ilk.cluster.kmeans.plus_plus import draw_initial_centers, truncate_for_ks
from ilk.cluster.parallel import run_parallel
from ilk.cluster.partition import Floats, compute_squared_distances
from ilk.cluster.weighted_rows import WeightedRows, subsample_indices
from ilk.selection.null_models import NullModels
from ilk.selection.silhouette import compute_squared_silhouette

MAX_NULL_ROWS = 2_000
"""Rows on which data and references are clustered; more are sampled."""

N_DRAWS = 10  # of each family
_STARTS = 3  # of k-means, for every K
_MAX_ITER = 30
_TOL = 1e-3


@dataclass(frozen=True)
class NullComparison:
    """What k-means achieves by chance, with one K.

    ``gap`` is the mean logarithm of the references' inertia less the logarithm of the data's, and
    ``error`` its standard error as Tibshirani, Walther and Hastie (2001) define it: boxes only.
    ``silhouette`` is the average squared silhouette to expect without segments, by the family of
    references that gives more.
    """

    gap: float | None
    gap_error: float | None
    null_silhouette: float


def compare_with_null(
    rows: WeightedRows, ks: Iterable[int], *, blocks: Sequence[slice] = (), seed: int = 0
) -> dict[int, NullComparison]:
    """What k-means achieves by chance with every K, K = 1 included; and the gap of the data.

    Parameters
    ----------
    rows : Rows
        n distinct rows with weights.
    ks : iterable of int
    blocks : sequence of slice
        The columns of each category.
    seed : int
        Of the sample, the references and the starts.

    Examples
    --------
    >>> from ilk.cluster.weighted_rows import deduplicate_rows
    >>> values = np.repeat([[0.0], [5.0], [20.0]], 30, axis=0) + np.linspace(0, 1, 90)[:, None]
    >>> found = compare_with_null(deduplicate_rows(values), [2, 3])
    >>> found[1].null_silhouette, found[3].gap > found[2].gap > found[1].gap
    (0.0, True)
    """
    wanted = sorted({1, *ks})
    values = rows.values[subsample_indices(rows, MAX_NULL_ROWS, seed)]
    references = NullModels(values, blocks)
    drawn: list[Floats] = []
    for number, family in enumerate(
        (references.draw_uniform_box, references.draw_independent_marginals)
    ):
        drawn += islice(family(np.random.default_rng([seed, number])), N_DRAWS)
    found = run_parallel(lambda table: _cluster_table(table, wanted, seed), [values, *drawn])
    return {
        k: _compare_with_draws(
            [each[k] for each in found[: N_DRAWS + 1]], [each[k] for each in found]
        )
        for k in wanted
    }


def _compare_with_draws(
    box_results: Sequence[_TableResult], all_results: Sequence[_TableResult]
) -> NullComparison:
    """The data, which comes first, against its references."""
    logs = np.log([max(each.inertia, np.finfo(float).tiny) for each in box_results])
    error = logs[1:].std() * np.sqrt(1 + 1 / N_DRAWS)
    expected = [
        float(np.mean([each.silhouette for each in family]))
        for family in (box_results[1:], all_results[len(box_results) :])
    ]
    return NullComparison(float(logs[1:].mean() - logs[0]), float(error), max(expected))


@dataclass(frozen=True)
class _TableResult:
    inertia: float
    silhouette: float


def _cluster_table(values: Floats, ks: Sequence[int], seed: int) -> dict[int, _TableResult]:
    """Every K by the same plain k-means, all of them at once."""
    rows = WeightedRows(values, np.ones(len(values)))
    begun = truncate_for_ks(draw_initial_centers(rows, max(ks), _STARTS, seed), ks)
    centers, inertia, _ = run_lloyd_batch(values, rows.weights, begun, max_iter=_MAX_ITER, tol=_TOL)
    found = {}
    for at, k in enumerate(ks):
        runs = slice(at * _STARTS, (at + 1) * _STARTS)
        best = int(inertia[runs].argmin())
        found[k] = _measure_table(rows, centers[runs][best, :k], float(inertia[runs][best]))
    return found


def _measure_table(rows: WeightedRows, centers: Floats, inertia: float) -> _TableResult:
    labels = compute_squared_distances(rows.values, centers).argmin(axis=0)
    used, labels = np.unique(labels, return_inverse=True)  # an empty cluster has no silhouette
    if len(used) == 1:
        return _TableResult(inertia, 0.0)
    return _TableResult(inertia, compute_squared_silhouette(rows, labels.astype(np.int32)))
