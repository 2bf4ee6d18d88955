"""Are the clusters more compact than those of random data?

K-means divides anything into K parts, and the parts are always more compact than the whole. What
counts is how much more compact than in tables that are like the data but have no segments: see
:mod:`ilk.selection.null_models`. Data and random tables have as many rows and are clustered in the
same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from ilk.cluster.kmeans.restarts import run_restarts
from ilk.cluster.parallel import run_parallel
from ilk.cluster.partition import Floats, Partition, compute_squared_distances
from ilk.cluster.weighted_rows import WeightedRows, subsample_indices
from ilk.selection.null_models import NullModels
from ilk.selection.silhouette import compute_squared_silhouette

MAX_NULL_ROWS = 2_000
"""Rows of the data, of which more are sampled, and of every random table."""

N_DRAWS = 10  # of each null model
_STARTS = 3  # of k-means, for every K


@dataclass(frozen=True)
class NullComparison:
    """What k-means reaches in random data, for one K.

    ``gap`` is the mean logarithm of the inertia in uniform boxes less the logarithm of the data's,
    and ``gap_error`` its standard error, as Tibshirani, Walther and Hastie (2001) define them.
    ``null_silhouette`` is the average squared silhouette to expect without segments, by the null
    model that gives more.
    """

    gap: float | None
    gap_error: float | None
    null_silhouette: float


def compare_with_null(
    rows: WeightedRows, ks: Iterable[int], *, blocks: Sequence[slice] = (), seed: int = 0
) -> dict[int, NullComparison]:
    """What k-means reaches in random data with every K, K = 1 included; and the gap of the data.

    Parameters
    ----------
    rows : WeightedRows
        n distinct rows with weights.
    ks : iterable of int
    blocks : sequence of slice
        The columns of each category.
    seed : int
        Of the sample, the random tables and the starts.

    Examples
    --------
    >>> from ilk.cluster.weighted_rows import deduplicate_rows
    >>> values = np.repeat([[0.0], [5.0], [20.0]], 30, axis=0) + np.linspace(0, 1, 90)[:, None]
    >>> null = compare_with_null(deduplicate_rows(values), [2, 3])
    >>> null[1].null_silhouette, null[3].gap > null[2].gap > null[1].gap
    (0.0, True)
    """
    sorted_ks = sorted({1, *ks})
    values = rows.values[subsample_indices(rows, MAX_NULL_ROWS, seed)]
    models = NullModels(values, blocks)
    boxes, marginals = (
        list(islice(draw(np.random.default_rng([seed, number])), N_DRAWS))
        for number, draw in enumerate((models.draw_uniform_box, models.draw_independent_marginals))
    )
    fits = run_parallel(
        lambda table: _fit_table(table, sorted_ks, seed), [values, *boxes, *marginals]
    )
    return {
        k: compute_null_comparison(
            fits[0][k],
            [fit[k] for fit in fits[1 : 1 + N_DRAWS]],
            [fit[k] for fit in fits[1 + N_DRAWS :]],
        )
        for k in sorted_ks
    }


@dataclass(frozen=True)
class TableFit:
    """Inertia and average squared silhouette of one table, for one K."""

    inertia: float
    silhouette: float


def compute_null_comparison(
    data: TableFit, boxes: Sequence[TableFit], marginals: Sequence[TableFit]
) -> NullComparison:
    """The data against the tables drawn from both null models.

    Examples
    --------
    >>> data, box, marginal = TableFit(1.0, 0.6), TableFit(np.e, 0.3), TableFit(2.0, 0.4)
    >>> null = compute_null_comparison(data, [box, box], [marginal, marginal])
    >>> null.gap, null.gap_error, null.null_silhouette
    (1.0, 0.0, 0.4)
    """
    data_log, *box_logs = np.log(
        [max(table.inertia, np.finfo(float).tiny) for table in (data, *boxes)]
    )
    error = np.std(box_logs) * np.sqrt(1 + 1 / len(boxes))
    silhouettes = [
        float(np.mean([table.silhouette for table in tables])) for tables in (boxes, marginals)
    ]
    return NullComparison(float(np.mean(box_logs) - data_log), float(error), max(silhouettes))


def _fit_table(values: Floats, ks: Sequence[int], seed: int) -> dict[int, TableFit]:
    """Every K by the same plain k-means, all of them at once."""
    rows = WeightedRows(values, np.ones(len(values)))
    partitions = run_restarts(rows, ks, starts=_STARTS, seed=seed)
    return {k: _measure_table(rows, partition) for k, partition in partitions.items()}


def _measure_table(rows: WeightedRows, partition: Partition) -> TableFit:
    labels = compute_squared_distances(rows.values, partition.centers).argmin(axis=0)
    used, labels = np.unique(labels, return_inverse=True)  # an empty cluster has no silhouette
    if len(used) == 1:
        return TableFit(partition.inertia, 0.0)
    return TableFit(partition.inertia, compute_squared_silhouette(rows, labels.astype(np.int32)))
