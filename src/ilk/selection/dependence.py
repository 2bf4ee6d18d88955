"""Which columns depend on others: only these can tell segments apart together.

Where there are segments, the columns that tell them apart depend on each other, whatever their
shape: a customer's segment shows in all of them. A column that is independent of all others (a coin
flip, the channel of a newsletter, a random number) has nothing to do with any segments that the
others form. Every clustering method still cuts along it, because a column of two levels loses its
whole variance to one cut.

Every pair of columns is tested in two ways, neither of which assumes a line. Pearson's chi-squared
test [1]_ compares the two on a grid: the levels of a category, and up to eight quantile intervals
of a number, so wide that every cell of the grid expects at least five rows. Fisher's exact test
[2]_, one-sided, asks whether the largest or smallest 1 and 5% of two numbers, or of a number and a
level, meet in the same rows more often than by chance: a small group of customers is lost on a
grid. The smaller p-value counts, after Bonferroni's correction for the number of tests. A column is
independent if no pair that it is in is significant, again after correction for all pairs: in a
table of independent columns the probability that any is called dependent is at most ``LEVEL``.

.. [1] K. Pearson (1900). Philosophical Magazine 50, 157-175.
.. [2] R. A. Fisher (1935). The Design of Experiments, section 21.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ilk.cluster.partition import Floats

LEVEL = 0.01
"""Probability that any column of a table of independent columns is called dependent, at most."""

MAX_TESTED_ROWS = 10_000
"""Rows that are tested; of more, a sample."""

MIN_EXPECTED = 5.0
"""Rows that every cell of the grid expects at least: W. G. Cochran (1954). Biometrics 10, 417."""

_GRIDS = (8, 6, 4, 3, 2)
"""Numbers of intervals of a number, the finest first."""

_TAILS, _UPPER_TAILS = (0.01, 0.05), (0.99, 0.95)

Codes = NDArray[np.intp]


@dataclass(frozen=True)
class Dependence:
    """On which other column a column depends most.

    Attributes
    ----------
    partner : int or None
        Position of that column; ``None`` in a table of one column.
    p_value : float
        Of the pair, corrected for all tests of the table.
    strength : float
        Cramér's V of the pair, 0 for independent columns and 1 where one determines the other.
    """

    partner: int | None
    p_value: float
    strength: float

    @property
    def is_dependent(self) -> bool:
        """Whether independence of all others is rejected."""
        return self.p_value <= LEVEL


def measure_dependence(columns: Sequence[Floats | Codes]) -> tuple[Dependence, ...]:
    """How much every column depends on the others.

    Parameters
    ----------
    columns : sequence of ndarray of shape (n,)
        Numbers as floats, NaN where missing; categories as whole numbers, negative where missing.

    Examples
    --------
    >>> x = np.linspace(0.0, 1.0, 400)
    >>> coin = np.arange(400) % 2
    >>> [one.is_dependent for one in measure_dependence([x, (x - 0.5) ** 2, coin])]
    [True, True, False]
    """
    grids = [_lay_grids(column) for column in columns]
    tails = _test_extremes([_find_extremes(column) for column in columns])
    n_pairs = max(1, len(columns) * (len(columns) - 1) // 2)
    best = [Dependence(None, 1.0, 0.0)] * len(columns)
    for one, other in combinations(range(len(columns)), 2):
        p_value, strength = _test_on_grid(grids[one], grids[other])
        corrected = min(1.0, 2.0 * min(p_value, tails[one, other]) * n_pairs)
        for column, partner in ((one, other), (other, one)):
            current = best[column]
            # Of two pairs whose p-values are 0 to the last digit the stronger one counts.
            if (corrected, -strength) < (current.p_value, -current.strength):
                best[column] = Dependence(partner, corrected, strength)
    return tuple(best)


def _lay_grids(column: Floats | Codes) -> list[Codes]:
    """The interval or level of every row on each grid, the finest first."""
    if np.issubdtype(column.dtype, np.floating):
        return [_cut_at_quantiles(column.astype(np.float64), n) for n in _GRIDS]
    return [_pool_rare_levels(column.astype(np.intp), n) for n in reversed(_GRIDS)]


def _test_on_grid(one: Sequence[Codes], other: Sequence[Codes]) -> tuple[float, float]:
    """Pearson's test on the finest grid whose cells all expect enough rows."""
    from scipy.special import chdtrc

    for ours, theirs in zip(one, other, strict=True):
        table = _tabulate(ours, theirs)
        rows, columns = table.sum(axis=1), table.sum(axis=0)
        n = rows.sum()
        if min(table.shape) < 2 or rows.min() * columns.min() < MIN_EXPECTED * n:
            continue
        expected = np.outer(rows, columns) / n
        statistic = float(((table - expected) ** 2 / expected).sum())
        degrees = (table.shape[0] - 1) * (table.shape[1] - 1)
        strength = np.sqrt(statistic / (n * (min(table.shape) - 1)))
        return float(chdtrc(degrees, statistic)), float(strength)
    return 1.0, 0.0


