"""How a table writes its numbers: the one rule for what a numeric cell is, and what is missing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from ilk.tables.amounts import split_amounts, strip_amounts

MISSING_NUMBERS = frozenset(
    {
        *("", "na", "n/a", "nan", "null", "none", "nil"),
        *("-", "--", "?", ".", "#n/a", "unknown", "missing"),
        *("n.a.", "n.a", "\\n", "<na>", "(null)", "<null>", "#null!", "(blank)"),
    }
)
"""Spellings of a missing value in a numeric column (lower case, trimmed)."""

MISSING_CATEGORIES = MISSING_NUMBERS - {"none", "nil", ".", "missing"}
"""Spellings of a missing value elsewhere: "none" may be a real category."""

MAX_MISSING_BYTES = max(len(word) for word in MISSING_NUMBERS | MISSING_CATEGORIES)
"""Bytes of the longest of these spellings."""

MIN_NUMBER_SHARE = 0.9
"""From this share of numbers on, a column is one of numbers with mistakes in it."""

MAX_EXACT_INTEGER = 2.0**53
"""Beyond this a float no longer tells neighboring integers apart."""

_SPACES = " \u00a0\u202f"
_APOSTROPHES = "'\u2019"
_NORMALIZED_SEPARATORS = {"\u00a0": " ", "\u202f": " ", "\u2019": "'"}
_SEPARATORS_BY_DECIMAL = {".": f",{_SPACES}{_APOSTROPHES}", ",": f".{_SPACES}{_APOSTROPHES}"}


def _build_number_pattern(decimal: str, separators: str) -> str:
    """Regular expression of a number, for :mod:`re` and Polars alike.

    Polars knows no lookahead, so the pattern also fits text without a digit, which no cast reads.
    """
    sign = f"[{separators}]"
    grouped = rf"|[1-9][0-9]{{0,2}}(?:{sign}[0-9]{{3}})+" if separators else ""
    if separators:  # in India every two digits above the thousands
        grouped += rf"|[1-9][0-9]?(?:{sign}[0-9]{{2}})+{sign}[0-9]{{3}}"
    return rf"[-+]?(?:[0-9]*{grouped})(?:{re.escape(decimal)}[0-9]*)?(?:[eE][-+]?[0-9]+)?"


_NUMBERS_BY_DECIMAL = {
    decimal: re.compile(r"(?=[-+.,]*[0-9])" + _build_number_pattern(decimal, separators))
    for decimal, separators in _SEPARATORS_BY_DECIMAL.items()
}


@dataclass(frozen=True)
class NumberFormat:
    """Decimal mark and thousands separator of a table's numbers (``""``: no separator).

    A space stands for every kind of space, an apostrophe for the straight and the curly one.
    ``is_assumed`` says that no cell and nobody has shown both: cells read later may.

    Examples
    --------
    >>> bool(re.search(NumberFormat(",", ".").pattern, "1.234,5"))
    True
    >>> bool(re.search(NumberFormat(",", ".").pattern, "1.23,5"))
    False
    """

    decimal: str = "."
    thousands: str = ""
    is_assumed: bool = field(default=False, compare=False)

    @property
    def separators(self) -> str:
        """Every character that may stand between groups of three digits."""
        if self.thousands == " ":
            return _SPACES
        return _APOSTROPHES if self.thousands == "'" else self.thousands

    @property
    def pattern(self) -> str:
        """Regular expression of all of a cell that holds a number, for :mod:`re` and Polars."""
        return f"^{_build_number_pattern(self.decimal, self.separators)}$"


def find_thousands_separator(cell: str, decimal: str) -> str | None:
    """The sign that groups the digits of a number: ``""`` if none does, ``None`` if no number.

    Parameters
    ----------
    cell : str
        Text without spaces around it.
    decimal : str
        The decimal mark by which to read it, ``"."`` or ``","``.

    Examples
    --------
    >>> [find_thousands_separator(cell, ",") for cell in ("1.234,5", "12,5", "12.5")]
    ['.', '', None]
    """
    if not _NUMBERS_BY_DECIMAL[decimal].fullmatch(cell):
        return None
    used = {sign for sign in cell if sign in _SEPARATORS_BY_DECIMAL[decimal]}
    if len(used) > 1:
        return None
    separator = "".join(used)
    return _NORMALIZED_SEPARATORS.get(separator, separator)


def find_thousands_separators(text: pl.Expr, decimal: str) -> pl.Expr:
    """:func:`find_thousands_separator` for a whole column of trimmed text.

    Examples
    --------
    >>> cells = pl.DataFrame({"": ["1.234,5", "12,5", "12.5"]})
    >>> cells.select(find_thousands_separators(pl.col(""), ",")).to_series().to_list()
    ['.', '', None]
    """
    pattern = _build_number_pattern(decimal, _SEPARATORS_BY_DECIMAL[decimal])
    is_number = text.str.contains(f"^{pattern}$") & text.str.contains("^[-+.,]*[0-9]")
    signs = text.str.extract_all(f"[{_SEPARATORS_BY_DECIMAL[decimal]}]").list.unique()
    sign = signs.list.first().replace(_NORMALIZED_SEPARATORS).fill_null("")
    return pl.when(is_number & (signs.list.len() <= 1)).then(sign)


def is_number(cell: str) -> bool:
    """Whether text is a number, with either decimal mark, its digits grouped or not.

    Examples
    --------
    >>> [is_number(cell) for cell in (" 12.5", "1.234,5 €", "n/a", "2024-01-31")]
    [True, True, False, False]
    """
    return count_numbers([cell]) == 1


def count_numbers(cells: Sequence[str]) -> int:
    """How many texts are numbers, by the rule of :func:`is_number`."""
    return sum(
        any(find_thousands_separator(text, decimal) is not None for decimal in ".,")
        for text in strip_amounts(cells)
    )


def cast_to_text(column: pl.Expr | str, dtype: pl.DataType) -> pl.Expr:
    """Trimmed text of a column of any kind; a whole number prints as ``1``, never ``1.0``.

    Parameters
    ----------
    column : pl.Expr or str
        The column, or its name.
    dtype : pl.DataType
        Type of the column.

    Examples
    --------
    >>> frame = pl.DataFrame({"id": [1.0, 2.5, None]})
    >>> frame.select(cast_to_text("id", frame.schema["id"])).to_series().to_list()
    ['1', '2.5', None]
    """
    cells = _to_expression(column)
    if dtype.is_decimal():
        cells, dtype = cells.cast(pl.Float64), pl.Float64()
    if not dtype.is_float():
        return cells.cast(pl.String).str.strip_chars()
    whole = (cells == cells.floor()) & (cells.abs() < MAX_EXACT_INTEGER)
    digits = cells.cast(pl.Int64, strict=False).cast(pl.String)
    return pl.when(whole).then(digits).otherwise(cells.cast(pl.String))


def is_missing_number(column: pl.Expr | str, dtype: pl.DataType) -> pl.Expr:
    """True where a numeric column has no value: null, NaN or a spelling of "missing".

    Examples
    --------
    >>> frame = pl.DataFrame({"age": ["31", " N/A ", "old"]})
    >>> frame.select(is_missing_number("age", pl.String())).to_series().to_list()
    [False, True, False]
    """
    return _is_missing(column, dtype, MISSING_NUMBERS)


def is_missing_category(column: pl.Expr | str, dtype: pl.DataType) -> pl.Expr:
    """True where a column that is not numeric has no value.

    Examples
    --------
    >>> frame = pl.DataFrame({"card": ["Gold", "none", "?"]})
    >>> frame.select(is_missing_category("card", pl.String())).to_series().to_list()
    [False, False, True]
    """
    return _is_missing(column, dtype, MISSING_CATEGORIES)


def parse_numbers(
    column: pl.Expr | str,
    dtype: pl.DataType,
    number_format: NumberFormat = NumberFormat(),
) -> pl.Expr:
    """Float64 values of a column; null where missing and where a cell is no finite number.

    This is the rule for what a number is. A cell that is null here and not missing by
    :func:`is_missing_number` holds something else: text, an infinity, a date.

    Examples
    --------
    >>> frame = pl.DataFrame({"spend": ["1.234,5", "12.5", "n/a"]})
    >>> rule = parse_numbers("spend", pl.String(), NumberFormat(",", "."))
    >>> frame.select(rule).to_series().to_list()
    [1234.5, None, None]
    """
    cells = _to_expression(column)
    if dtype.is_numeric() or dtype == pl.Boolean:
        return _keep_finite(cells.cast(pl.Float64, strict=False))
    if dtype.is_temporal():
        return pl.when(cells.is_null()).then(None).otherwise(None).cast(pl.Float64)
    text = cast_to_text(cells, dtype)
    plain = _keep_finite(_cast_digits(text, number_format))
    if dtype != pl.String:
        return plain
    return pl.coalesce(plain, parse_amounts(text, number_format))


def parse_amounts(text: pl.Expr, number_format: NumberFormat) -> pl.Expr:
    """Float64 values of trimmed text that holds amounts; null in all other cells.

    Examples
    --------
    >>> frame = pl.DataFrame({"spend": ["$1,204.50", "(33.52)", "0.12k", "12%"]})
    >>> amounts = parse_amounts(pl.col("spend"), NumberFormat(".", ","))
    >>> frame.select(amounts).to_series().to_list()
    [1204.5, -33.52, 120.0, 12.0]
    """
    parts = split_amounts(text).struct
    numbers = _cast_digits(parts.field("digits"), number_format)
    return _keep_finite(numbers * parts.field("multiplier"))


def _cast_digits(text: pl.Expr, number_format: NumberFormat) -> pl.Expr:
    if number_format != NumberFormat():
        text = _normalize_numbers(text, number_format)
    return text.cast(pl.Float64, strict=False)


def parse_categories(column: pl.Expr | str, dtype: pl.DataType) -> pl.Expr:
    """Trimmed text of a column, null where missing; the level names of a category.

    A whole number is ``1`` and a truth value ``true``, however a text writes it.

    Examples
    --------
    >>> frame = pl.DataFrame({"region": [1.0, None, 3.0], "member": [True, False, None]})
    >>> frame.select(
    ...     parse_categories("region", pl.Float64()), parse_categories("member", pl.Boolean())
    ... ).rows()
    [('1', 'true'), (None, 'false'), ('3', None)]
    """
    text = cast_to_text(column, dtype)
    if dtype == pl.String:
        text = text.str.replace(r"^([-+]?[0-9]+)\.0+$", "${1}")
        is_truth = text.str.contains("^(?:True|TRUE|False|FALSE)$")
        text = pl.when(is_truth).then(text.str.to_lowercase()).otherwise(text)
    return pl.when(~is_missing_category(column, dtype)).then(text)


def _to_expression(column: pl.Expr | str) -> pl.Expr:
    return pl.col(column) if isinstance(column, str) else column


def _is_missing(column: pl.Expr | str, dtype: pl.DataType, spellings: frozenset[str]) -> pl.Expr:
    cells = _to_expression(column)
    if dtype.is_float():
        return cells.is_null() | cells.is_nan().fill_null(True)
    if dtype.is_numeric() or dtype.is_temporal() or dtype == pl.Boolean:
        return cells.is_null()
    lowered = cast_to_text(cells, dtype).str.to_lowercase()
    return lowered.is_in(sorted(spellings)).fill_null(True)


def _normalize_numbers(text: pl.Expr, number_format: NumberFormat) -> pl.Expr:
    """Rewrite numbers as a computer writes them; null where a cell does not follow the format."""
    plain = text
    if number_format.thousands:
        plain = plain.str.replace_all(f"[{number_format.separators}]", "")
    if number_format.decimal != ".":
        plain = plain.str.replace(number_format.decimal, ".", literal=True)
    return pl.when(text.str.contains(number_format.pattern)).then(plain)


def _keep_finite(values: pl.Expr) -> pl.Expr:
    return pl.when(values.is_finite()).then(values)
