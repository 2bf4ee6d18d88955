"""The one place where a row gets its segment: cast its cells, encode them, predict.

Training rows, new rows, files, databases, Spark's executors and the app all come through
:meth:`RowAssigner.assign`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ilk.columns.cast import cast_columns
from ilk.tables.number_format import NumberFormat, parse_categories

if TYPE_CHECKING:
    from ilk.cluster.partition import Labels, Partition
    from ilk.features.encoder import EncodedRows, Encoder
    from ilk.schema import Column

_LABEL_COLUMN = re.compile(r"segment|segment_name|segment_\d+|action|margin")
"""Names of the columns beside the ids in tables of labels, distances and probabilities."""

DETAIL_COLUMNS = ("action", "margin")
"""What there is to say about a labeled customer beside the segment."""

UNASSIGNED = 0
"""The segment number of a customer who fits no segment."""


@dataclass(frozen=True)
class ReadRows:
    """The rows of a frame: as they were read, cast, and encoded.

    ``first_row`` is the number of the first one in its table. ``cells`` are the columns asked for:
    numbers as Float64, everything else as String.
    """

    frame: pl.DataFrame
    first_row: int
    cells: pl.DataFrame
    encoded: EncodedRows

    def filter(self, kept: NDArray[np.bool_]) -> ReadRows:
        """Some of the rows, under other numbers; the counts of cells are still those of all."""
        encoded = replace(
            self.encoded, values=self.encoded.values[kept], usable=self.encoded.usable[kept]
        )
        mask = pl.Series(kept)
        return ReadRows(self.frame.filter(mask), self.first_row, self.cells.filter(mask), encoded)


@dataclass(frozen=True)
class AssignedRows:
    """The n rows of a frame, each with its segment.

    Attributes
    ----------
    segments : ndarray, shape (n,)
        1..K, or 0 for a row that fits no segment.
    margin : ndarray, shape (n,)
        How clearly a row belongs to its segment: 0 on the border between two segments, 1 if no
        other segment comes close. With k-means it is 1 - d1 / d2, with the distances to the
        nearest and the second nearest center in the encoded space; :mod:`ilk.cluster` defines it
        for the other algorithms.
    rows : ReadRows
        The rows themselves.
    """

    segments: NDArray[np.int32]
    margin: NDArray[np.float64]
    rows: ReadRows

    @property
    def cells(self) -> pl.DataFrame:
        """The columns asked for: numbers as Float64, everything else as String."""
        return self.rows.cells

    @property
    def encoded(self) -> EncodedRows:
        """The features as they are clustered."""
        return self.rows.encoded

    @property
    def labels(self) -> Labels:
        """0-based labels: one less than the segment, and -1 for a row that fits none."""
        return self.segments - np.int32(1)

    @property
    def unseen(self) -> dict[str, int]:
        """Cells of each category with a level that training did not see."""
        return self.encoded.unseen

    @property
    def missing(self) -> dict[str, int]:
        """Cells of each feature without a value."""
        return self.encoded.missing

    def filter(self, kept: NDArray[np.bool_]) -> AssignedRows:
        """Some of the rows; the counts of cells are still those of all."""
        return AssignedRows(self.segments[kept], self.margin[kept], self.rows.filter(kept))


@dataclass(frozen=True)
class RowAssigner:
    """What is needed to give rows their segments.

    Parameters
    ----------
    columns : tuple of Column
        The columns to cast: the features, and any others that the caller wants in ``cells``.
    encoder : Encoder
    partition : Partition
        Clusters in the encoded space.
    """

    columns: tuple[Column, ...]
    encoder: Encoder
    partition: Partition

    def read(
        self, frame: pl.DataFrame, number_format: NumberFormat, *, first_row: int = 1
    ) -> ReadRows:
        """Cast and encode the rows of a frame."""
        cells = cast_columns(frame, self.columns, number_format, first_row=first_row)
        return ReadRows(frame, first_row, cells, self.encoder.encode(cells))

    def assign(
        self, frame: pl.DataFrame, number_format: NumberFormat, *, first_row: int = 1
    ) -> AssignedRows:
        """Give every row of a frame its segment: see :meth:`ilk.SegmentModel.assign`."""
        return self.assign_rows(self.read(frame, number_format, first_row=first_row))

    def assign_rows(self, rows: ReadRows) -> AssignedRows:
        """Give rows that were encoded their segments."""
        usable, assignment = rows.encoded.usable, self.partition.predict(rows.encoded.values)
        segments = np.where(usable, assignment.labels + 1, UNASSIGNED).astype(np.int32)
        return AssignedRows(segments, np.where(usable, assignment.margin, 0.0), rows)

    def compute_distances(self, rows: ReadRows) -> NDArray[np.float64]:
        """Distances to the segments, shape (n, K); NaN for a row that cannot be encoded."""
        distances = self.partition.compute_distances(rows.encoded.values)
        return np.where(rows.encoded.usable[:, None], distances, np.nan)

    def compute_memberships(self, rows: ReadRows) -> NDArray[np.float64]:
        """Probabilities of the segments, shape (n, K); all 0 for a row that fits none."""
        memberships = self.partition.compute_memberships(rows.encoded.values)
        return np.where(rows.encoded.usable[:, None], memberships, 0.0)

    def score_rows(self, rows: ReadRows) -> NDArray[np.float64]:
        """How well each row fits, shape (n,); NaN for a row that cannot be encoded."""
        scores = self.partition.score_rows(rows.encoded.values)
        return np.where(rows.encoded.usable, scores, np.nan)

    def summarize_scores(
        self, scores: NDArray[np.float64], weights: NDArray[np.float64] | None = None
    ) -> float:
        """One score for the rows that could be encoded; NaN where there are none."""
        known = ~np.isnan(scores)
        if not known.any():
            return float("nan")
        return self.partition.summarize_scores(
            scores[known], None if weights is None else weights[known]
        )


def get_ids(frame: pl.DataFrame, id_column: str | None, first_row: int) -> pl.Series:
    """The ids of a frame as they were read; row numbers if there is no such column.

    A column that is called like one of ilk's own in the tables of labels gets "(ID)" behind its
    name.

    Examples
    --------
    >>> get_ids(pl.DataFrame({"id": ["007"]}), "id", 1).to_list()
    ['007']
    >>> get_ids(pl.DataFrame({"age": [31, 44]}), None, 101).to_list()
    [101, 102]
    >>> get_ids(pl.DataFrame({"segment": ["S1"]}), "segment", 1).name
    'segment (ID)'
    """
    ids = get_id_cells(frame, id_column)
    if id_column is None or ids is None:
        return pl.int_range(first_row, first_row + frame.height, eager=True).alias("row")
    name = f"{id_column} (ID)" if _LABEL_COLUMN.fullmatch(id_column) else id_column
    if ids.dtype == pl.String:
        return ids.alias(name)
    return frame.select(parse_categories(id_column, ids.dtype).alias(name)).to_series()


def get_id_cells(frame: pl.DataFrame, id_column: str | None) -> pl.Series | None:
    """The column of ids as it was read, if a frame has it.

    Examples
    --------
    >>> get_id_cells(pl.DataFrame({"age": [31, 44]}), "id") is None
    True
    """
    return frame[id_column] if id_column is not None and id_column in frame.columns else None
