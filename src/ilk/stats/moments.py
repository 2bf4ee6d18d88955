"""Sums over customers, in integers: they add up exactly, in any order."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass


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
