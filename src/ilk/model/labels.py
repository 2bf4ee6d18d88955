"""LabeledBatches: the id and the segment of every customer, however many there are.

Every row of a source is labeled once, in :func:`label_source`. What was labeled is kept until
the segments have their final numbers and names: in a :class:`~ilk.tables.spill.SpillBuffer` on
this machine, or on the disks of Spark's executors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Literal, Protocol, Self, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ilk.cluster.partition import renumber_labels
from ilk.model.assign import UNASSIGNED, AssignedRows, RowAssigner, get_ids
from ilk.tables.map_frames import FrameStore, store_frames
from ilk.tables.spill import MAX_ROWS_IN_MEMORY

if TYPE_CHECKING:
    from ilk.model.model import SegmentModel
    from ilk.progress import AdvanceCallback
    from ilk.tables.base import Source
    from ilk.tables.number_format import NumberFormat

_SEGMENT_COLUMN, _MARGIN_COLUMN = "\x00segment", "\x00margin"
"""Names of stored columns: an id column may be called ``segment``."""


@dataclass(frozen=True)
class LabeledBatches:
    """Id (or row number) and segment of every customer, in the order read.

    Attributes
    ----------
    store : FrameStore
        Ids and segments, numbered as they were when the rows were labeled, and margins if they
        were asked for; here or on Spark.
    numbers : ndarray
        The present number of each stored one, 0 included.
    n_rows : int
        Customers.
    n_unassigned : int
        Customers who fit no segment.

    Examples
    --------
    >>> import ilk
    >>> run = ilk.fit(ilk.demo.load("mall"), describe=["Age"])
    >>> run.labels.n_rows, run.labels.n_unassigned
    (200, 0)
    >>> [table.columns for table in run.labels.iter_tables(run.model)]
    [['CustomerID', 'segment', 'segment_name']]
    """

    store: FrameStore
    numbers: NDArray[np.int32]
    n_rows: int
    n_unassigned: int

    def renumber(self, order: Sequence[int]) -> LabeledBatches:
        """The same customers; the label ``order[i]`` (one less than a segment) becomes ``i``."""
        labels = renumber_labels(self.numbers - np.int32(1), order, len(self.numbers) - 1)
        return replace(self, numbers=labels + np.int32(1))

    def iter_tables(self, model: SegmentModel) -> Iterator[pl.DataFrame]:
        """Yield the rows of ``customers.csv`` in batches: id, segment and its name.

        Where margins were kept, the action and the margin follow.
        """
        yield from map(_LabelTables(model, self.numbers), self.store.iter_frames())

    def write(
        self, model: SegmentModel, path: Path, table_format: Literal["csv", "parquet"]
    ) -> None:
        """Write all batches: to one file, or from Spark to a folder of part files."""
        self.store.write(_LabelTables(model, self.numbers), path, table_format)


class _Summable(Protocol):
    def __add__(self, other: Self, /) -> Self: ...


Summary = TypeVar("Summary", bound=_Summable)


def label_source(
    source: Source,
    assigner: RowAssigner,
    id_column: str | None,
    summarize: Callable[[AssignedRows], Summary],
    advance: AdvanceCallback,
    *,
    keep_margin: bool = False,
    max_rows_in_memory: int = MAX_ROWS_IN_MEMORY,
) -> tuple[LabeledBatches, Summary]:
    """Label every row of a source, once, in one pass.

    Parameters
    ----------
    source : Source
    assigner : RowAssigner
    id_column : str, optional
        The column of ids; row numbers take their place without one.
    summarize : callable
        What is to be added up over all frames. It travels to the rows, and has to be picklable.
    advance : callable
        Told how many rows were labeled since it was told last.
    keep_margin : bool
        Whether the margins are kept as well.
    max_rows_in_memory : int
        Labels beyond these wait on the disk (on Spark all of them do).

    Returns
    -------
    LabeledBatches
        Everyone's segment.
    Summary
        The sum of all summaries.
    """
    label_frame = _FrameLabeler(assigner, source.number_format, id_column, summarize, keep_margin)
    store, parts = store_frames(
        source, label_frame, _LabeledPart.__add__, max_rows_in_memory=max_rows_in_memory
    )
    total: _LabeledPart[Summary] | None = None
    for part in parts:
        total = part if total is None else total + part
        advance(part.n_rows)
    if total is None:
        raise RuntimeError("a source without rows was opened")
    numbers = np.arange(assigner.partition.k + 1, dtype=np.int32)
    return LabeledBatches(store, numbers, total.n_rows, total.n_unassigned), total.summary


@dataclass(frozen=True)
class _LabeledPart(Generic[Summary]):
    """Counts and summary of some of the rows; those of parts add up to those of the whole."""

    n_rows: int
    n_unassigned: int
    summary: Summary

    def __add__(self, other: _LabeledPart[Summary]) -> _LabeledPart[Summary]:
        return _LabeledPart(
            self.n_rows + other.n_rows,
            self.n_unassigned + other.n_unassigned,
            self.summary + other.summary,
        )


@dataclass(frozen=True)
class _FrameLabeler(Generic[Summary]):
    """What is done with every frame, wherever it is."""

    assigner: RowAssigner
    number_format: NumberFormat
    id_column: str | None
    summarize: Callable[[AssignedRows], Summary]
    keep_margin: bool

    def __call__(
        self, frame: pl.DataFrame, first_row: int
    ) -> tuple[_LabeledPart[Summary], pl.DataFrame]:
        rows = self.assigner.assign(frame, self.number_format, first_row=first_row)
        n_unassigned = int(np.count_nonzero(rows.segments == UNASSIGNED))
        part = _LabeledPart(frame.height, n_unassigned, self.summarize(rows))
        ids = get_ids(frame, self.id_column, first_row)
        margins = [pl.Series(_MARGIN_COLUMN, rows.margin)] if self.keep_margin else []
        segments = pl.Series(_SEGMENT_COLUMN, rows.segments, pl.UInt16)
        return part, pl.DataFrame([ids, segments, *margins])


@dataclass(frozen=True)
class _LabelTables:
    """Turns stored frames into the rows of ``customers.csv``."""

    model: SegmentModel
    numbers: NDArray[np.int32]

    def __call__(self, stored: pl.DataFrame) -> pl.DataFrame:
        segments = self.numbers[stored.get_column(_SEGMENT_COLUMN).to_numpy()]
        table = self.model.make_label_table(stored.to_series(0), segments)
        if _MARGIN_COLUMN not in stored.columns:
            return table
        margin = stored.get_column(_MARGIN_COLUMN).to_numpy()
        return table.hstack(self.model.make_detail_table(segments, margin))
