"""Whether a column of new customers is broken: tests of its counts against the training data.

The null hypothesis of every test is that the new customers come from where those of the training
data came from. Each is made at a level of 0.1% for each column (:data:`LEVEL`) and holds whatever
the distribution of the column is, with repeated values too, where it is more cautious. Months
differ, so a difference also has to be large before a column is called broken: see
:func:`is_shifted`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ilk.columns.date_cells import DAYS_PER_YEAR
from ilk.model.cell_counts import CellCounts, NumberCounts
from ilk.model.ranges import MAX_POOLED, ColumnRange, ValueBins

LEVEL = 0.001
"""The probability, at most, that a test takes customers like those of the training for others."""

MIN_EFFECT = 0.5
"""The share of customers that has to be outside the range, without a value, or at other levels."""

MIN_RATIO = 5.0
"""A mean, or the share of a level, has to be so many times what it was, or a fraction of it. That
is less than a change of unit makes, and more than most parts of the customers differ."""

MIN_CUSTOMERS = 10
"""Of fewer customers nothing is said but which values are outside the range."""

_MAX_CROSSED = 0.5
"""Two columns are swapped if each resembles the other, with at most this part of the distance."""


def compute_outside_probability(n_outside: int, n_new: int, n_trained: int) -> float:
    """How probably so many of the new customers are beyond the largest of the training data.

    Those are then the largest of all n + m customers, who may come in any order: the probability is
    ``m (m - 1) … / ((n + m) (n + m - 1) …)``, with as many factors as there are values outside
    (S. S. Wilks, 1942, Statistical prediction with special reference to the problem of tolerance
    limits, Annals of Mathematical Statistics 13, 400-409).

    Examples
    --------
    >>> [round(compute_outside_probability(n, 99, 99), 4) for n in (1, 9)]
    [0.5, 0.0016]
    """
    total = n_new + n_trained
    log = math.lgamma(n_new + 1) - math.lgamma(n_new - n_outside + 1)
    log -= math.lgamma(total + 1) - math.lgamma(total - n_outside + 1)
    return math.exp(log)


def is_outside(counts: NumberCounts, known: ColumnRange) -> bool:
    """Whether values outside the range are too many, or one of them is far from all others.

    A new month has a few values slightly beyond those of the training data: with as many customers
    as then, the chance of at least one above is a half. They are told if chance would put as many
    there in less than one of a thousand tables, or if one is beyond
    :attr:`~ilk.model.ranges.ColumnRange.far_limits`.
    """
    low, high = known.far_limits
    if any(not low <= example.value <= high for example in counts.examples):
        return True
    return counts.n_values > 0 and any(
        compute_outside_probability(n, counts.n_values, known.n_values) < LEVEL / 2
        for n in (counts.n_low, counts.n_high)
    )


@dataclass(frozen=True)
class Difference:
    """Where the values of two tables differ most: the shares of those that are at most ``value``.

    Its distance is that of Kolmogorov and Smirnov, from 0 to 1.
    """

    value: float
    share: float
    trained_share: float

    @property
    def distance(self) -> float:
        """The difference of the shares."""
        return abs(self.share - self.trained_share)


def find_difference(counts: NumberCounts, known: ColumnRange) -> Difference:
    """Find at which of its quantiles a column differs most from the training data."""
    if counts.n_at_most is None or not counts.n_values:
        return Difference(known.minimum, 0.0, 0.0)
    return _find_largest(counts.n_at_most / counts.n_values, known)


def _find_largest(shares: NDArray[np.float64], known: ColumnRange) -> Difference:
    place = int(np.abs(shares - np.array(known.shares)).argmax())
    return Difference(known.values[place], float(shares[place]), known.shares[place])


def compute_max_distance(n_new: int, n_trained: int) -> float:
    """The largest distance that chance explains: the asymptotic bound of the two-sample test.

    Examples
    --------
    >>> round(compute_max_distance(200, 200), 3)
    0.195
    """
    return math.sqrt(math.log(2 / LEVEL) / 2 * (1 / n_new + 1 / n_trained))


def is_shifted(counts: NumberCounts, known: ColumnRange, trained_mean: float | None) -> bool:
    """Whether a column holds other values than it did: on another scale, or all the same.

    The distance has to be larger than chance explains, and half of the values outside the range, or
    the mean many times what it was. Less is no fault: the customers of one segment, or of one
    region, differ from all others within the range. Values that are all the same are told if the
    share of the training data near that value makes this as improbable.

    Of 200 customers each, multiplied values of a gamma distribution of shape 5 are found in 99% of
    tables for a factor of 2, as too many outside the range, and always from 5 on.
    """
    if counts.n_values < MIN_CUSTOMERS:
        return False
    if is_constant(counts, known):
        return True
    distance = find_difference(counts, known).distance
    if distance <= compute_max_distance(counts.n_values, known.n_values):
        return False
    ratio = compute_mean_ratio(counts, trained_mean)
    is_scaled = ratio is not None and not 1 / MIN_RATIO < ratio < MIN_RATIO
    return is_scaled or counts.n_outside >= MIN_EFFECT * counts.n_values


def is_constant(counts: NumberCounts, known: ColumnRange) -> bool:
    """Whether all new values are the same, which those of the training data make improbable."""
    if counts.n_values < MIN_CUSTOMERS or counts.minimum != counts.maximum:
        return False
    values, shares = np.array(known.values), np.array([0.0, *known.shares, 1.0])
    place = int(np.searchsorted(values, counts.minimum, side="left"))
    share = shares[place + 1] - shares[place]
    # The share is an estimate: one more customer of the training data may have had the value.
    share = (share * known.n_values + 1) / (known.n_values + 1)
    return bool(share**counts.n_values < LEVEL)


def compute_mean_ratio(counts: NumberCounts, trained_mean: float | None) -> float | None:
    """How many times the mean of the training data the new mean is; ``None`` for other signs."""
    if not counts.n_values or trained_mean is None:
        return None
    mean = counts.total / counts.n_values
    return mean / trained_mean if mean * trained_mean > 0 else None


def find_swapped(
    counts: CellCounts, bins: ValueBins, ranges: tuple[ColumnRange, ...]
) -> list[tuple[str, str]]:
    """Pairs of columns, each of which holds what the other one held.

    Both differ from the training data by more than chance explains, and together each differs at
    most half as much from the other.
    """
    if len(ranges) > MAX_POOLED:
        return []
    suspects = [known for known in ranges if _is_suspect(counts.numbers[known.column], known)]
    pairs: list[tuple[str, str]] = []
    for one, other in combinations(suspects, 2):
        if {one.column, other.column} & {name for pair in pairs for name in pair}:
            continue
        first, second = counts.numbers[one.column], counts.numbers[other.column]
        own = _compare(first, bins, one) + _compare(second, bins, other)
        crossed = _compare(first, bins, other) + _compare(second, bins, one)
        if crossed <= _MAX_CROSSED * own:
            pairs.append((one.column, other.column))
    return pairs


def _is_suspect(counts: NumberCounts, known: ColumnRange) -> bool:
    if counts.n_values < MIN_CUSTOMERS:
        return False
    limit = compute_max_distance(counts.n_values, known.n_values)
    return find_difference(counts, known).distance > limit or is_outside(counts, known)


def _compare(counts: NumberCounts, bins: ValueBins, known: ColumnRange) -> float:
    """The distance of the values of a column from those of any column in the training data."""
    assert counts.bins is not None
    ends = np.searchsorted(bins.edges, known.values)
    return _find_largest(counts.bins.cumsum()[ends] / counts.bins.sum(), known).distance


def are_levels_shifted(levels: Mapping[str, int], n_new: int, trained: Mapping[str, int]) -> bool:
    """Whether the levels of a category have other shares than they had.

    Half of the customers have to be elsewhere, most of them at a level that is many times as common
    as it was, and more of them than chance explains. The latter is bounded
    by the expected total variation distance of L levels, at most half the root of L / n for each of
    the two tables, and McDiarmid's inequality for how far it may be exceeded.

    Examples
    --------
    >>> are_levels_shifted({"a": 90, "b": 10}, 100, {"a": 5, "b": 95})
    True
    >>> are_levels_shifted({"a": 9, "b": 1}, 10, {"a": 5, "b": 5})
    False
    """
    n_trained = sum(trained.values())
    if n_new < MIN_CUSTOMERS or not n_trained:
        return False
    if not any(
        levels.get(level, 0) / n_new >= max(MIN_EFFECT, MIN_RATIO * count / n_trained)
        for level, count in trained.items()
    ):
        return False
    gains = [levels.get(level, 0) / n_new - count / n_trained for level, count in trained.items()]
    unseen = 1 - sum(levels.values()) / n_new
    distance = (sum(map(abs, gains)) + unseen) / 2
    expected = (math.sqrt(len(trained) / n_new) + math.sqrt(len(trained) / n_trained)) / 2
    margin = math.sqrt(math.log(1 / LEVEL) / 2 * (1 / n_new + 1 / n_trained))
    return distance >= MIN_EFFECT and distance > expected + margin


def are_dates_far(late: float, known: ColumnRange, unit: Literal["days", "years"]) -> bool:
    """Whether a date is too long after the day of a model for a newer table.

    The dates of the next month or quarter are later than all of the training data. One is told as a
    doubt if it is later by more than a year, or by more than the dates of the training span.

    Examples
    --------
    >>> import numpy as np
    >>> from ilk.model.ranges import make_range
    >>> known = make_range("days", np.arange(0.0, 100.0), 0.0, 99.0, 100)
    >>> are_dates_far(31, known, "days"), are_dates_far(100, known, "days")
    (False, True)
    """
    year = DAYS_PER_YEAR if unit == "days" else 1.0
    return late > min(year, known.maximum - known.minimum)


def find_only_level(
    levels: Mapping[str, int], n_new: int, trained: Mapping[str, int]
) -> str | None:
    """The level of all new customers, if its share in the training data makes this improbable.

    The column may be broken, or these are a part of the customers, such as those of a region: the
    column alone does not tell, so labels are not in doubt.

    Examples
    --------
    >>> find_only_level({"yes": 50, "no": 0}, 50, {"yes": 55, "no": 45})
    'yes'
    >>> find_only_level({"yes": 50, "no": 0}, 50, {"yes": 99, "no": 1})
    """
    only = next((level for level, count in levels.items() if count == n_new), None)
    n_trained = sum(trained.values())
    if only is None or n_new < MIN_CUSTOMERS or not n_trained:
        return None
    share = (trained.get(only, 0) + 1) / (n_trained + 1)  # an estimate, as in `is_constant`
    return only if share**n_new < LEVEL else None


def are_more_missing(n_missing: int, n_new: int, trained_share: float, n_trained: int) -> bool:
    """Whether half of the customers more than in the training data have no value.

    Examples
    --------
    >>> are_more_missing(200, 200, 0.0, 200), are_more_missing(90, 200, 0.0, 200)
    (True, False)
    """
    if n_new < MIN_CUSTOMERS or not n_trained:
        return False
    gain = n_missing / n_new - trained_share
    return gain >= MIN_EFFECT and gain > compute_max_distance(n_new, n_trained)