def _tabulate(ours: Codes, theirs: Codes) -> Floats:
    """Rows in every cell; of the rows and columns of the table none is empty."""
    width = int(theirs.max()) + 1
    counts = np.bincount(ours * width + theirs, minlength=(int(ours.max()) + 1) * width)
    table = counts.reshape(-1, width).astype(np.float64)
    filled: Floats = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    return filled


def _test_extremes(extremes: Sequence[NDArray[np.float32]]) -> Floats:
    """Fisher's test of whether extreme rows meet more often than by chance, for every pair."""
    from scipy.stats import hypergeom

    flags = np.concatenate(extremes, axis=1)
    owners = np.repeat(np.arange(len(extremes)), [part.shape[1] for part in extremes])
    meetings = (flags.T @ flags).astype(np.float64)
    sizes, n = np.diag(meetings), len(flags)
    expected = np.outer(sizes, sizes) / max(n, 1)
    # Only these can be significant, and the exact test takes its time.
    rare = (meetings - expected > 3 * np.sqrt(expected)) & (owners[:, None] < owners)
    first, second = np.nonzero(rare)
    p_values = hypergeom.sf(meetings[rare] - 1, n, sizes[first], sizes[second])
    smallest = np.ones((len(extremes), len(extremes)))
    np.minimum.at(smallest, (owners[first], owners[second]), p_values)
    n_tests = np.maximum(1, np.bincount(owners, minlength=len(extremes)))
    corrected: Floats = np.minimum(1.0, smallest * np.outer(n_tests, n_tests))
    return corrected


def _cut_at_quantiles(column: Floats, n_intervals: int) -> Codes:
    """The interval of every row; a missing value has its own."""
    missing = np.isnan(column)
    if missing.all():
        return np.zeros(len(column), dtype=np.intp)
    edges = np.unique(np.quantile(column[~missing], np.linspace(0, 1, n_intervals + 1)[1:-1]))
    codes = np.searchsorted(edges, column, side="right")
    codes[missing] = len(edges) + 1
    return codes.astype(np.intp)


def _pool_rare_levels(column: Codes, n_partners: int) -> Codes:
    """The levels with the rare ones as one: all that would be too few on a grid."""
    codes = np.where(column < 0, column.max(initial=0) + 1, column)
    counts = np.bincount(codes)
    least = MIN_EXPECTED * n_partners
    return np.where(counts[codes] < least, len(counts), codes).astype(np.intp)


def _find_extremes(column: Floats | Codes) -> NDArray[np.float32]:
    """The smallest and largest rows of a number, or those of every level: (n, flags)."""
    if np.issubdtype(column.dtype, np.floating):
        present = column[~np.isnan(column)]
        if not len(present):
            return np.empty((len(column), 0), dtype=np.float32)
        low, high = (np.quantile(present, shares) for shares in (_TAILS, _UPPER_TAILS))
        flags = np.concatenate([column[:, None] < low, column[:, None] > high], axis=1)
    else:
        flags = column[:, None] == np.flatnonzero(np.bincount(column[column >= 0].astype(np.intp)))
    # Single precision is exact for whole numbers up to 16 million.
    return flags[:, flags.any(axis=0)].astype(np.float32)
