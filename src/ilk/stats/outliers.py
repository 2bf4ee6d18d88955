"""Outliers of one column: a few values far beyond all others, which are no group of customers.

Errors, codes such as -999 and a single giant customer have the same effect: the variance of the
column is theirs, and the differences between all other customers vanish.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FENCE_DISTANCE = 3.0
"""Outliers are more than so many interquartile ranges beyond the quartiles: the outer fences of
J. W. Tukey, *Exploratory Data Analysis*, 1977, p. 44. Two normal values in a million are."""

MAX_OUTLIER_SHARE = 0.025
"""A larger share of the values on one side is a group, and no outliers."""

MIN_GROUP = 5
"""Fewer values are no group, however close together."""


def count_outliers(ordered: Floats) -> tuple[int, int]:
    """How many of the smallest and of the largest values are outliers.

    These are the values beyond one of Tukey's outer fences, if they are at most 2.5% of all and no
    group of customers. A group has at least five, more than one value, and a middle half no wider
    than that of all values; a wrong unit or a wrong decimal point spreads values widely, and a code
    is always the same. Where the middle half of all values is a single one, as it is where most
    customers have 0, the quartiles are those of the other values.

    Parameters
    ----------
    ordered : ndarray, shape (n,)
        Values in ascending order, all of them finite.

    Examples
    --------
    >>> ages = np.linspace(20.0, 60.0, 98)
    >>> count_outliers(np.concatenate([[-999.0], ages, [410.0]]))
    (1, 1)
    >>> count_outliers(np.concatenate([ages, [410.0] * 8]))  # too many
    (0, 0)
    """
    low, high = _find_quartiles(ordered)
    if low == high:
        low, high = _find_quartiles(ordered[ordered != low])
    width = high - low
    if not 0 < width < math.inf:
        return 0, 0
    below = int(np.searchsorted(ordered, low - FENCE_DISTANCE * width, side="left"))
    first = int(np.searchsorted(ordered, high + FENCE_DISTANCE * width, side="right"))
    return (
        below if _are_outliers(ordered[:below], len(ordered), width) else 0,
        len(ordered) - first if _are_outliers(ordered[first:], len(ordered), width) else 0,
    )


def clip_outliers(values: Floats) -> Floats:
    """The values, with every outlier moved to the nearest value that is none; NaN stays.

    Examples
    --------
    >>> ages = np.linspace(20.0, 60.0, 98)
    >>> clip_outliers(np.concatenate([[-999.0], ages, [410.0]]))[[0, 1, -2, -1]].tolist()
    [20.0, 20.0, 60.0, 60.0]
    """
    ordered = np.sort(values[~np.isnan(values)])
    below, above = count_outliers(ordered)
    if not below and not above:
        return values
    clipped: Floats = np.clip(values, ordered[below], ordered[len(ordered) - 1 - above])
    return clipped


def _are_outliers(extremes: Floats, n: int, width: float) -> bool:
    if len(extremes) > MAX_OUTLIER_SHARE * n:
        return False
    low, high = _find_quartiles(extremes)
    return not (len(extremes) >= MIN_GROUP and 0 < high - low <= width)


def _find_quartiles(ordered: Floats) -> tuple[float, float]:
    """The quartiles of sorted values, which stay the same when every value is there twice."""
    if not len(ordered):
        return 0.0, 0.0
    first, second = (len(ordered) - 1) // 4, min(len(ordered) // 4, len(ordered) - 1)
    backwards = ordered[::-1]
    return _halve(ordered[first], ordered[second]), _halve(backwards[second], backwards[first])


def _halve(one: float, other: float) -> float:
    return float(one) / 2 + float(other) / 2
