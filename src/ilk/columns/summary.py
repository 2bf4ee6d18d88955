"""One pass over a table: exact statistics of every column, and a sample of the rows.

Everything counted here is exact and mergeable: the summaries of the parts of a table, merged in any
order, equal the summary of the whole. What cannot be merged exactly is computed from the sample.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from ilk.columns.stats import ColumnStats, compute_column_stats, merge_column_stats
from ilk.progress import AdvanceCallback
from ilk.tables.map_frames import map_frames
from ilk.tables.number_format import NumberFormat
from ilk.tables.sample import RowSample
from ilk.vocabulary.concepts import is_id_name

if TYPE_CHECKING:
    from ilk.tables.base import Source


_MAX_PARTS = 32
"""Parts held at most before they are merged: each holds the hashes of its IDs."""


@dataclass(frozen=True)
class TableSummary:
    """Statistics of every column, in the order read, and a sample of the rows.

    Examples
    --------
    >>> part = summarize_frame(pl.DataFrame({"age": ["31", "n/a"]}), NumberFormat())
    >>> other = summarize_frame(pl.DataFrame({"age": ["44"]}), NumberFormat(), first_row=3)
    >>> part.merge(other).n_rows
    3
    """

    column_stats: dict[str, ColumnStats]
    row_sample: RowSample
    number_format: NumberFormat

    @property
    def n_rows(self) -> int:
        """Rows read."""
        return self.row_sample.n_rows

    @property
    def sample(self) -> pl.DataFrame:
        """Rows as they were read: all of them if they fit, else those chosen by their hash."""
        return self.row_sample.frame

    @property
    def is_complete(self) -> bool:
        """Whether the sample holds every row."""
        return self.row_sample.is_complete

    def drop(self, column: str) -> TableSummary:
        """The summary of the same rows without one of the columns."""
        stats = {name: stats for name, stats in self.column_stats.items() if name != column}
        rows = self.row_sample.distinct_rows.drop(column)
        return replace(
            self, column_stats=stats, row_sample=replace(self.row_sample, distinct_rows=rows)
        )

    def merge(self, *others: TableSummary) -> TableSummary:
        """The summary of the table that has the rows of all of these.

        Parameters
        ----------
        *others : TableSummary
            Other parts of the same table, each made with the number of its first row.
        """
        parts = (self, *others)
        merged = {
            name: merge_column_stats([part.column_stats[name] for part in parts])
            for name in self.column_stats
        }
        return TableSummary(
            merged, self.row_sample.merge(*(part.row_sample for part in others)), self.number_format
        )


def summarize(
    source: Source,
    *,
    sample_size: int = 200_000,
    id_columns: Iterable[str] = (),
    advance: AdvanceCallback = lambda rows: None,
) -> TableSummary:
    """Summarize a source in one pass.

    Parameters
    ----------
    source : Source
        What to read.
    sample_size : int
        Rows to keep; a table of at most this many rows is kept whole.
    id_columns : iterable of str
        Columns whose distinct values are counted exactly, such as ``Recipe.id``.
    advance : callable, optional
        Called with the number of rows read since the last call.

    Examples
    --------
    >>> from ilk.tables.source import open_source
    >>> summary = summarize(open_source(pl.DataFrame({"age": [31, 44], "city": ["Rome", "Oslo"]})))
    >>> summary.n_rows, summary.column_stats["age"].maximum
    (2, 44.0)
    """
    parts: list[TableSummary] = []
    summarize_part = FrameSummarizer(source.number_format, sample_size, frozenset(id_columns))
    for part in map_frames(source, summarize_part, TableSummary.merge):
        parts.append(part)
        advance(part.n_rows)
        # Often enough to stay in memory, rarely enough to cost nothing.
        n_held = sum(part.row_sample.distinct_rows.height for part in parts)
        if n_held > 4 * sample_size or len(parts) > _MAX_PARTS:
            parts = [parts[0].merge(*parts[1:])]
            summarize_part.max_hash = parts[0].row_sample.max_hash
    if not parts:
        return summarize_frame(
            pl.DataFrame(schema=source.schema), source.number_format, sample_size=sample_size
        )
    return parts[0].merge(*parts[1:]) if len(parts) > 1 else parts[0]


@dataclass
class FrameSummarizer:
    """Summarizes one frame after another, and learns what need not be counted again."""

    number_format: NumberFormat
    sample_size: int
    id_columns: frozenset[str]
    high_cardinality: frozenset[str] = frozenset()
    low_cardinality: frozenset[str] = frozenset()
    max_hash: int | None = None

    def __call__(self, frame: pl.DataFrame, first_row: int) -> TableSummary:
        """Summarize a frame whose first row has this number in the table."""
        part = summarize_frame(
            frame,
            self.number_format,
            sample_size=self.sample_size,
            first_row=first_row,
            id_columns=self.id_columns,
            high_cardinality=self.high_cardinality,
            low_cardinality=self.low_cardinality,
            max_hash=self.max_hash,
        )
        few = {name for name, stats in part.column_stats.items() if stats.levels is not None}
        self.high_cardinality, self.low_cardinality = (
            self.high_cardinality | part.column_stats.keys() - few,
            frozenset(few),
        )
        return part


def summarize_frame(
    frame: pl.DataFrame,
    number_format: NumberFormat,
    *,
    sample_size: int = 200_000,
    first_row: int = 1,
    id_columns: frozenset[str] = frozenset(),
    high_cardinality: frozenset[str] = frozenset(),
    low_cardinality: frozenset[str] = frozenset(),
    max_hash: int | None = None,
) -> TableSummary:
    """Summarize one part of a table.

    Parameters
    ----------
    frame : polars.DataFrame
        The rows of the part.
    number_format : NumberFormat
        How text columns write their numbers.
    sample_size : int
        Rows to keep.
    first_row : int
        Number of the part's first row in the table, counting from 1.
    id_columns : frozenset of str
        Columns whose distinct values are counted exactly, whatever their names.
    high_cardinality : frozenset of str
        Columns known to have more than ``MAX_LEVELS`` values, which are not counted again.
    low_cardinality : frozenset of str
        Columns likely to have no more, which are counted without a check.
    max_hash : int, optional
        A hash above which no row can be in the sample of the whole table.

    Examples
    --------
    >>> summary = summarize_frame(pl.DataFrame({"age": ["31", "n/a"]}), NumberFormat())
    >>> summary.column_stats["age"].missing
    1
    """
    possible_ids = id_columns | {name for name in frame.columns if is_id_name(name)}
    return TableSummary(
        compute_column_stats(
            frame,
            number_format,
            first_row=first_row,
            id_columns=possible_ids,
            high_cardinality=high_cardinality,
            low_cardinality=low_cardinality,
        ),
        RowSample.of(frame, max_rows=sample_size, first_row=first_row, max_hash=max_hash),
        number_format,
    )
