"""Typed frames: columns found by name, numbers as Float64, categories as String."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
import polars as pl

from ilk.errors import InputError, shorten, suggest_name
from ilk.schema import Column
from ilk.tables.number_format import (
    NumberFormat,
    is_missing_number,
    parse_categories,
    parse_numbers,
)

_MAX_LEVELS_TO_MAP = 1_000

MAX_ABS_NUMBER = 1e150
"""Numbers beyond this size overflow when distances are squared."""


def cast_columns(
    frame: pl.DataFrame,
    columns: Iterable[Column],
    number_format: NumberFormat,
    *,
    first_row: int = 1,
) -> pl.DataFrame:
    """Columns of a frame with the types that the encoder and the profile work on.

    Parameters
    ----------
    frame : polars.DataFrame
        Columns as they were read, in any order; further ones are left out.
    columns : iterable of Column
        The columns wanted. A header is matched after trimming and Unicode normalisation (NFC).
    number_format : Numerals
        How text columns write their numbers.
    first_row : int
        Number of the frame's first row in its table, for messages.

    Returns
    -------
    polars.DataFrame
        The columns under the names wanted: Float64 for numbers, String for everything else, null
        where a cell has no value.

    Raises
    ------
    InputError
        If a column is missing, or if a number column holds text, an infinite number, or one that
        is too large to measure a distance with.

    Examples
    --------
    >>> age = Column("Age", kind="number", role="feature", reason="a number")
    >>> cast_columns(pl.DataFrame({" Age": ["31", "n/a"]}), [age], NumberFormat())["Age"].to_list()
    [31.0, None]
    """
    wanted = tuple(columns)
    found = _find_columns(wanted, frame.columns)
    raw = [frame.get_column(name) for name in found]
    result = pl.DataFrame(_cast_values(raw, wanted, number_format))
    for cells, column in zip(raw, wanted, strict=True):
        if column.kind == "number":
            _check_numbers(cells, result.get_column(column.name), first_row)
    return result


def find_column_name(name: str, names: Sequence[str]) -> str | None:
    """The one of ``names`` that is ``name``, up to surrounding spaces and Unicode form.

    Examples
    --------
    >>> find_column_name("Age", ["Id", " Age "])
    ' Age '
    """
    if name in names:
        return name
    same = (other for other in names if _normalize_name(other) == _normalize_name(name))
    return next(same, None)


def build_text_in_number_error(
    column: str, row: int, value: object, way_out: str = "Correct or empty the cell."
) -> InputError:
    """The refusal of a cell that is not a number in a column of numbers."""
    return InputError(
        "E_TEXT_IN_NUMBER",
        f"column '{column}' holds numbers, but row {row:,} says {shorten(value)}",
        place=f"column '{column}', row {row:,}",
        way_out=way_out,
    )


def build_infinite_number_error(column: str) -> InputError:
    """The refusal of an infinite number."""
    return InputError(
        "E_INFINITE",
        f"column '{column}' holds an infinite number",
        place=f"column '{column}'",
        way_out=f'Correct or empty the cell, or use `--ignore "{column}"`.',
    )


def build_too_large_error(column: str, value: float) -> InputError:
    """The refusal of a number whose square overflows."""
    return InputError(
        "E_TOO_LARGE",
        f"column '{column}' holds {value:.3g}, too large to measure a distance with",
        place=f"column '{column}'",
        way_out=f'Correct the cell, or use `--ignore "{column}"`.',
    )


def _normalize_name(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip()


def _find_columns(columns: Sequence[Column], names: Sequence[str]) -> list[str]:
    """The frame's own name of every column."""
    found = {column.name: find_column_name(column.name, names) for column in columns}
    missing = [name for name, own in found.items() if own is None]
    if missing:
        listed = ", ".join(f"'{name}'" for name in missing)
        hints = " ".join(dict.fromkeys(suggest_name(name, names) for name in missing))
        raise InputError(
            "E_MISSING_COLUMN",
            f"the table lacks {'the columns' if len(missing) > 1 else 'the column'} {listed}",
            place="header",
            way_out=f"Add {'them' if len(missing) > 1 else 'it'} or correct the header. {hints}",
        )
    return [own for own in found.values() if own is not None]


