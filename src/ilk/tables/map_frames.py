"""A function applied to every frame of a source, wherever the frames are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Literal, Protocol, TypeVar, runtime_checkable

import polars as pl

from ilk.tables.base import Source
from ilk.tables.frames import BATCH_ROWS
from ilk.tables.prefetch import prefetch
from ilk.tables.spill import MAX_ROWS_IN_MEMORY, SpillBuffer

Result = TypeVar("Result")


class FrameStore(Protocol):
    """Frames of the same columns, kept where they were made."""

    def iter_frames(self) -> Iterator[pl.DataFrame]:
        """Yield all rows, in order."""

    def write(
        self,
        function: Callable[[pl.DataFrame], pl.DataFrame],
        path: Path,
        table_format: Literal["csv", "parquet"],
    ) -> None:
        """Write the tables that a function makes of the frames: to a file, or a folder of files."""


@runtime_checkable
class DistributedSource(Protocol):
    """A source whose frames are on other machines: functions go there, results come back."""

    def map_frames(
        self,
        function: Callable[[pl.DataFrame, int], Result],
        combine: Callable[[Result, Result], Result] | None = None,
    ) -> Iterator[Result]:
        """Call ``function(frame, first_row)`` where the frames are; see :func:`map_frames`."""

    def store_frames(
        self,
        function: Callable[[pl.DataFrame, int], tuple[Result, pl.DataFrame]],
        combine: Callable[[Result, Result], Result],
    ) -> tuple[FrameStore, Iterator[Result]]:
        """Keep the frames that a function makes where they are; see :func:`store_frames`."""


def map_frames(
    source: Source,
    function: Callable[[pl.DataFrame, int], Result],
    combine: Callable[[Result, Result], Result] | None = None,
) -> Iterator[Result]:
    """Yield ``function(frame, first_row)`` for every frame of a source, in order.

    Parameters
    ----------
    source : Source
    function : callable
        Called with a frame and the number of its first row, counting from 1. For a distributed
        source it travels to other machines and its results travel back: both have to be picklable.
    combine : callable, optional
        Merges two consecutive results. A distributed source then sends fewer results, already
        merged where the frames are; for other sources the caller merges them.

    Examples
    --------
    >>> from ilk.tables.source import open_source
    >>> source = open_source(pl.DataFrame({"x": [1, 2, 3]}))
    >>> list(map_frames(source, lambda frame, row: (frame.height, row)))
    [(3, 1)]
    """
    if isinstance(source, DistributedSource):
        yield from source.map_frames(function, combine)
        return
    calls = _iter_calls(source, function)
    n_rows = source.estimate_rows()
    if n_rows is not None and n_rows <= BATCH_ROWS:
        # Nothing can be done meanwhile, and threads would take longer than a single customer does.
        yield from (call() for call in calls)
    else:
        yield from prefetch(calls)


def store_frames(
    source: Source,
    function: Callable[[pl.DataFrame, int], tuple[Result, pl.DataFrame]],
    combine: Callable[[Result, Result], Result],
    *,
    max_rows_in_memory: int = MAX_ROWS_IN_MEMORY,
) -> tuple[FrameStore, Iterator[Result]]:
    """Call a function on every frame of a source, once, and keep the frames that it makes.

    Parameters
    ----------
    source : Source
    function : callable
        Returns a result and a frame to keep; see :func:`map_frames`.
    combine : callable
        Merges two consecutive results.
    max_rows_in_memory : int
        Rows kept in memory at most; all others are kept on the disk.

    Returns
    -------
    FrameStore
        The frames made, complete when the results have been read to their end.
    iterator
        The results, in order, some of them merged.

    Examples
    --------
    >>> from ilk.tables.source import open_source
    >>> source = open_source(pl.DataFrame({"x": [1, 2, 3]}))
    >>> store, results = store_frames(source, lambda frame, row: (frame.height, frame * 2), max)
    >>> list(results), [frame["x"].to_list() for frame in store.iter_frames()]
    ([3], [[2, 4, 6]])
    """
    if isinstance(source, DistributedSource):
        return source.store_frames(function, combine)
    buffer = SpillBuffer(max_rows_in_memory)
    return buffer, _fill_buffer(buffer, map_frames(source, function))


def _fill_buffer(
    buffer: SpillBuffer, pairs: Iterator[tuple[Result, pl.DataFrame]]
) -> Iterator[Result]:
    for result, frame in pairs:
        buffer.add(frame)
        yield result


def _iter_calls(
    source: Source, function: Callable[[pl.DataFrame, int], Result]
) -> Iterator[Callable[[], Result]]:
    row = 1
    for frame in source.iter_frames():
        yield partial(function, frame, row)
        row += frame.height
