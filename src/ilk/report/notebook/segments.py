"""Segments as cards, for notebooks and the web app."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ilk.report.html import render_macro
from ilk.report.summary import summarize_segment

if TYPE_CHECKING:
    from ilk.segments.segment import Segment


def render_cards(segments: Iterable[Segment]) -> str:
    """Segments side by side, as many in a row as there is room for.

    Examples
    --------
    >>> import ilk
    >>> render_cards(ilk.fit(ilk.demo.load("mall"), k=5).segments).count("<article")
    5
    """
    return render_macro("cards.html.j2", "cards", segments=list(map(summarize_segment, segments)))


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
