"""The page on which every algorithm is put side by side."""

from __future__ import annotations

import streamlit as st

from ilk.app import charts
from ilk.app.layout import attempt, get_page_path, require_table
from ilk.app.markdown import escape_markdown
from ilk.app.session import Session, get_session
from ilk.report.algorithm_table import render_comparison_table
from ilk.workflow.compare import ComparisonRun

_COLUMNS = 3


def render_page() -> None:
    """See what every algorithm finds, and take one."""
    current = get_session()
    st.title("Which algorithm?", anchor=False)
    if not require_table(current):
        return
    compared = attempt(current, current.get_comparison)
    if compared is None:
        return
    st.subheader(escape_markdown(compared.reason), anchor=False)
    _show_algorithm_picker(current, compared)
    _show_panels(compared)
    st.html(render_comparison_table(compared.comparison))


def _show_algorithm_picker(session: Session, comparison: ComparisonRun) -> None:
    titles = {each.algorithm: each.title for each in comparison.results if each.has_clusters}
    if not titles:
        return
    names = list(titles)
    preferred = comparison.recommended_result.algorithm
    name = st.selectbox(
        "Algorithm",
        names,
        index=names.index(preferred) if preferred in names else 0,
        format_func=lambda each: titles[each] + (" (preferred)" if each == preferred else ""),
    )
    if st.button("Use it", type="primary", icon=":material/check:", key="use"):
        session.apply_recipe(session.recipe.model_copy(update={"algorithm": name}))
        st.switch_page(get_page_path("Segments"))


def _show_panels(comparison: ComparisonRun) -> None:
    points, caption = comparison.projection
    places = [
        place for _ in range(0, len(comparison.results), _COLUMNS) for place in st.columns(_COLUMNS)
    ]
    for place, each in zip(places, comparison.panels, strict=False):
        with place.container(border=True):
            st.markdown(f"**{escape_markdown(each.title)}**")
            st.altair_chart(charts.draw_panel(each.title, points, each.labels), width="stretch")
    st.caption(escape_markdown(caption))


if __name__ == "__main__":
    render_page()
