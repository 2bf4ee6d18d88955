"""What stands in every cell of a column: a number, nothing, or something else."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ilk.tables.amounts import extract_unit
from ilk.tables.number_format import (
    MAX_MISSING_BYTES,
    NumberFormat,
    is_missing_category,
    is_missing_number,
    parse_amounts,
    parse_numbers,
)


@dataclass(frozen=True)
class ParsedCells:
    """What stands in n cells.

    Attributes
    ----------
    numbers : ndarray, shape (n,)
        The finite number in each cell; NaN where there is none.
    missing, null_category : ndarray of bool, shape (n,)
        Whether the cell has no value when read as a number, and when read as a category.
    infinite, leading_zeros : ndarray of bool, shape (n,)
        Whether the cell holds an infinite number, and whether it is text with leading zeros.
    units : ndarray of object, shape (n,), optional
        What the number in each cell is counted in, such as ``$``, ``None`` in cells without a unit;
        not given where no cell has one.
    """

    numbers: NDArray[np.float64]
    missing: NDArray[np.bool_]
    null_category: NDArray[np.bool_]
    infinite: NDArray[np.bool_]
    leading_zeros: NDArray[np.bool_]
    units: NDArray[np.object_] | None = None

    def slice_rows(self, rows: slice) -> ParsedCells:
        """Some of the cells."""
        parts = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(
            self, **{name: part[rows] for name, part in parts.items() if part is not None}
        )

    def find_first_non_number(self) -> int | None:
        """Position of the first cell that is neither missing nor any number, if there is one."""
        unread = np.isnan(self.numbers) & ~self.missing & ~self.infinite
        return int(unread.argmax()) if unread.any() else None


def parse_cells(cells: pl.Series, number_format: NumberFormat) -> ParsedCells:
    """Parse every cell of a column.

    Parameters
    ----------
    cells : polars.Series, shape (n,)
        The column as it was read.
    number_format : NumberFormat
        How text writes its numbers.

    Examples
    --------
    >>> parsed = parse_cells(pl.Series([" 31", "n/a", "007", "inf", "old"]), NumberFormat())
    >>> parsed.numbers.tolist(), parsed.missing.tolist()
    ([31.0, nan, 7.0, nan, nan], [False, True, False, False, False])
    >>> parsed.infinite.tolist(), parsed.leading_zeros.tolist()
    ([False, False, False, True, False], [False, False, True, False, False])
    """
    if cells.dtype == pl.String:
        return _parse_text(cells.alias(""), number_format)
    never = np.zeros(len(cells), dtype=bool)
    is_null = np.array(cells.is_null())
    if not _is_number_type(cells.dtype):
        return ParsedCells(np.full(len(cells), np.nan), is_null, is_null, never, never)
    values = cells.cast(pl.Float64, strict=False).to_numpy()
    if cells.dtype.is_float():
        is_null |= np.isnan(values)
    return ParsedCells(_drop_infinite(values), is_null, is_null, np.isinf(values), never)


def parse_number_cells(cells: pl.Series, number_format: NumberFormat) -> NDArray[np.float64]:
    """The finite number in every cell of a column, shape (n,); NaN where there is none.

    The rule is :func:`ilk.tables.number_format.parse_numbers`. Most cells of most columns are plain
    numbers, which a cast alone reads in a quarter of the time; only the others go by the full rule.

    Examples
    --------
    >>> parse_number_cells(pl.Series(["1,5", "n/a"]), NumberFormat(",")).tolist()
    [1.5, nan]
    """
    if _is_number_type(cells.dtype):
        return _drop_infinite(cells.cast(pl.Float64, strict=False).to_numpy())
    if cells.dtype != pl.String or number_format != NumberFormat():
        return _apply_number_rule(cells, number_format)
    numbers = _drop_infinite(cells.cast(pl.Float64, strict=False).to_numpy())
    unread = np.flatnonzero(np.isnan(numbers))
    if not unread.size:
        return numbers
    numbers = np.array(numbers)
    trimmed = cells.gather(unread).str.strip_chars()
    _parse_spaced(cells, trimmed, unread, numbers)
    _parse_amounts(trimmed, unread, numbers)
    return numbers


def parse_units(cells: pl.Series) -> pl.Series:
    """What the amounts in a column of text are counted in; null in cells without a unit.

    Examples
    --------
    >>> parse_units(pl.Series(["$5", "7", "70.00 EUR"])).to_list()
    ['$', None, '€']
    """
    return cells.to_frame("").select(extract_unit(pl.col("").str.strip_chars())).to_series()


def _is_number_type(dtype: pl.DataType) -> bool:
    return dtype == pl.Boolean or dtype.is_numeric()


def _drop_infinite(values: NDArray[np.float64]) -> NDArray[np.float64]:
    infinite = np.isinf(values)
    return np.where(infinite, np.nan, values) if infinite.any() else values


def _parse_text(cells: pl.Series, number_format: NumberFormat) -> ParsedCells:
    """Parse text; the rules for spaces and missing values only where no plain number stands.

    An expression costs more than its work on few cells, so there are few of them.
    """
    cell = pl.col("")
    first = cells.to_frame().select(
        plain=cell.cast(pl.Float64, strict=False),
        zero=cell.str.starts_with("0").fill_null(False),
    )
    plain, zero = first["plain"].to_numpy(), first["zero"].to_numpy()
    infinite = np.isinf(plain)
    usual = number_format == NumberFormat()
    numbers = (
        np.where(infinite, np.nan, plain) if usual else _apply_number_rule(cells, number_format)
    )
    odd = np.flatnonzero(~np.isfinite(plain) | np.isnan(numbers))
    missing, null_category = np.zeros((2, len(cells)), dtype=bool)
    if odd.size:
        trimmed = cells.gather(odd).str.strip_chars()
        second = trimmed.to_frame().select(
            size=cell.str.len_bytes(), zero=cell.str.starts_with("0").fill_null(False)
        )
        zero[odd] = second["zero"].to_numpy()
        if usual:
            _parse_spaced(cells, trimmed, odd, numbers)
            _parse_amounts(trimmed, odd, numbers)
        short = (second["size"] <= MAX_MISSING_BYTES).fill_null(True).to_numpy()
        short &= np.isnan(numbers[odd])
        third = trimmed.filter(short).to_frame()
        third = third.select(
            missing=is_missing_number(cell, pl.String()),
            null_category=is_missing_category(cell, pl.String()),
        )
        missing[odd[short]] = third["missing"]
        null_category[odd[short]] = third["null_category"]
    leading_zeros = _find_leading_zeros(cells, zero)
    units = _find_units(cells, odd, numbers)
    return ParsedCells(numbers, missing, null_category, infinite, leading_zeros, units)


def _parse_amounts(
    trimmed: pl.Series, positions: NDArray[np.intp], numbers: NDArray[np.float64]
) -> None:
    """Add the numbers of cells with a currency, a percent sign, parentheses or a ``k``."""
    unread = np.isnan(numbers[positions])
    if unread.any():
        amounts = parse_amounts(pl.col(""), NumberFormat())
        cells = trimmed.filter(unread).to_frame("")
        numbers[positions[unread]] = cells.select(amounts).to_series().to_numpy()


def _find_units(
    cells: pl.Series, odd: NDArray[np.intp], numbers: NDArray[np.float64]
) -> NDArray[np.object_] | None:
    """The units of cells that hold a number which no plain cast reads."""
    amounts = odd[~np.isnan(numbers[odd])]
    if not amounts.size:
        return None
    found = parse_units(cells.gather(amounts))
    if found.null_count() == len(found):
        return None
    units = np.full(len(cells), None, dtype=object)
    units[amounts] = found.to_numpy()
    return units


def _parse_spaced(
    cells: pl.Series, trimmed: pl.Series, positions: NDArray[np.intp], numbers: NDArray[np.float64]
) -> None:
    """Add the numbers of cells with spaces around them; the other ``positions`` hold none."""
    before = cells.gather(positions).str.len_bytes()
    spaced = (trimmed.str.len_bytes() < before).fill_null(False).to_numpy()
    if spaced.any():
        numbers[positions[spaced]] = _apply_number_rule(trimmed.filter(spaced), NumberFormat())


def _apply_number_rule(cells: pl.Series, number_format: NumberFormat) -> NDArray[np.float64]:
    rule = parse_numbers("", cells.dtype, number_format)
    return np.array(cells.to_frame("").select(rule).to_series().to_numpy())


def _find_leading_zeros(cells: pl.Series, starts_with_zero: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Of cells that begin with a zero, those in which a digit follows it."""
    if starts_with_zero.any():
        places = np.flatnonzero(starts_with_zero)
        starts_with_zero = np.zeros_like(starts_with_zero)
        starts_with_zero[places] = cells.gather(places).str.contains(r"^\s*0\d").to_numpy()
    return starts_with_zero
