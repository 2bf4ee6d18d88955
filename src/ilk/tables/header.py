"""The column names of a table: found, cleaned up and checked."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ilk.errors import InputError, Notice, shorten
from ilk.formatting.numbers import format_count
from ilk.tables.number_format import count_numbers

_MAX_PREAMBLE_ROWS = 20
_MIN_FITTING_SHARE = 0.9
"""Least share of rows as wide as the table for which lines above it are a preamble."""

BLANK_NAME_NOTICE = "this column has no name in the table"
"""What is said of a column without a name, which gets one."""

_MAX_NAMES_SHOWN = 10
_MAX_ROWS_SHOWN = 3


@dataclass(frozen=True)
class Header:
    """Names of the columns kept, and the number of cells in every row of the file.

    Columns at the end with neither a name nor a value are left out of ``names``; ``width`` counts
    them.

    Examples
    --------
    >>> header = read_header([" id ", "age", ""], [["1", "31", ""]], place="a.csv")
    >>> header.names, header.width
    (('id', 'age'), 3)
    >>> [notice.code for notice in header.notices]
    ['W_NAMES_CLEANED', 'W_EMPTY_COLUMN']
    """

    names: tuple[str, ...]
    width: int
    notices: tuple[Notice, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all ``width`` columns; those left out have names that no file can have."""
        return (*self.names, *(f"\0{position}" for position in range(len(self.names), self.width)))


def read_header(cells: Sequence[str], rows: Sequence[Sequence[str]], *, place: str) -> Header:
    """Read the names from the header row; ``rows`` are the first rows below it.

    Names are trimmed and normalized to Unicode's composed form (NFC); an empty name becomes
    ``column_3`` by its position.

    Raises
    ------
    InputError
        ``E_NO_HEADER`` when every name is a number, ``E_DUPLICATE_COLUMN`` when two are equal.
    """
    width = _measure_row_width(len(cells), cells, rows)
    padded = [*cells, ""][:width]
    kept = _count_kept_columns(padded, rows)
    filled = [cell for cell in padded[:kept] if cell.strip()]
    if count_numbers(filled) == len(filled):
        raise InputError(
            "E_NO_HEADER",
            "the first row contains only numbers, not column names",
            place=place,
            way_out="Add a first line with the column names.",
        )
    names = tuple(_clean_name(cell, number) for number, cell in enumerate(padded[:kept], start=1))
    check_unique(names, place=place)
    return Header(names, width, _collect_notices(padded, names))


def check_unique(names: Sequence[str], *, place: str) -> None:
    """Refuse a table in which two columns have the same name."""
    if len(set(names)) < len(names):
        raise build_duplicate_error(names, place)


def build_duplicate_error(names: Sequence[str], place: str) -> InputError:
    """Build the error for a table in which two columns have the same name."""
    name, count = Counter(names).most_common(1)[0]
    return InputError(
        "E_DUPLICATE_COLUMN",
        f"{count} columns are named {shorten(name)}",
        place=place,
        way_out="Rename all but one of them.",
    )


