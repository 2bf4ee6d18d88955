"""A frame's columns found by name and cast: numbers to Float64, categories to String."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

import polars as pl

from ilk.columns.answers import read_answers
from ilk.columns.date_cells import convert_dates, find_unread_dates
from ilk.columns.levels import match_levels
from ilk.columns.parse import parse_cells, parse_number_cells, parse_units
from ilk.errors import InputError, format_place, shorten, suggest_name
from ilk.formatting.text import join_words
from ilk.schema import CellReading, Column, DateConversion
from ilk.tables.number_format import NumberFormat, is_number, parse_categories

_MAX_LEVELS_TO_MAP = 1_000

_UNIT_CHARACTER = r"[^0-9\s.,'+\-eE]"
"""What no plain number has: a quick test before units are looked for."""

MAX_ABS_NUMBER = 1e150
"""Numbers beyond this size overflow when distances are squared."""


def cast_columns(
    frame: pl.DataFrame,
    columns: Iterable[Column],
    number_format: NumberFormat,
    *,
    first_row: int = 1,
) -> pl.DataFrame:
    """Cast columns of a frame to the types that the encoder and the profile work on.

    Parameters
    ----------
    frame : polars.DataFrame
        Columns as they were read, in any order; further ones are left out.
    columns : iterable of Column
        The columns to cast. Dates are converted, unless the frame has the numbers that they become.
        A header is matched after trimming and Unicode normalization (NFC).
    number_format : NumberFormat
        How text columns write their numbers.
    first_row : int
        Number of the frame's first row in its table, for messages.

    Returns
    -------
    polars.DataFrame
        The columns under their names in the schema: Float64 for numbers, String for the rest, null
        where a cell has no value.

    Raises
    ------
    InputError
        If a column is missing, or if a number column contains text, an infinite number, or one
        that is too large for computing distances.

    Examples
    --------
    >>> age = Column("Age", kind="number", role="feature", reason="a number")
    >>> cast_columns(pl.DataFrame({" Age": ["31", "n/a"]}), [age], NumberFormat())["Age"].to_list()
    [31.0, None]
    """
    wanted = tuple(columns)
    cast = []
    for column, own_name in zip(wanted, _find_columns(wanted, frame.columns), strict=True):
        cells = frame.get_column(own_name)
        if column.conversion is not None and own_name != column.name:
            values = convert_dates(cells, column.conversion)
            _check_dates(cells, values, column.conversion, first_row)
        elif column.kind == "number":
            own = _find_number_format(column, number_format)
            cells = _clear_texts(cells, column.cells.stand_ins)
            values = _cast_numbers(cells, own)
            _check_numbers(cells, values, column.name, own, first_row)
            _check_units(cells, column, first_row)
            values = _clear_numbers(values, column.cells.stand_ins)
        elif column.answer is not None and own_name != column.name:
            values = read_answers(cells, column.answer)
        else:
            values = _cast_categories(cells, column.cells)
        cast.append(values.alias(column.name))
    return pl.DataFrame(cast)


def _find_number_format(column: Column, number_format: NumberFormat) -> NumberFormat:
    """The format of a table, or that of the training data where the table does not show its own."""
    trained = NumberFormat(column.cells.decimal, column.cells.thousands)
    return trained if number_format.is_assumed and trained != NumberFormat() else number_format


def find_column_name(name: str, names: Sequence[str]) -> str | None:
    """Find ``name`` among ``names``, up to surrounding spaces and Unicode form.

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
    column: str,
    row: int,
    value: object,
    way_out: str = "Correct or clear the cell.",
    options: Mapping[str, object] = MappingProxyType({}),
) -> InputError:
    """Build the error for text in a column of numbers, which may be a number written otherwise."""
    if is_number(str(value)):
        way_out = (
            "If it is a number, say how the table writes them with {decimal} and {thousands}. "
            f"Otherwise: {way_out[0].lower()}{way_out[1:]}"
        )
        options = {"decimal": None, "thousands": None, **options}
    return InputError(
        "E_TEXT_IN_NUMBER",
        f"column '{column}' holds numbers, but row {row:,} contains {shorten(value)}",
        place=format_place(column=column, row=row),
        way_out=way_out,
        options=options,
    )


def build_infinite_number_error(column: str) -> InputError:
    """Build the error for an infinite number."""
    return InputError(
        "E_INFINITE",
        f"column '{column}' contains an infinite number",
        place=format_place(column=column),
        way_out="Correct or clear the cell, or use {ignore}.",
        options={"ignore": [column]},
    )


def build_too_large_error(column: str, value: float) -> InputError:
    """Build the error for a number whose square overflows."""
    return InputError(
        "E_TOO_LARGE",
        f"column '{column}' contains {value:.3g}, which is too large for computing distances",
        place=format_place(column=column),
        way_out="Correct the cell, or use {ignore}.",
        options={"ignore": [column]},
    )


