"""The spread of a number within every segment, as the five figures of a box plot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ilk.cluster.partition import Floats, Labels


WHISKER_LENGTH = 1.5
"""Longest whisker in interquartile ranges (J. W. Tukey, *Exploratory Data Analysis*, 1977)."""

_QUARTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True)
class BoxStats:
    """One number within one segment, in original units.

    ``low`` and ``high`` are the ends of the whiskers: the outermost values within 1.5 times the
    length of the box from it, never inside it. ``customers`` counts those with a
    value.
    """

    segment: int
    low: float
    q1: float
    median: float
    q3: float
    high: float
    customers: int


def compute_box_stats(values: Floats, labels: Labels, k: int) -> tuple[BoxStats, ...]:
    """The box of every segment.

    Quartiles are interpolated linearly, as NumPy does by default (type 7 of
    R. J. Hyndman, Y. Fan, *The American Statistician* 50, 1996).

    Parameters
    ----------
    values : ndarray, shape (n,)
        One column in original units, NaN where a customer has no value.
    labels : ndarray, shape (n,)
        The 0-based segment of each row.
    k : int
        Number of segments.

    Returns
    -------
    tuple of BoxStats
        In the order of the segments; one in which no customer has a value is left out.

    Examples
    --------
    >>> ages = np.array([20.0, 30.0, 40.0, 50.0, 60.0, np.nan])
    >>> compute_box_stats(ages, np.array([0, 0, 0, 0, 0, 1]), 2)
    (BoxStats(segment=1, low=20.0, q1=30.0, median=40.0, q3=50.0, high=60.0, customers=5),)
    """
    return tuple(_iter_box_stats(values, labels, k))


def _iter_box_stats(values: Floats, labels: Labels, k: int) -> Iterator[BoxStats]:
    known = ~np.isnan(values)
    for label in range(k):
        own = values[known & (labels == label)]
        if own.size:
            yield _make_box_stats(label + 1, own)


def _make_box_stats(segment: int, values: Floats) -> BoxStats:
    q1, median, q3 = np.quantile(values, _QUARTILES).tolist()
    reach = WHISKER_LENGTH * (q3 - q1)
    low = values[values >= q1 - reach].min().item()
    high = values[values <= q3 + reach].max().item()
    # A quartile between an outlier and its neighbor can lie beyond every value within reach.
    return BoxStats(segment, min(low, q1), q1, median, q3, max(high, q3), values.size)


_MIN_TAIL_RATIO = 10.0  # times the median that the largest value is


def needs_log_scale(values: NDArray[np.float64]) -> bool:
    """Whether a few large values would squeeze all others together on a linear scale.

    Examples
    --------
    >>> needs_log_scale(np.array([1.0, 2.0, np.nan, 90.0]))
    True
    >>> needs_log_scale(np.array([0.0, 1.0, 90.0]))
    False
    """
    values = values[np.isfinite(values)]
    if not len(values) or values.min() <= 0:
        return False
    return bool(values.max() >= _MIN_TAIL_RATIO * np.median(values))
