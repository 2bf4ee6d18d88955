"""How far the cells of an old workbook (xls) reach: [MS-CFB] holds a stream of [MS-XLS] records."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from ilk.tables.extent import DamagedError, Extent

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_NO_SECTOR, _END_OF_CHAIN = 0xFFFFFFFA, 0xFFFFFFFE
"""Numbers from the first of them on stand for no sector."""

_SMALL = 4096
"""Bytes from which on a stream has sectors of its own."""

_SHEET, _TEXTS, _END, _DIMENSIONS, _MANY = 0x0085, 0x00FC, 0x000A, 0x0200, 0x00BD
_CELLS = frozenset({0x0006, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E, _MANY})
"""Kinds of records of cells with a value; each begins with its row and column."""


def measure_xls(data: bytes, most_cells: int) -> None:
    """Hold the sheets of an old workbook against a limit.

    Parameters
    ----------
    data : bytes
        The file.
    most_cells : int
        Cells that a sheet may have, from A1 to the farthest row and column with a value.

    Raises
    ------
    TooLargeError, DamagedError
    """
    try:
        for stream in _find_streams(data):
            _measure_stream(stream, most_cells)
    except struct.error as error:
        raise DamagedError("it breaks off") from error


def _measure_stream(stream: bytes, most_cells: int) -> None:
    texts = 0
    starts: list[int] = []
    for kind, data in _read_records(stream):
        if kind == _SHEET:
            starts.append(*struct.unpack_from("<I", data))
        elif kind == _TEXTS:
            (texts,) = struct.unpack_from("<4xI", data)
    # Memory is set aside for the texts that are promised, and each one takes three bytes at least.
    if texts > len(stream):
        raise DamagedError(f"it promises {texts:,} texts in {len(stream):,} bytes")
    # Sheets that share their records would be read again and again.
    work = Extent(most_cells)
    for start in starts:
        if start > len(stream):
            raise _broken_promise()
        _measure_sheet(stream, start, Extent(most_cells), work)


def _measure_sheet(stream: bytes, start: int, extent: Extent, work: Extent) -> None:
    for kind, data in _read_records(stream, start):
        work.count(1)
        if kind == _DIMENSIONS:
            # Memory is set aside for it, even if there are no such cells.
            narrow = len(data) < 14
            top, bottom, left, right = struct.unpack_from("<4H" if narrow else "<2I2H", data)
            if bottom < top or right < left:
                raise DamagedError("a sheet ends before it begins")
            extent.reach(bottom, right)
        elif kind in _CELLS:
            row, column = struct.unpack_from("<2H", data)
            (last,) = struct.unpack_from("<H", data, len(data) - 2) if kind == _MANY else (column,)
            extent.reach(row + 1, last + 1)


def _read_records(stream: bytes, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """Kind and data of the records up to the one that says that there are no more."""
    while start + 4 <= len(stream):
        kind, size = struct.unpack_from("<2H", stream, start)
        if kind == _END:
            return
        yield kind, stream[start + 4 : start + 4 + size]
        start += 4 + size


def _find_streams(data: bytes) -> Iterator[bytes]:
    """The streams in which the file may hold its workbook."""
    (shift,) = struct.unpack_from("<H", data, 30)
    if shift not in {9, 12}:
        raise DamagedError(f"its sectors have 2^{shift} bytes")
    size = 1 << shift
    # The header is as long as a sector; the last sector may be cut short.
    sectors = [data[start : start + size] for start in range(size, len(data), size)]
    n_entries, n_tables, first_entry = struct.unpack_from("<3I", data, 40)
    first_small, n_small, first_more = struct.unpack_from("<3I", data, 60)
    if max(n_entries, n_tables, n_small) > len(sectors):
        raise _broken_promise()
    table = _read_table(data, sectors, first_more)
    entries = _join_chain(sectors, table, first_entry, n_entries * size)
    small, small_table = _read_small(sectors, table, entries, first_small, n_small * size)
    for place in range(0, len(entries) - 127, 128):
        name = entries[place : place + 64].decode("utf-16-le", "replace").partition("\0")[0]
        if name in {"Workbook", "Book"}:
            first, length = struct.unpack_from("<2I", entries, place + 116)
            if length > len(data):
                raise _broken_promise()
            where = (small, small_table) if length < _SMALL else (sectors, table)
            yield _join_chain(*where, first, length)


def _read_small(
    sectors: Sequence[bytes], table: Sequence[int], entries: bytes, first: int, length: int
) -> tuple[Sequence[bytes], Sequence[int]]:
    """The small sectors, which hold short streams, and which of them follows which one."""
    if not length:
        return (), ()
    first_body, length_body = struct.unpack_from("<2I", entries, 116)
    body = _join_chain(sectors, table, first_body, length_body)
    small = [body[start : start + 64] for start in range(0, len(body), 64)]
    return small, _as_numbers(_join_chain(sectors, table, first, length))


def _read_table(data: bytes, sectors: Sequence[bytes], more: int) -> Sequence[int]:
    """Which sector follows which one."""
    numbers = list(struct.unpack_from("<109I", data, 76))
    for _ in sectors:
        if more >= _NO_SECTOR:
            break
        if more >= len(sectors):
            raise _broken_promise()
        numbers += _as_numbers(sectors[more])
        more = numbers.pop()
    numbers = [number for number in numbers if number < _NO_SECTOR]
    if len(numbers) > len(sectors) or max(numbers, default=0) >= len(sectors):
        raise _broken_promise()
    return _as_numbers(b"".join(sectors[number] for number in numbers))


def _join_chain(sectors: Sequence[bytes], table: Sequence[int], first: int, length: int) -> bytes:
    """The bytes of a chain of sectors, cut to a length if there is one."""
    parts: list[bytes] = []
    while first != _END_OF_CHAIN:
        if len(parts) == len(sectors) or first >= min(len(sectors), len(table)):
            raise DamagedError("its sectors do not hang together")
        parts.append(sectors[first])
        first = table[first]
    joined = b"".join(parts)
    return joined[:length] if length else joined


def _as_numbers(part: bytes) -> Sequence[int]:
    return struct.unpack(f"<{len(part) // 4}I", part[: len(part) // 4 * 4])


def _broken_promise() -> DamagedError:
    return DamagedError("it promises more than it holds")
