"""Panels: the same customers once for every algorithm, small."""

from __future__ import annotations

import altair as alt
import numpy as np
from numpy.typing import NDArray

from ilk.app.charts.layout import finish_chart, make_data
from ilk.formatting.colors import get_segment_color
from ilk.formatting.numbers import format_count

_HEIGHT = 190


def draw_panel(
    title: str, points: NDArray[np.float64], labels: NDArray[np.int32] | None
) -> alt.LayerChart:
    """Customers in two directions, coloured by segment.

    Parameters
    ----------
    title : str
        The algorithm and what it found, for those who cannot see the picture.
    points : ndarray of shape (m, 2)
    labels : ndarray of int, shape (m,), optional
        0-based segments; -1, and everyone where there are none, is grey.

    Examples
    --------
    >>> draw_panel("k-means: 2 segments", np.eye(2), np.array([0, 1])).description
    'k-means: 2 segments. 2 customers in two principal components, coloured by segment.'
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
    told = (
        f"{format_count(len(rows), 'customer')} in two principal components, coloured by segment."
    )
    meta = {"embedOptions": {"renderer": "canvas", "actions": False}}
    return finish_chart([dots], _HEIGHT, f"{title}. {told}", usermeta=meta)
