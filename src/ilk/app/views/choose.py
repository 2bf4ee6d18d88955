"""The page on which the number of segments is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, get_args

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ilk.app import charts
from ilk.app.layout import attempt, go, need_table
from ilk.app.markdown import plain, show_structure
from ilk.app.session import Session, session
from ilk.cluster.algorithms import ALGORITHMS
from ilk.formatting.numbers import counted, format_percent
from ilk.recipe import Recipe, resolve
from ilk.report.notebook.candidates import candidates_table, glossary
from ilk.selection.candidates import Choice
from ilk.selection.sweep import Sweep

_CHOICES = {
    "scale": ("Scale", "How columns of different units are made comparable."),
    "missing": ("Missing values", "What stands for a number that is not there."),
    "skew": (
        "Skewed columns",
        "Whether columns with a few very large values are put on a logarithmic scale.",
    ),
    "outliers": ("Outliers", "Whether the outermost hundredths are pulled in."),
}
"""What can be chosen about columns, by the field of :class:`ilk.recipe.Recipe`."""

_COMPONENTS = (None, 0.8, 0.9, 0.95, 2, 3)
"""Principal components on offer: none, shares of the variance that they hold, or numbers."""


def page() -> None:
    """See how every number of segments does, and take one."""
    current = session()
    st.title("How many segments?", anchor=False)
    if not need_table(current):
        return
    explored = attempt(current, current.explored)
    if explored is not None:
        _found(current, explored.sweep)
    _done(current)


def _found(current: Session, sweep: Sweep) -> None:
    """The verdict with its reasons, the way to overrule it, and the evidence."""
    recommended = attempt(current, lambda: sweep.recommended)
    if recommended is None:
        return
    picked = attempt(current, lambda: sweep.pick(current.k))
    if picked is not None:
        _verdict(picked[0])
    _slider(current, sweep, recommended)
    if picked is None:
        return
    choice, _ = picked
    go("See the segments", "Segments")
    go("Compare the algorithms", "Compare", primary=False)
    curves = charts.k_curve(choice, recommended)
    for first in range(0, len(curves), 2):
        for place, chart in zip(st.columns(2), curves[first : first + 2], strict=False):
            place.altair_chart(chart, width="stretch")
    with st.expander("All numbers tried, in figures"):
        st.html(candidates_table(choice.candidates))
        figures = [asdict(each) for each in choice.candidates]
        st.caption("  \n".join(f"{plain(name)}: {plain(what)}" for name, what in glossary(figures)))


def _verdict(choice: Choice) -> None:
    st.subheader(plain(choice.verdict), anchor=False)
    show_structure(choice)
    st.markdown("\n".join(f"* {plain(reason)}" for reason in choice.reasons))


def _slider(current: Session, sweep: Sweep, recommended: int) -> None:
    tried = [each.k for each in sweep.candidates if each.k > 1]
    if len(tried) < 2:
        return
    key = f"k {current.choices}"
    st.slider(
        "Number of segments",
        tried[0],
        tried[-1],
        value=recommended if current.k == "auto" else current.k,
        key=key,
        help=f"ilk recommends {recommended}. Move it to overrule.",
        on_change=_overrule,
        args=(current, key, recommended),
    )


def _overrule(current: Session, key: str, recommended: int) -> None:
    k = st.session_state[key]
    current.k = "auto" if k == recommended else k


def _done(current: Session) -> None:
    """How it is done, and how to do it otherwise."""
    with st.expander("How it is done"), st.form("done", border=False):
        now = current.recipe.model_dump()
        said = _limits(now) | _prepared(now)
        if st.form_submit_button("Apply"):
            # What is said as None is taken for not said, and the recipe would stay as it is.
            base = {**now, "pca": None, "k_max": None}
            recipe = attempt(current, lambda: resolve(said, base))
            if recipe is not None:
                current.decide(recipe)
                st.rerun()


def _limits(now: Mapping[str, Any]) -> dict[str, Any]:
    """How segments are looked for, and which may be chosen."""
    left, right = st.columns(2)
    names = list(ALGORITHMS)
    return {
        "algorithm": left.selectbox(
            "Algorithm",
            names,
            index=names.index(now["algorithm"]),
            format_func=lambda name: ALGORITHMS[name].title,
            help="DBSCAN and HDBSCAN find the number of segments themselves.",
        ),
        "k_max": _largest_number(right, now["k_max"]),
        "min_share": _share(left, "Smallest segment allowed, in %", now["min_share"]),
        "max_share": _share(right, "Largest segment allowed, in %", now["max_share"]),
        "fast": left.checkbox(
            "Leave out the tests",
            now["fast"],
            help="Faster. Whether there are segments at all, and how sure they are, stays unknown.",
        ),
        "seed": right.number_input(
            "Seed", 0, 2**32 - 1, value=now["seed"], help="The same seed gives the same segments."
        ),
    }


def _largest_number(place: DeltaGenerator, now: int | None) -> int | None:
    key = f"k_max {now}"
    # Only a field that is empty at first can be emptied again.
    st.session_state.setdefault(key, now)
    return place.number_input(
        "Largest number of segments tried",
        2,
        100,
        value=None,
        key=key,
        placeholder="as far as there is reason to",
    )


def _share(place: DeltaGenerator, label: str, now: float) -> float:
    # Rounded, so that a share that nobody has touched comes back as it was.
    percent = place.number_input(
        label, 0.0, 100.0, value=round(100 * now, 8), step=1.0, format="%g"
    )
    return round(percent / 100, 10)


def _prepared(now: Mapping[str, Any]) -> dict[str, Any]:
    """How columns are prepared."""
    said: dict[str, Any] = {}
    columns = st.columns(2)
    for place, (name, (label, help_)) in enumerate(_CHOICES.items()):
        options = get_args(Recipe.model_fields[name].annotation)
        said[name] = columns[place % 2].selectbox(
            label, options, index=options.index(now[name]), help=help_
        )
    said["pca"] = _components(columns[0], now["pca"])
    return said


def _components(place: DeltaGenerator, now: float | None) -> float | None:
    options = {_told(each): each for each in (*_COMPONENTS, now)}
    chosen = place.selectbox(
        "Principal components",
        options,
        index=[*options].index(_told(now)),
        help="Whether customers are clustered on the directions in which they differ most. "
        "Profiles stay in the units of your columns.",
    )
    return options[chosen]


def _told(wanted: float | None) -> str:
    if wanted is None:
        return "none"
    if isinstance(wanted, int):
        return counted(wanted, "component")
    return f"{format_percent(wanted)} of the variance"


if __name__ == "__main__":
    page()
