"""What a notebook shows of the choice of K, and the web app of the numbers tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ilk.report.candidate_table import format_candidates
from ilk.report.html import render_macro

if TYPE_CHECKING:
    from ilk.selection.candidates import Candidate, Selection


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
