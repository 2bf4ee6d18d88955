"""Customers in two columns, with the centers of their segments."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from ilk.formatting.colors import TEXT_COLOR, choose_text_color, get_segment_color
from ilk.formatting.text import spell_number
from ilk.report.box_stats import needs_log_scale
from ilk.report.charts.axes import (
    FONT_SIZE,
    Margins,
    annotate,
    clean_axes,
    fit_text,
    format_ticks,
    get_figure,
    label_axes,
    make_axes,
    make_text_style,
    measure_extent,
    set_title,
)
from ilk.report.charts.label_placement import place_labels, separate_points
from ilk.report.wrap import measure_width

_MAX_NAMED_SEGMENTS = 12  # beyond so many segments the plot shows numbers alone
_SCALE_NOTES = {"linear": "", "log": " (log scale)"}
_MAX_OBSTACLES = 1000  # dots that names try not to hide, evenly spaced among all
_CENTER_RADIUS = 10.0  # points of a center's disc
_MIN_DISC_DISTANCE = 1.6 * _CENTER_RADIUS  # points between discs whose numbers can be read
_LETTER_WIDTH = 0.6 * FONT_SIZE  # points of an average letter's width
_LINE_HEIGHT = 1.3 * FONT_SIZE  # points from line to line


def draw_scatter(
    x: ArrayLike,
    y: ArrayLike,
    labels: ArrayLike,
    centers: ArrayLike,
    names: Sequence[str],
    x_label: str,
    y_label: str,
    ax: Axes | None = None,
) -> Axes:
    """Customers in two columns, colored by segment, with named centers.

    Parameters
    ----------
    x, y : array of float, shape (n,)
        The two columns, in original units.
    labels : array of int, shape (n,)
        Segment of every customer, 1 to K; 0 (no segment) is drawn gray.
    centers : array of float, shape (K, 2)
        Centers of segments 1 to K in the two columns.
    names : sequence of str
        Names of segments 1 to K.
    x_label, y_label : str
        Names of the two columns.
    ax : matplotlib Axes, optional
        Axes to draw on.

    Returns
    -------
    matplotlib Axes
        ``ax``, or new axes.

    Examples
    --------
    >>> ax = draw_scatter([1, 2], [3, 4], [1, 2], [[1, 3], [2, 4]], ["A", "B"], "income", "score")
    >>> ax.get_title(loc="left")
    'Two segments by income and score'
    """
    ax = ax or make_axes(7.8, 5.2, Margins(1.0, 0.3, 0.65, 0.65))
    clean_axes(ax)
    xy = np.column_stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)])
    _draw_points(ax, xy, np.asarray(labels), len(names))
    x_scale, y_scale = (_choose_scale(column) for column in xy.T)
    ax.set(xscale=x_scale, yscale=y_scale)
    format_ticks(ax.xaxis, ax.yaxis)
    label_axes(ax, x_label + _SCALE_NOTES[x_scale], y_label + _SCALE_NOTES[y_scale])
    _draw_centers(ax, np.asarray(centers, dtype=float), names, xy)
    shown = " and ".join(fit_text(name, 40, lines=1) for name in (x_label, y_label) if name)
    set_title(ax, f"{spell_number(len(names))} segments by {shown}")
    return ax


def _draw_points(ax: Axes, xy: NDArray[np.float64], labels: NDArray[np.int_], k: int) -> None:
    """Dots that get smaller and fainter the more there are; no segment covers the others."""
    many = np.log10(max(len(xy), 200) / 200)
    size, alpha = max(2.0, 6.5 - 1.8 * many), max(0.35, 0.85 - 0.25 * many)
    layers = 1 if len(xy) < 1000 else 4
    for layer in range(layers):
        for number in range(k + 1):
            dots = xy[labels == number][layer::layers]
            ax.plot(
                *dots.T,
                "o",
                color=get_segment_color(number),
                markersize=size,
                markeredgewidth=0,
                alpha=alpha,
                rasterized=True,
            )


def _choose_scale(values: NDArray[np.float64]) -> str:
    return "log" if needs_log_scale(values) else "linear"


def _draw_centers(
    ax: Axes, centers: NDArray[np.float64], names: Sequence[str], xy: NDArray[np.float64]
) -> None:
    """A numbered disc for every known center, and its name unless there are too many."""
    numbers = 1 + np.flatnonzero(np.isfinite(centers).all(axis=1))
    centers = _separate_centers(ax, centers[numbers - 1])
    for number, (x, y) in zip(numbers, centers, strict=True):
        color = get_segment_color(int(number))
        ax.scatter(x, y, s=4 * _CENTER_RADIUS**2, color=color, edgecolors="white", zorder=5)
        style = {"ha": "center", "va": "center_baseline", "weight": "bold", "zorder": 6}
        annotate(ax, (x, y), str(number), (0, 0), color=choose_text_color(color), **style)
    if len(names) <= _MAX_NAMED_SEGMENTS:
        shown = [fit_text(names[int(number) - 1], 20, lines=4) for number in numbers]
        _draw_names(ax, centers, shown, xy)


def _separate_centers(ax: Axes, centers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Centers with those that nearly coincide moved apart, so that no disc hides a number."""
    ax.autoscale_view()
    scale = 72 / get_figure(ax).dpi
    points = ax.transData.transform(centers) * scale
    separated = separate_points(points, _MIN_DISC_DISTANCE)
    moved = (separated != points).any(axis=1)
    shown = centers.copy()
    shown[moved] = ax.transData.inverted().transform(separated[moved] / scale)
    return shown


def _draw_names(
    ax: Axes, centers: NDArray[np.float64], names: Sequence[str], xy: NDArray[np.float64]
) -> None:
    """Names beside the centers, clear of each other, with a line where they are far away."""
    # The limits must be final first: the transformation depends on them.
    ax.autoscale_view()
    scale = 72 / get_figure(ax).dpi
    anchors = ax.transData.transform(centers) * scale
    dots = ax.transData.transform(xy[:: 1 + len(xy) // _MAX_OBSTACLES]) * scale
    sizes = [_measure_text(name) for name in names]
    boxes = place_labels(anchors, sizes, _CENTER_RADIUS, measure_extent(ax).extents, dots)
    for name, center, anchor, box in zip(names, centers, anchors, boxes, strict=True):
        far = np.hypot(*(np.clip(anchor, box[:2], box[2:]) - anchor)) > 2 * _CENTER_RADIUS
        ax.annotate(
            name,
            center,
            xytext=(box[:2] + box[2:]) / 2 - anchor,
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=FONT_SIZE,
            linespacing=1.15,
            bbox={"boxstyle": "square,pad=0.15", "color": "white", "alpha": 0.8, "linewidth": 0},
            arrowprops={"arrowstyle": "-", "color": TEXT_COLOR, "linewidth": 0.8} if far else None,
            **make_text_style(name),
        )


def _measure_text(text: str) -> tuple[float, float]:
    """Width and height of a text, in points, with a little space around it."""
    lines = text.split("\n")
    return max(map(measure_width, lines)) * _LETTER_WIDTH + 6, len(lines) * _LINE_HEIGHT + 4
