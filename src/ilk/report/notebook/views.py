"""What a notebook shows of a segment, a selection, a model, a run and a comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ilk.model.model import SegmentModel
from ilk.report.algorithm_table import render_comparison_table
from ilk.report.html import render_macro
from ilk.report.notebook.candidates import render_selection
from ilk.report.notebook.segments import render_card, render_cards
from ilk.report.summary import summarize_segment
from ilk.segments.segment import Segment, Segments
from ilk.selection.candidates import Selection
from ilk.selection.compare import AlgorithmComparison

_MAX_NAMED_COLUMNS = 6  # more are only counted
_TEMPLATE = "views.html.j2"


def render_model(model: SegmentModel) -> str:
    """The headline, the columns it was segmented by, and the segments as cards."""
    columns = [column.name for column in model.schema.features]
    return render_macro(
        _TEMPLATE,
        "model",
        headline=model.headline,
        columns=columns if len(columns) <= _MAX_NAMED_COLUMNS else (),
        n_columns=len(columns),
        seed=model.recipe.seed,
        segments=list(map(summarize_segment, model.segments)),
    )


def render_run(model: SegmentModel) -> str:
    """The verdict, the segments as cards, and where to find more."""
    segments = list(map(summarize_segment, model.segments))
    return render_macro(_TEMPLATE, "run", verdict=model.selection.verdict, segments=segments)


def render_comparison(comparison: AlgorithmComparison) -> str:
    """Which algorithm to use and why, and the table of all."""
    reason = render_macro(_TEMPLATE, "lead", text=comparison.recommendation.reason)
    return reason + render_comparison_table(comparison)


_VIEWS: Mapping[type, Callable[[Any], str]] = {
    Segment: render_card,
    Segments: render_cards,
    Selection: render_selection,
    SegmentModel: render_model,
    AlgorithmComparison: render_comparison,
}


def register_views() -> None:
    """Give what lies below the report its ``_repr_html_``, so that it needs no HTML of its own."""
    for shown_type, render in _VIEWS.items():
        shown_type._repr_html_ = render  # type: ignore[attr-defined]
