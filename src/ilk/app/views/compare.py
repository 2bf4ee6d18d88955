"""The comparison page: every algorithm on the same customers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import streamlit as st

from ilk.app import charts
from ilk.app.layout import attempt, get_page_path, require_table
from ilk.app.markdown import escape_markdown
from ilk.app.session import Session, get_session
from ilk.report.algorithm_table import render_comparison_table
from ilk.workflow.compare import ComparisonRun

_COLUMNS = 3


def render_page() -> None:
    """Show the comparison page."""
    session = get_session()
    st.title("Compare algorithms", anchor=False)
    if not require_table(session):
        return
    comparison = attempt(session, session.get_comparison)
    if comparison is None:
        return
    st.markdown(escape_markdown(comparison.reason))
    _show_algorithm_picker(session, comparison)
    _show_panels(comparison)
    st.html(render_comparison_table(comparison.comparison))


def _show_algorithm_picker(session: Session, comparison: ComparisonRun) -> None:
    titles = {
        result.algorithm: result.title for result in comparison.results if result.has_clusters
    }
    if not titles:
        return
    names = list(titles)
    recommended = comparison.recommended_result.algorithm
    chosen = st.selectbox(
        "Algorithm",
        names,
        index=names.index(recommended) if recommended in names else 0,
        format_func=lambda name: titles[name] + (" (recommended)" if name == recommended else ""),
    )
    if st.button("Use this algorithm", type="primary", icon=":material/check:", key="use"):
        session.apply_recipe(replace(session.recipe, algorithm=cast("Any", chosen)))
        st.switch_page(get_page_path("Segments"))


def _show_panels(comparison: ComparisonRun) -> None:
    points, caption = comparison.projection
    n_rows = -(-len(comparison.results) // _COLUMNS)
    cells = [cell for _ in range(n_rows) for cell in st.columns(_COLUMNS)]
    for cell, panel in zip(cells, comparison.panels, strict=False):
        with cell.container(border=True):
            st.markdown(f"**{escape_markdown(panel.title)}**")
            st.altair_chart(charts.draw_panel(panel.title, points, panel.labels), width="stretch")
    st.caption(escape_markdown(caption))


if __name__ == "__main__":
    render_page()
