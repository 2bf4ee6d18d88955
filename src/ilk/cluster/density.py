"""DBSCAN and HDBSCAN, whose clusters are dense regions of any shape among noise.

Both find the number of clusters themselves. Their parameters are derived from the data:

* ``min_samples``, the number of customers that make a region dense: twice the number of columns
  [1]_, at least the logarithm of the number of customers [2]_, and at most its square root.
* the smallest cluster: one in a hundred customers, and at least ten, which is our own rule. Smaller
  ones are noise: nobody works with a segment of six, or with two hundred segments.
* DBSCAN's radius ``eps``: Tukey's upper fence [3]_ of the distances from every customer to the
  ``min_samples``-th nearest, the third quartile and one and a half times the distance between the
  quartiles. Customers beyond it are outliers by the box plot's rule, that is, noise. Unlike
  a knee of the sorted distances, it does not move with the few largest.

References
----------
.. [1] J. Sander, M. Ester, H.-P. Kriegel, X. Xu (1998). Density-Based Clustering in Spatial
   Databases: The Algorithm GDBSCAN and Its Applications. Data Mining and Knowledge Discovery 2.
.. [2] D. Birant, A. Kut (2007). ST-DBSCAN: An algorithm for clustering spatial-temporal data. Data
   & Knowledge Engineering 60.
.. [3] J. W. Tukey (1977). Exploratory Data Analysis. Addison-Wesley.
"""

from __future__ import annotations

import math
import warnings

import numpy as np
from numpy.typing import NDArray

from ilk.cluster.parallel import run_parallel
from ilk.cluster.partition import NOISE, CorePartition, Floats, Labels
from ilk.cluster.result import ClusterResult, finalize
from ilk.cluster.weighted_rows import (
    WeightedRows,
    find_first_replicates,
    repeat_rows,
    sample_customers,
)
from ilk.errors import InputError

MAX_DENSITY_ROWS = 5_000
"""Rows in which dense regions are searched for; all others are assigned by the core samples. In the
worst case every row is a neighbor of every other: the limit holds that to 200 MB, and a model file
to as many core samples."""

_FENCE_FACTOR = 1.5
_EPS_QUANTILE = 0.9
"""The share of members whose core distance is within ``eps`` of an HDBSCAN cluster. On the known
answers at least 96% of the members would be assigned to a cluster if they were new, and 2% of the
labels change; 18% where HDBSCAN leaves out a quarter of the rows (tetra), most for the better."""


def fit_dbscan(rows: WeightedRows, seed: int, *, max_rows: int = MAX_DENSITY_ROWS) -> ClusterResult:
    """DBSCAN on at most ``max_rows`` distinct rows; copies are weights.

    Its core samples are kept with the radius ``eps``, so that a row on the boundary of two clusters
    goes to the nearer one and not to the one that was found first.

    Raises
    ------
    InputError
        ``E_NO_CLUSTERS`` if all rows are noise.

    Examples
    --------
    >>> rows = WeightedRows(np.append(np.arange(20.0), [60.0, 61.0])[:, None], np.ones(22))
    >>> fit_dbscan(rows, seed=0).labels[-4:]
    array([ 0,  0, -1, -1], dtype=int32)
    """
    from sklearn.cluster import DBSCAN

    sample = rows if len(rows) <= max_rows else sample_customers(rows, max_rows, seed)
    min_samples = choose_min_samples(sample)

    def fit_sample(sample: WeightedRows) -> tuple[Labels, NDArray[np.int64], float]:
        eps = choose_eps(compute_core_distances(sample, min_samples), sample)
        fit = DBSCAN(eps=eps, min_samples=min_samples)
        fit.fit(sample.values, sample_weight=sample.weights)
        return fit.labels_, fit.core_sample_indices_, eps

    [(sample_labels, core_indices, eps)] = run_parallel(fit_sample, [sample])
    labels = _drop_small_clusters(sample_labels, sample)
    _check_any_cluster(labels, sample, "DBSCAN")
    kept = core_indices[labels[core_indices] != NOISE]
    return _build_from_cores(rows, sample, labels, kept, np.full(labels.max() + 1, eps))


