"""Frames that stay on the disks of Spark's executors."""

from __future__ import annotations

import shutil
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import polars as pl

from ilk.errors import InputError
from ilk.tables.spark import executors
from ilk.tables.spark.executors import FRAME, FrameWriter, load_frame
from ilk.tables.spark.files import build_exists_error, build_not_written_error, rename_part_files
from ilk.tables.spark.session import set_option

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_BATCH_SIZE = "spark.sql.execution.arrow.maxRecordsPerBatch"
_FRAMES_PER_BATCH = "4"
"""Rows that Spark hands to a worker at a time. Each is a whole frame of up to 100,000 customers."""


class SparkFrameStore:
    """Frames made on Spark's executors and kept there.

    It is a :class:`ilk.tables.map_frames.FrameStore`. The frames are persisted on the executors'
    disks and released with the store. If an executor is lost, Spark makes its frames again.

    Parameters
    ----------
    persisted : pyspark.sql.DataFrame
        Rows with a frame each, or with none, in the order of the table.
    n_parts : int
        Partitions that have rows.
    plan : callable
        A context manager for everything that makes Spark plan a pass over the table.
    """

    def __init__(
        self, persisted: DataFrame, n_parts: int, plan: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._session: SparkSession = persisted.sparkSession
        self._frames = persisted.where(f"{FRAME} is not null").select(FRAME)
        self._n_parts = n_parts
        self._plan = plan
        # At the end of the process the session ends anyway.
        weakref.finalize(self, _release, persisted).atexit = False

    def iter_frames(self) -> Iterator[pl.DataFrame]:
        """Bring the frames here, in order, one partition at a time."""
        with self._plan():
            rows = self._frames.toLocalIterator()
        while True:
            with self._plan():
                row = next(rows, None)
            if row is None:
                return
            yield load_frame(bytes(row[FRAME]))

    def write(
        self,
        function: Callable[[pl.DataFrame], pl.DataFrame],
        path: Path,
        table_format: Literal["csv", "parquet"],
    ) -> None:
        """Have the executors write the tables that a function makes of the frames.

        ``path`` becomes a folder with a file for every partition with rows, ``part-00000.csv`` and
        so on, in the order of the rows; each CSV file has the names of the columns in its first
        line. The bytes are those that one machine would write, since the same functions write them.

        Raises
        ------
        OutputError
            ``E_OUTPUT_EXISTS`` if the path exists; ``E_OUTPUT_WRITE`` if a disk is full, or if the
            executors do not share the folder with this machine.
        """
        if path.exists():
            raise build_exists_error(path)
        address = f"file:{path.absolute()}"
        try:
            with self._plan(), set_option(self._session, _BATCH_SIZE, _FRAMES_PER_BATCH):
                if table_format == "csv":
                    self._write_batches(function, "csv", "value string").text(address)
                else:
                    schema = self._infer_schema(function)
                    writer = self._write_batches(function, "parquet", schema)
                    writer.parquet(address, compression="zstd")
            rename_part_files(path, table_format, self._n_parts)
        except BaseException as error:
            shutil.rmtree(path, ignore_errors=True)
            if isinstance(error, InputError) and "No space left" in error.message:
                raise build_not_written_error(path, error.message) from error
            raise

    def _write_batches(
        self,
        function: Callable[[pl.DataFrame], pl.DataFrame],
        table_format: Literal["csv", "parquet"],
        schema: Any,
    ) -> Any:
        write = FrameWriter(function, table_format)

        def run(batches: Any) -> Any:
            return write(batches)

        return self._frames.mapInArrow(run, schema).write

    def _infer_schema(self, function: Callable[[pl.DataFrame], pl.DataFrame]) -> Any:
        """Spark's types of the columns that a function makes of the frames."""
        import pyarrow as pa

        first = load_frame(bytes(cast("Any", self._frames.head())[FRAME]))
        batches = list(executors.convert_to_arrow(function(first.head(1))))
        return cast("Any", self._session).createDataFrame(pa.Table.from_batches(batches)).schema


def _release(persisted: DataFrame) -> None:
    # The session may have ended before.
    with suppress(Exception):
        persisted.unpersist()
