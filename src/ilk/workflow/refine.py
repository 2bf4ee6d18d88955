"""Refining the centers found on a sample: passes of Lloyd's algorithm over all rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from ilk.cluster.partition import CentroidPartition
from ilk.model.assign import RowAssigner
from ilk.stats.exact_sum import ExactSums
from ilk.tables.map_frames import map_frames
from ilk.tables.number_format import NumberFormat
from ilk.workflow.label_pass import sum_squared_distances

if TYPE_CHECKING:
    from ilk.columns.infer import InferredSchema
    from ilk.features.encoder import Encoder
    from ilk.progress import AdvanceCallback

MIN_IMPROVEMENT = 1e-4
"""Share of the inertia that a pass has to gain for another one to follow."""


@dataclass(frozen=True)
class ClusterSums:
    """One pass: counts and sums of the rows of every cluster.

    ``sums`` has one sum for each column of each cluster, ``inertia`` that of squared distances.
    """

    n_rows: int
    counts: tuple[int, ...]
    sums: ExactSums
    inertia: ExactSums

    def __add__(self, other: ClusterSums) -> ClusterSums:
        counts = tuple(a + b for a, b in zip(self.counts, other.counts, strict=True))
        rows = self.n_rows + other.n_rows
        return ClusterSums(rows, counts, self.sums + other.sums, self.inertia + other.inertia)

    def move_centers(self, partition: CentroidPartition) -> CentroidPartition:
        """The partition with every center moved to the mean of its rows; without rows it stays."""
        k, d = partition.centers.shape
        means = self.sums.compute_means(np.repeat(self.counts, d).tolist())
        centers = partition.centers.ravel().copy()
        known = [place for place, mean in enumerate(means) if mean is not None]
        centers[known] = [means[place] for place in known]
        return replace(partition, centers=centers.reshape(k, d))


def refine_centers(
    inferred: InferredSchema,
    encoder: Encoder,
    partition: CentroidPartition,
    passes: int,
    advance: AdvanceCallback,
) -> CentroidPartition:
    """Move the centers to the means of all their rows, up to ``passes`` times.

    Stops when a pass improves the inertia of all rows by less than 0.01%. All sums are exact: the
    centers do not depend on the order of the rows or on how they are divided into frames.
    """
    last = np.inf
    for _ in range(passes):
        assigner = RowAssigner(inferred.schema.features, encoder, partition)
        sum_frame = _FrameSummer(assigner, partition, inferred.source.number_format)
        total: ClusterSums | None = None
        for part in map_frames(inferred.source, sum_frame, ClusterSums.__add__):
            total = part if total is None else total + part
            advance(part.n_rows)
        inertia = total.inertia.values[0] if total is not None else 0.0
        if total is None or last - inertia < MIN_IMPROVEMENT * inertia:
            break
        last, partition = inertia, total.move_centers(partition)
    return partition


@dataclass(frozen=True)
class _FrameSummer:
    """Labels the rows of one frame, wherever it is, and adds up those of every cluster."""

    assigner: RowAssigner
    partition: CentroidPartition
    number_format: NumberFormat

    def __call__(self, frame: pl.DataFrame, first_row: int) -> ClusterSums:
        rows = self.assigner.assign(frame, self.number_format, first_row=first_row)
        k, inside = self.partition.k, rows.labels >= 0
        values, labels = rows.encoded.values[inside], rows.labels[inside]
        sums = [ExactSums.of(column, labels, k).units for column in values.T]
        by_cluster = tuple(unit for cluster in zip(*sums, strict=True) for unit in cluster)
        return ClusterSums(
            frame.height,
            tuple(np.bincount(labels, minlength=k).tolist()),
            ExactSums(by_cluster),
            sum_squared_distances(rows, self.partition.centers),
        )
