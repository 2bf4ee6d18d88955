"""Rows: the distinct rows of a table in canonical order, each with its weight."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ilk.cluster.partition import Floats

_EXACT_TERMS = 200_000


@dataclass(frozen=True)
class Rows:
    """Distinct rows, sorted by their columns from left to right, and how often each counts.

    Whatever is computed from them cannot depend on the order in which the rows came, and n copies
    of a row are the same thing as one row of weight n.

    Examples
    --------
    >>> rows = distinct(np.array([[2.0], [1.0], [2.0]]))
    >>> rows.values.ravel(), rows.weights
    (array([1., 2.]), array([1., 2.]))
    """

    values: Floats
    weights: Floats

    def __len__(self) -> int:
        return len(self.values)

    def sample(self, n: int, seed: int) -> Rows:
        """At most ``n`` rows drawn without replacement, in canonical order."""
        if len(self) <= n:
            return self
        drawn = np.random.default_rng(seed).choice(len(self), n, replace=False, shuffle=False)
        drawn.sort()
        return Rows(self.values[drawn], self.weights[drawn])


def distinct(values: Floats, weights: Floats | None = None) -> Rows:
    """Sort rows, join equal ones and add up their weights (one each unless given).

    Parameters
    ----------
    values : ndarray of shape (n, d)
    weights : ndarray of shape (n,), optional
        Positive.
    """
    values = values + 0.0  # a negative zero becomes an ordinary one: both are the same number
    order = np.lexsort(values.T[::-1])
    values = values[order]
    new = np.ones(len(values), dtype=bool)
    new[1:] = (values[1:] != values[:-1]).any(axis=1)
    starts = np.flatnonzero(new)
    counted = np.ones(len(values)) if weights is None else weights[order]
    return Rows(values[starts], np.add.reduceat(counted, starts))


def total(terms: Floats) -> float:
    """Sum of terms, rounded once at the end (``math.fsum``).

    Beyond 200,000 terms blocks of 64 are summed first, which costs about one unit in the last
    place and saves most of the time.

    Examples
    --------
    >>> total(np.array([1e16, 1.0, -1e16]))
    1.0
    """
    if len(terms) > _EXACT_TERMS:
        terms = np.add.reduceat(terms, np.arange(0, len(terms), 64))
    return math.fsum(terms)
