"""Partition: the clusters of an encoded table, able to place new rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int32]

_CELLS = 2**17
"""Distances held at a time: 1 MB, so that a chunk stays in the processor's cache."""


@dataclass(frozen=True)
class Placement:
    """Where rows fall: 0-based labels, and distances to the nearest and second nearest centre.

    Arrays of shape (n,). Distances are Euclidean, in the encoded space. With a single centre
    ``second`` is infinite.
    """

    labels: Labels
    nearest: Floats
    second: Floats


@dataclass(frozen=True)
class CentroidPartition:
    """Clusters given by their centres, an array of shape (k, d) in the encoded space.

    ``inertia`` is the sum of squared distances of the fitted rows to their nearest centre.

    Examples
    --------
    >>> two = CentroidPartition(np.array([[0.0, 0.0], [9.0, 0.0]]), inertia=0.0)
    >>> two.place(np.array([[1.0, 0.0], [4.5, 0.0]])).labels
    array([0, 0], dtype=int32)
    """

    centers: Floats
    inertia: float

    @property
    def k(self) -> int:
        """Number of clusters."""
        return len(self.centers)

    def place(self, values: Floats) -> Placement:
        """Give every row to its nearest centre; an exact tie goes to the lower number.

        A row's placement does not depend on the rows that come with it. Memory is bounded: rows
        are taken in chunks.

        Parameters
        ----------
        values : ndarray of shape (n, d)
            Encoded rows, without missing values.
        """
        n = len(values)
        placed = Placement(np.empty(n, dtype=np.int32), np.empty(n), np.empty(n))
        step = max(1, _CELLS // self.k)
        for start in range(0, n, step):
            rows = slice(start, start + step)
            labels, nearest, second = nearest_two(squared_distances(values[rows], self.centers))
            placed.labels[rows] = labels
            placed.nearest[rows] = np.sqrt(nearest)
            placed.second[rows] = np.sqrt(second)
        return placed


def nearest_two(squared: Floats) -> tuple[NDArray[np.intp], Floats, Floats]:
    """Label, smallest and second smallest of every column of distances of shape (k, n).

    Examples
    --------
    >>> nearest_two(np.array([[4.0], [1.0], [9.0]]))
    (array([1]), array([1.]), array([4.]))
    """
    columns = np.arange(squared.shape[1])
    labels = squared.argmin(axis=0)
    nearest = squared[labels, columns]
    others = squared.copy()
    others[labels, columns] = np.inf
    return labels, nearest, others.min(axis=0)


def squared_distances(values: Floats, centers: Floats) -> Floats:
    """Squared Euclidean distance of every row to every centre.

    Differences are squared and added column by column, in the order of the columns. Unlike
    ``|x|² - 2xc + |c|²`` by matrix product, this loses no digits when rows lie close together, and
    a row's distances do not depend on the rows around it.

    Parameters
    ----------
    values : ndarray of shape (n, d)
    centers : ndarray of shape (k, d)

    Returns
    -------
    ndarray of shape (k, n)

    Examples
    --------
    >>> squared_distances(np.array([[3.0, 4.0]]), np.array([[0.0, 0.0], [3.0, 3.0]]))
    array([[25.],
           [ 1.]])
    """
    squared = np.zeros((len(centers), len(values)))
    scratch = np.empty_like(squared)
    for column, center in zip(np.ascontiguousarray(values.T), centers.T, strict=True):
        np.subtract(column, center[:, None], out=scratch)
        np.multiply(scratch, scratch, out=scratch)
        squared += scratch
    return squared
