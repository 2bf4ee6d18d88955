"""The form in which columns and their values get readable names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from ilk.column_labels import LABELS_FILE, ColumnLabels, render_labels
from ilk.columns.coded import make_label_template
from ilk.recipe import OPTIONS, Recipe
from ilk.schema import Schema

Rows = list[dict[str, Any]]

_COLUMN, _VALUE, _NAME, _ORDER = "Column", "Value", "Readable name", "Order"


def ask_for_labels(schema: Schema, recipe: Recipe, key: str) -> ColumnLabels | None:
    """Show the form, and return the labels once they are saved."""
    template = make_label_template(schema, recipe.labels)
    saved = None
    with st.expander(OPTIONS["labels"].label):
        st.caption(
            "Names that every page and the report show. The table stays as it is. Numbers under "
            f"**{_ORDER}** put the values of a column in order, from lowest to highest."
        )
        with st.form("labels", border=False):
            names = _edit(list_name_rows(template), [_COLUMN], f"names {key}")
            levels = _edit(list_level_rows(template), [_COLUMN, _VALUE], f"levels {key}")
            if st.form_submit_button("Save names"):
                saved = collect_labels(recipe.labels, names, levels)
        text = render_labels(template)
        st.download_button("Download names", text, LABELS_FILE, "application/toml")
    return saved


def _edit(rows: Rows, disabled: list[str], key: str) -> Rows:
    if not rows:
        return []
    edited: Rows = st.data_editor(
        rows,
        key=key,
        hide_index=True,
        disabled=disabled,
        column_config={_ORDER: st.column_config.NumberColumn(min_value=1, step=1)},
    )
    return edited


def list_name_rows(template: ColumnLabels) -> Rows:
    """A row for every column, with its readable name.

    Examples
    --------
    >>> list_name_rows({"X1": {"name": "Sex"}})
    [{'Column': 'X1', 'Readable name': 'Sex'}]
    """
    return [{_COLUMN: column, _NAME: table["name"]} for column, table in template.items()]


def list_level_rows(template: ColumnLabels) -> Rows:
    """A row for every value of a category, with its readable name and its place in the order.

    Examples
    --------
    >>> list_level_rows({"X1": {"name": "", "levels": {"0": "male"}}})
    [{'Column': 'X1', 'Value': '0', 'Readable name': 'male', 'Order': None}]
    """
    return [
        {_COLUMN: column, _VALUE: value, _NAME: name, _ORDER: _find_place(table, value, name)}
        for column, table in template.items()
        for value, name in table.get("levels", {}).items()
    ]


def _find_place(table: Mapping[str, Any], value: str, name: str) -> int | None:
    places = {level: place for place, level in enumerate(table.get("order", []), 1)}
    return places.get(value, places.get(name))


def collect_labels(
    labels: ColumnLabels | None, names: Iterable[Mapping[str, Any]], levels: Rows
) -> ColumnLabels:
    """The labels that the rows of the form hold, besides those of columns that it does not show.

    Examples
    --------
    >>> rows = [{"Column": "X1", "Value": "0", "Readable name": "male", "Order": None}]
    >>> collect_labels(None, [{"Column": "X1", "Readable name": "Sex"}], rows)
    {'X1': {'name': 'Sex', 'levels': {'0': 'male'}, 'order': []}}
    """
    shown = {
        row[_COLUMN]: {
            "name": row[_NAME] or "",
            "levels": {
                level[_VALUE]: level[_NAME] or ""
                for level in levels
                if level[_COLUMN] == row[_COLUMN]
            },
            "order": _collect_order(level for level in levels if level[_COLUMN] == row[_COLUMN]),
        }
        for row in names
    }
    return {**(labels or {}), **shown}


def _collect_order(levels: Iterable[Mapping[str, Any]]) -> list[str]:
    placed = [(level[_ORDER], level[_VALUE]) for level in levels if level[_ORDER] is not None]
    return [value for _, value in sorted(placed)]


def apply_labels(recipe: Recipe, labels: ColumnLabels) -> Recipe:
    """The recipe with these labels.

    Raises
    ------
    UsageError
        ``E_LABELS`` if a name stands for two columns or two values.

    Examples
    --------
    >>> apply_labels(Recipe(), {"X1": {"name": "Sex"}}).labels
    {'X1': {'name': 'Sex'}}
    """
    return replace(recipe, labels=labels)
