"""The decimal mark and the thousands separator of a table, as its cells show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from ilk.errors import Notice, UsageError
from ilk.recipe import Reading
from ilk.tables.amounts import strip_amounts
from ilk.tables.number_format import (
    MIN_NUMBER_SHARE,
    MISSING_NUMBERS,
    NumberFormat,
    find_thousands_separators,
)

_POINT_ONLY = r"^-?(?:[0-9]{4,}\.[0-9]*|[0-9]*\.(?:[0-9]{1,2}|[0-9]{4,}))$"
"""Plain numbers whose point can only be a decimal one."""

TextRows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class MarkEvidence:
    """What a column shows about the decimal mark and the thousands separator; it adds up.

    Of ``filled`` cells so many are ``numbers``; those in ``point_only`` and ``comma_only`` can be
    read with one decimal mark alone. ``by_point`` and ``by_comma`` count the separators, if the
    one or the other is the mark.
    """

    filled: int
    numbers: int
    point_only: int
    comma_only: int
    by_point: Counter[str]
    by_comma: Counter[str]

    @classmethod
    def of(cls, cells: pl.Series) -> MarkEvidence:
        """Collect the evidence of a column of text.

        Examples
        --------
        >>> MarkEvidence.of(pl.Series(["1.234,5", "12,5", "7", "1.200"])).unambiguous_decimal
        ','
        """
        cell = pl.col("")
        trimmed = cells.alias("").drop_nulls().str.strip_chars().to_frame()
        # Most numbers are plain, and show what they show by few characters.
        sorted_cells = trimmed.select(
            cell,
            is_whole=cell.str.contains("^[0-9]+$"),
            is_point=cell.str.contains(_POINT_ONLY),
        )
        n_whole, n_point = sorted_cells.select(pl.col("is_whole", "is_point").sum()).row(0)
        others = sorted_cells.filter(~(pl.col("is_whole") | pl.col("is_point"))).select("")
        others = others.filter(~cell.str.to_lowercase().is_in(sorted(MISSING_NUMBERS)))
        found = _find_separators(others.to_series())
        point, comma = found["point"], found["comma"]
        return cls(
            n_whole + n_point + others.height,
            n_whole + n_point + int((point.is_not_null() | comma.is_not_null()).sum()),
            n_point + int((point.is_not_null() & comma.is_null()).sum()),
            int((comma.is_not_null() & point.is_null()).sum()),
            Counter(filter(None, point)),
            Counter(filter(None, comma)),
        )

    def __add__(self, other: MarkEvidence) -> MarkEvidence:
        return MarkEvidence(
            self.filled + other.filled,
            self.numbers + other.numbers,
            self.point_only + other.point_only,
            self.comma_only + other.comma_only,
            self.by_point + other.by_point,
            self.by_comma + other.by_comma,
        )

    @property
    def is_of_numbers(self) -> bool:
        """Whether at least nine in ten cells are numbers, some of them with marks."""
        return self.filled > 0 and self.numbers >= MIN_NUMBER_SHARE * self.filled

    @property
    def unambiguous_decimal(self) -> str | None:
        """The decimal mark that this column proves; ``None`` if it proves neither or both."""
        if bool(self.point_only) == bool(self.comma_only):
            return None
        return "." if self.point_only else ","

    @property
    def is_contradictory(self) -> bool:
        """Whether some cells have a decimal point, and others a decimal comma."""
        return bool(self.point_only and self.comma_only)

    def get_separator_counts(self, decimal: str) -> Counter[str]:
        """How often each separator groups digits, if this is the decimal mark."""
        return self.by_point if decimal == "." else self.by_comma


def _find_separators(cells: pl.Series) -> pl.DataFrame:
    """The separators of the cells with digits, if either mark is the decimal one."""
    with_digits = cells.filter(cells.str.contains("[0-9]"))
    digits = pl.Series("", strip_amounts(with_digits.to_list()), dtype=pl.String).to_frame()
    return digits.select(
        point=find_thousands_separators(pl.col(""), "."),
        comma=find_thousands_separators(pl.col(""), ","),
    )


def detect_number_format(
    rows: TextRows, delimiter: str, reading: Reading
) -> tuple[NumberFormat, tuple[str, str], tuple[Notice, ...]]:
    """Detect decimal mark and thousands separator from the sample ``rows``, header first.

    Only cells that can be read in one way prove a mark: ``12,5`` and ``1.234,56`` prove a decimal
    comma, ``1,234`` alone proves nothing. Where nothing is proven and it would matter, a notice
    says what was assumed.

    Returns
    -------
    NumberFormat, (str, str), tuple of Notice
        The format, the reasons for the decimal mark and for the separator, and the notices.

    Raises
    ------
    UsageError
        ``E_NUMERALS`` when the same sign is given as both.
    """
    if reading.decimal is not None and reading.decimal == reading.thousands:
        raise UsageError(
            "E_NUMERALS",
            f"'{reading.decimal}' cannot be both the decimal mark and the thousands separator",
            place="{decimal}, {thousands}",
            way_out="Use it for one of them only.",
            options=("decimal", "thousands"),
        )
    columns = {
        name.strip(): MarkEvidence.of(pl.Series("", cells, dtype=pl.String))
        for name, cells in (zip(*_split_columns(rows), strict=True) if rows else ())
    }
    return decide_number_format(columns, delimiter, reading)


def decide_number_format(
    evidence: Mapping[str, MarkEvidence], delimiter: str, reading: Reading
) -> tuple[NumberFormat, tuple[str, str], tuple[Notice, ...]]:
    """:func:`detect_number_format` from the evidence of every column of text."""
    columns = {name: column for name, column in evidence.items() if column.is_of_numbers}
    decimal, decimal_reason, notices = _detect_decimal(columns, delimiter, reading)
    thousands, thousands_reason = _detect_thousands(columns, decimal, reading.thousands)
    is_shown = reading.decimal or any(column.unambiguous_decimal for column in columns.values())
    is_assumed = not is_shown or not (reading.thousands is not None or thousands)
    number_format = NumberFormat(decimal, thousands, is_assumed)
    return number_format, (decimal_reason, thousands_reason), notices


def _split_columns(rows: TextRows) -> tuple[Sequence[str], list[Sequence[str]]]:
    """Names and cells of every column."""
    header = rows[0]
    complete = [row for row in rows[1:] if len(row) == len(header)]
    return header, list(zip(*complete, strict=True)) or [() for _ in header]


def _detect_decimal(
    columns: Mapping[str, MarkEvidence], delimiter: str, reading: Reading
) -> tuple[str, str, tuple[Notice, ...]]:
    if reading.decimal is not None:
        return reading.decimal, "as specified", ()
    if reading.thousands in {",", "."}:
        return "." if reading.thousands == "," else ",", "the other mark separates thousands", ()
    unambiguous = Counter(
        column.unambiguous_decimal for column in columns.values() if column.unambiguous_decimal
    )
    if not unambiguous:
        return _assume_decimal(columns, delimiter)
    best: Literal[".", ","] = "," if unambiguous[","] > unambiguous["."] else "."
    example = next(name for name, column in columns.items() if column.unambiguous_decimal == best)
    mixed = [
        name
        for name, column in columns.items()
        if column.is_contradictory or column.unambiguous_decimal not in {best, None}
    ]
    reason = f"shown by the numbers in '{example}'"
    return best, reason, tuple(map(_build_mixed_notice, mixed))


def _build_mixed_notice(name: str) -> Notice:
    return Notice(
        "W_MIXED_DECIMALS",
        "decimal commas and decimal points are mixed, and only one kind is read as numbers; "
        "choose the decimal mark",
        column=name,
    )


def _assume_decimal(
    columns: Mapping[str, MarkEvidence], delimiter: str
) -> tuple[str, str, tuple[Notice, ...]]:
    """Decide where nothing is proven, with a notice where it matters."""
    mixed = tuple(
        _build_mixed_notice(name) for name, column in columns.items() if column.is_contradictory
    )
    signs = {sign for column in columns.values() for sign in (*column.by_point, *column.by_comma)}
    ambiguous = [
        name
        for name, column in columns.items()
        if {*column.by_point, *column.by_comma} & {",", "."}
    ]
    if not ambiguous:
        return ".", "no decimals in the first rows", mixed
    # Programs write semicolons between cells where the comma is the decimal mark.
    decimal = "," if delimiter == ";" and "," in signs else "."
    assumption = _explain_assumption(decimal, signs)
    names = ", ".join(f"'{name}'" for name in ambiguous[:5])
    message = (
        f"the numbers in {names} are ambiguous; {assumption}. "
        f"If that is wrong, choose '{',' if decimal == '.' else '.'}' as the decimal mark"
    )
    return decimal, f"assumed: {assumption}", (*mixed, Notice("W_ASSUMED_NUMERALS", message))


def _explain_assumption(decimal: str, signs: set[str]) -> str:
    if decimal == ",":
        return "1,234 was read as a decimal, not as 1234"
    if "," in signs:
        return "1,234 was read as 1234, not as a decimal"
    return "1.234 was read as a decimal, not as 1234"


def _detect_thousands(
    columns: Mapping[str, MarkEvidence], decimal: str, given: str | None
) -> tuple[str, str]:
    if given is not None:
        return given, "as specified"
    counts: Counter[str] = Counter()
    for column in columns.values():
        counts.update(column.get_separator_counts(decimal))
    if not counts:
        return "", "digits are not grouped in the first rows"
    best = max(sorted(counts), key=counts.__getitem__)
    name = next(
        name for name, column in columns.items() if best in column.get_separator_counts(decimal)
    )
    return best, f"groups the digits in '{name}'"
