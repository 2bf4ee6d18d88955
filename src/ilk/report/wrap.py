"""Names from outside, broken into lines that fit a narrow place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ilk.formatting.text import format_single_line


def wrap_text(text: str, width: int, lines: int = 2) -> str:
    """The text broken into at most ``lines`` lines of ``width`` columns, shortened with "…".

    The lines are of about the same length. Breaks come after spaces, underscores, hyphens, slashes
    and dots, and inside a word only when it is longer than a line. A wide character (as in
    Chinese) takes two columns.

    Examples
    --------
    >>> print(wrap_text("Total_Relationship_Count", 12))
    Total_
    Relationshi…
    >>> print(wrap_text("High-income low spenders", 14))
    High-income
    low spenders
    """
    pieces = _split_pieces(format_single_line(text), width)
    rows = _fill_lines(pieces, width)
    if len(rows) > lines:
        rows[lines - 1 :] = [_truncate("".join(rows[lines - 1 :]), width)]
    elif len(rows) > 1:
        rows = _balance_lines(pieces, rows)
    return "\n".join(row.strip() for row in rows)


def measure_width(text: str) -> int:
    """How many columns a line of text takes.

    Examples
    --------
    >>> measure_width("abc"), measure_width("顧客")
    (3, 4)
    """
    return sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in text)


def _fill_lines(pieces: Sequence[str], width: int) -> list[str]:
    rows = [""]
    for piece in pieces:
        if measure_width(rows[-1] + piece.rstrip()) <= width:
            rows[-1] += piece
        else:
            rows.append(piece)
    return rows


def _balance_lines(pieces: Sequence[str], rows: list[str]) -> list[str]:
    """As many rows as there are, of more equal length."""
    for width in range(max(map(measure_width, pieces)), max(map(measure_width, rows))):
        narrower = _fill_lines(pieces, width)
        if len(narrower) == len(rows):
            return narrower
    return rows


def _split_pieces(text: str, width: int) -> list[str]:
    """Unbreakable pieces of the text, none wider than a line."""
    pieces = re.findall(r"[^\s_\-/.]*[\s_\-/.]*", text)
    return [part for piece in pieces for part in _cut_piece(piece, width)]


def _cut_piece(piece: str, width: int) -> list[str]:
    parts, part = [], ""
    for character in piece:
        if measure_width(part + character.rstrip()) > width:
            parts.append(part)
            part = ""
        part += character
    return [*parts, part] if part else parts


def _truncate(text: str, width: int) -> str:
    while measure_width(text) > width - 1:
        text = text[:-1]
    return text.rstrip() + "…"
