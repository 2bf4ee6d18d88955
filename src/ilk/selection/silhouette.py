"""Silhouettes: how much nearer each row is to its own cluster than to the next.

The silhouette of a row is (b - a) / max(a, b), with a the mean distance to the other rows of its
cluster and b the mean distance to the rows of the nearest other cluster; 0 for a row that is alone
[1]_. There are two kinds: the usual one, with Euclidean distances, and one with squared Euclidean
distances, which needs no pairs of rows and so is exact on any number of them.

.. [1] P. J. Rousseeuw (1987). Silhouettes: a graphical aid to the interpretation and validation of
   cluster analysis. Journal of Computational and Applied Mathematics 20, 53-65.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ilk.cluster.kmeans.hartigan_wong import compute_means
from ilk.cluster.parallel import run_parallel
from ilk.cluster.partition import Floats, Labels, compute_squared_distances
from ilk.cluster.weighted_rows import WeightedRows

MAX_SILHOUETTE_ROWS = 10_000
"""Rows on which the usual silhouette is computed; of more, a sample."""

_MAX_TOP_UP = 2_000
"""How many of these at most are added for small clusters."""

_CHUNK_CELLS = 2**21
"""Distances held at a time by one thread: 16 MB."""


@dataclass(frozen=True)
class Silhouette:
    """The mean silhouette of one labeling, and the values behind it.

    ``mean`` is over all rows; ``error`` is its standard error, 0 when no row was left out.
    ``values`` and ``labels``, shape (m,), belong to the sampled rows.
    """

    mean: float
    error: float
    values: Floats
    labels: Labels


def compute_silhouettes(
    rows: WeightedRows, labelings: Sequence[Labels], *, seed: int = 0
) -> list[Silhouette]:
    """The usual silhouette of several labelings of the same rows.

    The distances are computed once for all labelings, chunk by chunk; memory stays bounded. Beyond
    ``MAX_SILHOUETTE_ROWS`` rows one sample serves all: rows drawn evenly, with more from clusters
    that would have too few; each cluster then counts with its true weight.

    Parameters
    ----------
    rows : WeightedRows
        n distinct rows with weights.
    labelings : sequence of ndarray of shape (n,)
        0-based labels, every label used.
    seed : int
        Of the sample.

    Examples
    --------
    >>> from ilk.cluster.weighted_rows import deduplicate_rows
    >>> rows = deduplicate_rows(np.array([[0.0], [1.0], [9.0], [10.0]]))
    >>> [silhouette] = compute_silhouettes(rows, [np.array([0, 0, 1, 1], dtype=np.int32)])
    >>> round(silhouette.mean, 4)
    0.8885
    """
    sampled = _sample_rows(len(rows), labelings, seed)
    samples = [_LabeledSample(rows, labels, sampled) for labels in labelings]
    values = rows.values[sampled]
    values = values - values.mean(axis=0)  # values far from 0 would lose digits in the product
    norms = (values * values).sum(axis=1)
    all_members = np.hstack([sample.members for sample in samples])
    step = max(1, _CHUNK_CELLS // len(values))
    chunks = [slice(start, start + step) for start in range(0, len(values), step)]
    sums = np.vstack(
        run_parallel(lambda chunk: _compute_distances(values, norms, chunk) @ all_members, chunks)
    )
    ends = np.cumsum([sample.members.shape[1] for sample in samples])
    return [
        sample.compute_silhouette(part)
        for sample, part in zip(samples, np.split(sums, ends[:-1], axis=1), strict=True)
    ]


def compute_row_silhouettes(
    values: Floats, labels: Labels, *, seed: int = 0
) -> tuple[Floats, Labels]:
    """Silhouette and label of every row, or of at most ``MAX_SILHOUETTE_ROWS`` sampled ones.

    Parameters
    ----------
    values : ndarray of shape (n, d)
    labels : ndarray of shape (n,)
        0-based, every label used.
    seed : int
        Of the sample.

    Examples
    --------
    >>> values, labels = np.array([[0.0], [1.0], [9.0]]), np.array([0, 0, 1], np.int32)
    >>> compute_row_silhouettes(values, labels)[0].round(4).tolist()
    [0.8889, 0.875, 0.0]
    >>> compute_row_silhouettes(np.array([[0.0], [1.0]]), np.array([0, 0], np.int32))[0].tolist()
    [0.0, 0.0]
    """
    rows = WeightedRows(values, np.ones(len(values)))
    [silhouette] = compute_silhouettes(rows, [labels], seed=seed)
    return silhouette.values, silhouette.labels


def compute_squared_silhouette(rows: WeightedRows, labels: Labels) -> float:
    """Mean silhouette with squared Euclidean distances: exact, in linear time.

    The squared distances from x to the members of a cluster average ``|x - c|² + v``, with c their
    mean and v the mean of their own squared distances to c. So the distances to the centers are
    all that is needed.

    Examples
    --------
    >>> from ilk.cluster.weighted_rows import deduplicate_rows
    >>> rows = deduplicate_rows(np.array([[0.0], [1.0], [9.0], [10.0]]))
    >>> round(compute_squared_silhouette(rows, np.array([0, 0, 1, 1], dtype=np.int32)), 4)
    0.9876
    """
    k = int(labels.max()) + 1
    centers, sizes = compute_means(rows, labels, np.zeros((k, rows.values.shape[1])))
    squared = compute_squared_distances(rows.values, centers)
    own = squared[labels, np.arange(len(labels))]
    spreads = np.bincount(labels, own * rows.weights, minlength=k) / sizes
    sums = (squared + spreads[:, None]).T * sizes
    values = _compute_from_sums(sums, labels, sizes, np.ones(k))
    return float(np.average(values, weights=rows.weights))


class _LabeledSample:
    """One labeling of the sampled rows, where each cluster stands for all of its rows."""

    def __init__(self, rows: WeightedRows, labels: Labels, sampled: NDArray[np.intp]) -> None:
        k = int(labels.max()) + 1
        self.labels = labels[sampled]
        self._weights = rows.weights[sampled]
        self._sizes = np.bincount(labels, rows.weights, minlength=k).astype(np.float64)
        self._row_counts = np.bincount(labels, minlength=k)
        drawn = np.bincount(self.labels, self._weights, minlength=k)
        self._expansion = self._sizes / drawn
        self.members = (
            np.eye(k)[self.labels] * (self._weights * self._expansion[self.labels])[:, None]
        )

    def compute_silhouette(self, sums: Floats) -> Silhouette:
        values = _compute_from_sums(sums, self.labels, self._sizes, self._expansion)
        weights = self._weights * self._expansion[self.labels]
        mean = float(np.average(values, weights=weights))
        return Silhouette(mean, self._compute_error(values), values, self.labels)

    def _compute_error(self, values: Floats) -> float:
        """Standard error of a stratified mean, each cluster a stratum."""
        k = len(self._sizes)
        drawn = np.bincount(self.labels, minlength=k)
        means = np.bincount(self.labels, values, minlength=k) / drawn
        squares = np.bincount(self.labels, (values - means[self.labels]) ** 2, minlength=k)
        variances = squares / np.maximum(drawn - 1, 1)
        shares = self._sizes / self._sizes.sum()
        left_out = 1.0 - drawn / self._row_counts
        return float(np.sqrt((shares**2 * variances / drawn * left_out).sum()))


def _compute_from_sums(sums: Floats, labels: Labels, sizes: Floats, row_weights: Floats) -> Floats:
    """Silhouettes from every row's sum of distances to every cluster, shape (n, k).

    ``row_weights`` is what a single row counts for within each cluster: it is taken off the size of
    its own cluster, because a row is not its own neighbor.
    """
    if len(sizes) == 1:  # there is no cluster to be nearer to
        return np.zeros(len(labels))
    indices = np.arange(len(labels))
    others = sizes[labels] - row_weights[labels]
    own = sums[indices, labels] / np.where(others > 0, others, 1.0)
    means = sums / sizes
    means[indices, labels] = np.inf
    nearest = means.min(axis=1)
    longest = np.maximum(own, nearest)
    undefined = (others <= 0) | (longest == 0)
    return np.where(undefined, 0.0, (nearest - own) / np.where(longest > 0, longest, 1.0))


def _compute_distances(values: Floats, norms: Floats, rows: slice) -> Floats:
    """Euclidean distances of some rows to all of them, shape (len(some), n).

    By a matrix product, because this is where the time goes.
    """
    squared = norms[rows, None] - 2.0 * values[rows] @ values.T + norms
    distances: Floats = np.sqrt(np.maximum(squared, 0.0, out=squared), out=squared)
    distances[np.arange(len(distances)), np.arange(len(values))[rows]] = 0.0
    return distances


def _sample_rows(n: int, labelings: Sequence[Labels], seed: int) -> NDArray[np.intp]:
    """Positions of the rows to use: all, or a random sample with small clusters topped up."""
    if n <= MAX_SILHOUETTE_ROWS:
        return np.arange(n)
    order = np.random.default_rng(seed).permutation(n)
    chosen = np.zeros(n, dtype=bool)
    chosen[order[: MAX_SILHOUETTE_ROWS - _MAX_TOP_UP]] = True
    min_rows = _MAX_TOP_UP // sum(int(labels.max()) + 1 for labels in labelings)
    for labels in labelings:
        shuffled = labels[order]
        for label in range(int(labels.max()) + 1):
            chosen[order[np.flatnonzero(shuffled == label)[:min_rows]]] = True
    return np.flatnonzero(chosen)
