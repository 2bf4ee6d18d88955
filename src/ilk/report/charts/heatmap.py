"""Heat map of what every segment is like, in original units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from ilk.formatting.colors import choose_text_color, get_difference_color, get_segment_color
from ilk.formatting.numbers import format_percent
from ilk.report.charts.axes import (
    FONT_SIZE,
    MUTED_COLOR,
    Margins,
    annotate,
    clean_axes,
    fit_text,
    make_axes,
    make_text_style,
    measure_extent,
    set_title,
)
from ilk.report.profile_table import (
    ProfileCell,
    ProfileRow,
    build_profile_rows,
    select_most_distinctive,
)
from ilk.schema import Column
from ilk.segments.segment import Figures, Segment

_MAX_ROWS = 24
_MAX_SEGMENTS = 16
_STRIP_HEIGHT = 15.0  # points of the colored strip above the cells
_EVERYONE_COLOR = "#FFFFFF"
_LEGEND = (
    "Blue: below the overall average. Orange: above it.\n"
    "For categories, orange: more common than overall.\n"
    "Full color: two or more standard deviations away."
)


def draw_profile(
    segments: Sequence[Segment],
    everyone: Figures,
    columns: Iterable[Column],
    ax: Axes | None = None,
) -> Axes:
    """What every segment is like, column by column.

    A cell shows the mean in original units or, for a category, the most frequent level and its
    share; its color shows the difference from everyone in standard deviations. With many columns
    or segments, the most distinctive columns and the largest segments are drawn.

    Parameters
    ----------
    segments : sequence of Segment
        In the order of their numbers.
    everyone : Figures
        Figures of all customers together.
    columns : iterable of Column
        The columns to show, in order.
    ax : matplotlib Axes, optional
        Axes to draw on.

    Returns
    -------
    matplotlib Axes
        ``ax``, or new axes.

    Examples
    --------
    >>> from ilk.segments.segment import NumberFigures
    >>> figures = Figures(20, 1.0, (NumberFigures("Age", 30.0, 10.0, 0),), ())
    >>> age = Column("Age", kind="number", role="feature", reason="a number")
    >>> ax = draw_profile([Segment(1, "Everyone", "", figures, ())], figures, [age])
    >>> [text.get_text() for text in ax.texts[:2]]
    ['30', '30']
    """
    shown = segments[:_MAX_SEGMENTS]
    rows = select_most_distinctive(build_profile_rows(shown, everyone, columns), _MAX_ROWS)
    width = max(0.95, min(1.3, 8 / (len(shown) + 1)))
    letters = int(width * 72 / (0.6 * FONT_SIZE))
    heads = ["Everyone", *(fit_text(segment.name, letters, lines=5) for segment in shown)]
    ax = ax or _make_heatmap_axes(len(rows), width * len(heads), heads)
    clean_axes(ax, spines=())
    _draw_cells(ax, rows, letters)
    _draw_headers(ax, heads, shown, len(rows))
    names = [fit_text(row.column, 26, lines=2) for row in rows]
    ax.set_yticks(range(len(rows)), names, fontsize=FONT_SIZE, **make_text_style("".join(names)))
    # Several lines, because the plot of two segments is narrow.
    ax.set_xlabel(_LEGEND, loc="left", fontsize=FONT_SIZE, color=MUTED_COLOR, labelpad=8)
    set_title(ax, _format_title(rows), y=None)
    return ax


def _make_heatmap_axes(rows: int, width: float, headers: Sequence[str]) -> Axes:
    head_height = 0.75 + 0.15 * max(1 + text.count("\n") for text in headers)
    return make_axes(width, 0.42 * rows, Margins(2.2, 0.2, 0.7, head_height))


def _draw_cells(ax: Axes, rows: Sequence[ProfileRow], letters: int) -> None:
    colors = [
        [_EVERYONE_COLOR, *(get_difference_color(cell.difference) for cell in row.segments)]
        for row in rows
    ]
    ax.imshow([[to_rgb(color) for color in line] for line in colors], aspect="auto")
    for y, row in enumerate(rows):
        for x, cell in enumerate((row.everyone, *row.segments)):
            text = _format_cell(cell, letters)
            style = make_text_style(text, color=choose_text_color(colors[y][x]))
            ax.text(x, y, text, ha="center", va="center", fontsize=FONT_SIZE, **style)
    edges = np.arange(-0.5, len(rows))
    ax.hlines(edges, -0.5, len(colors[0]) - 0.5, color="white", linewidth=2)
    ax.vlines(np.arange(-0.5, len(colors[0])), -0.5, edges[-1], color="white", linewidth=2)


def _format_cell(cell: ProfileCell, letters: int) -> str:
    if cell.top is None or cell.share is None:
        return cell.text
    return f"{fit_text(cell.top, letters, lines=1)}\n{format_percent(cell.share)}"


def _draw_headers(ax: Axes, headers: Sequence[str], segments: Sequence[Segment], rows: int) -> None:
    """The segments' names above the columns, and their numbers on a strip of their colors."""
    ax.xaxis.tick_top()
    ax.set_xticks(
        range(len(headers)), headers, fontsize=FONT_SIZE, **make_text_style("".join(headers))
    )
    ax.tick_params(axis="x", pad=_STRIP_HEIGHT + 3)
    colors = [get_segment_color(segment.number) for segment in segments]
    positions = range(1, len(headers))
    height = _STRIP_HEIGHT * rows / measure_extent(ax).height
    ax.bar(positions, -height, bottom=-0.5, width=0.97, color=colors, clip_on=False)
    style = {"ha": "center", "va": "center_baseline", "weight": "bold"}
    for position, segment, color in zip(positions, segments, colors, strict=True):
        annotate(
            ax,
            (position, -0.5),
            str(segment.number),
            (0, _STRIP_HEIGHT / 2),
            color=choose_text_color(color),
            **style,
        )
    ax.set_ylim(rows - 0.5, -0.5)


def _format_title(rows: Sequence[ProfileRow]) -> str:
    strongest = max(rows, key=lambda row: row.max_difference)
    if not strongest.max_difference:
        return "One segment holds everyone"
    return f"The largest difference is in {fit_text(strongest.column, 60, lines=1)}"
