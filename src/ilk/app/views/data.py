"""The data page: load customers, see how ilk uses every column, and change it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ilk import demo
from ilk.app.column_edits import EDITABLE_KINDS, apply_kinds, apply_roles, make_editor_rows
from ilk.app.label_form import apply_labels, ask_for_labels
from ilk.app.layout import ask_for_path, attempt, catch_unforeseen, show_notices, show_page_link
from ilk.app.markdown import escape_markdown
from ilk.app.option_form import ask_for_options, select_form_options
from ilk.app.session import Session, get_session
from ilk.app.upload import FILE_EXTENSIONS, CustomerTable, load_bundled, save_upload
from ilk.columns.infer import InferredSchema, infer_schema
from ilk.formatting.numbers import format_count
from ilk.recipe import OPTIONS, READING, Reading, Recipe
from ilk.schema import COLUMN_HEADINGS, ROLE_LABELS, Kind, Schema
from ilk.tables.base import Source

_MAX_VISIBLE_ROWS = 40
"""Rows of the table of columns that are shown without scrolling."""

_DETECTED = "automatic"


def render_page() -> None:
    """Show the data page."""
    session = get_session()
    if session.table is None:
        _ask_for_table(session)
        return
    details = _show_header(session, session.table)
    table_summary = attempt(session, session.get_table_summary)
    if table_summary is None:
        return
    inferred_schema = attempt(session, session.get_inferred_schema)
    if inferred_schema is None:
        _show_manual_form(session, list(table_summary.summary.column_stats))
        return
    with details:
        _show_details(session.table, inferred_schema.source)
    _show_schema(session, inferred_schema)
    show_page_link("Find segments", "Choose")


def _ask_for_table(session: Session) -> None:
    st.title("Choose customer data", anchor=False)
    st.markdown(
        "Use a table with one row per customer. Your data stays on the machine that runs this app."
    )
    own, samples = st.columns(2, gap="large")
    with own:
        st.subheader("Your data", anchor=False)
        _show_uploader(session)
        table = ask_for_path(session, "path", "Open file")
        if table is not None:
            session.load_table(table)
            st.rerun()
    with samples:
        st.subheader("Sample data", anchor=False)
        for dataset in demo.DATASETS.values():
            st.button(
                dataset.title,
                key=f"bundled {dataset.name}",
                width="stretch",
                on_click=_load_demo,
                args=(session, dataset),
            )
            st.caption(dataset.description)


def _load_demo(session: Session, dataset: demo.Dataset) -> None:
    session.load_table(load_bundled(dataset))


def _show_uploader(session: Session) -> None:
    key = f"upload {session.table_version}"
    st.file_uploader(
        "Upload a CSV, Excel, Parquet or JSON Lines file",
        type=list(FILE_EXTENSIONS),
        key=key,
        on_change=_load_upload,
        args=(session, key),
    )


def _load_upload(session: Session, key: str) -> None:
    file = st.session_state[key]
    if file is not None:
        with catch_unforeseen():
            session.load_table(save_upload(file.name, file.getvalue(), session.folder))


def _show_header(session: Session, table: CustomerTable) -> DeltaGenerator:
    """The name of the table and the file settings; returns the place for details of the file."""
    st.title(escape_markdown(table.name), anchor=False)
    st.button("Change file", icon=":material/swap_horiz:", on_click=session.unload_table)
    if not table.is_text_file:
        return st.container()
    with st.expander("File settings"):
        details = st.container()
        _show_reading_form(session)
    return details


def _show_reading_form(session: Session) -> None:
    """The file settings, for a text file whose format was detected wrongly."""
    with st.form("reading", border=False):
        options = select_form_options(Reading, READING)
        given = ask_for_options(options, session.recipe.reading, 3)
        if st.form_submit_button("Read the file again"):
            reading = replace(session.recipe.reading, **given)
            session.apply_recipe(replace(session.recipe, reading=reading))
            st.rerun()


def _show_details(table: CustomerTable, source: Source) -> None:
    """How the file was read; for a bundled table, what it holds."""
    details = {"about": table.description} if table.description else source.read_details
    st.markdown(
        "  \n".join(
            f"**{escape_markdown(name[:1].upper() + name[1:])}:** {escape_markdown(text)}"
            for name, text in details.items()
        )
    )


def _show_schema(session: Session, inferred: InferredSchema) -> None:
    schema, source = inferred.schema, inferred.source
    missing = sum(column.missing for column in schema.profile_columns)
    with st.container(horizontal=True, gap="medium"):
        for label, number in (
            ("Customers", inferred.n_rows),
            ("Columns", len(schema.columns)),
            ("Used for segmentation", len(schema.features)),
            ("Missing values", missing),
        ):
            st.metric(label, f"{number:,}", width="content")
    show_notices(inferred.notices)
    if source.rejects:
        count = format_count(len(source.rejects), "row")
        st.warning(
            f"Could not read {count}. The export gives the reason for each in `rejects.csv`."
        )
    _show_column_editor(session, schema)


def _show_column_editor(session: Session, schema: Schema) -> None:
    """The table in which the use and the type of every column can be changed."""
    st.subheader("How should we use these columns?", anchor=False)
    heads = COLUMN_HEADINGS
    st.caption(f"Click a cell under **{heads['role']}** or **{heads['kind']}** to change it.")
    edited = st.data_editor(
        make_editor_rows(schema, ROLE_LABELS),
        # A new key after every change, since Streamlit would apply the earlier edits again.
        key=f"columns {session.table_version} {session.recipe_key}",
        hide_index=True,
        height="content" if len(schema.columns) <= _MAX_VISIBLE_ROWS else "auto",
        disabled=[heads[field] for field in ("name", "reason", "missing")],
        column_config={
            heads["role"]: st.column_config.SelectboxColumn(
                options=[*ROLE_LABELS.values()], required=True
            ),
            heads["kind"]: st.column_config.SelectboxColumn(
                options=sorted({*EDITABLE_KINDS, *(column.kind for column in schema)}),
                required=True,
            ),
            heads["reason"]: st.column_config.TextColumn(width="large"),
            heads["missing"]: st.column_config.NumberColumn(format="localized"),
        },
        alt="The columns of the table: the use and type of each, and the reason",
    )
    _apply_recipe(session, _apply_edits(session.recipe, schema, edited))
    _show_label_form(session, schema)


def _show_label_form(session: Session, schema: Schema) -> None:
    """Readable names of columns and values, if the table can be read with them."""
    recipe = session.recipe
    labels = ask_for_labels(schema, recipe, f"{session.table_version} {session.recipe_key}")
    if labels is None:
        return
    changed = attempt(session, lambda: apply_labels(recipe, labels))
    if changed is not None:
        _apply_recipe(session, changed)


def _apply_edits(recipe: Recipe, schema: Schema, edited: list[dict[str, object]]) -> Recipe:
    role_by_label = {label: role for role, label in ROLE_LABELS.items()}
    rows = dict(zip((column.name for column in schema), edited, strict=True))
    roles = {name: role_by_label[str(row[COLUMN_HEADINGS["role"]])] for name, row in rows.items()}
    kinds = {name: cast("Kind", row[COLUMN_HEADINGS["kind"]]) for name, row in rows.items()}
    return apply_kinds(apply_roles(recipe, schema, roles), schema, kinds)


def _apply_recipe(session: Session, recipe: Recipe) -> None:
    """Use the changed recipe, if the customers can be segmented by it."""
    if recipe == session.recipe:
        return
    table_summary = session.get_table_summary()
    if attempt(session, lambda: infer_schema(table_summary, recipe)) is not None:
        session.apply_recipe(recipe)
        st.rerun()


def _show_manual_form(session: Session, names: list[str]) -> None:
    """Ask what the columns are, where the rules cannot decide."""
    st.subheader("How should we use these columns?", anchor=False)
    recipe = session.recipe
    with st.form("by hand"):
        id_ = st.selectbox(
            OPTIONS["id"].label,
            [_DETECTED, *names],
            index=names.index(recipe.id) + 1 if recipe.id in names else 0,
        )
        lists: dict[str, Any] = {
            name: st.multiselect(
                OPTIONS[name].label, names, default=_keep_known(getattr(recipe, name), names)
            )
            for name in ("ignore", "categorical", "numeric")
        }
        if st.form_submit_button("Apply changes"):
            id_column = None if id_ == _DETECTED else id_
            session.apply_recipe(replace(recipe, **lists, id=id_column, features=()))
            st.rerun()


def _keep_known(chosen: tuple[str, ...], names: list[str]) -> list[str]:
    return [name for name in chosen if name in names]


if __name__ == "__main__":
    render_page()
