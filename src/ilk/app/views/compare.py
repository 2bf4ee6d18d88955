"""The page on which every algorithm is put side by side."""

from __future__ import annotations

import streamlit as st

from ilk.app import charts
from ilk.app.layout import attempt, need_table, page_file
from ilk.app.markdown import plain
from ilk.app.session import Session, session
from ilk.report.algorithm_table import contest_table
from ilk.workflow.compare import Compared

_COLUMNS = 3


def page() -> None:
    """See what every algorithm finds, and take one."""
    current = session()
    st.title("Which algorithm?", anchor=False)
    if not need_table(current):
        return
    compared = attempt(current, current.compared)
    if compared is None:
        return
    st.subheader(plain(compared.reason), anchor=False)
    _show_algorithm_picker(current, compared)
    _show_panels(compared)
    st.html(contest_table(compared.contest))


def _show_algorithm_picker(session: Session, comparison: Compared) -> None:
    titles = {each.algorithm: each.title for each in comparison.entries if each.found}
    if not titles:
        return
    names = list(titles)
    preferred = comparison.preferred.algorithm
    name = st.selectbox(
        "Algorithm",
        names,
        index=names.index(preferred) if preferred in names else 0,
        format_func=lambda each: titles[each] + (" (preferred)" if each == preferred else ""),
    )
    if st.button("Use it", type="primary", icon=":material/check:", key="use"):
        session.decide(session.recipe.model_copy(update={"algorithm": name}))
        st.switch_page(page_file("Segments"))


def _show_panels(comparison: Compared) -> None:
    points, caption = comparison.points
    places = [
        place for _ in range(0, len(comparison.entries), _COLUMNS) for place in st.columns(_COLUMNS)
    ]
    for place, each in zip(places, comparison.panels, strict=False):
        with place.container(border=True):
            st.markdown(f"**{plain(each.title)}**")
            st.altair_chart(charts.panel(each.title, points, each.labels), width="stretch")
    st.caption(plain(caption))


if __name__ == "__main__":
    page()
