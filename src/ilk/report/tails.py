"""Tails: columns whose largest values would leave no room for the others in a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LONG = 10.0  # times the median that the largest value is


def long_tailed(values: NDArray[np.float64]) -> bool:
    """Whether the largest values would push all others into a corner, and a logarithm helps.

    Examples
    --------
    >>> long_tailed(np.array([1.0, 2.0, np.nan, 90.0])), long_tailed(np.array([0.0, 1.0, 90.0]))
    (True, False)
    """
    values = values[np.isfinite(values)]
    if not len(values) or values.min() <= 0:
        return False
    return bool(values.max() >= _LONG * np.median(values))
