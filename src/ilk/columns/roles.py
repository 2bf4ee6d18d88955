"""What every column is used for, inferred from a summary, each with its reason."""

from __future__ import annotations

from ilk.columns.cast import (
    MAX_ABS_NUMBER,
    build_infinite_number_error,
    build_text_in_number_error,
    build_too_large_error,
)
from ilk.columns.cell_notices import list_cell_notices
from ilk.columns.id_column import check_id, find_id_column
from ilk.columns.kinds import ColumnEvidence, is_code
from ilk.columns.overrides import ColumnOverrides
from ilk.columns.redundant import find_implied_categories, find_redundant_columns
from ilk.columns.rules import NUMERIC_HINT, RoleContext, RoleDecision, infer_role
from ilk.columns.stats import MAX_LEVELS
from ilk.columns.summary import TableSummary
from ilk.errors import InputError, Notice, format_place
from ilk.formatting.numbers import format_count, format_percent
from ilk.recipe import Recipe
from ilk.schema import Column, Schema

_MAX_REASONS = 8


def infer_roles(summary: TableSummary, recipe: Recipe) -> tuple[Schema, tuple[Notice, ...]]:
    """Infer kind and role of every column, with reasons.

    Parameters
    ----------
    summary : TableSummary
        Statistics and a sample of the table.
    recipe : Recipe
        Names the columns whose role or kind the user chose.

    Returns
    -------
    schema : Schema
        The columns in the order read.
    notices : tuple of Notice
        Decisions that the user may want to change.

    Raises
    ------
    InputError
        If IDs repeat or are missing, a number column contains text, a column that the recipe names
        does not exist or cannot be used, or no feature is left.
    UsageError
        If the recipe names a column in two options that exclude each other.

    Examples
    --------
    >>> import polars as pl
    >>> from ilk.columns.summary import summarize_frame
    >>> from ilk.tables.number_format import NumberFormat
    >>> frame = pl.DataFrame({"Id": ["a", "b"], "Spend": ["1.5", "70"], "Gender": ["f", "m"]})
    >>> schema, _ = infer_roles(summarize_frame(frame, NumberFormat()), Recipe())
    >>> [(column.name, column.kind, column.role) for column in schema]
    [('Id', 'text', 'id'), ('Spend', 'number', 'feature'), ('Gender', 'category', 'describe')]
    """
    overrides = ColumnOverrides.of(recipe, list(summary.column_stats))
    columns = {
        name: ColumnEvidence(name, summary, is_literal=name in overrides.numeric)
        for name in summary.column_stats
    }
    id_column = find_id_column(list(columns.values()), overrides)
    if id_column is not None:
        check_id(columns[id_column], columns.values())
    context = RoleContext(columns, overrides, id_column)
    decisions = {name: infer_role(context, column) for name, column in columns.items()}
    refine = _demote_unrequested if overrides.features else _drop_redundant
    decisions = refine(context, decisions)
    schema = Schema(
        tuple(_build_column(context, name, decision) for name, decision in decisions.items())
    )
    _check_usable(context, schema)
    return schema, _collect_notices(context, schema, decisions)


def check_n_customers(n_customers: int, recipe: Recipe) -> None:
    """Refuse a table with too few customers for the segments asked for.

    Raises
    ------
    InputError
        If there are fewer than ``recipe.min_customers``, or than two per segment.

    Examples
    --------
    >>> check_n_customers(19, Recipe(k=5))
    Traceback (most recent call last):
    ilk.errors.InputError: there are only 19 customers, and at least 20 are needed. Add ...
    """
    needed_for_k = 2 * recipe.k if isinstance(recipe.k, int) else 0
    needed = max(needed_for_k, recipe.min_customers)
    if n_customers < needed:
        way_out = "Add customers"
        if needed_for_k > recipe.min_customers:
            way_out += f", or ask for fewer segments than {recipe.k}"
        raise InputError(
            "E_TOO_FEW_CUSTOMERS",
            f"there {'is' if n_customers == 1 else 'are'} only "
            f"{format_count(n_customers, 'customer')}, and at least {needed:,} are needed",
            way_out=f"{way_out}.",
        )


def _demote_unrequested(
    context: RoleContext, decisions: dict[str, RoleDecision]
) -> dict[str, RoleDecision]:
    """Show other columns in profiles only where the user has chosen the features."""
    return {
        name: decision
        if decision.role != "feature" or name in context.overrides.features
        else _decide_unrequested(context.columns[name])
        for name, decision in decisions.items()
    }


def _decide_unrequested(column: ColumnEvidence) -> RoleDecision:
    if column.is_mixed:
        return RoleDecision(
            "ignore", "not among the columns chosen for this run, and it mixes numbers with text"
        )
    return RoleDecision("describe", "not among the columns chosen for this run")


