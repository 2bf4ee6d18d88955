"""Scan: the second pass over a table, which labels every customer and adds up the figures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ilk.columns.cast import cast_columns
from ilk.columns.infer import InferredSchema
from ilk.model.model import UNASSIGNED, assign_encoded, get_ids
from ilk.progress import AdvanceCallback
from ilk.schema import Schema
from ilk.segments.profile import Profile, profile_batch
from ilk.segments.wording import BORDERLINE_MARGIN
from ilk.stats.exact_sum import ExactSums
from ilk.tables.map_frames import DistributedSource, map_frames
from ilk.tables.number_format import NumberFormat
from ilk.tables.spill import SpillBuffer
from ilk.workflow.labels import Kept, Labelled, Remote, make_identity_mapping, make_spill_frame

if TYPE_CHECKING:
    from ilk.cluster.partition import Partition
    from ilk.features.encoder import EncodedRows, Encoder
    from ilk.tables.base import Source


@dataclass(frozen=True)
class LabelPassTotals:
    """Sums over some of the rows; those of parts add up to those of the whole.

    ``close``, shape (k,), counts the customers of each segment who are a close call; ``squares``
    sums the squared distances to the centre of one's own segment in the encoded space.
    """

    profile: Profile
    missing: Counter[str]
    borderline_counts: NDArray[np.int64]
    inertia: ExactSums

    def __add__(self, other: LabelPassTotals) -> LabelPassTotals:
        return LabelPassTotals(
            self.profile.merge(other.profile),
            # The sum of counters would forget the columns in which nothing is missing.
            Counter({name: self.missing[name] + other.missing[name] for name in self.missing}),
            self.borderline_counts + other.borderline_counts,
            self.inertia + other.inertia,
        )


@dataclass(frozen=True)
class LabelPass:
    """What the second scan brings: a segment for everyone, and sums over all rows."""

    labels: Labelled
    profile: Profile
    missing: Counter[str]
    borderline_counts: NDArray[np.int64]
    inertia: float

    def compute_borderline_shares(self) -> tuple[float, ...]:
        """The share of close calls among the customers of every segment, in order."""
        sizes = [self.profile.groups[label].customers for label in range(self.profile.k)]
        return tuple(
            int(close) / size if size else 0.0
            for close, size in zip(self.borderline_counts, sizes, strict=True)
        )

    def sort_by_size(self) -> list[int]:
        """Labels in the order of their exact counts; the sample's order where they tie."""
        groups = self.profile.groups
        return sorted(range(self.profile.k), key=lambda label: -groups[label].customers)

    def renumber(self, order: list[int]) -> LabelPass:
        """The same scan with the label ``order[i]`` called ``i``."""
        number = {UNASSIGNED: UNASSIGNED} | {old + 1: new + 1 for new, old in enumerate(order)}
        table = np.array([number[old] for old in range(len(number))], dtype=np.int32)
        groups = {number[old + 1] - 1: group for old, group in self.profile.groups.items()}
        kept = self.labels
        return replace(
            self,
            # What is labelled anew each time, is so by the model with its segments in order.
            labels=kept.renumber(table) if isinstance(kept, Kept) else kept,
            profile=replace(self.profile, groups=groups),
            borderline_counts=self.borderline_counts[order],
        )


def run_label_pass(
    inferred: InferredSchema, encoder: Encoder, partition: Partition, advance: AdvanceCallback
) -> LabelPass:
    """Label every customer and add up the figures of every segment, frame by frame."""
    source = inferred.source
    look = _FrameScanner(
        inferred.schema,
        source.number_format,
        inferred.max_abs_values,
        encoder,
        partition,
        keep_labels=not isinstance(source, DistributedSource),
    )
    spool = SpillBuffer()
    found: LabelPassTotals | None = None
    for figures, labels in map_frames(source, look, _merge_results):
        found = figures if found is None else found + figures
        if labels is not None:
            spool.add(labels)
        advance(figures.profile.customers)
    if found is None:
        raise RuntimeError("a source without rows went through the first scan")
    return LabelPass(
        _collect_labels(source, spool, found.profile),
        found.profile,
        found.missing,
        found.borderline_counts,
        found.inertia.values[0],
    )


def _collect_labels(source: Source, buffer: SpillBuffer, profile: Profile) -> Labelled:
    nowhere = profile.groups[-1].customers if -1 in profile.groups else 0
    numerals = source.number_format
    if isinstance(source, DistributedSource):
        return Remote(source, numerals, profile.customers, nowhere)
    return Kept(buffer, make_identity_mapping(profile.k), nowhere)


_FrameResult = tuple[LabelPassTotals, pl.DataFrame | None]


@dataclass(frozen=True)
class _FrameScanner:
    """What is done with every frame, wherever it is."""

    schema: Schema
    number_format: NumberFormat
    max_abs_values: dict[str, float]
    encoder: Encoder
    partition: Partition
    keep_labels: bool

    def __call__(self, frame: pl.DataFrame, first_row: int) -> _FrameResult:
        columns = self.schema.profile_columns
        cells = cast_columns(frame, columns, self.number_format, first_row=first_row)
        encoded = self.encoder.encode(cells)
        assignments = assign_encoded(encoded, self.partition)
        labels = assignments.segments - 1
        calls = labels[(labels >= 0) & (assignments.margin < BORDERLINE_MARGIN)]
        figures = LabelPassTotals(
            profile_batch(
                cells,
                labels,
                columns,
                magnitudes=self.max_abs_values,
                log_columns=self.encoder.log_columns,
            ),
            Counter(assignments.missing),
            np.bincount(calls, minlength=self.partition.k),
            ExactSums.of(compute_own_squared_distances(encoded, self.partition, labels)),
        )
        if not self.keep_labels:
            return figures, None
        ids = get_ids(frame, self.schema.id, first_row)
        return figures, make_spill_frame(ids, assignments.segments)


def _merge_results(first: _FrameResult, second: _FrameResult) -> _FrameResult:
    """What was found in two parts whose labels stay where they are."""
    return first[0] + second[0], None


def compute_own_squared_distances(
    encoded: EncodedRows, partition: Partition, labels: NDArray[np.int32]
) -> NDArray[np.float64]:
    """Squared distances to the centre of one's own segment; without those who fit nowhere."""
    inside = labels >= 0
    values = encoded.values if inside.all() else encoded.values[inside]
    apart = values - partition.centers[labels[inside]]
    squares: NDArray[np.float64] = (apart * apart).sum(axis=1)
    return squares
