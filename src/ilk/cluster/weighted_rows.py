"""The distinct rows of a table in canonical order, each with its weight."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ilk.cluster.partition import Floats

_FSUM_LIMIT = 200_000

_MAX_REPEATED = 2**24
"""Customers up to which a position is held for each, 128 MB."""


@dataclass(frozen=True)
class WeightedRows:
    """Distinct rows, sorted by their columns from left to right, and how often each counts.

    Whatever is computed from them cannot depend on the order of the original rows, and n copies of
    a row are the same as one row of weight n.

    Examples
    --------
    >>> rows = deduplicate_rows(np.array([[2.0], [1.0], [2.0]]))
    >>> rows.values.ravel(), rows.weights
    (array([1., 2.]), array([1., 2.]))
    """

    values: Floats
    weights: Floats

    def __len__(self) -> int:
        return len(self.values)

    def sample(self, n: int, seed: int) -> WeightedRows:
        """At most ``n`` rows drawn without replacement, in canonical order."""
        if len(self) <= n:
            return self
        drawn = np.random.default_rng(seed).choice(len(self), n, replace=False, shuffle=False)
        drawn.sort()
        return WeightedRows(self.values[drawn], self.weights[drawn])


def deduplicate_rows(values: Floats, weights: Floats | None = None) -> WeightedRows:
    """Sort rows, merge equal ones and add up their weights (1 each unless given).

    Parameters
    ----------
    values : ndarray of shape (n, d)
    weights : ndarray of shape (n,), optional
        Positive.
    """
    values = values + 0.0  # turns -0.0 into 0.0, which is the same number
    order = np.lexsort(values.T[::-1])
    values = values[order]
    new = np.ones(len(values), dtype=bool)
    new[1:] = (values[1:] != values[:-1]).any(axis=1)
    starts = np.flatnonzero(new)
    weights = np.ones(len(values)) if weights is None else weights[order]
    return WeightedRows(values[starts], np.add.reduceat(weights, starts))


def sum_accurately(terms: Floats) -> float:
    """Sum of terms, rounded once at the end (``math.fsum``).

    Beyond 200,000 terms blocks of 64 are summed first, which costs about one unit in the last
    place and saves most of the time.

    Examples
    --------
    >>> sum_accurately(np.array([1e16, 1.0, -1e16]))
    1.0
    """
    if len(terms) > _FSUM_LIMIT:
        terms = np.add.reduceat(terms, np.arange(0, len(terms), 64))
    return math.fsum(terms)


def compute_variance(rows: WeightedRows, inertia: float) -> float:
    """The variance of a column within clusters of this inertia, the mean over the columns.

    Examples
    --------
    >>> compute_variance(WeightedRows(np.array([[0.0, 0.0], [2.0, 4.0]]), np.ones(2)), 10.0)
    2.5
    """
    return float(inertia / (rows.weights.sum() * rows.values.shape[1]))


def count_customers(
    weights: Floats, max_customers: int, seed: int, *, always_max: bool = False
) -> NDArray[np.int64]:
    """How often every row counts among at most ``max_customers`` customers.

    Whole weights that add up to no more are these counts. Otherwise every row stands for customers
    in proportion to its weight, and customers are taken at equal distances in the order of the
    rows, from a random start: their shares are those of the weights, to less than one customer in
    any stretch of rows.

    Parameters
    ----------
    weights : ndarray of shape (n,)
        Positive.
    max_customers : int
        At least 1.
    seed : int
        Of the start.
    always_max : bool
        Take ``max_customers`` of weights that are not whole, even where they add up to fewer:
        where only the shares matter, they come out more exactly.

    Examples
    --------
    >>> weights = np.array([600.0, 200.0])
    >>> count_customers(weights, 900, seed=0), count_customers(weights, 4, seed=0)
    (array([600, 200]), array([3, 1]))
    >>> count_customers(weights / 100 + 0.1, 900, seed=0)
    array([6, 2])
    """
    ends = np.cumsum(weights)
    whole = are_whole(weights)
    if whole and ends[-1] <= max_customers:
        return weights.astype(np.int64)
    n = max_customers
    if not whole and not always_max:
        n = min(n, max(1, round(float(ends[-1]))))
    points = (np.arange(n) + np.random.default_rng(seed).random()) * (ends[-1] / n)
    places = np.minimum(np.searchsorted(ends, points, side="right"), len(weights) - 1)
    return np.bincount(places, minlength=len(weights)).astype(np.int64)


def are_whole(weights: Floats) -> bool:
    """Whether all weights are whole numbers."""
    return bool((weights == np.floor(weights)).all())


def sample_customers(rows: WeightedRows, max_customers: int, seed: int) -> WeightedRows:
    """At most ``max_customers`` customers, as rows with whole weights: see `count_customers`.

    Rows whose weights are whole and add up to no more are returned as they are.

    Parameters
    ----------
    rows : WeightedRows
    max_customers : int
        At least 1.
    seed : int
        Of the start.

    Examples
    --------
    >>> rows = WeightedRows(np.array([[0.0], [1.0]]), np.array([600.0, 200.0]))
    >>> sample_customers(rows, 4, seed=0).weights
    array([3., 1.])
    """
    if are_whole(rows.weights) and rows.weights.sum() <= max_customers:
        return rows
    counts = count_customers(rows.weights, max_customers, seed, always_max=True)
    taken = counts > 0
    return WeightedRows(rows.values[taken], counts[taken].astype(np.float64))


def repeat_rows(rows: WeightedRows) -> Floats:
    """Every row as many times as it counts; replicates stand together.

    Examples
    --------
    >>> repeat_rows(WeightedRows(np.array([[0.5], [2.0]]), np.array([1.0, 2.0]))).ravel()
    array([0.5, 2. , 2. ])
    """
    return np.repeat(rows.values, rows.weights.astype(np.int64), axis=0)


def find_first_replicates(rows: WeightedRows) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Where the first replicate of every row stands in :func:`repeat_rows`.

    Examples
    --------
    >>> rows = WeightedRows(np.array([[0.5], [2.0], [3.0]]), np.array([1.0, 2.0, 1.0]))
    >>> find_first_replicates(rows)
    array([0, 1, 3])
    """
    counts = rows.weights.astype(np.int64)
    return np.cumsum(counts) - counts


def subsample_indices(rows: WeightedRows, max_rows: int, seed: int) -> NDArray[np.intp]:
    """Positions of at most ``max_rows`` rows, in order, each as often as it counts.

    Weights that are not whole are made so, and very many customers reduced, by
    :func:`count_customers`.

    Examples
    --------
    >>> rows = WeightedRows(np.array([[1.0], [2.0]]), np.array([3.0, 1.0]))
    >>> subsample_indices(rows, 10, seed=0).tolist(), len(subsample_indices(rows, 2, seed=0))
    ([0, 0, 0, 1], 2)
    """
    if not are_whole(rows.weights) or rows.weights.sum() > _MAX_REPEATED:
        return np.repeat(np.arange(len(rows)), count_customers(rows.weights, max_rows, seed))
    indices = np.repeat(np.arange(len(rows)), rows.weights.astype(np.intp))
    if len(indices) > max_rows:
        indices = np.sort(np.random.default_rng(seed).choice(indices, max_rows, replace=False))
    return indices
