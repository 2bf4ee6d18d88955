"""Fitted: what every algorithm hands back, whatever it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ilk.cluster.kmeans.hartigan_wong import compute_means
from ilk.cluster.partition import NOISE, CentroidPartition, Floats, Labels, Partition
from ilk.cluster.weighted_rows import WeightedRows, sum_accurately


@dataclass(frozen=True)
class ClusterResult:
    """Clusters of rows, the largest first.

    ``labels``, shape (n,), are where ``partition`` places the rows; -1 fits nowhere. An algorithm
    may have given some of the rows it saw another label than the partition does, which has only
    centres, say, to go by: ``changed`` is the share of these, each row counted by its weight.
    """

    partition: Partition
    labels: Labels
    relabelled_share: float


def finalize(
    rows: WeightedRows, partition: Partition, sample: WeightedRows, sample_labels: Labels
) -> ClusterResult:
    """Place all rows, drop clusters without any, and put the largest first.

    Clusters of one size follow their centres, column by column from the left.

    Parameters
    ----------
    rows : Rows
        All rows.
    partition : Partition
        As the algorithm left it. Centres other than those it places rows by, and its inertia, are
        computed here.
    sample : Rows
        The rows that the algorithm was fitted on.
    sample_labels : ndarray of shape (len(seen),)
        The algorithm's labels of these.

    Examples
    --------
    >>> rows = WeightedRows(np.array([[0.0], [4.0], [5.0]]), np.ones(3))
    >>> centers = CentroidPartition(np.array([[0.0], [4.5], [99.0]]), inertia=0.0)
    >>> found = finalize(rows, centers, rows, np.array([0, 0, 1]))
    >>> found.partition.centers.ravel(), found.labels, round(found.relabelled_share, 2)
    (array([4.5, 0. ]), array([1, 0, 0], dtype=int32), 0.33)
    """
    labels = partition.predict(rows.values).labels
    inside = labels != NOISE
    members = WeightedRows(rows.values[inside], rows.weights[inside])
    blank = np.zeros((partition.k, rows.values.shape[1]))
    centers, sizes = compute_means(members, labels[inside], blank)
    if isinstance(partition, CentroidPartition):
        centers = partition.centers
    order = [int(each) for each in np.lexsort((*centers.T[::-1], -sizes)) if sizes[each] > 0]
    placed = replace(
        partition, centers=centers, inertia=_compute_inertia(members, labels[inside], centers)
    )
    again = labels if sample is rows else partition.predict(sample.values).labels
    changed = float(sample.weights[again != sample_labels].sum() / sample.weights.sum())
    return ClusterResult(
        placed.reorder(order), _renumber_labels(labels, order, partition.k), changed
    )


def _compute_inertia(members: WeightedRows, labels: Labels, centers: Floats) -> float:
    squared = ((members.values - centers[labels]) ** 2).sum(axis=1)
    return sum_accurately(squared * members.weights) if len(members) else 0.0


def _renumber_labels(labels: Labels, order: list[int], k: int) -> Labels:
    # The last place of the table is where label -1 looks.
    table = np.full(k + 1, NOISE, dtype=np.int32)
    table[order] = np.arange(len(order), dtype=np.int32)
    return table[labels]
