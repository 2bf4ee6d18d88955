"""What a model knows of the values of a column of numbers: their range and their quantiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ilk.schema import Entries

Floats = NDArray[np.float64]

_DECILES = np.arange(1, 10) / 10
_N_TAILS = 3.0
"""How many times as far as the largest tenth of the values reaches is far beyond all of them."""


@dataclass(frozen=True)
class ColumnRange:
    """The values of one number in the training data; dates as the numbers that they become.

    ``values`` are the smallest value, the nine deciles and the largest value, and ``shares`` the
    shares of customers whose value is at most as large. ``n_values`` counts customers with a value.

    Examples
    --------
    >>> ages = make_range("age", np.arange(20.0, 70.0), 20.0, 69.0, 50)
    >>> ages.minimum, ages.maximum, ages.values[5], ages.shares[5]
    (20.0, 69.0, 44.0, 0.5)
    """

    column: str
    n_values: int
    values: Entries[float]
    shares: Entries[float]

    @property
    def minimum(self) -> float:
        """The smallest value."""
        return self.values[0]

    @property
    def maximum(self) -> float:
        """The largest value."""
        return self.values[-1]

    @property
    def far_limits(self) -> tuple[float, float]:
        """Beyond these a single value is far from all others, whatever the number of customers.

        It is beyond the range by more than the range itself, and by more than three times what the
        most extreme tenth of the values spans. Where no value is below 0, it is also beyond the
        largest one by more than the square of the ratio of this one to the ninth decile: in a long
        tail, the next customer is easily several times the largest so far.

        Examples
        --------
        >>> make_range("age", np.arange(20.0, 70.0), 20.0, 69.0, 50).far_limits
        (-29.0, 118.0)
        """
        low, first, last, high = (self.values[place] for place in (0, 1, -2, -1))
        span = high - low
        limits = [high + max(span, _N_TAILS * (high - last))]
        if low >= 0 and last > 0:
            limits.append(high * (high / last) ** 2)
        return low - max(span, _N_TAILS * (first - low)), max(limits)

    def count_at_most(self, values: Floats) -> NDArray[np.int64]:
        """How many values are at most as large as each of ``self.values``.

        Examples
        --------
        >>> ages = make_range("age", np.arange(20.0, 70.0), 20.0, 69.0, 50)
        >>> ages.count_at_most(np.array([19.0, 24.0, 70.0])).tolist()
        [1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]
        """
        return np.array([np.count_nonzero(values <= value) for value in self.values])

    def is_valid(self) -> bool:
        """Whether the figures can be those of a column."""
        values, shares = np.array(self.values), np.array(self.shares)
        if not len(values) == len(shares) == len(_DECILES) + 2:
            return False
        is_sorted = (np.diff(values) >= 0).all() and (np.diff(shares) >= 0).all()
        return bool(is_sorted and shares[0] >= 0 and shares[-1] <= 1 and self.n_values > 0)


def make_range(
    column: str, values: Floats, minimum: float, maximum: float, n_values: int
) -> ColumnRange:
    """The range of a column from a sample of its values, and what is known of all of them.

    Parameters
    ----------
    column : str
    values : ndarray, shape (n,)
        At least one value, none of them missing, in any order.
    minimum, maximum : float
        The smallest and the largest of all values.
    n_values : int
        How many values there are in all.

    Examples
    --------
    >>> make_range("age", np.array([30.0, 20.0]), 18.0, 99.0, 5000).values[:2]
    (18.0, 20.0)
    """
    ordered = np.sort(values)
    deciles = np.quantile(ordered, _DECILES, method="inverted_cdf")
    edges = np.concatenate([[minimum], np.clip(deciles, minimum, maximum), [maximum]])
    shares = np.searchsorted(ordered, edges, side="right") / len(ordered)
    return ColumnRange(column, n_values, tuple(edges.tolist()), tuple(shares.tolist()))


MAX_POOLED = 40
"""Columns at most that are compared with each other: the counts grow with their number's square."""

_MAX_BINNED = 5_000
"""Values of a frame that are enough to tell two columns apart."""


@dataclass(frozen=True, eq=False)
class ValueBins:
    """Intervals that end at the quantiles of all columns, where there are not too many.

    They tell whether two columns are swapped: the values of each are counted in the intervals of
    all others, too.

    Examples
    --------
    >>> ages = make_range("age", np.arange(20.0, 70.0), 20.0, 69.0, 50)
    >>> ValueBins.of((ages,)).count(np.array([20.0, 69.0, 70.0]))[[0, -2, -1]].tolist()
    [1, 1, 1]
    """

    edges: Floats

    @classmethod
    def of(cls, ranges: tuple[ColumnRange, ...]) -> ValueBins:
        """The intervals of these columns."""
        pooled = ranges if len(ranges) <= MAX_POOLED else ()
        return cls(np.unique([value for known in pooled for value in known.values]))

    def count(self, values: Floats) -> NDArray[np.int64]:
        """How many values are in each interval; of many values, a part at regular steps."""
        some = values[:: 1 + len(values) // _MAX_BINNED]
        places = np.searchsorted(self.edges, some, side="left")
        return np.bincount(places, minlength=len(self.edges) + 1)
