"""References: tables like the data in every way but one: they have no segments.

Two families, because no single one is like every table without segments. ``boxes`` fills the box
around the principal components evenly [1]_: of all even shapes the one that k-means cuts best.
``columns`` draws every column on its own, from the nearest distribution with a single peak: tails
and skewness stay, and what ties the columns together goes.

What is not a shape stays what it is in both: categories keep their levels and shares, and a column
with few different values keeps to these values. Ratings from 1 to 5 form heaps, but not segments.

.. [1] R. Tibshirani, G. Walther, T. Hastie (2001). Estimating the number of clusters in a data set
   via the gap statistic. Journal of the Royal Statistical Society B 63, 411-423.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ilk.cluster.partition import Floats

_MAX_BINS = 40  # at most, each with as many values as the others


class NullModels:
    """Draws of tables without segments, of the shape (n, d) of a given one.

    Parameters
    ----------
    values : ndarray of shape (n, d)
        Encoded rows.
    blocks : sequence of slice
        The columns of each category; columns outside of them are numbers.

    Examples
    --------
    >>> values = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [5.0, 0.0, 1.0]])
    >>> drawn = next(NullModels(values, [slice(1, 3)]).draw_independent_marginals(np.random.default_rng(0)))
    >>> drawn.shape, set(drawn[:, 0]) <= {0.0, 1.0, 5.0}, drawn[:, 1:].sum(axis=1).tolist()
    ((3, 3), True, [1.0, 1.0, 1.0])
    """

    def __init__(self, values: Floats, blocks: Sequence[slice] = ()) -> None:
        self._values = values
        self._blocks = blocks
        inside = {i for block in blocks for i in range(*block.indices(values.shape[1]))}
        self._numeric_columns = [i for i in range(values.shape[1]) if i not in inside]
        self._marginals = [_fit_unimodal(values[:, i]) for i in self._numeric_columns]

    def draw_uniform_box(self, rng: np.random.Generator) -> Iterator[Floats]:
        """Tables whose numbers fill the box around their principal components evenly."""
        numbers = self._values[:, self._numeric_columns]
        middle = numbers.mean(axis=0)
        directions = np.linalg.svd(numbers - middle, full_matrices=False)[2]
        turned = (numbers - middle) @ directions.T
        low, high = turned.min(axis=0, initial=0.0), turned.max(axis=0, initial=0.0)
        while True:
            drawn = self._draw_categories(rng)
            even = rng.uniform(low, high, turned.shape) @ directions + middle
            for i, column, peak in zip(self._numeric_columns, even.T, self._marginals, strict=True):
                drawn[:, i] = peak.round_to_values(column)
            yield drawn

    def draw_independent_marginals(self, rng: np.random.Generator) -> Iterator[Floats]:
        """Tables whose columns have one peak each, and know nothing of each other."""
        while True:
            drawn = self._draw_categories(rng)
            for i, peak in zip(self._numeric_columns, self._marginals, strict=True):
                drawn[:, i] = peak.draw(len(drawn), rng)
            yield drawn

    def _draw_categories(self, rng: np.random.Generator) -> Floats:
        """An empty table with the categories filled in, each drawn on its own."""
        drawn = np.empty_like(self._values)
        for block in self._blocks:
            rows = rng.integers(len(drawn), size=len(drawn))
            drawn[:, block] = self._values[rows, block]
        return drawn


@dataclass(frozen=True)
class _UnimodalMarginal:
    """A distribution with one peak: ``shares`` of the rungs of a ladder, or between ``edges``."""

    edges: Floats
    probabilities: Floats
    is_discrete: bool

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        places = rng.choice(len(self.probabilities), n, p=self.probabilities)
        if self.is_discrete:
            return self.edges[places]
        low, high = self.edges[places], self.edges[places + 1]
        return low + (high - low) * rng.random(n)

    def round_to_values(self, column: Floats) -> Floats:
        """Values put on the nearest rung; left as they are where there is no ladder."""
        if not self.is_discrete:
            return column
        return self.edges[np.searchsorted((self.edges[1:] + self.edges[:-1]) / 2, column)]


def _fit_unimodal(column: Floats) -> _UnimodalMarginal:
    """The distribution with a single peak that is nearest to a column's (least squares)."""
    rungs, counts = np.unique(column, return_counts=True)
    if len(rungs) <= MAX_DISCRETE_VALUES:
        return _UnimodalMarginal(
            rungs, _fit_unimodal_shares(counts / len(column), np.ones(len(rungs))), is_discrete=True
        )
    bins = min(_MAX_BINS, int(np.sqrt(len(column))))
    edges = np.unique(np.quantile(column, np.linspace(0, 1, bins + 1)))
    widths = np.diff(edges)
    counts, _ = np.histogram(column, edges)
    return _UnimodalMarginal(
        edges, _fit_unimodal_shares(counts / len(column) / widths, widths), is_discrete=False
    )


def _fit_unimodal_shares(heights: Floats, widths: Floats) -> Floats:
    """Shares under the curve that rises to one peak and falls after it, nearest to ``heights``."""
    from scipy.optimize import isotonic_regression

    def fit_side(part: slice, *, increasing: bool) -> NDArray[np.float64]:
        if not len(heights[part]):
            return heights[part]
        fitted = isotonic_regression(heights[part], weights=widths[part], increasing=increasing)
        return np.asarray(fitted.x)

    best, least = heights, np.inf
    for peak in range(len(heights) + 1):
        curve = np.concatenate(
            [
                fit_side(slice(0, peak), increasing=True),
                fit_side(slice(peak, None), increasing=False),
            ]
        )
        missed = float((widths * (curve - heights) ** 2).sum())
        if missed < least:
            best, least = curve, missed
    shares: Floats = best * widths / (best * widths).sum()
    return shares


MAX_DISCRETE_VALUES = 50
"""Different values up to which a column is a ladder: heaps on its rungs are not segments."""


def spread_discrete_values(values: Floats, seed: int) -> Floats:
    """The same table, with the values of ladders spread evenly over the room around their rung.

    A customer who rates 4 may feel like 3.6 or 4.4. Without this every rung would stand apart
    from the next by an empty valley.

    Examples
    --------
    >>> spread = spread_discrete_values(np.array([[1.0], [2.0], [4.0]]), seed=0).ravel()
    >>> low, high = np.array([0.5, 1.5, 3.0]), np.array([1.5, 3.0, 5.0])
    >>> bool(((low <= spread) & (spread <= high)).all())
    True
    """
    generator = np.random.default_rng(seed)
    spread = values.copy()
    for column in spread.T:
        rungs, places = np.unique(column, return_inverse=True)
        if 2 <= len(rungs) <= MAX_DISCRETE_VALUES:
            half = np.diff(rungs) / 2
            low = rungs - np.concatenate([half[:1], half])
            high = rungs + np.concatenate([half, half[-1:]])
            column[:] = generator.uniform(low[places], high[places])
    return spread
