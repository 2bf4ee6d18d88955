"""Cards: segments as pieces of HTML, for notebooks and web pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ilk.formatting.colors import ink_on, segment_color
from ilk.formatting.html import LINE, QUIET, bullets, element, paragraph, words
from ilk.formatting.numbers import counted, format_percent
from ilk.segments.traits import worth_telling
from ilk.segments.wording import certainty

if TYPE_CHECKING:
    from ilk.segments.segment import Segment

_OUTLINE = "box-shadow:0 0 0 1px rgba(160,160,160,.7)"  # black and indigo are seen on a dark page
_GRID = (
    "display:grid;gap:1em;margin:.25em 0 .75em;"
    "grid-template-columns:repeat(auto-fill,minmax(min(19em,100%),1fr))"
)
_CARD = (
    f"padding:1em 1.1em .4em;border:{LINE};border-top:5px solid {{color}};border-radius:.5em;"
    "max-width:44em;font-size:.95em;line-height:1.5;overflow-wrap:anywhere;white-space:normal"
)
_CHIP = (
    f"flex:none;min-width:1.7em;padding:0 .35em;border-radius:.3em;{_OUTLINE};font-weight:700;"
    "line-height:1.7;text-align:center;background:{color};color:{ink}"
)
_HEADING = "font-size:.78em;letter-spacing:.05em;text-transform:uppercase;font-weight:700"


def cards(segments: Iterable[Segment]) -> str:
    """Segments side by side, as many to a row as there is room for.

    Examples
    --------
    >>> import ilk
    >>> cards(ilk.fit(ilk.demo.load("mall"), k=5).segments).count("<article")
    5
    """
    return element("div", *map(card, segments), style=_GRID)


def card(segment: Segment) -> str:
    """One segment: number in its colour, name, size, what it is like, what to do, how sure it is.

    Nothing is fetched, no script runs, and every text from outside is escaped.

    Examples
    --------
    >>> from ilk.segments.segment import Figures, Segment
    >>> "&lt;Gold&gt;" in card(Segment(1, "<Gold>", "Call them.", Figures(7, 0.5, (), ()), ()))
    True
    """
    return element(
        "article",
        _render_name(segment),
        _render_size(segment),
        _render_heading("What they are like"),
        _render_traits(segment),
        _render_heading("What to do"),
        paragraph(words(segment.action)),
        *_render_confidence(segment),
        style=_CARD.format(color=segment_color(segment.number)),
    )


def _render_name(segment: Segment) -> str:
    color = segment_color(segment.number)
    chip = element("span", str(segment.number), style=_CHIP.format(color=color, ink=ink_on(color)))
    name = element("strong", words(segment.name), style="min-width:0;font-size:1.05em")
    return paragraph(chip, " ", name, style="display:flex;gap:.5em;align-items:baseline")


def _render_size(segment: Segment) -> str:
    number, noun = counted(segment.figures.customers, "customer").split(" ")
    count = element("strong", number, style="font-size:1.1em")
    told = f" {noun}, {format_percent(segment.figures.share)}"
    return paragraph(count, element("span", told, style=QUIET), _render_bar(segment))


def _render_bar(segment: Segment) -> str:
    """The share of all customers as a length."""
    width = f"width:{100 * segment.figures.share:.1f}%"
    shade = f"background:{segment_color(segment.number)}"
    shape = "display:block;height:.5em;border-radius:.25em"
    full = element("span", style=f"{shape};{width};{shade};{_OUTLINE}")
    return element("span", full, style=f"{shape};margin-top:.35em;background:rgba(128,128,128,.3)")


def _render_heading(text: str) -> str:
    return element("p", text, style=f"margin:.9em 0 .25em;{_HEADING};{QUIET}")


def _render_traits(segment: Segment) -> str:
    traits = worth_telling(segment.traits)
    # A no-break space keeps the sign with its number.
    told = [words(trait.text.replace(" %", "\N{NO-BREAK SPACE}%")) for trait in traits]
    return bullets(told) or paragraph("Like everyone else in every column.")


def _render_confidence(segment: Segment) -> list[str]:
    """Nothing where nothing is known."""
    told = [each.replace(" %", "\N{NO-BREAK SPACE}%") for each in certainty(segment)]
    return [_render_heading("How sure"), bullets(told)] if told else []
