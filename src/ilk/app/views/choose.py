"""The choice page: how many segments, and by which method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, get_args

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ilk.app import charts
from ilk.app.layout import attempt, require_table, show_page_link, show_structure
from ilk.app.markdown import escape_markdown
from ilk.app.session import Session, get_session
from ilk.cluster.algorithms import ALGORITHMS
from ilk.formatting.numbers import format_count, format_percent
from ilk.recipe import Recipe, resolve_recipe
from ilk.report.candidate_table import explain_columns
from ilk.report.notebook.candidates import render_candidates
from ilk.selection.candidates import Selection
from ilk.selection.sweep import Sweep

_PREPARATION_FIELDS = {
    "scale": ("Scale", "How columns of different units are made comparable."),
    "missing": ("Missing values", "What stands for a number that is not there."),
    "skew": (
        "Skewed columns",
        "Whether columns with a few very large values are put on a logarithmic scale.",
    ),
    "outliers": ("Outliers", "Whether the outermost hundredths are pulled in."),
}
"""What can be chosen about columns, by the field of :class:`ilk.recipe.Recipe`."""

_COMPONENT_OPTIONS = (None, 0.8, 0.9, 0.95, 2, 3)
"""Principal components on offer: none, shares of the variance that they hold, or numbers."""


def render_page() -> None:
    """Show the choice page."""
    session = get_session()
    st.title("How many segments?", anchor=False)
    if not require_table(session):
        return
    candidates = attempt(session, session.get_candidates)
    if candidates is not None:
        _show_sweep(session, candidates.sweep)
    _show_method_form(session)


def _show_sweep(session: Session, sweep: Sweep) -> None:
    """The recommendation with its reasons, the slider to change it, and the evidence."""
    recommended = attempt(session, lambda: sweep.recommended_k)
    if recommended is None:
        return
    selected = attempt(session, lambda: sweep.select(session.k))
    if selected is not None:
        _show_verdict(selected[0])
    _show_k_slider(session, sweep, recommended)
    if selected is None:
        return
    with st.container(horizontal=True):
        show_page_link("Show segments", "Segments")
        show_page_link("Compare algorithms", "Compare", primary=False)
    _show_evidence(selected[0], recommended)


def _show_verdict(selection: Selection) -> None:
    st.subheader(escape_markdown(selection.verdict), anchor=False)
    show_structure(selection)


def _show_evidence(selection: Selection, recommended: int) -> None:
    """Why this number: in sentences, in curves, and in figures for every number tried."""
    with st.expander("Why this number of segments"):
        st.markdown("\n".join(f"* {escape_markdown(reason)}" for reason in selection.reasons))
    curves = charts.draw_k_curves(selection, recommended)
    for first in range(0, len(curves), 2):
        for column, chart in zip(st.columns(2), curves[first : first + 2], strict=False):
            column.altair_chart(chart, width="stretch")
    with st.expander("Figures for every number of segments"):
        st.html(render_candidates(selection.candidates))
        fields = [asdict(candidate) for candidate in selection.candidates]
        st.caption(
            "  \n".join(
                f"{escape_markdown(name)}: {escape_markdown(explanation)}"
                for name, explanation in explain_columns(fields)
            )
        )


def _show_k_slider(session: Session, sweep: Sweep, recommended: int) -> None:
    tried = [candidate.k for candidate in sweep.candidates if candidate.k > 1]
    if len(tried) < 2:
        return
    key = f"k {session.recipe_key}"
    st.slider(
        "Number of segments",
        tried[0],
        tried[-1],
        value=recommended if session.k == "auto" else session.k,
        key=key,
        help=f"ilk recommends {recommended}. Move the slider to use another number.",
        on_change=_set_k,
        args=(session, key, recommended),
    )


def _set_k(session: Session, key: str, recommended: int) -> None:
    k = st.session_state[key]
    session.k = "auto" if k == recommended else k


def _show_method_form(current: Session) -> None:
    """The method, and a form to change it."""
    with st.expander("Method"), st.form("method", border=False):
        now = current.recipe.model_dump()
        said = _ask_segment_settings(now) | _ask_preparation(now)
        if st.form_submit_button("Apply changes"):
            # What is said as None is taken for not said, and the recipe would stay as it is.
            base = {**now, "pca": None, "k_max": None}
            recipe = attempt(current, lambda: resolve_recipe(said, base))
            if recipe is not None:
                current.apply_recipe(recipe)
                st.rerun()


def _ask_segment_settings(recipe_values: Mapping[str, Any]) -> dict[str, Any]:
    """How segments are looked for, and which may be chosen."""
    left, right = st.columns(2)
    names = list(ALGORITHMS)
    return {
        "algorithm": left.selectbox(
            "Algorithm",
            names,
            index=names.index(recipe_values["algorithm"]),
            format_func=lambda name: ALGORITHMS[name].title,
            help="DBSCAN and HDBSCAN find the number of segments themselves.",
        ),
        "k_max": _ask_k_max(right, recipe_values["k_max"]),
        "min_share": _ask_share(left, "Smallest segment allowed, in %", recipe_values["min_share"]),
        "max_share": _ask_share(right, "Largest segment allowed, in %", recipe_values["max_share"]),
        "fast": left.checkbox(
            "Leave out the tests",
            recipe_values["fast"],
            help="Faster. Whether there are segments at all, and how sure they are, stays unknown.",
        ),
        "seed": right.number_input(
            "Seed",
            0,
            2**32 - 1,
            value=recipe_values["seed"],
            help="The same seed gives the same segments.",
        ),
    }


def _ask_k_max(container: DeltaGenerator, current_value: int | None) -> int | None:
    key = f"k_max {current_value}"
    # Only a field that is empty at first can be emptied again.
    st.session_state.setdefault(key, current_value)
    return container.number_input(
        "Largest number of segments tried",
        2,
        100,
        value=None,
        key=key,
        placeholder="as far as there is reason to",
    )


def _ask_share(container: DeltaGenerator, label: str, current_value: float) -> float:
    # Rounded, so that a share that nobody has touched comes back as it was.
    percent = container.number_input(
        label, 0.0, 100.0, value=round(100 * current_value, 8), step=1.0, format="%g"
    )
    return round(percent / 100, 10)


def _ask_preparation(recipe_values: Mapping[str, Any]) -> dict[str, Any]:
    """How columns are prepared."""
    said: dict[str, Any] = {}
    columns = st.columns(2)
    for place, (name, (label, help_)) in enumerate(_PREPARATION_FIELDS.items()):
        options = get_args(Recipe.model_fields[name].annotation)
        said[name] = columns[place % 2].selectbox(
            label, options, index=options.index(recipe_values[name]), help=help_
        )
    said["pca"] = _ask_components(columns[0], recipe_values["pca"])
    return said


def _ask_components(container: DeltaGenerator, current_value: float | None) -> float | None:
    options = {_format_components(each): each for each in (*_COMPONENT_OPTIONS, current_value)}
    chosen = container.selectbox(
        "Principal components",
        options,
        index=[*options].index(_format_components(current_value)),
        help="Whether customers are clustered on the directions in which they differ most. "
        "Profiles stay in the units of your columns.",
    )
    return options[chosen]


def _format_components(value: float | None) -> str:
    if value is None:
        return "none"
    if isinstance(value, int):
        return format_count(value, "component")
    return f"{format_percent(value)} of the variance"


if __name__ == "__main__":
    render_page()
