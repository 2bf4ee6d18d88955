"""k-means++ initialization for many runs at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ilk.cluster.partition import Floats
from ilk.cluster.weighted_rows import WeightedRows

RowIndices = NDArray[np.intp]

_TRIALS = 4
_FAR_FACTOR = 1e9  # times the largest value
CHUNK_CELLS = 2**17
"""Distances held at a time, 1 MB: runs are taken in blocks."""


def draw_initial_centers(
    rows: WeightedRows, k: int, runs: int, seed: int, *, chunk_cells: int = CHUNK_CELLS
) -> Floats:
    """Initial centers far from each other, by k-means++ [1]_: shape (runs, k, d).

    Each next center is the best of four rows, drawn with a probability in proportion to their
    weight and squared distance. The first j centers are a start for j clusters, and do not depend
    on ``k``.

    References
    ----------
    .. [1] D. Arthur, S. Vassilvitskii (2007). k-means++: the advantages of careful seeding.
       Proceedings of SODA, 1027-1035.

    Examples
    --------
    >>> rows = WeightedRows(np.array([[0.0], [1.0], [50.0]]), np.ones(3))
    >>> drawn = draw_initial_centers(rows, 2, 4, seed=0)
    >>> (drawn.max(axis=1) == 50.0).all()
    np.True_
    """
    values = rows.values - rows.values.mean(axis=0)
    norms = (values**2).sum(axis=1)
    one = np.ones(len(values))
    # The product of two of these, one of each kind, is their squared distance.
    left = np.column_stack([-2.0 * values, norms, one])
    right = np.column_stack([values, one, norms]).T
    step = max(1, chunk_cells // (_TRIALS * len(values)))
    chosen = [
        _draw_block(left, right, rows.weights, (min(step, runs - first), k), [seed, first])
        for first in range(0, runs, step)
    ]
    centers: Floats = rows.values[np.concatenate(chosen)]
    return centers


def _draw_block(
    left: Floats, right: Floats, weights: Floats, shape: tuple[int, int], seed: list[int]
) -> RowIndices:
    """The rows chosen in a few runs."""
    random = np.random.default_rng(seed)
    runs, k = shape
    indices = np.arange(runs)
    chosen = np.empty(shape, dtype=np.intp)
    chosen[:, 0] = draw_by_mass(np.cumsum(weights)[None], random.random((1, runs)))[0]
    nearest = np.maximum(left[chosen[:, 0]] @ right, 0.0)
    for index in range(1, k):
        drawn = draw_by_mass(np.cumsum(nearest * weights, axis=1), random.random((runs, _TRIALS)))
        tried = (left[drawn.ravel()] @ right).reshape(runs, _TRIALS, -1)
        np.minimum(tried, nearest[:, None], out=tried)
        best = (tried @ weights).argmin(axis=1)
        chosen[:, index] = drawn[indices, best]
        nearest = np.maximum(tried[indices, best], 0.0)
    return chosen


def draw_by_mass(cumulative: Floats, shares: Floats) -> RowIndices:
    """In every row of cumulative masses, the positions of shares of the total.

    Examples
    --------
    >>> draw_by_mass(np.array([[1.0, 1.0, 4.0]]), np.array([[0.1, 0.9]])).tolist()
    [[0, 2]]
    """
    positions = [
        np.searchsorted(row, row[-1] * share) for row, share in zip(cumulative, shares, strict=True)
    ]
    return np.stack(positions).clip(max=cumulative.shape[1] - 1)


def truncate_for_ks(init: Floats, ks: Sequence[int]) -> Floats:
    """Initial centers for every K, one K after the other: shape (len(ks) * runs, k, d).

    Centers that a smaller K does not have are put too far away for any row.

    Examples
    --------
    >>> truncate_for_ks(np.array([[[3.0], [4.0]]]), [1, 2])[..., 0].tolist()
    [[3.0, 4000000000.0], [3.0, 4.0]]
    """
    far = _FAR_FACTOR * (float(np.abs(init).max()) or 1.0)
    return np.concatenate([np.where(np.arange(init.shape[1])[:, None] < k, init, far) for k in ks])
