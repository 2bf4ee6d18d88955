"""The page on which customers are brought, and shown as they were understood."""

from __future__ import annotations

from typing import Any, cast

import streamlit as st

from ilk import demo
from ilk.app.column_edits import KINDS, counted_as, rows, said
from ilk.app.layout import attempt, go, guarded, path_form, show_notices
from ilk.app.markdown import plain
from ilk.app.session import Session, session
from ilk.app.upload import ENDINGS, bundled, uploaded
from ilk.columns.infer import Understood, consider
from ilk.formatting.numbers import counted
from ilk.recipe import Reading, Recipe
from ilk.schema import ROLE_WORDS, Kind, Schema

_TALL = 40
"""Columns that are shown without scrolling in the table of columns."""

_AS_FOUND = "as found"
_WAYS: dict[str, tuple[str, dict[str, str | None]]] = {
    "delimiter": (
        "Columns are set apart by",
        {_AS_FOUND: None, "comma": ",", "semicolon": ";", "tab": "\t", "vertical bar": "|"},
    ),
    "decimal": (
        "Decimal mark",
        {_AS_FOUND: None, "a point: 1234.5": ".", "a comma: 1234,5": ","},
    ),
    "thousands": (
        "Thousands are set apart by",
        {
            _AS_FOUND: None,
            "nothing: 1234": "",
            "a comma: 1,234": ",",
            "a point: 1.234": ".",
            "a space: 1 234": " ",
            "an apostrophe: 1'234": "'",
        },
    ),
    "quote": (
        "Cells are quoted with",
        {_AS_FOUND: None, 'double quotes: "a"': '"', "single quotes: 'a'": "'"},
    ),
    "encoding": (
        "Encoding",
        {_AS_FOUND: None, **{name: name for name in ("utf-8", "cp1252", "latin-1", "utf-16")}},
    ),
}
"""Ways to read a text, by the field of :class:`ilk.recipe.Reading`."""


def page() -> None:
    """Bring customers, see what was understood, change it."""
    current = session()
    if current.table is None:
        _bring(current)
        return
    _header(current)
    if current.table.text:
        _reading(current)
    surveyed = attempt(current, current.surveyed)
    if surveyed is None:
        return
    understood = attempt(current, current.understood)
    if understood is None:
        _by_hand(current, list(surveyed.survey.tallies))
        return
    _understood(current, understood)
    go("Find the segments", "Choose")


def _bring(current: Session) -> None:
    st.title("Which customers?", anchor=False)
    st.markdown(
        "A table with one row per customer. It stays on the machine that runs this app: nothing "
        "is sent anywhere."
    )
    own, ours = st.columns(2, gap="large")
    with own:
        st.subheader("Your own", anchor=False)
        _upload(current)
        table = path_form(current, "path", "Open")
        if table is not None:
            current.bring(table)
            st.rerun()
    with ours:
        st.subheader("Bundled with ilk", anchor=False)
        for dataset in demo.DATASETS.values():
            st.button(
                dataset.title,
                key=f"bundled {dataset.name}",
                width="stretch",
                on_click=_take,
                args=(current, dataset),
            )
            st.caption(dataset.description)


def _take(current: Session, dataset: demo.Dataset) -> None:
    current.bring(bundled(dataset))


def _upload(current: Session) -> None:
    key = f"upload {current.brought}"
    st.file_uploader(
        "A file: CSV, Excel, Parquet or JSON lines",
        type=list(ENDINGS),
        key=key,
        on_change=_receive,
        args=(current, key),
    )


def _receive(current: Session, key: str) -> None:
    file = st.session_state[key]
    if file is not None:
        with guarded():
            current.bring(uploaded(file.name, file.getvalue(), current.folder))


def _header(current: Session) -> None:
    assert current.table is not None
    st.title(plain(current.table.name), anchor=False)
    st.button("Bring other customers", icon=":material/swap_horiz:", on_click=current.leave)


