"""Calls made in threads before their results are asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")

_WORKERS = 2
"""Calls made side by side. Polars takes all cores for a part of the work itself; more than two
frames in hand gain little and cost memory."""


def prefetch(calls: Iterable[Callable[[], Result]]) -> Iterator[Result]:
    """Yield the result of every call, in order; those that follow are made meanwhile.

    Examples
    --------
    >>> from functools import partial
    >>> list(prefetch(partial(pow, 2, n) for n in range(4)))
    [1, 2, 4, 8]
    """
    waiting: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(_WORKERS)
    try:
        for call in calls:
            waiting.append(pool.submit(call))
            if len(waiting) > _WORKERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
