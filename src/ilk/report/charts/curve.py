"""The curve of the spread inside segments, with its elbow."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator

from ilk.choice.choice import Candidate
from ilk.palette import segment_color
from ilk.report.charts.canvas import (
    GRID,
    MUTED,
    Margins,
    clean,
    name_axes,
    new_axes,
    note,
    plain_numbers,
    set_title,
)
from ilk.words import number_word


def elbow(candidates: Sequence[Candidate], ax: Axes | None = None) -> Axes:
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
    >>> elbow([two]).get_title(loc="left")
    'Two segments: no other number was tried'
    """
    ax = ax or new_axes(4.4, 3.1, Margins(1.0, 0.3, 0.6, 0.6))
    clean(ax, spines=("bottom",))
    ks, inertias = [each.k for each in candidates], [each.inertia for each in candidates]
    chosen = next(each for each in candidates if each.chosen)
    ax.plot(ks, inertias, "-o", color=MUTED, linewidth=1.6, markersize=5)
    _mark(ax, chosen, last=chosen.k == ks[-1])
    ax.set_ylim(0, max(inertias) * 1.08 or 1)
    plain_numbers(ax.yaxis)
    ax.xaxis.set_major_locator(FixedLocator(ks[:: 1 + len(ks) // 20]))
    ax.grid(axis="y", color=GRID)
    ax.set_axisbelow(True)
    name_axes(ax, "Number of segments (K)", "Spread inside segments (inertia)")
    set_title(ax, _title(candidates, chosen))
    return ax


def _mark(ax: Axes, chosen: Candidate, last: bool) -> None:
    """The chosen K, named on the side where the curve leaves room."""
    point = (chosen.k, chosen.inertia)
    ax.plot(*point, "o", color=segment_color(1), markersize=12)
    offset = (8, 10) if last else (9, 9)
    note(ax, point, f"K = {chosen.k}", offset, ha="right" if last else "left", weight="bold")


def _title(candidates: Sequence[Candidate], chosen: Candidate) -> str:
    """Where the curve bends, whether or not that is the K chosen."""
    segments = f"{number_word(chosen.k)} segment{'' if chosen.k == 1 else 's'}"
    if len(candidates) == 1:
        return f"{segments}: no other number was tried"
    bends = {each.k: each.elbow for each in candidates if each.elbow is not None}
    sharpest = max(bends, key=lambda k: bends[k], default=None)
    if sharpest is None:
        return f"{segments} out of {len(candidates)} numbers tried"
    if sharpest == chosen.k:
        return f"{segments}: the curve bends at K = {chosen.k}"
    return f"{segments}, though the curve bends most at K = {sharpest}"
