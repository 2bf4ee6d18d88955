"""Null models: random tables like the data in every way but one, without segments.

There are two, because no single one resembles every table without segments. ``uniform_box`` fills
the box around the principal components evenly [1]_; of all even shapes k-means divides this one
best. ``correlated_marginals`` draws every column from the nearest distribution with a single peak,
and joins the columns by a normal copula [2]_ with the rank correlations of the data: tails,
skewness and correlation stay, and whatever else the columns have to do with each other goes.

Both keep what is no shape: categories keep their levels and shares, and a column with few different
values keeps these values. Ratings from 1 to 5 pile up on five values, but that makes no segments.

.. [1] R. Tibshirani, G. Walther, T. Hastie (2001). Estimating the number of clusters in a data set
   via the gap statistic. Journal of the Royal Statistical Society B 63, 411-423.
.. [2] A. Sklar (1959). Fonctions de répartition à n dimensions et leurs marges. Publications de
   l'Institut de Statistique de l'Université de Paris 8, 229-231.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ilk.cluster.partition import Floats

MAX_DISCRETE_VALUES = 50
"""Different values up to which a column is discrete: many rows on one value are no segment."""

_MAX_BINS = 40  # with about as many values each


class NullModels:
    """Random tables without segments, of the same shape (n, d) as the data.

    Parameters
    ----------
    values : ndarray of shape (n, d)
        Encoded rows.
    blocks : sequence of slice
        The columns of each category; columns outside of them are numbers.

    Examples
    --------
    >>> values = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [5.0, 0.0, 1.0]])
    >>> models = NullModels(values, [slice(1, 3)])
    >>> table = next(models.draw_correlated_marginals(np.random.default_rng(0)))
    >>> table.shape, set(table[:, 0]) <= {0.0, 1.0, 5.0}, table[:, 1:].sum(axis=1).tolist()
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
        center = numbers.mean(axis=0)
        directions = np.linalg.svd(numbers - center, full_matrices=False)[2]
        projected = (numbers - center) @ directions.T
        low, high = projected.min(axis=0, initial=0.0), projected.max(axis=0, initial=0.0)
        while True:
            table = self._draw_categories(rng)
            box = rng.uniform(low, high, projected.shape) @ directions + center
            for i, column, marginal in zip(
                self._numeric_columns, box.T, self._marginals, strict=True
            ):
                table[:, i] = marginal.round_to_values(column)
            yield table

    def draw_correlated_marginals(self, rng: np.random.Generator) -> Iterator[Floats]:
        """Tables whose columns have one peak each and the rank correlations of the data."""
        from scipy.special import ndtr

        root = _fit_copula_root(self._values[:, self._numeric_columns])
        while True:
            table = self._draw_categories(rng)
            positions = ndtr(rng.standard_normal((len(table), len(root))) @ root.T)
            for i, column, marginal in zip(
                self._numeric_columns, positions.T, self._marginals, strict=True
            ):
                table[:, i] = marginal.compute_quantiles(column)
            yield table

    def _draw_categories(self, rng: np.random.Generator) -> Floats:
        """An empty table with the categories filled in, each drawn on its own."""
        table = np.empty_like(self._values)
        for block in self._blocks:
            rows = rng.integers(len(table), size=len(table))
            table[:, block] = self._values[rows, block]
        return table


@dataclass(frozen=True)
class _UnimodalMarginal:
    """A distribution with one peak: over the discrete values, or the bins between ``edges``."""

    edges: Floats
    probabilities: Floats
    is_discrete: bool

    def compute_quantiles(self, positions: Floats) -> Floats:
        """The values below which these shares of the distribution are."""
        shares = np.concatenate([[0.0], np.cumsum(self.probabilities)])
        if not self.is_discrete:
            return np.interp(positions, shares, self.edges)
        return self.edges[np.searchsorted(shares[1:-1], positions, side="right")]

    def round_to_values(self, column: Floats) -> Floats:
        """The nearest discrete values; a continuous column is left as it is."""
        if not self.is_discrete:
            return column
        return self.edges[np.searchsorted((self.edges[1:] + self.edges[:-1]) / 2, column)]


def _fit_copula_root(numbers: Floats) -> Floats:
    """The matrix, (d, d), that gives independent normal columns the copula's correlations.

    These are the correlations of the normal scores of the ranks. Rows that share a value share the
    mean of their scores, which weakens the correlations of discrete columns; dividing by the
    variances of the scores, which are 1 without ties, makes up for that.
    """
    if not numbers.shape[1]:
        return np.empty((0, 0))
    scores = np.column_stack([_compute_normal_scores(column) for column in numbers.T])
    scores /= np.maximum(scores.var(axis=0), np.finfo(float).eps)
    correlations = np.clip(scores.T @ scores / len(numbers), -1.0, 1.0)
    np.fill_diagonal(correlations, 1.0)
    # Made up for ties, the matrix can have negative eigenvalues: the nearest one has none.
    eigenvalues, vectors = np.linalg.eigh(correlations)
    root = vectors * np.sqrt(np.maximum(eigenvalues, 0.0))
    scaled: Floats = root / np.linalg.norm(root, axis=1, keepdims=True)
    return scaled


def _compute_normal_scores(column: Floats) -> Floats:
    """What ordered normal numbers would be, the mean of them for rows that share a value."""
    from scipy.special import ndtri

    _, places, counts = np.unique(column, return_inverse=True, return_counts=True)
    sums = np.add.reduceat(
        ndtri((np.arange(len(column)) + 0.5) / len(column)), np.cumsum(counts) - counts
    )
    scores: Floats = (sums / counts)[places]
    return scores


def _fit_unimodal(column: Floats) -> _UnimodalMarginal:
    """The distribution with a single peak that is nearest to a column's (least squares)."""
    values, counts = np.unique(column, return_counts=True)
    if len(values) <= MAX_DISCRETE_VALUES:
        shares = _fit_unimodal_shares(counts / len(column), np.ones(len(values)))
        return _UnimodalMarginal(values, shares, is_discrete=True)
    bins = min(_MAX_BINS, int(np.sqrt(len(column))))
    edges = np.unique(np.quantile(column, np.linspace(0, 1, bins + 1)))
    widths = np.diff(edges)
    counts, _ = np.histogram(column, edges)
    shares = _fit_unimodal_shares(counts / len(column) / widths, widths)
    return _UnimodalMarginal(edges, shares, is_discrete=False)


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
        error = float((widths * (curve - heights) ** 2).sum())
        if error < least:
            best, least = curve, error
    shares: Floats = best * widths / (best * widths).sum()
    return shares


def spread_discrete_values(values: Floats, seed: int) -> Floats:
    """The same table with discrete values spread evenly, half-way to the next values.

    A customer who rates 4 may mean 3.6 or 4.4. Without this there would be an empty gap between any
    two values.

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
        distinct, positions = np.unique(column, return_inverse=True)
        if 2 <= len(distinct) <= MAX_DISCRETE_VALUES:
            half = np.diff(distinct) / 2
            low = distinct - np.concatenate([half[:1], half])
            high = distinct + np.concatenate([half, half[-1:]])
            column[:] = generator.uniform(low[positions], high[positions])
    return spread
