"""Bars of the sizes of segments."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from ilk.app.charts.layout import (
    LINE_WIDTH,
    OUTLINE_COLOR,
    PAGE_TEXT_COLOR,
    finish_chart,
    format_segment_label,
    get_segment_colors,
    make_data,
    make_name_axis,
    make_tooltip,
    shorten_label,
)
from ilk.formatting.numbers import format_percent
from ilk.segments.segment import Segment

_ROW_HEIGHT = 42
_LABEL_WIDTH = 110  # pixels right of the longest bar, for its figures


def draw_sizes(segments: Sequence[Segment]) -> alt.LayerChart:
    """Customers per segment, every bar labelled with count and share.

    Parameters
    ----------
    segments : sequence of Segment
        In the order of their numbers.

    Examples
    --------
    >>> from ilk.segments.segment import Figures
    >>> draw_sizes([Segment(1, "Everyone", "", Figures(20, 1.0, (), ()), ())]).description
    'Customers per segment. 1 Everyone: 20 (100%).'
    """
    rows = [
        {
            "segment": format_segment_label(each, LINE_WIDTH, lines=2),
            "color": color,
            "customers": each.figures.customers,
            "name": shorten_label(f"{each.number} {each.name}"),
            "count": f"{each.figures.customers:,}",
            "share": format_percent(each.figures.share),
            "figures": f"{each.figures.customers:,}  ·  {format_percent(each.figures.share)}",
        }
        for each, color in zip(segments, get_segment_colors(segments), strict=True)
    ]
    names = [str(row["segment"]) for row in rows]
    y = alt.Y("segment:N", sort=None, axis=make_name_axis(), scale=alt.Scale(domain=names))
    room = alt.Scale(range=[0, alt.ExprRef(f"width - {_LABEL_WIDTH}")], nice=False, zero=True)
    x = alt.X("customers:Q", axis=None, scale=room)
    tips = make_tooltip({"name": "Segment", "count": "Customers", "share": "Share"})
    bars = (
        alt.Chart(make_data(rows))
        .mark_bar(stroke=OUTLINE_COLOR, strokeWidth=1, height={"band": 0.62})
        .encode(x=x, y=y, fill=alt.Fill("color:N", scale=None), tooltip=tips)
    )
    figures = (
        alt.Chart(make_data(rows))
        .mark_text(align="left", dx=8, color=PAGE_TEXT_COLOR, fontSize=13)
        .encode(x=x, y=y, text="figures:N", tooltip=tips)
    )
    return finish_chart([bars, figures], _ROW_HEIGHT * len(rows), _describe(segments))


def _describe(segments: Sequence[Segment]) -> str:
    told = (
        f"{each.number} {shorten_label(each.name)}: {each.figures.customers:,} "
        f"({format_percent(each.figures.share)})"
        for each in segments
    )
    return f"Customers per segment. {'; '.join(told)}."
