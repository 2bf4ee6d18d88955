"""Refuses a workbook that would take too much memory, before it is opened.

The library that reads workbooks allocates memory for every cell from A1 to the last row and column
with a value. So a file of 1 kB can demand hundreds of gigabytes, which ends the process. The size
that a sheet gives for itself (``<dimension>``) may be wrong or missing, so its cells are measured.
"""

from __future__ import annotations

import copy
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast
from xml.parsers import expat

from ilk.errors import InputError, shorten
from ilk.tables import file_bytes
from ilk.tables.workbook_size.extent import (
    MAX_CELLS,
    SheetExtent,
    WorkbookDamagedError,
    WorkbookTooLargeError,
)
from ilk.tables.workbook_size.records import XLS_MAGIC, check_xls_size, measure_xlsb_part
from ilk.tables.workbook_size.xml_sheet import measure_xml_sheet, parse_column

MAX_BYTES = 1 << 30
"""Bytes that a workbook may have unpacked: as many as a sheet of a million rows and 25 columns."""

_CELL = re.compile(
    rb"""[<:]c(?: r="([A-Z]{1,3})([0-9]{1,7})"|[ \t\r\n/>](?=.{15}))""", flags=re.DOTALL
)
"""The beginning of a cell: with its reference, as nearly all programs write it, or without."""

_OVERLAP = 17
"""Bytes of the longest such beginning, ``<c r="XFD1048576"``, which a block may cut off."""


def check_workbook_size(
    path: Path, *, max_cells: int = MAX_CELLS, max_bytes: int = MAX_BYTES
) -> None:
    """Refuse a workbook that would take too much memory.

    All sheets are measured, as some kinds of workbooks are read completely.

    Parameters
    ----------
    path : Path
        A workbook of any kind: xlsx, xlsm, xlsb, ods or xls.
    max_cells : int
        Cells that a sheet may have, from A1 to the last row and column with a value.
    max_bytes : int
        Bytes that the workbook may have unpacked.

    Raises
    ------
    InputError
        ``E_WORKBOOK_SIZE``, or ``E_INPUT_DAMAGED`` if its parts cannot be measured.
    """
    try:
        with path.open("rb") as file:
            is_xls = file.read(len(XLS_MAGIC)) == XLS_MAGIC
        # A zip archive may begin anywhere in a file, so one may follow an old workbook.
        if zipfile.is_zipfile(path):
            _check_archive(path, max_cells, max_bytes)
        elif not is_xls:
            raise WorkbookDamagedError("it is not a workbook")
        if is_xls:
            check_xls_size(path.read_bytes(), max_cells)
    except WorkbookTooLargeError as error:
        raise InputError(
            "E_WORKBOOK_SIZE",
            str(error),
            place=str(path),
            way_out="Delete cells far below or beside the table, or save its sheet as CSV.",
        ) from error
    except WorkbookDamagedError as error:
        raise file_bytes.build_damaged_error(path, "Excel workbook", error) from error


def _check_archive(path: Path, max_cells: int, max_bytes: int) -> None:
    bytes_left = max_bytes
    with _translate_errors(), zipfile.ZipFile(path) as archive:
        is_xlsb = any(name.lower() == "xl/workbook.bin" for name in archive.namelist())
        for part in archive.infolist():
            # The size that the archive gives may be wrong: read until the data ends.
            unbounded_part = copy.copy(part)
            unbounded_part.file_size = 1 << 62

            def open_part(info: zipfile.ZipInfo = unbounded_part) -> BinaryIO:
                return io.BufferedReader(cast("io.RawIOBase", archive.open(info)))

            extent = SheetExtent(max_cells, f"part {shorten(part.filename)}: ")
            size = None
            if part.file_size <= bytes_left:
                size = _measure_xml_part(open_part, extent, bytes_left)
            if size is None:
                raise WorkbookTooLargeError(
                    f"the workbook unpacks to more than {max_bytes:,} bytes"
                )
            bytes_left -= size
            if is_xlsb:
                with open_part() as stream:
                    measure_xlsb_part(stream, extent)


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Turn all errors of an archive or its XML into one."""
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
        raise WorkbookDamagedError(str(error)) from error


def _measure_xml_part(
    open_part: Callable[[], BinaryIO], extent: SheetExtent, max_bytes: int
) -> int | None:
    """Measure a part that may be a sheet in XML; return its size in bytes, unless it is too large.

    A search for the usual form of a cell is fast, but counts empty cells too. Where it finds too
    many or a cell in another form, the sheet is parsed.
    """
    size = n_texts = n_rows = n_columns = 0
    is_usual_form, is_sheet, is_ods = True, False, False
    with open_part() as stream:
        for block in _read_blocks(stream):
            size += len(block) - _OVERLAP
            if size > max_bytes + _OVERLAP:
                return None
            # From two bytes before the new ones, so that nothing is counted twice.
            n_texts += block.count(b"<si", _OVERLAP - 2) + block.count(b":si", _OVERLAP - 2)
            is_sheet = is_sheet or b"sheetData" in block
            is_ods = is_ods or b"table:table-cell" in block
            farthest = _find_farthest_cell(block)
            is_usual_form = is_usual_form and farthest is not None
            n_rows, n_columns = map(max, (n_rows, n_columns), farthest or (0, 0))
    extent.count_cells(n_texts)
    if is_ods or (is_sheet and not (is_usual_form and extent.allows(n_rows, n_columns))):
        with open_part() as stream:
            measure_xml_sheet(stream, extent)
    return size - _OVERLAP


def _read_blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Blocks of a part, each with the last bytes of the one before; spaces begin and end it."""
    rest = b" " * _OVERLAP
    while chunk := stream.read(file_bytes.CHUNK_BYTES):
        yield rest + chunk
        rest = (rest + chunk)[-_OVERLAP:]
    yield rest + b" " * _OVERLAP


def _find_farthest_cell(block: bytes) -> tuple[int, int] | None:
    """The last row and column of the cells in a block; the next block has those that it cuts off.

    ``None`` if there is a cell that does not begin with its reference.

    Examples
    --------
    >>> _find_farthest_cell(b'<c r="A7"><v>1</v></c><c r="AB3"/>')
    (7, 28)
    >>> _find_farthest_cell(b"<c><v>1</v></c></row></sheetData>")
    """
    cells = _CELL.findall(block)
    letters, digits = map(set, zip(*cells, strict=True)) if cells else ({b"A"}, {b"0"})
    if b"" in letters:
        return None
    return max(map(int, digits)), max(map(parse_column, letters))
