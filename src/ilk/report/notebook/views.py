"""What a notebook shows of a segment, a choice, a model, a run and a comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ilk.formatting.html import QUIET, element, paragraph, words
from ilk.formatting.numbers import counted
from ilk.model.model import SegmentModel
from ilk.report.algorithm_table import contest_table
from ilk.report.notebook.candidates import choice_table
from ilk.report.notebook.segments import card, cards
from ilk.segments.segment import Segment, Segments
from ilk.selection.candidates import Choice
from ilk.selection.compare import Contest

_NAMED = 6  # so many features are named in a headline; more are only counted
_NEXT = (
    "Why so many: <code>run.choice</code>. Pictures: <code>run.plot</code>. Everyone's segment: "
    "<code>run.customers</code>. Report and tables: <code>run.write(folder)</code>."
)


def model_view(model: SegmentModel) -> str:
    """The headline and the segments as cards."""
    names = [words(column.name) for column in model.schema.features]
    by = ", ".join(names) if len(names) <= _NAMED else counted(len(names), "column")
    head = paragraph(f"{model.headline}, by {by}. Seed {model.recipe.seed}.")
    return head + cards(model.segments)


def run_view(model: SegmentModel) -> str:
    """The verdict, the segments as cards, and where to go from here."""
    verdict = paragraph(element("strong", words(model.choice.verdict)))
    return verdict + cards(model.segments) + paragraph(_NEXT, style=QUIET)


def comparison_view(contest: Contest) -> str:
    """Which algorithm to use and why, and the table of all."""
    reason = paragraph(element("strong", words(contest.preference.reason)))
    return reason + contest_table(contest)


_VIEWS: Mapping[type, Callable[[Any], str]] = {
    Segment: card,
    Segments: cards,
    Choice: choice_table,
    SegmentModel: model_view,
}


def register() -> None:
    """Give everything below the report its view in notebooks: ``_repr_html_`` lives here alone."""
    for kind, view in _VIEWS.items():
        kind._repr_html_ = view  # type: ignore[attr-defined]
