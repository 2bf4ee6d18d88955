"""Lloyd's algorithm for many weightings or starts of the same rows at once.

The same algorithm as scikit-learn's, and tested against it. A call of that one costs a millisecond
of overhead, which on few rows is most of the time when hundreds of fits are needed; here all of
them share a few calls into BLAS. Three things differ: an empty cluster keeps its center, the last
digits may be others, and fits that need not converge search for the nearest center in single
precision, which takes half as long.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ilk.cluster.partition import Floats, compute_squared_distances

Integers = NDArray[np.int32]
AnyFloats = NDArray[np.float64] | NDArray[np.float32]

SCORE_BYTES = 2**21
"""Bytes of scores held at a time: rows are taken in chunks that stay in the processor's cache."""

MAX_WEIGHTS = 2**21
"""Weights held at a time, 16 MB: fits are taken in blocks."""

_MAX_BATCH_RUNS = 64
"""Fits in a block, at most: more gain nothing."""

_CANCELLATION_SHARE = 1e-6
"""An inertia below this part of the squared norms has lost digits and is computed anew."""

_MIN_SHIFT = 1e-20
"""Centers that move less than rounding have converged (squares, in units of the variance).
If a row changed its cluster they would move by more on any table of less than 10^9 rows."""


class LloydRuns(NamedTuple):
    """Where runs of Lloyd's algorithm ended.

    Attributes
    ----------
    centers : ndarray of shape (runs, k, d)
    inertia : ndarray of shape (runs,)
        Weighted sum of squared distances to the nearest center.
    sizes : ndarray of shape (runs, k)
        Weight of the rows nearest to every center.
    """

    centers: Floats
    inertia: Floats
    sizes: Floats


