"""Curves against K: the spread within segments, and their silhouette gain over random data."""

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
from ilk.selection.k_choice import CLEAR_GAIN, WEAK_GAIN

_K_LABEL = "Number of segments (K)"


def draw_elbow(candidates: Sequence[Candidate], ax: Axes | None = None) -> Axes:
    """The spread within segments against their number, the chosen one marked.

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
    inertias = [candidate.inertia for candidate in candidates]
    _draw_curve(ax, [(candidate.k, candidate.inertia) for candidate in candidates], chosen.k)
    ax.set_ylim(0, max(inertias) * 1.08 or 1)
    label_axes(ax, _K_LABEL, "Spread within segments (inertia)")
    set_title(ax, _format_elbow_title(candidates, chosen))
    return ax


def draw_silhouette_gain(candidates: Sequence[Candidate], ax: Axes | None = None) -> Axes:
    """How much tighter segments are than those of random data, against their number.

    Parameters
    ----------
    candidates : sequence of Candidate
        In ascending order of K, one of them chosen. Those that were not compared with random data
        are not drawn.
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
    'Two segments: 0.25 above random data'
    """
    ax = ax or make_axes(4.4, 3.1, Margins(1.0, 0.3, 0.6, 0.6))
    compared = [
        (candidate.k, candidate.silhouette_gain)
        for candidate in candidates
        if candidate.silhouette_gain is not None
    ]
    chosen = _find_chosen(candidates)
    _draw_curve(ax, compared, chosen.k)
    gains = [gain for _, gain in compared]
    ax.set_ylim(min([0.0, *gains]) - 0.03, max([CLEAR_GAIN, *gains]) * 1.15)
    for level, label in ((0.0, ""), (WEAK_GAIN, "weak"), (CLEAR_GAIN, "clear")):
        _draw_level(ax, level, label)
    label_axes(ax, _K_LABEL, "Silhouette gain over random data")
    set_title(ax, _format_gain_title(chosen))
    return ax


def _find_chosen(candidates: Sequence[Candidate]) -> Candidate:
    return next(candidate for candidate in candidates if candidate.chosen)


def _draw_curve(ax: Axes, points: Sequence[tuple[int, float]], chosen: int) -> None:
    """A dot for every K, joined by a line, and the chosen K marked."""
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
    """A horizontal line, labeled at its left end, where the curve is not in the way."""
    ax.axhline(
        level, color=MUTED_COLOR, linewidth=1.2 if level == 0 else 0.9, linestyle=(0, (4, 3))
    )
    name = ax.text(0.005, level, label, transform=ax.get_yaxis_transform(), va="bottom")
    name.set(fontsize=FONT_SIZE, color=MUTED_COLOR)


def _mark_chosen(ax: Axes, point: tuple[int, float], last: bool) -> None:
    """The chosen K, labeled on the side that the curve leaves free."""
    ax.plot(*point, "o", color=get_segment_color(1), markersize=12)
    offset = (8, 10) if last else (9, 9)
    annotate(ax, point, f"K = {point[0]}", offset, ha="right" if last else "left", weight="bold")


def _format_elbow_title(candidates: Sequence[Candidate], chosen: Candidate) -> str:
    """Where the curve bends, whether or not that is the K chosen."""
    tried = [candidate for candidate in candidates if candidate.k > 1 or candidate.chosen]
    if len(tried) == 1:
        return f"{_format_segments(chosen)}: no other number was tried"
    bends = {candidate.k: candidate.elbow for candidate in tried if candidate.elbow is not None}
    sharpest = max(bends, key=lambda k: bends[k], default=None)
    if sharpest is None:
        return f"{_format_segments(chosen)}, chosen from {len(tried)} numbers tried"
    if sharpest == chosen.k:
        return f"{_format_segments(chosen)}: the curve bends at K = {chosen.k}"
    return f"{_format_segments(chosen)}, though the curve bends most at K = {sharpest}"


def _format_gain_title(chosen: Candidate) -> str:
    """How far above or below random data the chosen K is."""
    if chosen.silhouette_gain is None:
        return f"{_format_segments(chosen)}: not compared with random data"
    side = "below" if chosen.silhouette_gain < 0 else "above"
    return f"{_format_segments(chosen)}: {abs(chosen.silhouette_gain):.2f} {side} random data"


def _format_segments(chosen: Candidate) -> str:
    return f"{spell_number(chosen.k)} segment{'' if chosen.k == 1 else 's'}"
