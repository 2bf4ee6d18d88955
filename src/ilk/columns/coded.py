"""Columns whose levels are codes, and the file of labels in which a user says what they mean."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ilk.column_labels import ColumnLabels
from ilk.columns.levels import match_levels
from ilk.errors import Notice
from ilk.formatting.text import list_columns
from ilk.schema import Column, Schema
from ilk.vocabulary.concepts import has_word, is_word

_CODE = re.compile(r"[-+]?[0-9]+|[^\W\d_]")
"""A level that says nothing by itself: a whole number, or a letter."""

LABELS_HINT = "give the values names with {labels}: a fit leaves labels.toml to be filled in"
"""How codes get readable names."""

_TRAIT_LETTERS = frozenset("fmFM")
"""Female and male: everybody reads these letters."""


def find_coded_columns(schema: Schema) -> list[Column]:
    """The columns of a profile whose levels are codes that nobody has given names.

    Examples
    --------
    >>> from ilk.schema import CellReading
    >>> cells = {"Region": ("1", "2"), "Size": ("small", "large")}
    >>> columns = [
    ...     Column(name, "category", "feature", "a category", cells=CellReading(levels=levels))
    ...     for name, levels in cells.items()
    ... ]
    >>> [column.name for column in find_coded_columns(Schema(tuple(columns)))]
    ['Region']
    """
    return [column for column in schema.profile_columns if _is_coded(column)]


def _is_coded(column: Column) -> bool:
    """Whether bare numbers or letters stand for something that the column does not tell."""
    if column.kind != "category" or column.outcome is not None or column.cells.codes:
        return False
    if column.meaning in ("yes_no", "scale") or has_word(column.name, "calendar_part"):
        return False
    levels = column.cells.levels
    are_traits = all(
        level in _TRAIT_LETTERS or is_word(level, "sensitive_level") for level in levels
    )
    return not are_traits and all(_CODE.fullmatch(level) for level in levels)


def tell_codes(schema: Schema, told: Collection[str]) -> list[Notice]:
    """A notice about columns whose levels are codes, besides those that another one tells."""
    names = [column.name for column in find_coded_columns(schema) if column.name not in told]
    if not names:
        return []
    message = f"the values of {list_columns(names)} are codes; {LABELS_HINT}"
    return [Notice("W_LABELS", message, options=("labels",))]


def make_label_template(schema: Schema, labels: ColumnLabels | None = None) -> ColumnLabels:
    """Labels ready to be filled in: the columns and levels of a profile, with the names so far.

    Examples
    --------
    >>> from ilk.schema import CellReading
    >>> cells = CellReading(levels=("1", "2"))
    >>> region = Column("Region", "category", "feature", "a category", cells=cells)
    >>> make_label_template(Schema((region,)))
    {'Region': {'name': '', 'levels': {'1': '', '2': ''}}}
    """
    given = labels or {}
    template: ColumnLabels = {}
    for column in schema.profile_columns:
        entry = _make_entry(column, given.get(column.source, {}))
        if column.answer is not None and column.source in template:
            template[column.source]["levels"] |= entry["levels"]
        else:
            template[column.source] = entry
    return template


def _make_entry(column: Column, given: Mapping[str, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": given.get("name", "")}
    if column.answer is not None:
        entry["levels"] = {column.answer.text: _find_name(column.answer.text, given)}
    elif column.kind == "category":
        codes = {name: code for code, name in column.cells.codes}
        entry["levels"] = {
            codes.get(level, level): level if level in codes else ""
            for level in _sort_codes(column.cells.levels)
        }
    return entry | {key: value for key, value in given.items() if key == "order"}


def _find_name(level: str, given: Mapping[str, Any]) -> str:
    """The name of a level so far, which may be given for another spelling of it."""
    names = given.get("levels", {})
    spelled = match_levels(names, [level])
    return next((name for key, name in names.items() if spelled.get(key, key) == level), "")


def _sort_codes(levels: Sequence[str]) -> Sequence[str]:
    """Levels in their order, whole numbers by their size."""
    return sorted(levels, key=int) if all(map(str.isdecimal, levels)) else levels
