"""Executors: what Spark's workers do with the rows of one partition.

Spark sends these functions to the machines that hold the data. Nothing here computes a figure: it
turns Spark's batches into the frames that every other source yields, and calls the function that
is called on this machine too. Results travel as Spark's own tasks and rows do, pickled, within
one running application; nothing pickled is ever read from a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any, Literal, cast

import polars as pl

from ilk.errors import IlkError, InputError
from ilk.tables.base import RowFilter
from ilk.tables.frames import BATCH_ROWS
from ilk.tables.safe_csv import render_csv

if TYPE_CHECKING:
    import pyarrow as pa

    Batches = Iterator[pa.RecordBatch]

FrameFunction = Callable[[pl.DataFrame, int], Any]
CombineFunction = Callable[[Any, Any], Any]

PART, ROW, RESULT = "part", "row", "result"
RESULTS_SCHEMA = f"{ROW} long, {RESULT} binary"
"""Columns in which results come back: number of the first row they are of, and pickled."""

_MAX_FRAMES_MERGED = 20
"""Frames whose results are merged into one, at most: 8 bytes are kept of every id, and what comes
back in one piece has to fit several times into the memory of Spark."""

COUNTS_SCHEMA = f"{PART} int, rows long"


@dataclass(frozen=True)
class PartitionLayout:
    """How the rows of a table lie on its partitions, and what its columns are called.

    Parameters
    ----------
    rows : sequence of int
        Rows in every partition, in order.
    schema : dict
        Names and types of the columns, in the order in which Spark hands them over.
    text : bool
        Whether the cells are the text of a file, in which an empty one is no missing value.
    name : str
        What messages call the table.
    polars : str
        The version of Polars on the machine that asks: another one would hash rows otherwise, and
        an id that stands on two workers would not be known again.
    """

    rows_per_partition: Sequence[int]
    schema: dict[str, pl.DataType]
    is_text: bool
    name: str
    polars_version: str = pl.__version__

    def iter_frames(self, batches: Batches, partition: int) -> Iterator[tuple[pl.DataFrame, int]]:
        """Yield the rows of a partition in frames of at most 100,000, with their first numbers.

        Raises
        ------
        InputError
            ``E_INPUT_CHANGED`` when the partition has not the rows that were counted before;
            ``E_SPARK`` when this worker has another version of Polars.
        """
        if self.polars_version != pl.__version__:
            raise self._build_version_error()
        row = 1 + sum(self.rows_per_partition[:partition])
        end = row + (
            self.rows_per_partition[partition] if partition < len(self.rows_per_partition) else 0
        )
        for frame in _regroup_frames(map(self.convert_batch, batches)):
            yield frame, row
            row += frame.height
        if row != end:
            raise self.build_changed_error(self.name)

    def convert_batch(self, batch: pa.RecordBatch) -> pl.DataFrame:
        """A batch of Spark's, as the frame that another source would yield."""
        frame = pl.DataFrame(pl.from_arrow(batch))
        frame.columns = list(self.schema)
        frame = frame.cast(self.schema)  # type: ignore[arg-type]
        return frame.fill_null("") if self.is_text else frame

    def _build_version_error(self) -> InputError:
        return InputError(
            "E_SPARK",
            f"a worker has Polars {pl.__version__}, and this machine {self.polars_version}",
            place=self.name,
            way_out="Install the same version on both: ids and the sample are told by its hashes.",
        )

    def build_changed_error(self, place: str) -> InputError:
        """Build the error for a table that is not the same in every pass."""
        return InputError(
            "E_INPUT_CHANGED",
            "the table has not the same rows each time that Spark reads it",
            place=place,
            way_out="Wait until nobody writes to it, or write what you want segmented to Parquet "
            "files and read those.",
        )


@dataclass(frozen=True)
class FrameMapper:
    """Calls a function on every frame of a partition; ``combine`` merges two of its results."""

    layout: PartitionLayout
    function: FrameFunction
    combine: CombineFunction | None = None

    def __call__(self, batches: Batches) -> Batches:
        """Yield the results, pickled; an error of ours travels as the last of them."""
        for row, result in self._iter_results(batches, _get_partition_id()):
            yield _build_result_batch(row, result)

    def _iter_results(self, batches: Batches, partition: int) -> Iterator[tuple[int, Any]]:
        row = 1 + sum(self.layout.rows_per_partition[:partition])
        pieces = _ResultBuffer(self.combine)
        try:
            for frame, row in self.layout.iter_frames(batches, partition):
                yield from pieces.add(row, self.function(frame, row))
            yield from pieces.flush()
        except IlkError as error:
            # Raised here, it would come back as the text of a trace, after three more attempts.
            yield row, error


class _ResultBuffer:
    """Results of frames that follow each other, as they are or a few merged into one."""

    def __init__(self, combine: CombineFunction | None) -> None:
        self._combine = combine
        self._pending: list[tuple[int, Any]] = []
        self._n_frames = 0

    def add(self, row: int, result: Any) -> Iterator[tuple[int, Any]]:
        """Take the result of a frame, and yield what is complete."""
        if self._combine is None:
            yield row, result
            return
        if self._pending:
            first, before = self._pending.pop()
            row, result = first, self._combine(before, result)
        self._pending.append((row, result))
        self._n_frames += 1
        if self._n_frames % _MAX_FRAMES_MERGED == 0:
            yield from self.flush()

    def flush(self) -> Iterator[tuple[int, Any]]:
        """Yield what was not complete."""
        yield from self._pending
        self._pending.clear()


