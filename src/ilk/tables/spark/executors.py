"""What Spark's executors do with the rows of one partition.

Spark sends these functions to the machines that hold the data. They compute no figures: they turn
Spark's batches into the frames that every other source yields, and call the same function that is
called on one machine. Results travel as Spark's own tasks and rows do, pickled, within one running
application; nothing pickled is ever read from a file.
"""

from __future__ import annotations

import io
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

PART, ROW, RESULT, FRAME = "part", "row", "result", "frame"
RESULTS_SCHEMA = f"{ROW} long, {RESULT} binary, {FRAME} binary"
"""What comes of every frame: the number of its first row with its result, pickled, or with the
frame that is kept of it."""

_MAX_FRAMES_MERGED = 20
"""Frames whose results are merged into one, at most: 8 bytes are kept of every id, and what comes
back in one piece has to fit several times into the memory of Spark."""

COUNTS_SCHEMA = f"{PART} int, rows long"


@dataclass(frozen=True)
class PartitionLayout:
    """How the rows of a table lie on its partitions, and what its columns are called.

    Parameters
    ----------
    rows_per_partition : sequence of int
        Rows in every partition, in order.
    schema : dict
        Names and types of the columns, in Spark's order.
    is_text : bool
        Whether the cells are the text of a file; an empty one is then not a missing value.
    name : str
        What messages call the table.
    polars_version : str
        The version of Polars on this machine. Another version may hash rows differently, and an id
        that occurs on two workers would not be recognized.
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
            ``E_INPUT_CHANGED`` if the partition has more or fewer rows than were counted before;
            ``E_SPARK`` if this worker has another version of Polars.
        """
        if self.polars_version != pl.__version__:
            raise self._build_version_error()
        row, end = self.get_first_row(partition), self.get_first_row(partition + 1)
        for frame in _regroup_frames(map(self.convert_batch, batches)):
            yield frame, row
            row += frame.height
        if row != end:
            raise self.build_changed_error(self.name)

    def get_first_row(self, partition: int) -> int:
        """Number of the first row of a partition, counting from 1."""
        return 1 + sum(self.rows_per_partition[:partition])

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
            way_out="Install the same version on both: ids are compared by its hashes.",
        )

    def build_changed_error(self, place: str) -> InputError:
        """Build the error for a table that is not the same in every pass."""
        return InputError(
            "E_INPUT_CHANGED",
            "the table does not have the same rows each time that Spark reads it",
            place=place,
            way_out="Wait until nobody writes to it, or write the customers to Parquet files and "
            "read those.",
        )


@dataclass(frozen=True)
class FrameMapper:
    """Calls a function on every frame of a partition.

    Parameters
    ----------
    layout : PartitionLayout
    function : callable
        Called with a frame and the number of its first row.
    combine : callable, optional
        Merges the results of two consecutive frames.
    keeps_frames : bool
        Whether the function returns a frame to keep beside each result.
    pass_id : str
        Different for every pass whose frames are kept: Spark would take two equal ones for one,
        and release the frames of both with the first.
    """

    layout: PartitionLayout
    function: FrameFunction
    combine: CombineFunction | None = None
    keeps_frames: bool = False
    pass_id: str = ""

    def __call__(self, batches: Batches) -> Batches:
        """Yield the results, pickled, and the frames to keep, in rows apart.

        An error of ours is the last of the results.
        """
        partition = _get_partition_id()
        row = self.layout.get_first_row(partition)
        results = _ResultBuffer(self.combine)
        try:
            for frame, row in self.layout.iter_frames(batches, partition):
                result = self.function(frame, row)
                if self.keeps_frames:
                    result, kept = result
                    yield _build_batch(row, frame=dump_frame(kept))
                for first_row, merged in results.add(row, result):
                    yield _build_batch(first_row, result=pickle_result(merged))
            for first_row, merged in results.flush():
                yield _build_batch(first_row, result=pickle_result(merged))
        except IlkError as error:
            # Raised here, it would come back as the text of a trace, after three more attempts.
            yield _build_batch(row, result=pickle_result(error))


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
    """Calls a function on every kept frame of a partition, and hands Spark its tables to write."""

    function: Callable[[pl.DataFrame], pl.DataFrame]
    table_format: Literal["csv", "parquet"]

    def __call__(self, batches: Batches) -> Batches:
        """Yield rows of Parquet files, or the text of CSV files, each with its line of names."""
        header = True
        for batch in batches:
            for blob in batch.column(0):
                table = self.function(load_frame(blob.as_py()))
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


def dump_frame(frame: pl.DataFrame) -> bytes:
    """A frame as bytes of an Arrow file, compressed."""
    buffer = io.BytesIO()
    frame.write_ipc(buffer, compression="lz4")
    return buffer.getvalue()


def load_frame(blob: bytes) -> pl.DataFrame:
    """A frame from the bytes that :func:`dump_frame` made of it.

    Examples
    --------
    >>> load_frame(dump_frame(pl.DataFrame({"id": ["007"]})))["id"].to_list()
    ['007']
    """
    return pl.read_ipc(io.BytesIO(blob))


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


def _build_batch(row: int, result: bytes | None = None, frame: bytes | None = None) -> Any:
    import pyarrow as pa

    columns = [
        pa.array([row], pa.int64()),
        pa.array([result], pa.binary()),
        pa.array([frame], pa.binary()),
    ]
    return pa.RecordBatch.from_arrays(columns, names=[ROW, RESULT, FRAME])


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
