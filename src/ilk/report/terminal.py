"""Tables for a terminal; colour is never needed to understand them."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from ilk.formatting.numbers import format_percent
from ilk.formatting.text import format_single_line
from ilk.report.algorithm_table import HEADERS, format_result
from ilk.report.summary import RunSummary
from ilk.selection.compare import AlgorithmComparison

_ROLE_TEXTS = {
    "id": "is the id",
    "feature": "shapes segments",
    "describe": "describes segments",
    "ignore": "is left out",
}
_MAX_TRAITS = 2  # the page tells more


def render_segments_table(summary: RunSummary) -> Table:
    """The segments: number, name, what they are like, what to do, how sure they are, and size.

    Examples
    --------
    >>> render_segments_table({"segments": []}).row_count
    0
    """
    table = _make_table("", "Segment")
    table.add_column("Customers", justify="right")
    table.add_column("Share", justify="right")
    for each in summary["segments"]:
        traits = [f"· {trait['text']}" for trait in each["traits"][:_MAX_TRAITS]]
        about = [_sanitize(line) for line in (*traits, f"→ {each['action']}", *each["confidence"])]
        table.add_row(
            str(each["number"]),
            Group(_sanitize(each["name"], style="bold"), *about),
            f"{each['customers']:,}",
            format_percent(each["share"]),
        )
    return table


def render_columns_table(summary: RunSummary) -> Table:
    """Every column, what it is used for and why.

    Examples
    --------
    >>> render_columns_table({"columns": []}).row_count
    0
    """
    table = _make_table("Column", "Use", "Why")
    for each in summary["columns"]:
        missing = f"; {each['missing']:,} cells without a value" if each["missing"] else ""
        table.add_row(
            _sanitize(each["name"]),
            _ROLE_TEXTS.get(each["role"], each["role"]),
            _sanitize(each["reason"] + missing),
        )
    return table


def render_algorithms_table(comparison: AlgorithmComparison) -> Table:
    """Every algorithm with its figures; the one to use is bold.

    Examples
    --------
    >>> import numpy as np
    >>> from ilk.selection.compare import AlgorithmComparison
    >>> from ilk.selection.algorithm_result import AlgorithmResult
    >>> from ilk.selection.algorithm_choice import AlgorithmRecommendation
    >>> one = AlgorithmResult("kmeans")
    >>> found = AlgorithmComparison((one,), AlgorithmRecommendation("kmeans", ""), 9, 9, np.zeros((9, 2)))
    >>> render_algorithms_table(found).row_count
    1
    """
    first, *others = HEADERS
    table = _make_table(first)
    table.padding = (0, 1, 0, 0)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    for each in comparison.results:
        preferred = each.algorithm == comparison.recommendation.algorithm
        table.add_row(*map(_sanitize, format_result(each)), style="bold" if preferred else "")
    return table


def _make_table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold")
    return table


def _sanitize(text: str, style: str = "") -> Text:
    """A text from outside: neither markup nor characters that steer the terminal."""
    return Text(format_single_line(text), style=style)
