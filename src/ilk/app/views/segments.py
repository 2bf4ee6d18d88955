"""The segments page: what the segments are like, their names, and what to do with them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ilk.app import charts
from ilk.app.layout import attempt, require_run, show_page_link, show_structure
from ilk.app.markdown import escape_markdown
from ilk.app.session import Session, get_session
from ilk.report.box_stats import BoxStats, compute_box_stats
from ilk.report.headline import write_headline
from ilk.report.notebook.views import render_cards, render_ranking
from ilk.report.profile_table import build_profile_rows
from ilk.report.summary import MAX_RANKED_COLUMNS, describe_ranking
from ilk.segments.column_ranking import rank_columns
from ilk.segments.edits import ACTION_LIMIT, NAME_LIMIT
from ilk.workflow.run import Run

_MAX_POINTS = 2_000
"""Most customers drawn; a browser still draws so many smoothly."""

_MAX_HOVER_COLUMNS = 12
"""Most columns shown in the tooltip of a customer."""


def render_page() -> None:
    """Show the segments page."""
    session = get_session()
    st.title("Your segments", anchor=False)
    run = require_run(session)
    if run is None:
        return
    st.subheader(escape_markdown(write_headline(run.segments)), anchor=False)
    st.markdown(escape_markdown(run.selection.verdict))
    show_structure(run.selection)
    st.html(render_cards(run.segments))
    _show_edit_form(session, run)
    scatter, profile, columns, distribution = st.tabs(
        ["Scatter plot", "Profile", "Columns", "Distribution"]
    )
    with scatter:
        _show_scatter(session, run)
    with profile:
        _show_profile(run)
    with columns:
        _show_ranking(run)
    with distribution:
        _show_distribution(session, run)
    with st.container(horizontal=True):
        show_page_link("Export", "Export")
        show_page_link("Predict new customers", "Predict", primary=False)


def _show_edit_form(session: Session, run: Run) -> None:
    with st.expander("Edit names and actions"), st.form(f"edit {hash(session.run_key)}"):
        names, actions = {}, {}
        for segment in run.segments:
            left, right = st.columns([2, 3])
            names[segment.number] = left.text_input(
                f"Name of segment {segment.number}", segment.name, max_chars=NAME_LIMIT
            )
            actions[segment.number] = right.text_area(
                f"Action for segment {segment.number}",
                segment.action,
                max_chars=ACTION_LIMIT,
                height=80,
            )
        if st.form_submit_button("Save changes", type="primary"):
            edited = attempt(session, lambda: run.edit_segments(names, actions))
            if edited is not None:
                session.edits[session.run_key] = edited.edits
                st.rerun()


def _show_scatter(session: Session, run: Run) -> None:
    axes = _ask_axes(run)
    data = session.memoize(
        "scatter data",
        (session.run_key, *axes.items()),
        lambda _: run.plot.get_scatter_data(**axes).subsample(_MAX_POINTS),
    )
    drawn, n_known = data.sample.frame, run.plot_sample.frame.height
    if drawn.height < n_known:
        st.caption(f"Shows a sample of {drawn.height:,} of {n_known:,} customers.")
    x, y = map(charts.AxisData, data.titles, data.points.T)
    hover = drawn.select(drawn.columns[:_MAX_HOVER_COLUMNS])
    chart = charts.draw_scatter(x, y, data.sample.labels, hover, run.segments, data.centers)
    st.altair_chart(chart, width="stretch")


def _ask_axes(run: Run) -> dict[str, Any]:
    """Ask for the axes of the scatter plot; returns arguments of ``Plots.get_scatter_data``."""
    columns, components = "Two columns", "Principal components"
    choices = st.columns(3)
    by = choices[0].selectbox("Axes", [columns, components], key="scatter by")
    names = list(run.plot_sample.numeric_columns)
    if by == components or not names:
        return {"by": "components"}
    labels, defaults = ("Horizontal axis", "Vertical axis"), run.plot.choose_columns()
    axes = [
        container.selectbox(label, names, index=names.index(name), key=f"scatter {label}")
        for container, label, name in zip(choices[1:], labels, defaults, strict=False)
    ]
    return dict(zip("xy", axes, strict=False))


def _show_profile(run: Run) -> None:
    model = run.model
    rows = build_profile_rows(model.segments, model.everyone, model.schema.profile_columns)
    st.altair_chart(charts.draw_heat_map(rows, run.segments), width="stretch")


def _show_ranking(run: Run) -> None:
    model = run.model
    ranks = rank_columns(model.segments, model.everyone, model.schema.profile_columns)
    caption = describe_ranking(len(ranks) - MAX_RANKED_COLUMNS)
    st.html(render_ranking(ranks[:MAX_RANKED_COLUMNS], caption))


def _show_distribution(session: Session, run: Run) -> None:
    names = run.plot_sample.numeric_columns
    if not names:
        st.info("There is no numeric column to show.")
        return
    first = names.index(run.plot.choose_columns()[0])
    column = st.selectbox("Column", names, index=first, key="distribution of")
    box_stats = session.memoize(
        "box stats", (session.run_key, column), lambda _: _compute_box_stats(run, column)
    )
    st.altair_chart(charts.draw_boxes(column, box_stats, run.segments), width="stretch")


def _compute_box_stats(run: Run, column: str) -> tuple[BoxStats, ...]:
    return compute_box_stats(
        run.plot_sample.frame[column].to_numpy(), run.plot_sample.labels, len(run.segments)
    )


if __name__ == "__main__":
    render_page()
