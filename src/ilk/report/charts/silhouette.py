"""Silhouette plot: how well every customer fits into their segment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from ilk.formatting.colors import TEXT_COLOR, get_segment_color
from ilk.formatting.numbers import format_percent
from ilk.report.charts.axes import (
    FONT_SIZE,
    MUTED_COLOR,
    NAME_INCHES,
    Margins,
    annotate,
    clean_axes,
    format_segment_label,
    label_axes,
    make_axes,
    make_text_style,
    measure_extent,
    set_title,
)
from ilk.report.charts.label_placement import spread_positions

_LINE_HEIGHT = 12.0  # points from one line of a name to the next
_LEADER_STYLE = {"arrowstyle": "-", "color": MUTED_COLOR, "linewidth": 0.7, "relpos": (1, 0.5)}
_MAX_LINES = 400  # customers of a segment drawn one by one; more could not be told apart


def draw_silhouette(
    values: ArrayLike,
    labels: ArrayLike,
    names: Sequence[str],
    average: float,
    ax: Axes | None = None,
) -> Axes:
    """The silhouette of every customer, segment by segment.

    Parameters
    ----------
    values : array of float, shape (n,)
        Silhouette of every customer, between -1 and 1.
    labels : array of int, shape (n,)
        Segment of every customer, 1 to K; customers with another number are left out.
    names : sequence of str
        Names of segments 1 to K.
    average : float
        The average silhouette, which may come from more customers than are drawn.
    ax : matplotlib Axes, optional
        Axes to draw on.

    Returns
    -------
    matplotlib Axes
        ``ax``, or new axes.

    References
    ----------
    Rousseeuw (1987), "Silhouettes: a graphical aid to the interpretation and validation of
    cluster analysis", Journal of Computational and Applied Mathematics 20.

    Examples
    --------
    >>> ax = draw_silhouette([0.5, 0.7, -0.1, 0.4], [1, 1, 2, 2], ["Old", "Young"], 0.375)
    >>> ax.get_title(loc="left")
    '75% of customers are closest to their own segment'
    """
    values, labels = np.asarray(values, dtype=float), np.asarray(labels)
    height = max(3.0, 0.46 * len(names))
    ax = ax or make_axes(3.9, height, Margins(NAME_INCHES, 0.3, 0.55, 0.7))
    clean_axes(ax, spines=("bottom",))
    profiles = [np.sort(values[labels == number])[::-1] for number in range(1, len(names) + 1)]
    gap = max(0.2, 0.015 * len(values))
    ends = np.cumsum([len(profile) + gap for profile in profiles])
    starts = ends - [len(profile) + gap for profile in profiles]
    for number, (start, profile) in enumerate(zip(starts, profiles, strict=True), start=1):
        _draw_segment(ax, start, profile, get_segment_color(number))
    ax.set_ylim(ends[-1], -gap)
    ax.set_xlim(min(-0.1, float(values.min(initial=0.0)) - 0.05), 1.0)
    ax.set_yticks([])
    _draw_names(ax, (starts + ends - gap) / 2, names)
    ax.axvline(0, color=MUTED_COLOR, linewidth=0.8)
    ax.axvline(average, color=TEXT_COLOR, linewidth=1.2, linestyle=(0, (4, 3)))
    annotate(ax, (average, -gap), f"average {average:.2f}", (0, 3), ha="center")
    label_axes(ax, "Silhouette", "")
    set_title(ax, _format_title(values), pad=22)
    return ax


def _draw_segment(ax: Axes, start: float, values: NDArray[np.float64], color: str) -> None:
    """The customers of one segment, downwards from ``start``, the longest lines first."""
    ranks = np.arange(len(values) + 1)
    if len(values) > _MAX_LINES:
        ranks = np.linspace(0, len(values), _MAX_LINES).astype(int)
    lines = values[np.minimum(ranks, len(values) - 1)] if len(values) else np.zeros(1)
    ax.fill_betweenx(start + ranks, 0, lines, step="post", color=color, linewidth=0)


def _draw_names(ax: Axes, centers: NDArray[np.float64], names: Sequence[str]) -> None:
    """Names to the left of the segments, moved apart where segments are small."""
    texts = [format_segment_label(number, name) for number, name in enumerate(names, start=1)]
    top, bottom = ax.get_ylim()[::-1]
    line = _LINE_HEIGHT * (bottom - top) / measure_extent(ax).height
    gap = line * max(1 + text.count("\n") for text in texts)
    positions = spread_positions(list(centers), gap, top + gap / 2, bottom - gap / 2)
    for text, middle, position in zip(texts, centers, positions, strict=True):
        moved = abs(position - middle) > line
        ax.annotate(
            text,
            (0, middle),
            xytext=(-0.03, position),
            textcoords=ax.get_yaxis_transform(),
            ha="right",
            va="center",
            fontsize=FONT_SIZE,
            arrowprops=_LEADER_STYLE if moved else None,
            **make_text_style(text),
        )


def _format_title(values: NDArray[np.float64]) -> str:
    outside = float(np.mean(values < 0)) if len(values) else 0.0
    if not outside:
        return "Every customer is closest to their own segment"
    return f"{format_percent(1 - outside)} of customers are closest to their own segment"
