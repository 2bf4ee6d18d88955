"""Labelled: the id and the segment of every customer, however many there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ilk.model.model import NOWHERE
from ilk.tables.write_table import write_table

if TYPE_CHECKING:
    from ilk.model.model import SegmentModel
    from ilk.tables.map_frames import Distributed
    from ilk.tables.number_format import Numerals
    from ilk.tables.spill import Spool

SEGMENT = "\x00segment"
"""Name of the column of numbers in a spool: an id may be called ``segment``."""


class Labelled(Protocol):
    """Ids (or row numbers) and segments of all customers, in the order read."""

    @property
    def rows(self) -> int:
        """How many customers there are."""

    @property
    def nowhere(self) -> int:
        """How many of them fit nowhere."""

    def tables(self, model: SegmentModel) -> Iterator[pl.DataFrame]:
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
    >>> kept = ilk.fit(ilk.demo.load("mall"), describe=["Age"]).labelled
    >>> kept.rows, kept.nowhere
    (200, 0)
    """

    spool: Spool
    numbers: NDArray[np.int32]
    nowhere: int

    @property
    def rows(self) -> int:
        """How many customers there are."""
        return self.spool.rows

    def renumbered(self, numbers: NDArray[np.int32]) -> Kept:
        """The same customers with segment ``i`` called ``numbers[i]``."""
        return replace(self, numbers=numbers[self.numbers])

    def tables(self, model: SegmentModel) -> Iterator[pl.DataFrame]:
        """Yield id, segment and name of all rows."""
        for frame in self.spool.frames():
            segments = self.numbers[frame[SEGMENT].to_numpy()]
            yield model.label(frame.to_series(0), segments)

    def write(
        self, model: SegmentModel, path: Path, table_format: Literal["csv", "parquet"]
    ) -> None:
        """Write all rows to one file."""
        write_table(self.tables(model), path, table_format)


@dataclass(frozen=True)
class Remote:
    """Customers of a distributed source: labelled again where they are, as often as wanted."""

    source: Distributed
    numerals: Numerals
    rows: int
    nowhere: int

    def tables(self, model: SegmentModel) -> Iterator[pl.DataFrame]:
        """Yield id, segment and name of all rows, brought here part by part."""
        return self.source.map_frames(model.labeller(self.numerals))

    def write(
        self, model: SegmentModel, path: Path, table_format: Literal["csv", "parquet"]
    ) -> None:
        """Have the source write its rows as a folder of part files."""
        self.source.write_frames(model.labeller(self.numerals), path, table_format)


def spooled(ids: pl.Series, segments: NDArray[np.int32]) -> pl.DataFrame:
    """Ids and segments as a frame for a spool."""
    return pl.DataFrame([ids, pl.Series(SEGMENT, segments.astype(np.uint16))])


def unchanged(k: int) -> NDArray[np.int32]:
    """Numbers 0 (nowhere) to ``k``, each standing for itself."""
    return np.arange(NOWHERE, k + 1, dtype=np.int32)
