"""Statistics of one column: every count is exact, and adds up over parts of a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars import selectors

from ilk.columns.distinct import DistinctCounter
from ilk.columns.parse import ParsedCells, parse_cells
from ilk.tables.number_format import (
    MAX_MISSING_BYTES,
    NumberFormat,
    cast_to_text,
    is_missing_category,
)
from ilk.tables.sample import hash_rows
from ilk.tables.text.decimal_marks import MarkEvidence

MAX_LEVELS = 1000
"""The distinct values of a column are counted up to this many."""

_FIRST_CELLS = 64


@dataclass(frozen=True)
class ColumnStats:
    """Statistics of one column.

    ``missing`` counts the cells without a value when the column is read as numbers,
    ``null_category`` when it is read as categories. ``numbers`` counts the finite numbers,
    ``infinite`` the infinite ones, ``integers`` the whole numbers and ``leading_zeros`` the text
    with leading zeros. ``first_non_number`` is the row and the text of the first cell that is
    neither missing nor a number. ``levels`` counts every distinct cell as it is written, and is
    ``None`` where there are more than ``MAX_LEVELS``. Only possible IDs have a
    ``distinct_counter``. ``units`` counts the numbers that are written with a unit, by the unit.
    ``marks`` is what text shows about the number format, where that is only assumed.
    """

    dtype: pl.DataType
    n_rows: int
    missing: int
    null_category: int
    numbers: int
    infinite: int
    integers: int
    leading_zeros: int
    minimum: float | None
    maximum: float | None
    first_non_number: tuple[int, str] | None
    levels: dict[Any, int] | None
    distinct_counter: DistinctCounter | None
    units: dict[str, int] = field(default_factory=dict)
    marks: MarkEvidence | None = None

    @property
    def n_filled(self) -> int:
        """Cells with a value, read as categories."""
        return self.n_rows - self.null_category

    @property
    def max_abs_value(self) -> float:
        """Largest absolute value of the numbers; 0 where there is none."""
        return max(abs(self.minimum or 0.0), abs(self.maximum or 0.0))

    @property
    def n_non_numbers(self) -> int:
        """Cells that are neither missing nor a number, finite or not."""
        return self.n_rows - self.missing - self.numbers - self.infinite


def compute_column_stats(
    frame: pl.DataFrame,
    number_format: NumberFormat,
    *,
    first_row: int = 1,
    id_columns: Collection[str] = (),
    high_cardinality: Collection[str] = (),
    low_cardinality: Collection[str] = (),
) -> dict[str, ColumnStats]:
    """Compute the statistics of every column of a frame.

    Parameters
    ----------
    frame : polars.DataFrame
        The rows, as they were read.
    number_format : NumberFormat
        How text columns write their numbers.
    first_row : int
        Number of the frame's first row in its table.
    id_columns : collection of str
        Columns that may be the ID: their distinct values are counted exactly.
    high_cardinality : collection of str
        Columns known to have more than ``MAX_LEVELS`` values, which are not counted again.
    low_cardinality : collection of str
        Columns likely to have no more, which are counted without a check.

    Examples
    --------
    >>> frame = pl.DataFrame({"age": ["31", "n/a", "old"]})
    >>> compute_column_stats(frame, NumberFormat(), first_row=7)["age"].first_non_number
    (9, 'old')
    """
    # NaN is no value, and would not equal itself among the levels.
    frame = frame.with_columns(selectors.float().fill_nan(None))
    levels = _count_levels(frame, high_cardinality, low_cardinality)
    counted = _count_cells_by_column(frame, levels, number_format)
    return {
        name: ColumnStats(
            dtype=frame.schema[name],
            n_rows=frame.height,
            **counted[name],
            first_non_number=_find_first_non_number(
                frame[name], counted[name], number_format, first_row
            ),
            levels=levels.get(name),
            distinct_counter=build_distinct_counter(frame[name]) if name in id_columns else None,
            marks=_collect_marks(frame[name], number_format),
        )
        for name in frame.columns
    }


def _count_levels(
    frame: pl.DataFrame, high_cardinality: Collection[str], low_cardinality: Collection[str]
) -> dict[str, dict[Any, int]]:
    """Counts of every distinct cell, as it is written, in columns with few of them."""
    unknown = [
        name
        for name in frame.columns
        if name not in high_cardinality and name not in low_cardinality
    ]
    distinct = frame.select(pl.col(unknown).n_unique()).row(0, named=True) if unknown else {}
    # One more for null, which is no level.
    likely = [name for name in frame.columns if name in low_cardinality] + [
        name for name, count in distinct.items() if count <= MAX_LEVELS + 1
    ]
    levels = {name: frame[name].value_counts(name="\x00#").drop_nulls() for name in likely}
    return {
        name: dict(zip(counts.to_series(0).to_list(), counts.to_series(1).to_list(), strict=True))
        for name, counts in levels.items()
        if counts.height <= MAX_LEVELS
    }


def _count_cells_by_column(
    frame: pl.DataFrame, levels: Mapping[str, dict[Any, int]], number_format: NumberFormat
) -> dict[str, dict[str, Any]]:
    """The plain counts of every column; where levels are few, from the counts of the levels."""
    # Counting levels instead of cells pays where there are many cells.
    few = levels if frame.height > 4 * MAX_LEVELS else {}
    counted = {
        cells.name: _count_parsed_cells(parse_cells(cells, number_format))
        for cells in frame.iter_columns()
        if cells.name not in few
    }
    for dtype in {frame.schema[name] for name in few}:
        # The levels of all columns of one type together: a call costs more than the work on them.
        names = [name for name in few if frame.schema[name] == dtype]
        values = [value for name in names for value in (*few[name], None)]
        parsed = parse_cells(pl.Series("", values, dtype=dtype), number_format)
        start = 0
        for name in names:
            end = start + len(few[name]) + 1
            replicates = np.array([*few[name].values(), frame[name].null_count()])
            counted[name] = _count_parsed_cells(parsed.slice_rows(slice(start, end)), replicates)
            start = end
    return counted


def _count_parsed_cells(
    cells: ParsedCells, replicates: NDArray[np.int64] | None = None
) -> dict[str, Any]:
    """The plain counts of cells, each of which may stand for several replicates."""

    def count(flags: NDArray[np.bool_]) -> int:
        return int(np.count_nonzero(flags) if replicates is None else replicates[flags].sum())

    known = cells.numbers[~np.isnan(cells.numbers)]
    return {
        "missing": count(cells.missing),
        "null_category": count(cells.null_category),
        "numbers": count(~np.isnan(cells.numbers)),
        "infinite": count(cells.infinite),
        "integers": count(cells.numbers == np.floor(cells.numbers)),
        "leading_zeros": count(cells.leading_zeros),
        "minimum": float(known.min()) if known.size else None,
        "maximum": float(known.max()) if known.size else None,
        "units": _count_units(cells, replicates),
    }


def _count_units(cells: ParsedCells, replicates: NDArray[np.int64] | None) -> dict[str, int]:
    """How many numbers have each unit."""
    if cells.units is None:
        return {}
    present = np.flatnonzero(cells.units.astype(bool))
    counts: Counter[str] = Counter()
    for position in present.tolist():
        counts[cells.units[position]] += 1 if replicates is None else int(replicates[position])
    return dict(counts)


def _find_first_non_number(
    column: pl.Series, counters: Mapping[str, Any], number_format: NumberFormat, first_row: int
) -> tuple[int, str] | None:
    """Row and text of the first cell that is neither missing nor any number."""
    known = counters["missing"] + counters["numbers"] + counters["infinite"]
    if known == len(column):
        return None
    # In a column of text the first rows suffice.
    for cells in (column.head(_FIRST_CELLS), column):
        position = parse_cells(cells, number_format).find_first_non_number()
        if position is not None:
            return first_row + position, str(column[position])
    return None


def _collect_marks(column: pl.Series, number_format: NumberFormat) -> MarkEvidence | None:
    if column.dtype != pl.String or not number_format.is_assumed:
        return None
    return MarkEvidence.of(column)


def build_distinct_counter(column: pl.Series) -> DistinctCounter:
    """The counter of the different values of a column, without its missing ones.

    Examples
    --------
    >>> build_distinct_counter(pl.Series(["a", "a", "b", ""])).n_distinct
    2
    """
    values = column.to_frame("").select(cast_to_text("", column.dtype)).to_series()
    if column.dtype == pl.String:
        # Most IDs are too long to be a spelling of a missing value.
        short = (values.str.len_bytes() <= MAX_MISSING_BYTES).fill_null(True)
        parts = [values.filter(~short), _drop_missing(values.filter(short))]
        return DistinctCounter.of(hash_rows(pl.concat(parts).to_frame()))
    return DistinctCounter.of(hash_rows(_drop_missing(column).to_frame()))


def _drop_missing(column: pl.Series) -> pl.Series:
    present = column.to_frame("").select(~is_missing_category("", column.dtype)).to_series()
    texts = column.to_frame("").select(cast_to_text("", column.dtype)).to_series()
    return texts.filter(present)


def merge_column_stats(parts: Sequence[ColumnStats]) -> ColumnStats:
    """The statistics of the column that has the cells of all parts, in whatever order."""
    first = parts[0]
    failures = [part.first_non_number for part in parts if part.first_non_number is not None]
    return ColumnStats(
        dtype=first.dtype,
        n_rows=sum(part.n_rows for part in parts),
        missing=sum(part.missing for part in parts),
        null_category=sum(part.null_category for part in parts),
        numbers=sum(part.numbers for part in parts),
        infinite=sum(part.infinite for part in parts),
        integers=sum(part.integers for part in parts),
        leading_zeros=sum(part.leading_zeros for part in parts),
        minimum=min((part.minimum for part in parts if part.minimum is not None), default=None),
        maximum=max((part.maximum for part in parts if part.maximum is not None), default=None),
        first_non_number=min(failures, default=None),
        levels=_merge_levels([part.levels for part in parts]),
        distinct_counter=_merge_distinct_counters([part.distinct_counter for part in parts]),
        units=dict(sum((Counter(part.units) for part in parts), Counter())),
        marks=_merge_marks([part.marks for part in parts]),
    )


def _merge_levels(parts: Sequence[dict[Any, int] | None]) -> dict[Any, int] | None:
    total: dict[Any, int] = {}
    for part in parts:
        if part is None:
            return None
        for level, count in part.items():
            total[level] = total.get(level, 0) + count
    return total if len(total) <= MAX_LEVELS else None


def _merge_marks(parts: Sequence[MarkEvidence | None]) -> MarkEvidence | None:
    present = [part for part in parts if part is not None]
    return sum(present[1:], present[0]) if present else None


def _merge_distinct_counters(parts: Sequence[DistinctCounter | None]) -> DistinctCounter | None:
    present = [part for part in parts if part is not None]
    return DistinctCounter.merge(present) if present else None
