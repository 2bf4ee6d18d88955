"""Console: what a command says to a person, on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ilk.cli.progress_bar import ProgressBar
from ilk.errors import Notice
from ilk.progress import TimedReporter

if TYPE_CHECKING:
    from rich.table import Table

    from ilk.progress import ProgressReporter
    from ilk.report.summary import RunSummary
    from ilk.workflow.compare import ComparisonRun


_DEFAULT_WIDTH = 110  # columns, where no terminal tells how wide it is


class Console:
    """Says things to the user; a quiet one says warnings only."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet

    def make_progress(self) -> ProgressReporter:
        """A stopwatch, with a progress bar where a person is looking."""
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
            print(f"warning: {column}{notice.message} [{notice.code}]", file=sys.stderr)

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
        """The segments and the reasons, on standard output; where the report is."""
        if self._quiet:
            return
        from ilk.report.terminal import render_segments_table

        self.say(f"\n{summary['loaded']}\n{summary['verdict']}")
        for reason in summary["choice"]["reasons"]:
            self.say(f"  {reason}")
        self.say("")
        self._print_table(render_segments_table(summary), sys.stdout)
        self.say(f"\nReport: {report}")

    def show_comparison(self, comparison: ComparisonRun, plot_path: Path | None) -> None:
        """Every algorithm with its figures, on standard output; which one to use, and why."""
        if self._quiet:
            return
        from ilk.report.algorithm_table import LEGEND, describe_sample, list_refusals
        from ilk.report.terminal import render_algorithms_table

        self.say(f"{comparison.source_name}\n")
        self._print_table(render_algorithms_table(comparison.comparison), sys.stdout)
        self.say("")
        for line in (
            *list_refusals(comparison.comparison),
            *LEGEND,
            describe_sample(comparison.comparison),
        ):
            self.say(f"  {line}")
        self.say(f"\n{comparison.reason}")
        if plot_path is not None:
            self.say(f"\nTable and picture: {plot_path.parent}")

    def _print_table(self, table: Table, file: TextIO) -> None:
        from rich.console import Console as RichConsole

        width = None if file.isatty() else _DEFAULT_WIDTH
        RichConsole(file=file, highlight=False, width=width).print(table)
