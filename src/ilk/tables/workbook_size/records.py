"""The extent of the cells of a binary workbook, new (xlsb) or old (xls).

A sheet of a new one is a part of the archive, made of [MS-XLSB] records. An old one is a compound
file [MS-CFB] that holds a stream of [MS-XLS] records.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from ilk.tables.workbook_size.extent import SheetExtent, WorkbookDamagedError

XLS_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The first bytes of a compound file."""

_XLSB_ROW, _XLSB_BEGIN_CELLS, _XLSB_END_CELLS = 0, 0x91, 0x92
_XLSB_CELLS = range(2, 12)
"""Kinds of records in [MS-XLSB] 2.3; kind 1 is a cell without a value."""

_XLS_SHEET, _XLS_TEXTS, _XLS_END, _XLS_DIMENSIONS, _XLS_CELL_RUN = 0x85, 0xFC, 0x0A, 0x0200, 0xBD
_XLS_CELLS = frozenset({0x0006, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E, _XLS_CELL_RUN})
"""Kinds of records of cells with a value; each begins with its row and column."""

_FIRST_SPECIAL, _END_OF_CHAIN = 0xFFFFFFFA, 0xFFFFFFFE
"""Numbers from the first of them on stand for no sector."""

_SHORT_STREAM = 4096
"""Bytes below which a stream is kept in small sectors."""


def measure_xlsb_part(stream: BinaryIO, extent: SheetExtent) -> None:
    """Measure a part that may be a sheet of a new binary workbook."""
    row, in_cells = 0, False
    while first := stream.read(1):
        kind = _read_varint(first, stream, 2)
        data = stream.read(_read_varint(stream.read(1), stream, 4))
        if kind in {_XLSB_BEGIN_CELLS, _XLSB_END_CELLS}:
            in_cells = kind == _XLSB_BEGIN_CELLS
        elif in_cells and kind == _XLSB_ROW:
            row = int.from_bytes(data[:4], "little")
        elif in_cells and kind in _XLSB_CELLS:
            extent.add_cell(row + 1, int.from_bytes(data[:4], "little") + 1)


def _read_varint(first: bytes, stream: BinaryIO, max_bytes: int) -> int:
    """A number of seven bits to a byte, whose eighth says that another byte follows."""
    value, byte, n_bytes = 0, first, 0
    while byte:
        value |= (byte[0] & 0x7F) << (7 * n_bytes)
        n_bytes += 1
        if byte[0] < 0x80 or n_bytes == max_bytes:
            break
        byte = stream.read(1)
    return value


def check_xls_size(data: bytes, max_cells: int) -> None:
    """Check the sheets of an old workbook against a limit.

    Parameters
    ----------
    data : bytes
        The file.
    max_cells : int
        Cells that a sheet may have, from A1 to the last row and column with a value.

    Raises
    ------
    WorkbookTooLargeError, WorkbookDamagedError
    """
    try:
        for stream in _find_workbook_streams(data):
            _measure_xls_stream(stream, max_cells)
    except struct.error as error:
        raise WorkbookDamagedError("it breaks off") from error


def _measure_xls_stream(stream: bytes, max_cells: int) -> None:
    n_texts = 0
    sheet_starts: list[int] = []
    for kind, data in _read_xls_records(stream):
        if kind == _XLS_SHEET:
            sheet_starts.append(*struct.unpack_from("<I", data))
        elif kind == _XLS_TEXTS:
            (n_texts,) = struct.unpack_from("<4xI", data)
    # Memory is set aside for as many texts as it says, and each one takes three bytes at least.
    if n_texts > len(stream):
        raise WorkbookDamagedError(f"it announces {n_texts:,} texts in {len(stream):,} bytes")
    # Sheets that share their records would be read many times.
    all_records = SheetExtent(max_cells)
    for start in sheet_starts:
        if start > len(stream):
            raise _build_size_error()
        _measure_xls_sheet(stream, start, SheetExtent(max_cells), all_records)


