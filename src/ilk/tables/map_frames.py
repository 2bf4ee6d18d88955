"""Mapped: a function applied to every frame of a source, wherever the frames are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Literal, Protocol, TypeVar, runtime_checkable

import polars as pl

from ilk.tables.base import Source
from ilk.tables.prefetch import prefetch

Result = TypeVar("Result")


@runtime_checkable
class DistributedSource(Protocol):
    """A source whose frames lie on other machines: functions go there, results come back."""

    def map_frames(
        self,
        function: Callable[[pl.DataFrame, int], Result],
        combine: Callable[[Result, Result], Result] | None = None,
    ) -> Iterator[Result]:
        """Call ``function(frame, first_row)`` where the frames are; see :func:`map_frames`."""

    def write_frames(
        self,
        function: Callable[[pl.DataFrame, int], pl.DataFrame],
        directory: Path,
        table_format: Literal["csv", "parquet"],
    ) -> None:
        """Call the function where the frames are, and write its results as a folder of files."""


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
        Called with a frame and the number of its first row, counting from 1; on a source that is
        distributed it and its results travel between machines, so that they have to be picklable.
    combine : callable, optional
        Merges two results that follow each other. A source that is distributed then sends fewer
        results, already merged where the frames are; elsewhere merging is left to the caller.

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
    yield from prefetch(_iter_calls(source, function))


def _iter_calls(
    source: Source, function: Callable[[pl.DataFrame, int], Result]
) -> Iterator[Callable[[], Result]]:
    row = 1
    for frame in source.iter_frames():
        yield partial(function, frame, row)
        row += frame.height
