"""Typed files: Parquet, Excel and JSON Lines, whose columns keep their types."""

from __future__ import annotations

import glob
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from polars.exceptions import PanicException, PolarsError

from ilk.errors import InputError, UsageError, format_place, shorten, suggest_name
from ilk.recipe import Reading
from ilk.tables import file_bytes
from ilk.tables.file_guard import FileGuard
from ilk.tables.frames import BATCH_ROWS, FrameSource
from ilk.tables.header import (
    build_preamble_notices,
    count_preamble_rows,
    describe_header_position,
    read_header,
)
from ilk.tables.parquet_dataset import (
    check_same_schema,
    find_largest_row_group,
    find_part_files,
    find_partition_keys,
    find_root,
)
from ilk.tables.workbook_size.check import check_workbook_size

if TYPE_CHECKING:
    import fastexcel

_HEADER_SEARCH_ROWS = 1_000
"""Rows of a sheet in which the column names are searched."""

MAX_CELLS_AT_ONCE = 1 << 25
"""Cells of a row group that may be read at once: 256 MB of numbers."""


class _ParquetSource(FrameSource):
    """Parquet files, read in parts that fit in memory; the rows must be as many as announced."""

    def __init__(
        self,
        frame: pl.LazyFrame,
        file_guard: FileGuard,
        *,
        name: str,
        read_details: dict[str, str],
        reading: Reading,
        max_cells_at_once: int = MAX_CELLS_AT_ONCE,
    ) -> None:
        self._parquet_files = file_guard
        self._max_cells_at_once = max_cells_at_once
        super().__init__(
            frame, name=name, read_details=read_details, reading=reading, file_guard=file_guard
        )

    def estimate_rows(self) -> int:
        """The number of rows by the metadata of the files."""
        n_rows = self._translate_errors(self._frame.lazy().select(pl.len()).collect)
        return int(n_rows.item())

    def iter_frames(self) -> Iterator[pl.DataFrame]:
        """Yield the rows in order, in frames of at most 100,000."""
        expected, n_rows = self.estimate_rows(), 0
        for frame in super().iter_frames():
            n_rows += frame.height
            yield frame
        # Polars may end early without an error where a file is inconsistent.
        if n_rows != expected:
            reason = f"it announces {expected:,} rows and contains {n_rows:,}"
            raise file_bytes.build_damaged_error(
                self._parquet_files.place, self.read_details["format"], reason
            )

    def _iter_batches(self, frame: pl.LazyFrame) -> Iterator[pl.DataFrame]:
        max_rows = max(1, self._max_cells_at_once // len(self.schema))
        if all(_has_small_row_groups(path, max_rows) for path in self._parquet_files.paths):
            yield from super()._iter_batches(frame)
            return
        step = max(BATCH_ROWS, max_rows // 4)
        for start in range(0, self.estimate_rows(), step):
            part = frame.slice(start, step).collect(engine="streaming")
            if part.is_empty():
                return
            yield part


def _has_small_row_groups(path: Path, max_rows: int) -> bool:
    """Whether every row group is small enough to be read at once."""
    rows = find_largest_row_group(path)
    return rows is not None and rows <= max_rows


def open_parquet(
    path: Path,
    reading: Reading = Reading(),  # noqa: B008
    *,
    max_cells_at_once: int = MAX_CELLS_AT_ONCE,
) -> FrameSource:
    """Open a Parquet file.

    Raises
    ------
    InputError
        ``E_INPUT_OPEN``, ``E_EMPTY_FILE``, ``E_INPUT_DAMAGED``, ``E_NO_ROWS``.
    """
    file_bytes.check_file(path)
    guard = FileGuard(path)
    frame = pl.scan_parquet(path, glob=False)
    details = {"format": "Parquet file"}
    return _ParquetSource(
        frame,
        guard,
        name=path.name,
        read_details=details,
        reading=reading,
        max_cells_at_once=max_cells_at_once,
    )


def open_parquet_dataset(path: Path, reading: Reading = Reading()) -> FrameSource:  # noqa: B008
    """Open all Parquet files of a folder or of a pattern of names, ordered by name.

    Folders named like ``region=north`` make a column ``region``.

    Raises
    ------
    InputError
        Also ``E_PARTS_DIFFER`` when they do not have the same columns, ``E_MANY_FILES`` when there
        are text files instead.
    """
    guard = FileGuard(path, find_part_files(path))
    for file in guard.paths:
        file_bytes.check_file(file)
    keys = find_partition_keys(guard.paths, find_root(path))
    check_same_schema({file: _read_parquet_schema(file) for file in guard.paths})
    frame = pl.scan_parquet(
        list(guard.paths),
        glob=False,
        hive_partitioning=bool(keys),
        hive_schema=dict.fromkeys(keys, pl.String()) or None,
    )
    details = {
        "format": "Parquet table of several files",
        "files": f"{len(guard.paths):,}, in the order of their names",
    }
    name = path.name if path.is_dir() else str(path)
    return _ParquetSource(frame, guard, name=name, read_details=details, reading=reading)


def open_json_lines(path: Path, reading: Reading = Reading()) -> FrameSource:  # noqa: B008
    """Open a JSON Lines file: one object, which is one customer, per line.

    Raises
    ------
    InputError
        Also ``E_JSON_LINE`` with the number of the first line that is not an object.
    """
    file_bytes.check_file(path)
    guard = FileGuard(path)
    # The types are inferred from all lines, so that no late value has another type.
    # The name is escaped, because Polars would take [1] in it as a pattern of names.
    frame = pl.scan_ndjson(glob.escape(str(path)), infer_schema_length=None)
    try:
        frame.collect_schema()
    except PolarsError as error:
        raise _build_json_line_error(path, error) from error
    details = {"format": "JSON Lines file"}
    return FrameSource(
        frame, name=path.name, read_details=details, reading=reading, file_guard=guard
    )


def open_excel(path: Path, reading: Reading = Reading()) -> FrameSource:  # noqa: B008
    """Open one sheet of an Excel workbook: the first, or ``reading.sheet``.

    Raises
    ------
    UsageError
        ``E_MISSING_EXTRA`` without the extra ``excel``; ``E_SHEET`` for an unknown sheet.
    InputError
        As for text files; ``E_WORKBOOK_SIZE`` if it would take too much memory.
    """
    file_bytes.check_file(path)
    guard = FileGuard(path)
    with guard.ensure_unchanged():
        check_workbook_size(path)
        workbook = _open_workbook(path)
    sheet = _choose_sheet(workbook.sheet_names, reading.sheet, path)
    place = f"{path}, sheet '{sheet}'"
    rows = _read_first_rows(workbook, sheet)
    if not rows:
        raise file_bytes.build_no_rows_error(place)
    above = count_preamble_rows(list(rows.values()))
    header_row = list(rows)[above]
    # Types from all rows: from fewer, a word below them would be read as an empty cell.
    frame = workbook.load_sheet(
        sheet, header_row=None, skip_rows=header_row + 1, schema_sample_rows=None
    ).to_polars()
    if frame.is_empty():
        raise file_bytes.build_no_rows_error(place)
    filled = ["" if column.null_count() == len(column) else "x" for column in frame]
    header = read_header(rows[header_row], [filled], place=place)
    frame = frame.select(frame.columns[: len(header.names)])
    frame.columns = list(header.names)
    details = {
        "format": "Excel workbook",
        "sheet": f"'{sheet}': {'as specified,' if reading.sheet else 'the first'} of "
        f"{len(workbook.sheet_names)}",
        **describe_header_position(above),
    }
    return FrameSource(
        frame,
        name=path.name,
        read_details=details,
        reading=reading,
        file_guard=guard,
        notices=(*build_preamble_notices(list(rows.values())[:above]), *header.notices),
    )


def find_largest_sheet(path: Path) -> tuple[str, int]:
    """Find the sheet of a workbook with the most rows, and how many it has below the first."""
    workbook = _open_workbook(path)
    heights = {
        name: workbook.load_sheet(name, header_row=None).total_height
        for name in workbook.sheet_names
    }
    name = max(heights, key=lambda sheet: heights[sheet])
    return name, max(0, heights[name] - 1)


def _read_first_rows(workbook: fastexcel.ExcelReader, sheet: str) -> dict[int, list[str]]:
    """The first rows as text, by their number from 0, without empty rows."""
    # Without a number of rows to skip, empty rows at the top would not count.
    top = workbook.load_sheet(
        sheet, header_row=None, skip_rows=0, n_rows=_HEADER_SEARCH_ROWS, dtypes="string"
    )
    rows = ([cell or "" for cell in row] for row in top.to_polars().rows())
    return {number: row for number, row in enumerate(rows) if any(map(str.strip, row))}


def _read_parquet_schema(path: Path) -> dict[str, pl.DataType]:
    try:
        return dict(pl.read_parquet_schema(path))
    # Polars panics on some damaged files, which is not an ordinary exception.
    except (PolarsError, PanicException) as error:
        raise file_bytes.build_damaged_error(path, "Parquet file", error) from error


def _open_workbook(path: Path) -> fastexcel.ExcelReader:
    try:
        import fastexcel
    except ImportError as error:
        raise UsageError(
            "E_MISSING_EXTRA",
            "reading Excel workbooks needs a library that is not installed",
            place=str(path),
            way_out="Run pip install 'ilk[excel]', or save the sheet as CSV.",
        ) from error
    # It logs every column without values, about which ilk has its own notice.
    logging.getLogger("fastexcel.types.dtype").setLevel(logging.ERROR)
    try:
        return fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        raise file_bytes.build_damaged_error(path, "Excel workbook", error) from error


def _choose_sheet(names: list[str], wanted: str | None, path: Path) -> str:
    if wanted is None:
        return names[0]
    if wanted not in names:
        raise UsageError(
            "E_SHEET",
            f"there is no sheet named {shorten(wanted)}",
            place=str(path),
            way_out=suggest_name(wanted, names),
        )
    return wanted


def _build_json_line_error(path: Path, error: PolarsError) -> InputError:
    """Build the error with the line at fault, which Polars does not name."""
    text = b"".join(file_bytes.read_chunks(path))
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not _is_json_object(line):
            return InputError(
                "E_JSON_LINE",
                "the line is not a single JSON object",
                place=format_place(path, line=number),
                way_out="Write one object in braces per line, without a list around them.",
            )
    return file_bytes.build_damaged_error(path, "JSON Lines file", error)


def _is_json_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
