"""Opening a table of customers: the kind of source that a file, a frame or a cluster needs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeGuard

from ilk.recipe import Reading
from ilk.tables.base import Source
from ilk.tables.file_bytes import check_file
from ilk.tables.files import open_excel, open_json_lines, open_parquet, open_parquet_dataset
from ilk.tables.frames import FrameSource, open_frame
from ilk.tables.joined import is_path_list, join_sources
from ilk.tables.parquet_dataset import find_part_files, is_dataset
from ilk.tables.streams import StreamFile, StreamSource, is_stream
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


def open_source(source: object, reading: Reading = Reading()) -> Source:  # noqa: B008
    """Open a file or a table of customers; the ending of a file's name says what kind it is.

    Parameters
    ----------
    source : str, Path, Source, open file, table, array or list
        A file may be Parquet, Excel or JSON lines; any other is read as text such as CSV, plain
        or gzipped. A folder, or a pattern such as ``sales/*.parquet``, is one table of all Parquet
        files in it, and a list of paths one of all files in the list. ``"-"`` is standard input;
        it, pipes and open files are read once and kept in a temporary file. A table may be one of
        pandas, Polars, PyArrow, DuckDB, Spark or NumPy, or a list of dicts. A
        :class:`~ilk.tables.base.Source` is returned as it is.
    reading : Reading
        How to read text; whatever is not given is detected.

    Raises
    ------
    InputError
        If the data cannot be read; the code says why.
    UsageError
        If the source is no table, or a library that reads it is not installed.

    Examples
    --------
    >>> import polars as pl
    >>> source = open_source(pl.DataFrame({"id": ["007", "008"], "spend": [1.5, 2.0]}))
    >>> [frame.height for frame in source.iter_frames()]
    [2]
    """
    if _is_source(source):
        return source
    if _is_spark_object(source):
        from ilk.tables.spark.source import open_spark

        return open_spark(source, reading=reading)
    if is_stream(source):
        file = StreamFile(source)
        with file.name_places():
            return StreamSource(open_source(file.path, reading), file)
    if is_path_list(source):
        return join_sources([open_source(path, reading) for path in source])
    if not isinstance(source, str | Path):
        return open_frame(source, reading)
    path = Path(source)
    if is_dataset(path):
        return open_parquet_dataset(path, reading)
    suffix = Path(path.name.lower().removesuffix(".gz")).suffix
    return _OPENERS.get(suffix, TextSource)(path, reading)


def check_source(source: object) -> None:
    """Refuse a file that is missing, cannot be opened, or is empty, without reading it.

    Raises
    ------
    InputError
        As :func:`open_source` would raise it.
    """
    if not isinstance(source, str | Path) or is_stream(source):  # What is read from a pipe is gone.
        return
    path = Path(source)
    if is_dataset(path):
        find_part_files(path)
    else:
        check_file(path)


def _is_source(value: object) -> TypeGuard[Source]:
    """Whether something is a source: it has two methods that no data frame has."""
    return all(callable(getattr(value, verb, None)) for verb in ("iter_frames", "fingerprint"))


def _is_spark_object(value: object) -> bool:
    """Whether something comes from PySpark, which is not imported for it."""
    return type(value).__module__.partition(".")[0] == "pyspark"
