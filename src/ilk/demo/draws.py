"""Random numbers that are the same on every machine and with every version of NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class RandomStream:
    """A stream of random numbers from the raw bits of PCG64.

    NumPy guarantees the raw bits of a bit generator, but not what ``Generator`` makes of them. All
    numbers here come from integers by exact arithmetic; only :meth:`draw_lognormal` takes an
    exponential, whose last bit disappears when the caller rounds.

    Parameters
    ----------
    seed : int
        Start of the stream.

    Examples
    --------
    >>> RandomStream(1).draw_integers(1, 6, 5).tolist()
    [4, 6, 1, 6, 2]
    """

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(seed)

    def draw_integers(self, low: int, high: int, n: int) -> Integers:
        """Integers from ``low`` to ``high``, both included; shape (n,)."""
        return low + (self._draw_words(n) * (high - low + 1) >> 32)

    def draw_normal(self, mean: float, spread: float, n: int) -> Floats:
        """Approximately normal values with the given mean and standard deviation; shape (n,).

        The sum of twelve uniform numbers has variance 1 and stays within six of its mean.
        """
        sums = self._draw_words(12 * n).reshape(n, 12).sum(axis=1)
        scores: Floats = sums / 2.0**32 - 6.0
        return mean + spread * scores

    def draw_lognormal(self, median: float, spread: float, n: int) -> Floats:
        """Positive values with a long right tail; ``spread`` is the SD of their logarithm."""
        return median * np.exp(self.draw_normal(0.0, spread, n))

    def draw_options(self, options: Sequence[str], weights: Sequence[int], n: int) -> NDArray[Any]:
        """Options drawn in proportion to integer weights; shape (n,)."""
        positions = np.repeat(np.arange(len(options)), weights)
        return np.array(options)[positions[self.draw_integers(0, len(positions) - 1, n)]]

    def draw_permutation(self, n: int) -> Integers:
        """The numbers 0 to n - 1 in random order."""
        return np.argsort(self._draw_words(n), kind="stable")

    def _draw_words(self, n: int) -> Integers:
        return (self._bits.random_raw(n) >> np.uint64(32)).astype(np.int64)


def reflect_into_bounds(values: Floats, low: float, high: float) -> Floats:
    """Reflect values at both bounds, so that none pile up on a bound.

    Examples
    --------
    >>> reflect_into_bounds(np.array([-2.0, 5.0, 13.0]), 0, 10).tolist()
    [2.0, 5.0, 7.0]
    """
    folded = low + np.abs(values - low)
    return np.clip(high - np.abs(high - folded), low, high)


def round_to_integers(values: Floats) -> Integers:
    """Round values to integers; halves go to the even neighbor."""
    return np.rint(values).astype(np.int64)
