"""What a notebook shows of a segment, a choice, a model, a run and a comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ilk.formatting.html import MUTED, build_element, build_paragraph, escape_text
from ilk.formatting.numbers import format_count
from ilk.model.model import SegmentModel
from ilk.report.algorithm_table import render_comparison_table
from ilk.report.notebook.candidates import render_selection
from ilk.report.notebook.segments import render_card, render_cards
from ilk.segments.segment import Segment, Segments
from ilk.selection.candidates import Selection
from ilk.selection.compare import AlgorithmComparison

_NAMED = 6  # so many features are named in a headline; more are only counted
_NEXT = (
    "Why so many: <code>run.choice</code>. Pictures: <code>run.plot</code>. Everyone's segment: "
    "<code>run.customers</code>. Report and tables: <code>run.write(folder)</code>."
)


def model_view(model: SegmentModel) -> str:
    """The headline and the segments as cards."""
    names = [escape_text(column.name) for column in model.schema.features]
    by = ", ".join(names) if len(names) <= _NAMED else format_count(len(names), "column")
    head = build_paragraph(f"{model.headline}, by {by}. Seed {model.recipe.seed}.")
    return head + render_cards(model.segments)


def run_view(model: SegmentModel) -> str:
    """The verdict, the segments as cards, and where to go from here."""
    verdict = build_paragraph(build_element("strong", escape_text(model.selection.verdict)))
    return verdict + render_cards(model.segments) + build_paragraph(_NEXT, style=MUTED)


def comparison_view(contest: AlgorithmComparison) -> str:
    """Which algorithm to use and why, and the table of all."""
    reason = build_paragraph(build_element("strong", escape_text(contest.recommendation.reason)))
    return reason + render_comparison_table(contest)


_VIEWS: Mapping[type, Callable[[Any], str]] = {
    Segment: render_card,
    Segments: render_cards,
    Selection: render_selection,
    SegmentModel: model_view,
}


def register() -> None:
    """Give everything below the report its view in notebooks: ``_repr_html_`` lives here alone."""
    for kind, view in _VIEWS.items():
        kind._repr_html_ = view  # type: ignore[attr-defined]
