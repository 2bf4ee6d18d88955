"""Text files, such as CSV: every cell is the text that is in the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from ilk.errors import InputError, Notice, format_place
from ilk.recipe import Reading
from ilk.tables import file_bytes
from ilk.tables.base import FilteredSource, RowFilter, Source
from ilk.tables.encoding import Encoding, detect_encoding, read_utf8_chunks
from ilk.tables.file_guard import FileGuard
from ilk.tables.frames import BATCH_ROWS
from ilk.tables.header import Header, read_header
from ilk.tables.number_format import NumberFormat
from ilk.tables.rejects import Reject, RejectLog
from ilk.tables.text.blocks import BLOCK_BYTES, BlockReader, RowReader, TextRow, count_rows
from ilk.tables.text.dialect import Dialect, detect_dialect

_HEAD_BYTES = 1 << 20


class TextSource:
    """A text file as frames of text; an empty cell is the empty string, never null.

    The file is read in blocks. A block that Polars reads is accepted if counting proves that every
    row has as many cells as the header and that quotes follow the rules. Otherwise the same block
    is read again, row by row, and the rows that do not fit are rejected. So the rows yielded and
    the rejects together are the rows of the file, whatever its size.

    Raises
    ------
    InputError
        When the file cannot be opened, is empty, has no rows, or is not text; while iterating,
        ``E_BAD_ROWS`` when more rows do not fit than ``reading.max_bad_rows`` allows, and
        ``E_INPUT_CHANGED`` when the file has changed.
    """

    def __init__(
        self,
        path: Path,
        reading: Reading = Reading(),  # noqa: B008
        *,
        block_bytes: int = BLOCK_BYTES,
        chunk_bytes: int = file_bytes.CHUNK_BYTES,
    ) -> None:
        file_bytes.check_file(path)
        self._path = path
        self._block_bytes = block_bytes
        self._chunk_bytes = chunk_bytes
        self._file_guard = FileGuard(path)
        self._max_bad_rows = reading.max_bad_rows
        self._rejects: tuple[Reject, ...] | None = None
        self._encoding = _detect_text_encoding(path, reading, chunk_bytes)
        head, is_whole_file = _read_head(path, self._encoding, chunk_bytes)
        self._estimate_rows = _estimate_rows(path, head, self._encoding)
        self._dialect = detect_dialect(head, is_whole_file=is_whole_file, reading=reading)
        _, rows, header = self._open_blocks()
        if header is None:
            raise file_bytes.build_empty_file_error(path)
        if header.fault:
            raise self._build_header_error(header)
        sample = self._dialect.sample[1:]
        self._header: Header = read_header(header.cells, sample, place=str(path))
        if next(rows, None) is None:
            raise file_bytes.build_no_rows_error(path)
        if reading.delimiter is None:
            _check_not_space_aligned(self._dialect.sample, path)

    @property
    def name(self) -> str:
        """Name of the file."""
        return self._path.name

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Columns in the order read, all of type text."""
        return {name: pl.String() for name in self._header.names}

    @property
    def number_format(self) -> NumberFormat:
        """How the file writes its numbers."""
        return self._dialect.number_format

    @property
    def read_details(self) -> dict[str, str]:
        """How the file was read, with reasons."""
        details = {"format": "text file, cells kept as written"}
        if file_bytes.is_gzip(self._path):
            details["compression"] = "gzip: recognized by the first bytes"
        details["encoding"] = f"{self._encoding.name}: {self._encoding.reason}"
        return details | self._dialect.reasons

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Notices about how the file was read."""
        return (*self._encoding.notices, *self._dialect.notices, *self._header.notices)

    @property
    def rejects(self) -> tuple[Reject, ...]:
        """Rows that could not be read; reads the file if that was not done yet."""
        if self._rejects is None:
            for _ in self.iter_frames():
                pass
        return self._rejects or ()

    @property
    def n_excluded(self) -> int:
        """Always 0: nothing is left out here."""
        return 0

    @property
    def paths(self) -> tuple[Path, ...]:
        """The file."""
        return self._file_guard.paths

    def estimate_rows(self) -> int | None:
        """Estimated number of rows, by the length of the first ones."""
        return self._estimate_rows

    def iter_frames(self) -> Iterator[pl.DataFrame]:
        """Yield the rows in the order of the file, in frames of at most 100,000."""
        with self._file_guard.ensure_unchanged():
            yield from self._read_frames()

    def filter_rows(self, row_filter: RowFilter) -> Source:
        """The same rows without those that the filter drops."""
        return FilteredSource(self, row_filter)

    def _read_frames(self) -> Iterator[pl.DataFrame]:
        log = RejectLog(self._max_bad_rows)
        blocks, _, _ = self._open_blocks()
        has_rows = False
        while block := blocks.peek_block(self._block_bytes):
            frame = self._parse_block(block)
            if frame is None:
                frame = self._parse_rows(blocks, len(block), log)
            else:
                blocks.advance(block)
            has_rows = has_rows or frame.height > 0
            # Past the limit the rest is only counted, for the number in the error.
            if not log.is_exceeded:
                yield from frame.iter_slices(BATCH_ROWS)
        log.check(str(self._path))
        if not has_rows:
            raise file_bytes.build_no_rows_error(self._path)
        self._rejects = tuple(log.rejects)

    def fingerprint(self) -> str:
        """SHA-256 of the file on disk."""
        return self._file_guard.fingerprint()

    def _open_blocks(self) -> tuple[BlockReader, RowReader, TextRow | None]:
        """A new block reader, a row reader that has passed the header, and the header."""
        blocks = BlockReader(
            read_utf8_chunks(self._path, self._encoding, self._chunk_bytes),
            self._dialect.newline,
            self._dialect.quote,
            str(self._path),
        )
        rows = self._build_row_reader(blocks)
        if not self._dialect.skip_rows:
            return blocks, rows, next(rows, None)
        filled = (row for row in rows if row.fault or any(map(str.strip, row.cells)))
        return blocks, rows, next(islice(filled, self._dialect.skip_rows, None), None)

    def _build_row_reader(self, blocks: BlockReader) -> RowReader:
        return RowReader(
            blocks,
            self._dialect.delimiter,
            self._dialect.quote,
            str(self._path),
            self._encoding.name,
        )

    def _parse_block(self, block: bytes) -> pl.DataFrame | None:
        """Parse a block by Polars; ``None`` if some row may not fit."""
        dialect, header = self._dialect, self._header
        block = block.rstrip(b"\r\n")
        rows = count_rows(
            block,
            header.width,
            delimiter=dialect.delimiter,
            quote=dialect.quote,
            newline=dialect.newline,
        )
        frame = None if rows is None else _read_with_polars(block, dialect, header.columns)
        if frame is None or frame.height != rows or _is_ambiguous(frame, header):
            return None
        return frame.select(header.names)

    def _parse_rows(self, blocks: BlockReader, size: int, log: RejectLog) -> pl.DataFrame:
        """Parse about ``size`` bytes row by row; rows that do not fit go to the log."""
        header = self._header
        kept: list[tuple[str, ...]] = []
        n_read = 0
        for row in self._build_row_reader(blocks):
            fault = row.fault or _explain_misfit(row, header)
            if fault:
                log.add(Reject(row.line, fault, row.raw))
            else:
                kept.append(row.cells[: len(header.names)])
            n_read += len(row.raw)
            if n_read >= size:
                break
        return pl.DataFrame(kept, schema=self.schema, orient="row")

    def _build_header_error(self, header: TextRow) -> InputError:
        return InputError(
            "E_BAD_HEADER",
            f"the row of column names cannot be read: {header.fault}",
            place=format_place(self._path, line=header.line),
            way_out="Correct the quotes in that line.",
        )


def _detect_text_encoding(path: Path, reading: Reading, chunk_bytes: int) -> Encoding:
    """Encoding of a text file; a file with other content is refused."""
    content = file_bytes.detect_content(next(file_bytes.read_chunks(path, chunk_bytes), b""))
    if content is not None:
        raise InputError(
            "E_CONTENT",
            f"the name is that of a text file, but the content is {content}",
            place=str(path),
            way_out="Rename it by its content, for example to .xlsx or .parquet, or export it as "
            "CSV.",
        )
    return detect_encoding(path, reading.encoding, chunk_bytes=chunk_bytes)


def _check_not_space_aligned(sample: Sequence[Sequence[str]], path: Path) -> None:
    """Refuse columns that are separated by spaces, which would be read as one column."""
    words = {len(row[0].split()) if len(row) == 1 else 0 for row in sample}
    if len(words) == 1 and max(words) > 1:
        raise InputError(
            "E_DELIMITER",
            f"the {max(words)} columns are separated by spaces, which may also be part of a cell",
            place=str(path),
            way_out="Export the table with commas or tabs between the columns.",
        )


def _read_head(path: Path, encoding: Encoding, chunk_bytes: int) -> tuple[str, bool]:
    """Beginning of the text, and whether that is all of it."""
    chunks = read_utf8_chunks(path, encoding, chunk_bytes)
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= _HEAD_BYTES:
            break
    return head.decode(errors="replace"), next(chunks, None) is None


def _estimate_rows(path: Path, head: str, encoding: Encoding) -> int | None:
    """Estimated number of rows of a file with this head; unknown if its bytes are not its text."""
    if file_bytes.is_gzip(path) or "16" in encoding.name:
        return None
    ratio = path.stat().st_size / len(head.encode())
    return round(len(head.splitlines()) * ratio)


def _read_with_polars(
    block: bytes, dialect: Dialect, columns: Sequence[str]
) -> pl.DataFrame | None:
    try:
        return pl.read_csv(
            block,
            has_header=False,
            schema=dict.fromkeys(columns, pl.String()),
            separator=dialect.delimiter,
            quote_char=dialect.quote,
            eol_char=dialect.newline,
            empty_string_is_null=False,
        )
    except PolarsError:
        return None


def _is_ambiguous(frame: pl.DataFrame, header: Header) -> bool:
    """Whether a column without a name has values, or a blank line may be taken for a row."""
    if header.width == 1:
        return bool((frame.to_series().str.strip_chars() == "").any())
    nameless = header.columns[len(header.names) :]
    return any((frame[column] != "").any() for column in nameless)


def _explain_misfit(row: TextRow, header: Header) -> str | None:
    """The reason why a row does not fit the header, if it does not."""
    if len(row.cells) != header.width:
        cells = "1 cell" if len(row.cells) == 1 else f"{len(row.cells)} cells"
        return f"{cells} instead of {header.width}"
    if any(row.cells[len(header.names) :]):
        return "a value in a column without a name"
    return None
