"""Labelled: the id and the segment of every customer, however many there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ilk.model.model import UNASSIGNED
from ilk.tables.write_table import write_table

if TYPE_CHECKING:
    from ilk.model.model import SegmentModel
    from ilk.tables.map_frames import DistributedSource
    from ilk.tables.number_format import NumberFormat
    from ilk.tables.spill import SpillBuffer

SEGMENT_COLUMN = "\x00segment"
"""Name of the column of numbers in a spool: an id may be called ``segment``."""


class Labelled(Protocol):
    """Ids (or row numbers) and segments of all customers, in the order read."""

    @property
    def n_rows(self) -> int:
        """How many customers there are."""

    @property
    def n_unassigned(self) -> int:
        """How many of them fit nowhere."""

    def iter_tables(self, model: SegmentModel) -> Iterator[pl.DataFrame]:
        """The rows of ``customers.csv`` in parts: id, segment and its name."""

    def write(
        self, model: SegmentModel, path: Path, table_format: Literal["csv", "parquet"]
    ) -> None:
        """Write all parts to ``path``."""


@dataclass(frozen=True)
class Kept:
    """Ids and segments kept in a spool; ``numbers`` maps each number in it to the one it has now.

    Examples
    --------
    >>> import ilk
    >>> kept = ilk.fit(ilk.demo.load("mall"), describe=["Age"]).labels
    >>> kept.n_rows, kept.n_unassigned
    (200, 0)
    """

    buffer: SpillBuffer
    numbers: NDArray[np.int32]
    n_unassigned: int

    @property
    def n_rows(self) -> int:
        """How many customers there are."""
        return self.buffer.n_rows

    def renumber(self, numbers: NDArray[np.int32]) -> Kept:
        """The same customers with segment ``i`` called ``numbers[i]``."""
        return replace(self, numbers=numbers[self.numbers])

    def iter_tables(self, model: SegmentModel) -> Iterator[pl.DataFrame]:
        """Yield id, segment and name of all rows."""
        for frame in self.buffer.iter_frames():
            segments = self.numbers[frame[SEGMENT_COLUMN].to_numpy()]
            yield model.label(frame.to_series(0), segments)

    def write(
        self, model: SegmentModel, path: Path, table_format: Literal["csv", "parquet"]
    ) -> None:
        """Write all rows to one file."""
        write_table(self.iter_tables(model), path, table_format)


@dataclass(frozen=True)
class Remote:
    """Customers of a distributed source: labelled again where they are, as often as wanted."""

    source: DistributedSource
    number_format: NumberFormat
    n_rows: int
    n_unassigned: int

    def iter_tables(self, model: SegmentModel) -> Iterator[pl.DataFrame]:
        """Yield id, segment and name of all rows, brought here part by part."""
        return self.source.map_frames(model.make_labeller(self.number_format))

    def write(
        self, model: SegmentModel, path: Path, table_format: Literal["csv", "parquet"]
    ) -> None:
        """Have the source write its rows as a folder of part files."""
        self.source.write_frames(model.make_labeller(self.number_format), path, table_format)


def make_spill_frame(ids: pl.Series, segments: NDArray[np.int32]) -> pl.DataFrame:
    """Ids and segments as a frame for a spool."""
    return pl.DataFrame([ids, pl.Series(SEGMENT_COLUMN, segments.astype(np.uint16))])


def make_identity_mapping(k: int) -> NDArray[np.int32]:
    """Numbers 0 (nowhere) to ``k``, each standing for itself."""
    return np.arange(UNASSIGNED, k + 1, dtype=np.int32)
