"""The page on which new customers get their segments."""

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
from ilk.report.notebook.segments import render_card
from ilk.segments.wording import NOISE_MESSAGE, explain_margin
from ilk.tables.safe_csv import render_csv


def render_page() -> None:
    """Label one customer, or a file of them."""
    current = get_session()
    st.title("Which segment is a new customer in?", anchor=False)
    _choose_model(current)
    model = attempt(current, lambda: current.model)
    if model is None:
        st.info("There are no segments yet: find some, or bring a saved model.")
        show_page_link("Bring your customers", "Data")
        return
    one, many = st.tabs(["One customer", "A file of customers"])
    with one:
        _show_single_form(current, model)
    with many:
        _show_file_form(current, model)


def _choose_model(session: Session) -> None:
    """The model of this session, or a saved one."""
    if session.loaded_model is not None:
        st.caption("Customers are labelled by the model that you brought.")
        st.button("Put the saved model away", on_click=session.load_model, args=(None,))
        return
    with st.expander("Use a saved model", expanded=not session.has_run):
        file = st.file_uploader("A model.json that ilk wrote", type=["json"], key="saved model")
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
    view = session.get_run().plot_sample if session.loaded_model is None else None
    asked_for = session.memoize(
        "fields", session.model_key, lambda _: make_input_fields(model, view)
    )
    with st.form("one customer"):
        columns = st.columns(2)
        cells = {
            field.column: _ask_value(columns[place % 2], field)
            for place, field in enumerate(asked_for)
        }
        asked = st.form_submit_button("Find the segment", type="primary")
    if asked:
        prediction = attempt(session, lambda: predict(model, cells))
        if prediction is not None:
            _show_prediction(model, prediction)


def _ask_value(container: Any, field: InputField) -> str | float | None:
    """Ask for one value of a new customer."""
    label = escape_markdown(field.column)
    if field.kind == "category":
        answer: str = container.selectbox(label, field.levels, key=f"new {field.column}")
        return answer
    like = int if field.is_integer else float
    number: float = container.number_input(
        label,
        value=like(field.value),
        step=None if field.step is None else like(field.step),
        key=f"new {field.column}",
    )
    if field.low is not None and field.high is not None:
        container.caption(f"Usually {format_number(field.low)} to {format_number(field.high)}.")
    return number


def _show_prediction(model: SegmentModel, prediction: Prediction) -> None:
    found = prediction.customers.row(0, named=True)
    show_notices(prediction.notices)
    if not found["segment"]:
        st.info(NOISE_MESSAGE)
        return
    st.html(render_card(model.segments[found["segment"] - 1]))
    st.markdown(escape_markdown(f"{explain_margin(found['clarity'])}."))


def _show_file_form(session: Session, model: SegmentModel) -> None:
    st.markdown("It needs the columns that shape the segments; others do no harm.")
    file = st.file_uploader(
        "A file of new customers", type=list(FILE_EXTENSIONS), key="new customers"
    )
    if file is not None:
        table = session.memoize(
            "new customers",
            file.file_id,
            lambda _: save_upload(file.name, file.getvalue(), session.folder),
        )
        _show_labels(session, model, table)
        return
    path = ask_for_path(session, "new customers by path", "Label them")
    if path is not None:
        _show_labels(session, model, path)


def _predict_table(
    model: SegmentModel, table: CustomerTable, progress: ProgressReporter
) -> Prediction:
    with progress.step("Labelling the customers"):
        return predict(model, table.open_source(model.recipe.reading))


def _show_labels(session: Session, model: SegmentModel, table: CustomerTable) -> None:
    key = (table, session.model_key)
    prediction = attempt(
        session,
        lambda: session.memoize("labelled", key, lambda watch: _predict_table(model, table, watch)),
        names=table.names,
    )
    if prediction is None:
        return
    show_notices(prediction.notices)
    counts = prediction.customers.group_by("segment", "segment_name").len("customers")
    st.dataframe(counts.sort("segment"), hide_index=True)
    st.download_button(
        f"Download {prediction.customers.height:,} labelled customers",
        session.memoize("labelled.csv", key, lambda _: render_csv(prediction.labels)),
        file_name="labelled.csv",
        mime="text/csv",
        type="primary",
        on_click="ignore",
    )
    st.caption("The first of them:")
    st.dataframe(prediction.customers.head(20), hide_index=True)


if __name__ == "__main__":
    render_page()
