"""Polish: further full passes of Lloyd's algorithm over all rows, for centres found on a sample."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from ilk.cluster.partition import CentroidPartition
from ilk.columns.cast import typed
from ilk.model.model import place
from ilk.stats.exact_sum import ExactSums
from ilk.tables.map_frames import mapped
from ilk.tables.number_format import Numerals
from ilk.workflow.label_pass import own_squares

if TYPE_CHECKING:
    from ilk.columns.infer import Understood
    from ilk.features.encoder import Encoder
    from ilk.progress import Advance
    from ilk.schema import Schema

ENOUGH = 1e-4
"""Share of the inertia by which a pass has to improve it for another one to follow."""


@dataclass(frozen=True)
class Pass:
    """One pass: the sums of the rows of every cluster, a group for each column of each cluster."""

    rows: int
    counts: tuple[int, ...]
    sums: ExactSums
    squares: ExactSums

    def __add__(self, other: Pass) -> Pass:
        counts = tuple(a + b for a, b in zip(self.counts, other.counts, strict=True))
        rows = self.rows + other.rows
        return Pass(rows, counts, self.sums + other.sums, self.squares + other.squares)

    def moved(self, partition: CentroidPartition) -> CentroidPartition:
        """The partition with every centre in the mean of its rows; one without rows stays."""
        k, d = partition.centers.shape
        means = self.sums.means(np.repeat(self.counts, d).tolist())
        centers = partition.centers.ravel().copy()
        known = [place for place, mean in enumerate(means) if mean is not None]
        centers[known] = [means[place] for place in known]
        return replace(partition, centers=centers.reshape(k, d))


def polished(
    inferred: Understood,
    encoder: Encoder,
    partition: CentroidPartition,
    passes: int,
    advance: Advance,
) -> CentroidPartition:
    """Move the centres into the means of all their rows, up to ``passes`` times.

    Ends when a pass has improved the inertia of all rows by less than 0.01 %. All sums are exact:
    the centres do not depend on how the rows are cut or ordered.
    """
    last = np.inf
    for _ in range(passes):
        look = _FrameScanner(inferred.schema, inferred.source.numerals, encoder, partition)
        found: Pass | None = None
        for part in mapped(inferred.source, look, Pass.__add__):
            found = part if found is None else found + part
            advance(part.rows)
        inertia = found.squares.values[0] if found is not None else 0.0
        if found is None or last - inertia < ENOUGH * inertia:
            break
        last, partition = inertia, found.moved(partition)
    return partition


@dataclass(frozen=True)
class _FrameScanner:
    """What is done with every frame, wherever it is."""

    schema: Schema
    numerals: Numerals
    encoder: Encoder
    partition: CentroidPartition

    def __call__(self, frame: pl.DataFrame, first_row: int) -> Pass:
        cells = typed(frame, self.schema.features, self.numerals, first_row=first_row)
        encoded = self.encoder.encode(cells)
        labels = place(encoded, self.partition).segments - 1
        inside = labels >= 0
        k = self.partition.k
        values, own = encoded.values[inside], labels[inside]
        sums = [ExactSums.of(column, own, k).units for column in values.T]
        squares = ExactSums.of(own_squares(encoded, self.partition, labels))
        counts = np.bincount(own, minlength=k).tolist()
        by_cluster = tuple(unit for cluster in zip(*sums, strict=True) for unit in cluster)
        return Pass(frame.height, tuple(counts), ExactSums(by_cluster), squares)
