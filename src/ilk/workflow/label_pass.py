"""Scan: the second pass over a table, which labels every customer and adds up the figures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ilk.columns.cast import typed
from ilk.columns.infer import Understood
from ilk.model.model import NOWHERE, identity, place
from ilk.progress import Advance
from ilk.schema import Schema
from ilk.segments.profile import Profile, profile
from ilk.segments.wording import CLOSE_CALL
from ilk.stats.exact_sum import ExactSums
from ilk.tables.map_frames import Distributed, mapped
from ilk.tables.number_format import Numerals
from ilk.tables.spill import Spool
from ilk.workflow.labels import Kept, Labelled, Remote, spooled, unchanged

if TYPE_CHECKING:
    from ilk.cluster.partition import Partition
    from ilk.features.encoder import Encoded, Encoder
    from ilk.tables.source import Source


@dataclass(frozen=True)
class Figures:
    """Sums over some of the rows; those of parts add up to those of the whole.

    ``close``, shape (k,), counts the customers of each segment who are a close call; ``squares``
    sums the squared distances to the centre of one's own segment in the encoded space.
    """

    profile: Profile
    missing: Counter[str]
    close: NDArray[np.int64]
    squares: ExactSums

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            self.profile.merge(other.profile),
            # The sum of counters would forget the columns in which nothing is missing.
            Counter({name: self.missing[name] + other.missing[name] for name in self.missing}),
            self.close + other.close,
            self.squares + other.squares,
        )


@dataclass(frozen=True)
class Scan:
    """What the second scan brings: a segment for everyone, and sums over all rows."""

    labelled: Labelled
    profile: Profile
    missing: Counter[str]
    close: NDArray[np.int64]
    inertia: float

    def close_calls(self) -> tuple[float, ...]:
        """The share of close calls among the customers of every segment, in order."""
        sizes = [self.profile.groups[label].customers for label in range(self.profile.k)]
        return tuple(
            int(close) / size if size else 0.0
            for close, size in zip(self.close, sizes, strict=True)
        )

    def largest_first(self) -> list[int]:
        """Labels in the order of their exact counts; the sample's order where they tie."""
        groups = self.profile.groups
        return sorted(range(self.profile.k), key=lambda label: -groups[label].customers)

    def renumbered(self, order: list[int]) -> Scan:
        """The same scan with the label ``order[i]`` called ``i``."""
        number = {NOWHERE: NOWHERE} | {old + 1: new + 1 for new, old in enumerate(order)}
        table = np.array([number[old] for old in range(len(number))], dtype=np.int32)
        groups = {number[old + 1] - 1: group for old, group in self.profile.groups.items()}
        kept = self.labelled
        return replace(
            self,
            # What is labelled anew each time, is so by the model with its segments in order.
            labelled=kept.renumbered(table) if isinstance(kept, Kept) else kept,
            profile=replace(self.profile, groups=groups),
            close=self.close[order],
        )


def scan(inferred: Understood, encoder: Encoder, partition: Partition, advance: Advance) -> Scan:
    """Label every customer and add up the figures of every segment, frame by frame."""
    source = inferred.source
    look = _FrameScanner(
        inferred.schema,
        source.numerals,
        inferred.magnitudes,
        encoder,
        partition,
        labels=not isinstance(source, Distributed),
    )
    spool = Spool()
    found: Figures | None = None
    for figures, labels in mapped(source, look, _merge_results):
        found = figures if found is None else found + figures
        if labels is not None:
            spool.add(labels)
        advance(figures.profile.customers)
    if found is None:
        raise RuntimeError("a source without rows went through the first scan")
    return Scan(
        _collect_labels(source, spool, found.profile),
        found.profile,
        found.missing,
        found.close,
        found.squares.values[0],
    )


def _collect_labels(source: Source, buffer: Spool, profile: Profile) -> Labelled:
    nowhere = profile.groups[-1].customers if -1 in profile.groups else 0
    numerals = source.numerals
    if isinstance(source, Distributed):
        return Remote(source, numerals, profile.customers, nowhere)
    return Kept(buffer, unchanged(profile.k), nowhere)


_FrameResult = tuple[Figures, pl.DataFrame | None]


@dataclass(frozen=True)
class _FrameScanner:
    """What is done with every frame, wherever it is."""

    schema: Schema
    numerals: Numerals
    magnitudes: dict[str, float]
    encoder: Encoder
    partition: Partition
    labels: bool

    def __call__(self, frame: pl.DataFrame, first_row: int) -> _FrameResult:
        columns = self.schema.described
        cells = typed(frame, columns, self.numerals, first_row=first_row)
        encoded = self.encoder.encode(cells)
        assignments = place(encoded, self.partition)
        labels = assignments.segments - 1
        calls = labels[(labels >= 0) & (assignments.clarity < CLOSE_CALL)]
        figures = Figures(
            profile(
                cells,
                labels,
                columns,
                magnitudes=self.magnitudes,
                log_columns=self.encoder.logged,
            ),
            Counter(assignments.missing),
            np.bincount(calls, minlength=self.partition.k),
            ExactSums.of(own_squares(encoded, self.partition, labels)),
        )
        if not self.labels:
            return figures, None
        ids = identity(frame, self.schema.id, first_row)
        return figures, spooled(ids, assignments.segments)


def _merge_results(first: _FrameResult, second: _FrameResult) -> _FrameResult:
    """What was found in two parts whose labels stay where they are."""
    return first[0] + second[0], None


def own_squares(
    encoded: Encoded, partition: Partition, labels: NDArray[np.int32]
) -> NDArray[np.float64]:
    """Squared distances to the centre of one's own segment; without those who fit nowhere."""
    inside = labels >= 0
    values = encoded.values if inside.all() else encoded.values[inside]
    apart = values - partition.centers[labels[inside]]
    squares: NDArray[np.float64] = (apart * apart).sum(axis=1)
    return squares
