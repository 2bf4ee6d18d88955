"""Mapped: a function applied to every frame of a source, wherever the frames are."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, TypeVar, runtime_checkable

import polars as pl

from ilk.tables.source import Source

Result = TypeVar("Result")

_WORKERS = 2
"""Frames looked at side by side. Polars takes all cores for a part of the work itself; more than
two frames in hand gain little and cost memory."""


@runtime_checkable
class Distributed(Protocol):
    """A source whose frames lie on other machines: functions go there, results come back."""

    def map_frames(self, function: Callable[[pl.DataFrame, int], Result]) -> Iterator[Result]:
        """Call ``function(frame, first_row)`` where the frames are; see :func:`mapped`."""


def mapped(source: Source, function: Callable[[pl.DataFrame, int], Result]) -> Iterator[Result]:
    """Yield ``function(frame, first_row)`` for every frame of a source, in order.

    Parameters
    ----------
    source : Source
    function : callable
        Called with a frame and the number of its first row, counting from 1; on a source that is
        distributed it and its results travel between machines, so that they have to be picklable,
        and row numbers only ascend.

    Examples
    --------
    >>> from ilk.tables.source import open_source
    >>> source = open_source(pl.DataFrame({"x": [1, 2, 3]}))
    >>> list(mapped(source, lambda frame, row: (frame.height, row)))
    [(3, 1)]
    """
    if isinstance(source, Distributed):
        yield from source.map_frames(function)
        return
    waiting: deque[Future[Result]] = deque()
    row = 1
    pool = ThreadPoolExecutor(_WORKERS)
    try:
        for frame in source.frames():
            waiting.append(pool.submit(function, frame, row))
            row += frame.height
            if len(waiting) > _WORKERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