def _cast_values(
    raw: Sequence[pl.Series], columns: Sequence[Column], number_format: NumberFormat
) -> list[pl.Series]:
    """The columns wanted; only those that hold something special are read by the full rules.

    Most columns of most tables hold plain numbers or tidy levels alone. To read these by the full
    rules takes four times as long and comes to the same.
    """
    plain = [
        _cast_plain_numbers(cells, number_format)
        if column.kind == "number"
        else _cast_few_levels(cells)
        for cells, column in zip(raw, columns, strict=True)
    ]
    special = [
        _build_cast_expression(str(place), raw[place].dtype, columns[place], number_format)
        for place, series in enumerate(plain)
        if series is None
    ]
    if special:
        # Named by their places: a column may be wanted twice.
        named = pl.DataFrame([cells.alias(str(place)) for place, cells in enumerate(raw)])
        read = iter(named.select(special).get_columns())
        plain = [next(read) if series is None else series for series in plain]
    return [
        series.alias(column.name)
        for series, column in zip(plain, columns, strict=True)
        if series is not None
    ]


def _cast_plain_numbers(cells: pl.Series, number_format: NumberFormat) -> pl.Series | None:
    """The numbers of a column that need nothing but a cast, or whose other cells are missing."""
    text = cells.dtype == pl.String
    if not (cells.dtype.is_numeric() or (text and number_format == NumberFormat())):
        return None
    values = cells.cast(pl.Float64, strict=False)
    finite = np.count_nonzero(np.isfinite(values.to_numpy()))
    if finite != len(values) - values.null_count():
        return None
    if text and values.null_count() > cells.null_count():
        rest = cells.filter(values.is_null())
        read = (
            rest.to_frame().select(parse_numbers(rest.name, rest.dtype, number_format)).to_series()
        )
        return values if read.null_count() == len(read) else None
    return values


def _cast_few_levels(cells: pl.Series) -> pl.Series | None:
    """The levels of a column of text that has few: what is to be changed is found in these."""
    if cells.dtype != pl.String:
        return None
    levels = tuple(cells.to_list() if len(cells) == 1 else cells.unique().to_list())
    if len(levels) > _MAX_LEVELS_TO_MAP:
        return None
    changed = _map_changed_levels(levels)
    return cells.replace(changed) if changed else cells


@lru_cache(maxsize=256)
def _map_changed_levels(levels: tuple[str | None, ...]) -> dict[str | None, str | None]:
    """Levels that are not written as they are meant, and how they are."""
    cells = pl.Series("level", levels, dtype=pl.String)
    meant = cells.to_frame().select(parse_categories("level", cells.dtype)).to_series().to_list()
    return {level: other for level, other in zip(levels, meant, strict=True) if level != other}


def _build_cast_expression(
    name: str, dtype: pl.DataType, column: Column, number_format: NumberFormat
) -> pl.Expr:
    if column.kind == "number":
        return parse_numbers(name, dtype, number_format)
    return parse_categories(name, dtype)


def _check_numbers(raw: pl.Series, values: pl.Series, first_row: int) -> None:
    """Refuse cells that hold something which is not a number to compute with."""
    if values.null_count() > raw.null_count():
        _check_unparsed_cells(raw, values, first_row)
    for bound in (values.min(), values.max()):
        if isinstance(bound, float) and abs(bound) > MAX_ABS_NUMBER:
            raise build_too_large_error(values.name, abs(bound))


def _check_unparsed_cells(raw: pl.Series, values: pl.Series, first_row: int) -> None:
    """Refuse the first cell that has a value, but no finite number."""
    places = values.is_null().arg_true()
    rest = raw.gather(places)
    absent = rest.to_frame().select(is_missing_number(rest.name, rest.dtype)).to_series()
    if absent.all():
        return
    row = int(places[absent.arg_min() or 0])
    cell = pl.Series([raw[row]], dtype=raw.dtype)
    if cell.cast(pl.Float64, strict=False).is_infinite()[0]:
        raise build_infinite_number_error(values.name)
    raise build_text_in_number_error(values.name, first_row + row, raw[row])
