"""Scatter plots: customers in two columns, with segment centers, or small without axes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import polars as pl
from numpy.typing import NDArray

from ilk.app.charts.layout import (
    NO_VALUE,
    OUTLINE_COLOR,
    finish_chart,
    format_segment_label,
    get_segment_colors,
    make_data,
    make_tooltip,
    shorten_label,
)
from ilk.cluster.partition import Labels
from ilk.formatting.colors import choose_text_color, get_segment_color
from ilk.formatting.numbers import format_count, format_number
from ilk.report.box_stats import needs_log_scale
from ilk.segments.segment import Segment

_HEIGHT = 420
_PANEL_HEIGHT = 190
_MIN_CANVAS_POINTS = 1000  # from this number on, a canvas draws faster than SVG


@dataclass(frozen=True)
class AxisData:
    """A column to draw: its name, and its values in original units, NaN where missing."""

    title: str
    values: NDArray[np.float64]


def draw_scatter(
    x: AxisData,
    y: AxisData,
    labels: Labels,
    hover: pl.DataFrame,
    segments: Sequence[Segment],
    centers: NDArray[np.float64],
) -> alt.LayerChart:
    """Customers in two columns, colored by segment, with numbered centers.

    A click on a name in the legend highlights that segment. The mouse wheel zooms, dragging moves
    the view, and a double click resets it.

    Parameters
    ----------
    x, y : AxisData
        The two columns, n values each. Customers who lack a value in either are left out.
    labels : array of int, shape (n,)
        The 0-based segment of every customer.
    hover : polars.DataFrame
        The columns shown in the tooltip of a customer, n rows, in original units.
    segments : sequence of Segment
        In the order of their numbers.
    centers : array of float, shape (k, 2)
        Centers of the segments in the two columns; NaN where there is none to draw.

    Examples
    --------
    >>> from ilk.segments.segment import Figures
    >>> one = Segment(1, "Everyone", "", Figures(2, 1.0, (), ()), ())
    >>> age = AxisData("Age", np.array([20.0, 30.0]))
    >>> income = AxisData("Income", np.array([1.0, 2.0]))
    >>> hover, centers = pl.DataFrame({"Age": [20, 30]}), np.array([[25.0, 1.5]])
    >>> draw_scatter(age, income, np.array([0, 0]), hover, [one], centers).description
    '2 customers by Age and Income, colored by segment: 1 Everyone.'
    """
    rows = _make_rows(x, y, labels, hover, segments)
    axes = {"x": _make_axis(alt.X, "x", x), "y": _make_axis(alt.Y, "y", y)}
    picked = alt.selection_point(name="picked", fields=["segment"], bind="legend")
    zoom = alt.selection_interval(name="zoom", bind="scales")
    titles = {"segment": "Segment"} | {f"h{i}": name for i, name in enumerate(hover.columns)}
    dots = (
        alt.Chart(make_data(rows))
        .mark_circle(
            size=_choose_size(len(rows)),
            stroke=OUTLINE_COLOR,
            strokeWidth=0.8,
            aria=False,
            clip=True,
        )
        .encode(
            **axes,
            color=_make_color(segments),
            opacity=alt.when(picked).then(alt.value(0.85)).otherwise(alt.value(0.06)),
            tooltip=make_tooltip(titles),
        )
        .add_params(picked, zoom)
    )
    center_layers = _draw_centers(centers, segments, axes)
    renderer = "canvas" if len(rows) > _MIN_CANVAS_POINTS else "svg"
    meta = {"embedOptions": {"renderer": renderer}}
    description = _describe(len(rows), x, y, segments)
    return finish_chart([dots, *center_layers], _HEIGHT, description, usermeta=meta)


def _make_rows(
    x: AxisData,
    y: AxisData,
    labels: Labels,
    hover: pl.DataFrame,
    segments: Sequence[Segment],
) -> list[dict[str, Any]]:
    kept = np.flatnonzero(np.isfinite(x.values) & np.isfinite(y.values))
    names = [format_segment_label(segment) for segment in segments]
    hover_texts = [[_format_value(value) for value in column.gather(kept)] for column in hover]
    return [
        {
            "x": float(x.values[i]),
            "y": float(y.values[i]),
            "segment": names[labels[i]],
            **{f"h{column}": texts[row] for column, texts in enumerate(hover_texts)},
        }
        for row, i in enumerate(kept)
    ]


def _format_value(value: object) -> str:
    """A value of a customer as the tooltip shows it."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return NO_VALUE
    if isinstance(value, int | float) and not isinstance(value, bool):
        return format_number(value)
    return shorten_label(str(value))


