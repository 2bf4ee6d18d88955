"""Copies: rows counted as whole customers, for algorithms that know no weights."""

from __future__ import annotations

import numpy as np

from ilk.cluster.partition import Floats
from ilk.cluster.rows import Rows


def customers(rows: Rows, limit: int, seed: int) -> Rows:
    """At most ``limit`` customers: rows with whole weights that add up to ``limit`` or less.

    Rows with whole weights that are no more than ``limit`` together are returned as they are.
    Otherwise every row stands for customers in proportion to its weight, and ``limit`` of them are
    taken at equal distances in the canonical order of the rows, from a start that is drawn. Their
    shares are those of the whole table, to less than one customer in any stretch of it.

    Parameters
    ----------
    rows : Rows
    limit : int
        At least 1.
    seed : int
        Of the start.

    Examples
    --------
    >>> rows = Rows(np.array([[0.0], [1.0]]), np.array([600.0, 200.0]))
    >>> customers(rows, 4, seed=0).weights
    array([3., 1.])
    """
    ends = np.cumsum(rows.weights)
    whole = (rows.weights == np.floor(rows.weights)).all()
    if whole and ends[-1] <= limit:
        return rows
    points = (np.arange(limit) + np.random.default_rng(seed).random()) * (ends[-1] / limit)
    places = np.minimum(np.searchsorted(ends, points, side="right"), len(rows) - 1)
    counts = np.bincount(places, minlength=len(rows)).astype(np.float64)
    taken = counts > 0
    return Rows(rows.values[taken], counts[taken])


def expanded(rows: Rows) -> Floats:
    """Every row as many times as it counts; copies stand together.

    Examples
    --------
    >>> expanded(Rows(np.array([[0.5], [2.0]]), np.array([1.0, 2.0]))).ravel()
    array([0.5, 2. , 2. ])
    """
    return np.repeat(rows.values, rows.weights.astype(np.int64), axis=0)


def first_copies(rows: Rows) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Where the first copy of every row stands in :func:`expanded`.

    Examples
    --------
    >>> first_copies(Rows(np.array([[0.5], [2.0], [3.0]]), np.array([1.0, 2.0, 1.0])))
    array([0, 1, 3])
    """
    counts = rows.weights.astype(np.int64)
    return np.cumsum(counts) - counts
