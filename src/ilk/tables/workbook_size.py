"""How much memory a workbook would take, found out before anything parses it.

The library that reads workbooks sets aside memory for every cell from the first one to the farthest
one that has a value, so a file of 1 kB can ask for hundreds of gigabytes, which ends the process.
What a sheet says about its own size (``<dimension>``) may be wrong or missing; the cells tell.
"""

from __future__ import annotations

import copy
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import reduce
from pathlib import Path
from typing import BinaryIO, cast
from xml.parsers import expat

from ilk.errors import shorten
from ilk.tables import raw
from ilk.tables.extent import MAX_CELLS, DamagedError, Extent, TooLargeError
from ilk.tables.xls_size import MAGIC, measure_xls

MAX_BYTES = 1 << 30
"""Bytes that a workbook may have unpacked: a sheet of a million rows and 25 columns has as many."""

_CELL = re.compile(
    rb"""[<:]c(?: r="([A-Z]{1,3})([0-9]{1,7})"|[ \t\r\n/>](?=.{15}))""", flags=re.DOTALL
)
"""How a cell begins: with its reference, as nearly all programs write it, or otherwise."""

_HEAD = 17
"""Bytes of the longest such beginning, which the end of a block may cut: ``<c r="XFD1048576"``."""

_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_VALUES = frozenset({"v", "is"})
_ODS_CELLS = frozenset({"table-cell", "covered-table-cell"})
_ODS_VALUES = frozenset(
    {"value", "string-value", "date-value", "time-value", "boolean-value", "value-type", "formula"}
)


def check_workbook(path: Path, *, most_cells: int = MAX_CELLS, most_bytes: int = MAX_BYTES) -> None:
    """Refuse a workbook that would take too much memory.

    All its sheets are looked at: it depends on the kind of the workbook which of them are read.

    Parameters
    ----------
    path : Path
        A workbook of any kind: xlsx, xlsm, xlsb, ods or xls.
    most_cells : int
        Cells that a sheet may have, from A1 to the farthest row and column with a value.
    most_bytes : int
        Bytes that the workbook may have unpacked.

    Raises
    ------
    InputError
        ``E_WORKBOOK_SIZE``, or ``E_INPUT_DAMAGED`` if its parts cannot be looked at.
    """
    try:
        with path.open("rb") as file:
            is_xls = file.read(len(MAGIC)) == MAGIC
        # The zip archive may begin anywhere in a file, so it may be hidden behind another one.
        if zipfile.is_zipfile(path):
            _check_archive(path, most_cells, most_bytes)
        elif not is_xls:
            raise DamagedError("it is not a workbook")
        if is_xls:
            measure_xls(path.read_bytes(), most_cells)
    except TooLargeError as error:
        raise raw.too_large_workbook(path, str(error)) from error
    except DamagedError as error:
        raise raw.damaged(path, "Excel workbook", error) from error


def _check_archive(path: Path, most_cells: int, most_bytes: int) -> None:
    left = most_bytes
    with _telling_damage(), zipfile.ZipFile(path) as archive:
        is_xlsb = any(name.lower() == "xl/workbook.bin" for name in archive.namelist())
        for part in archive.infolist():
            # The size that is promised may be a lie: read on until the data ends.
            endless = copy.copy(part)
            endless.file_size = 1 << 62

            def open_part(info: zipfile.ZipInfo = endless) -> BinaryIO:
                return io.BufferedReader(cast("io.RawIOBase", archive.open(info)))

            extent = Extent(most_cells, f"part {shorten(part.filename)}: ")
            size = None if part.file_size > left else _measure_xml(open_part, extent, left)
            if size is None:
                raise TooLargeError(f"the workbook unpacks to more than {most_bytes:,} bytes")
            left -= size
            if is_xlsb:
                with open_part() as stream:
                    _measure_records(stream, extent)


