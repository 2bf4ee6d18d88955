"""Scan: the second pass over a table, which labels every customer and adds up the figures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ilk.cluster.partition import Partition
from ilk.features.encoder import Encoder
from ilk.model import NOWHERE, assign_typed, identity
from ilk.segments.profile import Profile, profile
from ilk.segments.wording import CLOSE_CALL
from ilk.typed import typed
from ilk.understanding import Understood
from ilk.watch import Advance


@dataclass(frozen=True)
class Scan:
    """What the second scan brings: per row the id and the segment, and sums over all rows.

    ``close``, shape (k,), counts the customers of each segment who are a close call.
    """

    identity: pl.Series
    segments: NDArray[np.int32]
    profile: Profile
    missing: Counter[str]
    close: NDArray[np.int64]

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
        return replace(
            self,
            segments=table[self.segments],
            profile=replace(self.profile, groups=groups),
            close=self.close[order],
        )


def scan(understood: Understood, encoder: Encoder, partition: Partition, advance: Advance) -> Scan:
    """Label every customer and add up the figures of every segment, batch by batch."""
    columns = understood.schema.described
    identities, segments, profiles = [], [], []
    missing: Counter[str] = Counter()
    close = np.zeros(partition.k, dtype=np.int64)
    row = 1
    for frame in understood.source.frames():
        cells = typed(frame, columns, understood.source.numerals, first_row=row)
        assignments = assign_typed(cells, encoder, partition)
        labels = assignments.segments - 1
        profiles.append(
            profile(cells, labels, columns, magnitudes=understood.magnitudes, logged=encoder.logged)
        )
        identities.append(identity(frame, understood.schema.id, row))
        segments.append(assignments.segments)
        missing.update(assignments.missing)
        calls = labels[(labels >= 0) & (assignments.clarity < CLOSE_CALL)]
        close += np.bincount(calls, minlength=partition.k)
        row += frame.height
        advance(frame.height)
    merged = profiles[0]
    for part in profiles[1:]:
        merged = merged.merge(part)
    return Scan(pl.concat(identities), np.concatenate(segments), merged, missing, close)
