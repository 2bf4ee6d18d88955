"""Curves against the number of segments: the spread inside them, and their lead over chance."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator

from ilk.formatting.colors import get_segment_color
from ilk.formatting.text import spell_number
from ilk.report.charts.axes import (
    FONT_SIZE,
    GRID_COLOR,
    MUTED_COLOR,
    Margins,
    annotate,
    clean_axes,
    format_ticks,
    label_axes,
    make_axes,
    set_title,
)
from ilk.selection.candidates import Candidate
from ilk.selection.rule import CLEAR_GAIN, WEAK_GAIN

_K_LABEL = "Number of segments (K)"


def draw_elbow(candidates: Sequence[Candidate], ax: Axes | None = None) -> Axes:
    """The spread inside segments against their number, the chosen one marked.

    Parameters
    ----------
    candidates : sequence of Candidate
        In ascending order of K, one of them chosen.
    ax : matplotlib Axes, optional
        Axes to draw on.

    Returns
    -------
    matplotlib Axes
        ``ax``, or new axes.

    Examples
    --------
    >>> two = Candidate("kmeans", 2, 9.0, 0.3, 0.6, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> draw_elbow([two]).get_title(loc="left")
    'Two segments: no other number was tried'
    """
    ax = ax or make_axes(4.4, 3.1, Margins(1.0, 0.3, 0.6, 0.6))
    chosen = _find_chosen(candidates)
    _draw_curve(ax, [(each.k, each.inertia) for each in candidates], chosen.k)
    ax.set_ylim(0, max(each.inertia for each in candidates) * 1.08 or 1)
    label_axes(ax, _K_LABEL, "Spread inside segments (inertia)")
    set_title(ax, _format_elbow_title(candidates, chosen))
    return ax


def draw_silhouette_gain(candidates: Sequence[Candidate], ax: Axes | None = None) -> Axes:
    """How much tighter segments are than chance makes them, against their number.

    Parameters
    ----------
    candidates : sequence of Candidate
        In ascending order of K, one of them chosen. Those that were not compared with chance are
        not drawn.
    ax : matplotlib Axes, optional
        Axes to draw on.

    Returns
    -------
    matplotlib Axes
        ``ax``, or new axes.

    Examples
    --------
    >>> two = Candidate(
    ...     "kmeans", 2, 9.0, 0.3, 0.6, 0.0, 0.7, 40.0, 0.5, silhouette_gain=0.25, chosen=True
    ... )
    >>> draw_silhouette_gain([two]).get_title(loc="left")
    'Two segments: 0.25 above chance'
    """
    ax = ax or make_axes(4.4, 3.1, Margins(1.0, 0.3, 0.6, 0.6))
    compared = [
        (each.k, each.silhouette_gain) for each in candidates if each.silhouette_gain is not None
    ]
    chosen = _find_chosen(candidates)
    _draw_curve(ax, compared, chosen.k)
    leads = [lead for _, lead in compared]
    ax.set_ylim(min([0.0, *leads]) - 0.03, max([CLEAR_GAIN, *leads]) * 1.15)
    for level, words in ((0.0, ""), (WEAK_GAIN, "weak"), (CLEAR_GAIN, "clear")):
        _draw_level(ax, level, words)
    label_axes(ax, _K_LABEL, "Lead over chance (squared silhouette)")
    set_title(ax, _format_gain_title(chosen))
    return ax


def _find_chosen(candidates: Sequence[Candidate]) -> Candidate:
    return next(each for each in candidates if each.chosen)


def _draw_curve(ax: Axes, points: Sequence[tuple[int, float]], chosen: int) -> None:
    """Dots on a line, one for every K, and the chosen one marked."""
    clean_axes(ax, spines=("bottom",))
    ks = [k for k, _ in points]
    ax.plot(
        ks, [value for _, value in points], "-o", color=MUTED_COLOR, linewidth=1.6, markersize=5
    )
    for k, value in points:
        if k == chosen:
            _mark_chosen(ax, (k, value), last=k == ks[-1])
    format_ticks(ax.yaxis)
    ax.xaxis.set_major_locator(FixedLocator(ks[:: 1 + len(ks) // 20]))
    ax.grid(axis="y", color=GRID_COLOR)
    ax.set_axisbelow(True)


def _draw_level(ax: Axes, level: float, label: str) -> None:
    """A line across, named at its left end, where the curve has hardly begun."""
    ax.axhline(
        level, color=MUTED_COLOR, linewidth=1.2 if level == 0 else 0.9, linestyle=(0, (4, 3))
    )
    name = ax.text(0.005, level, label, transform=ax.get_yaxis_transform(), va="bottom")
    name.set(fontsize=FONT_SIZE, color=MUTED_COLOR)


def _mark_chosen(ax: Axes, point: tuple[int, float], last: bool) -> None:
    """The chosen K, named on the side where the curve leaves room."""
    ax.plot(*point, "o", color=get_segment_color(1), markersize=12)
    offset = (8, 10) if last else (9, 9)
    annotate(ax, point, f"K = {point[0]}", offset, ha="right" if last else "left", weight="bold")


def _format_elbow_title(candidates: Sequence[Candidate], chosen: Candidate) -> str:
    """Where the curve bends, whether or not that is the K chosen."""
    tried = [each for each in candidates if each.k > 1 or each.chosen]
    if len(tried) == 1:
        return f"{_format_segments(chosen)}: no other number was tried"
    bends = {each.k: each.elbow for each in tried if each.elbow is not None}
    sharpest = max(bends, key=lambda k: bends[k], default=None)
    if sharpest is None:
        return f"{_format_segments(chosen)} out of {len(tried)} numbers tried"
    if sharpest == chosen.k:
        return f"{_format_segments(chosen)}: the curve bends at K = {chosen.k}"
    return f"{_format_segments(chosen)}, though the curve bends most at K = {sharpest}"


def _format_gain_title(chosen: Candidate) -> str:
    """How far above or below chance the chosen K is."""
    if chosen.silhouette_gain is None:
        return f"{_format_segments(chosen)}: not compared with chance"
    side = "below" if chosen.silhouette_gain < 0 else "above"
    return f"{_format_segments(chosen)}: {abs(chosen.silhouette_gain):.2f} {side} chance"


def _format_segments(chosen: Candidate) -> str:
    return f"{spell_number(chosen.k)} segment{'' if chosen.k == 1 else 's'}"
