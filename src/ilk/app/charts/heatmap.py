"""Heat map of the profile: each segment beside all customers, in original units."""

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
_EVERYONE = "All customers"
_EVERYONE_COLOR = "#FFFFFF"
_HEADER_WIDTH = 16
_LEVEL_WIDTH = 14
_LEGEND = [
    "Blue: below the average of all customers. Orange: above it.",
    "For categories, orange: more common than overall.",
    "The darkest colors mark two standard deviations or more.",
]

# Names of segments run across where their cells are wide enough, and upwards elsewhere.
_WIDE = "bandwidth('x') >= 100"
_HEADER_LABEL = f"{_WIDE} ? split(datum.label, '\\n') : join(split(datum.label, '\\n'), ' ')"

# Pixels of a letter in the smaller of the two font sizes of a cell.
_LETTER_WIDTH = 6


def draw_heat_map(
    profile_rows: Sequence[ProfileRow], segments: Sequence[Segment]
) -> alt.LayerChart:
    """All customers and every segment, column by column.

    A row whose figures do not fit into its cells shows colors only.

    Parameters
    ----------
    profile_rows : sequence of ProfileRow
        One per column of the data. If there are many, the most distinctive are drawn.
    segments : sequence of Segment
        In the order of their numbers.

    Examples
    --------
    >>> from ilk.segments.segment import Figures
    >>> one = Segment(1, "Young", "", Figures(2, 1.0, (), ()), ())
    >>> age = ProfileRow("Age", "number", ProfileCell("30"), (ProfileCell("20", -1.0),))
    >>> draw_heat_map([age], [one]).description
    'Each segment compared with all customers. 1 Young: Age 20 (all customers 30).'
    """
    rows = select_most_distinctive(profile_rows, _MAX_ROWS)
    headers = [
        _EVERYONE,
        *(format_segment_label(segment, _HEADER_WIDTH, lines=4) for segment in segments),
    ]
    names = make_unique(neutralize(wrap_text(row.column, LINE_WIDTH)) for row in rows)
    cells = [
        cell
        for name, row in zip(names, rows, strict=True)
        for cell in _iter_cells(name, row, headers, segments)
    ]
    x = alt.X("segment:N", sort=None, axis=_make_header_axis(), scale=_make_band_scale(headers))
    y = alt.Y("column:N", sort=None, axis=make_name_axis(), scale=_make_band_scale(names))
    tooltip = make_tooltip(
        {"full": "Column", "name": "Segment", "value": "Value", "difference": "Difference"}
    )
    rects = (
        alt.Chart(make_data(cells))
        .mark_rect()
        .encode(x=x, y=y, fill=alt.Fill("color:N", scale=None), tooltip=tooltip)
    )
    size, step = alt.ExprRef(f"{_WIDE} ? 13 : 10.5"), f"({_WIDE} ? 15 : 12)"
    # Vega places a text by the middle of its first line.
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
            fill=alt.Fill("text_color:N", scale=None),
            opacity=alt.when(readable).then(alt.value(1)).otherwise(alt.value(0)),
            tooltip=tooltip,
        )
    )
    layers = [_draw_color_strip(headers, segments, x), rects, texts]
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
        # Vega places a label by its first line, and a rotated one by its start.
        labelPadding=make_label_condition(
            f"6 + ({_WIDE} ? {LABEL_LINE_HEIGHT} * ({LABEL_LINES} - 1) : 0)"
        ),
        labelLineHeight=LABEL_LINE_HEIGHT,
        labelOverlap=False,
        labelFlush=False,
    )


def _draw_color_strip(headers: Sequence[str], segments: Sequence[Segment], x: alt.X) -> alt.Chart:
    """A strip with the color of each segment above its cells."""
    rows = [
        {"segment": header, "color": color}
        for header, color in zip(headers[1:], get_segment_colors(segments), strict=True)
    ]
    mark: alt.Chart = alt.Chart(make_data(rows)).mark_rect(
        stroke=OUTLINE_COLOR, strokeWidth=0.5, tooltip=None, aria=False
    )
    return mark.encode(x=x, y=alt.value(-9), y2=alt.value(-3), fill=alt.Fill("color:N", scale=None))


def _iter_cells(
    name: str, row: ProfileRow, headers: Sequence[str], segments: Sequence[Segment]
) -> Iterator[dict[str, Any]]:
    """The cells of one column of the data; ``name`` labels their row."""
    texts = [_format_cell(cell) for cell in (row.everyone, *row.segments)]
    # A row shows all of its figures or none.
    letters = max(measure_width(text.split("\n")[-1]) for text in texts)
    names = [
        _EVERYONE,
        *(shorten_label(f"{segment.number} {segment.name}") for segment in segments),
    ]
    for i, cell in enumerate((row.everyone, *row.segments)):
        color = get_difference_color(cell.difference) if i else _EVERYONE_COLOR
        yield {
            "column": name,
            "segment": headers[i],
            "full": shorten_label(row.column),
            "name": names[i],
            "value": shorten_label(cell.text),
            "difference": _format_difference(cell) if i else NO_VALUE,
            "text": texts[i],
            "letters": letters,
            "color": color,
            "text_color": choose_text_color(color),
        }


def _format_cell(cell: ProfileCell) -> str:
    """The text of a cell; a category and its share on two lines."""
    if cell.top is None or cell.share is None:
        return shorten_label(cell.text)
    return f"{shorten_label(cell.top, _LEVEL_WIDTH)}\n{format_percent(cell.share)}"


def _format_difference(cell: ProfileCell) -> str:
    if cell.difference is None:
        return NO_VALUE
    size = format_number(round(abs(cell.difference), 2))
    side = "below" if cell.difference < 0 else "above"
    return "none" if size == "0" else f"{size} standard deviations {side} average"


def _describe(rows: Sequence[ProfileRow], segments: Sequence[Segment]) -> str:
    """The most distinctive column of each segment, in a sentence."""
    summaries = []
    for i, segment in enumerate(segments):
        row = max(rows, key=lambda row: abs(row.segments[i].difference or 0.0), default=None)
        if row is not None:
            name = f"{segment.number} {shorten_label(segment.name)}"
            own, overall = shorten_label(row.segments[i].text), shorten_label(row.everyone.text)
            summaries.append(f"{name}: {shorten_label(row.column)} {own} (all customers {overall})")
    return f"Each segment compared with all customers. {'; '.join(summaries)}."
