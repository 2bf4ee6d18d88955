"""The same customers once for every algorithm, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ilk.formatting.colors import TEXT_COLOR, get_segment_color
from ilk.report.charts.axes import FONT_SIZE, GRID_COLOR, Margins, StandaloneAxes, make_text_style

_COLUMNS = 3
_WIDTH, _HEIGHT = 2.9, 2.4  # inches of a panel
_MARGINS = Margins(0.15, 0.15, 0.35, 0.4)
_SPACING = (0.2, 0.5)


@dataclass(frozen=True)
class Panel:
    """One clustering: its title, and the 0-based labels of the customers; -1 is gray.

    ``labels`` is ``None`` where there are no segments.
    """

    title: str
    labels: NDArray[np.int32] | None
    highlighted: bool = False


def draw_panels(points: NDArray[np.float64], panels: Sequence[Panel], caption: str) -> Axes:
    """Customers in two dimensions, once for every clustering.

    Parameters
    ----------
    points : ndarray of shape (m, 2)
    panels : sequence of Panel
        The highlighted one has a dark frame.
    caption : str
        What the two dimensions are; it stands below.

    Returns
    -------
    matplotlib Axes
        The first of the figure, which is a new one.

    Examples
    --------
    >>> ax = draw_panels(np.eye(2), [Panel("k-means: 2 segments", np.array([0, 1]))], "two columns")
    >>> ax.get_title(loc="left")
    'k-means: 2 segments'
    """
    rows = -(-len(panels) // _COLUMNS)
    across = min(_COLUMNS, len(panels))
    width = _MARGINS.left + across * (_WIDTH + _SPACING[0]) - _SPACING[0] + _MARGINS.right
    height = _MARGINS.bottom + rows * (_HEIGHT + _SPACING[1]) - _SPACING[1] + _MARGINS.top
    figure = Figure(figsize=(width, height), dpi=110, facecolor="white")
    FigureCanvasAgg(figure)
    for position, panel in enumerate(panels):
        row, column = divmod(position, _COLUMNS)
        left = _MARGINS.left + column * (_WIDTH + _SPACING[0])
        bottom = _MARGINS.bottom + (rows - 1 - row) * (_HEIGHT + _SPACING[1])
        bounds = (left / width, bottom / height, _WIDTH / width, _HEIGHT / height)
        _draw_panel(figure.add_axes(bounds, axes_class=StandaloneAxes), points, panel)
    figure.text(
        _MARGINS.left / width, 0.1 / height, caption, fontsize=FONT_SIZE, **make_text_style(caption)
    )
    return figure.axes[0]


def _draw_panel(ax: Axes, points: NDArray[np.float64], panel: Panel) -> None:
    labels = panel.labels
    numbers = np.zeros(len(points), dtype=np.int32) if labels is None else labels + 1
    for number in range(int(numbers.max(initial=0)) + 1):
        dots = points[numbers == number]
        color = get_segment_color(number)
        ax.plot(*dots.T, "o", color=color, markersize=2.5, markeredgewidth=0, alpha=0.75)
    ax.grid(visible=False)
    ax.set(xticks=[], yticks=[])
    ax.set_facecolor("white")
    for spine in ax.spines.values():
        spine.set(
            color=TEXT_COLOR if panel.highlighted else GRID_COLOR,
            linewidth=2.2 if panel.highlighted else 1,
        )
    weight = "bold" if panel.highlighted else "normal"
    title = panel.title
    ax.set_title(title, loc="left", fontsize=FONT_SIZE + 1, weight=weight, **make_text_style(title))
