"""Box plots: the values of one column, one box per segment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import altair as alt

from ilk.app.charts.layout import (
    LINE_WIDTH,
    OUTLINE_COLOR,
    finish_chart,
    format_segment_label,
    make_caption,
    make_data,
    make_name_axis,
    make_tooltip,
    shorten_label,
)
from ilk.formatting.colors import choose_text_color, get_segment_color
from ilk.formatting.numbers import format_number
from ilk.segments.segment import Segment

if TYPE_CHECKING:
    from ilk.report.box_stats import BoxStats

_ROW_HEIGHT = 42
_LEGEND = [
    "Box: the middle 50% of customers. Line: the median.",
    "Whiskers: the range without outliers.",
]
_TITLES = {
    "name": "Segment",
    "customers": "Customers",
    "low_text": "Lowest (without outliers)",
    "q1_text": "Lower quartile",
    "median_text": "Median",
    "q3_text": "Upper quartile",
    "high_text": "Highest (without outliers)",
}


def draw_boxes(
    column: str, box_stats: Sequence[BoxStats], segments: Sequence[Segment]
) -> alt.LayerChart:
    """The values of one column in every segment, as box plots.

    Parameters
    ----------
    column : str
        Name of the column.
    box_stats : sequence of BoxStats
        One per segment to draw, from top to bottom.
    segments : sequence of Segment
        The segments that ``box_stats`` refers to by number.

    Examples
    --------
    >>> from ilk.report.box_stats import BoxStats
    >>> from ilk.segments.segment import Figures
    >>> one = Segment(1, "Young", "", Figures(5, 1.0, (), ()), ())
    >>> draw_boxes("Age", [BoxStats(1, 20.0, 30.0, 40.0, 50.0, 60.0, 5)], [one]).description
    'Age by segment. 1 Young: median 40, middle 50% from 30 to 50.'
    """
    by_number = {segment.number: segment for segment in segments}
    rows = [_make_row(stats, by_number[stats.segment]) for stats in box_stats]
    names = [row["segment"] for row in rows]
    y = alt.Y("segment:N", sort=None, axis=make_name_axis(), scale=alt.Scale(domain=names))
    axis = alt.Axis(title=shorten_label(column, 50), titleLimit=alt.ExprRef("width"), tickCount=6)
    scale = alt.Scale(zero=False, nice=False, padding=8)
    tooltip = make_tooltip(_TITLES)

    def make_layer(start: str, end: str | None = None) -> dict[str, Any]:
        x = alt.X(field=start, type="quantitative", scale=scale, axis=axis)
        return {"x": x, "y": y, "tooltip": tooltip} | ({"x2": alt.X2(field=end)} if end else {})

    whisker = alt.Chart(make_data(rows)).mark_rule(color=OUTLINE_COLOR, strokeWidth=2)
    end = alt.Chart(make_data(rows)).mark_tick(
        color=OUTLINE_COLOR, thickness=2, height={"band": 0.3}
    )
    box = alt.Chart(make_data(rows)).mark_bar(
        stroke=OUTLINE_COLOR, strokeWidth=1, height={"band": 0.62}, minBandSize=1
    )
    median = alt.Chart(make_data(rows)).mark_tick(thickness=3, height={"band": 0.62})
    layers = [
        whisker.encode(**make_layer("low", "high")),
        end.encode(**make_layer("low")),
        end.encode(**make_layer("high")),
        box.encode(**make_layer("q1", "q3"), fill=alt.Fill("color:N", scale=None)),
        median.encode(**make_layer("median"), color=alt.Color("text_color:N", scale=None)),
    ]
    return finish_chart(
        layers, _ROW_HEIGHT * len(rows), _describe(column, rows), title=make_caption(_LEGEND)
    )


def _make_row(stats: BoxStats, segment: Segment) -> dict[str, Any]:
    figures = {name: getattr(stats, name) for name in ("low", "q1", "median", "q3", "high")}
    color = get_segment_color(segment.number)
    return {
        "segment": format_segment_label(segment, LINE_WIDTH, lines=2),
        "name": shorten_label(f"{segment.number} {segment.name}"),
        "customers": f"{stats.customers:,}",
        "color": color,
        "text_color": choose_text_color(color),
        **figures,
        **{f"{name}_text": format_number(figure) for name, figure in figures.items()},
    }


def _describe(column: str, rows: Sequence[dict[str, Any]]) -> str:
    summaries = (
        f"{row['name']}: median {row['median_text']}, "
        f"middle 50% from {row['q1_text']} to {row['q3_text']}"
        for row in rows
    )
    return f"{shorten_label(column)} by segment. {'; '.join(summaries)}."
