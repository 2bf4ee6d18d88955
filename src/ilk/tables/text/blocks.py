"""Stream: the text of a file in pieces that end where a row ends."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from ilk.errors import InputError
from ilk.tables.encoding import build_encoding_error

# Large enough for Polars to read it with several threads, small enough to hold several in memory.
BLOCK_BYTES = 8 << 20

# A row longer than this is a quote that was never closed, not a row.
_MAX_ROW_BYTES = 64 << 20


class BlockReader:
    r"""Bytes of a text file in UTF-8, handed out by the block or by the line.

    Parameters
    ----------
    chunks : iterator of bytes
        The text; a chunk may end anywhere.
    newline, quote : str
        The sign that ends a line, and the one between which a line end belongs to a cell.
    place : str
        Name of the file, for errors.

    Attributes
    ----------
    line : int
        Number of the physical line that comes next, from 1.

    Examples
    --------
    >>> stream = BlockReader(iter([b'id,note', b'\n1,"two\nlines"\n']), place="a.csv")
    >>> stream.readline()
    b'id,note\n'
    >>> stream.peek_block(size=100), stream.line_number
    (b'1,"two\nlines"\n', 2)
    """

    def __init__(
        self, chunks: Iterator[bytes], newline: str = "\n", quote: str = '"', place: str = ""
    ) -> None:
        self._chunks = chunks
        self._newline = newline.encode()
        self._quote = quote.encode()
        self._place = place
        self._buffer = b""
        self._start = 0
        self._ended = False
        self.line_number = 1

    def readline(self) -> bytes:
        """The next line with its end, and step over it; empty at the end of the file."""
        end = self._buffer.find(self._newline, self._start)
        while end < 0 and len(self._buffer) - self._start < _MAX_ROW_BYTES and self._fill_buffer():
            end = self._buffer.find(self._newline, self._start)
        stop = len(self._buffer) if end < 0 else end + 1
        line = self._buffer[self._start : stop]
        self._start = stop
        self.line_number += 1
        return line

    def peek_block(self, size: int) -> bytes:
        """About ``size`` bytes that end with a row, without stepping over them.

        A row ends at a line end before which the quotes are even in number. That holds for text
        that is quoted by the rules; the reader of the block finds out whether it is.
        """
        while True:
            if len(self._buffer) - self._start < size:
                self._fill_buffer(size)
            held = self._buffer[self._start :]
            if self._ended:
                return held
            end = self._find_last_row_end(held)
            if end or len(held) > _MAX_ROW_BYTES:
                return held[: end or None]
            size = 2 * len(held)

    def advance(self, block: bytes) -> None:
        """Step over a block."""
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
        """Read on, until ``size`` bytes are held or the file ends; false at the end of the file."""
        # Joined once: to add every chunk to what is held would copy that again and again.
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
            "the text holds a NUL character, as damaged and binary files do",
            place=f"{self._place}, line {self.line_number + before.count(self._newline)}",
            way_out="Export the table anew as UTF-8, or pass --encoding utf-16 if it is that.",
        )


@dataclass(frozen=True)
class TextRow:
    """One row as the rules of CSV read it: its cells, or why it has none.

    ``line`` is the physical line on which it starts, ``raw`` its text.
    """

    line: int
    cells: tuple[str, ...]
    raw: str
    fault: str | None = None


class RowReader:
    r"""Rows of a stream one by one, by Python's ``csv`` with strict quoting, without blank lines.

    Slower than reading a block, and exact about where every row starts and what is wrong with it.
    After each row the stream stands at the start of the next.

    Examples
    --------
    >>> stream = BlockReader(iter([b'1,"a"b\n\n2,c\n']))
    >>> [(row.line, row.cells, row.fault) for row in RowReader(stream, ",", '"', "a.csv", "UTF-8")]
    [(1, (), 'text after a closing quote'), (3, ('2', 'c'), None)]
    """

    def __init__(
        self, stream: BlockReader, delimiter: str, quote: str, place: str, encoding: str
    ) -> None:
        self._stream = stream
        self._place = place
        self._encoding = encoding
        self._pulled: list[str] = []
        self._reader = csv.reader(
            self._iter_lines(), delimiter=delimiter, quotechar=quote, strict=True
        )

    def __iter__(self) -> Iterator[TextRow]:
        return self

    def __next__(self) -> TextRow:
        while True:
            self._pulled.clear()
            line = self._stream.line_number
            try:
                cells = tuple(next(self._reader))
            except csv.Error as error:
                return TextRow(
                    line, (), self._join_raw_lines(), self._explain_fault(line, str(error))
                )
            if "".join(self._pulled).strip(" \r\n"):
                return TextRow(line, cells, self._join_raw_lines())

    def _join_raw_lines(self) -> str:
        return "".join(self._pulled).rstrip("\r\n")

    def _iter_lines(self) -> Iterator[str]:
        while line := self._stream.readline():
            try:
                text = line.decode()
            except UnicodeDecodeError as error:
                place = f"{self._place}, line {self._stream.line_number - 1}"
                raise build_encoding_error(place, self._encoding) from error
            self._pulled.append(text)
            yield text

    def _explain_fault(self, line: int, error: str) -> str:
        """Reason in words; a quote that swallows further lines is refused outright."""
        if "new-line" in error:
            return "a line end of another kind inside a cell"
        if "expected after" in error and len(self._pulled) == 1:
            return "text after a closing quote"
        if "field limit" in error and len(self._pulled) == 1:
            raise InputError(
                "E_LONG_CELL",
                f"a cell is longer than {csv.field_size_limit():,} characters",
                place=f"{self._place}, line {line}",
                way_out="Shorten it, or name the right separator with --delimiter.",
            )
        raise InputError(
            "E_UNCLOSED_QUOTE",
            "a quote opens a cell and is not closed where the cell ends",
            place=f"{self._place}, line {line}",
            way_out="Close the quote or remove it; if quotes are ordinary text in this file, "
            "name another quote character with --quote.",
        )
