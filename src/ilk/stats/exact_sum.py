"""Sums of floating-point numbers without rounding, which merge in any order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

_DIGITS = 53
_HALF = 26  # so that the halves of 2**26 numbers add up within a double
_LOWEST = 1126  # the last digit of the smallest double stands for more than 2**-1126


@dataclass(frozen=True)
class ExactSums:
    """Sums over groups of numbers, each an integer multiple of ``2**-1126``.

    Examples
    --------
    >>> parts = [ExactSums.of(np.array([x])) for x in (1e16, 1.0, -1e16)]
    >>> (parts[0] + parts[1] + parts[2]).values
    (1.0,)
    """

    units: tuple[int, ...]

    @classmethod
    def of(
        cls, numbers: NDArray[np.float64], groups: NDArray[np.int32] | None = None, k: int = 1
    ) -> ExactSums:
        """Sum finite numbers, shape (n,), by their ``groups``: 0 to ``k - 1``, all 0 unless given.

        Raises
        ------
        ValueError
            For more than 2**26 numbers: add them up in parts.
        """
        if len(numbers) > 2**_HALF:
            raise ValueError(f"{len(numbers):,} numbers are too many for one part")
        places = np.zeros(len(numbers), dtype=np.intp) if groups is None else groups.astype(np.intp)
        mantissas, exponents = np.frexp(numbers)
        digits = np.ldexp(mantissas, _DIGITS).astype(np.int64)
        least = int(exponents.min(initial=0))
        span = int(exponents.max(initial=0)) - least + 1
        cells = places * span + (exponents - least)
        high = np.bincount(cells, digits >> _HALF, minlength=k * span)
        low = np.bincount(cells, digits & (2**_HALF - 1), minlength=k * span)
        units = [0] * k
        for cell in np.flatnonzero((high != 0) | (low != 0)).tolist():
            group, exponent = divmod(cell, span)
            whole = (int(high[cell]) << _HALF) + int(low[cell])
            units[group] += whole << (exponent + least - _DIGITS + _LOWEST)
        return cls(tuple(units))

    @classmethod
    def zeros(cls, k: int = 1) -> ExactSums:
        """No number in any of ``k`` groups."""
        return cls((0,) * k)

    def __add__(self, other: ExactSums) -> ExactSums:
        return ExactSums(tuple(a + b for a, b in zip(self.units, other.units, strict=True)))

    def repeat(self, times: int) -> ExactSums:
        """The sums of the same numbers, each this many times."""
        return ExactSums(tuple(unit * times for unit in self.units))

    @property
    def values(self) -> tuple[float, ...]:
        """The sums, each rounded once."""
        return tuple(float(Fraction(unit, 1 << _LOWEST)) for unit in self.units)

    def compute_means(self, counts: Sequence[int]) -> tuple[float | None, ...]:
        """The sums over the counts, each rounded once; ``None`` for a count of 0."""
        return tuple(
            float(Fraction(unit, count << _LOWEST)) if count else None
            for unit, count in zip(self.units, counts, strict=True)
        )
