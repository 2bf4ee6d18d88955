"""The text of a file in blocks that end with a row."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from ilk.errors import InputError, format_place
from ilk.tables.encoding import build_encoding_error

# Large enough for Polars to read it with several threads, small enough to hold several in memory.
BLOCK_BYTES = 8 << 20

# A row longer than this is a quote that was never closed.
MAX_ROW_BYTES = 64 << 20


class BlockReader:
    r"""Bytes of a text file in UTF-8, by the block or by the line.

    Parameters
    ----------
    chunks : iterator of bytes
        The text; a chunk may end anywhere.
    newline, quote : str
        The character that ends a line, and the one that encloses cells.
    place : str
        Name of the file, for errors.
    max_row_bytes : int
        A longer row is handed out in parts.

    Attributes
    ----------
    line_number : int
        Number of the next physical line, from 1.

    Examples
    --------
    >>> reader = BlockReader(iter([b'id,note', b'\n1,"two\nlines"\n']), place="a.csv")
    >>> reader.readline()
    b'id,note\n'
    >>> reader.peek_block(size=100), reader.line_number
    (b'1,"two\nlines"\n', 2)
    """

    def __init__(
        self,
        chunks: Iterator[bytes],
        newline: str = "\n",
        quote: str = '"',
        place: str = "",
        max_row_bytes: int = MAX_ROW_BYTES,
    ) -> None:
        self._chunks = chunks
        self._newline = newline.encode()
        self._quote = quote.encode()
        self._place = place
        self._max_row_bytes = max_row_bytes
        self._buffer = b""
        self._start = 0
        self._ended = False
        self.line_number = 1

    def readline(self) -> bytes:
        """Read the next line with its end; empty at the end of the file."""
        end = self._buffer.find(self._newline, self._start)
        while (
            end < 0
            and len(self._buffer) - self._start < self._max_row_bytes
            and self._fill_buffer()
        ):
            end = self._buffer.find(self._newline, self._start)
        stop = len(self._buffer) if end < 0 else end + 1
        line = self._buffer[self._start : stop]
        self._start = stop
        self.line_number += 1
        return line

    def peek_block(self, size: int) -> bytes:
        """About ``size`` bytes that end with a row, without moving on.

        A row ends at a line end with an even number of quotes before it. That holds for text
        that is quoted by the rules; whether it is, the reader of the block checks.
        """
        while True:
            if len(self._buffer) - self._start < size:
                self._fill_buffer(size)
            held = self._buffer[self._start :]
            if self._ended:
                return held
            end = self._find_last_row_end(held)
            if end or len(held) > self._max_row_bytes:
                return held[: end or None]
            size = 2 * len(held)

    def advance(self, block: bytes) -> None:
        """Move on by a block."""
        import numpy as np

        self._start += len(block)
        self.line_number += int(
            np.count_nonzero(np.frombuffer(block, np.uint8) == self._newline[0])
        )

    def _find_last_row_end(self, held: bytes) -> int:
        end = held.rfind(self._newline) + 1
        odd = held.count(self._quote, 0, end) % 2
        while odd and end:
            opening = held.rfind(self._quote, 0, end)
            before = held.rfind(self._newline, 0, opening) + 1
            odd = (odd + held.count(self._quote, before, end)) % 2
            end = before
        return end

    def _fill_buffer(self, size: int = 0) -> bool:
        """Read until ``size`` bytes are held or the file ends; false at the end of the file."""
        # Joined once at the end: adding every chunk to the buffer would copy it each time.
        pieces = [self._buffer[self._start :]]
        held = len(pieces[0])
        while len(pieces) == 1 or held < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                self._ended = True
                break
            if b"\0" in chunk:
                raise self._build_nul_error(b"".join(pieces), chunk)
            pieces.append(chunk)
            held += len(chunk)
        self._buffer = b"".join(pieces)
        self._start = 0
        return len(pieces) > 1

    def _build_nul_error(self, held: bytes, chunk: bytes) -> InputError:
        before = held + chunk[: chunk.index(0)]
        return InputError(
            "E_NUL",
            "the text contains a NUL character, as in damaged or binary files",
            place=format_place(self._place, line=self.line_number + before.count(self._newline)),
            way_out="Export the table again as UTF-8, or use {encoding} if it has that.",
            options={"encoding": "utf-16"},
        )


@dataclass(frozen=True)
class TextRow:
    """One row by the rules of CSV: its cells, or the fault for which it has none.

    ``line`` is the physical line on which it begins, ``raw`` its text.
    """

    line: int
    cells: tuple[str, ...]
    raw: str
    fault: str | None = None


class RowReader:
    r"""Rows one by one, by Python's ``csv`` with strict quoting, without blank lines.

    Slower than reading a block, but exact about where every row begins and what is wrong with it.
    After each row the block reader is at the start of the next.

    Examples
    --------
    >>> blocks = BlockReader(iter([b'1,"a"b\n\n2,c\n']))
    >>> rows = RowReader(blocks, ",", '"', "a.csv", "UTF-8")
    >>> [(row.line, row.cells, row.fault) for row in rows]
    [(1, (), 'text after a closing quote'), (3, ('2', 'c'), None)]
    """

    def __init__(
        self, blocks: BlockReader, delimiter: str, quote: str, place: str, encoding: str
    ) -> None:
        self._blocks = blocks
        self._place = place
        self._encoding = encoding
        self._lines: list[str] = []
        self._reader = csv.reader(
            self._iter_lines(), delimiter=delimiter, quotechar=quote, strict=True
        )

    def __iter__(self) -> Iterator[TextRow]:
        return self

    def __next__(self) -> TextRow:
        while True:
            self._lines.clear()
            line = self._blocks.line_number
            try:
                cells = tuple(next(self._reader))
            except csv.Error as error:
                return TextRow(
                    line, (), self._join_raw_lines(), self._explain_fault(line, str(error))
                )
            if "".join(self._lines).strip(" \r\n"):
                return TextRow(line, cells, self._join_raw_lines())

    def _join_raw_lines(self) -> str:
        return "".join(self._lines).rstrip("\r\n")

    def _iter_lines(self) -> Iterator[str]:
        while line := self._blocks.readline():
            try:
                text = line.decode()
            except UnicodeDecodeError as error:
                place = f"{self._place}, line {self._blocks.line_number - 1}"
                raise build_encoding_error(place, self._encoding) from error
            self._lines.append(text)
            yield text

    def _explain_fault(self, line: int, error: str) -> str:
        """The fault in words; an unclosed quote is refused, as it would swallow the next lines."""
        if "new-line" in error:
            return "a different kind of line end inside a cell"
        if "expected after" in error and len(self._lines) == 1:
            return "text after a closing quote"
        if "field limit" in error and len(self._lines) == 1:
            raise InputError(
                "E_LONG_CELL",
                f"a cell is longer than {csv.field_size_limit():,} characters",
                place=format_place(self._place, line=line),
                way_out="Shorten it, or choose the right delimiter with {delimiter}.",
                options=("delimiter",),
            )
        raise InputError(
            "E_UNCLOSED_QUOTE",
            "a quote at the start of a cell is not closed at its end",
            place=format_place(self._place, line=line),
            way_out="Close or remove the quote; if quotes are ordinary text in this file, choose "
            "another quote character with {quote}.",
            options=("quote",),
        )


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