def fit_hdbscan(
    rows: WeightedRows, seed: int, *, max_rows: int = MAX_DENSITY_ROWS
) -> ClusterResult:
    """HDBSCAN on at most ``max_rows`` customers, each copy one of them.

    All members are kept as core samples. The ``eps`` of a cluster is the distance within which nine
    tenths of its members have their ``min_samples``-th nearest customer: it is smaller for denser
    clusters.

    Raises
    ------
    InputError
        ``E_NO_CLUSTERS`` if all rows are noise, as they are without at least two dense regions.

    Examples
    --------
    >>> line = np.arange(20.0)
    >>> rows = WeightedRows(np.concatenate([line, line + 60, [200]])[:, None], np.ones(41))
    >>> fit_hdbscan(rows, seed=0).partition.centers.ravel()
    array([ 9.5, 69.5])
    """
    from sklearn.cluster import HDBSCAN

    sample = sample_customers(rows, max_rows, seed)
    min_samples = choose_min_samples(sample)
    min_cluster_size = _choose_min_cluster_size(sample)

    def fit_sample(sample: WeightedRows) -> Labels:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            # The density of copies, at distance 0, is infinite.
            warnings.simplefilter("ignore")
            fit = HDBSCAN(min_cluster_size=min_cluster_size, min_samples=min_samples, copy=True)
            labels: Labels = fit.fit(repeat_rows(sample)).labels_[find_first_replicates(sample)]
        return labels

    is_enough = sample.weights.sum() > min_cluster_size
    [sample_labels] = (
        run_parallel(fit_sample, [sample]) if is_enough else [np.full(len(sample), NOISE)]
    )
    labels = _drop_small_clusters(sample_labels, sample)
    _check_any_cluster(labels, sample, "HDBSCAN")
    distances = compute_core_distances(sample, min_samples)
    eps = [
        _compute_quantile(distances, sample.weights, _EPS_QUANTILE, labels == label)
        for label in range(labels.max() + 1)
    ]
    members = np.flatnonzero(labels != NOISE)
    return _build_from_cores(rows, sample, labels, members, np.array(eps))


def _build_from_cores(
    rows: WeightedRows,
    sample: WeightedRows,
    sample_labels: Labels,
    core_indices: NDArray[np.int64],
    eps: Floats,
) -> ClusterResult:
    """Some rows of the sample as core samples for all rows."""
    no_centers = np.zeros((len(eps), rows.values.shape[1]))
    partition = CorePartition(
        no_centers, 0.0, sample.values[core_indices], sample_labels[core_indices], eps
    )
    return finalize(rows, partition, sample, sample_labels)


def choose_min_samples(sample: WeightedRows) -> int:
    """How many customers within ``eps``, oneself included, make a region dense."""
    n, d = float(sample.weights.sum()), int(sample.values.shape[1])
    usual: int = max(2 * d, math.ceil(math.log(n)))
    return min(usual, max(2, math.isqrt(int(n))))


def _choose_min_cluster_size(sample: WeightedRows) -> int:
    """How many customers make a cluster."""
    return max(10, math.ceil(float(sample.weights.sum()) / 100), choose_min_samples(sample))


def compute_core_distances(sample: WeightedRows, min_samples: int) -> Floats:
    """Distance of every row to its ``min_samples``-th nearest customer, itself included."""
    from sklearn.neighbors import KDTree

    k = min(min_samples, len(sample))
    distances, neighbors = KDTree(sample.values).query(sample.values, k=k)
    is_enough = np.cumsum(sample.weights[neighbors], axis=1) >= min_samples
    is_enough[:, -1] = True
    core_distances: Floats = distances[np.arange(len(sample)), is_enough.argmax(axis=1)]
    return core_distances


def choose_eps(distances: Floats, sample: WeightedRows) -> float:
    """Tukey's upper fence of the core distances.

    Where most rows have so many copies that it is 0, half the smallest distance between two rows:
    then every row with enough copies is a cluster.
    """
    low, high = (_compute_quantile(distances, sample.weights, share) for share in (0.25, 0.75))
    fence = high + _FENCE_FACTOR * (high - low)
    return fence if fence > 0 else _find_least_distance(sample) / 2


def _find_least_distance(sample: WeightedRows) -> float:
    from sklearn.neighbors import KDTree

    if len(sample) == 1:
        return 2.0
    return float(KDTree(sample.values).query(sample.values, k=2)[0][:, 1].min())


def _compute_quantile(
    values: Floats, weights: Floats, share: float, selected: NDArray[np.bool_] | slice = slice(None)
) -> float:
    """The smallest value that a share of the weight does not exceed."""
    return float(
        np.quantile(values[selected], share, weights=weights[selected], method="inverted_cdf")
    )


def _drop_small_clusters(labels: Labels, sample: WeightedRows) -> Labels:
    """Labels 0, 1 … of the clusters that are large enough; the others are noise."""
    inside = labels != NOISE
    sizes = np.bincount(labels[inside], sample.weights[inside], minlength=1)
    kept = sizes >= _choose_min_cluster_size(sample)
    number = np.append(np.where(kept, np.cumsum(kept) - 1, NOISE), NOISE)
    return number[labels].astype(np.int32)


def _check_any_cluster(labels: Labels, sample: WeightedRows, title: str) -> None:
    if (labels == NOISE).all():
        raise InputError(
            "E_NO_CLUSTERS",
            f"{title} found no dense region among {int(sample.weights.sum()):,} customers: "
            "every one of them is noise",
            way_out="Choose another algorithm, such as kmeans, or fewer columns.",
        )
