"""Preamble: lines that exports put above the column names, such as a title and a date."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ilk.digits import counted
from ilk.errors import Notice, shorten
from ilk.tables.header import is_number

_LONGEST = 20
_FITTING = 0.9
"""The share of rows that have to be as wide as the table, for lines above it to be none of it."""

_SHOWN = 3


def preamble(rows: Sequence[Sequence[str]]) -> int:
    """How many of the first rows are no part of the table.

    They fill at most half of the table, and the row below them looks like column names: none is
    missing, a number, or there twice. Names can be missing from a header too: a row with several
    cells that is as wide as the table is above it only if numbers stand below the names. Where that
    is in doubt, there is no preamble.

    Parameters
    ----------
    rows : sequence of sequence of str
        Cells of the first rows, those without any text left out.

    Examples
    --------
    >>> preamble([["Customers in May"], ["id", "age"], ["7", "31"], ["8", "44"]])
    1
    >>> preamble([["id"], ["7", "31"], ["8", "44"]])
    0
    """
    widths = Counter(map(len, rows))
    width = max(widths, key=lambda each: (widths[each], each), default=0)
    above = 0
    while above < min(len(rows), _LONGEST) and _is_title(rows[above], width):
        above += 1
    names, below = rows[above : above + 1], rows[above + 1 :]
    if above == 0 or not below or not _are_names(names[0], width):
        return 0
    fitting = [row for row in below if len(row) == width]
    if len(fitting) < _FITTING * len(below):
        return 0
    doubtful = any(len(row) == width and _filled(row) > 1 for row in rows[:above])
    return 0 if doubtful and not _some_numbers(fitting) else above


def left_out(rows: Sequence[Sequence[str]]) -> tuple[Notice, ...]:
    """What the user should know about the rows of a preamble.

    Examples
    --------
    >>> [print(each.message) for each in left_out([["Customers", "May"]])]
    1 line above the column names was left out: 'Customers May'
    [None]
    """
    if not rows:
        return ()
    texts = [shorten(" ".join(cell.strip() for cell in row if cell.strip())) for row in rows]
    listed = ", ".join(texts[:_SHOWN]) + (" and others" if texts[_SHOWN:] else "")
    verb = "was" if len(rows) == 1 else "were"
    message = f"{counted(len(rows), 'line')} above the column names {verb} left out: {listed}"
    return (Notice("W_PREAMBLE", message),)


def header_fact(above: int) -> dict[str, str]:
    """Where the column names stand, if that is not the first line.

    Examples
    --------
    >>> header_fact(0), header_fact(2)
    ({}, {'header': 'below 2 lines of other text'})
    """
    return {"header": f"below {counted(above, 'line')} of other text"} if above else {}


def _is_title(row: Sequence[str], width: int) -> bool:
    return len(row) <= width and _filled(row) <= width / 2 and (len(row) < width or width > 2)


def _filled(row: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _are_names(row: Sequence[str], width: int) -> bool:
    names = [cell.strip() for cell in row]
    return (
        len(names) == width
        and all(names)
        and len(set(names)) == width
        and not any(map(is_number, names))
    )


def _some_numbers(rows: Sequence[Sequence[str]]) -> bool:
    """Whether some column holds numbers in most rows."""
    return any(2 * sum(map(is_number, column)) > len(rows) for column in zip(*rows, strict=True))
