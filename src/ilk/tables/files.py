"""Typed files: Parquet, Excel and JSON lines; their columns keep the types they have."""

from __future__ import annotations

import glob
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from polars.exceptions import PolarsError

from ilk.errors import InputError, UsageError, did_you_mean, shorten
from ilk.recipe import Reading
from ilk.tables import raw
from ilk.tables.frames import FrameSource
from ilk.tables.header import read_header

if TYPE_CHECKING:
    import fastexcel


def parquet_source(path: Path, reading: Reading = Reading()) -> FrameSource:  # noqa: B008
    """Source of a Parquet file.

    Raises
    ------
    InputError
        ``E_INPUT_OPEN``, ``E_EMPTY_FILE``, ``E_INPUT_DAMAGED``, ``E_NO_ROWS``.
    """
    raw.check_file(path)
    frame = pl.scan_parquet(path, glob=False)
    facts = {"format": "Parquet file"}
    return FrameSource(frame, name=path.name, facts=facts, reading=reading, path=path)


def json_source(path: Path, reading: Reading = Reading()) -> FrameSource:  # noqa: B008
    """Source of a file of JSON lines: one object, which is one customer, a line.

    Raises
    ------
    InputError
        Also ``E_JSON_LINE`` with the number of the first line that is no object.
    """
    raw.check_file(path)
    # All lines are looked at for the types, so that no late value is met unprepared.
    # The name is escaped because Polars would take [1] in it for a pattern of names.
    frame = pl.scan_ndjson(glob.escape(str(path)), infer_schema_length=None)
    try:
        frame.collect_schema()
    except PolarsError as error:
        raise _bad_line(path, error) from error
    facts = {"format": "file of JSON lines"}
    return FrameSource(frame, name=path.name, facts=facts, reading=reading, path=path)


def excel_source(path: Path, reading: Reading = Reading()) -> FrameSource:  # noqa: B008
    """Source of one sheet of an Excel workbook: the first, or ``reading.sheet``.

    Raises
    ------
    UsageError
        ``E_MISSING_EXTRA`` without the extra ``excel``; ``E_SHEET`` for an unknown sheet.
    InputError
        As for text files.
    """
    raw.check_file(path)
    workbook = _workbook(path)
    sheet = _sheet_name(workbook.sheet_names, reading.sheet, path)
    place = f"{path}, sheet '{sheet}'"
    # Types from all rows: from fewer, a word below them would be read as an empty cell.
    frame = workbook.load_sheet(sheet, schema_sample_rows=None).to_polars()
    if frame.is_empty():
        raise raw.no_rows(place)
    top = workbook.load_sheet(sheet, header_row=None, n_rows=1, dtypes="string").to_polars()
    filled = ["" if column.null_count() == len(column) else "x" for column in frame]
    header = read_header([cell or "" for cell in top.row(0)], [filled], place=place)
    frame = frame.select(frame.columns[: len(header.names)])
    frame.columns = list(header.names)
    facts = {
        "format": "Excel workbook",
        "sheet": f"'{sheet}': {'given' if reading.sheet else 'the first'} of "
        f"{len(workbook.sheet_names)}",
    }
    return FrameSource(
        frame, name=path.name, facts=facts, reading=reading, path=path, notices=header.notices
    )


def _workbook(path: Path) -> fastexcel.ExcelReader:
    try:
        import fastexcel
    except ImportError as error:
        raise UsageError(
            "E_MISSING_EXTRA",
            "Excel workbooks need a library that is not installed",
            place=str(path),
            way_out="Run pip install 'ilk[excel]', or save the sheet as CSV.",
        ) from error
    # It logs every column without values, which a notice of ours says better.
    logging.getLogger("fastexcel.types.dtype").setLevel(logging.ERROR)
    try:
        return fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        raise raw.damaged(path, "Excel workbook", error) from error


def _sheet_name(names: list[str], wanted: str | None, path: Path) -> str:
    if wanted is None:
        return names[0]
    if wanted not in names:
        raise UsageError(
            "E_SHEET",
            f"there is no sheet called {shorten(wanted)}",
            place=str(path),
            way_out=did_you_mean(wanted, names),
        )
    return wanted


def _bad_line(path: Path, error: PolarsError) -> InputError:
    """Find the line at which Polars stumbled; it tells none itself."""
    rest = b"".join(raw.chunks(path))
    for number, line in enumerate(rest.splitlines(), start=1):
        if line.strip() and not _is_object(line):
            return InputError(
                "E_JSON_LINE",
                "the line is not one JSON object",
                place=f"{path}, line {number}",
                way_out="Write one object in braces on every line, without a list around them.",
            )
    return raw.damaged(path, "file of JSON lines", error)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
