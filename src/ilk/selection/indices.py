"""Indices that compare partitions of the same rows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ilk.cluster.partition import Floats, Labels, compute_squared_distances
from ilk.cluster.weighted_rows import WeightedRows


def compute_calinski_harabasz(
    inertia: float, total_inertia: float, k: int, n: float
) -> float | None:
    """Spread between clusters over spread within, each per degree of freedom; higher is better.

    Parameters
    ----------
    inertia, total_inertia : float
        Sum of squared distances to the nearest center, and to the mean of all rows.
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
    >>> compute_calinski_harabasz(1.0, 82.0, 2, 4)
    162.0
    """
    if k < 2 or n <= k or inertia <= 0:
        return None
    return (total_inertia - inertia) / (k - 1) / (inertia / (n - k))


def compute_davies_bouldin(rows: WeightedRows, centers: Floats, labels: Labels) -> float | None:
    """Mean over clusters of the worst ratio of spread to distance; lower is better.

    The spread of a cluster is the mean distance of its rows to its center; the ratio of two is the
    sum of their spreads over the distance of their centers [1]_.

    Parameters
    ----------
    rows : WeightedRows
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
    >>> from ilk.cluster.weighted_rows import deduplicate_rows
    >>> rows = deduplicate_rows(np.array([[0.0], [1.0], [9.0], [10.0]]))
    >>> labels = np.array([0, 0, 1, 1], dtype=np.int32)
    >>> round(compute_davies_bouldin(rows, np.array([[0.5], [9.5]]), labels), 4)
    0.1111
    """
    k = len(centers)
    if k < 2:
        return None
    distances = np.sqrt(((rows.values - centers[labels]) ** 2).sum(axis=1))
    sizes = np.bincount(labels, rows.weights, minlength=k)
    spreads = np.bincount(labels, distances * rows.weights, minlength=k) / sizes
    separations = np.sqrt(compute_squared_distances(centers, centers))
    np.fill_diagonal(separations, np.inf)
    return float(((spreads[:, None] + spreads) / separations).max(axis=1).mean())


def compute_elbows(inertias: Mapping[int, float]) -> dict[int, float]:
    """Bend of the inertia curve at every K that has both neighbors.

    The share of the remaining inertia that the step from K - 1 to K removes, less the share that
    the step from K to K + 1 removes: near 1 where one more cluster solves almost everything and the
    next nothing, near 0 on an even curve, negative just before an elbow. It depends on three
    inertias alone, and therefore not on the range tried.

    Two alternatives were rejected. The ratio of Krzanowski and Lai [1]_ divides by a difference
    that is about 0 wherever the curve is even; it chose K = 9 and 8 for the mall customers, who
    have 5 and 6 groups, and 3 where 20 groups are known. Slopes on logarithmic axes are 0 on data
    without structure, but multiply the noise of the curve by K, and bent most at K = 12 on 440
    wholesale customers. Without any structure the difference of shares is 0.17 at K = 2 in two
    dimensions, and less for larger K and more columns. Because of this preference for few clusters,
    the elbow only decides between K that other tests find about equally good.

    Parameters
    ----------
    inertias : mapping of int to float
        Inertia by K.

    References
    ----------
    .. [1] W. J. Krzanowski, Y. T. Lai (1988). A criterion for determining the number of groups in
       a data set using sum-of-squares clustering. Biometrics 44, 23-34.

    Examples
    --------
    >>> compute_elbows({1: 128.0, 2: 64.0, 3: 16.0, 4: 14.0})
    {2: -0.25, 3: 0.625}
    """
    return {
        k: _compute_removed_share(inertias, k) - _compute_removed_share(inertias, k + 1)
        for k in sorted(inertias)
        if k - 1 in inertias and k + 1 in inertias
    }


def _compute_removed_share(inertias: Mapping[int, float], k: int) -> float:
    """Share of the inertia at ``k - 1`` that is gone at ``k``; 0 when there was none left."""
    before = inertias[k - 1]
    return 1.0 - inertias[k] / before if before > 0 else 0.0
