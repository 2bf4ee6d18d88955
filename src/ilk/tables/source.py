"""Source: anything that yields Polars frames, and can be read twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol, TypeGuard

import polars as pl

from ilk.errors import Notice
from ilk.recipe import Reading
from ilk.tables.files import open_excel, open_json_lines, open_parquet, open_parquet_dataset
from ilk.tables.frames import FrameSource, open_frame
from ilk.tables.number_format import NumberFormat
from ilk.tables.parquet_dataset import is_dataset
from ilk.tables.rejects import Reject
from ilk.tables.spark.source import is_spark_object, open_spark
from ilk.tables.text.source import TextSource

_OPENERS: dict[str, Callable[[Path, Reading], FrameSource]] = {
    ".parquet": open_parquet,
    ".pq": open_parquet,
    ".xlsx": open_excel,
    ".xlsm": open_excel,
    ".xlsb": open_excel,
    ".xls": open_excel,
    ".ods": open_excel,
    ".jsonl": open_json_lines,
    ".ndjson": open_json_lines,
    ".json": open_json_lines,
}


class Source(Protocol):
    """A table of customers that can be read again and again with the same result.

    Text files yield text only; other sources keep the types they have. The rows of all frames and
    the rejects together are the rows of the table, but for those that are left out as asked.
    """

    @property
    def name(self) -> str:
        """Name for messages."""

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Columns in the order read, with their types."""

    @property
    def number_format(self) -> NumberFormat:
        """How numbers are written where they are text."""

    @property
    def read_details(self) -> dict[str, str]:
        """How the table was read (encoding, delimiter and so on), in words, with reasons."""

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What the user should know."""

    @property
    def rejects(self) -> tuple[Reject, ...]:
        """Rows that could not be read."""

    @property
    def n_excluded(self) -> int:
        """Rows left out as asked; they come neither with the frames nor with the rejects."""

    def iter_frames(self) -> Iterator[pl.DataFrame]:
        """Yield the rows in order, in frames of at most 100,000."""

    def fingerprint(self) -> str:
        """SHA-256 of the content."""


def open_source(source: object, reading: Reading = Reading()) -> Source:  # noqa: B008
    """Open a file or a table of customers; the ending of its name tells the kind of file.

    Parameters
    ----------
    source : str, Path, Source, or a pandas, Polars, PyArrow or Spark table
        Files: Parquet, Excel, JSON lines; every other name is taken for text such as CSV, plain
        or gzipped. A folder, or a pattern such as ``sales/*.parquet``, stands for all Parquet
        files in it as one table. A :class:`Source` is returned as it is.
    reading : Reading
        How to read text; what is not given is detected.

    Raises
    ------
    InputError
        When the data cannot be read; the code tells why.
    UsageError
        When the source is no table, or a part that reads it is not installed.

    Examples
    --------
    >>> source = open_source(pl.DataFrame({"id": ["007", "008"], "spend": [1.5, 2.0]}))
    >>> [frame.height for frame in source.iter_frames()]
    [2]
    """
    if _is_source(source):
        return source
    if is_spark_object(source):
        return open_spark(source, reading=reading)
    if not isinstance(source, str | Path):
        return open_frame(source, reading)
    path = Path(source)
    if is_dataset(path):
        return open_parquet_dataset(path, reading)
    suffix = Path(path.name.lower().removesuffix(".gz")).suffix
    return _OPENERS.get(suffix, TextSource)(path, reading)


def estimate_rows(source: Source) -> int | None:
    """How many rows a source will yield, roughly, as far as that is known before it is read.

    Examples
    --------
    >>> estimate_rows(open_source(pl.DataFrame({"x": [1, 2, 3]})))
    3
    """
    tell = getattr(source, "estimate_rows", None)
    return tell() if callable(tell) else None


def _is_source(value: object) -> TypeGuard[Source]:
    """Tell a source by two of its verbs; a table may have a column, but no method, called so."""
    return all(callable(getattr(value, verb, None)) for verb in ("iter_frames", "fingerprint"))
