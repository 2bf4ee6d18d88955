"""The prediction page: assign new customers to segments."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ilk.app.layout import ask_for_path, attempt, show_notices, show_page_link
from ilk.app.markdown import escape_markdown
from ilk.app.prediction_form import InputField, make_input_fields
from ilk.app.session import Session, get_session
from ilk.app.upload import FILE_EXTENSIONS, CustomerTable, save_upload
from ilk.formatting.numbers import format_number
from ilk.model import serialization
from ilk.model.model import SegmentModel
from ilk.model.predict import Prediction, predict
from ilk.progress import ProgressReporter
from ilk.report.notebook.views import render_card
from ilk.segments.wording import NOISE_MESSAGE, explain_margin
from ilk.tables.safe_csv import render_csv

_PREVIEW_ROWS = 20
"""Rows of a labeled file that are shown on the page."""


def render_page() -> None:
    """Show the prediction page."""
    session = get_session()
    st.title("Predict the segment of new customers", anchor=False)
    _choose_model(session)
    model = attempt(session, lambda: session.model)
    if model is None:
        st.info("There are no segments yet. Find segments first, or load a saved model.")
        show_page_link("Choose customer data", "Data")
        return
    one, many = st.tabs(["One customer", "Customer file"])
    with one:
        _show_single_form(session, model)
    with many:
        _show_file_form(session, model)


def _choose_model(session: Session) -> None:
    """Choose between the model of this session and a saved one."""
    if session.loaded_model is not None:
        st.caption("Segments are predicted with the saved model that you loaded.")
        st.button("Stop using the saved model", on_click=session.load_model, args=(None,))
        return
    with st.expander("Use a saved model", expanded=not session.has_run):
        file = st.file_uploader(
            "Upload a model.json file written by ilk", type=["json"], key="saved model"
        )
        if file is not None:
            content = file.getvalue()
            model = attempt(
                session,
                lambda: serialization.loads(content.decode(errors="replace"), place=file.name),
            )
            if model is not None:
                session.load_model(model)
                st.rerun()


def _show_single_form(session: Session, model: SegmentModel) -> None:
    sample = session.get_run().plot_sample if session.loaded_model is None else None
    fields = session.memoize(
        "input fields", session.model_key, lambda _: make_input_fields(model, sample)
    )
    with st.form("one customer"):
        columns = st.columns(2)
        cells = {field.column: _ask_value(columns[i % 2], field) for i, field in enumerate(fields)}
        submitted = st.form_submit_button("Predict segment", type="primary")
    if submitted:
        prediction = attempt(session, lambda: predict(model, cells))
        if prediction is not None:
            _show_prediction(model, prediction)


def _ask_value(container: Any, field: InputField) -> str | float | None:
    """Ask for one value of a new customer."""
    label = escape_markdown(field.column)
    if field.kind == "category":
        answer: str = container.selectbox(label, field.levels, key=f"new {field.column}")
        return answer
    number_type = int if field.is_integer else float
    number: float = container.number_input(
        label,
        value=number_type(field.value),
        step=None if field.step is None else number_type(field.step),
        key=f"new {field.column}",
    )
    if field.low is not None and field.high is not None:
        low, high = format_number(field.low), format_number(field.high)
        container.caption(f"Typical range: {low} to {high}")
    return number


def _show_prediction(model: SegmentModel, prediction: Prediction) -> None:
    customer = prediction.customers.row(0, named=True)
    show_notices(prediction.notices)
    if not customer["segment"]:
        st.info(NOISE_MESSAGE)
        return
    st.html(render_card(model.segments[customer["segment"] - 1]))
    st.markdown(escape_markdown(f"{explain_margin(customer['margin'])}."))


def _show_file_form(session: Session, model: SegmentModel) -> None:
    st.markdown("The file needs the columns used for segmentation. It may have other columns too.")
    file = st.file_uploader(
        "Upload a file of new customers", type=list(FILE_EXTENSIONS), key="new customers"
    )
    if file is not None:
        table = session.memoize(
            "new customers",
            file.file_id,
            lambda _: save_upload(file.name, file.getvalue(), session.folder),
        )
        _show_labels(session, model, table)
        return
    table_by_path = ask_for_path(session, "new customers by path", "Predict segments")
    if table_by_path is not None:
        _show_labels(session, model, table_by_path)


def _predict_table(
    model: SegmentModel, table: CustomerTable, progress: ProgressReporter
) -> Prediction:
    with progress.step("Labeling the customers"):
        return predict(model, table.open_source(model.recipe.reading))


def _show_labels(session: Session, model: SegmentModel, table: CustomerTable) -> None:
    key = (table, session.model_key)
    prediction = attempt(
        session,
        lambda: session.memoize(
            "labels", key, lambda progress: _predict_table(model, table, progress)
        ),
        names=table.names,
    )
    if prediction is None:
        return
    show_notices(prediction.notices)
    counts = prediction.customers.group_by("segment", "segment_name").len("customers")
    st.dataframe(counts.sort("segment"), hide_index=True)
    st.download_button(
        f"Download {prediction.customers.height:,} labeled customers",
        session.memoize("labels as CSV", key, lambda _: render_csv(prediction.labels)),
        file_name="labeled.csv",
        mime="text/csv",
        type="primary",
        on_click="ignore",
    )
    if prediction.customers.height > _PREVIEW_ROWS:
        st.caption(f"The first {_PREVIEW_ROWS} customers")
    st.dataframe(prediction.customers.head(_PREVIEW_ROWS), hide_index=True)


if __name__ == "__main__":
    render_page()
