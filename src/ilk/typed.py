"""Typed frames: columns found by name, numbers as Float64, categories as String."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from ilk.errors import InputError, did_you_mean, shorten
from ilk.schema import Column
from ilk.tables.numerals import Numerals, categories, missing_number, numbers

LARGEST = 1e150
"""Numbers beyond this size overflow when distances are squared."""


def typed(
    frame: pl.DataFrame, columns: Iterable[Column], numerals: Numerals, *, first_row: int = 1
) -> pl.DataFrame:
    """Columns of a frame with the types that the encoder and the profile work on.

    Parameters
    ----------
    frame : polars.DataFrame
        Columns as they were read, in any order; further ones are left out.
    columns : iterable of Column
        The columns wanted. A header is matched after trimming and Unicode normalisation (NFC).
    numerals : Numerals
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
    >>> typed(pl.DataFrame({" Age": ["31", "n/a"]}), [age], Numerals())["Age"].to_list()
    [31.0, None]
    """
    wanted = tuple(columns)
    found = _find(wanted, frame.columns)
    result = frame.select(
        _value(name, frame.schema[name], column, numerals)
        for name, column in zip(found, wanted, strict=True)
    )
    for name, column in zip(found, wanted, strict=True):
        if column.kind == "number":
            _check(frame[name], result[column.name], first_row)
    return result


def match(name: str, names: Sequence[str]) -> str | None:
    """The one of ``names`` that is ``name``, up to surrounding spaces and Unicode form.

    Examples
    --------
    >>> match("Age", ["Id", " Age "])
    ' Age '
    """
    if name in names:
        return name
    same = (other for other in names if _folded(other) == _folded(name))
    return next(same, None)


def text_in_number(
    column: str, row: int, value: object, way_out: str = "Correct or empty the cell."
) -> InputError:
    """The refusal of a cell that is not a number in a column of numbers."""
    return InputError(
        "E_TEXT_IN_NUMBER",
        f"column '{column}' holds numbers, but row {row:,} says {shorten(value)}",
        place=f"column '{column}', row {row:,}",
        way_out=way_out,
    )


def infinite(column: str) -> InputError:
    """The refusal of an infinite number."""
    return InputError(
        "E_INFINITE",
        f"column '{column}' holds an infinite number",
        place=f"column '{column}'",
        way_out=f'Correct or empty the cell, or use `--ignore "{column}"`.',
    )


def too_large(column: str, value: float) -> InputError:
    """The refusal of a number whose square overflows."""
    return InputError(
        "E_TOO_LARGE",
        f"column '{column}' holds {value:.3g}, too large to measure a distance with",
        place=f"column '{column}'",
        way_out=f'Correct the cell, or use `--ignore "{column}"`.',
    )


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip()


def _find(columns: Sequence[Column], names: Sequence[str]) -> list[str]:
    """The frame's own name of every column."""
    found = {column.name: match(column.name, names) for column in columns}
    missing = [name for name, own in found.items() if own is None]
    if missing:
        listed = ", ".join(f"'{name}'" for name in missing)
        hints = " ".join(dict.fromkeys(did_you_mean(name, names) for name in missing))
        raise InputError(
            "E_MISSING_COLUMN",
            f"the table lacks {'the columns' if len(missing) > 1 else 'the column'} {listed}",
            place="header",
            way_out=f"Add {'them' if len(missing) > 1 else 'it'} or correct the header. {hints}",
        )
    return [own for own in found.values() if own is not None]


def _value(name: str, dtype: Any, column: Column, numerals: Numerals) -> pl.Expr:
    if column.kind == "number":
        return numbers(pl.col(name), dtype, numerals).alias(column.name)
    return categories(pl.col(name), dtype).alias(column.name)


def _check(raw: pl.Series, values: pl.Series, first_row: int) -> None:
    """Refuse cells that hold something which is not a number to compute with."""
    if values.null_count() > raw.null_count():
        _check_unread(raw, values, first_row)
    largest = values.abs().max()
    if isinstance(largest, float) and largest > LARGEST:
        raise too_large(values.name, largest)


def _check_unread(raw: pl.Series, values: pl.Series, first_row: int) -> None:
    """Refuse the first cell that has a value, but no finite number."""
    absent = raw.to_frame().select(missing_number(pl.col(raw.name), raw.dtype)).to_series()
    unread = values.is_null() & ~absent
    if not unread.any():
        return
    row = unread.arg_max() or 0
    cell = pl.Series([raw[row]], dtype=raw.dtype)
    if cell.cast(pl.Float64, strict=False).is_infinite()[0]:
        raise infinite(values.name)
    raise text_in_number(values.name, first_row + row, raw[row])
