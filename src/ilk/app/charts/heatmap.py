"""Heat map of what every segment is like, in original units."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import altair as alt

from ilk.app.charts.layout import (
    LABEL_LINE_HEIGHT,
    LABEL_LINES,
    LINE_WIDTH,
    NO_VALUE,
    OUTLINE_COLOR,
    finish_chart,
    format_segment_label,
    get_segment_colors,
    make_caption,
    make_data,
    make_label_condition,
    make_name_axis,
    make_tooltip,
    make_unique,
    neutralize,
    shorten_label,
)
from ilk.formatting.colors import choose_text_color, get_difference_color
from ilk.formatting.numbers import format_number, format_percent
from ilk.report.profile_table import ProfileCell, ProfileRow, select_most_distinctive
from ilk.report.wrap import measure_width, wrap_text
from ilk.segments.segment import Segment

_MAX_ROWS = 24
_ROW_HEIGHT = 38
_EVERYONE = "Everyone"
_EVERYONE_COLOR = "#FFFFFF"
_HEADER_WIDTH = 16
_LEVEL_WIDTH = 14
_LEGEND = [
    "Blue: below everyone. Orange: above everyone.",
    "Deepest from two standard deviations on.",
]

# Names of segments lie above their cells where these are wide enough, and stand where not.
_WIDE = "bandwidth('x') >= 100"
_HEADER_LABEL = f"{_WIDE} ? split(datum.label, '\\n') : join(split(datum.label, '\\n'), ' ')"

# Pixels of a letter, in the smaller of two sizes of font that a cell takes.
_LETTER_WIDTH = 6


def draw_heat_map(
    profile_rows: Sequence[ProfileRow], segments: Sequence[Segment]
) -> alt.LayerChart:
    """Everyone and every segment, column by column. Rows too wide for their cells show no figures.

    Parameters
    ----------
    profile_rows : sequence of Comparison
        One per column of the data; the most telling ones are drawn if there are many.
    segments : sequence of Segment
        In the order of their numbers.

    Examples
    --------
    >>> from ilk.segments.segment import Figures
    >>> one = Segment(1, "Young", "", Figures(2, 1.0, (), ()), ())
    >>> age = ProfileRow("Age", "number", ProfileCell("30"), (ProfileCell("20", -1.0),))
    >>> draw_heat_map([age], [one]).description
    'Every segment against everyone, column by column. 1 Young: Age 20 (everyone 30).'
    """
    rows = select_most_distinctive(profile_rows, _MAX_ROWS)
    heads = [_EVERYONE, *(format_segment_label(each, _HEADER_WIDTH, lines=4) for each in segments)]
    names = make_unique(neutralize(wrap_text(row.column, LINE_WIDTH)) for row in rows)
    cells = [
        cell
        for name, row in zip(names, rows, strict=True)
        for cell in _iter_cells(name, row, heads, segments)
    ]
    x = alt.X("segment:N", sort=None, axis=_make_header_axis(), scale=_make_band_scale(heads))
    y = alt.Y("column:N", sort=None, axis=make_name_axis(), scale=_make_band_scale(names))
    tips = make_tooltip(
        {"full": "Column", "name": "Segment", "told": "Value", "difference": "Difference"}
    )
    rects = (
        alt.Chart(make_data(cells))
        .mark_rect()
        .encode(x=x, y=y, fill=alt.Fill("color:N", scale=None), tooltip=tips)
    )
    size, step = alt.ExprRef(f"{_WIDE} ? 13 : 10.5"), f"({_WIDE} ? 15 : 12)"
    # A text hangs from the middle of its first line.
    rise = alt.ExprRef(f"-{step} / 2 * (length(split(datum.text, '\\n')) - 1)")
    readable = f"bandwidth('x') >= {_LETTER_WIDTH} * datum.letters + 4"
    texts = (
        alt.Chart(make_data(cells))
        .mark_text(
            lineBreak="\n",
            fontSize=size,
            lineHeight=alt.ExprRef(step),
            dy=rise,
            limit=alt.ExprRef("bandwidth('x') - 4"),
        )
        .encode(
            x=x,
            y=y,
            text="text:N",
            fill=alt.Fill("ink:N", scale=None),
            opacity=alt.when(readable).then(alt.value(1)).otherwise(alt.value(0)),
            tooltip=tips,
        )
    )
    layers = [_draw_color_strip(heads, segments, x), rects, texts]
    return finish_chart(
        layers, _ROW_HEIGHT * len(rows), _describe(rows, segments), title=make_caption(_LEGEND)
    )


def _make_band_scale(domain: Sequence[str]) -> alt.Scale:
    return alt.Scale(domain=list(domain), paddingInner=0.03, paddingOuter=0)


def _make_header_axis() -> alt.Axis:
    return alt.Axis(
        title=None,
        orient="top",
        offset=10,
        labelExpr=_HEADER_LABEL,
        labelAngle=alt.ExprRef(f"{_WIDE} ? 0 : -90"),
        labelAlign=alt.ExprRef(f"{_WIDE} ? 'center' : 'left'"),
        labelBaseline=alt.ExprRef(f"{_WIDE} ? 'bottom' : 'middle'"),
        labelLimit=190,
        # A label hangs from its first line, and turned, from where it begins.
        labelPadding=make_label_condition(
            f"6 + ({_WIDE} ? {LABEL_LINE_HEIGHT} * ({LABEL_LINES} - 1) : 0)"
        ),
        labelLineHeight=LABEL_LINE_HEIGHT,
        labelOverlap=False,
        labelFlush=False,
    )


def _draw_color_strip(headers: Sequence[str], segments: Sequence[Segment], x: alt.X) -> alt.Chart:
    """The colours of the segments above their cells."""
    rows = [
        {"segment": head, "color": color}
        for head, color in zip(headers[1:], get_segment_colors(segments), strict=True)
    ]
    mark: alt.Chart = alt.Chart(make_data(rows)).mark_rect(
        stroke=OUTLINE_COLOR, strokeWidth=0.5, tooltip=None, aria=False
    )
    return mark.encode(x=x, y=alt.value(-9), y2=alt.value(-3), fill=alt.Fill("color:N", scale=None))


def _iter_cells(
    name: str, row: ProfileRow, headers: Sequence[str], segments: Sequence[Segment]
) -> Iterator[dict[str, Any]]:
    """The cells of one column of the data; ``name`` is what stands beside them."""
    texts = [_format_cell(cell) for cell in (row.everyone, *row.segments)]
    # All figures of a row are shown, or none.
    letters = max(measure_width(text.split("\n")[-1]) for text in texts)
    groups = [_EVERYONE, *(shorten_label(f"{each.number} {each.name}") for each in segments)]
    for i, cell in enumerate((row.everyone, *row.segments)):
        color = get_difference_color(cell.difference) if i else _EVERYONE_COLOR
        yield {
            "column": name,
            "segment": headers[i],
            "full": shorten_label(row.column),
            "name": groups[i],
            "told": shorten_label(cell.text),
            "difference": _format_difference(cell) if i else NO_VALUE,
            "text": texts[i],
            "letters": letters,
            "color": color,
            "ink": choose_text_color(color),
        }


def _format_cell(cell: ProfileCell) -> str:
    """The text of a cell; a level and its share one above the other."""
    if cell.top is None or cell.share is None:
        return shorten_label(cell.text)
    return f"{shorten_label(cell.top, _LEVEL_WIDTH)}\n{format_percent(cell.share)}"


def _format_difference(cell: ProfileCell) -> str:
    if cell.difference is None:
        return NO_VALUE
    size = format_number(round(abs(cell.difference), 2))
    side = "below" if cell.difference < 0 else "above"
    return "none" if size == "0" else f"{size} standard deviations {side} everyone"


def _describe(rows: Sequence[ProfileRow], segments: Sequence[Segment]) -> str:
    """What sets each segment apart the most, in a sentence."""
    told = []
    for i, each in enumerate(segments):
        row = max(rows, key=lambda row: abs(row.segments[i].difference or 0.0), default=None)
        if row is not None:
            figures = f"{shorten_label(row.segments[i].text)} (everyone {shorten_label(row.everyone.text)})"
            told.append(
                f"{each.number} {shorten_label(each.name)}: {shorten_label(row.column)} {figures}"
            )
    return f"Every segment against everyone, column by column. {'; '.join(told)}."
