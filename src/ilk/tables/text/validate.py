"""Counts that prove that a block of text can be read by a fast parser."""

from __future__ import annotations


def count_rows(block: bytes, width: int, *, delimiter: str, quote: str, newline: str) -> int | None:
    r"""Count the rows of a block, or return ``None`` where it is not well-formed.

    Well-formed means: line ends are of one kind, every quote opens or closes a cell or is doubled
    inside one, and outside quotes exactly ``width - 1`` delimiters stand before every line end.
    Some blocks that are not well-formed can still be read row by row.

    Parameters
    ----------
    block : bytes
        UTF-8 text without line ends at its end.
    width : int
        Cells in a row.
    delimiter, quote, newline : str
        The characters of the dialect.

    Examples
    --------
    >>> signs = {"delimiter": ",", "quote": '"', "newline": "\n"}
    >>> count_rows(b'1,"a,b"\n2,c', 2, **signs)
    2
    >>> count_rows(b"1,a\n2", 2, **signs) is None
    True
    """
    signs = delimiter.encode(), quote.encode(), newline.encode()
    if max(map(len, signs)) > 1 or _has_mixed_line_ends(block, newline):
        return None
    if not block:
        return 0
    separator, mark, end = signs
    if mark in block and not _is_well_quoted(block, separator, mark, end):
        return None
    return _count_even_rows(block, width, separator, mark, end)


def _has_mixed_line_ends(block: bytes, newline: str) -> bool:
    if newline == "\r":
        return b"\n" in block
    return b"\r" in block and block.count(b"\r") != block.count(b"\r\n")


def _is_well_quoted(block: bytes, delimiter: bytes, quote: bytes, newline: bytes) -> bool:
    """Whether every quote opens or closes a cell; a doubled quote closes and opens again."""
    import numpy as np

    # With line ends before and after, the first and the last quote need no special case.
    text = np.frombuffer(newline + block + newline, dtype=np.uint8)
    places = np.flatnonzero(text == quote[0])
    before, after = np.zeros((2, 256), dtype=bool)
    before[list(delimiter + newline + quote)] = True
    after[list(delimiter + newline + quote + b"\r")] = True
    return bool(
        len(places) % 2 == 0
        and before[text[places[0::2] - 1]].all()
        and after[text[places[1::2] + 1]].all()
    )


def _count_even_rows(
    block: bytes, width: int, delimiter: bytes, quote: bytes, newline: bytes
) -> int | None:
    """Rows of a well-quoted block; ``None`` unless all have ``width`` cells."""
    import numpy as np

    other = bytes(set(range(256)) - set(delimiter + quote + newline))
    signs = np.frombuffer(block.translate(None, other), dtype=np.uint8)
    if quote in block:
        quotes = signs == quote[0]
        outside = np.bitwise_xor.accumulate(quotes.view(np.uint8)) == 0
        signs = signs[outside & ~quotes]
    ends = signs == newline[0]
    # In even rows every width-th character is a line end, and no other is.
    row_ends = ends[width - 1 :: width]
    are_even = row_ends.all() and np.count_nonzero(ends) == len(row_ends)
    is_complete = len(ends) == len(row_ends) * width + width - 1
    return len(row_ends) + 1 if are_even and is_complete else None
