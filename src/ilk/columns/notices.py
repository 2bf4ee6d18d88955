"""What the user should know about the columns: decisions that may be wrong, and missing values."""

from __future__ import annotations

from ilk.columns.cell_notices import list_cell_notices
from ilk.columns.coded import LABELS_HINT, tell_codes
from ilk.columns.kinds import ColumnEvidence, is_code
from ilk.columns.rules import MAX_MISSING_SHARE, NUMERIC_HINT, RoleContext, RoleDecision
from ilk.errors import Notice
from ilk.formatting.numbers import format_percent
from ilk.schema import Column, Schema
from ilk.vocabulary.concepts import has_word


def collect_notices(
    context: RoleContext, schema: Schema, decisions: dict[str, RoleDecision]
) -> tuple[Notice, ...]:
    """Collect what the user may want to change, in the order of the columns."""
    notices = []
    for column in _take_one_by_source(schema):
        decision, evidence = decisions[column.source], context.columns[column.source]
        notice = decision.notice
        if notice is not None:
            options = _list_named_options(notice, column.source)
            code = decision.code or _NOTICE_CODES[column.role]
            notices.append(Notice(code, notice, column.name, options))
        elif column.role in ("feature", "describe"):
            notices += _warn_of_missing_values(column, evidence)
        if column.role in ("feature", "describe"):
            notices += list_cell_notices(column, evidence)
    codes = [
        column.name
        for column in schema
        if decisions[column.source].notice is None and _is_assumed_code(context, column)
    ]
    return (
        *notices,
        *_tell_as_of(context, schema),
        *_warn_of_codes(codes),
        *tell_codes(schema, codes),
        *_warn_of_combinations(schema),
    )


def _take_one_by_source(schema: Schema) -> list[Column]:
    """The columns, of those that answers in one column became the first."""
    return list({column.source: column for column in reversed(schema.columns)}.values())[::-1]


def _list_named_options(notice: str, column: str) -> dict[str, object]:
    """The options that a notice names, with this column where that is what to choose."""
    values = {"numeric": [column], "id": None, "features": None}
    return {field: value for field, value in values.items() if f"{{{field}}}" in notice}


def _tell_as_of(context: RoleContext, schema: Schema) -> list[Notice]:
    """The day to which dates were counted, unless the user chose it."""
    converted = [column for column in schema if column.conversion is not None]
    if not converted or context.as_of is not None:
        return []
    days = {column.conversion.as_of for column in converted if column.conversion is not None}
    are_births = all(has_word(name, "birth") for name in context.conversions)
    why = "on which the youngest customer is 18" if are_births else "the latest date in the table"
    message = (
        f"dates are counted to {', '.join(sorted(days))}, {why}; name another day with {{as_of}}"
    )
    return [Notice("W_AS_OF", message, options=("as_of",))]


def _is_assumed_code(context: RoleContext, column: Column) -> bool:
    """Whether a column of integers is used as a category that nobody asked for."""
    return (
        column.role in ("feature", "describe")
        and column.kind == "category"
        and column.answer is None
        and column.name not in context.overrides.categorical
        and column.name not in context.outcomes
        and column.meaning not in ("yes_no", "scale")
        and set(column.cells.levels) != {"0", "1"}  # which measure nothing
        and is_code(context.columns[column.name])
    )


def _warn_of_codes(names: list[str]) -> list[Notice]:
    """One warning for all columns whose integers look like codes."""
    if not names:
        return []
    options = {"numeric": names, "labels": None}
    if len(names) == 1:
        message = (
            f"its integers look like codes, so it is a category; {NUMERIC_HINT}. Otherwise "
            f"{LABELS_HINT}"
        )
        return [Notice("W_CODE", message, names[0], options)]
    message = (
        f"{len(names)} columns hold integers that look like codes, so they are categories; for "
        f"those that measure something, use {{numeric}}. Otherwise {LABELS_HINT}"
    )
    return [Notice("W_CODE", message, options=options)]


def _warn_of_combinations(schema: Schema) -> list[Notice]:
    """A warning if at least half of the features are categories."""
    kinds = list({column.source: column.kind for column in schema.features}.values())
    categories = kinds.count("category")
    if categories < 2 or 2 * categories < len(kinds):
        return []
    message = (
        f"{categories} of the {len(kinds)} columns used for segmentation are categories, so the "
        "segments may be mere combinations of their values. Show some of them in profiles only "
        "with {describe}, or choose the number of segments with {k}"
    )
    return [Notice("W_CATEGORIES", message, options=("describe", "k"))]


_NOTICE_CODES = {
    "id": "W_ID_FEATURE",
    "ignore": "W_LEFT_OUT",
    "feature": "W_SENSITIVE",
    "describe": "W_SENSITIVE",
}


def _warn_of_missing_values(column: Column, evidence: ColumnEvidence) -> list[Notice]:
    """A warning about a column that is used, if most of its cells are empty."""
    share = column.missing / max(1, evidence.stats.n_rows)
    message = f"{format_percent(share)} of its values are missing"
    return [Notice("W_MANY_MISSING", message, column.name)] if share > MAX_MISSING_SHARE else []
