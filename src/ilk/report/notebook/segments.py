"""Cards: segments as pieces of HTML, for notebooks and web pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ilk.formatting.colors import choose_text_color, get_segment_color
from ilk.formatting.html import (
    BORDER,
    MUTED,
    build_element,
    build_list,
    build_paragraph,
    escape_text,
)
from ilk.formatting.numbers import format_count, format_percent
from ilk.segments.traits import select_distinctive
from ilk.segments.wording import describe_confidence

if TYPE_CHECKING:
    from ilk.segments.segment import Segment

_OUTLINE = "box-shadow:0 0 0 1px rgba(160,160,160,.7)"  # black and indigo are seen on a dark page
_GRID = (
    "display:grid;gap:1em;margin:.25em 0 .75em;"
    "grid-template-columns:repeat(auto-fill,minmax(min(19em,100%),1fr))"
)
_CARD = (
    f"padding:1em 1.1em .4em;border:{BORDER};border-top:5px solid {{color}};border-radius:.5em;"
    "max-width:44em;font-size:.95em;line-height:1.5;overflow-wrap:anywhere;white-space:normal"
)
_CHIP = (
    f"flex:none;min-width:1.7em;padding:0 .35em;border-radius:.3em;{_OUTLINE};font-weight:700;"
    "line-height:1.7;text-align:center;background:{color};color:{ink}"
)
_HEADING = "font-size:.78em;letter-spacing:.05em;text-transform:uppercase;font-weight:700"


def render_cards(segments: Iterable[Segment]) -> str:
    """Segments side by side, as many to a row as there is room for.

    Examples
    --------
    >>> import ilk
    >>> render_cards(ilk.fit(ilk.demo.load("mall"), k=5).segments).count("<article")
    5
    """
    return build_element("div", *map(render_card, segments), style=_GRID)


def render_card(segment: Segment) -> str:
    """One segment: number in its colour, name, size, what it is like, what to do, how sure it is.

    Nothing is fetched, no script runs, and every text from outside is escaped.

    Examples
    --------
    >>> from ilk.segments.segment import Figures, Segment
    >>> "&lt;Gold&gt;" in render_card(Segment(1, "<Gold>", "Call them.", Figures(7, 0.5, (), ()), ()))
    True
    """
    return build_element(
        "article",
        _render_name(segment),
        _render_size(segment),
        _render_heading("What they are like"),
        _render_traits(segment),
        _render_heading("What to do"),
        build_paragraph(escape_text(segment.action)),
        *_render_confidence(segment),
        style=_CARD.format(color=get_segment_color(segment.number)),
    )


def _render_name(segment: Segment) -> str:
    color = get_segment_color(segment.number)
    chip = build_element(
        "span", str(segment.number), style=_CHIP.format(color=color, ink=choose_text_color(color))
    )
    name = build_element("strong", escape_text(segment.name), style="min-width:0;font-size:1.05em")
    return build_paragraph(chip, " ", name, style="display:flex;gap:.5em;align-items:baseline")


def _render_size(segment: Segment) -> str:
    number, noun = format_count(segment.figures.customers, "customer").split(" ")
    count = build_element("strong", number, style="font-size:1.1em")
    told = f" {noun}, {format_percent(segment.figures.share)}"
    return build_paragraph(count, build_element("span", told, style=MUTED), _render_bar(segment))


def _render_bar(segment: Segment) -> str:
    """The share of all customers as a length."""
    width = f"width:{100 * segment.figures.share:.1f}%"
    shade = f"background:{get_segment_color(segment.number)}"
    shape = "display:block;height:.5em;border-radius:.25em"
    full = build_element("span", style=f"{shape};{width};{shade};{_OUTLINE}")
    return build_element(
        "span", full, style=f"{shape};margin-top:.35em;background:rgba(128,128,128,.3)"
    )


def _render_heading(text: str) -> str:
    return build_element("p", text, style=f"margin:.9em 0 .25em;{_HEADING};{MUTED}")


def _render_traits(segment: Segment) -> str:
    traits = select_distinctive(segment.traits)
    return build_list(escape_text(trait.text) for trait in traits) or build_paragraph("Like everyone else in every column.")


def _render_confidence(segment: Segment) -> list[str]:
    """Nothing where nothing is known."""
    told = describe_confidence(segment)
    return [_render_heading("How sure"), build_list(told)] if told else []
