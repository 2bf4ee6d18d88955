"""The column that says how many customers each row of a table stands for."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ilk.cluster.partition import Floats
from ilk.cluster.weighted_rows import are_whole
from ilk.schema import Column

_FRACTION_BITS = 40
"""Bits of the largest weight where weights are not whole: figures show no more digits."""

_MAX_BITS = 62


@dataclass(frozen=True)
class RowWeights:
    """A column of weights, and the unit in which they are counted.

    Figures count customers in units of ``2 ** -exponent``: 1 where all weights are whole, and
    otherwise a part of the largest that is small enough for any figure.

    Examples
    --------
    >>> RowWeights.of(np.array([1.0, 3.0])).count_units(np.array([3.0])).tolist()
    [3]
    >>> halves = RowWeights.of(np.array([0.5, 3.0]))
    >>> halves.exponent, (halves.count_units(np.array([0.5])) / 2**halves.exponent).tolist()
    (38, [0.5])
    """

    exponent: int
    name: str = "\x00weight"

    @classmethod
    def of(cls, weights: Floats) -> RowWeights:
        """The column for these weights, all positive."""
        digits = math.frexp(float(weights.max()))[1]
        if are_whole(weights):
            return cls(min(0, _MAX_BITS - digits))
        return cls(_FRACTION_BITS - digits)

    @property
    def column(self) -> Column:
        """The column as it is cast."""
        return Column(self.name, "number", "ignore", "the weight of a row")

    def count_units(self, weights: Floats) -> NDArray[np.int64]:
        """Weights in whole units, at least one each."""
        units: NDArray[np.int64] = np.rint(np.ldexp(weights, self.exponent)).astype(np.int64)
        return np.maximum(units, 1)
