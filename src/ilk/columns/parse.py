"""Cellwise: what stands in every cell of a column: a number, nothing, or something else."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ilk.tables.number_format import (
    MAX_MISSING_BYTES,
    NumberFormat,
    is_missing_category,
    is_missing_number,
    parse_numbers,
)


@dataclass(frozen=True)
class ParsedCells:
    """What was seen in n cells.

    Attributes
    ----------
    numbers : ndarray, shape (n,)
        The finite number that stands there; NaN where there is none.
    missing, blank : ndarray of bool, shape (n,)
        Whether nothing stands there, read as a number and read as a category.
    infinite, padded : ndarray of bool, shape (n,)
        Whether an infinite number stands there, or text with leading zeros.
    """

    numbers: NDArray[np.float64]
    missing: NDArray[np.bool_]
    null_category: NDArray[np.bool_]
    infinite: NDArray[np.bool_]
    leading_zeros: NDArray[np.bool_]

    def slice_rows(self, rows: slice) -> ParsedCells:
        """Some of the cells."""
        return ParsedCells(*(getattr(self, field.name)[rows] for field in fields(self)))


def parse_cells(cells: pl.Series, number_format: NumberFormat) -> ParsedCells:
    """Look at every cell of a column.

    Parameters
    ----------
    cells : polars.Series, shape (n,)
        The column as it was read.
    number_format : Numerals
        How text writes its numbers.

    Examples
    --------
    >>> seen = parse_cells(pl.Series([" 31", "n/a", "007", "inf", "old"]), NumberFormat())
    >>> seen.numbers.tolist(), seen.missing.tolist()
    ([31.0, nan, 7.0, nan, nan], [False, True, False, False, False])
    >>> seen.infinite.tolist(), seen.leading_zeros.tolist()
    ([False, False, False, True, False], [False, False, True, False, False])
    """
    if cells.dtype == pl.String:
        return _parse_text(cells.alias(""), number_format)
    never = np.zeros(len(cells), dtype=bool)
    absent = np.array(cells.is_null())
    if not can_hold_numbers(cells.dtype):
        return ParsedCells(np.full(len(cells), np.nan), absent, absent, never, never)
    values = cells.cast(pl.Float64, strict=False).to_numpy()
    infinite = np.isinf(values)
    found = np.where(infinite, np.nan, values) if infinite.any() else values
    if cells.dtype.is_float():
        absent |= np.isnan(values)
    return ParsedCells(found, absent, absent, infinite, never)


def can_hold_numbers(dtype: pl.DataType) -> bool:
    """Whether cells of a type may be read as numbers."""
    return dtype in (pl.String, pl.Boolean) or dtype.is_numeric()


def is_infinite(cell: pl.Expr) -> pl.Expr:
    """Whether an infinite number stands in a cell, written as a computer writes it."""
    return cell.cast(pl.Float64, strict=False).is_infinite().fill_null(False)


def _parse_text(cells: pl.Series, number_format: NumberFormat) -> ParsedCells:
    """Look at text; the rules for spaces and missing values only where no plain number stands.

    Every expression costs more than its work on few cells, so there are few of them.
    """
    cell = pl.col("")
    first = cells.to_frame().select(
        plain=cell.cast(pl.Float64, strict=False),
        zero=cell.str.starts_with("0").fill_null(False),
    )
    plain, zero = first["plain"].to_numpy(), first["zero"].to_numpy()
    infinite = np.isinf(plain)
    usual = number_format == NumberFormat()
    found = (
        np.where(infinite, np.nan, plain) if usual else _parse_number_cells(cells, number_format)
    )
    odd = np.flatnonzero(~np.isfinite(plain) | np.isnan(found))
    missing, blank = np.zeros((2, len(cells)), dtype=bool)
    if odd.size:
        others = cells.gather(odd).str.strip_chars()
        second = others.to_frame().select(
            size=cell.str.len_bytes(), zero=cell.str.starts_with("0").fill_null(False)
        )
        zero[odd] = second["zero"].to_numpy()
        if usual:
            _parse_spaced(cells, others, odd, found)
        short = (second["size"] <= MAX_MISSING_BYTES).fill_null(True).to_numpy()
        short &= np.isnan(found[odd])
        third = others.filter(short).to_frame()
        third = third.select(
            missing=is_missing_number(cell, pl.String()),
            blank=is_missing_category(cell, pl.String()),
        )
        missing[odd[short]], blank[odd[short]] = third["missing"], third["blank"]
    return ParsedCells(found, missing, blank, infinite, _find_leading_zeros(cells, zero))


def _parse_spaced(
    cells: pl.Series, trimmed: pl.Series, positions: NDArray[np.intp], values: NDArray[np.float64]
) -> None:
    """Find the numbers that have spaces around them; the other ``positions`` hold none."""
    before = cells.gather(positions).str.len_bytes()
    spaced = (trimmed.str.len_bytes() < before).fill_null(False).to_numpy()
    if spaced.any():
        values[positions[spaced]] = _parse_number_cells(trimmed.filter(spaced), NumberFormat())


def _parse_number_cells(cells: pl.Series, number_format: NumberFormat) -> NDArray[np.float64]:
    read = cells.to_frame().select(parse_numbers("", pl.String(), number_format)).to_series()
    return np.array(read.to_numpy())


def _find_leading_zeros(cells: pl.Series, starts_with_zero: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Of cells that begin with a zero, those whose zero a digit follows."""
    if starts_with_zero.any():
        places = np.flatnonzero(starts_with_zero)
        starts_with_zero = np.zeros_like(starts_with_zero)
        starts_with_zero[places] = cells.gather(places).str.contains(r"^\s*0\d").to_numpy()
    return starts_with_zero
