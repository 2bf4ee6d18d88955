"""Tally: what is counted in one column; every counter is exact, and adds up over parts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from polars import selectors

from ilk.keys import Keys
from ilk.sampling import hash_rows
from ilk.tables.numerals import Numerals, categories, missing_category, missing_number, numbers

MAX_LEVELS = 1000
"""Different values of a column are listed up to this many."""

_COPIES = "\x00copies"

_STATISTICS = ("missing", "blank", "numbers", "infinite", "whole", "padded", "low", "high")


@dataclass(frozen=True)
class Tally:
    """What was counted in one column.

    ``missing`` counts the cells without a value when the column is read as numbers, ``blank`` when
    it is read as categories. ``numbers`` counts the cells that are finite numbers, ``infinite``
    those that are infinite, ``whole`` the integers and ``padded`` what is written with leading
    zeros; ``low`` and ``high`` are the smallest and largest number. ``failure`` is the first cell
    that is neither missing nor a number: its row and its text. ``levels`` counts every different
    cell as it stands, and is ``None`` when there are more than ``MAX_LEVELS``; ``keys`` is kept for
    possible ids.
    """

    dtype: pl.DataType
    rows: int
    missing: int
    blank: int
    numbers: int
    infinite: int
    whole: int
    padded: int
    low: float | None
    high: float | None
    failure: tuple[int, str] | None
    levels: dict[Any, int] | None
    keys: Keys | None

    @property
    def filled(self) -> int:
        """Cells with a value, read as categories."""
        return self.rows - self.blank

    @property
    def failures(self) -> int:
        """Cells that are neither missing nor a number, finite or not."""
        return self.rows - self.missing - self.numbers - self.infinite


def tallies(
    frame: pl.DataFrame,
    numerals: Numerals,
    *,
    first_row: int = 1,
    ids: Collection[str] = (),
    crowded: Collection[str] = (),
) -> dict[str, Tally]:
    """Count in every column of a frame.

    Parameters
    ----------
    frame : polars.DataFrame
        The rows, as they were read.
    numerals : Numerals
        How text columns write their numbers.
    first_row : int
        Number of the frame's first row in its table.
    ids : collection of str
        Columns that may be the id: their values are told apart exactly.
    crowded : collection of str
        Columns known to have more than ``MAX_LEVELS`` values: theirs are not counted again.

    Examples
    --------
    >>> frame = pl.DataFrame({"age": ["31", "n/a", "old"]})
    >>> tallies(frame, Numerals(), first_row=7)["age"].failure
    (9, 'old')
    """
    # NaN is no value, and would not equal itself among the levels.
    frame = frame.with_columns(selectors.float().fill_nan(None))
    levels = _levels(frame, crowded)
    counted = _counted(frame, levels, numerals)
    return {
        name: Tally(
            dtype=frame.schema[name],
            rows=frame.height,
            **counted[name],
            failure=_first_failure(frame[name], counted[name], numerals, first_row),
            levels=levels.get(name),
            keys=_keys(frame[name]) if name in ids else None,
        )
        for name in frame.columns
    }


def _levels(frame: pl.DataFrame, crowded: Collection[str]) -> dict[str, dict[Any, int]]:
    """How often every different cell occurs, as it stands, in columns with few different ones."""
    distinct = frame.select(
        pl.col(name).n_unique() for name in frame.columns if name not in crowded
    )
    counts = frame.select(
        pl.col(number.name)
        .drop_nulls()
        .value_counts(name="#")
        .struct.rename_fields(["", "#"])
        .implode()
        for number in distinct
        # One more for null, which is no level.
        if number.item() <= MAX_LEVELS + 1
    )
    levels = {
        column.name: {pair[""]: pair["#"] for pair in column.item().to_list()} for column in counts
    }
    return {name: known for name, known in levels.items() if len(known) <= MAX_LEVELS}


def _counted(
    frame: pl.DataFrame, levels: Mapping[str, dict[Any, int]], numerals: Numerals
) -> dict[str, dict[str, Any]]:
    """The plain counters of every column; where values are few, from the counts of the values."""
    # Counting values instead of cells pays where cells are many.
    few = levels if frame.height > 4 * MAX_LEVELS else {}
    crowded = frame.select(name for name in frame.columns if name not in few)
    counted = _statistics(crowded.with_columns(pl.lit(1, pl.Int64).alias(_COPIES)), numerals)
    for name, counts in few.items():
        nulls = frame[name].null_count()
        compact = pl.DataFrame(
            {
                name: pl.Series([*counts, None], dtype=frame.schema[name]),
                _COPIES: pl.Series([*counts.values(), nulls], dtype=pl.Int64),
            }
        )
        counted |= _statistics(compact, numerals)
    return counted


def _statistics(frame: pl.DataFrame, numerals: Numerals) -> dict[str, dict[str, Any]]:
    """The plain counters of the columns of a frame in which every row stands for some copies."""
    schema = {name: dtype for name, dtype in frame.schema.items() if name != _COPIES}
    parsed = frame.with_columns(
        numbers(pl.col(name), dtype, numerals).alias(f"{_COPIES}{name}")
        for name, dtype in schema.items()
        if _may_hold_numbers(dtype)
    )
    row = (
        parsed.select(
            expression.alias(f"{statistic}.{name}")
            for name, dtype in schema.items()
            for statistic, expression in _expressions(name, dtype).items()
        ).row(0, named=True)
        if schema
        else {}
    )
    return {
        name: {statistic: row[f"{statistic}.{name}"] for statistic in _STATISTICS}
        for name in schema
    }


def _expressions(name: str, dtype: pl.DataType) -> dict[str, pl.Expr]:
    """Expressions for the counters of one column."""
    cell, copies = pl.col(name), pl.col(_COPIES)
    if not _may_hold_numbers(dtype):
        absent = (cell.is_null() * copies).sum()
        zero, none = pl.lit(0), pl.lit(None, dtype=pl.Float64)
        counts = (absent, absent, zero, zero, zero, zero, none, none)
        return dict(zip(_STATISTICS, counts, strict=True))
    number = pl.col(f"{_COPIES}{name}")
    # Only what is not a number can be missing or infinite: the others need not be looked at.
    rest, weights = cell.filter(number.is_null()), copies.filter(number.is_null())
    counts = (
        (missing_number(rest, dtype) * weights).sum(),
        (missing_category(rest, dtype) * weights).sum(),
        (number.is_not_null() * copies).sum(),
        (_is_infinite(rest) * weights).sum(),
        ((number == number.floor()) * copies).sum(),
        (cell.str.contains(r"^\s*0\d") * copies).sum() if dtype == pl.String else pl.lit(0),
        number.min(),
        number.max(),
    )
    return dict(zip(_STATISTICS, counts, strict=True))


def _is_infinite(cell: pl.Expr) -> pl.Expr:
    return cell.cast(pl.Float64, strict=False).is_infinite().fill_null(False)


def _may_hold_numbers(dtype: pl.DataType) -> bool:
    return dtype in (pl.String, pl.Boolean) or dtype.is_numeric()


def _first_failure(
    column: pl.Series, counted: Mapping[str, Any], numerals: Numerals, first_row: int
) -> tuple[int, str] | None:
    """Row and text of the first cell that is neither missing nor any number."""
    known = counted["missing"] + counted["numbers"] + counted["infinite"]
    if known == len(column):
        return None
    cell, dtype = pl.col(column.name), column.dtype
    failed = cell.is_not_null()
    if _may_hold_numbers(dtype):
        unread = numbers(cell, dtype, numerals).is_null()
        failed = unread & ~missing_number(cell, dtype) & ~_is_infinite(cell)
    # In a column of text the first rows suffice.
    for window in (column.head(64), column):
        flags = window.to_frame().select(failed).to_series()
        if flags.any():
            break
    position = flags.arg_max() or 0
    return first_row + position, str(column[position])


def _keys(column: pl.Series) -> Keys:
    values = column.to_frame().select(categories(pl.col(column.name), column.dtype)).drop_nulls()
    return Keys.of(hash_rows(values))


def merge_tallies(parts: Sequence[Tally]) -> Tally:
    """The tally of the column that has the cells of all of these, in whatever order."""
    first = parts[0]
    failures = [part.failure for part in parts if part.failure is not None]
    return Tally(
        dtype=first.dtype,
        rows=sum(part.rows for part in parts),
        missing=sum(part.missing for part in parts),
        blank=sum(part.blank for part in parts),
        numbers=sum(part.numbers for part in parts),
        infinite=sum(part.infinite for part in parts),
        whole=sum(part.whole for part in parts),
        padded=sum(part.padded for part in parts),
        low=min((part.low for part in parts if part.low is not None), default=None),
        high=max((part.high for part in parts if part.high is not None), default=None),
        failure=min(failures, default=None),
        levels=_merged_levels([part.levels for part in parts]),
        keys=_merged_keys([part.keys for part in parts]),
    )


def _merged_levels(parts: Sequence[dict[Any, int] | None]) -> dict[Any, int] | None:
    total: dict[Any, int] = {}
    for part in parts:
        if part is None:
            return None
        for level, count in part.items():
            total[level] = total.get(level, 0) + count
    return total if len(total) <= MAX_LEVELS else None


def _merged_keys(parts: Sequence[Keys | None]) -> Keys | None:
    present = [part for part in parts if part is not None]
    return Keys.merged(present) if present else None
