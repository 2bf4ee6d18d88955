"""Stopwatch and ProgressBar: watches with a clock, for the surfaces."""

from __future__ import annotations

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
        """Enter a step and show how far it is, rows done, and the time left where it is known."""
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        count = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()) if total else ()
        columns = (TextColumn("{task.description}"), *count, TimeElapsedColumn())
        with Progress(*columns, console=self._console, transient=True) as bar:
            task = bar.add_task(name, total=total)
            with super().step(name, total):
                yield lambda rows: bar.advance(task, rows)
