"""The one place where a row gets its segment: cast its cells, encode them, predict.

Training rows, new rows, files, databases, Spark's executors and the app all come through
:meth:`RowAssigner.assign`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ilk.columns.cast import cast_columns
from ilk.errors import InputError, format_place
from ilk.tables.number_format import NumberFormat, parse_categories

if TYPE_CHECKING:
    from ilk.cluster.partition import Labels, Partition
    from ilk.features.encoder import EncodedRows, Encoder
    from ilk.schema import Column

_LABEL_COLUMN = re.compile(r"segment|segment_name|segment_\d+|action|margin")
"""Names of the columns beside the ids in tables of labels, distances and probabilities."""

_MAX_UNSEEN_SHARE = 0.95
_MIN_LEVELS_TO_REFUSE = 10

UNASSIGNED = 0
"""The segment number of a customer who fits no segment."""


@dataclass(frozen=True)
class CellCounts:
    """Cells of each feature that needed special treatment; counts of parts add up.

    ``unseen`` counts the cells with a category that training did not see, ``missing`` those
    without a value, ``low`` and ``high`` those whose value is beyond a bound of the encoder.
    """

    n_rows: int = 0
    unseen: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    low: Counter[str] = field(default_factory=Counter)
    high: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: CellCounts) -> CellCounts:
        return CellCounts(
            self.n_rows + other.n_rows,
            _add_counts(self.unseen, other.unseen),
            _add_counts(self.missing, other.missing),
            _add_counts(self.low, other.low),
            _add_counts(self.high, other.high),
        )

    def check_levels(self) -> None:
        """Refuse a table in which nearly all levels of a category are unseen.

        Its customers would be labeled as if the column said nothing, which is hardly ever meant.

        Raises
        ------
        InputError
            ``E_UNSEEN_LEVELS``, unless there are very few customers.
        """
        for column, count in self.unseen.items():
            n_filled = self.n_rows - self.missing[column]
            if n_filled >= _MIN_LEVELS_TO_REFUSE and count >= _MAX_UNSEEN_SHARE * n_filled:
                raise InputError(
                    "E_UNSEEN_LEVELS",
                    f"{count:,} of {n_filled:,} values of '{column}' were never seen in training",
                    place=format_place(column=column),
                    way_out="Write the values as in the training data, or fit a new model.",
                )


def _add_counts(first: Counter[str], second: Counter[str]) -> Counter[str]:
    # The sum of two counters would leave out the columns that count zero.
    return Counter({name: first[name] + second[name] for name in {**first, **second}})


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
    cells : polars.DataFrame
        The columns asked for: numbers as Float64, everything else as String.
    encoded : EncodedRows
        The features as they are clustered.
    """

    segments: NDArray[np.int32]
    margin: NDArray[np.float64]
    cells: pl.DataFrame
    encoded: EncodedRows

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
        encoded = replace(
            self.encoded, values=self.encoded.values[kept], usable=self.encoded.usable[kept]
        )
        return AssignedRows(
            self.segments[kept], self.margin[kept], self.cells.filter(pl.Series(kept)), encoded
        )

    def count_cells(self) -> CellCounts:
        """The counts of rows and cells, which add up from frame to frame."""
        encoded = self.encoded
        return CellCounts(
            len(self.segments),
            *map(Counter, (self.unseen, self.missing, encoded.low, encoded.high)),
        )


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

    def assign(
        self, frame: pl.DataFrame, number_format: NumberFormat, *, first_row: int = 1
    ) -> AssignedRows:
        """Give every row of a frame its segment: see :meth:`ilk.SegmentModel.assign`."""
        cells, encoded = self._encode(frame, number_format, first_row)
        assignment = self.partition.predict(encoded.values)
        segments = np.where(encoded.usable, assignment.labels + 1, UNASSIGNED).astype(np.int32)
        margin = np.where(encoded.usable, assignment.margin, 0.0)
        return AssignedRows(segments, margin, cells, encoded)

    def compute_distances(
        self, frame: pl.DataFrame, number_format: NumberFormat, *, first_row: int = 1
    ) -> NDArray[np.float64]:
        """Distances to the segments, shape (n, K); NaN for a row that cannot be encoded."""
        _, encoded = self._encode(frame, number_format, first_row)
        distances = self.partition.compute_distances(encoded.values)
        return np.where(encoded.usable[:, None], distances, np.nan)

    def compute_memberships(
        self, frame: pl.DataFrame, number_format: NumberFormat, *, first_row: int = 1
    ) -> NDArray[np.float64]:
        """Probabilities of the segments, shape (n, K); all 0 for a row that fits none."""
        _, encoded = self._encode(frame, number_format, first_row)
        memberships = self.partition.compute_memberships(encoded.values)
        return np.where(encoded.usable[:, None], memberships, 0.0)

    def score_rows(
        self, frame: pl.DataFrame, number_format: NumberFormat, *, first_row: int = 1
    ) -> NDArray[np.float64]:
        """How well each row fits, shape (n,); NaN for a row that cannot be encoded."""
        _, encoded = self._encode(frame, number_format, first_row)
        return np.where(encoded.usable, self.partition.score_rows(encoded.values), np.nan)

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

    def _encode(
        self, frame: pl.DataFrame, number_format: NumberFormat, first_row: int
    ) -> tuple[pl.DataFrame, EncodedRows]:
        cells = cast_columns(frame, self.columns, number_format, first_row=first_row)
        return cells, self.encoder.encode(cells)


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
    if id_column is None or id_column not in frame.columns:
        return pl.int_range(first_row, first_row + frame.height, eager=True).alias("row")
    name = f"{id_column} (ID)" if _LABEL_COLUMN.fullmatch(id_column) else id_column
    ids = frame.get_column(id_column)
    if ids.dtype == pl.String:
        return ids.alias(name)
    return frame.select(parse_categories(id_column, ids.dtype).alias(name)).to_series()