def _measure_row_width(width: int, cells: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Cells in a row, even where only the header or only the rows end in a delimiter."""
    if not rows:
        return width
    if all(len(row) == width + 1 and not row[-1].strip() for row in rows):
        return width + 1
    if not cells[-1].strip() and all(len(row) == width - 1 for row in rows):
        return width - 1
    return width


def _count_kept_columns(cells: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Number of columns up to the last with a name or, in the first rows, a value."""
    kept = len(cells)
    while kept > 1 and not cells[kept - 1].strip() and _is_empty_column(rows, kept - 1):
        kept -= 1
    return kept


def _is_empty_column(rows: Sequence[Sequence[str]], position: int) -> bool:
    return not any(row[position].strip() for row in rows if len(row) > position)


def _clean_name(cell: str, number: int) -> str:
    return unicodedata.normalize("NFC", cell.strip()) or make_blank_name(number)


def make_blank_name(number: int) -> str:
    """The name of a column, counted from 1, that has none.

    Examples
    --------
    >>> make_blank_name(3)
    'column_3'
    """
    return f"column_{number}"


def _collect_notices(cells: Sequence[str], names: Sequence[str]) -> tuple[Notice, ...]:
    pairs = list(zip(cells, names, strict=False))
    notices = [
        Notice("W_BLANK_NAME", BLANK_NAME_NOTICE, column=name)
        for cell, name in pairs
        if not cell.strip()
    ]
    changed = [name for cell, name in pairs if cell != name and cell.strip()]
    if changed:
        listed = _list_first(map(shorten, changed), _MAX_NAMES_SHOWN)
        message = f"spaces or special characters in column names were cleaned up: {listed}"
        notices.append(Notice("W_NAMES_CLEANED", message))
    n_empty = len(cells) - len(names)
    if n_empty:
        verb = "was" if n_empty == 1 else "were"
        message = f"{format_count(n_empty, 'empty column')} at the end {verb} left out"
        notices.append(Notice("W_EMPTY_COLUMN", message))
    return tuple(notices)


def _list_first(texts: Iterable[str], limit: int) -> str:
    """The first texts in a row, and whether there are others."""
    listed = list(texts)
    return ", ".join(listed[:limit]) + (" and others" if listed[limit:] else "")


def count_preamble_rows(rows: Sequence[Sequence[str]]) -> int:
    """Count the first rows that are not part of the table, such as a title and a date.

    They fill at most half of the width of the table, and the row below them looks like column
    names: none is empty, a number or repeated. A header may lack names too, so a row with several
    cells that is as wide as the table is part of a preamble only if there are numbers below the
    names. In case of doubt there is no preamble.

    Parameters
    ----------
    rows : sequence of sequence of str
        Cells of the first rows, without empty rows.

    Examples
    --------
    >>> count_preamble_rows([["Customers in May"], ["id", "age"], ["7", "31"], ["8", "44"]])
    1
    >>> count_preamble_rows([["id"], ["7", "31"], ["8", "44"]])
    0
    """
    widths = Counter(map(len, rows))
    width = max(widths, key=lambda width: (widths[width], width), default=0)
    above = 0
    while above < min(len(rows), _MAX_PREAMBLE_ROWS) and _is_title(rows[above], width):
        above += 1
    below = rows[above + 1 :]
    if above == 0 or not below or not _is_header_row(rows[above], width):
        return 0
    fitting = [row for row in below if len(row) == width]
    if len(fitting) < _MIN_FITTING_SHARE * len(below):
        return 0
    is_doubtful = any(len(row) == width and _count_filled(row) > 1 for row in rows[:above])
    return 0 if is_doubtful and not _has_number_column(fitting) else above


def build_preamble_notices(rows: Sequence[Sequence[str]]) -> tuple[Notice, ...]:
    """Build the notice of a preamble, if there is one.

    Examples
    --------
    >>> [notice.message for notice in build_preamble_notices([["Customers", "May"]])]
    ["1 line above the column names was skipped: 'Customers May'"]
    """
    if not rows:
        return ()
    texts = [shorten(" ".join(cell.strip() for cell in row if cell.strip())) for row in rows]
    listed = _list_first(texts, _MAX_ROWS_SHOWN)
    verb = "was" if len(rows) == 1 else "were"
    message = f"{format_count(len(rows), 'line')} above the column names {verb} skipped: {listed}"
    return (Notice("W_PREAMBLE", message),)


def describe_header_position(above: int) -> dict[str, str]:
    """Where the column names are, if not in the first line.

    Examples
    --------
    >>> describe_header_position(0), describe_header_position(2)
    ({}, {'header': 'below 2 lines of other text'})
    """
    return {"header": f"below {format_count(above, 'line')} of other text"} if above else {}


def _is_title(row: Sequence[str], width: int) -> bool:
    return len(row) <= width and _count_filled(row) <= width / 2 and (len(row) < width or width > 2)


def _count_filled(row: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _is_header_row(row: Sequence[str], width: int) -> bool:
    names = [cell.strip() for cell in row]
    return (
        len(names) == width and all(names) and len(set(names)) == width and not count_numbers(names)
    )


def _has_number_column(rows: Sequence[Sequence[str]]) -> bool:
    """Whether some column holds numbers in most rows."""
    return any(2 * count_numbers(column) > len(rows) for column in zip(*rows, strict=True))
