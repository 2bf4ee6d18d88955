"""The second pass of a fit: label every customer and add up the figures of every segment."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ilk.cluster.partition import renumber_labels
from ilk.columns.infer import InferredSchema
from ilk.model.assign import AssignedRows, RowAssigner
from ilk.model.cell_counts import CellCounts
from ilk.model.labels import LabeledBatches, label_source
from ilk.model.training import TrainingRecord
from ilk.segments.profile import Profile, profile_batch
from ilk.segments.wording import BORDERLINE_MARGIN
from ilk.stats.exact_sum import ExactSums
from ilk.tables.spill import MAX_ROWS_IN_MEMORY

if TYPE_CHECKING:
    from ilk.cluster.partition import Floats, Partition
    from ilk.columns.weights import RowWeights
    from ilk.features.encoder import Encoder
    from ilk.progress import AdvanceCallback
    from ilk.schema import Column


@dataclass(frozen=True)
class LabelPassTotals:
    """Sums over some of the rows; those of parts add up to those of the whole.

    ``borderline_counts``, shape (k,), counts the borderline customers of each segment; ``inertia``
    sums the squared distances to the center of one's own segment in the encoded space.
    """

    profile: Profile
    cell_counts: CellCounts
    borderline_counts: NDArray[np.int64]
    inertia: ExactSums

    def __add__(self, other: LabelPassTotals) -> LabelPassTotals:
        return LabelPassTotals(
            self.profile.merge(other.profile),
            self.cell_counts + other.cell_counts,
            self.borderline_counts + other.borderline_counts,
            self.inertia + other.inertia,
        )

    def repeat(self, times: int) -> LabelPassTotals:
        """The sums of the same rows, each this many times; their cells are counted once."""
        return LabelPassTotals(
            self.profile.repeat(times),
            self.cell_counts,
            self.borderline_counts * times,
            self.inertia.repeat(times),
        )


@dataclass(frozen=True)
class LabelPass:
    """What the second pass finds: a segment for everyone, and sums over all rows."""

    labels: LabeledBatches
    profile: Profile
    cell_counts: CellCounts
    borderline_counts: NDArray[np.int64]
    inertia: float

    def compute_borderline_shares(self) -> tuple[float, ...]:
        """The share of borderline customers in every segment, in order."""
        sizes = [self.profile.groups[label].customers for label in range(self.profile.k)]
        return tuple(
            int(count) / size if size else 0.0
            for count, size in zip(self.borderline_counts, sizes, strict=True)
        )

    def sort_by_size(self) -> list[int]:
        """Labels in the order of their exact counts; ties keep the order of the sample."""
        groups = self.profile.groups
        return sorted(range(self.profile.k), key=lambda label: -groups[label].customers)

    def renumber(self, order: list[int]) -> LabelPass:
        """The same pass with the label ``order[i]`` called ``i``."""
        old = list(self.profile.groups)
        new = renumber_labels(np.array(old, dtype=np.int32), order, self.profile.k).tolist()
        groups = dict(zip(new, self.profile.groups.values(), strict=True))
        return replace(
            self,
            labels=self.labels.renumber(order),
            profile=replace(self.profile, groups=groups),
            borderline_counts=self.borderline_counts[order],
        )


def run_label_pass(
    inferred: InferredSchema,
    encoder: Encoder,
    partition: Partition,
    advance: AdvanceCallback,
    *,
    max_rows_in_memory: int = MAX_ROWS_IN_MEMORY,
) -> LabelPass:
    """Label every customer and add up the figures of every segment, in one pass."""
    columns, weights = inferred.schema.profile_columns, inferred.weights
    training = TrainingRecord(inferred.schema.features, encoder)
    count = _TotalsCounter(
        columns, inferred.max_abs_values, encoder.log_columns, partition.centers, training
    )
    if weights is None:
        assigner, exponent = RowAssigner(columns, encoder, partition), 0
    else:
        assigner = RowAssigner((*columns, weights.column), encoder, partition)
        exponent = weights.exponent
    labels, totals = label_source(
        inferred.source,
        assigner,
        inferred.schema.id,
        count if weights is None else _WeightedCounter(count, weights),
        advance,
        max_rows_in_memory=max_rows_in_memory,
    )
    return LabelPass(
        labels,
        replace(totals.profile, count_exponent=exponent),
        totals.cell_counts,
        totals.borderline_counts,
        math.ldexp(totals.inertia.values[0], -exponent),
    )


@dataclass(frozen=True)
class _TotalsCounter:
    """Adds up the labeled rows of one frame, wherever they are."""

    columns: tuple[Column, ...]
    max_abs_values: dict[str, float]
    log_columns: frozenset[str]
    centers: Floats
    training: TrainingRecord

    def __call__(self, rows: AssignedRows) -> LabelPassTotals:
        labels = rows.labels
        borderline = labels[(labels >= 0) & (rows.margin < BORDERLINE_MARGIN)]
        return LabelPassTotals(
            profile_batch(
                rows.cells,
                labels,
                self.columns,
                magnitudes=self.max_abs_values,
                log_columns=self.log_columns,
            ),
            self.training.count(rows.rows),
            np.bincount(borderline, minlength=len(self.centers)),
            sum_squared_distances(rows, self.centers),
        )


@dataclass(frozen=True)
class _WeightedCounter:
    """Adds up rows that count as much as their weights, in whole units, without rounding.

    A row of weight 5 is counted once and four times: for each binary digit of the weights the rows
    that have it are added up, and the sums multiplied.
    """

    count: _TotalsCounter
    weights: RowWeights

    def __call__(self, rows: AssignedRows) -> LabelPassTotals:
        units = self.weights.count_units(rows.cells[self.weights.name].to_numpy())
        total = self.count(rows).repeat(0)
        for digit in range(int(units.max(initial=0)).bit_length()):
            has_digit = (units >> digit & 1).astype(bool)
            if has_digit.any():
                total += self.count(rows.filter(has_digit)).repeat(1 << digit)
        return replace(total, cell_counts=self.count.training.count(rows.rows))


def sum_squared_distances(rows: AssignedRows, centers: Floats) -> ExactSums:
    """The exact sum of squared distances to the center of one's own segment.

    Rows that fit no segment are left out.
    """
    labels, values = rows.labels, rows.encoded.values
    inside = labels >= 0
    if not inside.all():
        labels, values = labels[inside], values[inside]
    differences = values - centers[labels]
    return ExactSums.of((differences * differences).sum(axis=1))
