"""Indices: figures that compare partitions of the same rows."""

from __future__ import annotations

import numpy as np

from ilk.cluster.partition import Floats, Labels, squared_distances
from ilk.cluster.rows import Rows


def calinski_harabasz(inertia: float, total_inertia: float, k: int, n: float) -> float | None:
    """Spread between clusters over spread within, each per degree of freedom; higher is better.

    Parameters
    ----------
    inertia, total_inertia : float
        Sum of squared distances to the nearest centre, and to the mean of all rows.
    k : int
        Number of clusters.
    n : float
        Number of rows.

    Returns
    -------
    float or None
        ``None`` where it is not defined: one cluster, as many clusters as rows, or no spread left.

    References
    ----------
    .. [1] T. Caliński, J. Harabasz (1974). A dendrite method for cluster analysis.
       Communications in Statistics 3, 1-27.

    Examples
    --------
    >>> calinski_harabasz(1.0, 82.0, 2, 4)
    162.0
    """
    if k < 2 or n <= k or inertia <= 0:
        return None
    return (total_inertia - inertia) / (k - 1) / (inertia / (n - k))


def davies_bouldin(rows: Rows, centers: Floats, labels: Labels) -> float | None:
    """Mean over clusters of the worst ratio of spread to distance; lower is better.

    The spread of a cluster is the mean distance of its rows to its centre; the ratio of two is the
    sum of their spreads over the distance of their centres [1]_.

    Parameters
    ----------
    rows : Rows
        n distinct rows with weights.
    centers : ndarray of shape (k, d)
    labels : ndarray of shape (n,)
        0-based.

    Returns
    -------
    float or None
        ``None`` for a single cluster.

    References
    ----------
    .. [1] D. L. Davies, D. W. Bouldin (1979). A cluster separation measure. IEEE Transactions on
       Pattern Analysis and Machine Intelligence 1, 224-227.

    Examples
    --------
    >>> from ilk.cluster.rows import distinct
    >>> rows = distinct(np.array([[0.0], [1.0], [9.0], [10.0]]))
    >>> labels = np.array([0, 0, 1, 1], dtype=np.int32)
    >>> round(davies_bouldin(rows, np.array([[0.5], [9.5]]), labels), 4)
    0.1111
    """
    k = len(centers)
    if k < 2:
        return None
    distances = np.sqrt(((rows.values - centers[labels]) ** 2).sum(axis=1))
    sizes = np.bincount(labels, rows.weights, minlength=k)
    spreads = np.bincount(labels, distances * rows.weights, minlength=k) / sizes
    apart = np.sqrt(squared_distances(centers, centers))
    np.fill_diagonal(apart, np.inf)
    return float(((spreads[:, None] + spreads) / apart).max(axis=1).mean())
