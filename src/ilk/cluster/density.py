"""Density: DBSCAN and HDBSCAN, whose clusters are dense regions of any shape among noise.

Both find the number of clusters themselves. What they have to be told is taken from the data:

* ``min_samples``, the customers who make a place dense: twice the number of columns [1]_, and no
  less than the logarithm of the number of customers [2]_; at most its square root.
* the smallest cluster: one in a hundred customers, and at least ten, our own rule. Smaller ones
  are noise: nobody looks after a segment of six, or after two hundred segments.
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

from ilk.cluster.core_partition import CorePartition
from ilk.cluster.parallel import run_parallel
from ilk.cluster.partition import NOISE, Floats, Labels
from ilk.cluster.result import ClusterResult, finalize
from ilk.cluster.weighted_rows import (
    WeightedRows,
    find_first_replicates,
    repeat_rows,
    sample_customers,
)
from ilk.errors import InputError

MAX_DENSITY_ROWS = 5_000
"""Rows among which dense regions are looked for; all others are placed by the cores found. In the
worst case every row is a neighbour of every other: the limit holds that to 200 MB, and a model file
to as many cores."""

_FENCE_FACTOR = 1.5
_EPS_QUANTILE = 0.9
"""The share of members whose core distance is within the reach of an HDBSCAN cluster. On the known
answers at least 96% of the members would be placed if they were new, and 2% of the labels change;
18% where HDBSCAN leaves a quarter of the rows out (tetra), most of them for the better."""


def fit_dbscan(rows: WeightedRows, seed: int) -> ClusterResult:
    """DBSCAN on at most 5,000 different rows; copies are weights.

    Its core rows are kept with the radius ``eps``, so that a row at the border of two clusters
    goes to the nearer, not to the one that was found first.

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

    seen = rows if len(rows) <= MAX_DENSITY_ROWS else sample_customers(rows, MAX_DENSITY_ROWS, seed)
    least = _choose_min_samples(seen)

    def fit_sample(sample: WeightedRows) -> tuple[Labels, NDArray[np.int64], float]:
        eps = _choose_eps(_compute_core_distances(sample, least), sample)
        found = DBSCAN(eps=eps, min_samples=least).fit(sample.values, sample_weight=sample.weights)
        return found.labels_, found.core_sample_indices_, eps

    [(labels, inside, eps)] = run_parallel(fit_sample, [seen])
    own = _drop_small_clusters(labels, seen)
    _check_any_cluster(own, seen, "DBSCAN")
    cores = inside[own[inside] != NOISE]
    return _build_from_cores(rows, seen, own, cores, np.full(own.max() + 1, eps))


def fit_hdbscan(rows: WeightedRows, seed: int) -> ClusterResult:
    """HDBSCAN on at most 5,000 customers (:func:`customers`), each copy one of them.

    All members are kept as cores. A cluster reaches as far as nine tenths of its members have
    their ``min_samples``-th nearest customer: denser clusters reach less far.

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

    seen = sample_customers(rows, MAX_DENSITY_ROWS, seed)
    least = _choose_min_samples(seen)
    smallest = _choose_min_cluster_size(seen)

    def fit_sample(sample: WeightedRows) -> Labels:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            # Copies are at no distance, where a density is infinite.
            warnings.simplefilter("ignore")
            tree = HDBSCAN(min_cluster_size=smallest, min_samples=least, copy=True)
            found: Labels = tree.fit(repeat_rows(sample)).labels_[find_first_replicates(sample)]
        return found

    enough = seen.weights.sum() > smallest
    [labels] = run_parallel(fit_sample, [seen]) if enough else [np.full(len(seen), NOISE)]
    own = _drop_small_clusters(labels, seen)
    _check_any_cluster(own, seen, "HDBSCAN")
    distances = _compute_core_distances(seen, least)
    reach = [
        _compute_quantile(distances, seen.weights, _EPS_QUANTILE, own == c)
        for c in range(own.max() + 1)
    ]
    return _build_from_cores(rows, seen, own, np.flatnonzero(own != NOISE), np.array(reach))


def _build_from_cores(
    rows: WeightedRows,
    sample: WeightedRows,
    sample_labels: Labels,
    core_indices: NDArray[np.int64],
    eps: Floats,
) -> ClusterResult:
    """Some of the rows seen as the cores of all."""
    blank = np.zeros((len(eps), rows.values.shape[1]))
    partition = CorePartition(
        blank, 0.0, sample.values[core_indices], sample_labels[core_indices], eps
    )
    return finalize(rows, partition, sample, sample_labels)


def _choose_min_samples(sample: WeightedRows) -> int:
    """How many customers, oneself among them, make a place dense."""
    n, d = float(sample.weights.sum()), int(sample.values.shape[1])
    wanted: int = max(2 * d, math.ceil(math.log(n)))
    return min(wanted, max(2, math.isqrt(int(n))))


def _choose_min_cluster_size(sample: WeightedRows) -> int:
    """How many customers make a cluster."""
    return max(10, math.ceil(float(sample.weights.sum()) / 100), _choose_min_samples(sample))


def _compute_core_distances(sample: WeightedRows, min_samples: int) -> Floats:
    """Distance of every row to its ``min_samples``-th nearest customer, itself included."""
    from sklearn.neighbors import KDTree

    distances, places = KDTree(sample.values).query(sample.values, k=min(min_samples, len(sample)))
    enough = np.cumsum(sample.weights[places], axis=1) >= min_samples
    enough[:, -1] = True
    found: Floats = distances[np.arange(len(sample)), enough.argmax(axis=1)]
    return found


def _choose_eps(distances: Floats, sample: WeightedRows) -> float:
    """Tukey's upper fence of the core distances.

    Where most rows have so many copies that it is 0, half the least distance between two rows:
    every row with enough copies is a cluster then.
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
    """The least value that a share of the weight does not exceed."""
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