def _make_axis(channel: type[alt.X] | type[alt.Y], field: str, axis: AxisData) -> alt.X | alt.Y:
    logarithmic = needs_log_scale(axis.values)
    side = "width" if field == "x" else "height"
    scale: dict[str, Any] = {"type": "log"} if logarithmic else {"zero": False}
    return channel(
        field=field,
        type="quantitative",
        scale=alt.Scale(**scale, nice=False, padding=14),
        axis=alt.Axis(
            title=shorten_label(axis.title, 50) + (" (log scale)" if logarithmic else ""),
            titleLimit=alt.ExprRef(side),
            titlePadding=10,
            tickCount=6,
            format=",~r" if logarithmic else alt.Undefined,
        ),
    )


def _make_color(segments: Sequence[Segment]) -> alt.Color:
    return alt.Color(
        "segment:N",
        sort=None,
        scale=alt.Scale(
            domain=[format_segment_label(segment) for segment in segments],
            range=get_segment_colors(segments),
        ),
        legend=alt.Legend(
            title=None,
            orient="bottom",
            columns=alt.ExprRef("width < 620 ? 1 : width < 960 ? 2 : 3"),
            labelLimit=320,
            symbolOpacity=1,
            symbolSize=110,
            symbolStrokeColor=OUTLINE_COLOR,
            symbolStrokeWidth=1,
        ),
    )


def _choose_size(n_points: int) -> float:
    """The size of a dot; the more there are, the smaller."""
    return 70.0 if n_points <= 300 else 45.0 if n_points <= _MIN_CANVAS_POINTS else 28.0


def _draw_centers(
    centers: NDArray[np.float64], segments: Sequence[Segment], axes: Mapping[str, alt.X | alt.Y]
) -> list[alt.Chart]:
    """A numbered disc for every center that is known."""
    rows = [
        {
            "x": float(x),
            "y": float(y),
            "name": format_segment_label(segment),
            "number": str(segment.number),
            "color": color,
            "text_color": choose_text_color(color),
        }
        for (x, y), segment, color in zip(
            centers, segments, get_segment_colors(segments), strict=True
        )
        if math.isfinite(x) and math.isfinite(y)
    ]
    tooltip = make_tooltip({"name": "Center of"})
    disc = alt.Chart(make_data(rows)).mark_point(
        size=430, filled=True, opacity=1, stroke="white", strokeWidth=2, clip=True
    )
    number = alt.Chart(make_data(rows)).mark_text(fontSize=13, fontWeight="bold", clip=True)
    return [
        disc.encode(**axes, fill=alt.Fill("color:N", scale=None), tooltip=tooltip),
        number.encode(
            **axes, text="number:N", fill=alt.Fill("text_color:N", scale=None), tooltip=tooltip
        ),
    ]


def _describe(n_points: int, x: AxisData, y: AxisData, segments: Sequence[Segment]) -> str:
    names = "; ".join(f"{segment.number} {shorten_label(segment.name)}" for segment in segments)
    columns = f"{shorten_label(x.title)} and {shorten_label(y.title)}"
    return f"{format_count(n_points, 'customer')} by {columns}, colored by segment: {names}."


def draw_panel(
    title: str, points: NDArray[np.float64], labels: NDArray[np.int32] | None
) -> alt.LayerChart:
    """Customers on two principal components, colored by segment: small and without axes.

    Parameters
    ----------
    title : str
        The algorithm and its number of segments, for the description of the chart.
    points : ndarray of shape (m, 2)
    labels : ndarray of int, shape (m,), optional
        0-based segments; -1 is gray, and so is everyone if there are no labels.

    Examples
    --------
    >>> draw_panel("k-means: 2 segments", np.eye(2), np.array([0, 1])).description
    'k-means: 2 segments. 2 customers on two principal components, colored by segment.'
    """
    numbers = np.zeros(len(points), dtype=int) if labels is None else labels + 1
    colors = [get_segment_color(number) for number in range(int(numbers.max(initial=0)) + 1)]
    rows = [
        {"x": round(float(x), 4), "y": round(float(y), 4), "color": colors[number]}
        for (x, y), number in zip(points, numbers, strict=True)
    ]
    scale = alt.Scale(zero=False, nice=False, padding=8)
    dots = (
        alt.Chart(make_data(rows))
        .mark_circle(size=14, opacity=0.8, aria=False, tooltip=None)
        .encode(
            x=alt.X("x:Q", axis=None, scale=scale),
            y=alt.Y("y:Q", axis=None, scale=scale),
            color=alt.Color("color:N", scale=None),
        )
    )
    summary = (
        f"{format_count(len(rows), 'customer')} on two principal components, colored by segment."
    )
    meta = {"embedOptions": {"renderer": "canvas", "actions": False}}
    return finish_chart([dots], _PANEL_HEIGHT, f"{title}. {summary}", usermeta=meta)
