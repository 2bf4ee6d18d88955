"""Curves against K: inertia, silhouette, and what chance would give."""

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
from ilk.selection.rule import CLEAR_GAIN, N_GAP_ERRORS, WEAK_GAIN

_HEIGHT = 230
_FLAG_HEIGHT = 40  # pixels above the curve, for the words on the marked K
_SIDE_PADDING = 20
_FLAG_WIDTH = 52  # pixels beside the last K, if its words are to stand there
_IN_USE = "in use"
_K_LABEL = "Number of segments (K)"


@dataclass(frozen=True)
class _Index:
    """One index of the candidates: its field, its name, how to read it, and its axis.

    ``levels`` are lines across: what each is called, if anything, and where it is.
    """

    field: str
    name: str
    reading: tuple[str, ...]
    zero: bool
    levels: tuple[tuple[str, float], ...] = ()


_INDICES = (
    _Index(
        "inertia",
        "Inertia",
        (
            "How far customers lie from their segment's centre.",
            "It falls with every further segment: look for the bend.",
        ),
        zero=True,
    ),
    _Index(
        "silhouette",
        "Silhouette",
        (
            "How much nearer customers are to their own segment",
            "than to the next one: at best 1; near 0, no difference.",
        ),
        zero=False,
    ),
    _Index(
        "silhouette_gain",
        "Lead over chance",
        (
            "How much tighter segments are than those cut from",
            "customers without any: at 0 there is nothing but chance.",
        ),
        zero=True,
        levels=(("", 0.0), ("weak", WEAK_GAIN), ("clear", CLEAR_GAIN)),
    ),
    _Index(
        "gap",
        "Gap above one segment",
        (
            "The gap statistic, less that of one segment. Bars are two",
            "standard errors: those above 0 speak for segments.",
        ),
        zero=True,
        levels=(("", 0.0),),
    ),
)


def draw_k_curves(selection: Selection, recommended: int) -> tuple[alt.LayerChart, ...]:
    """Every index against K, a chart each, to stand side by side or in a column.

    Parameters
    ----------
    selection : Choice
        The candidates, one of them chosen: the K in use.
    recommended : int
        The K that ilk recommends, marked if it is among the candidates. The K in use is marked
        too where it is another one.

    Returns
    -------
    tuple of alt.LayerChart
        Inertia, silhouette, lead over chance, gap; those that no candidate has are left out, as
        the last two after a fast run.

    Examples
    --------
    >>> two = Candidate("kmeans", 2, 9.0, 0.3, 0.6, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> inertia, silhouette = draw_k_curves(Selection((two,), "Two segments.", ()), recommended=2)
    >>> silhouette.description
    'Silhouette for K = 2: 0.6 at K = 2 (recommended).'
    """
    marked = {recommended: "recommended"}
    marked.setdefault(selection.k, _IN_USE)
    drawn = []
    for panel in _INDICES:
        points = [
            each for each in selection.candidates if _get_value(each, panel.field) is not None
        ]
        if any(each.k > 1 or panel.field == "inertia" for each in points):
            drawn.append(_draw_curve(panel, _make_rows(panel, points), marked))
    return tuple(drawn)


def _make_rows(index: _Index, points: Sequence[Candidate]) -> list[dict[str, Any]]:
    """A row for every point; the gap counts from that of one segment, with its bar."""
    rows = [_make_row(each, index.field) for each in points]
    if index.field != "gap":
        return rows
    one = next((row["value"] for row in rows if row["k"] == 1), 0.0)
    for row, each in zip(rows, points, strict=True):
        bar = 0.0 if each.k == 1 else N_GAP_ERRORS * (each.gap_error or 0.0)
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
    tips = make_tooltip(_TITLES)
    base = alt.Chart(make_data(rows)).encode(x=x, y=y)
    layers = [*_draw_levels(index, y), *_draw_error_bars(index, rows, x)]
    layers += [
        base.mark_line(color=OUTLINE_COLOR, strokeWidth=2, tooltip=None),
        base.mark_circle(color=OUTLINE_COLOR, size=60, opacity=1).encode(tooltip=tips),
    ]
    for row in flagged:
        layers += _draw_flag(row, x, y, sides[row["k"]])
    # Invisible and wide, so that a fingertip finds it.
    target = base.mark_rule(strokeWidth=28, opacity=0.001, aria=False)
    layers.append(target.encode(y=alt.Undefined, tooltip=tips))
    title = alt.TitleParams(
        index.name,
        subtitle=list(index.reading),
        subtitleColor=PAGE_TEXT_COLOR,
        subtitleFontSize=12.5,
        subtitleLineHeight=17,
        subtitlePadding=6,
        offset=8,
        fontSize=15,
    )
    return finish_chart(layers, _HEIGHT, _describe(index, rows, flagged), title=title)


