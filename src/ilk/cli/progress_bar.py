"""A progress bar on a terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ilk.progress import AdvanceCallback, TimedReporter, format_pace

if TYPE_CHECKING:
    from rich.console import Console


class ProgressBar(TimedReporter):
    """Times every step, and shows one line on a terminal while it runs."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[AdvanceCallback]:
        """Enter a step and show its progress: rows done, rows per second, and the time left."""
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
                text = format_pace(done, total, time.perf_counter() - start)
                bar.update(task, completed=done, pace=text)

            with super().step(name, total):
                yield advance