def run_lloyd_batch(
    values: Floats,
    weights: Floats,
    init: Floats,
    *,
    max_iter: int = 300,
    tol: float = 0.0,
    relaxation: float = 1.0,
    score_bytes: int = SCORE_BYTES,
    max_weights: int = MAX_WEIGHTS,
) -> LloydRuns:
    """Run Lloyd's algorithm once for every weighting, or for every start.

    The libraries' threads can change the last digits: call it inside
    :func:`ilk.cluster.parallel.run_parallel`.

    Parameters
    ----------
    values : ndarray of shape (n, d)
        Finite.
    weights : ndarray of shape (runs, n) or (n,)
        Zero or more; a single weighting serves all starts.
    init : ndarray of shape (k, d) or (runs, k, d)
        Initial centers; a single set serves all weightings.
    max_iter : int
        Rounds, at most.
    tol : float
        Stop when the squares of the centers' moves sum to less than ``tol`` times the mean variance
        of the columns, as in scikit-learn; 0 goes on until no row changes its cluster. Above 0 a
        row may go to a center that is farther than the nearest by the rounding of single precision.
    relaxation : float
        How far centers move, in units of the way to their means; below 2. Above 1 they overshoot,
        which takes fewer rounds and steps over shallow optima [1]_.
    score_bytes, max_weights : int
        Bytes of scores and number of weights held at a time.

    References
    ----------
    .. [1] R. Salakhutdinov, S. Roweis (2003). Adaptive overrelaxed bound optimization methods.
       Proceedings of ICML, 664-671.

    Examples
    --------
    >>> values = np.array([[0.0], [1.0], [9.0]])
    >>> runs = run_lloyd_batch(values, np.array([[1, 1, 1], [1, 0, 1]]), values[[0, 2]])
    >>> runs.centers[..., 0].tolist(), runs.inertia.round(9).tolist(), runs.sizes.tolist()
    ([[0.5, 9.0], [0.0, 9.0]], [0.5, 0.0], [[2.0, 1.0], [1.0, 1.0]])
    """
    weights = np.atleast_2d(np.asarray(weights, dtype=np.float64))
    init = init if init.ndim == 3 else init[None]
    runs = max(len(weights), len(init))
    middle = values.mean(axis=0)  # rounding is least around zero
    centers = np.broadcast_to(init - middle, (runs, *init.shape[1:])).copy()
    inertia, sizes = np.empty(runs), np.empty(centers.shape[:2])
    step = max(1, min(_MAX_BATCH_RUNS, max_weights // len(values)))
    for first in range(0, runs, step):
        block = slice(first, first + step)
        own = weights if len(weights) == 1 else weights[block]
        fits = _LloydBatch(
            values - middle,
            own,
            step * centers.shape[1],
            exact=tol == 0,
            score_bytes=score_bytes,
        )
        centers[block] = fits.run(centers[block], max_iter, tol, relaxation)
        inertia[block], sizes[block] = fits.measure(centers[block])
    return LloydRuns(centers + middle, inertia, sizes)


class _LloydBatch:
    """Rows under one weighting or several; centers have the shape (runs, k, d)."""

    def __init__(
        self, values: Floats, weights: Floats, n_clusters: int, *, exact: bool, score_bytes: int
    ) -> None:
        self._values = np.column_stack([values, np.ones(len(values))])
        self._weights = np.ascontiguousarray(weights.T)
        self._has_shared_weights = len(weights) == 1
        self._mean_variance = float(values.var(axis=0).mean())
        # Squares of numbers up to 1 fit into single precision.
        self._scale = 1.0 if exact else float(np.abs(values).max(initial=0.0)) or 1.0
        self._search_values = self._values if exact else _round_to_single(values / self._scale)
        # Allocating it for every chunk would cost as much as the sums.
        size = max(score_bytes // self._search_values.itemsize, n_clusters)
        self._score_buffer = np.empty(size, dtype=self._search_values.dtype)
        # Where all runs share the weights, they are part of the rows.
        self._summands = self._values * self._weights if self._has_shared_weights else self._values
        self._n_clusters = n_clusters
        self._membership: Any = None

    def run(self, centers: Floats, max_iter: int, tol: float, relaxation: float) -> Floats:
        enough = self._mean_variance * max(tol, _MIN_SHIFT)
        ends = np.empty_like(centers)
        going, weights = np.arange(len(centers)), self._weights
        for _ in range(max_iter):
            moved = _compute_means(self._sum_clusters(centers, weights), centers)
            step = moved - centers
            on = (step**2).sum(axis=(1, 2)) > enough
            if not on.all():
                ends[going[~on]] = moved[~on]
                going, moved, step = going[on], moved[on], step[on]
                weights = (
                    weights if self._has_shared_weights else np.ascontiguousarray(weights[:, on])
                )
            centers = moved + (relaxation - 1.0) * step if relaxation > 1.0 else moved
            if not going.size:
                break
        ends[going] = centers
        return ends

    def measure(self, centers: Floats) -> tuple[Floats, Floats]:
        """Inertia of every run, and the weights of its clusters."""
        sums = self._sum_clusters(centers, self._weights)
        products = (sums[..., :-1] * centers).sum(axis=(1, 2))
        squares = (sums[..., -1] * (centers**2).sum(axis=2)).sum(axis=1)
        norms = (self._values[:, :-1] ** 2).sum(axis=1) @ self._weights
        total: Floats = norms - 2 * products + squares
        for canceled in np.flatnonzero(total < _CANCELLATION_SHARE * norms):
            squared = compute_squared_distances(self._values[:, :-1], centers[canceled]).min(axis=0)
            total[canceled] = (
                squared @ self._weights[:, 0 if self._has_shared_weights else canceled]
            )
        return total, sums[..., -1]

    def _sum_clusters(self, centers: Floats, weights: Floats) -> Floats:
        """Weighted sums of the rows nearest to each center, and in the last column their weight."""
        runs, k, d = centers.shape
        sums = np.zeros((runs * k, d + 1))
        seen = (centers / self._scale).astype(self._search_values.dtype)
        for rows in self._split_rows(runs * k):
            labels = _assign_nearest_in_batch(self._search_values[rows], seen, self._score_buffer)
            counted = np.ones(labels.size) if self._has_shared_weights else weights[rows].ravel()
            sums += self._sum_by_label(self._summands[rows], counted, labels)[: runs * k]
        return sums.reshape(runs, k, d + 1)

    def _sum_by_label(self, values: Floats, weights: Floats, labels: Integers) -> Floats:
        """Weighted sums of the rows in every cluster.

        Every row has one entry per run in a sparse matrix, whose product with the rows is a sum per
        cluster.
        """
        from scipy.sparse import csc_array

        entries = self._membership
        if entries is None or entries.shape[1] != len(labels):
            # Building it, with all its checks, takes as long as the product on few rows.
            entries = self._membership = csc_array((self._n_clusters, len(labels)))
        entries.data, entries.indices = weights, labels.ravel()
        entries.indptr = np.arange(0, labels.size + 1, labels.shape[1], dtype=np.int32)
        sums: Floats = entries @ values
        return sums

    def _split_rows(self, n_centers: int) -> list[slice]:
        step = max(1, len(self._score_buffer) // n_centers)
        return [slice(at, at + step) for at in range(0, len(self._values), step)]


def _round_to_single(values: Floats) -> NDArray[np.float32]:
    """Rows in single precision, with a last column of ones."""
    return np.column_stack([values, np.ones(len(values))]).astype(np.float32)


def _compute_means(sums: Floats, centers: Floats) -> Floats:
    """The means that belong to sums; of a cluster without rows, its old center."""
    sizes = sums[..., -1:]
    filled = sizes > 0
    if filled.all():
        means: Floats = sums[..., :-1] / sizes
        return means
    return np.where(filled, sums[..., :-1] / np.where(filled, sizes, 1.0), centers)


def _assign_nearest_in_batch(values: AnyFloats, centers: AnyFloats, buffer: AnyFloats) -> Integers:
    """Nearest center of every row in every run, of shape (n, runs).

    Centers are numbered through all runs. ``|c|² - 2xc``, the squared distance less ``|x|²``, is
    one product with the rows, whose last column is 1. A tie goes to the lower number.
    """
    runs, k, d = centers.shape
    factors = np.empty((k, d + 1, runs), dtype=centers.dtype)
    factors[:, :d] = -2 * centers.transpose(1, 2, 0)
    factors[:, d] = (centers**2).sum(axis=2).T
    scores = buffer[: k * len(values) * runs].reshape(k, len(values), runs)
    np.matmul(values, factors, out=scores)
    best = scores[0]
    # Small numbers, and each label exceeds those before it: many are written at once this way.
    labels = np.zeros(best.shape, dtype=np.uint8 if k <= 256 else np.int32)
    closer = np.empty(best.shape, dtype=bool)
    ones = closer.view(np.uint8)
    own = ones if k <= 256 else np.empty_like(labels)
    for label in range(1, k):
        np.less(scores[label], best, out=closer)
        np.multiply(ones, labels.dtype.type(label), out=own)
        np.maximum(labels, own, out=labels)
        np.minimum(best, scores[label], out=best)
    return labels + np.arange(0, runs * k, k, dtype=np.int32)
