"""Plain k-means: the best of a few starts, for every K in one batch.

It is for clusterings that are made many times over, to be compared with each other. The segments
themselves come from :mod:`ilk.cluster.kmeans.fit`, which searches longer.
"""

from __future__ import annotations

from collections.abc import Sequence

from ilk.cluster.kmeans.lloyd import run_lloyd_batch
from ilk.cluster.kmeans.plus_plus import draw_initial_centers, truncate_for_ks
from ilk.cluster.partition import CentroidPartition
from ilk.cluster.weighted_rows import WeightedRows

_MAX_ITER = 30
_TOL = 1e-3


def run_restarts(
    rows: WeightedRows, ks: Sequence[int], *, starts: int, seed: int
) -> dict[int, CentroidPartition]:
    """Lloyd's algorithm from k-means++ starts with every K, the best of each kept.

    A cluster may be without rows. The libraries' threads can change the last digits: call it inside
    :func:`ilk.cluster.parallel.run_parallel`.

    Parameters
    ----------
    rows : WeightedRows
    ks : sequence of int
    starts : int
        For every K.
    seed : int
        Of the starts.

    Examples
    --------
    >>> import numpy as np
    >>> rows = WeightedRows(np.array([[0.0], [1.0], [9.0]]), np.ones(3))
    >>> run_restarts(rows, [1, 2], starts=2, seed=0)[2].inertia
    0.5
    """
    init = truncate_for_ks(draw_initial_centers(rows, max(ks), starts, seed), ks)
    centers, inertia, _ = run_lloyd_batch(
        rows.values, rows.weights, init, max_iter=_MAX_ITER, tol=_TOL
    )
    partitions = {}
    for i, k in enumerate(ks):
        runs = slice(i * starts, (i + 1) * starts)
        best = int(inertia[runs].argmin())
        partitions[k] = CentroidPartition(centers[runs][best, :k], float(inertia[runs][best]))
    return partitions
