"""Canvas: what the charts share, from the words on them to the width they take.

Names from outside never become fields, keys or expressions of a chart, only texts on it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import altair as alt

from ilk.formatting.colors import get_segment_color
from ilk.report.wrap import wrap_text
from ilk.segments.segment import Segment

OUTLINE_COLOR = "#9AA5B1"
"""Grey around marks: it is seen on white and on black, whatever the colour inside."""

PAGE_TEXT_COLOR = alt.ExprRef("luminance(background) < 0.4 ? '#FAFAFA' : '#1F2933'")
"""Text and lines on the page itself, which is light or dark."""

NAME_WIDTH = 40
"""Columns of a segment's name in a legend."""

LINE_WIDTH = 22
"""Columns of a line beside an axis."""

LABEL_LINE_HEIGHT = 14
"""Pixels from line to line of a label."""

LABEL_LINES = "length(split(datum.value, '\\n'))"
"""How many lines a label of an axis of names has."""

NO_VALUE = "–"
"""Stands where there is no figure."""

_ZERO_WIDTH = "\u200b"

# A tooltip reads "title" as its heading and "image" as an address to load a picture from.
# Streamlit takes texts like "view_1" for names that Altair made up, and numbers them anew.
_RESERVED_NAMES = re.compile(r"title|image|__proto__|(?:param|view)_[0-9a-f]+(?:_[0-9]+)?")


def shorten_label(text: str, width: int = 60) -> str:
    """A text from outside on one line, shortened, and meaning nothing but itself.

    Examples
    --------
    >>> shorten_label("Months since the last order", 16), shorten_label("")
    ('Months since th…', '–')
    >>> shorten_label("image") == "image"
    False
    """
    return neutralize(wrap_text(text, width, lines=1))


def neutralize(text: str) -> str:
    """A text that is not empty, and means nothing but itself to whatever draws the chart."""
    return text + _ZERO_WIDTH if _RESERVED_NAMES.fullmatch(text) else text or NO_VALUE


def make_unique(texts: Iterable[str]) -> list[str]:
    """The texts, with a number behind those that came up before: a scale would join them.

    Examples
    --------
    >>> make_unique(["Total pai…", "Age", "Total pai…"])
    ['Total pai…', 'Age', 'Total pai… (2)']
    """
    seen = Counter[str]()
    found: list[str] = []
    for text in texts:
        unused = text
        while unused in seen:
            seen[text] += 1
            unused = f"{text} ({seen[text]})"
        seen[unused] += 1
        found.append(unused)
    return found


def format_segment_label(segment: Segment, width: int = NAME_WIDTH, lines: int = 1) -> str:
    """A segment's number and name, in at most so many lines; no two segments share one.

    Examples
    --------
    >>> from ilk.segments.segment import Figures
    >>> format_segment_label(Segment(1, "High income", "", Figures(20, 1.0, (), ()), ()))
    '1  High income'
    """
    return f"{segment.number}  {wrap_text(segment.name, width, lines)}"


def get_segment_colors(segments: Sequence[Segment]) -> list[str]:
    """The colours of the segments, as everywhere else."""
    return [get_segment_color(each.number) for each in segments]


def make_data(rows: Iterable[Mapping[str, Any]]) -> alt.Data:
    """Rows of one layer, inside the chart itself.

    Streamlit would offer the rows of a whole chart as a table, under the names that they have in
    here, and Altair makes rows of the whole chart out of ``InlineData``.
    """
    return alt.Data(values=[dict(row) for row in rows])  # type: ignore[no-untyped-call]


def make_tooltip(titles: Mapping[str, str]) -> list[alt.Tooltip]:
    """What a tooltip shows: a title for every field. The fields hold texts.

    Examples
    --------
    >>> [each.to_dict()["title"] for each in make_tooltip({"h0": "Age", "h1": "Age"})]
    ['Age', 'Age (2)']
    """
    # Titles go into an expression that escapes quotes but not what escapes them.
    safe = make_unique(shorten_label(title).replace("\\", "∖") for title in titles.values())
    return [
        alt.Tooltip(field=field, type="nominal", title=title)
        for field, title in zip(titles, safe, strict=True)
    ]


def make_name_axis(**axis_options: Any) -> alt.Axis:
    r"""An axis of names; they break where they hold "\n"."""
    return alt.Axis(
        title=None,
        labelExpr="split(datum.label, '\\n')",
        # A label hangs from the middle of its first line.
        labelOffset=make_label_condition(f"-{LABEL_LINE_HEIGHT / 2} * ({LABEL_LINES} - 1)"),
        labelLineHeight=LABEL_LINE_HEIGHT,
        labelLimit=240,
        labelPadding=8,
        labelOverlap=False,
        labelFlush=False,
        **axis_options,
    )


def make_caption(lines: Sequence[str]) -> alt.TitleParams:
    """How to read the chart, in lines below it."""
    return alt.TitleParams(
        list(lines),
        orient="bottom",
        anchor="start",
        fontSize=12,
        fontWeight="normal",
        color=PAGE_TEXT_COLOR,
        offset=10,
    )


def make_label_condition(expression: str) -> dict[str, Any]:
    """A number that every label of an axis has for itself."""
    return {"condition": {"test": "true", "expr": expression}, "value": 0}


def finish_chart(
    layers: Sequence[alt.Chart], height: int, description: str, **chart_options: Any
) -> alt.LayerChart:
    """A chart as wide as its place, ``height`` high without axes, described in a sentence."""
    axes = alt.AxisConfig(
        labelColor=PAGE_TEXT_COLOR, titleColor=PAGE_TEXT_COLOR
    )  # Streamlit's grey is pale on white
    return alt.LayerChart(
        layer=list(layers),
        height=height,
        description=description,
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
        config=alt.Config(axis=axes, legend=alt.LegendConfig(labelColor=PAGE_TEXT_COLOR)),
        **chart_options,
    )
