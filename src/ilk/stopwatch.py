"""Stopwatch and ProgressBar: watches with a clock, for the surfaces."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ilk.watch import Advance, Watch

if TYPE_CHECKING:
    from rich.console import Console


class Stopwatch(Watch):
    """A silent watch that measures.

    Examples
    --------
    >>> watch = Stopwatch()
    >>> with watch.step("Reading"):
    ...     pass
    >>> list(watch.timings)
    ['Reading']
    """

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[Advance]:
        """Enter a step and note its seconds in ``timings``."""
        start = time.perf_counter()
        with super().step(name, total) as advance:
            yield advance
        self.timings[name] = time.perf_counter() - start


class ProgressBar(Stopwatch):
    """A stopwatch that shows one line per step on a terminal while the step runs."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[Advance]:
        """Enter a step and show how far it is: rows done, rows a second, and the time left."""
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        bars = (BarColumn(bar_width=10),) if total else ()
        texts = TextColumn("{task.description}"), TextColumn("{task.fields[pace]}")
        with Progress(
            texts[0], *bars, texts[1], TimeElapsedColumn(), console=self._console, transient=True
        ) as bar:
            task = bar.add_task(name, total=total, pace="")
            start = time.perf_counter()
            done = 0

            def advance(rows: int) -> None:
                nonlocal done
                done += rows
                text = pace(done, total, time.perf_counter() - start)
                bar.update(task, completed=done, pace=text)

            with super().step(name, total):
                yield advance


def pace(done: int, total: int | None, seconds: float) -> str:
    """How far a step is after some seconds, in words; ``total`` may be an estimate.

    Examples
    --------
    >>> pace(1_250_000, 10_000_000, 4.0)
    '1,250,000 of 10,000,000 rows, 312,500 rows/s, 28 s left'
    >>> pace(1_250_000, None, 4.0)
    '1,250,000 rows, 312,500 rows/s'
    """
    rate = done / seconds if seconds > 0 else 0.0
    speed = f", {rate:,.0f} rows/s" if rate else ""
    if not total or done >= total:
        return f"{done:,} rows{speed}"
    left = f", {_span((total - done) / rate)} left" if rate else ""
    return f"{done:,} of {total:,} rows{speed}{left}"


def _span(seconds: float) -> str:
    """A span of time, rounded up to what matters at its length."""
    if seconds <= 90:
        return f"{math.ceil(seconds)} s"
    minutes = math.ceil(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