def _normalize_name(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip()


def _find_columns(columns: Sequence[Column], names: Sequence[str]) -> list[str]:
    """The name that the frame has for every column."""
    own_names = [_find_column(column, names) for column in columns]
    missing = [column.source for column, own in zip(columns, own_names, strict=True) if own is None]
    if missing:
        listed = join_words([f"'{name}'" for name in missing])
        hints = " ".join(dict.fromkeys(suggest_name(name, names) for name in missing))
        raise InputError(
            "E_MISSING_COLUMN",
            f"{listed} {'are' if len(missing) > 1 else 'is'} missing",
            way_out=f"Add {'them' if len(missing) > 1 else 'it'}, or correct the names. {hints}",
        )
    return [own for own in own_names if own is not None]


def _find_column(column: Column, names: Sequence[str]) -> str | None:
    """The name that the frame has for a column, which may be given under its readable name.

    Dates may be given as the numbers they become.
    """
    first, second = column.name, column.source
    if column.own_name:
        first, second = second, first
    own = find_column_name(first, names)
    return find_column_name(second, names) if own is None else own


def _check_dates(
    cells: pl.Series, values: pl.Series, conversion: DateConversion, first_row: int
) -> None:
    """Refuse cells that hold something which is no date."""
    if values.null_count() == 0:
        return
    unread = find_unread_dates(cells, conversion.layout)
    if unread.any():
        column = conversion.source
        row = int(unread.arg_true()[0])
        raise InputError(
            "E_NOT_A_DATE",
            f"column '{column}' holds dates, but row {row + first_row:,} contains "
            f"{shorten(cells[row])}",
            place=format_place(column=column, row=row + first_row),
            way_out="Write it as the other dates, clear the cell, or use {ignore}.",
            options={"ignore": [column]},
        )


def _clear_texts(cells: pl.Series, stand_ins: Sequence[str]) -> pl.Series:
    """The cells of a number column without the texts that count as missing."""
    if not stand_ins or cells.dtype != pl.String:
        return cells
    texts = [text for text in stand_ins if not is_number(text)]
    is_stand_in = cells.str.strip_chars().is_in(texts).fill_null(False) if texts else None
    return cells if is_stand_in is None else cells.set(is_stand_in, None)


def _clear_numbers(values: pl.Series, stand_ins: Sequence[str]) -> pl.Series:
    """The numbers of a column without those that count as missing."""
    numbers = [float(text) for text in stand_ins if is_number(text)]
    return values.set(values.is_in(numbers).fill_null(False), None) if numbers else values


def _cast_numbers(cells: pl.Series, number_format: NumberFormat) -> pl.Series:
    return pl.Series(cells.name, parse_number_cells(cells, number_format), nan_to_null=True)


def _cast_categories(cells: pl.Series, reading: CellReading) -> pl.Series:
    """The levels of a column; of text with few levels, only these go through the rules."""
    if cells.dtype == pl.String:
        levels = tuple(cells.to_list() if len(cells) == 1 else cells.unique().to_list())
        if len(levels) <= _MAX_LEVELS_TO_MAP:
            changed = _map_changed_levels(levels, reading)
            return cells.replace(changed) if changed else cells
    parsed = _parse_levels(cells)
    names = _name_levels(parsed.unique().drop_nulls().to_list(), reading)
    return parsed.replace(names) if names else parsed


def _parse_levels(cells: pl.Series) -> pl.Series:
    return cells.to_frame("").select(parse_categories("", cells.dtype)).to_series()


@lru_cache(maxsize=256)
def _map_changed_levels(
    levels: tuple[str | None, ...], reading: CellReading
) -> dict[str | None, str | None]:
    """The levels that the rules change, and what they become; of a known level, its spelling."""
    parsed = _parse_levels(pl.Series("level", levels, dtype=pl.String))
    names = _name_levels(parsed.drop_nulls().to_list(), reading)
    final = [names.get(level, level) for level in parsed.to_list()]
    return {level: other for level, other in zip(levels, final, strict=True) if level != other}


def _name_levels(levels: Sequence[str], reading: CellReading) -> dict[str, str]:
    """The known level for every other spelling of one, and for every code that has a name."""
    if not reading.codes:
        return match_levels(levels, reading.levels) if reading.levels else {}
    names = dict(reading.codes)
    own = [level for level in reading.levels if level not in names.values()]
    spellings = match_levels(levels, [*names, *own])
    codes = {level: spellings.get(level, level) for level in levels}
    named = {level: names.get(code, code) for level, code in codes.items()}
    known = {level: name for level, name in named.items() if name != level}
    others = [level for level in levels if level not in known]
    return known | match_levels(others, reading.levels)


def _check_numbers(
    raw: pl.Series, values: pl.Series, name: str, number_format: NumberFormat, first_row: int
) -> None:
    """Refuse cells that hold something which is not a number to compute with."""
    if values.null_count() > raw.null_count():
        unread = values.is_null().arg_true()
        _check_unread_cells(raw.gather(unread), unread + first_row, name, number_format)
    for bound in (values.min(), values.max()):
        if isinstance(bound, float) and abs(bound) > MAX_ABS_NUMBER:
            raise build_too_large_error(name, abs(bound))


def _check_units(cells: pl.Series, column: Column, first_row: int) -> None:
    """Refuse amounts in another currency than that of the column: they cannot be compared."""
    if cells.dtype != pl.String:
        return
    rows = cells.str.contains(_UNIT_CHARACTER).fill_null(False).arg_true()
    if rows.is_empty():
        return
    units = parse_units(cells.gather(rows))
    expected = column.unit or next(iter(units.drop_nulls()), "")
    others = rows.filter((units != expected).fill_null(False))
    if others.is_empty():
        return
    row = int(others[0])
    raise InputError(
        "E_UNIT",
        f"column '{column.name}' is in {expected}, but row {row + first_row:,} contains "
        f"{shorten(cells[row])}",
        place=format_place(column=column.name, row=row + first_row),
        way_out="Convert the amounts to one unit, or leave the column out.",
    )


def _check_unread_cells(
    cells: pl.Series, rows: pl.Series, name: str, number_format: NumberFormat
) -> None:
    """Refuse the first cell that has a value, but no finite number."""
    text = cells.cast(pl.String) if isinstance(cells.dtype, pl.Categorical | pl.Enum) else cells
    parsed = parse_cells(text, number_format)
    if parsed.missing.all():
        return
    first = int(parsed.missing.argmin())
    if parsed.infinite[first]:
        raise build_infinite_number_error(name)
    raise build_text_in_number_error(name, int(rows[first]), cells[first])
