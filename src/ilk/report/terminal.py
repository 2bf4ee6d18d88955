"""Tables for a terminal; color is never needed to understand them."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from ilk.formatting.numbers import format_count, format_percent
from ilk.formatting.text import format_single_line
from ilk.report.algorithm_table import HEADERS, format_result
from ilk.report.summary_types import RunSummary
from ilk.schema import COLUMN_HEADINGS, ROLE_LABELS
from ilk.segments.wording import capitalize
from ilk.selection.compare import AlgorithmComparison

_MAX_TRAITS = 3  # as many as a name may mention; the report shows more


def render_segments_table(summary: RunSummary) -> Table:
    """The segments: number, name, what they are like, what to do, how reliable they are, and size.

    Examples
    --------
    >>> render_segments_table({"segments": []}).row_count
    0
    """
    table = _make_table("", "Segment")
    if summary.get("advice"):
        table.title = _sanitize(" ".join(summary["advice"]))
        table.title_justify, table.title_style = "left", "none"
    table.add_column("Customers", justify="right")
    table.add_column("Share", justify="right")
    for segment in summary["segments"]:
        traits = [f"· {trait['text']}" for trait in segment["traits"][:_MAX_TRAITS]]
        goal = f"{capitalize(segment['goal'])}. " if segment["goal"] else ""
        action = f"→ {goal}{segment['action']}" if segment["action"] else ""
        lines = [*segment["worth"], *traits, action, " ".join(segment["confidence"])]
        table.add_row(
            str(segment["number"]),
            Group(_sanitize(segment["name"], style="bold"), *map(_sanitize, filter(None, lines))),
            f"{segment['customers']:,}",
            format_percent(segment["share"]),
        )
    return table


def render_columns_table(summary: RunSummary) -> Table:
    """Every column, what it is used for and why; the report has the types too.

    Examples
    --------
    >>> render_columns_table({"columns": []}).row_count
    0
    """
    table = _make_table(*(COLUMN_HEADINGS[field] for field in ("name", "role", "reason")))
    for column in summary["columns"]:
        n_missing = column["missing"]
        missing = f"; {format_count(n_missing, 'missing value')}" if n_missing else ""
        table.add_row(
            _sanitize(column["name"]),
            ROLE_LABELS[column["role"]],
            _sanitize(column["reason"] + missing),
        )
    return table


def render_algorithms_table(comparison: AlgorithmComparison) -> Table:
    """Every algorithm with its figures; the recommended one is bold.

    Examples
    --------
    >>> import numpy as np
    >>> from ilk.selection.compare import AlgorithmComparison
    >>> from ilk.selection.candidates import AlgorithmResult
    >>> from ilk.selection.algorithm_choice import AlgorithmRecommendation
    >>> one = AlgorithmResult("kmeans")
    >>> recommended = AlgorithmRecommendation("kmeans", "")
    >>> comparison = AlgorithmComparison((one,), recommended, 9, 9, np.zeros((9, 2)))
    >>> render_algorithms_table(comparison).row_count
    1
    """
    first, *others = HEADERS
    table = _make_table(first)
    table.padding = (0, 1, 0, 0)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    for result in comparison.results:
        style = "bold" if comparison.is_marked(result) else ""
        table.add_row(*map(_sanitize, format_result(result)), style=style)
    return table


def _make_table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold")
    return table


def _sanitize(text: str, style: str = "") -> Text:
    """A text from outside, without markup or characters that control the terminal."""
    return Text(format_single_line(text), style=style)
