"""What a notebook shows of a segment, a selection, a model, a run and a comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ilk.model.model import SegmentModel
from ilk.report.advice import split_shared_advice
from ilk.report.algorithm_table import render_comparison_table
from ilk.report.candidate_table import format_candidates
from ilk.report.html import render_macro
from ilk.report.summary import summarize_segment
from ilk.segments.column_ranking import ColumnRank
from ilk.segments.segment import Segment, Segments
from ilk.selection.candidates import Selection
from ilk.selection.compare import AlgorithmComparison

if TYPE_CHECKING:
    from ilk.selection.candidates import Candidate


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
        **_summarize_segments(model.segments),
    )


def render_run(model: SegmentModel) -> str:
    """The verdict, the segments as cards, and where to find more."""
    verdict = model.selection.verdict
    return render_macro(_TEMPLATE, "run", verdict=verdict, **_summarize_segments(model.segments))


def render_comparison(comparison: AlgorithmComparison) -> str:
    """Which algorithm to use and why, and the table of all."""
    reason = render_macro(_TEMPLATE, "lead", text=comparison.recommendation.reason)
    return reason + render_comparison_table(comparison)


def render_ranking(ranks: Iterable[ColumnRank], caption: str) -> str:
    """The columns with bars that show how much they tell the segments apart.

    Examples
    --------
    >>> from ilk.segments.column_ranking import ColumnRank
    >>> "86%" in render_ranking([ColumnRank("Spending Score", "feature", 0.86)], "")
    True
    """
    return render_macro(
        _TEMPLATE, "ranking", ranks=[asdict(rank) for rank in ranks], caption=caption
    )


def render_cards(segments: Iterable[Segment]) -> str:
    """Segments side by side, as many in a row as there is room for.

    Examples
    --------
    >>> import ilk
    >>> render_cards(ilk.fit(ilk.demo.load("mall"), k=5).segments).count("<article")
    5
    """
    return render_macro("cards.html.j2", "cards", **_summarize_segments(segments))


def _summarize_segments(segments: Iterable[Segment]) -> dict[str, Any]:
    """The segments for their cards, and the advice that stands above them."""
    shared, own = split_shared_advice(segments)
    return {"segments": list(map(summarize_segment, own)), "advice": shared}


def render_card(segment: Segment) -> str:
    """One segment: number in its color, name, size, what it is like, what to do, how reliable.

    Nothing is fetched, no script runs, and every text from outside is escaped.

    Examples
    --------
    >>> from ilk.segments.segment import Figures, Segment
    >>> gold = Segment(1, "<Gold>", "Call them.", Figures(7, 0.5, (), ()), ())
    >>> "&lt;Gold&gt;" in render_card(gold)
    True
    """
    return render_macro("cards.html.j2", "card", segment=summarize_segment(segment))


def render_selection(selection: Selection) -> str:
    """The verdict, the reasons, and every number of segments tried with its figures.

    Examples
    --------
    >>> from ilk.selection.candidates import Candidate, Selection
    >>> one = Candidate("kmeans", 2, 9.0, 0.3, None, None, None, 40.0, 0.5, chosen=True)
    >>> shown = render_selection(Selection((one,), verdict="Two segments.", reasons=()))
    >>> "Two segments." in shown, shown.count("chosen")
    (True, 1)
    """
    return render_macro(
        "views.html.j2",
        "selection",
        verdict=selection.verdict,
        reasons=selection.reasons,
        **_make_figures(selection.candidates),
    )


def render_candidates(candidates: Sequence[Candidate]) -> str:
    """Every number of segments tried, with its figures.

    Examples
    --------
    >>> from ilk.selection.candidates import Candidate
    >>> one = Candidate("kmeans", 2, 9.0, 0.3, None, None, None, 40.0, 0.5, chosen=True)
    >>> render_candidates([one]).count("<tr")
    2
    """
    return render_macro("views.html.j2", "figures", **_make_figures(candidates))


def _make_figures(candidates: Sequence[Candidate]) -> dict[str, Any]:
    """The table of candidates, and the position of the chosen one."""
    head, *rows = format_candidates([asdict(candidate) for candidate in candidates])
    chosen = next((i for i, candidate in enumerate(candidates) if candidate.chosen), None)
    return {"head": head, "rows": rows, "highlighted": chosen}


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