def _choose_sides(flags: Mapping[int, str], ks: Sequence[int]) -> dict[int, str]:
    """On which side of each marked K its words stand: towards the middle, where there is room.

    The line of the recommended K is the longer one; the words "in use" keep away from it.
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
    places: list[Any] = [_SIDE_PADDING, alt.ExprRef(f"width - {end}")]
    return alt.X(
        "k:Q",
        scale=alt.Scale(domain=[ks[0], ks[-1]], nice=False, range=places),
        axis=alt.Axis(title=_K_LABEL, values=ks, format="d", grid=False, labelFlush=False),
    )


def _make_y(index: _Index, end: str = "value") -> alt.Y:
    places: list[Any] = [alt.ExprRef("height"), _FLAG_HEIGHT]
    return alt.Y(
        f"{end}:Q",
        scale=alt.Scale(zero=index.zero, range=places),
        axis=alt.Axis(title=None, tickCount=5, labelFlush=False),
    )


_TITLES = {
    "k_text": "Segments (K)",
    "inertia": "Inertia",
    "silhouette": "Silhouette",
    "silhouette_gain": "Lead over chance",
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
    """Lines across, named at their left ends."""
    rows = [{"value": value, "level": name} for name, value in index.levels]
    if not rows:
        return []
    base = alt.Chart(make_data(rows)).encode(y=y)
    rule = base.mark_rule(color=OUTLINE_COLOR, strokeDash=[2, 3], tooltip=None, aria=False)
    named = alt.Chart(make_data([row for row in rows if row["level"]])).encode(y=y)
    words = named.mark_text(
        align="left", baseline="bottom", color=PAGE_TEXT_COLOR, fontSize=11, dx=2, dy=-1
    )
    return [rule, words.encode(x=alt.value(0), text="level:N")]


def _draw_error_bars(index: _Index, rows: Sequence[Mapping[str, Any]], x: alt.X) -> list[alt.Chart]:
    """The error of every point, where it has one."""
    bars = [each for each in rows if each.get("low") != each.get("high")]
    if not bars:
        return []
    rule = alt.Chart(make_data(bars)).mark_rule(color=OUTLINE_COLOR, strokeWidth=3, tooltip=None)
    return [rule.encode(x=x, y=_make_y(index, "low"), y2="high:Q")]


def _draw_flag(row: Mapping[str, Any], x: alt.X, y: alt.Y, side: str) -> list[alt.Chart]:
    """A marked K: a line up to its words, and a dot on the curve."""
    in_use = row["flag"] == _IN_USE
    color = get_segment_color(2 if in_use else 1)
    # Two lines of words, so that those of neighbours do not run into each other.
    top = 26 if in_use else 8
    base = alt.Chart(make_data([row])).encode(x=x)
    rule = base.mark_rule(color=color, strokeWidth=1.5, strokeDash=[5, 4], tooltip=None)
    dot = base.mark_circle(color=color, size=190, opacity=1, stroke=OUTLINE_COLOR, strokeWidth=1)
    words = base.mark_text(
        align="right" if side == "left" else "left",
        dx=-6 if side == "left" else 6,
        color=PAGE_TEXT_COLOR,
        fontSize=13,
        fontWeight="bold",
    )
    return [
        rule.encode(y=alt.value(top - 6), y2=alt.value("height")),
        dot.encode(y=y, tooltip=make_tooltip(_TITLES)),
        words.encode(y=alt.value(top), text="flag:N"),
    ]


def _describe(
    index: _Index, rows: Sequence[Mapping[str, Any]], flagged: Sequence[Mapping[str, Any]]
) -> str:
    first, last = rows[0]["k"], rows[-1]["k"]
    tried = f"K = {first}" + (f" to {last}" if last != first else "")
    told = (f"{format_number(row['value'])} at K = {row['k']} ({row['flag']})" for row in flagged)
    return f"{index.name} for {tried}: {'; '.join(told) or 'no K is marked'}."
