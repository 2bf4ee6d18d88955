"""The clusters of an encoded table, able to assign new rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ilk.errors import UsageError

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
        for rows in self._iter_chunks(n, chunk_cells):
            chunk = self._predict_chunk(values[rows])
            assignment.labels[rows], assignment.margin[rows] = chunk.labels, chunk.margin
        return assignment

    def compute_distances(self, values: Floats, *, chunk_cells: int = CHUNK_CELLS) -> Floats:
        """Distance of every row to every cluster, shape (n, k).

        What it is measured from, each kind of partition says. A row that is in a cluster is
        nearest to that one, also where rounding makes two distances equal.
        """
        return self._fill_by_chunks(
            values, chunk_cells, lambda chunk, labels: _favor(np.sqrt(self._square(chunk)), labels)
        )

    def compute_memberships(self, values: Floats, *, chunk_cells: int = CHUNK_CELLS) -> Floats:
        """The probability of every row to belong to each cluster, shape (n, k).

        That of cluster j is ``exp(-d_j² / 2v)`` over the sum of these, with the distances of
        :meth:`compute_distances` and a variance v that each kind of partition states: by Bayes'
        theorem the posterior of densities that fall off like a normal distribution's. Noise has
        the probability 0 everywhere; every other row adds up to 1, and its own cluster has the
        largest.
        """

        def compute_chunk(chunk: Floats, labels: Labels) -> Floats:
            memberships = compute_softmax(self._square(chunk), self._membership_variance)
            return np.where(labels == NOISE, 0.0, -_favor(-memberships, labels))

        return self._fill_by_chunks(values, chunk_cells, compute_chunk)

    @abstractmethod
    def score_rows(self, values: Floats) -> Floats:
        """How well every row fits, shape (n,): the larger, the better."""

    def summarize_scores(self, scores: Floats, weights: Floats | None = None) -> float:
        """One score for rows that count as much as their weights: the sum."""
        return float(np.sum(scores if weights is None else scores * weights))

    def reorder(self, order: Sequence[int]) -> Self:
        """The clusters with these numbers, in this order; those not named are dropped."""
        return replace(self, centers=self.centers[list(order)])

    @abstractmethod
    def _predict_chunk(self, values: Floats) -> Assignment:
        """:meth:`predict` for few rows."""

    @abstractmethod
    def _square(self, values: Floats) -> Floats:
        """Squared distances of few rows to every cluster, shape (k, n)."""

    @property
    @abstractmethod
    def _membership_variance(self) -> float:
        """The variance in :meth:`compute_memberships`."""

    def _iter_chunks(self, n: int, chunk_cells: int) -> Iterator[slice]:
        step = max(1, chunk_cells // max(1, self.k))
        for start in range(0, n, step):
            yield slice(start, start + step)

    def _fill_by_chunks(
        self, values: Floats, chunk_cells: int, compute: Callable[[Floats, Labels], Floats]
    ) -> Floats:
        """An array of shape (n, k) from what is computed of few rows and their labels, (k, n)."""
        filled = np.empty((len(values), self.k))
        for rows in self._iter_chunks(len(values), chunk_cells):
            chunk = values[rows]
            filled[rows] = compute(chunk, self._predict_chunk(chunk).labels).T
        return filled


@dataclass(frozen=True)
class CentroidPartition(Partition):
    """Clusters given by their centers: every row belongs to the nearest, and none is noise.

    An exact tie goes to the lower number. The margin is 1 - d1 / d2 with the distances to the
    nearest and the second nearest center.

    Distances are Euclidean, to the centers. ``variance`` is that of a column within the clusters,
    the inertia over the number of fitted rows and of columns. Memberships are posteriors of normal
    distributions around the centers, equally frequent and with this variance in every direction:
    it is the mixture of which k-means is the classification maximum likelihood, and this is its
    estimate of the variance [1]_. Without a variance they are 0 and 1.

    References
    ----------
    .. [1] G. Celeux, G. Govaert (1992). A classification EM algorithm for clustering and two
       stochastic versions. Computational Statistics & Data Analysis 14, 315-332.

    Examples
    --------
    >>> two = CentroidPartition(np.array([[0.0, 0.0], [9.0, 0.0]]), inertia=0.0, variance=9.0)
    >>> two.predict(np.array([[1.0, 0.0], [4.5, 0.0]]))
    Assignment(labels=array([0, 0], dtype=int32), margin=array([0.875, 0.   ]))
    >>> two.compute_distances(np.array([[1.0, 0.0]])).tolist()
    [[1.0, 8.0]]
    >>> two.compute_memberships(np.array([[1.0, 0.0], [4.5, 0.0]])).round(3).tolist()
    [[0.971, 0.029], [0.5, 0.5]]
    """

    variance: float = 0.0

    def score_rows(self, values: Floats) -> Floats:
        """Minus the squared distance of every row to its center."""
        scores: Floats = -compute_squared_distances(values, self.centers).min(axis=0)
        return scores

    @property
    def _membership_variance(self) -> float:
        return self.variance

    def _square(self, values: Floats) -> Floats:
        return compute_squared_distances(values, self.centers)

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


def compute_softmax(squared: Floats, variance: float) -> Floats:
    """``exp(-squared / 2 variance)`` over the sum of its column, shape (k, n).

    Without a variance the smallest of a column shares 1 with those that equal it.

    Examples
    --------
    >>> compute_softmax(np.array([[0.0], [2.0 * np.log(3.0)]]), 1.0).round(9).ravel().tolist()
    [0.75, 0.25]
    >>> compute_softmax(np.array([[4.0], [1.0], [1.0]]), 0.0).ravel().tolist()
    [0.0, 0.5, 0.5]
    """
    excess = squared - squared.min(axis=0, initial=np.inf)
    with np.errstate(over="ignore"):
        exponents = np.where(excess > 0, np.inf, 0.0) if variance <= 0 else excess / (2 * variance)
    masses = np.exp(-exponents)
    total = np.zeros(squared.shape[1])
    for mass in masses:  # in their order, however many columns there are
        total += mass
    return masses / total


def _favor(values: Floats, labels: Labels) -> Floats:
    """Values of shape (k, n) in which that of a row's label is smaller than all others.

    Where it is not, because rounding has made it equal to another, the others become a little
    larger. Rows of noise stay as they are.
    """
    if not len(values):
        return values
    own = values[labels, np.arange(len(labels))]
    others = np.arange(len(values))[:, None] != labels
    tied = others & (values <= own) & (labels != NOISE)
    return np.where(tied, np.nextafter(own, np.inf), values)


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

    Distances are those to the nearest core sample of each cluster. A cluster that is out of reach
    counts as farther than the largest ``eps``: a denser cluster may be nearer than one that a row
    belongs to. So a row is noise where its smallest distance exceeds the largest ``eps``.

    Density methods count the rows within ``eps``, as if each core sample stood for a uniform
    distribution in the ball around it, whose variance in every column is eps² / (d + 2).
    Memberships put normal distributions of the same variance, the mean over the core samples, in
    the place of the balls, and compare the nearest ones.

    Examples
    --------
    >>> samples, labels = np.array([[0.0], [1.0], [9.0]]), np.array([0, 0, 1], dtype=np.int32)
    >>> centers, eps = np.array([[0.5], [9.0]]), np.array([2.0, 2.0])
    >>> cores = CorePartition(centers, 0.5, samples, labels, eps)
    >>> cores.predict(np.array([[3.0], [5.0]]))
    Assignment(labels=array([ 0, -1], dtype=int32), margin=array([0.66666667, 0.        ]))
    >>> cores.compute_distances(np.array([[3.0], [5.0]])).tolist()
    [[2.0, 6.0], [4.0, 4.0]]
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

    def score_rows(self, values: Floats) -> Floats:
        """Refused: there are neither centers nor a likelihood.

        Raises
        ------
        UsageError
            Always: ``E_NO_SCORE``.
        """
        raise UsageError(
            "E_NO_SCORE",
            "segments of a density method have neither centers nor a likelihood to score by",
            place="score",
            way_out="Use another algorithm, such as kmeans or mixture.",
        )

    @property
    def _membership_variance(self) -> float:
        if not self.k:
            return 0.0
        d = int(self.centers.shape[1])
        return float(np.mean(self.eps[self.labels] ** 2)) / (d + 2)

    def _square(self, values: Floats) -> Floats:
        distances = self._find_nearest_cores(values)
        beyond = np.nextafter(self.eps.max(initial=0.0), np.inf)
        in_reach = distances <= self.eps[:, None]
        squared: Floats = np.where(in_reach, distances, np.maximum(distances, beyond)) ** 2
        return squared

    def _find_nearest_cores(self, values: Floats) -> Floats:
        """Distance of every row to the nearest core sample of each cluster, shape (k, n)."""
        distances = np.empty((self.k, len(values)))
        for label, tree in enumerate(self._trees):
            distances[label] = tree.query(values)[0][:, 0]
        return distances

    def _predict_chunk(self, values: Floats) -> Assignment:
        if not self.k:
            return Assignment(np.full(len(values), NOISE, dtype=np.int32), np.zeros(len(values)))
        distances = self._find_nearest_cores(values)
        inside = (distances <= self.eps[:, None]).any(axis=0)
        near_enough = np.where(distances <= self.eps[:, None], distances, np.inf)
        labels, own, _ = find_two_nearest(near_enough)
        distances[labels, np.arange(len(values))] = np.inf
        second = distances.min(axis=0)
        # Noise has the margin 0. A denser cluster may be nearer than the row's own, but not near
        # enough for its smaller eps.
        margin = compute_margin(np.where(inside, own, 1.0), np.where(inside, second, 1.0))
        return Assignment(np.where(inside, labels, NOISE).astype(np.int32), np.maximum(margin, 0.0))
