"""Bar chart of segment sizes."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from ilk.formatting.colors import get_segment_color
from ilk.formatting.numbers import format_percent
from ilk.report.charts.axes import (
    FONT_SIZE,
    NAME_INCHES,
    Margins,
    annotate,
    clean_axes,
    format_segment_label,
    make_axes,
    make_text_style,
    set_title,
)
from ilk.segments.segment import Segment


def draw_sizes(segments: Sequence[Segment], ax: Axes | None = None) -> Axes:
    """Customers per segment, every bar labeled with count and share.

    Parameters
    ----------
    segments : sequence of Segment
        In the order of their numbers.
    ax : matplotlib Axes, optional
        Axes to draw on.

    Returns
    -------
    matplotlib Axes
        ``ax``, or new axes.

    Examples
    --------
    >>> from ilk.segments.segment import Figures
    >>> all_of_them = Segment(1, "Everyone", "", Figures(20, 1.0, (), ()), ())
    >>> draw_sizes([all_of_them]).get_title(loc="left")
    'All 20 customers are in one segment'
    """
    k = len(segments)
    ax = ax or make_axes(5.2, 0.45 * k + 0.3, Margins(NAME_INCHES, 0.3, 0.15, 0.55))
    clean_axes(ax, spines=())
    counts = [segment.figures.customers for segment in segments]
    ax.barh(
        range(k),
        counts,
        height=0.62,
        color=[get_segment_color(segment.number) for segment in segments],
    )
    for row, segment in enumerate(segments):
        text = f"{segment.figures.customers:,}  ·  {format_percent(segment.figures.share)}"
        annotate(ax, (segment.figures.customers, row), text, (6, 0), va="center")
    ax.set_xlim(0, max(counts) * 1.3)
    ax.set_ylim(k - 0.45, -0.55)
    ax.set_xticks([])
    names = [format_segment_label(segment.number, segment.name) for segment in segments]
    ax.set_yticks(range(k), names, fontsize=FONT_SIZE, **make_text_style("".join(names)))
    set_title(ax, _format_title(segments))
    return ax


def _format_title(segments: Sequence[Segment]) -> str:
    if len(segments) == 1:
        return f"All {segments[0].figures.customers:,} customers are in one segment"
    shares = [segment.figures.share for segment in segments]
    return (
        f"The largest segment holds {format_percent(max(shares))} of customers, "
        f"the smallest {format_percent(min(shares))}"
    )
