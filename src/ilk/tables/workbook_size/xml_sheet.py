"""The extent of the cells of a sheet in XML, in whichever way it is written."""

from __future__ import annotations

import re
from functools import reduce
from typing import BinaryIO
from xml.parsers import expat

from ilk.errors import shorten
from ilk.tables.workbook_size.extent import SheetExtent, WorkbookDamagedError

_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_XLSX_VALUES = frozenset({"v", "is"})
_ODS_CELLS = frozenset({"table-cell", "covered-table-cell"})
_ODS_VALUES = frozenset(
    {"value", "string-value", "date-value", "time-value", "boolean-value", "value-type", "formula"}
)


def measure_xml_sheet(stream: BinaryIO, extent: SheetExtent) -> None:
    """Measure a sheet exactly, of Excel's kind (xlsx) or of OpenDocument's (ods)."""
    sheet = _SheetHandler(extent)
    parser = expat.ParserCreate()
    parser.StartElementHandler = sheet.start_element
    parser.EndElementHandler = sheet.end_element
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.ParseFile(stream)


def parse_column(letters: bytes) -> int:
    """The number of a column from 1; bytes are numbers, and ``A`` is 65.

    Examples
    --------
    >>> parse_column(b"AB")
    28
    """
    return reduce(lambda number, letter: number * 26 + letter - 64, letters, 0)


def _refuse_doctype(*_: object) -> None:
    raise WorkbookDamagedError("a part of it declares a document type")


class _SheetHandler:
    """Handles the elements of a sheet one after the other.

    Cells without a value count only where the library that reads workbooks allocates memory for
    them: in the middle of a row of OpenDocument.
    """

    def __init__(self, extent: SheetExtent) -> None:
        self._extent = extent
        self._row = self._column = 0
        self._cell = 0, 0
        # Of OpenDocument: how often the row is repeated, how many cells the latest empty ones
        # stand for, and the last column with a value.
        self._row_repeats = self._pending_cells = self._last_filled = 0

    def start_element(self, tag: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element."""
        name = tag.rpartition(":")[2]
        if name == "c":
            self._cell = self._row, self._column
            if reference := attributes.get("r"):
                # The row of a reference is that of its cell alone, the column counts on.
                self._cell = _parse_reference(reference)
                self._column = self._cell[1]
        elif name in _XLSX_VALUES:
            self._extent.add_cell(self._cell[0] + 1, self._cell[1] + 1)
        elif name == "row":
            self._row = int(attributes.get("r", self._row + 1)) - 1
        elif name in _ODS_CELLS or name in {"table-row", "table", "s"}:
            without_prefix = {key.rpartition(":")[2]: attributes[key] for key in attributes}
            self._start_ods_element(name, without_prefix)

    def end_element(self, tag: str) -> None:
        """Handle the end of an element."""
        name = tag.rpartition(":")[2]
        if name == "c":
            self._column += 1
        elif name == "row":
            self._row, self._column = self._row + 1, 0
        elif name == "table-row":
            self._row += self._row_repeats
            if self._last_filled:
                self._extent.add_cell(self._row, self._last_filled)
            self._extent.count_cells(self._column)

    def _start_ods_element(self, name: str, attributes: dict[str, str]) -> None:
        if name == "s":
            self._extent.count_cells(int(attributes.get("c", 1)))
        elif name == "table":
            self._row = 0
        elif name == "table-row":
            self._row_repeats = int(attributes.get("number-rows-repeated", 1))
            self._column = self._pending_cells = self._last_filled = 0
        else:
            repeats = int(attributes.get("number-columns-repeated", 1))
            self._column += self._pending_cells
            self._pending_cells = repeats
            if _ODS_VALUES & attributes.keys():
                self._column += repeats
                self._pending_cells, self._last_filled = 0, self._column


def _parse_reference(reference: str) -> tuple[int, int]:
    """Row and column from 0.

    Examples
    --------
    >>> _parse_reference("AB3")
    (2, 27)
    """
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise WorkbookDamagedError(f"there is no cell {shorten(reference)}")
    return int(match[2]) - 1, parse_column(match[1].upper().encode()) - 1
