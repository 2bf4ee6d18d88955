"""Markup: small pieces of HTML that read well on a light and on a dark page.

Every style stands on its element: notebooks and web apps drop style sheets from HTML that they did
not write. Nothing is coloured but what is given a colour; the rest takes the ink of the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

BORDER = "1px solid rgba(128,128,128,.4)"
"""A border that is seen on white and on black."""

MUTED = "opacity:.75"
"""Text of less weight."""

_CELL_STYLE = (
    "padding:.3em .7em;border:0;border-bottom:1px solid rgba(128,128,128,.4);background:none"
)
_HIGHLIGHT_STYLE = "font-weight:700"


def escape_text(text: str) -> str:
    """Text from outside: escaped, and kept from turning round the writing beside it.

    Examples
    --------
    >>> escape_text("<b>Gold & silver</b>")
    '<bdi>&lt;b&gt;Gold &amp; silver&lt;/b&gt;</bdi>'
    """
    return f"<bdi>{escape(text)}</bdi>"


def build_element(tag: str, *children: str, style: str = "") -> str:
    """An element around pieces of markup.

    Examples
    --------
    >>> build_element("p", escape_text("a < b"), style="margin:0")
    '<p style="margin:0"><bdi>a &lt; b</bdi></p>'
    """
    styled = f' style="{escape(style)}"' if style else ""
    return f"<{tag}{styled}>{''.join(children)}</{tag}>"


def build_paragraph(*children: str, style: str = "") -> str:
    """A paragraph with a little room below it.

    Examples
    --------
    >>> build_paragraph("Two segments.")
    '<p style="margin:0 0 .6em">Two segments.</p>'
    """
    return build_element("p", *children, style=";".join(filter(None, ("margin:0 0 .6em", style))))


def build_list(items: Iterable[str]) -> str:
    """A list of pieces of markup; nothing where there are none.

    Examples
    --------
    >>> build_list([]), build_list(["one"]).count("<li")
    ('', 1)
    """
    lines = [build_element("li", item, style="margin:0 0 .2em") for item in items]
    return build_element("ul", *lines, style="margin:0 0 .6em;padding-left:1.2em") if lines else ""


def build_table(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, highlighted: int | None = None
) -> str:
    """A table of figures, aligned to the right.

    Parameters
    ----------
    head : sequence of str
        Pieces of markup, one per column.
    rows : iterable of sequence of str
        Pieces of markup, as many in each row.
    highlighted : int, optional
        Position of the row to set off.

    Examples
    --------
    >>> build_table(["K", "Inertia"], [["2", "9.5"], ["3", "4.1"]], highlighted=1).count("font-weight:700")
    2
    """
    lines = [
        _build_row(
            "td", cells, f"{_CELL_STYLE};{_HIGHLIGHT_STYLE}" if i == highlighted else _CELL_STYLE
        )
        for i, cells in enumerate(rows)
    ]
    body = build_element("thead", _build_row("th", head, f"{_CELL_STYLE};{MUTED}")) + build_element(
        "tbody", *lines
    )
    style = "border-collapse:collapse;margin:0;font-variant-numeric:tabular-nums"
    return build_element("div", build_element("table", body, style=style), style="overflow-x:auto")


def _build_row(tag: str, cells: Iterable[str], style: str) -> str:
    aligned = f"text-align:right;{style}"
    return build_element("tr", *(build_element(tag, cell, style=aligned) for cell in cells))
