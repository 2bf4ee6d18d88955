"""The page on which customers are brought, and shown as they were understood."""

from __future__ import annotations

from typing import Any, cast

import streamlit as st

from ilk import demo
from ilk.app.column_edits import EDITABLE_KINDS, apply_kinds, apply_roles, make_editor_rows
from ilk.app.layout import ask_for_path, attempt, catch_unforeseen, show_notices, show_page_link
from ilk.app.markdown import escape_markdown
from ilk.app.session import Session, get_session
from ilk.app.upload import FILE_EXTENSIONS, load_bundled, save_upload
from ilk.columns.infer import InferredSchema, infer_schema
from ilk.formatting.numbers import format_count
from ilk.recipe import Reading, Recipe
from ilk.schema import ROLE_LABELS, Kind, Schema

_MAX_VISIBLE_ROWS = 40
"""Columns that are shown without scrolling in the table of columns."""

_DETECTED = "as found"
_READING_OPTIONS: dict[str, tuple[str, dict[str, str | None]]] = {
    "delimiter": (
        "Columns are set apart by",
        {_DETECTED: None, "comma": ",", "semicolon": ";", "tab": "\t", "vertical bar": "|"},
    ),
    "decimal": (
        "Decimal mark",
        {_DETECTED: None, "a point: 1234.5": ".", "a comma: 1234,5": ","},
    ),
    "thousands": (
        "Thousands are set apart by",
        {
            _DETECTED: None,
            "nothing: 1234": "",
            "a comma: 1,234": ",",
            "a point: 1.234": ".",
            "a space: 1 234": " ",
            "an apostrophe: 1'234": "'",
        },
    ),
    "quote": (
        "Cells are quoted with",
        {_DETECTED: None, 'double quotes: "a"': '"', "single quotes: 'a'": "'"},
    ),
    "encoding": (
        "Encoding",
        {_DETECTED: None, **{name: name for name in ("utf-8", "cp1252", "latin-1", "utf-16")}},
    ),
}
"""Ways to read a text, by the field of :class:`ilk.recipe.Reading`."""


def render_page() -> None:
    """Bring customers, see what was understood, change it."""
    current = get_session()
    if current.table is None:
        _ask_for_table(current)
        return
    _show_header(current)
    if current.table.is_text_file:
        _show_reading_form(current)
    surveyed = attempt(current, current.get_table_summary)
    if surveyed is None:
        return
    understood = attempt(current, current.get_inferred_schema)
    if understood is None:
        _show_manual_form(current, list(surveyed.summary.column_stats))
        return
    _show_schema(current, understood)
    show_page_link("Find the segments", "Choose")


def _ask_for_table(session: Session) -> None:
    st.title("Which customers?", anchor=False)
    st.markdown(
        "A table with one row per customer. It stays on the machine that runs this app: nothing "
        "is sent anywhere."
    )
    own, ours = st.columns(2, gap="large")
    with own:
        st.subheader("Your own", anchor=False)
        _show_uploader(session)
        table = ask_for_path(session, "path", "Open")
        if table is not None:
            session.load_table(table)
            st.rerun()
    with ours:
        st.subheader("Bundled with ilk", anchor=False)
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
        "A file: CSV, Excel, Parquet or JSON lines",
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


def _show_header(session: Session) -> None:
    assert session.table is not None
    st.title(escape_markdown(session.table.name), anchor=False)
    st.button("Bring other customers", icon=":material/swap_horiz:", on_click=session.unload_table)


def _show_reading_form(session: Session) -> None:
    """How a text file is read, where it was found out wrongly."""
    now = session.recipe.reading.model_dump()
    with st.expander("Read it differently"), st.form("reading", border=False):
        chosen: dict[str, Any] = {}
        columns = st.columns(3)
        for place, (name, (label, ways)) in enumerate(_READING_OPTIONS.items()):
            known = list(ways.values())
            index = known.index(now[name]) if now[name] in known else 0
            chosen[name] = ways[columns[place % 3].selectbox(label, ways, index=index)]
        chosen["max_bad_rows"] = columns[2].number_input(
            "Unreadable rows to put up with", min_value=0, value=now["max_bad_rows"]
        )
        sheet = st.text_input("Sheet, if it is a workbook", value=now["sheet"] or "")
        if st.form_submit_button("Read again"):
            reading = Reading(**chosen, sheet=sheet.strip() or None)
            session.apply_recipe(session.recipe.model_copy(update={"reading": reading}))
            st.rerun()


