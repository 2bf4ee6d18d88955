"""Bench: the same rows for one algorithm after the other.

What chance gives depends on the rows and K, not on the algorithm, and is taken from k-means.
"""

from __future__ import annotations

from dataclasses import replace

from ilk.choice.choice import Candidate
from ilk.choice.choose import Sweep, try_all
from ilk.choice.terms import Terms
from ilk.cluster.algorithms import ALGORITHMS
from ilk.cluster.partition import Floats
from ilk.cluster.rows import Rows, distinct


class Bench:
    """The same rows for one algorithm after the other.

    Parameters
    ----------
    values : ndarray of shape (n, d)
        Encoded rows, finite.
    terms : Terms
        Of every algorithm; those that find K themselves are not told ``k``.

    Examples
    --------
    >>> import numpy as np
    >>> values = np.repeat([[0.0], [5.0], [20.0]], 20, axis=0) + np.linspace(0, 1, 60)[:, None]
    >>> bench = Bench(values, Terms())
    >>> [bench.sweep(name).recommended for name in ("kmeans", "ward")]
    [3, 3]
    """

    def __init__(self, values: Floats, terms: Terms) -> None:
        self.rows: Rows = distinct(values)
        self._values, self._terms = values, terms
        self._expected: dict[int, float] = {}
        self._last: int | None = terms.k_max

    def sweep(self, algorithm: str) -> Sweep:
        """Every K of an algorithm; those that take a K try the same ones.

        Raises
        ------
        InputError
            If the algorithm finds nothing in these rows.
        """
        terms = replace(self._terms, algorithm=algorithm, k_max=self._last)
        if not ALGORITHMS[algorithm].takes_k:
            return try_all(self._values, replace(terms, k="auto"), self._expected)
        found = try_all(self._values, terms, self._expected)
        if algorithm == "kmeans":
            self._expected |= _expected(found.candidates)
            self._last = max(found.fitted)
        return found


def _expected(candidates: tuple[Candidate, ...]) -> dict[int, float]:
    """What tables without segments give, by K."""
    return {
        each.k: (each.silhouette_squared or 0.0) - each.excess
        for each in candidates
        if each.excess is not None
    }
