"""How a long job reports its progress to the caller."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

AdvanceCallback = Callable[[int], None]


class ProgressReporter:
    """Receives the steps of a job; this one shows nothing and measures nothing.

    The command line and the app pass in a subclass that does both.

    Attributes
    ----------
    timings : dict of str to float
        Seconds per finished step, where the reporter measures them.

    Examples
    --------
    >>> with ProgressReporter().step("Reading", total=10) as advance:
    ...     advance(10)
    """

    def __init__(self) -> None:
        self.timings: dict[str, float] = {}

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[AdvanceCallback]:
        """Begin a step of ``total`` rows, if that is known; yields a callback to advance."""
        yield lambda rows: None


class TimedReporter(ProgressReporter):
    """A reporter that shows nothing, but measures.

    Examples
    --------
    >>> reporter = TimedReporter()
    >>> with reporter.step("Reading"):
    ...     pass
    >>> list(reporter.timings)
    ['Reading']
    """

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[AdvanceCallback]:
        """Begin a step; its seconds are added to ``timings`` when it ends."""
        start = time.perf_counter()
        with super().step(name, total) as advance:
            yield advance
        self.timings[name] = time.perf_counter() - start


def format_pace(done: int, total: int | None, seconds: float) -> str:
    """Progress of a step after some seconds, in words; ``total`` may be an estimate.

    Examples
    --------
    >>> format_pace(1_250_000, 10_000_000, 4.0)
    '1,250,000 of 10,000,000 rows, 312,500 rows/s, 28 s left'
    >>> format_pace(1_250_000, None, 4.0)
    '1,250,000 rows, 312,500 rows/s'
    """
    rate = done / seconds if seconds > 0 else 0.0
    speed = f", {rate:,.0f} rows/s" if rate else ""
    if not total or done >= total:
        return f"{done:,} rows{speed}"
    left = f", {_format_duration((total - done) / rate)} left" if rate else ""
    return f"{done:,} of {total:,} rows{speed}{left}"


def _format_duration(seconds: float) -> str:
    """A duration, rounded up to seconds or minutes."""
    if seconds <= 90:
        return f"{math.ceil(seconds)} s"
    minutes = math.ceil(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
