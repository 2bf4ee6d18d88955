"""Curves against K: inertia, silhouette, silhouette gain over random data, and gap statistic."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from ilk.app.charts.layout import (
    NO_VALUE,
    OUTLINE_COLOR,
    PAGE_TEXT_COLOR,
    finish_chart,
    make_data,
    make_tooltip,
)
from ilk.formatting.colors import get_segment_color
from ilk.formatting.numbers import format_number
from ilk.selection.candidates import Candidate, Selection
from ilk.selection.k_choice import CLEAR_GAIN, N_GAP_ERRORS, WEAK_GAIN

_HEIGHT = 230
_FLAG_HEIGHT = 40  # pixels above the curve, for the label of a marked K
_SIDE_PADDING = 20
_FLAG_WIDTH = 52  # pixels beside the last K, if its label goes there
_IN_USE = "in use"
_K_LABEL = "Number of segments (K)"


@dataclass(frozen=True)
class _Index:
    """One index of the candidates: its field, its name, how to read it, and its axis.

    ``levels`` are horizontal lines: a label, which may be empty, and a value. ``from_zero`` says
    that the axis includes 0.
    """

    field: str
    name: str
    explanation: tuple[str, ...]
    from_zero: bool
    levels: tuple[tuple[str, float], ...] = ()


_INDICES = (
    _Index(
        "inertia",
        "Inertia",
        (
            "Sum of squared distances from the segment centers.",
            "It falls with every added segment: look for the bend.",
        ),
        from_zero=True,
    ),
    _Index(
        "silhouette",
        "Silhouette",
        (
            "How much closer customers are to their own segment than",
            "to the next one. 1 is best; 0 means no difference.",
        ),
        from_zero=False,
    ),
    _Index(
        "silhouette_gain",
        "Silhouette gain over random data",
        (
            "How much tighter the segments are than segments of",
            "random data. 0 means no better than random.",
        ),
        from_zero=True,
        levels=(("", 0.0), ("weak", WEAK_GAIN), ("clear", CLEAR_GAIN)),
    ),
    _Index(
        "gap",
        "Gap statistic compared with one segment",
        (
            "Bars show two standard errors. A bar that lies wholly",
            "above 0 supports this number of segments.",
        ),
        from_zero=True,
        levels=(("", 0.0),),
    ),
)


def draw_k_curves(selection: Selection, recommended: int) -> tuple[alt.LayerChart, ...]:
    """Every index against K, one chart per index.

    Parameters
    ----------
    selection : Selection
        The candidates; the chosen one is the K in use.
    recommended : int
        The K that ilk recommends, marked if it is among the candidates. If another K is in use,
        that one is marked too.

    Returns
    -------
    tuple of alt.LayerChart
        Inertia, silhouette, silhouette gain and gap. An index that no candidate has is left out,
        such as the last two after a fast run.

    Examples
    --------
    >>> two = Candidate("kmeans", 2, 9.0, 0.3, 0.6, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> inertia, silhouette = draw_k_curves(Selection((two,), "Two segments.", ()), recommended=2)
    >>> silhouette.description
    'Silhouette for K = 2: 0.6 at K = 2 (recommended).'
    """
    marked = {recommended: "recommended"}
    marked.setdefault(selection.k, _IN_USE)
    curves = []
    for index in _INDICES:
        known = [
            candidate
            for candidate in selection.candidates
            if _get_value(candidate, index.field) is not None
        ]
        if any(candidate.k > 1 or index.field == "inertia" for candidate in known):
            curves.append(_draw_curve(index, _make_rows(index, known), marked))
    return tuple(curves)


def _make_rows(index: _Index, candidates: Sequence[Candidate]) -> list[dict[str, Any]]:
    """A row per point. The gap is relative to that of one segment, and has an error bar."""
    rows = [_make_row(candidate, index.field) for candidate in candidates]
    if index.field != "gap":
        return rows
    one = next((row["value"] for row in rows if row["k"] == 1), 0.0)
    for row, candidate in zip(rows, candidates, strict=True):
        bar = 0.0 if candidate.k == 1 else N_GAP_ERRORS * (candidate.gap_error or 0.0)
        row["value"] -= one
        row |= {"low": row["value"] - bar, "high": row["value"] + bar}
    return rows


def _draw_curve(
    index: _Index, rows: Sequence[Mapping[str, Any]], marked: Mapping[int, str]
) -> alt.LayerChart:
    ks = [row["k"] for row in rows]
    flagged = [{**row, "flag": marked[row["k"]]} for row in rows if row["k"] in marked]
    sides = _choose_sides({row["k"]: row["flag"] for row in flagged}, ks)
    x, y = _make_x(ks, sides), _make_y(index)
    tooltip = make_tooltip(_TITLES)
    base = alt.Chart(make_data(rows)).encode(x=x, y=y)
    layers = [*_draw_levels(index, y), *_draw_error_bars(index, rows, x)]
    layers += [
        base.mark_line(color=OUTLINE_COLOR, strokeWidth=2, tooltip=None),
        base.mark_circle(color=OUTLINE_COLOR, size=60, opacity=1).encode(tooltip=tooltip),
    ]
    for row in flagged:
        layers += _draw_flag(row, x, y, sides[row["k"]])
    # Invisible and wide, so that a fingertip finds it.
    target = base.mark_rule(strokeWidth=28, opacity=0.001, aria=False)
    layers.append(target.encode(y=alt.Undefined, tooltip=tooltip))
    title = alt.TitleParams(
        index.name,
        subtitle=list(index.explanation),
        subtitleColor=PAGE_TEXT_COLOR,
        subtitleFontSize=12.5,
        subtitleLineHeight=17,
        subtitlePadding=6,
        offset=8,
        fontSize=15,
    )
    return finish_chart(layers, _HEIGHT, _describe(index, rows, flagged), title=title)


def _choose_sides(flags: Mapping[int, str], ks: Sequence[int]) -> dict[int, str]:
    """The side of each marked K on which its label goes: toward the middle of the chart.

    The line of the recommended K is the longer one, so the label "in use" goes to the far side.
    """
    sides = {k: "left" if 2 * k > ks[0] + ks[-1] else "right" for k in flags}
    if len(flags) == 2:
        sides |= {
            k: "left" if k == min(flags) else "right"
            for k, flag in flags.items()
            if flag == _IN_USE
        }
    return sides


def _make_x(ks: Sequence[int], sides: Mapping[int, str]) -> alt.X:
    end = _FLAG_WIDTH if sides.get(ks[-1]) == "right" and len(ks) > 1 else _SIDE_PADDING
    pixels: list[Any] = [_SIDE_PADDING, alt.ExprRef(f"width - {end}")]
    return alt.X(
        "k:Q",
        scale=alt.Scale(domain=[ks[0], ks[-1]], nice=False, range=pixels),
        axis=alt.Axis(title=_K_LABEL, values=ks, format="d", grid=False, labelFlush=False),
    )


def _make_y(index: _Index, end: str = "value") -> alt.Y:
    pixels: list[Any] = [alt.ExprRef("height"), _FLAG_HEIGHT]
    return alt.Y(
        f"{end}:Q",
        scale=alt.Scale(zero=index.from_zero, range=pixels),
        axis=alt.Axis(title=None, tickCount=5, labelFlush=False),
    )


_TITLES = {
    "k_text": "Segments (K)",
    "inertia": "Inertia",
    "silhouette": "Silhouette",
    "silhouette_gain": "Silhouette gain",
    "gap": "Gap",
    "davies_bouldin": "Davies-Bouldin",
    "calinski_harabasz": "Calinski-Harabasz",
}


def _make_row(candidate: Candidate, field: str) -> dict[str, Any]:
    figures = {name: _get_value(candidate, name) for name in _TITLES if name != "k_text"}
    texts = {
        name: NO_VALUE if value is None else format_number(value) for name, value in figures.items()
    }
    return {
        "k": candidate.k,
        "value": figures[field],
        "k_text": str(candidate.k),
        **texts,
    }


def _get_value(candidate: Candidate, field: str) -> float | None:
    value: float | None = getattr(candidate, field)
    return value if value is not None and math.isfinite(value) else None


def _draw_levels(index: _Index, y: alt.Y) -> list[alt.Chart]:
    """Horizontal lines, labeled at their left ends."""
    rows = [{"value": value, "level": name} for name, value in index.levels]
    if not rows:
        return []
    base = alt.Chart(make_data(rows)).encode(y=y)
    rule = base.mark_rule(color=OUTLINE_COLOR, strokeDash=[2, 3], tooltip=None, aria=False)
    named = alt.Chart(make_data([row for row in rows if row["level"]])).encode(y=y)
    labels = named.mark_text(
        align="left", baseline="bottom", color=PAGE_TEXT_COLOR, fontSize=11, dx=2, dy=-1
    )
    return [rule, labels.encode(x=alt.value(0), text="level:N")]


def _draw_error_bars(index: _Index, rows: Sequence[Mapping[str, Any]], x: alt.X) -> list[alt.Chart]:
    """The error bar of every point that has one."""
    bars = [row for row in rows if row.get("low") != row.get("high")]
    if not bars:
        return []
    rule = alt.Chart(make_data(bars)).mark_rule(color=OUTLINE_COLOR, strokeWidth=3, tooltip=None)
    return [rule.encode(x=x, y=_make_y(index, "low"), y2="high:Q")]


def _draw_flag(row: Mapping[str, Any], x: alt.X, y: alt.Y, side: str) -> list[alt.Chart]:
    """A marked K: a line up to its label, and a dot on the curve."""
    in_use = row["flag"] == _IN_USE
    color = get_segment_color(2 if in_use else 1)
    # At two heights, so that the labels of neighboring K do not overlap.
    top = 26 if in_use else 8
    base = alt.Chart(make_data([row])).encode(x=x)
    rule = base.mark_rule(color=color, strokeWidth=1.5, strokeDash=[5, 4], tooltip=None)
    dot = base.mark_circle(color=color, size=190, opacity=1, stroke=OUTLINE_COLOR, strokeWidth=1)
    label = base.mark_text(
        align="right" if side == "left" else "left",
        dx=-6 if side == "left" else 6,
        color=PAGE_TEXT_COLOR,
        fontSize=13,
        fontWeight="bold",
    )
    return [
        rule.encode(y=alt.value(top - 6), y2=alt.value("height")),
        dot.encode(y=y, tooltip=make_tooltip(_TITLES)),
        label.encode(y=alt.value(top), text="flag:N"),
    ]


def _describe(
    index: _Index, rows: Sequence[Mapping[str, Any]], flagged: Sequence[Mapping[str, Any]]
) -> str:
    first, last = rows[0]["k"], rows[-1]["k"]
    tried = f"K = {first}" + (f" to {last}" if last != first else "")
    values = (f"{format_number(row['value'])} at K = {row['k']} ({row['flag']})" for row in flagged)
    return f"{index.name} for {tried}: {'; '.join(values) or 'no K is marked'}."
