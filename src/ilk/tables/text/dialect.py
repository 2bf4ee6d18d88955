"""How a text file is written: delimiter, quotes, line ends and number format, with reasons."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from ilk.errors import Notice, UsageError
from ilk.formatting.numbers import format_percent
from ilk.recipe import Reading
from ilk.tables.header import build_preamble_notices, count_preamble_rows, describe_header_position
from ilk.tables.number_format import NumberFormat
from ilk.tables.text.decimal_marks import detect_number_format

CHARACTER_NAMES = {
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "|": "pipe",
    "": "none",
    ".": "point",
}
_ALL_CHARACTER_NAMES = CHARACTER_NAMES | {
    " ": "space",
    "'": "apostrophe",
    '"': "double quotes",
    "\n": "LF",
    "\r": "CR",
}

# On a tie the comma comes last: a file split at semicolons may have decimal commas in every row.
_DELIMITERS = "\t|;,"
_SEPARATOR_LINE = re.compile(r"\"?sep=(.)\"?(?:\r\n|\r|\n|$)", re.IGNORECASE)
_SAMPLE_ROWS = 1000
_MIN_FITTING_SHARE = 0.5


@dataclass(frozen=True)
class Dialect:
    r"""How a text file is written; ``reasons`` has the reason for each part in words.

    ``newline`` is the byte that ends a line (LF also where the file has CR LF). ``skip_rows``
    counts the rows above the column names: Excel's ``sep=;``, and lines that are not part of the
    table. ``sample`` holds the first rows, header first.

    Examples
    --------
    >>> dialect = detect_dialect("id;spend\n1;12,5\n2;7,25\n", is_whole_file=True)
    >>> dialect.delimiter, dialect.number_format.decimal
    (';', ',')
    >>> dialect.reasons["delimiter"]
    'semicolon: splits all 3 lines into 2 columns'
    """

    delimiter: str
    quote: str
    newline: str
    skip_rows: int
    number_format: NumberFormat
    sample: tuple[tuple[str, ...], ...]
    reasons: dict[str, str]
    notices: tuple[Notice, ...] = ()


def detect_dialect(
    head: str,
    *,
    is_whole_file: bool,
    reading: Reading = Reading(),  # noqa: B008
) -> Dialect:
    """Detect how a text file is written from its beginning; ``reading`` overrides.

    Parameters
    ----------
    head : str
        Beginning of the file, decoded.
    is_whole_file : bool
        Whether that is all of the file; otherwise its last row may be incomplete and is dropped.
    reading : Reading
        What the caller specifies.
    """
    text = head.lstrip("\r\n")
    separator_line = _SEPARATOR_LINE.match(text)
    if separator_line:
        text = text[separator_line.end() :]
    quote, quote_reason = _detect_quote(text, reading.quote)
    if reading.delimiter is not None and reading.delimiter in {quote, "\r", "\n"}:
        raise _build_delimiter_error(reading.delimiter)
    declared = separator_line.group(1) if separator_line else None
    newline = _detect_newline(text, quote)
    delimiter, delimiter_reason = _detect_delimiter(
        text, quote, is_whole_file, reading.delimiter, declared
    )
    rows = _read_rows(text, delimiter, quote, is_whole_file)
    above = count_preamble_rows(rows)
    preamble, rows = rows[:above], rows[above:]
    number_format, format_reasons, notices = detect_number_format(rows, delimiter, reading)
    reasons = {
        "delimiter": f"{name_character(delimiter)}: {delimiter_reason}",
        "quote": f"{name_character(quote)}: {quote_reason}",
        "decimal": f"{name_character(number_format.decimal)}: {format_reasons[0]}",
        "thousands": f"{name_character(number_format.thousands)}: {format_reasons[1]}",
        **describe_header_position(above),
    }
    return Dialect(
        delimiter,
        quote,
        newline,
        bool(separator_line) + above,
        number_format,
        tuple(rows),
        reasons,
        (*build_preamble_notices(preamble), *notices),
    )


def name_character(character: str) -> str:
    """Name of a character in words, or the character itself.

    Examples
    --------
    >>> name_character(";"), name_character("~")
    ('semicolon', '~')
    """
    return _ALL_CHARACTER_NAMES.get(character, character)


def _build_delimiter_error(given: str) -> UsageError:
    return UsageError(
        "E_CHOICE",
        f"{name_character(given)} cannot separate cells, because it is a quote or a line end",
        place="{delimiter}",
        way_out="Common delimiters are comma, semicolon, tab and pipe.",
        options=("delimiter",),
    )


def _detect_newline(text: str, quote: str) -> str:
    """CR if it ends more lines than LF; line ends inside quotes do not count."""
    unquoted = re.sub(f"{re.escape(quote)}[^{re.escape(quote)}]*{re.escape(quote)}", "", text)
    n_cr = unquoted.count("\r") - unquoted.count("\r\n")
    return "\r" if n_cr > unquoted.count("\n") else "\n"


def _detect_quote(text: str, given: str | None) -> tuple[str, str]:
    if given is not None:
        return given, "as specified"
    if '"' not in text and _has_apostrophe_quotes(text):
        return "'", "cells are enclosed in apostrophes, and the file has no double quotes"
    return '"', "used in the file" if '"' in text else "the default; the file has no quotes"


def _has_apostrophe_quotes(text: str) -> bool:
    header = text.split("\n", 1)[0].strip()
    cells = re.split(r"[\t|;,]", header)
    return all(len(cell) > 1 and cell[0] == cell[-1] == "'" for cell in cells)


def _detect_delimiter(
    text: str, quote: str, is_whole_file: bool, given: str | None, declared: str | None
) -> tuple[str, str]:
    if given is not None:
        return given, "as specified"
    if declared is not None:
        return declared, f"declared by the first line, sep={declared}"
    rows = {sign: _read_rows(text, sign, quote, is_whole_file) for sign in _DELIMITERS}
    (share, width, count), best = _choose_best_fit(
        {sign: _measure_fit(split) for sign, split in rows.items()}
    )
    if share < _MIN_FITTING_SHARE:
        # Perhaps the first line is a title, and the column names are further down.
        below = {
            sign: _measure_fit(split[count_preamble_rows(split) :]) for sign, split in rows.items()
        }
        (share, width, count), best = _choose_best_fit(below)
    if width < 2:
        return ",", "the header is a single name, so the table has one column"
    lines = f"{count:,} lines"
    if not is_whole_file or count > _SAMPLE_ROWS:
        lines = f"of the first {lines}"
    elif share < 1:
        lines = f"of {lines}"
    extent = "all" if share == 1 else format_percent(share)
    return best, f"splits {extent} {lines} into {width} columns"


def _choose_best_fit(
    fits: Mapping[str, tuple[float, int, int]],
) -> tuple[tuple[float, int, int], str]:
    """The best fit, and its delimiter: most rows, then most columns, then the first."""
    best = max(fits, key=lambda sign: fits[sign])
    return fits[best], best


def _measure_fit(rows: Sequence[Sequence[str]]) -> tuple[float, int, int]:
    """Share of the rows as wide as the header, that width, and the number of rows."""
    if not rows or len(rows[0]) < 2:
        return 0.0, 1, len(rows)
    width = len(rows[0])
    return sum(len(row) == width for row in rows) / len(rows), width, len(rows)


def _read_rows(text: str, delimiter: str, quote: str, is_whole_file: bool) -> list[tuple[str, ...]]:
    """First rows of the text, without blank lines."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quote)
    rows: list[tuple[str, ...]] = []
    try:
        rows.extend(
            tuple(row) for row in islice(reader, _SAMPLE_ROWS + 1) if any(map(str.strip, row))
        )
    except csv.Error:
        return rows
    return rows if is_whole_file or len(rows) < 2 or len(rows) > _SAMPLE_ROWS else rows[:-1]