def _reading(current: Session) -> None:
    """How a text file is read, where it was found out wrongly."""
    now = current.recipe.reading.model_dump()
    with st.expander("Read it differently"), st.form("reading", border=False):
        chosen: dict[str, Any] = {}
        columns = st.columns(3)
        for place, (name, (label, ways)) in enumerate(_WAYS.items()):
            known = list(ways.values())
            index = known.index(now[name]) if now[name] in known else 0
            chosen[name] = ways[columns[place % 3].selectbox(label, ways, index=index)]
        chosen["max_bad_rows"] = columns[2].number_input(
            "Unreadable rows to put up with", min_value=0, value=now["max_bad_rows"]
        )
        sheet = st.text_input("Sheet, if it is a workbook", value=now["sheet"] or "")
        if st.form_submit_button("Read again"):
            reading = Reading(**chosen, sheet=sheet.strip() or None)
            current.decide(current.recipe.model_copy(update={"reading": reading}))
            st.rerun()


def _understood(current: Session, understood: Understood) -> None:
    schema, source = understood.schema, understood.source
    about = current.table.about if current.table else ""
    missing = sum(column.missing for column in schema.described)
    with st.container(horizontal=True, gap="medium"):
        for label, number in (
            ("Customers", understood.rows),
            ("Columns", len(schema.columns)),
            ("Shape the segments", len(schema.features)),
            ("Cells without a value", missing),
        ):
            st.metric(label, f"{number:,}", width="content")
    facts = {"about": about} if about else source.facts
    st.markdown("  \n".join(f"**{plain(name)}:** {plain(text)}" for name, text in facts.items()))
    show_notices(understood.notices)
    if source.rejects:
        found = counted(len(source.rejects), "row")
        st.warning(f"{found} could not be read: `rejects.csv` of the export says why.")
    _columns(current, schema)


def _columns(current: Session, schema: Schema) -> None:
    """The table in which every role can be changed."""
    st.subheader("What every column is used for", anchor=False)
    st.caption("Click a cell under **used as** or **kind** to change it.")
    edited = st.data_editor(
        rows(schema, ROLE_WORDS),
        # A table of its own after every change: edits that were gone by are not edits any more.
        key=f"columns {current.brought} {current.choices}",
        hide_index=True,
        height="content" if len(schema.columns) <= _TALL else "auto",
        disabled=("column", "why", "without a value"),
        column_config={
            "used as": st.column_config.SelectboxColumn(
                options=[*ROLE_WORDS.values()], required=True
            ),
            "kind": st.column_config.SelectboxColumn(
                options=sorted({*KINDS, *(column.kind for column in schema)}), required=True
            ),
            "why": st.column_config.TextColumn(width="large"),
        },
        alt="Columns of the table, what each is used for, and why",
    )
    _decide(current, _wanted(current.recipe, schema, edited))


def _wanted(recipe: Recipe, schema: Schema, edited: list[dict[str, object]]) -> Recipe:
    roles = {words: role for role, words in ROLE_WORDS.items()}
    names = [column.name for column in schema]
    wanted = {name: roles[str(row["used as"])] for name, row in zip(names, edited, strict=True)}
    kinds = {name: cast("Kind", row["kind"]) for name, row in zip(names, edited, strict=True)}
    return counted_as(said(recipe, schema, wanted), schema, kinds)


def _decide(current: Session, wanted: Recipe) -> None:
    """Go by what was decided, if the customers can be segmented so."""
    if wanted == current.recipe:
        return
    surveyed = current.surveyed()
    if attempt(current, lambda: consider(surveyed, wanted)) is not None:
        current.decide(wanted)
        st.rerun()


def _by_hand(current: Session, names: list[str]) -> None:
    """A way on where the rules found none."""
    st.markdown("What shall these columns be?")
    now = current.recipe
    with st.form("by hand"):
        none = "found by ilk"
        id_ = st.selectbox(
            "Customer id",
            [none, *names],
            index=names.index(now.id) + 1 if now.id in names else 0,
        )
        ignore = st.multiselect("Left out", names, default=_known(now.ignore, names))
        categories = st.multiselect("Categories", names, default=_known(now.categorical, names))
        numbers = st.multiselect("Numbers", names, default=_known(now.numeric, names))
        if st.form_submit_button("Try again"):
            choices = {
                "id": None if id_ == none else id_,
                "ignore": tuple(ignore),
                "categorical": tuple(categories),
                "numeric": tuple(numbers),
            }
            current.decide(now.model_copy(update=choices | {"features": ()}))
            st.rerun()


def _known(chosen: tuple[str, ...], names: list[str]) -> list[str]:
    return [name for name in chosen if name in names]


if __name__ == "__main__":
    page()
