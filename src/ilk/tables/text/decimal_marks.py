"""The decimal mark and the thousands separator of a table, as its cells show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ilk.errors import Notice, UsageError
from ilk.recipe import Reading
from ilk.tables.amounts import strip_amounts
from ilk.tables.number_format import (
    MIN_NUMBER_SHARE,
    MISSING_NUMBERS,
    NumberFormat,
    find_thousands_separator,
)

TextRows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class _MarkEvidence:
    """What one column of numbers shows about the decimal mark and the thousands separator."""

    name: str
    point_only: int
    comma_only: int
    by_point: Counter[str]
    by_comma: Counter[str]

    @property
    def unambiguous_decimal(self) -> str | None:
        """The decimal mark that this column proves; ``None`` if it proves neither or both."""
        if bool(self.point_only) == bool(self.comma_only):
            return None
        return "." if self.point_only else ","

    @property
    def is_contradictory(self) -> bool:
        return bool(self.point_only and self.comma_only)

    def get_separator_counts(self, decimal: str) -> Counter[str]:
        return self.by_point if decimal == "." else self.by_comma


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
    columns = (
        [column for column in map(_collect_evidence, *_split_columns(rows)) if column]
        if rows
        else []
    )
    decimal, decimal_reason, notices = _detect_decimal(columns, delimiter, reading)
    thousands, thousands_reason = _detect_thousands(columns, decimal, reading.thousands)
    return NumberFormat(decimal, thousands), (decimal_reason, thousands_reason), notices


def _split_columns(rows: TextRows) -> tuple[Sequence[str], list[list[str]]]:
    """Names, and cells with a value, of every column."""
    header = rows[0]
    complete = [row for row in rows[1:] if len(row) == len(header)]
    cells = [strip_amounts(column) for column in zip(*complete, strict=True)]
    filled = [[cell for cell in column if cell.lower() not in MISSING_NUMBERS] for column in cells]
    return header, filled or [[] for _ in header]


def _collect_evidence(name: str, cells: list[str]) -> _MarkEvidence | None:
    """Evidence of a column; ``None`` if it holds text, or only digits."""
    marked = [cell for cell in cells if not cell.isdigit()]
    by_point = [find_thousands_separator(cell, ".") for cell in marked]
    by_comma = [find_thousands_separator(cell, ",") for cell in marked]
    pairs = list(zip(by_point, by_comma, strict=True))
    n_numbers = len(cells) - sum(point is None and comma is None for point, comma in pairs)
    if not marked or n_numbers < MIN_NUMBER_SHARE * len(cells):
        return None
    return _MarkEvidence(
        name,
        sum(point is not None and comma is None for point, comma in pairs),
        sum(comma is not None and point is None for point, comma in pairs),
        Counter(filter(None, by_point)),
        Counter(filter(None, by_comma)),
    )


def _detect_decimal(
    columns: list[_MarkEvidence], delimiter: str, reading: Reading
) -> tuple[str, str, tuple[Notice, ...]]:
    if reading.decimal is not None:
        return reading.decimal, "as specified", ()
    if reading.thousands in {",", "."}:
        return "." if reading.thousands == "," else ",", "the other mark separates thousands", ()
    unambiguous = Counter(
        column.unambiguous_decimal for column in columns if column.unambiguous_decimal
    )
    if not unambiguous:
        return _assume_decimal(columns, delimiter)
    best: Literal[".", ","] = "," if unambiguous[","] > unambiguous["."] else "."
    example = next(column.name for column in columns if column.unambiguous_decimal == best)
    mixed = [
        column
        for column in columns
        if column.is_contradictory or column.unambiguous_decimal not in {best, None}
    ]
    reason = f"shown by the numbers in '{example.strip()}'"
    return best, reason, tuple(map(_build_mixed_notice, mixed))


def _build_mixed_notice(column: _MarkEvidence) -> Notice:
    return Notice(
        "W_MIXED_DECIMALS",
        "decimal commas and decimal points are mixed, and only one kind is read as numbers; "
        "choose the decimal mark",
        column=column.name.strip(),
    )


def _assume_decimal(
    columns: list[_MarkEvidence], delimiter: str
) -> tuple[str, str, tuple[Notice, ...]]:
    """Decide where nothing is proven, with a notice where it matters."""
    mixed = tuple(_build_mixed_notice(column) for column in columns if column.is_contradictory)
    signs = {sign for column in columns for sign in (*column.by_point, *column.by_comma)}
    ambiguous = [
        column.name for column in columns if {*column.by_point, *column.by_comma} & {",", "."}
    ]
    if not ambiguous:
        return ".", "no decimals in the first rows", mixed
    # Programs write semicolons between cells where the comma is the decimal mark.
    decimal = "," if delimiter == ";" and "," in signs else "."
    assumption = _explain_assumption(decimal, signs)
    names = ", ".join(f"'{name.strip()}'" for name in ambiguous[:5])
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
    columns: list[_MarkEvidence], decimal: str, given: str | None
) -> tuple[str, str]:
    if given is not None:
        return given, "as specified"
    counts: Counter[str] = Counter()
    for column in columns:
        counts.update(column.get_separator_counts(decimal))
    if not counts:
        return "", "digits are not grouped in the first rows"
    best = max(sorted(counts), key=counts.__getitem__)
    name = next(column.name for column in columns if best in column.get_separator_counts(decimal))
    return best, f"groups the digits in '{name.strip()}'"
