"""What every algorithm returns: a partition, and the labels of the rows it was given."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ilk.cluster.kmeans.hartigan_wong import compute_means
from ilk.cluster.partition import (
    NOISE,
    CentroidPartition,
    Floats,
    Labels,
    Partition,
    renumber_labels,
)
from ilk.cluster.weighted_rows import WeightedRows, compute_variance, sum_accurately


@dataclass(frozen=True)
class ClusterResult:
    """Clusters of rows, the largest first.

    ``labels``, shape (n,), are those that ``partition`` predicts for the rows; -1 is noise. The
    algorithm itself may have labeled some of its rows differently, because a partition goes by
    centers, say, and the algorithm did not: ``relabeled_share`` is the share of these, each row
    counted by its weight.
    """

    partition: Partition
    labels: Labels
    relabeled_share: float


def finalize(
    rows: WeightedRows, partition: Partition, sample: WeightedRows, sample_labels: Labels
) -> ClusterResult:
    """Label all rows, drop empty clusters, and put the largest first.

    Clusters of the same size are sorted by their centers, column by column from the left.

    Parameters
    ----------
    rows : WeightedRows
        All rows.
    partition : Partition
        As the algorithm left it. Its inertia is computed here, and so are its centers, unless it
        predicts by them.
    sample : WeightedRows
        The rows that the algorithm was fitted on.
    sample_labels : ndarray of shape (len(sample),)
        The algorithm's labels of these.

    Examples
    --------
    >>> rows = WeightedRows(np.array([[0.0], [4.0], [5.0]]), np.ones(3))
    >>> centers = CentroidPartition(np.array([[0.0], [4.5], [99.0]]), inertia=0.0)
    >>> result = finalize(rows, centers, rows, np.array([0, 0, 1]))
    >>> result.partition.centers.ravel(), result.labels, round(result.relabeled_share, 2)
    (array([4.5, 0. ]), array([1, 0, 0], dtype=int32), 0.33)
    """
    labels = partition.predict(rows.values).labels
    inside = labels != NOISE
    members = WeightedRows(rows.values[inside], rows.weights[inside])
    no_centers = np.zeros((partition.k, rows.values.shape[1]))
    centers, sizes = compute_means(members, labels[inside], no_centers)
    if isinstance(partition, CentroidPartition):
        centers = partition.centers
    order = [int(label) for label in np.lexsort((*centers.T[::-1], -sizes)) if sizes[label] > 0]
    inertia = _compute_inertia(members, labels[inside], centers)
    sample_predictions = labels if sample is rows else partition.predict(sample.values).labels
    relabeled = sample.weights[sample_predictions != sample_labels].sum()
    if isinstance(partition, CentroidPartition):
        partition = replace(partition, variance=compute_variance(rows, inertia))
    return ClusterResult(
        replace(partition, centers=centers, inertia=inertia).reorder(order),
        renumber_labels(labels, order, partition.k),
        float(relabeled / sample.weights.sum()),
    )


def _compute_inertia(members: WeightedRows, labels: Labels, centers: Floats) -> float:
    squared = ((members.values - centers[labels]) ** 2).sum(axis=1)
    return sum_accurately(squared * members.weights) if len(members) else 0.0
