"""Bench: the same rows for one algorithm after the other.

What chance gives depends on the rows and K, not on the algorithm, and is taken from k-means.
"""

from __future__ import annotations

from dataclasses import replace

from ilk.choice.chance import chance
from ilk.choice.choice import Candidate
from ilk.choice.choose import Sweep, try_all
from ilk.choice.confirm import confirmed
from ilk.choice.terms import Terms
from ilk.choice.valleys import Landscape
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
            return try_all(self._values, replace(terms, k="auto"))
        if algorithm == "kmeans":
            found = try_all(self._values, terms)
            self._expected |= _expected(found.candidates)
            self._last = max(found.fitted)
            return found
        found = try_all(self._values, replace(terms, fast=True))
        return found if terms.fast else self._tested(found, terms)

    def _tested(self, sweep: Sweep, terms: Terms) -> Sweep:
        land = Landscape(self.rows, terms.blocks, terms.seed)
        table = [self._against_chance(each, terms) for each in sweep.candidates]
        table = [
            replace(each, groups=land.groups(sweep.fitted[each.k].partition))
            if each.k in sweep.fitted
            else each
            for each in table
        ]
        candidates, sure = confirmed(table, sweep.fitted, self.rows, terms)
        return Sweep(candidates, sweep.fitted, sure)

    def _against_chance(self, candidate: Candidate, terms: Terms) -> Candidate:
        k = candidate.k
        if k not in self._expected:
            found = chance(self.rows, [k], blocks=terms.blocks, seed=terms.seed)
            self._expected[k] = found[k].silhouette
        return replace(candidate, excess=(candidate.silhouette_squared or 0.0) - self._expected[k])


def _expected(candidates: tuple[Candidate, ...]) -> dict[int, float]:
    """What tables without segments give, by K."""
    return {
        each.k: (each.silhouette_squared or 0.0) - each.excess
        for each in candidates
        if each.excess is not None
    }
