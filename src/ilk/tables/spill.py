"""SpillBuffer: frames kept for later, in memory while they are few and on disk beyond that."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import polars as pl
from polars.exceptions import PolarsError

from ilk.errors import OutputError
from ilk.tables.frames import BATCH_ROWS
from ilk.tables.write_table import write_table

MAX_ROWS_IN_MEMORY = 1_000_000
"""Rows held in memory at most; the others go to the system's folder for temporary files."""


class SpillBuffer:
    """Frames of the same columns, added one by one and read as often as needed.

    Its temporary files are removed with it.

    Raises
    ------
    OutputError
        ``E_OUTPUT_WRITE`` when a frame is added and the disk is full.

    Examples
    --------
    >>> buffer = SpillBuffer()
    >>> buffer.add(pl.DataFrame({"id": ["007"]}))
    >>> [frame["id"].to_list() for frame in buffer.iter_frames()], buffer.n_rows
    ([['007']], 1)
    """

    def __init__(self, max_rows_in_memory: int = MAX_ROWS_IN_MEMORY) -> None:
        self.n_rows = 0
        self._max_rows_in_memory = max_rows_in_memory
        self._held: list[pl.DataFrame] = []
        self._files: list[Path] = []
        self._folder: Path | None = None

    @property
    def n_rows_on_disk(self) -> int:
        """How many of the rows are in temporary files."""
        return self.n_rows - self._count_held_rows()

    def add(self, frame: pl.DataFrame) -> None:
        """Add a frame after those added before."""
        self._held.append(frame)
        self.n_rows += frame.height
        if self._count_held_rows() > self._max_rows_in_memory:
            self._spill_to_disk()

    def iter_frames(self) -> Iterator[pl.DataFrame]:
        """Yield all rows, in the order in which they were added."""
        for file in self._files:
            yield from pl.read_ipc(file).iter_slices(BATCH_ROWS)
        yield from self._held

    def write(
        self,
        function: Callable[[pl.DataFrame], pl.DataFrame],
        path: Path,
        table_format: Literal["csv", "parquet"],
    ) -> None:
        """Write the tables that a function makes of the frames to one file."""
        write_table(map(function, self.iter_frames()), path, table_format)

    def _count_held_rows(self) -> int:
        return sum(frame.height for frame in self._held)

    def _spill_to_disk(self) -> None:
        """Write what is held in memory to the disk."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="ilk-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        file = self._folder / f"{len(self._files)}.arrow"
        try:
            pl.concat(self._held).write_ipc(file, compression="lz4")
        except (OSError, PolarsError) as error:
            raise build_no_space_error(
                "the segments cannot be kept in", file.parent, error
            ) from error
        self._files.append(file)
        self._held = []


def build_no_space_error(what: str, folder: Path | str, error: Exception) -> OutputError:
    """The error for work that needs a temporary file and cannot have one.

    Examples
    --------
    >>> full = OSError(28, "No space left")
    >>> build_no_space_error("the ids cannot be compared through", "/tmp", full).code
    'E_OUTPUT_WRITE'
    """
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return OutputError(
        "E_OUTPUT_WRITE",
        f"{what} a temporary file: {why.splitlines()[0]}",
        place=str(folder),
        way_out="Free space there, or name a folder on another disk in the environment variable "
        "TMPDIR; the earlier files in the results folder are unchanged.",
    )
