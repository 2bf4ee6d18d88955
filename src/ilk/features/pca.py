"""Principal components: the directions of largest variance, and rows projected onto them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ilk.schema import Entries

Floats = NDArray[np.float64]

CHUNK_CELLS = 2**17
"""Cells computed at a time: 1 MB, so that a chunk stays in the processor's cache."""

_TOLERANCE = 1e-9
"""Shares and loadings that differ by less count as equal, so that rounding does not decide."""


@dataclass(frozen=True)
class PrincipalComponents:
    """Principal components of d encoded columns, the one of largest variance first.

    Attributes
    ----------
    mean : tuple of float, length d
        The mean of the rows fitted, which is projected to 0.
    directions : tuple of m tuples of float, each of length d
        One unit vector per component, at right angles to each other.
    shares : tuple of float, length m
        The share of the whole variance that lies along each direction.

    Examples
    --------
    >>> components = PrincipalComponents((1.0, 2.0), ((0.6, 0.8),), (0.9,))
    >>> components.encode(np.array([[4.0, 6.0]])).tolist()
    [[5.0]]
    >>> components.decode(np.array([[5.0]])).tolist()
    [[4.0, 6.0]]
    """

    mean: Entries[float]
    directions: Entries[Entries[float]]
    shares: Entries[float]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the components: ``component 1``, ``component 2`` …"""
        return tuple(f"component {number}" for number in range(1, len(self.directions) + 1))

    @property
    def explained_variance(self) -> float:
        """The share of the whole variance that lies along all of the directions."""
        return min(1.0, math.fsum(self.shares))

    def encode(self, values: Floats) -> Floats:
        """Project rows, shape (n, d), onto the components, shape (n, m).

        Components are not rescaled, so distances along them stay as they are. A row
        comes out the same to the last bit whatever rows come with it.
        """
        return _multiply_rows(values, np.array(self.mean), self._directions.T)

    def decode(self, projected: Floats) -> Floats:
        """Project rows back, from shape (n, m) to (n, d): exact but for components left out."""
        centered = _multiply_rows(projected, np.zeros(len(self.directions)), self._directions)
        centered += np.array(self.mean)
        return centered

    def keep_first(self, count: int) -> PrincipalComponents:
        """The first components alone."""
        return PrincipalComponents(self.mean, self.directions[:count], self.shares[:count])

    def find_n_components(self, share: float) -> int:
        """The fewest components that explain at least this share of the variance.

        Examples
        --------
        >>> PrincipalComponents((0.0,) * 3, (), (0.6, 0.3, 0.1)).find_n_components(0.9)
        2
        """
        reached = np.cumsum(self.shares) >= share - _TOLERANCE
        return int(reached.argmax()) + 1 if reached.any() else len(self.shares)

    def is_valid_for(self, width: int) -> bool:
        """Whether these are components of ``width`` columns: unit vectors at right angles."""
        rows = (self.mean, *self.directions)
        if any(len(row) != width for row in rows) or len(self.shares) != len(self.directions):
            return False
        with np.errstate(over="ignore", invalid="ignore"):
            square = self._directions @ self._directions.T
        return bool(self.directions) and bool(np.allclose(square, np.eye(len(square)), atol=1e-6))

    @cached_property
    def _directions(self) -> Floats:
        return np.array(self.directions).reshape(-1, len(self.mean))


def fit_pca(values: Floats) -> PrincipalComponents:
    """Every principal component along which rows differ; none where all rows are alike.

    The order of the rows changes no bit. Where two components have the same variance, their
    directions depend on rounding, and are the same for the same rows.

    Parameters
    ----------
    values : ndarray, shape (n, d)
        Encoded rows, without missing values.

    Examples
    --------
    >>> components = fit_pca(np.array([[3.0, 1.0], [3.0, -1.0], [-3.0, 1.0], [-3.0, -1.0]]))
    >>> components.directions, [round(share, 3) for share in components.shares]
    (((1.0, 0.0), (0.0, 1.0)), [0.9, 0.1])
    """
    width = values.shape[1]
    values = values + 0.0  # a negative zero becomes an ordinary one: both are the same number
    if len(values) == 0 or not np.ptp(values, axis=0).any():
        # Means of equal numbers are off by rounding; one of the rows is not.
        mean = values[0] if len(values) else np.zeros(width)
        return PrincipalComponents(tuple(mean.tolist()), (), ())
    values = values[np.lexsort(values.T[::-1])]
    # Brought near 1 by a power of two, which is exact: the squares of tiny numbers would be 0.
    exponent = int(np.frexp(np.abs(values).max())[1])
    mean, directions, spreads = _decompose(np.ldexp(values, -exponent))
    # What is below this is rounding, as in a numerical rank.
    kept = spreads > spreads[0] * max(values.shape) * np.finfo(float).eps
    variances = spreads**2
    return PrincipalComponents(
        tuple(np.ldexp(mean, exponent).tolist()),
        tuple(map(tuple, _orient_directions(directions[kept]).tolist())),
        tuple((variances[kept] / variances.sum()).tolist()),
    )


def _decompose(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Mean, directions and spreads (singular values) of rows, by scikit-learn, on one thread."""
    # Imported before the limit is set, which applies to the libraries loaded by then.
    from sklearn.decomposition import PCA
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        pca = PCA(svd_solver="full").fit(values)
    return pca.mean_, pca.components_, pca.singular_values_


def _orient_directions(directions: Floats) -> Floats:
    """Directions with signs such that the largest loading, the first of equals, is positive."""
    sizes = np.abs(directions)
    largest = (sizes >= sizes.max(axis=1, keepdims=True) - _TOLERANCE).argmax(axis=1)
    oriented: Floats = directions * np.sign(directions[np.arange(len(directions)), largest, None])
    return oriented + 0.0


def _multiply_rows(values: Floats, origin: Floats, matrix: Floats) -> Floats:
    """``(values - origin) @ matrix``, each row by itself.

    Products are added column by column: a matrix product adds in an order that depends on how
    many rows there are, so that a customer alone would differ from the same customer in a file.
    """
    products = np.empty((len(values), matrix.shape[1]))
    step = max(1, CHUNK_CELLS // max(1, matrix.shape[1]))
    for start in range(0, len(values), step):
        columns = np.ascontiguousarray(values[start : start + step].T)
        total = np.zeros((matrix.shape[1], columns.shape[1]))
        scratch = np.empty_like(total)
        for column, middle, weights in zip(columns, origin, matrix, strict=True):
            np.multiply(column - middle, weights[:, None], out=scratch)
            total += scratch
        products[start : start + step] = total.T
    return products
