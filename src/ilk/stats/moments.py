"""Exact sums of values and of their squares by fixed-point arithmetic, group by group.

A value is written as a whole number of units and split into pieces of 16 bits. The product of two
pieces has at most 32 bits, so that doubles add up two million of them without rounding: one matrix
product of the pieces with themselves yields every sum that is needed, in any order of computation.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

BITS = 79
"""Bits of the largest value: finer than a double resolves for any above 2**-26 of the largest."""

_PIECE_BITS = 16
_N_PIECES = 5
_MAX_ROWS = 2**20
_SMALL_LIMIT = 2.0**31

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """Number of values, their sum, and the sum of their squares; in units of one measure.

    Examples
    --------
    >>> halves = Moments(2, total=10, squares=58)  # 1.5 and 3.5 in units of 1/2
    >>> halves.mean(exponent=1), halves.std(exponent=1)
    (2.5, 1.0)
    """

    count: int = 0
    total: int = 0
    squares: int = 0

    def __add__(self, other: Moments) -> Moments:
        return Moments(
            self.count + other.count, self.total + other.total, self.squares + other.squares
        )

    def repeat(self, times: int) -> Moments:
        """The same values, each this many times."""
        return Moments(self.count * times, self.total * times, self.squares * times)

    def shift(self, exponent: int) -> Moments:
        """The same values in units that are smaller by ``2 ** exponent``."""
        return Moments(self.count, self.total << exponent, self.squares << 2 * exponent)

    def mean(self, exponent: int) -> float | None:
        """Mean, correctly rounded; ``None`` without values."""
        return math.ldexp(self.total / self.count, -exponent) if self.count else None

    def std(self, exponent: int) -> float | None:
        """Population standard deviation; ``None`` without values."""
        if not self.count:
            return None
        spread = self.count * self.squares - self.total**2
        return math.ldexp(math.sqrt(spread / self.count**2), -exponent)

    def compute_effect(self, whole: Moments, exponent: int) -> float:
        """Distance of the mean from the whole's, in standard deviations of the whole.

        0.0 without values, and where the whole has no spread.
        """
        mean, center, spread = self.mean(exponent), whole.mean(exponent), whole.std(exponent)
        if mean is None or center is None or not spread:
            return 0.0
        return (mean - center) / spread


@dataclass(frozen=True)
class GroupSums:
    """Sums over a set of customers: one :class:`Moments` per measure, one count per level."""

    customers: int
    moments: tuple[Moments, ...]
    levels: tuple[Counter[str], ...]

    def __add__(self, other: GroupSums) -> GroupSums:
        return GroupSums(
            self.customers + other.customers,
            tuple(a + b for a, b in zip(self.moments, other.moments, strict=True)),
            tuple(a + b for a, b in zip(self.levels, other.levels, strict=True)),
        )

    def repeat(self, times: int) -> GroupSums:
        """The same customers, each this many times."""
        return GroupSums(
            self.customers * times,
            tuple(moments.repeat(times) for moments in self.moments),
            tuple(
                Counter({level: count * times for level, count in counts.items()})
                for counts in self.levels
            ),
        )


def choose_exponent(magnitude: float) -> int:
    """Power of two that brings the magnitude just under ``2 ** BITS``."""
    return BITS - math.frexp(magnitude)[1] if magnitude else 0


def compute_moments(values: Floats, exponent: int, starts: Sequence[int]) -> list[Moments]:
    """Count, sum and sum of squares of every group, in units of ``2 ** -exponent``.

    Parameters
    ----------
    values : ndarray, shape (n,)
        The groups one after the other; NaN where there is no value. Magnitudes in units are below
        ``2 ** BITS``; digits finer than a unit are dropped.
    exponent : int
        The unit.
    starts : sequence of int
        Where each group starts; the first at 0.

    Examples
    --------
    >>> compute_moments(np.array([1.5, 3.5, np.nan, 2.0]), 1, [0, 3])
    [Moments(count=2, total=10, squares=58), Moments(count=1, total=4, squares=16)]
    """
    known = ~np.isnan(values)
    values = values if known.all() else np.where(known, values, 0.0)
    whole = exponent >= 0 and _has_small_integers(values)
    moments = []
    for start, end in pairwise((*starts, len(values))):
        total = Moments()
        for rows in _split_rows(start, end):
            part = values[rows] if whole else _scale_to_units(values[rows], exponent)
            total += _sum_pieces(part, known[rows], 2 if whole else _N_PIECES)
        moments.append(total.shift(exponent) if whole else total)
    return moments


def _has_small_integers(values: Floats) -> bool:
    """Whether two pieces are enough, with 1 for the unit."""
    return bool((values == np.floor(values)).all() and (np.abs(values) < _SMALL_LIMIT).all())


def _split_rows(start: int, end: int) -> Iterator[slice]:
    """So few rows at a time that doubles hold the sums of their products."""
    for first in range(start, end, _MAX_ROWS):
        yield slice(first, min(first + _MAX_ROWS, end))


def _scale_to_units(values: Floats, exponent: int) -> Floats:
    # Two steps, because a single factor may lie beyond the range of a double.
    step = exponent // 2
    return np.trunc(values * math.ldexp(1.0, step) * math.ldexp(1.0, exponent - step))


def _sum_pieces(units: Floats, present: NDArray[np.bool_], pieces: int) -> Moments:
    """Moments of few values in units; those not ``present`` are 0 and not counted."""
    rows = np.empty((pieces + 1, len(units)))
    rows[0] = present
    rest = units.copy()
    for place in range(pieces, 1, -1):
        size = math.ldexp(1.0, _PIECE_BITS * (place - 1))
        # Toward zero: what is left has the sign of the value and fewer bits, so it is exact.
        np.trunc(rest / size, out=rows[place])
        rest -= rows[place] * size
    rows[1] = rest
    products = (rows @ rows.T).astype(np.int64).tolist()
    total = squares = 0
    for i in range(pieces):
        total += products[0][i + 1] << _PIECE_BITS * i
        for j in range(pieces):
            squares += products[i + 1][j + 1] << _PIECE_BITS * (i + j)
    return Moments(products[0][0], total, squares)
