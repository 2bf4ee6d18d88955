"""The choice page: how many segments, and by which method."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import streamlit as st

from ilk.app import charts
from ilk.app.layout import attempt, require_table, show_page_link, show_structure
from ilk.app.markdown import escape_markdown
from ilk.app.option_form import Titles, ask_for_options, select_form_options
from ilk.app.session import Session, get_session
from ilk.cluster.algorithms import ALGORITHMS
from ilk.recipe import AUTO_ALGORITHM, PREPARATION, RUNNING, SEGMENTS, Recipe, resolve_recipe
from ilk.report.candidate_table import explain_columns
from ilk.report.notebook.views import render_candidates
from ilk.selection.candidates import Selection
from ilk.selection.sweep import Sweep

_METHOD_OPTIONS = (
    select_form_options(Recipe, SEGMENTS, RUNNING),
    select_form_options(Recipe, PREPARATION),
)
"""What the form offers: how segments are found, and how columns are prepared."""

_TITLES: Titles = {
    "algorithm": lambda name: "automatic" if name == AUTO_ALGORITHM else ALGORITHMS[name].title
}


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
        given: dict[str, Any] = {}
        for options in _METHOD_OPTIONS:
            given |= ask_for_options(options, current.recipe, 2, _TITLES)
        if st.form_submit_button("Apply changes"):
            # As the base of the recipe: there, None takes back what was chosen before.
            base = current.recipe.to_dict() | given
            recipe = attempt(current, lambda: resolve_recipe({}, base))
            if recipe is not None:
                current.apply_recipe(recipe)
                st.rerun()


if __name__ == "__main__":
    render_page()
