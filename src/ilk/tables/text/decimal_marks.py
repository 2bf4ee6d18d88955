"""Marks: the decimal mark and the thousands separator that a table's cells bear out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ilk.errors import Notice, UsageError
from ilk.recipe import Reading
from ilk.tables.number_format import (
    MIN_NUMBER_SHARE,
    MISSING_NUMBERS,
    NumberFormat,
    find_thousands_separator,
)

TextRows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class _MarkEvidence:
    """What one column of numbers says about the marks."""

    name: str
    point_only: int
    comma_only: int
    by_point: Counter[str]
    by_comma: Counter[str]

    @property
    def proven_decimal(self) -> str | None:
        """The decimal mark that this column proves; ``None`` when it proves neither or both."""
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
    """Decimal mark and thousands separator of the sample ``rows``, header first.

    A mark is taken as proven only by cells that cannot be read otherwise: ``12,5`` or ``1.234,56``
    prove a decimal comma, ``1,234`` alone proves nothing. Where nothing is proven though it would
    matter, a notice says what was assumed.

    Returns
    -------
    Numerals, (str, str), tuple of Notice
        The marks, the reasons for the decimal mark and for the separator, and the notices.

    Raises
    ------
    UsageError
        ``E_NUMERALS`` when the same sign is asked for as both.
    """
    if reading.decimal is not None and reading.decimal == reading.thousands:
        raise UsageError(
            "E_NUMERALS",
            f"'{reading.decimal}' cannot be both the decimal mark and the thousands separator",
            place="--decimal, --thousands",
            way_out="Give one of them only.",
        )
    columns = (
        [column for column in map(_collect_evidence, *_split_columns(rows)) if column]
        if rows
        else []
    )
    decimal, why_decimal, notices = _detect_decimal(columns, delimiter, reading)
    thousands, why_thousands = _detect_thousands(columns, decimal, reading.thousands)
    return NumberFormat(decimal, thousands), (why_decimal, why_thousands), notices


def _split_columns(rows: TextRows) -> tuple[Sequence[str], list[list[str]]]:
    """Names, and cells that hold something, of every column."""
    header = rows[0]
    whole = [row for row in rows[1:] if len(row) == len(header)]
    cells = [[cell.strip() for cell in column] for column in zip(*whole, strict=True)]
    kept = [[cell for cell in column if cell.lower() not in MISSING_NUMBERS] for column in cells]
    return header, kept or [[] for _ in header]


def _collect_evidence(name: str, cells: list[str]) -> _MarkEvidence | None:
    """Evidence of a column; ``None`` for one that is not numbers or has whole numbers only."""
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
        return reading.decimal, "given", ()
    if reading.thousands in {",", "."}:
        return "." if reading.thousands == "," else ",", "the other sign separates thousands", ()
    proven = Counter(column.proven_decimal for column in columns if column.proven_decimal)
    if not proven:
        return _assume_decimal(columns, delimiter)
    best: Literal[".", ","] = "," if proven[","] > proven["."] else "."
    proof = next(column.name for column in columns if column.proven_decimal == best)
    odd = [
        column
        for column in columns
        if column.is_contradictory or column.proven_decimal not in {best, None}
    ]
    return best, f"proven by the numbers of '{proof.strip()}'", tuple(map(_build_mixed_notice, odd))


def _build_mixed_notice(column: _MarkEvidence) -> Notice:
    return Notice(
        "W_MIXED_DECIMALS",
        "some numbers have a decimal comma and some a decimal point; those of the other kind "
        "are not read as numbers. Write them one way, or choose with --decimal",
        column=column.name.strip(),
    )


def _assume_decimal(
    columns: list[_MarkEvidence], delimiter: str
) -> tuple[str, str, tuple[Notice, ...]]:
    """Decide where nothing is proven; tell the user where it changes the numbers."""
    torn = tuple(_build_mixed_notice(column) for column in columns if column.is_contradictory)
    signs = {sign for column in columns for sign in (*column.by_point, *column.by_comma)}
    doubtful = [
        column.name for column in columns if {*column.by_point, *column.by_comma} & {",", "."}
    ]
    if not doubtful:
        return ".", "no number in the first rows has one", torn
    # A semicolon between cells is what programs write where the comma is the decimal mark.
    decimal = "," if delimiter == ";" and "," in signs else "."
    why = f"assumed: {_explain_assumption(decimal, signs)}"
    names = ", ".join(f"'{name.strip()}'" for name in doubtful[:5])
    message = (
        f"numbers in {names} can be read in two ways; {_explain_assumption(decimal, signs)}. "
        f"If that is wrong, pass --decimal {',' if decimal == '.' else '.'}"
    )
    return decimal, why, (*torn, Notice("W_ASSUMED_NUMERALS", message))


def _explain_assumption(decimal: str, signs: set[str]) -> str:
    if decimal == ",":
        return "1,234 was read as a little more than one"
    if "," in signs:
        return "1,234 was read as one thousand two hundred thirty-four"
    return "1.234 was read as a little more than one"


def _detect_thousands(
    columns: list[_MarkEvidence], decimal: str, given: str | None
) -> tuple[str, str]:
    if given is not None:
        return given, "given"
    counts: Counter[str] = Counter()
    for column in columns:
        counts.update(column.get_separator_counts(decimal))
    if not counts:
        return "", "no number in the first rows is grouped"
    best = max(sorted(counts), key=counts.__getitem__)
    name = next(column.name for column in columns if best in column.get_separator_counts(decimal))
    return best, f"groups the digits of '{name.strip()}'"
