"""The class test: do categories alone show groups, and does a customer's group show in them?

There is nothing between two levels of a category, so the valley test leaves categories out. Where
they form groups, they depend on each other because of these: within a group they are independent.
That is the model of latent classes (:mod:`ilk.cluster.latent_classes`), and one class is the null:
all columns are independent.

The rows are divided into five parts. With each part left out, the others are clustered anew, and
the classes are estimated from these clusters; then the likelihood of the rows left out is computed.
Rows that had no part in the estimates are described worse by classes that chance made than by
independent columns, so more classes are no advantage by themselves. The smallest K counts whose
mean log-likelihood comes within one standard error of the best [1]_. It has to be better than the
next smaller K, by a one-sided test at the 1% level.

That columns depend on each other does not make groups: a single trait, such as wealth, may run
through all of them. Then a class is a range of the trait, customers near its ends belong to two
classes about as well, and the more customers there are, the more such classes are found. So the
clusters have to be certain too: of the customers of every cluster, the mean probability of being in
its class, by the estimates from the other parts, has to be at least ``MIN_CERTAINTY`` [2]_.

.. [1] L. Breiman, J. H. Friedman, R. A. Olshen, C. J. Stone (1984). Classification and Regression
   Trees, section 3.4.3. Wadsworth.
.. [2] D. S. Nagin (2005). Group-Based Modeling of Development, section 5.3, asks for 0.7. Harvard
   University Press.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ilk.cluster.kmeans.restarts import run_restarts
from ilk.cluster.latent_classes import LevelColumns, fit_latent_classes
from ilk.cluster.parallel import run_parallel
from ilk.cluster.partition import Floats, Partition, compute_squared_distances
from ilk.cluster.weighted_rows import WeightedRows, deduplicate_rows, subsample_indices

MAX_CLASS_ROWS = 3_000
"""Rows that are tested; of more, a sample."""

MIN_CATEGORIES = 3
"""Two categories do not determine two classes."""

MIN_CERTAINTY = 0.90
"""Smallest mean probability that the customers of a cluster are in its class."""

_FOLDS = 5
_MAX_WORSE = 2  # K in a row that do worse than the best, before the search stops
_STARTS = 5  # of k-means, for every K
_MIN_Z = 2.326  # one-sided, at the 1% level


@dataclass(frozen=True)
class HeldOut:
    """What is known of the rows with one K, each row when it was left out: arrays of shape (n,).

    ``certainty`` is the probability that a row is in the class of its cluster.
    """

    log_likelihood: Floats
    certainty: Floats


def find_best_k(held_out: Mapping[int, HeldOut]) -> int:
    """The smallest K within one standard error of the best; 1 where it proves nothing.

    Parameters
    ----------
    held_out : mapping of int to HeldOut
        By K, from 1 on.
    """
    best = max(held_out, key=lambda k: float(held_out[k].log_likelihood.mean()))
    k = min(k for k in held_out if not _is_worse(held_out[k], held_out[best]))
    smaller = max((other for other in held_out if other < k), default=k)
    return k if _compute_z(held_out[k], held_out[smaller]) >= _MIN_Z else 1


def _is_worse(one: HeldOut, best: HeldOut) -> bool:
    """Whether the likelihood is more than a standard error below the best."""
    return _compute_z(best, one) >= 1.0


def _compute_z(one: HeldOut, other: HeldOut) -> float:
    """By how many standard errors the mean log-likelihood is larger than another."""
    differences = one.log_likelihood - other.log_likelihood
    spread = float(differences.std())
    error = spread / math.sqrt(len(differences))
    return float(differences.mean()) / error if error > 0 else 0.0


def is_mostly_categories(width: int, blocks: Sequence[slice]) -> bool:
    """Whether at least half of the features are categories, and enough for the test.

    ``width`` is the number of encoded columns; those outside of ``blocks`` are numbers.

    Examples
    --------
    >>> blocks = [slice(0, 2), slice(2, 5), slice(5, 7)]
    >>> is_mostly_categories(10, blocks), is_mostly_categories(11, blocks)
    (True, False)
    """
    n_numbers: int = width - sum(block.stop - block.start for block in blocks)
    return len(blocks) >= max(MIN_CATEGORIES, n_numbers)


def find_classes(
    rows: WeightedRows,
    partitions: Mapping[int, Partition],
    blocks: Sequence[slice],
    seed: int = 0,
) -> dict[int, float]:
    """The K whose clusters are classes that the categories show, and its least certainty.

    Empty if there is none.

    Parameters
    ----------
    rows : WeightedRows
        n distinct rows with weights.
    partitions : mapping of int to Partition
        The clusters of all rows, by K, from 2 on.
    blocks : sequence of slice
        The columns of each category.
    seed : int
        Of the sample, the folds and the starts.

    Examples
    --------
    >>> from ilk.cluster.algorithms import fit_kmeans
    >>> from ilk.cluster.weighted_rows import deduplicate_rows
    >>> rng = np.random.default_rng(0)
    >>> groups = np.repeat([0, 1], 200)[:, None]
    >>> levels = np.where(rng.random((400, 6)) < 0.9, groups, 1 - groups)
    >>> values = np.stack([levels, 1 - levels], axis=2).reshape(400, 12).astype(float)
    >>> rows = deduplicate_rows(values)
    >>> partitions = {k: fit.partition for k, fit in fit_kmeans(rows, [2, 3, 4], seed=0).items()}
    >>> list(find_classes(rows, partitions, [slice(i, i + 2) for i in range(0, 12, 2)]))
    [2]
    """
    values = rows.values[subsample_indices(rows, MAX_CLASS_ROWS, seed)]
    held_out = _hold_out(values, sorted(partitions), blocks, seed)
    k = find_best_k(held_out)
    if k == 1:
        return {}
    labels = partitions[k].predict(values).labels
    parts = [held_out[k].certainty[labels == label] for label in np.unique(labels)]
    certainty = min(float(part.mean()) for part in parts)
    return {k: certainty} if certainty >= MIN_CERTAINTY else {}


def _hold_out(
    values: Floats, ks: Sequence[int], blocks: Sequence[slice], seed: int
) -> dict[int, HeldOut]:
    """Leave out every part in turn, with K = 1 and the others until larger ones only do worse."""
    order = np.random.default_rng([seed, 3]).permutation(len(values))
    parts = [np.sort(part) for part in np.array_split(order, _FOLDS)]
    folds = [_Fold.leave_out(values, part, blocks) for part in parts]
    held_out: dict[int, HeldOut] = {}
    n_worse = 0
    for k in [1, *ks]:
        if k > min(len(fold.rows) for fold in folds) or n_worse == _MAX_WORSE:
            break
        tested = run_parallel(partial(_Fold.test, k=k, seed=seed), folds)
        found = HeldOut(np.empty(len(values)), np.empty(len(values)))
        for part, fold in zip(parts, tested, strict=True):
            found.log_likelihood[part] = fold.log_likelihood
            found.certainty[part] = fold.certainty
        best = max([found, *held_out.values()], key=lambda one: float(one.log_likelihood.mean()))
        n_worse = n_worse + 1 if _is_worse(found, best) else 0
        held_out[k] = found
    return held_out


@dataclass(frozen=True)
class _Fold:
    """All rows but those of a part, distinct ones with weights and levels; and the part."""

    rows: WeightedRows
    levels: Floats
    held_values: Floats
    held_levels: Floats
    blocks: Sequence[slice]

    @classmethod
    def leave_out(cls, values: Floats, part: NDArray[np.intp], blocks: Sequence[slice]) -> _Fold:
        columns, held_values = LevelColumns.of(blocks), values[part]
        rows = deduplicate_rows(np.delete(values, part, axis=0))
        return cls(
            rows,
            columns.take_levels(rows.values),
            held_values,
            columns.take_levels(held_values),
            columns.blocks,
        )

    def test(self, k: int, seed: int) -> HeldOut:
        """Cluster the rows, estimate the classes from the clusters, and describe the part."""
        centers = run_restarts(self.rows, [k], starts=_STARTS, seed=seed)[k].centers
        labels, held_labels = (
            compute_squared_distances(table, centers).argmin(axis=0)
            for table in (self.rows.values, self.held_values)
        )
        classes = fit_latent_classes(self.levels, self.rows.weights, self.blocks, labels, k)
        posteriors = classes.compute_posteriors(self.held_levels)
        return HeldOut(
            classes.compute_log_likelihood(self.held_levels),
            posteriors[np.arange(len(held_labels)), held_labels],
        )
