"""The clusters of an encoded table, able to assign new rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int32]

NOISE = -1
"""The label of a row that belongs to no cluster."""

CHUNK_CELLS = 2**17
"""Distances held at a time: 1 MB, so that a chunk stays in the processor's cache."""


@dataclass(frozen=True)
class Assignment:
    """The cluster of every row, and how clearly it belongs there: arrays of shape (n,).

    ``labels`` are 0-based; -1 is noise. ``margin`` is 0 on the boundary between two clusters and
    for noise, and 1 where no other cluster comes into question.
    """

    labels: Labels
    margin: Floats


@dataclass(frozen=True)
class Partition(ABC):
    """Clusters that can assign rows they were not fitted on.

    ``centers``, shape (k, d), are the means of the clusters in the encoded space. ``inertia`` is
    the sum, over the fitted rows, of the squared distance to the center of their own cluster;
    noise is left out.
    """

    centers: Floats
    inertia: float

    @property
    def k(self) -> int:
        """Number of clusters."""
        return len(self.centers)

    def predict(self, values: Floats, *, chunk_cells: int = CHUNK_CELLS) -> Assignment:
        """Assign every row to its cluster.

        The assignment of a row does not depend on the rows that come with it. Memory is bounded:
        rows are taken in chunks.

        Parameters
        ----------
        values : ndarray of shape (n, d)
            Encoded rows, without missing values.
        chunk_cells : int
            Distances held at a time.
        """
        n = len(values)
        assignment = Assignment(np.empty(n, dtype=np.int32), np.empty(n))
        step = max(1, chunk_cells // self.k)
        for start in range(0, n, step):
            rows = slice(start, start + step)
            chunk = self._predict_chunk(values[rows])
            assignment.labels[rows], assignment.margin[rows] = chunk.labels, chunk.margin
        return assignment

    def reorder(self, order: Sequence[int]) -> Self:
        """The clusters with these numbers, in this order; those not named are dropped."""
        return replace(self, centers=self.centers[list(order)])

    @abstractmethod
    def _predict_chunk(self, values: Floats) -> Assignment:
        """:meth:`predict` for few rows."""


@dataclass(frozen=True)
class CentroidPartition(Partition):
    """Clusters given by their centers: every row belongs to the nearest, and none is noise.

    An exact tie goes to the lower number. The margin is 1 - d1 / d2 with the distances to the
    nearest and the second nearest center.

    Examples
    --------
    >>> two = CentroidPartition(np.array([[0.0, 0.0], [9.0, 0.0]]), inertia=0.0)
    >>> two.predict(np.array([[1.0, 0.0], [4.5, 0.0]]))
    Assignment(labels=array([0, 0], dtype=int32), margin=array([0.875, 0.   ]))
    """

    def _predict_chunk(self, values: Floats) -> Assignment:
        labels, nearest, second = find_two_nearest(compute_squared_distances(values, self.centers))
        return Assignment(
            labels.astype(np.int32), compute_margin(np.sqrt(nearest), np.sqrt(second))
        )


def compute_margin(nearest: Floats, second: Floats) -> Floats:
    """1 - nearest / second, and 0 where both are 0.

    Examples
    --------
    >>> compute_margin(np.array([0.0, 1.0, 3.0]), np.array([0.0, 4.0, np.inf]))
    array([0.  , 0.75, 1.  ])
    """
    ratio = np.divide(nearest, second, out=np.ones_like(nearest), where=second > 0)
    return 1.0 - ratio


def find_two_nearest(squared: Floats) -> tuple[NDArray[np.intp], Floats, Floats]:
    """Label, smallest and second smallest of every column of distances of shape (k, n).

    Examples
    --------
    >>> find_two_nearest(np.array([[4.0], [1.0], [9.0]]))
    (array([1]), array([1.]), array([4.]))
    """
    nearest = squared[0].copy()
    second = np.full_like(nearest, np.inf)
    labels = np.zeros(len(nearest), dtype=np.intp)
    for label, distances in enumerate(squared[1:], start=1):
        # A tie stays with the lower label.
        labels[distances < nearest] = label
        np.minimum(second, np.maximum(nearest, distances), out=second)
        np.minimum(nearest, distances, out=nearest)
    return labels, nearest, second


def compute_squared_distances(values: Floats, centers: Floats) -> Floats:
    """Squared Euclidean distance of every row to every center.

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
    >>> compute_squared_distances(np.array([[3.0, 4.0]]), np.array([[0.0, 0.0], [3.0, 3.0]]))
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


def renumber_labels(labels: Labels, order: Sequence[int], k: int) -> Labels:
    """New labels by the position of the old ones in ``order``; labels not in it become noise.

    Parameters
    ----------
    labels : ndarray of shape (n,)
        Below ``k``; -1 stays.
    order : sequence of int
        Old labels in their new order; -1 leaves out a number.
    k : int
        Number of clusters before.

    Examples
    --------
    >>> renumber_labels(np.array([0, 1, 2, -1], dtype=np.int32), [2, 0], 3).tolist()
    [1, -1, 0, -1]
    """
    table = np.full(k + 1, NOISE, dtype=np.int32)
    table[list(order)] = np.arange(len(order), dtype=np.int32)
    table[NOISE] = NOISE  # the last entry, which label -1 picks
    return table[labels]


@dataclass(frozen=True)
class CorePartition(Partition):
    """Clusters given by core samples: a row belongs to the nearest one that is near enough.

    ``core_samples``, shape (m, d), have the clusters ``labels``, shape (m,). ``eps``, shape (k,),
    is the largest distance from a core sample at which a row belongs to its cluster. Rows farther
    away from all of them are noise; a tie goes to the lower number. The margin is 1 - d1 / d2 with
    the distances to the nearest core sample of its cluster and of any other, and at least 0.

    Examples
    --------
    >>> samples, labels = np.array([[0.0], [1.0], [9.0]]), np.array([0, 0, 1], dtype=np.int32)
    >>> centers, eps = np.array([[0.5], [9.0]]), np.array([2.0, 2.0])
    >>> CorePartition(centers, 0.5, samples, labels, eps).predict(np.array([[3.0], [5.0]]))
    Assignment(labels=array([ 0, -1], dtype=int32), margin=array([0.66666667, 0.        ]))
    """

    core_samples: Floats
    labels: Labels
    eps: Floats

    def reorder(self, order: Sequence[int]) -> Self:
        """The clusters with these numbers, in this order; the others are dropped."""
        labels = renumber_labels(self.labels, order, self.k)
        kept = labels != NOISE
        return replace(
            super().reorder(order),
            core_samples=self.core_samples[kept],
            labels=labels[kept],
            eps=self.eps[list(order)],
        )

    @cached_property
    def _trees(self) -> list[Any]:
        from sklearn.neighbors import KDTree

        return [KDTree(self.core_samples[self.labels == label]) for label in range(self.k)]

    def _predict_chunk(self, values: Floats) -> Assignment:
        distances = np.stack([tree.query(values)[0][:, 0] for tree in self._trees])
        inside = (distances <= self.eps[:, None]).any(axis=0)
        near_enough = np.where(distances <= self.eps[:, None], distances, np.inf)
        labels, own, _ = find_two_nearest(near_enough)
        distances[labels, np.arange(len(values))] = np.inf
        second = distances.min(axis=0)
        # Noise has the margin 0. A denser cluster may be nearer than the row's own, but not near
        # enough for its smaller eps.
        margin = compute_margin(np.where(inside, own, 1.0), np.where(inside, second, 1.0))
        return Assignment(np.where(inside, labels, NOISE).astype(np.int32), np.maximum(margin, 0.0))
