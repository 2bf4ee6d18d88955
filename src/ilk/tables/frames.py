"""Frames: tables that already have types, in memory or in a typed file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import PanicException, PolarsError

from ilk.errors import Notice
from ilk.recipe import Reading
from ilk.tables import file_bytes
from ilk.tables.base import FilteredSource, RowFilter, Source
from ilk.tables.convert import ConvertedTable, convert_table
from ilk.tables.file_guard import FileGuard
from ilk.tables.header import BLANK_NAME_NOTICE, make_blank_name
from ilk.tables.number_format import NumberFormat
from ilk.tables.rejects import Reject

BATCH_ROWS = 100_000
"""Most rows in a frame that a source yields."""


class FrameSource:
    """A typed table as a source; columns of lists, records or bytes are left out.

    Parameters
    ----------
    frame : pl.DataFrame or pl.LazyFrame
        The table. A lazy frame is collected again, in batches, in every pass.
    name : str
        Name for messages.
    read_details : dict
        How the table was read, in words.
    reading : Reading
        Decimal and thousands separators of numbers stored as text; what is not given shows in the
        first pass over the table.
    file_guard : FileGuard, optional
        The files behind the frame: their bytes make the fingerprint, and an error that Polars
        raises while reading them means that they are damaged.
    notices : sequence of Notice
        What the user should know.
    index : str, optional
        The column that names the rows.

    Raises
    ------
    InputError
        ``E_NO_ROWS``, ``E_DUPLICATE_COLUMN``; for files ``E_INPUT_DAMAGED``, and when they change
        ``E_INPUT_CHANGED``.
    """

    def __init__(
        self,
        frame: pl.DataFrame | pl.LazyFrame,
        *,
        name: str,
        read_details: dict[str, str],
        reading: Reading = Reading(),  # noqa: B008
        file_guard: FileGuard | None = None,
        notices: Sequence[Notice] = (),
        index: str | None = None,
    ) -> None:
        self.name = name
        self.index = index
        self.read_details = read_details
        self.number_format = _build_number_format(reading)
        self._file_guard = file_guard
        if isinstance(frame, pl.DataFrame):
            schema, first = frame.schema, frame
        else:
            schema = self._translate_errors(frame.collect_schema)
            first = self._translate_errors(frame.head(1).collect)
        if blanks := _name_blank_columns(schema):
            frame, schema = (
                frame.rename(blanks),
                pl.Schema({blanks.get(column, column): dtype for column, dtype in schema.items()}),
            )
        nested = [column for column, dtype in schema.items() if _is_nested(dtype)]
        self._frame = frame.drop(nested) if nested else frame
        self._schema = {column: schema[column] for column in schema if column not in nested}
        self.notices = (
            *notices,
            *(Notice("W_BLANK_NAME", BLANK_NAME_NOTICE, column=name) for name in blanks.values()),
            *map(_build_nested_notice, nested),
        )
        if not self._schema or first.is_empty():
            raise file_bytes.build_no_rows_error(file_guard.place if file_guard else name)

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Columns in their order, with their types."""
        return dict(self._schema)

    @property
    def rejects(self) -> tuple[Reject, ...]:
        """Always empty: a typed table has no row that cannot be read."""
        return ()

    @property
    def n_excluded(self) -> int:
        """Always 0: nothing is left out here."""
        return 0

    @property
    def paths(self) -> tuple[Path, ...]:
        """Files behind the table; none for a table in memory."""
        return self._file_guard.paths if self._file_guard else ()

    def estimate_rows(self) -> int | None:
        """How many rows there are, if that is known without reading them."""
        return self._frame.height if isinstance(self._frame, pl.DataFrame) else None

    def iter_frames(self) -> Iterator[pl.DataFrame]:
        """Yield the rows in order, in frames of at most 100,000."""
        if isinstance(self._frame, pl.DataFrame):
            yield from self._frame.iter_slices(BATCH_ROWS)
            return
        with self._file_guard.ensure_unchanged() if self._file_guard else nullcontext():
            batches = self._iter_batches(self._frame)
            while (batch := self._translate_errors(lambda: next(batches, None))) is not None:
                yield from batch.iter_slices(BATCH_ROWS)

    def filter_rows(self, row_filter: RowFilter) -> Source:
        """The same table without the rows that the filter drops."""
        return FilteredSource(self, row_filter)

    def _iter_batches(self, frame: pl.LazyFrame) -> Iterator[pl.DataFrame]:
        """The rows of a lazy frame in batches of any size."""
        return frame.collect_batches(chunk_size=BATCH_ROWS, maintain_order=True)

    def fingerprint(self) -> str:
        """SHA-256 of the files, or of the names, types and values of the rows in their order."""
        if self._file_guard is not None:
            return self._file_guard.fingerprint()
        digest = hashlib.sha256()
        for name, dtype in self._schema.items():
            digest.update(f"{name!r}:{dtype}\n".encode())
        for frame in self.iter_frames():
            # Null prints as nothing, an empty string as two quotes; floats print exactly.
            plain = frame.select(_cast_for_csv(*item) for item in self._schema.items())
            text = plain.write_csv(include_header=False)
            digest.update(text.encode())
        return digest.hexdigest()

    def _translate_errors(self, step: Callable[[], Any]) -> Any:
        try:
            return step()
        # Polars panics on some damaged files; its panic is no ordinary exception.
        except (PolarsError, PanicException) as error:
            if self._file_guard is None:
                raise
            raise file_bytes.build_damaged_error(
                self._file_guard.place, self.read_details["format"], error
            ) from error


def open_frame(
    table: object,
    reading: Reading = Reading(),  # noqa: B008
    *,
    name: str = "table",
) -> FrameSource:
    """Source of a table in memory: see :func:`ilk.tables.convert.convert_table`.

    Messages and the report call it ``name``.

    Raises
    ------
    UsageError
        ``E_SOURCE_TYPE`` for something that is no table.
    """
    if isinstance(table, pl.DataFrame | pl.LazyFrame):
        converted = ConvertedTable(table, "a Polars frame")
    else:
        converted = convert_table(table)
    return FrameSource(
        converted.frame,
        name=name,
        read_details={"format": converted.kind},
        reading=reading,
        index=converted.index,
    )


def _name_blank_columns(schema: Mapping[str, pl.DataType]) -> dict[str, str]:
    """Names for the columns that have none, by what stands there instead of one."""
    names: dict[str, str] = {}
    for number, column in enumerate(schema, start=1):
        if not column.strip():
            name = make_blank_name(number)
            while name in schema:
                name += "_"
            names[column] = name
    return names


def _build_number_format(reading: Reading) -> NumberFormat:
    decimal = reading.decimal or ("," if reading.thousands == "." else ".")
    is_assumed = reading.decimal is None and reading.thousands is None
    return NumberFormat(decimal, reading.thousands or "", is_assumed)


def _is_nested(dtype: pl.DataType) -> bool:
    return dtype.is_nested() or isinstance(dtype, pl.Binary | pl.Object)


def _build_nested_notice(column: str) -> Notice:
    return Notice("W_NESTED_COLUMN", "left out: it holds lists, records or bytes", column=column)


def _cast_for_csv(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.Duration):
        return column.cast(pl.Int64)
    return column.cast(pl.String) if isinstance(dtype, pl.Categorical | pl.Enum) else column