def _show_schema(session: Session, inferred: InferredSchema) -> None:
    schema, source = inferred.schema, inferred.source
    about = session.table.description if session.table else ""
    missing = sum(column.missing for column in schema.profile_columns)
    with st.container(horizontal=True, gap="medium"):
        for label, number in (
            ("Customers", inferred.n_rows),
            ("Columns", len(schema.columns)),
            ("Shape the segments", len(schema.features)),
            ("Cells without a value", missing),
        ):
            st.metric(label, f"{number:,}", width="content")
    facts = {"about": about} if about else source.read_details
    st.markdown(
        "  \n".join(
            f"**{escape_markdown(name)}:** {escape_markdown(text)}" for name, text in facts.items()
        )
    )
    show_notices(inferred.notices)
    if source.rejects:
        found = format_count(len(source.rejects), "row")
        st.warning(f"{found} could not be read: `rejects.csv` of the export says why.")
    _show_column_editor(session, schema)


def _show_column_editor(session: Session, schema: Schema) -> None:
    """The table in which every role can be changed."""
    st.subheader("What every column is used for", anchor=False)
    st.caption("Click a cell under **used as** or **kind** to change it.")
    edited = st.data_editor(
        make_editor_rows(schema, ROLE_LABELS),
        # A table of its own after every change: edits that were gone by are not edits any more.
        key=f"columns {session.table_version} {session.recipe_key}",
        hide_index=True,
        height="content" if len(schema.columns) <= _MAX_VISIBLE_ROWS else "auto",
        disabled=("column", "why", "without a value"),
        column_config={
            "used as": st.column_config.SelectboxColumn(
                options=[*ROLE_LABELS.values()], required=True
            ),
            "kind": st.column_config.SelectboxColumn(
                options=sorted({*EDITABLE_KINDS, *(column.kind for column in schema)}),
                required=True,
            ),
            "why": st.column_config.TextColumn(width="large"),
        },
        alt="Columns of the table, what each is used for, and why",
    )
    _apply_recipe(session, _apply_edits(session.recipe, schema, edited))


def _apply_edits(recipe: Recipe, schema: Schema, edited: list[dict[str, object]]) -> Recipe:
    roles = {words: role for role, words in ROLE_LABELS.items()}
    names = [column.name for column in schema]
    wanted = {name: roles[str(row["used as"])] for name, row in zip(names, edited, strict=True)}
    kinds = {name: cast("Kind", row["kind"]) for name, row in zip(names, edited, strict=True)}
    return apply_kinds(apply_roles(recipe, schema, wanted), schema, kinds)


def _apply_recipe(session: Session, recipe: Recipe) -> None:
    """Go by what was decided, if the customers can be segmented so."""
    if recipe == session.recipe:
        return
    surveyed = session.get_table_summary()
    if attempt(session, lambda: infer_schema(surveyed, recipe)) is not None:
        session.apply_recipe(recipe)
        st.rerun()


def _show_manual_form(session: Session, names: list[str]) -> None:
    """A way on where the rules found none."""
    st.markdown("What shall these columns be?")
    now = session.recipe
    with st.form("by hand"):
        none = "found by ilk"
        id_ = st.selectbox(
            "Customer id",
            [none, *names],
            index=names.index(now.id) + 1 if now.id in names else 0,
        )
        ignore = st.multiselect("Left out", names, default=_keep_known(now.ignore, names))
        categories = st.multiselect(
            "Categories", names, default=_keep_known(now.categorical, names)
        )
        numbers = st.multiselect("Numbers", names, default=_keep_known(now.numeric, names))
        if st.form_submit_button("Try again"):
            choices = {
                "id": None if id_ == none else id_,
                "ignore": tuple(ignore),
                "categorical": tuple(categories),
                "numeric": tuple(numbers),
            }
            session.apply_recipe(now.model_copy(update=choices | {"features": ()}))
            st.rerun()


def _keep_known(chosen: tuple[str, ...], names: list[str]) -> list[str]:
    return [name for name in chosen if name in names]


if __name__ == "__main__":
    render_page()