def _measure_xls_sheet(
    stream: bytes, start: int, extent: SheetExtent, all_records: SheetExtent
) -> None:
    for kind, data in _read_xls_records(stream, start):
        all_records.count_cells(1)
        if kind == _XLS_DIMENSIONS:
            # Memory is allocated for it, even if there are no such cells.
            layout = "<4H" if len(data) < 14 else "<2I2H"
            top, bottom, left, right = struct.unpack_from(layout, data)
            if bottom < top or right < left:
                raise WorkbookDamagedError("a sheet ends before it begins")
            extent.add_cell(bottom, right)
        elif kind in _XLS_CELLS:
            row, column = struct.unpack_from("<2H", data)
            if kind == _XLS_CELL_RUN:
                (column,) = struct.unpack_from("<H", data, len(data) - 2)
            extent.add_cell(row + 1, column + 1)


def _read_xls_records(stream: bytes, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """Kind and data of the records up to the one that ends them."""
    while start + 4 <= len(stream):
        kind, size = struct.unpack_from("<2H", stream, start)
        if kind == _XLS_END:
            return
        yield kind, stream[start + 4 : start + 4 + size]
        start += 4 + size


def _find_workbook_streams(data: bytes) -> Iterator[bytes]:
    """The streams in which the file may hold its workbook."""
    (shift,) = struct.unpack_from("<H", data, 30)
    if shift not in {9, 12}:
        raise WorkbookDamagedError(f"its sectors have 2^{shift} bytes")
    size = 1 << shift
    # The header is as long as a sector; the last sector may be cut short.
    sectors = [data[start : start + size] for start in range(size, len(data), size)]
    n_entries, n_tables, first_entry = struct.unpack_from("<3I", data, 40)
    first_small, n_small, first_more = struct.unpack_from("<3I", data, 60)
    if max(n_entries, n_tables, n_small) > len(sectors):
        raise _build_size_error()
    table = _read_sector_table(data, sectors, first_more)
    entries = _join_chain(sectors, table, first_entry, n_entries * size)
    small = _read_small_sectors(sectors, table, entries, first_small, n_small * size)
    for offset in range(0, len(entries) - 127, 128):
        name = entries[offset : offset + 64].decode("utf-16-le", "replace").partition("\0")[0]
        if name in {"Workbook", "Book"}:
            first, length = struct.unpack_from("<2I", entries, offset + 116)
            if length > len(data):
                raise _build_size_error()
            chain_sectors, chain_table = small if length < _SHORT_STREAM else (sectors, table)
            yield _join_chain(chain_sectors, chain_table, first, length)


def _read_small_sectors(
    sectors: Sequence[bytes], table: Sequence[int], entries: bytes, first: int, length: int
) -> tuple[Sequence[bytes], Sequence[int]]:
    """The small sectors, which hold short streams, and for each one which one follows."""
    if not length:
        return (), ()
    first_body, length_body = struct.unpack_from("<2I", entries, 116)
    body = _join_chain(sectors, table, first_body, length_body)
    small = [body[start : start + 64] for start in range(0, len(body), 64)]
    return small, _unpack_numbers(_join_chain(sectors, table, first, length))


def _read_sector_table(data: bytes, sectors: Sequence[bytes], first_more: int) -> Sequence[int]:
    """For each sector, which one follows."""
    numbers = list(struct.unpack_from("<109I", data, 76))
    for _ in sectors:
        if first_more >= _FIRST_SPECIAL:
            break
        if first_more >= len(sectors):
            raise _build_size_error()
        numbers += _unpack_numbers(sectors[first_more])
        first_more = numbers.pop()
    numbers = [number for number in numbers if number < _FIRST_SPECIAL]
    if len(numbers) > len(sectors) or max(numbers, default=0) >= len(sectors):
        raise _build_size_error()
    return _unpack_numbers(b"".join(sectors[number] for number in numbers))


def _join_chain(sectors: Sequence[bytes], table: Sequence[int], first: int, length: int) -> bytes:
    """The bytes of a chain of sectors, cut to a length if there is one."""
    parts: list[bytes] = []
    while first != _END_OF_CHAIN:
        if len(parts) == len(sectors) or first >= min(len(sectors), len(table)):
            raise WorkbookDamagedError("its sectors are inconsistent")
        parts.append(sectors[first])
        first = table[first]
    joined = b"".join(parts)
    return joined[:length] if length else joined


def _unpack_numbers(part: bytes) -> Sequence[int]:
    return struct.unpack(f"<{len(part) // 4}I", part[: len(part) // 4 * 4])


def _build_size_error() -> WorkbookDamagedError:
    return WorkbookDamagedError("it announces more than it contains")
