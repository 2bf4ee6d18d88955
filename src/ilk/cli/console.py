"""What a command tells a person: messages, tables, and a progress bar."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ilk.cli.options import spell_flag
from ilk.errors import Notice
from ilk.progress import AdvanceCallback, TimedReporter, format_pace

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.table import Table

    from ilk.progress import ProgressReporter
    from ilk.report.summary_types import RunSummary
    from ilk.workflow.compare import ComparisonRun


_DEFAULT_WIDTH = 110  # columns, where there is no terminal


class ProgressBar(TimedReporter):
    """Times every step, and shows one line on a terminal while it runs."""

    def __init__(self, console: RichConsole) -> None:
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


class Console:
    """Prints messages for the user; only warnings if quiet."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet

    def make_progress(self) -> ProgressReporter:
        """A reporter that times the steps, with a progress bar on a terminal."""
        if self._quiet or not sys.stderr.isatty():
            return TimedReporter()
        from rich.console import Console as RichConsole

        return ProgressBar(RichConsole(stderr=True))

    def say(self, text: str) -> None:
        """A message."""
        if not self._quiet:
            print(text, file=sys.stderr)

    def warn(self, notices: Iterable[Notice]) -> None:
        """Warnings, one line each, even when quiet."""
        for notice in notices:
            column = f"{notice.column}: " if notice.column else ""
            print(f"warning: {column}{notice.render(spell_flag)} [{notice.code}]", file=sys.stderr)

    def show_columns(self, summary: RunSummary) -> None:
        """How the table was read, and what every column is used for."""
        if self._quiet:
            return
        from ilk.report.terminal import render_columns_table

        self.say(summary["source"]["name"])
        for fact, text in summary["source"]["facts"].items():
            self.say(f"  {fact}: {text}")
        self.say("")
        self._print_table(render_columns_table(summary), sys.stderr)

    def show_result(self, summary: RunSummary, report: Path) -> None:
        """The verdict, the segments (on standard output), the reasons, and where the report is."""
        if self._quiet:
            return
        from ilk.report.terminal import render_segments_table

        self.say(f"\n{summary['loaded']}\n\n{summary['verdict']}\n{summary['choice']['meaning']}\n")
        self._print_table(render_segments_table(summary), sys.stdout)
        if summary["choice"]["reasons"]:
            self.say("\nReasons:")
        for reason in summary["choice"]["reasons"]:
            self.say(f"  - {reason}")
        self.say(f"\nReport: {report}")

    def show_comparison(self, comparison: ComparisonRun, plot_path: Path | None) -> None:
        """Every algorithm with its figures, on standard output; the recommended one, and why."""
        if self._quiet:
            return
        from ilk.report.algorithm_table import LEGEND, describe_sample, list_rejections
        from ilk.report.terminal import render_algorithms_table

        self.say(f"{comparison.source.name}\n\n{comparison.reason}\n")
        self._print_table(render_algorithms_table(comparison.comparison), sys.stdout)
        self.say("")
        for line in (
            *list_rejections(comparison.comparison),
            *LEGEND,
            describe_sample(comparison.comparison),
        ):
            self.say(f"  {line}")
        if plot_path is not None:
            self.say(f"\nTable and plot: {plot_path.parent}")

    def _print_table(self, table: Table, file: TextIO) -> None:
        from rich.console import Console as RichConsole

        width = None if file.isatty() else _DEFAULT_WIDTH
        RichConsole(file=file, highlight=False, width=width).print(table)