def _drop_redundant(
    context: RoleContext, decisions: dict[str, RoleDecision]
) -> dict[str, RoleDecision]:
    """Leave out features that repeat an earlier one; one that follows from another describes."""
    features = [
        context.columns[name] for name, decision in decisions.items() if decision.role == "feature"
    ]
    numbers = [column for column in features if context.kinds[column.name] == "number"]
    others = [column for column in features if context.kinds[column.name] != "number"]
    redundant = {
        name: RoleDecision("ignore", reason, f"left out: {reason}")
        for name, reason in find_redundant_columns(numbers, others).items()
    }
    implied = {
        name: RoleDecision("describe", f"follows from '{finer}', and would count twice")
        for name, finer in find_implied_categories(
            [column for column in others if column.name not in redundant]
        ).items()
    }
    return decisions | redundant | implied


def _build_column(context: RoleContext, name: str, decision: RoleDecision) -> Column:
    kind = context.kinds[name]
    evidence = context.columns[name]
    missing = evidence.count_missing(kind)
    return Column(
        *(name, kind, decision.role, decision.reason, missing),
        meaning=evidence.find_meaning(kind),
        unit=evidence.unit if kind == "number" else "",
        cells=evidence.describe_cells(kind),
    )


def _check_usable(context: RoleContext, schema: Schema) -> None:
    forced = context.overrides.numeric - context.overrides.ignore
    for column in schema:
        evidence = context.columns[column.name]
        if column.role not in ("feature", "describe") and column.name not in forced:
            continue
        if column.kind == "number":
            _check_numbers(evidence)
        elif column.kind == "date":
            raise _build_date_error(column.name)
        elif evidence.n_levels > MAX_LEVELS:
            raise _build_too_many_levels_error(column.name)
    if not schema.features:
        raise _build_no_features_error(schema)


def _check_numbers(column: ColumnEvidence) -> None:
    stats, name = column.stats, column.name
    if stats.first_non_number is not None and column.n_non_numbers:
        raise build_text_in_number_error(
            name,
            *stats.first_non_number,
            way_out="Correct the cell, or use {categorical} or {ignore}.",
            options={"categorical": [name], "ignore": [name]},
        )
    if stats.infinite:
        raise build_infinite_number_error(name)
    for bound in (stats.minimum, stats.maximum):
        if bound is not None and abs(bound) > MAX_ABS_NUMBER:
            raise build_too_large_error(name, bound)


def _build_date_error(name: str) -> InputError:
    return InputError(
        "E_DATE_FEATURE",
        "dates cannot be used for segmentation",
        place=format_place(column=name),
        way_out="Leave the column out, or use a number of days, such as days since the last order.",
    )


def _build_too_many_levels_error(name: str) -> InputError:
    return InputError(
        "E_TOO_MANY_LEVELS",
        f"this column has more than {MAX_LEVELS:,} different values, the limit for a category",
        place=format_place(column=name),
        way_out="Leave the column out, or use one with fewer, broader values.",
    )


def _build_no_features_error(schema: Schema) -> InputError:
    reasons = [f"'{column.name}': {column.reason}" for column in schema][:_MAX_REASONS]
    more = len(schema.columns) - len(reasons)
    listed = "; ".join([*reasons, *([f"and {more:,} more columns"] if more else [])])
    return InputError(
        "E_NO_FEATURES",
        f"no column can be used for segmentation ({listed})",
        way_out="Choose columns that differ between customers with {features}.",
        options=("features",),
    )


def _collect_notices(
    context: RoleContext, schema: Schema, decisions: dict[str, RoleDecision]
) -> tuple[Notice, ...]:
    notices = []
    for column in schema:
        notice, evidence = decisions[column.name].notice, context.columns[column.name]
        if notice is not None:
            options = {"numeric": [column.name]}
            notices.append(Notice(_NOTICE_CODES[column.role], notice, column.name, options))
        elif column.role in ("feature", "describe"):
            notices += _warn_of_missing_values(column, evidence)
        if column.role in ("feature", "describe"):
            notices += list_cell_notices(column, evidence)
    codes = [
        column.name
        for column in schema
        if decisions[column.name].notice is None and _is_assumed_code(context, column)
    ]
    return (*notices, *_warn_of_codes(codes), *_warn_of_combinations(schema))


def _is_assumed_code(context: RoleContext, column: Column) -> bool:
    """Whether a column of integers is used as a category that nobody asked for."""
    return (
        column.role in ("feature", "describe")
        and column.kind == "category"
        and column.name not in context.overrides.categorical
        and column.meaning not in ("yes_no", "scale")
        and is_code(context.columns[column.name])
    )


def _warn_of_codes(names: list[str]) -> list[Notice]:
    """One warning for all columns whose integers look like codes."""
    if not names:
        return []
    options = {"numeric": names}
    if len(names) == 1:
        message = f"its integers look like codes, so it is a category; {NUMERIC_HINT}"
        return [Notice("W_CODE", message, names[0], options)]
    message = (
        f"{len(names)} columns hold integers that look like codes, so they are categories; for "
        "those that measure something, use {numeric}"
    )
    return [Notice("W_CODE", message, options=options)]


def _warn_of_combinations(schema: Schema) -> list[Notice]:
    """A warning if at least half of the features are categories."""
    kinds = [column.kind for column in schema.features]
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
    return [Notice("W_MANY_MISSING", message, column.name)] if share > 0.5 else []