@contextmanager
def _telling_damage() -> Iterator[None]:
    """Whatever goes wrong with an archive or its XML, as one error."""
    try:
        yield
    except (
        zipfile.BadZipFile,
        zlib.error,
        expat.ExpatError,
        EOFError,
        ValueError,
        # What zipfile raises for an unknown compression and for a password.
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise DamagedError(str(error)) from error


def _measure_xml(open_part: Callable[[], BinaryIO], extent: Extent, most: int) -> int | None:
    """Measure a part that may be a sheet in XML; its size in bytes, unless that is too large.

    Cells as nearly all programs write them are read fast, without telling empty ones. Where that
    is not enough, the sheet is parsed.
    """
    size = texts = rows = columns = 0
    usual, is_sheet, is_ods = True, False, False
    with open_part() as stream:
        for block in _read_blocks(stream):
            size += len(block) - _HEAD
            if size > most + _HEAD:
                return None
            # From two bytes before the new ones: what was counted is not counted again.
            texts += block.count(b"<si", _HEAD - 2) + block.count(b":si", _HEAD - 2)
            is_sheet = is_sheet or b"sheetData" in block
            is_ods = is_ods or b"table:table-cell" in block
            farthest = _measure_block(block)
            usual = usual and farthest is not None
            rows, columns = map(max, (rows, columns), farthest or (0, 0))
    extent.count(texts)
    if is_ods or (is_sheet and not (usual and extent.holds(rows, columns))):
        with open_part() as stream:
            _parse(stream, extent)
    return size - _HEAD


def _read_blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Blocks of a part, each with the last bytes of the one before; blanks begin and end it."""
    rest = b" " * _HEAD
    while chunk := stream.read(raw.CHUNK):
        yield rest + chunk
        rest = (rest + chunk)[-_HEAD:]
    yield rest + b" " * _HEAD


def _measure_block(block: bytes) -> tuple[int, int] | None:
    """The farthest row and column of the cells in a block; those cut off by its end come next time.

    ``None`` when there is a cell that does not begin with its reference.

    Examples
    --------
    >>> _measure_block(b'<c r="A7"><v>1</v></c><c r="AB3"/>')
    (7, 28)
    >>> _measure_block(b"<c><v>1</v></c></row></sheetData>")
    """
    cells = _CELL.findall(block)
    letters, digits = map(set, zip(*cells, strict=True)) if cells else ({b"A"}, {b"0"})
    if b"" in letters:
        return None
    return max(map(int, digits)), max(map(_read_column, letters))


def _parse(stream: BinaryIO, extent: Extent) -> None:
    """Measure a sheet exactly, whichever way it is written."""
    sheet = _Sheet(extent)
    parser = expat.ParserCreate()
    parser.StartElementHandler = sheet.start
    parser.EndElementHandler = sheet.end
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.ParseFile(stream)


def _refuse_doctype(*_: object) -> None:
    raise DamagedError("a part of it declares a document type")


class _Sheet:
    """A walk through the elements of a sheet, of Excel's kind or of OpenDocument's.

    Cells without a value count only where the library that reads workbooks writes them out.
    """

    def __init__(self, extent: Extent) -> None:
        self._extent = extent
        self._row = self._column = self._repeats = self._waiting = self._filled = 0
        self._cell = 0, 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""
        name = tag.rpartition(":")[2]
        if name == "c":
            self._cell = self._row, self._column
            if reference := attributes.get("r"):
                # The row of a reference is that of its cell alone, the column counts on.
                self._cell = _read_reference(reference)
                self._column = self._cell[1]
        elif name in _VALUES:
            self._extent.reach(self._cell[0] + 1, self._cell[1] + 1)
        elif name == "row":
            self._row = int(attributes.get("r", self._row + 1)) - 1
        elif name in _ODS_CELLS or name in {"table-row", "table", "s"}:
            self._start_ods(name, {key.rpartition(":")[2]: attributes[key] for key in attributes})

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        name = tag.rpartition(":")[2]
        if name == "c":
            self._column += 1
        elif name == "row":
            self._row, self._column = self._row + 1, 0
        elif name == "table-row":
            self._row += self._repeats
            if self._filled:
                self._extent.reach(self._row, self._filled)
            self._extent.count(self._column)

    def _start_ods(self, name: str, attributes: dict[str, str]) -> None:
        if name == "s":
            self._extent.count(int(attributes.get("c", 1)))
        elif name == "table":
            self._row = 0
        elif name == "table-row":
            self._repeats = int(attributes.get("number-rows-repeated", 1))
            self._column = self._waiting = self._filled = 0
        else:
            repeats = int(attributes.get("number-columns-repeated", 1))
            self._column += self._waiting
            self._waiting = repeats
            if _ODS_VALUES & attributes.keys():
                self._column += repeats
                self._waiting, self._filled = 0, self._column


def _read_reference(reference: str) -> tuple[int, int]:
    """Row and column from 0.

    Examples
    --------
    >>> _read_reference("AB3")
    (2, 27)
    """
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise DamagedError(f"there is no cell {shorten(reference)}")
    return int(match[2]) - 1, _read_column(match[1].upper().encode()) - 1


def _read_column(letters: bytes) -> int:
    """The number of a column from 1; bytes are numbers, and ``A`` is 65."""
    return reduce(lambda number, letter: number * 26 + letter - 64, letters, 0)


def _measure_records(stream: BinaryIO, extent: Extent) -> None:
    """Measure a part that may be a sheet of a binary workbook (xlsb)."""
    row, in_cells = 0, False
    while first := stream.read(1):
        kind = _read_varint(first, stream, 2)
        data = stream.read(_read_varint(stream.read(1), stream, 4))
        if kind in {_BEGIN_CELLS, _END_CELLS}:
            in_cells = kind == _BEGIN_CELLS
        elif in_cells and kind == _ROW:
            row = int.from_bytes(data[:4], "little")
        elif in_cells and kind in _CELLS:
            extent.reach(row + 1, int.from_bytes(data[:4], "little") + 1)


_ROW, _CELLS, _BEGIN_CELLS, _END_CELLS = 0, range(2, 12), 0x91, 0x92
"""Kinds of records in [MS-XLSB] 2.3; kind 1 is a cell without a value."""


def _read_varint(first: bytes, stream: BinaryIO, most: int) -> int:
    """A number whose bytes hold seven bits each, and say by the eighth that another one follows."""
    value, byte, place = 0, first, 0
    while byte:
        value |= (byte[0] & 0x7F) << (7 * place)
        place += 1
        if byte[0] < 0x80 or place == most:
            break
        byte = stream.read(1)
    return value