@dataclass(frozen=True)
class FrameWriter:
    """Calls a function on every frame of a partition, and hands its tables to Spark to write."""

    layout: PartitionLayout
    function: Callable[[pl.DataFrame, int], pl.DataFrame]
    table_format: Literal["csv", "parquet"]

    def __call__(self, batches: Batches) -> Batches:
        """Yield rows of Parquet files, or the text of CSV files, each with its line of names."""
        header = True
        for frame, row in self.layout.iter_frames(batches, _get_partition_id()):
            table = self.function(frame, row)
            yield from (
                convert_to_csv(table, header=header)
                if self.table_format == "csv"
                else convert_to_arrow(table)
            )
            header = False


@dataclass(frozen=True)
class FrameFilter:
    """Drops the rows of a partition that a filter does not keep."""

    layout: PartitionLayout
    row_filter: RowFilter

    def __call__(self, batches: Batches) -> Batches:
        """Yield the rows kept, under the names that Spark knows."""
        for frame, _ in self.layout.iter_frames(batches, _get_partition_id()):
            kept = self.row_filter.keep(frame)
            kept.columns = [f"c{place}" for place in range(kept.width)]
            yield from convert_to_arrow(kept)


@dataclass(frozen=True)
class ResultMerger:
    """Puts results in the order of their rows, and merges them if that was asked for."""

    combine: CombineFunction | None

    def __call__(self, rows: Iterable[tuple[int, tuple[int, bytes]]]) -> Iterator[bytes]:
        """Yield pickled results; the first error of ours stands for all that comes after it."""
        ordered = sorted((row for _, row in rows), key=lambda row: row[0])
        blobs = (bytes(blob) for _, blob in ordered)
        if self.combine is None:
            yield from blobs
            return
        try:
            yield from map(
                pickle_result, _reduce_results(map(_unpickle_or_raise, blobs), self.combine)
            )
        except IlkError as error:
            yield pickle_result(error)


def count_rows(batches: Batches) -> Batches:
    """Count the rows of a partition."""
    import pyarrow as pa

    rows = sum(batch.num_rows for batch in batches)
    columns = [pa.array([_get_partition_id()], pa.int32()), pa.array([rows], pa.int64())]
    yield pa.RecordBatch.from_arrays(columns, names=[PART, "rows"])


def convert_to_csv(table: pl.DataFrame, *, header: bool) -> Batches:
    """Lines of a CSV file as one value; Spark ends it with the last line end itself."""
    import pyarrow as pa

    lines = render_csv(table, header=header).removesuffix(b"\n").decode()
    yield pa.RecordBatch.from_arrays([pa.array([lines])], names=["value"])


def convert_to_arrow(table: pl.DataFrame) -> Batches:
    """Batches of a table in types that Spark knows: no unsigned numbers and no categories.

    Examples
    --------
    >>> [batch.num_rows for batch in convert_to_arrow(pl.DataFrame({"id": ["007"]}))]
    [1]
    """
    casts = {name: _choose_spark_dtype(dtype) for name, dtype in table.schema.items()}
    arrow = table.cast(casts).to_arrow(compat_level=pl.CompatLevel.oldest())  # type: ignore[arg-type]
    yield from arrow.to_batches()


def pickle_result(result: Any) -> bytes:
    """A result as bytes, the way Spark itself sends tasks and rows."""
    blob: bytes = _get_serializer().dumps(result)
    return blob


def unpickle_result(blob: bytes) -> Any:
    """A result from bytes that one of our own executors sent in this application."""
    return _get_serializer().loads(blob)


def _get_serializer() -> Any:
    from pyspark import serializers

    return cast("Any", serializers).CloudPickleSerializer()


def _unpickle_or_raise(blob: bytes) -> Any:
    result = unpickle_result(blob)
    if isinstance(result, IlkError):
        raise result
    return result


def _regroup_frames(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Small frames put together, large ones cut, so that each has at most 100,000 rows."""
    waiting: list[pl.DataFrame] = []
    height = 0
    for frame in frames:
        for piece in frame.iter_slices(BATCH_ROWS):
            if waiting and height + piece.height > BATCH_ROWS:
                yield pl.concat(waiting)
                waiting, height = [], 0
            waiting.append(piece)
            height += piece.height
    if height:
        yield pl.concat(waiting)


def _reduce_results(results: Iterable[Any], combine: CombineFunction) -> Iterator[Any]:
    """All results merged into one; none where there are none."""
    iterator = iter(results)
    for first in iterator:
        yield reduce(combine, iterator, first)


def _build_result_batch(row: int, result: Any) -> pa.RecordBatch:
    import pyarrow as pa

    columns = [pa.array([row], pa.int64()), pa.array([pickle_result(result)], pa.binary())]
    return pa.RecordBatch.from_arrays(columns, names=[ROW, RESULT])


def _get_partition_id() -> int:
    """Number of the partition that this task works on."""
    from pyspark import TaskContext

    context = TaskContext.get()
    if context is None:
        raise RuntimeError("this runs on Spark's executors only")
    return context.partitionId()


def _choose_spark_dtype(dtype: pl.DataType) -> pl.DataType:
    if isinstance(dtype, pl.Categorical | pl.Enum):
        return pl.String()
    signed = {pl.UInt8(): pl.Int16(), pl.UInt16(): pl.Int32(), pl.UInt32(): pl.Int64()}
    return pl.Int64() if dtype == pl.UInt64() else signed.get(dtype, dtype)  # type: ignore[call-overload]
