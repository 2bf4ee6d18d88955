"""Spool: frames kept for later, in memory while they are few and on disk when they are many."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from ilk.errors import OutputError
from ilk.tables.frames import BATCH_ROWS

MAX_ROWS_IN_MEMORY = 1_000_000
"""Rows held in memory at most; further ones go to the system's folder for temporary files."""


class SpillBuffer:
    """Frames of the same columns, taken in once and given out as often as wanted.

    The files are gone when the spool is.

    Raises
    ------
    OutputError
        ``E_OUTPUT_WRITE`` while adding, when the disk is full.

    Examples
    --------
    >>> spool = SpillBuffer()
    >>> spool.add(pl.DataFrame({"id": ["007"]}))
    >>> [frame["id"].to_list() for frame in spool.iter_frames()], spool.n_rows
    ([['007']], 1)
    """

    def __init__(self, max_rows_in_memory: int = MAX_ROWS_IN_MEMORY) -> None:
        self.n_rows = 0
        self._max_rows_in_memory = max_rows_in_memory
        self._held: list[pl.DataFrame] = []
        self._files: list[Path] = []
        self._folder: Path | None = None

    def add(self, frame: pl.DataFrame) -> None:
        """Take in a frame after those taken in before."""
        self._held.append(frame)
        self.n_rows += frame.height
        if sum(each.height for each in self._held) > self._max_rows_in_memory:
            self._spill_to_disk()

    def iter_frames(self) -> Iterator[pl.DataFrame]:
        """Give out all rows, in the order taken in."""
        for file in self._files:
            yield from pl.read_ipc(file).iter_slices(BATCH_ROWS)
        yield from self._held

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
    """Build the refusal of work that needs a temporary file and gets none.

    Examples
    --------
    >>> build_no_space_error("the ids cannot be compared through", "/tmp", OSError(28, "No space left")).code
    'E_OUTPUT_WRITE'
    """
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return OutputError(
        "E_OUTPUT_WRITE",
        f"{what} a temporary file: {why.splitlines()[0]}",
        place=str(folder),
        way_out="Free space there, or name a folder on another disk in the environment variable "
        "TMPDIR; what stood in the folder for the results is untouched.",
    )
