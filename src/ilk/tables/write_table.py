"""Writing a table frame by frame, without holding all of it in memory."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import IO, Any, Literal, cast

import polars as pl
from polars.exceptions import PolarsError
from polars.io.plugins import register_io_source

from ilk.tables.safe_csv import write_csv

_POLL_SECONDS = 0.1


def write_table(
    frames: Iterator[pl.DataFrame], path: Path, table_format: Literal["csv", "parquet"]
) -> int:
    """Write frames with the same columns as one table, and return the number of rows.

    CSV is written by :func:`ilk.tables.safe_csv.write_csv`. An incomplete file is not removed: use
    a path of :class:`ilk.tables.output_dir.OutputDir`, which removes it. Without frames the file
    has no columns.

    Raises
    ------
    OSError
        When the file cannot be written. Errors of the frames pass through.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "a.parquet"
    ...     frames = (pl.DataFrame({"id": [number]}) for number in (7, 8))
    ...     write_table(frames, file, "parquet"), pl.read_parquet(file)["id"].to_list()
    (2, [7, 8])
    """
    counted = _RowCountingIterator(frames)
    if table_format == "csv":
        write_csv(counted, path)
    else:
        _write_parquet(counted, path)
    return counted.n_rows


class _RowCountingIterator:
    """Yields frames and counts their rows."""

    def __init__(self, frames: Iterator[pl.DataFrame]) -> None:
        self._frames = frames
        self.n_rows = 0

    def __iter__(self) -> Iterator[pl.DataFrame]:
        return self

    def __next__(self) -> pl.DataFrame:
        frame = next(self._frames)
        self.n_rows += frame.height
        return frame


class _ErrorRecordingFile(io.RawIOBase):
    """A file that remembers the error of a failed write.

    Polars reports every such failure as a fault of the format, without the cause.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = path.open("wb", buffering=0)
        self.error: OSError | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            self.error = error
            raise

    def close(self) -> None:
        self._file.close()
        super().close()


def _write_parquet(frames: Iterator[pl.DataFrame], path: Path) -> None:
    first = next(frames, pl.DataFrame())
    stop = threading.Event()

    def read(*_: object) -> Iterator[pl.DataFrame]:
        yield first
        for frame in frames:
            if stop.is_set():
                return
            yield frame

    table = register_io_source(read, schema=first.schema)
    with _ErrorRecordingFile(path) as file:
        try:
            _run_interruptibly(
                lambda: table.sink_parquet(cast("IO[bytes]", file), maintain_order=True), stop
            )
        except PolarsError as error:
            if file.error is None:
                raise
            raise file.error from error


def _run_interruptibly(query: Callable[[], object], stop: threading.Event) -> None:
    """Run a query in another thread, so that Ctrl-C raises only once here.

    A thread that waits for Polars gets two ``KeyboardInterrupt``, one from Polars and one from the
    interpreter; the second would interrupt the clean-up after the first.
    """
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(query)
        try:
            # With a timeout, as a signal does not always wake a thread that waits for a lock.
            while not wait([running], timeout=_POLL_SECONDS).done:
                pass
        finally:
            stop.set()
        running.result()
