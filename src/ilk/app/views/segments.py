"""The page of the segments: what they are like, what they are called, what to do with them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ilk.app import charts
from ilk.app.layout import attempt, require_run, show_page_link
from ilk.app.markdown import escape_markdown, show_structure
from ilk.app.session import Session, get_session
from ilk.report.box_stats import BoxStats, compute_box_stats
from ilk.report.headline import write_headline
from ilk.report.notebook.segments import render_cards
from ilk.report.profile_table import build_profile_rows
from ilk.segments.edits import ACTION_LIMIT, NAME_LIMIT
from ilk.workflow.run import Run

_MAX_POINTS = 2_000
"""Customers drawn; a browser moves so many smoothly."""

_MAX_HOVER_COLUMNS = 12
"""Columns told of a customer under the mouse."""


def render_page() -> None:
    """Read the segments, rename them, look at them."""
    current = get_session()
    st.title("Your segments", anchor=False)
    run = require_run(current)
    if run is None:
        return
    st.subheader(escape_markdown(write_headline(run.segments)), anchor=False)
    st.markdown(escape_markdown(run.selection.verdict))
    show_structure(run.selection)
    st.html(render_cards(run.segments))
    _show_edit_form(current, run)
    scatter, profile, spread = st.tabs(["Scatter", "Profile", "Spread"])
    with scatter:
        _show_scatter(current, run)
    with profile:
        _show_profile(run)
    with spread:
        _show_spread(current, run)
    left, right = st.columns(2)
    with left:
        show_page_link("Predict a customer", "Predict")
    with right:
        show_page_link("Take it with you", "Export")


def _show_edit_form(session: Session, run: Run) -> None:
    with st.expander("Edit names and actions"), st.form(f"edit {hash(session.run_key)}"):
        names, actions = {}, {}
        for segment in run.segments:
            left, right = st.columns([2, 3])
            names[segment.number] = left.text_input(
                f"Name of segment {segment.number}", segment.name, max_chars=NAME_LIMIT
            )
            actions[segment.number] = right.text_area(
                f"What to do with segment {segment.number}",
                segment.action,
                max_chars=ACTION_LIMIT,
                height=80,
            )
        if st.form_submit_button("Keep", type="primary"):
            edited = attempt(session, lambda: run.edit_segments(names, actions))
            if edited is not None:
                session.edits[session.run_key] = edited.edits
                st.rerun()


def _show_scatter(session: Session, run: Run) -> None:
    choice = _ask_directions(run)
    found = session.memoize(
        "dots",
        (session.run_key, *choice.items()),
        lambda _: run.plot.get_scatter_data(**choice).subsample(_MAX_POINTS),
    )
    drawn, known = found.sample.frame, run.plot_sample.frame
    if drawn.height < known.height:
        st.caption(f"{drawn.height:,} of {known.height:,} customers are drawn, evenly chosen.")
    x, y = map(charts.AxisData, found.titles, found.points.T)
    hover = drawn.select(drawn.columns[:_MAX_HOVER_COLUMNS])
    chart = charts.draw_scatter(x, y, found.sample.labels, hover, run.segments, found.centers)
    st.altair_chart(chart, width="stretch")


def _ask_directions(run: Run) -> dict[str, Any]:
    """What to draw the customers by, as chosen on the page: arguments of ``Plots.dots``."""
    columns, components = "Two columns", "Principal components"
    choices = st.columns(3)
    by = choices[0].selectbox("Draw by", [columns, components], key="scatter by")
    names = list(run.plot_sample.numeric_columns)
    if by == components or not names:
        return {"by": "components"}
    telling = run.plot.choose_columns()
    axes = [
        place.selectbox(label, names, index=names.index(name), key=f"scatter {label}")
        for place, label, name in zip(choices[1:], ("Across", "Up"), telling, strict=False)
    ]
    return dict(zip("xy", axes, strict=False))


def _show_profile(run: Run) -> None:
    model = run.model
    comparisons = build_profile_rows(model.segments, model.everyone, model.schema.profile_columns)
    st.altair_chart(charts.draw_heat_map(comparisons, run.segments), width="stretch")


def _show_spread(session: Session, run: Run) -> None:
    names = run.plot_sample.numeric_columns
    if not names:
        st.info("No column holds numbers.")
        return
    first = names.index(run.plot.choose_columns()[0])
    column = st.selectbox("Column", names, index=first, key="spread of")
    figures = session.memoize(
        "boxes", (session.run_key, column), lambda _: _compute_boxes(run, column)
    )
    st.altair_chart(charts.draw_boxes(column, figures, run.segments), width="stretch")


def _compute_boxes(run: Run, column: str) -> tuple[BoxStats, ...]:
    return compute_box_stats(
        run.plot_sample.frame[column].to_numpy(), run.plot_sample.labels, len(run.segments)
    )


if __name__ == "__main__":
    render_page()
