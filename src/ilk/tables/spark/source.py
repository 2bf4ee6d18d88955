"""A Spark table as a source: its frames stay on the cluster, and functions go there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import unquote, urlparse
from uuid import uuid4

import polars as pl

from ilk.errors import InputError, Notice, UsageError
from ilk.recipe import Reading
from ilk.tables import file_bytes
from ilk.tables.base import RowFilter, build_all_excluded_error
from ilk.tables.header import check_unique
from ilk.tables.number_format import NumberFormat
from ilk.tables.rejects import Reject
from ilk.tables.sample import hash_rows
from ilk.tables.spark import executors
from ilk.tables.spark.executors import (
    PART,
    RESULT,
    RESULTS_SCHEMA,
    ROW,
    FrameFilter,
    FrameMapper,
    PartitionLayout,
    ResultMerger,
)
from ilk.tables.spark.files import SparkTable, find_table
from ilk.tables.spark.session import connect, fix_partitions, ship_package, translate_errors
from ilk.tables.spark.store import SparkFrameStore

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Result = TypeVar("Result")

_MERGED_ROWS, _UNMERGED_ROWS = 2_000_000, 400_000
"""Rows whose results one task puts in order, with and without merging them. These are the largest
pieces that come to this machine."""

_PORTION_BYTES = 64 << 20
"""Bytes of results to bring here at a time, estimated from those before."""


class SparkSource:
    """A Spark DataFrame, or files or a table that Spark reads, as a source.

    Functions go to Spark's executors; results come back (:meth:`map_frames`), and frames can stay
    there (:meth:`store_frames`). The rows of every partition are counted once, which gives every
    row a number; every later pass has to find as many rows in each partition.

    Parameters
    ----------
    table : SparkTable
        The DataFrame and how it was read.
    name : str
        Name for messages.
    owns_session : bool
        Whether the session was started for this source, and is to be stopped with it.

    Raises
    ------
    InputError
        ``E_NO_ROWS``, ``E_DUPLICATE_COLUMN``, ``E_NOT_REPEATABLE`` for a DataFrame with other
        values each time it is read, and ``E_SPARK`` if Spark cannot read it.
    """

    def __init__(self, table: SparkTable, *, name: str, owns_session: bool = False) -> None:
        self.name = name
        self.number_format: NumberFormat = table.number_format
        self.n_excluded = 0
        self._owns_session = owns_session
        self._session = table.frame.sparkSession
        self._n_partitions = self._session.sparkContext.defaultParallelism
        check_unique(table.names, place=name)
        with self._fix_partitions():
            _check_repeatable(table.frame, name)
            kept = [
                place for place, field in enumerate(table.frame.schema) if _is_plain_column(field)
            ]
            # Under plain names: those of a table may hold dots, and differ by capitals only.
            plain = _number_columns(table.frame).select(*(f"c{place}" for place in kept))
            self._frame = _number_columns(plain)
            names = [table.names[place] for place in kept]
            self._read_schema = _read_schema(self._frame, names)
            ship_package(self._session)
            self._files, rows = _count_rows(table, self._frame)
        left_out = [column for column in table.names if column not in self._read_schema]
        self.notices = (*table.notices, *map(_build_nested_notice, left_out))
        if not self._read_schema or not sum(rows):
            raise file_bytes.build_no_rows_error(name)
        self.layout = PartitionLayout(rows, self.schema, table.is_text, name)
        self.read_details = table.read_details | _describe_partitions(self._files, rows)

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Columns in their order, with their types."""
        return dict(self._read_schema)

    @property
    def n_rows(self) -> int:
        """How many rows the table has."""
        return sum(self.layout.rows_per_partition)

    @property
    def rejects(self) -> tuple[Reject, ...]:
        """Always empty: Spark refuses a file with a row that cannot be read."""
        return ()

    @property
    def paths(self) -> tuple[Path, ...]:
        """Files of this machine that Spark reads, if its plan names them."""
        uris = map(urlparse, self._frame.inputFiles())
        return tuple(Path(unquote(uri.path)) for uri in uris if uri.scheme == "file")

    def estimate_rows(self) -> int:
        """How many rows the table has: they were counted."""
        return self.n_rows

    def iter_frames(self) -> Iterator[pl.DataFrame]:
        """Bring the rows here, in the order of the partitions, in frames of at most 100,000."""
        self._check_unchanged()
        with self._fix_partitions():
            rows = self._map_batches(
                FrameMapper(self.layout, _return_frame), RESULTS_SCHEMA
            ).toLocalIterator()
        while True:
            with translate_errors(self.name):
                row = next(rows, None)
            if row is None:
                return
            yield _unpickle_result(row[RESULT])

    def map_frames(
        self,
        function: Callable[[pl.DataFrame, int], Result],
        combine: Callable[[Result, Result], Result] | None = None,
    ) -> Iterator[Result]:
        """Yield ``function(frame, first_row)`` for every frame, called where the frames are.

        All partitions are processed before the first result comes. Results wait on the executors'
        disks and come here in portions of about 64 MB, in the order of the rows.

        Parameters
        ----------
        function : callable
            Called with a frame and the number of its first row, counting from 1. It and its
            results are pickled.
        combine : callable, optional
            Merges two consecutive results. The executors then send fewer results, already merged;
            those that come are to be merged in the same way.
        """
        self._check_unchanged()
        with self._fix_partitions():
            results = self._map_batches(FrameMapper(self.layout, function, combine), RESULTS_SCHEMA)
        yield from self._fetch_results(results, combine)

    def store_frames(
        self,
        function: Callable[[pl.DataFrame, int], tuple[Result, pl.DataFrame]],
        combine: Callable[[Result, Result], Result],
    ) -> tuple[SparkFrameStore, Iterator[Result]]:
        """Call a function on every frame where it is, and keep the frames that it makes there.

        The function is called once for every frame: what it makes is persisted on the executors'
        disks while the results come here.

        Parameters
        ----------
        function : callable
            Called with a frame and the number of its first row; returns a result and a frame. It
            and the results are pickled.
        combine : callable
            Merges two consecutive results, on the executors.
        """
        from pyspark import StorageLevel

        self._check_unchanged()
        with self._fix_partitions():
            mapper = FrameMapper(
                self.layout, function, combine, keeps_frames=True, pass_id=uuid4().hex
            )
            persisted = self._map_batches(mapper, RESULTS_SCHEMA).persist(StorageLevel.DISK_ONLY)
            results = persisted.where(f"{RESULT} is not null")
        n_parts = sum(rows > 0 for rows in self.layout.rows_per_partition)
        store = SparkFrameStore(persisted, n_parts, self._fix_partitions)
        return store, self._fetch_results(results, combine)

    def filter_rows(self, row_filter: RowFilter) -> SparkSource:
        """The same table without the rows that the filter drops, on the executors.

        The rows kept are counted in a pass over the table, and numbered from 1.

        Raises
        ------
        InputError
            ``E_NO_ROWS`` if no row is kept.
        """
        kept = copy(self)
        with self._fix_partitions():
            kept._frame = self._map_batches(
                FrameFilter(self.layout, row_filter), self._frame.schema
            )
            counts = kept._frame.mapInArrow(executors.count_rows, executors.COUNTS_SCHEMA).collect()
        rows = _sum_by_partition([(row[0], row[1]) for row in counts])
        kept.layout = replace(self.layout, rows_per_partition=rows)
        kept.n_excluded = self.n_excluded + self.n_rows - kept.n_rows
        if not kept.n_rows:
            raise build_all_excluded_error(self.name)
        return kept

    def fingerprint(self) -> str:
        """SHA-256 of the columns and the rows, whatever the order of the rows.

        For files it is computed from their names, sizes and times instead, without reading them; a
        later copy of the same files has another fingerprint.
        """
        digest = hashlib.sha256()
        for name, dtype in self._read_schema.items():
            digest.update(f"{name!r}:{dtype}\n".encode())
        if self._files:
            for uri, size, time in sorted(self._files):
                digest.update(f"{unquote(uri).rpartition('/')[2]!r}:{size}:{time}\n".encode())
        else:
            content = sum(self.map_frames(_hash_content, _add_hashes)) % (1 << 64)
            digest.update(f"{self.n_rows}:{content}\n".encode())
        return digest.hexdigest()

    def close(self) -> None:
        """Stop the Spark session, if it was made for this source."""
        if self._owns_session:
            self._session.stop()

    def __enter__(self) -> SparkSource:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _fix_partitions(self) -> Iterator[None]:
        """A context for everything that makes Spark plan a pass over the table."""
        with translate_errors(self.name), fix_partitions(self._session, self._n_partitions):
            yield

    def _map_batches(self, work: Callable[[Any], Any], schema: Any) -> DataFrame:
        def run(batches: Any) -> Any:
            return work(batches)

        return self._frame.mapInArrow(run, schema)

    def _fetch_results(
        self, results: DataFrame, combine: Callable[[Result, Result], Result] | None
    ) -> Iterator[Result]:
        """Bring results here in the order of the rows, merged on the executors if possible."""
        rows = _MERGED_ROWS if combine else _UNMERGED_ROWS
        n_groups = -(-self.n_rows // rows)
        with self._fix_partitions():
            keyed = cast("Any", results.select(ROW, RESULT).rdd).map(_make_key_function(rows))
            merged = keyed.partitionBy(n_groups, int).mapPartitions(ResultMerger(combine))
        yield from self._fetch_portions(merged, n_groups)

    def _fetch_portions(self, merged: Any, n_groups: int) -> Iterator[Any]:
        """Results of groups of partitions, as many groups at a time as fit into memory easily."""
        start, count, received = 0, 1, 0
        while start < n_groups:
            portion = range(start, min(n_groups, start + count))
            with translate_errors(self.name):
                blobs = self._session.sparkContext.runJob(merged, iter, list(portion))
            start = portion.stop
            received += sum(map(len, blobs))
            count = max(1, min(4 * count, _PORTION_BYTES * start // max(received, 1)))
            yield from map(_unpickle_result, blobs)

    def _check_unchanged(self) -> None:
        """Refuse files of this machine that changed after their rows were counted."""
        for uri, size, time in self._files:
            parts = urlparse(uri)
            if parts.scheme != "file":
                continue
            path = Path(unquote(parts.path))
            now = path.stat() if path.exists() else None
            if now is None or (now.st_size, now.st_mtime_ns // 1_000_000) != (size, time):
                raise self.layout.build_changed_error(str(path))


def open_spark(
    source: object,
    master: str | None = None,
    reading: Reading = Reading(),  # noqa: B008
) -> SparkSource:
    """Open a table that Spark reads.

    Parameters
    ----------
    source : pyspark.sql.DataFrame, str or Path
        A DataFrame; or the path of a Parquet or CSV file, a folder or a pattern of them, an
        address such as ``s3a://…``, or the name of a table in Spark's catalog.
    master : str, optional
        Address of a Spark master; by default the session that runs, or all cores of this machine.
    reading : Reading
        How to read text; whatever is not given is detected.

    Raises
    ------
    InputError
        When there is no such table, or it cannot be read.
    UsageError
        ``E_MISSING_EXTRA``, ``E_JAVA``, ``E_CONFLICT``, ``E_ENGINE`` for what Spark cannot read,
        ``E_SOURCE_TYPE`` for something that is no table.
    """
    if not isinstance(source, str | Path):
        return SparkSource(_wrap_dataframe(source, reading), name="table")
    session, ours = connect(master)
    try:
        with translate_errors(str(source)):
            table = find_table(session, str(source), reading)
        return SparkSource(table, name=Path(source).name, owns_session=ours)
    except BaseException:
        if ours:
            session.stop()
        raise


def _wrap_dataframe(source: object, reading: Reading) -> SparkTable:
    from pyspark.sql.classic.dataframe import DataFrame

    if not isinstance(source, DataFrame) or source.isStreaming:
        raise UsageError(
            "E_SOURCE_TYPE",
            f"a {type(source).__module__}.{type(source).__name__} is no table that can be read",
            way_out="Give a DataFrame of a classic Spark session that is no stream, or the path "
            "of Parquet files.",
        )
    number_format = NumberFormat(
        reading.decimal or ("," if reading.thousands == "." else "."), reading.thousands or ""
    )
    facts = {"format": "a Spark DataFrame"}
    return SparkTable(source, source.columns, facts, number_format, has_files=False)


def _check_repeatable(frame: DataFrame, name: str) -> None:
    # A new one: the plan of the one at hand may be older than its cache.
    plan: Any = frame.select("*")
    if not plan._jdf.queryExecution().withCachedData().deterministic():
        raise InputError(
            "E_NOT_REPEATABLE",
            "a column of the DataFrame has other values each time it is read, such as those of "
            "rand() or monotonically_increasing_id()",
            place=name,
            way_out="Write it to Parquet files and read those, or keep it with cache().",
        )


def _number_columns(frame: DataFrame) -> DataFrame:
    return frame.toDF(*(f"c{place}" for place in range(len(frame.columns))))


def _is_plain_column(field: Any) -> bool:
    """Whether cells of a column are single values that Arrow and Polars know."""
    from pyspark.sql import types

    known = (
        types.StringType,
        types.BooleanType,
        types.NumericType,
        types.DateType,
        types.TimestampType,
        types.TimestampNTZType,
        types.DayTimeIntervalType,
        types.NullType,
    )
    return isinstance(field.dataType, known)


def _read_schema(frame: DataFrame, names: list[str]) -> dict[str, pl.DataType]:
    """Types of the columns in Polars; moments in time are in UTC, whatever the session's zone."""
    empty = pl.DataFrame(pl.from_arrow(frame.limit(0).toArrow())) if names else pl.DataFrame()
    types = [
        pl.Datetime("us", "UTC") if isinstance(dtype, pl.Datetime) and dtype.time_zone else dtype
        for dtype in empty.dtypes
    ]
    return dict(zip(names, types, strict=True))


def _count_rows(
    table: SparkTable, frame: DataFrame
) -> tuple[list[tuple[str, int, int]], list[int]]:
    """Files with their sizes and times in milliseconds, and the rows of every partition."""
    from pyspark.sql import functions

    part = functions.spark_partition_id().alias(PART)
    if table.has_files:
        file = ("_metadata.file_path", "_metadata.file_size")
        time = functions.unix_millis("_metadata.file_modification_time").alias("time")
        counts = table.frame.select(part, *file, time)
        rows = counts.groupBy(*counts.columns).count().collect()
        files = {(str(row[1]), int(row[2]), int(row[3])) for row in rows}
        return sorted(files), _sum_by_partition([(row[0], row[4]) for row in rows])
    plan = cast("Any", frame)._jdf.queryExecution().executedPlan().toString()
    if "Exchange" not in plan:
        rows = frame.select(part).groupBy(PART).count().collect()
        return [], _sum_by_partition([(row[0], row[1]) for row in rows])
    # Without its columns, another plan could put the rows on other partitions.
    counted = frame.mapInArrow(executors.count_rows, executors.COUNTS_SCHEMA).collect()
    return [], _sum_by_partition([(row[0], row[1]) for row in counted])


def _sum_by_partition(counts: list[tuple[int, int]]) -> list[int]:
    rows = [0] * (1 + max((part for part, _ in counts), default=-1))
    for part, count in counts:
        rows[part] += count
    return rows


def _describe_partitions(files: list[tuple[str, int, int]], rows: list[int]) -> dict[str, str]:
    facts = {"partitions": f"{sum(count > 0 for count in rows):,}, rows numbered in their order"}
    if files:
        facts["files"] = (
            f"{len(files):,}; the hash of the data is that of their names, sizes and times"
        )
    return facts


def _make_key_function(rows: int) -> Callable[[Any], tuple[int, tuple[int, bytes]]]:
    def build_key(record: Any) -> tuple[int, tuple[int, bytes]]:
        return (record[ROW] - 1) // rows, (record[ROW], record[RESULT])

    return build_key


def _unpickle_result(blob: Any) -> Any:
    result = executors.unpickle_result(bytes(blob))
    if isinstance(result, Exception):
        raise result
    return result


def _return_frame(frame: pl.DataFrame, first_row: int) -> pl.DataFrame:
    return frame


def _hash_content(frame: pl.DataFrame, first_row: int) -> int:
    return int(hash_rows(frame).sum())


def _add_hashes(first: int, second: int) -> int:
    return first + second


def _build_nested_notice(column: str) -> Notice:
    return Notice("W_NESTED_COLUMN", "left out: it holds lists, records or bytes", column=column)
