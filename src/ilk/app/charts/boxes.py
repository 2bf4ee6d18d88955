"""Box plots of one column, segment beside segment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import altair as alt

from ilk.app.charts.layout import (
    LINE_WIDTH,
    OUTLINE,
    finished,
    key,
    name_axis,
    numbered,
    shown,
    tooltip,
    values,
)
from ilk.formatting.colors import ink_on, segment_color
from ilk.formatting.numbers import format_number
from ilk.segments.segment import Segment

if TYPE_CHECKING:
    from ilk.report.box_stats import Box

_ROW_HEIGHT = 42
_LEGEND = [
    "Box: the middle half of the customers; line: the median.",
    "Whiskers: the outermost values but for outliers.",
]
_TITLES = {
    "name": "Segment",
    "customers": "Customers",
    "low_text": "Lowest but for outliers",
    "q1_text": "Lower quartile",
    "median_text": "Median",
    "q3_text": "Upper quartile",
    "high_text": "Highest but for outliers",
}


def boxes(column: str, box_stats: Sequence[Box], segments: Sequence[Segment]) -> alt.LayerChart:
    """The values of one column in every segment: half of the customers lie inside the box.

    Parameters
    ----------
    column : str
        Name of the column.
    box_stats : sequence of Box
        Figures of the segments, from the top down.
    segments : sequence of Segment
        The segments that the boxes are of.

    Examples
    --------
    >>> from ilk.report.box_stats import Box
    >>> from ilk.segments.segment import Figures
    >>> one = Segment(1, "Young", "", Figures(5, 1.0, (), ()), ())
    >>> boxes("Age", [Box(1, 20.0, 30.0, 40.0, 50.0, 60.0, 5)], [one]).description
    'Age by segment. 1 Young: median 40, the middle half from 30 to 50.'
    """
    of = {each.number: each for each in segments}
    rows = [_build_row(box, of[box.segment]) for box in box_stats]
    names = [row["segment"] for row in rows]
    y = alt.Y("segment:N", sort=None, axis=name_axis(), scale=alt.Scale(domain=names))
    axis = alt.Axis(title=shown(column, 50), titleLimit=alt.ExprRef("width"), tickCount=6)
    scale = alt.Scale(zero=False, nice=False, padding=8)
    tips = tooltip(_TITLES)

    def layer(start: str, end: str | None = None) -> dict[str, Any]:
        x = alt.X(field=start, type="quantitative", scale=scale, axis=axis)
        return {"x": x, "y": y, "tooltip": tips} | ({"x2": alt.X2(field=end)} if end else {})

    whisker = alt.Chart(values(rows)).mark_rule(color=OUTLINE, strokeWidth=2)
    end = alt.Chart(values(rows)).mark_tick(color=OUTLINE, thickness=2, height={"band": 0.3})
    box = alt.Chart(values(rows)).mark_bar(
        stroke=OUTLINE, strokeWidth=1, height={"band": 0.62}, minBandSize=1
    )
    median = alt.Chart(values(rows)).mark_tick(thickness=3, height={"band": 0.62})
    layers = [
        whisker.encode(**layer("low", "high")),
        end.encode(**layer("low")),
        end.encode(**layer("high")),
        box.encode(**layer("q1", "q3"), fill=alt.Fill("color:N", scale=None)),
        median.encode(**layer("median"), color=alt.Color("ink:N", scale=None)),
    ]
    return finished(layers, _ROW_HEIGHT * len(rows), _describe(column, rows), title=key(_LEGEND))


def _build_row(stats: Box, segment: Segment) -> dict[str, Any]:
    figures = {name: getattr(stats, name) for name in ("low", "q1", "median", "q3", "high")}
    color = segment_color(segment.number)
    return {
        "segment": numbered(segment, LINE_WIDTH, lines=2),
        "name": shown(f"{segment.number} {segment.name}"),
        "customers": f"{stats.customers:,}",
        "color": color,
        "ink": ink_on(color),
        **figures,
        **{f"{name}_text": format_number(figure) for name, figure in figures.items()},
    }


def _describe(column: str, rows: Sequence[dict[str, Any]]) -> str:
    told = (
        f"{row['name']}: median {row['median_text']}, "
        f"the middle half from {row['q1_text']} to {row['q3_text']}"
        for row in rows
    )
    return f"{shown(column)} by segment. {'; '.join(told)}."
