"""Polish: further full passes of Lloyd's algorithm over all rows, for centres found on a sample."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from ilk.cluster.partition import CentroidPartition
from ilk.columns.cast import cast_columns
from ilk.model.model import assign_encoded
from ilk.stats.exact_sum import ExactSums
from ilk.tables.map_frames import map_frames
from ilk.tables.number_format import NumberFormat
from ilk.workflow.label_pass import compute_own_squared_distances

if TYPE_CHECKING:
    from ilk.columns.infer import InferredSchema
    from ilk.features.encoder import Encoder
    from ilk.progress import AdvanceCallback
    from ilk.schema import Schema

MIN_IMPROVEMENT = 1e-4
"""Share of the inertia by which a pass has to improve it for another one to follow."""


@dataclass(frozen=True)
class ClusterSums:
    """One pass: the sums of the rows of every cluster, a group for each column of each cluster."""

    n_rows: int
    counts: tuple[int, ...]
    sums: ExactSums
    inertia: ExactSums

    def __add__(self, other: ClusterSums) -> ClusterSums:
        counts = tuple(a + b for a, b in zip(self.counts, other.counts, strict=True))
        rows = self.n_rows + other.n_rows
        return ClusterSums(rows, counts, self.sums + other.sums, self.inertia + other.inertia)

    def move_centers(self, partition: CentroidPartition) -> CentroidPartition:
        """The partition with every centre in the mean of its rows; one without rows stays."""
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
    """Move the centres into the means of all their rows, up to ``passes`` times.

    Ends when a pass has improved the inertia of all rows by less than 0.01%. All sums are exact:
    the centres do not depend on how the rows are cut or ordered.
    """
    last = np.inf
    for _ in range(passes):
        look = _ClusterSummer(inferred.schema, inferred.source.number_format, encoder, partition)
        found: ClusterSums | None = None
        for part in map_frames(inferred.source, look, ClusterSums.__add__):
            found = part if found is None else found + part
            advance(part.n_rows)
        inertia = found.inertia.values[0] if found is not None else 0.0
        if found is None or last - inertia < MIN_IMPROVEMENT * inertia:
            break
        last, partition = inertia, found.move_centers(partition)
    return partition


@dataclass(frozen=True)
class _ClusterSummer:
    """What is done with every frame, wherever it is."""

    schema: Schema
    number_format: NumberFormat
    encoder: Encoder
    partition: CentroidPartition

    def __call__(self, frame: pl.DataFrame, first_row: int) -> ClusterSums:
        cells = cast_columns(frame, self.schema.features, self.number_format, first_row=first_row)
        encoded = self.encoder.encode(cells)
        labels = assign_encoded(encoded, self.partition).segments - 1
        inside = labels >= 0
        k = self.partition.k
        values, own = encoded.values[inside], labels[inside]
        sums = [ExactSums.of(column, own, k).units for column in values.T]
        squares = ExactSums.of(compute_own_squared_distances(encoded, self.partition, labels))
        counts = np.bincount(own, minlength=k).tolist()
        by_cluster = tuple(unit for cluster in zip(*sums, strict=True) for unit in cluster)
        return ClusterSums(frame.height, tuple(counts), ExactSums(by_cluster), squares)
