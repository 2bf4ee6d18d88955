"""Roles: what every column is used for, decided from a survey, each with its reason."""

from __future__ import annotations

from ilk.columns.cast import (
    MAX_ABS_NUMBER,
    build_infinite_number_error,
    build_text_in_number_error,
    build_too_large_error,
)
from ilk.columns.id_column import check_id, find_id_column
from ilk.columns.kinds import ColumnEvidence, is_code
from ilk.columns.overrides import ColumnOverrides
from ilk.columns.redundant import find_redundant_columns
from ilk.columns.rules import RoleContext, RoleDecision, infer_role, suggest_numeric
from ilk.columns.stats import MAX_LEVELS
from ilk.columns.summary import TableSummary
from ilk.errors import InputError, Notice
from ilk.formatting.numbers import format_count
from ilk.recipe import Recipe
from ilk.schema import Column, Schema

_MAX_REASONS = 8


def infer_roles(summary: TableSummary, recipe: Recipe) -> tuple[Schema, tuple[Notice, ...]]:
    """Kind and role of every column, with reasons.

    Parameters
    ----------
    summary : Survey
        What was counted and sampled.
    recipe : Recipe
        Names the columns that the user has decided about.

    Returns
    -------
    schema : Schema
        The columns in the order read.
    notices : tuple of Notice
        Decisions that the user may want to reverse.

    Raises
    ------
    InputError
        If ids repeat or are missing, a number column holds something else, a column that the recipe
        names does not exist or cannot be used, or no feature is left.
    UsageError
        If the recipe asks two things of one column.

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
    columns = {name: ColumnEvidence(name, summary) for name in summary.column_stats}
    wishes = ColumnOverrides.of(recipe, list(columns))
    case = RoleContext(columns, wishes, find_id_column(list(columns.values()), wishes))
    if case.id_column is not None:
        check_id(columns[case.id_column], columns.values())
    verdicts = {name: infer_role(case, column) for name, column in columns.items()}
    verdicts = (
        _demote_unrequested(case, verdicts) if wishes.features else _drop_redundant(case, verdicts)
    )
    schema = Schema(tuple(_build_column(case, name, verdict) for name, verdict in verdicts.items()))
    _check_usable(case, schema)
    return schema, _collect_notices(case, schema, verdicts)


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
    ilk.errors.InputError: 19 customers are too few: at least 20 are needed. Add ...
    """
    asked = 2 * recipe.k if isinstance(recipe.k, int) else 0
    needed = max(asked, recipe.min_customers)
    if n_customers < needed:
        way_out = "Add customers"
        if asked > recipe.min_customers:
            way_out += f", or ask for fewer segments than {recipe.k} with --k"
        raise InputError(
            "E_TOO_FEW_CUSTOMERS",
            f"{format_count(n_customers, 'customer')} {'is' if n_customers == 1 else 'are'} too few: "
            f"at least {needed:,} are needed",
            way_out=f"{way_out}.",
        )


def _demote_unrequested(
    context: RoleContext, decisions: dict[str, RoleDecision]
) -> dict[str, RoleDecision]:
    """Demote what would be a feature by default when the user has chosen the features."""
    return {
        name: verdict
        if verdict.role != "feature" or name in context.overrides.features
        else _decide_unrequested(context.columns[name])
        for name, verdict in decisions.items()
    }


def _decide_unrequested(column: ColumnEvidence) -> RoleDecision:
    if column.is_mixed:
        return RoleDecision(
            "ignore", "not among the features chosen, and it mixes numbers with text"
        )
    return RoleDecision("describe", "not among the features chosen")


def _drop_redundant(
    context: RoleContext, decisions: dict[str, RoleDecision]
) -> dict[str, RoleDecision]:
    """Leave out features that repeat an earlier one."""
    features = [context.columns[name] for name, each in decisions.items() if each.role == "feature"]
    numbers = [column for column in features if context.kinds[column.name] == "number"]
    others = [column for column in features if context.kinds[column.name] != "number"]
    alike = {
        name: RoleDecision("ignore", reason, f"left out: {reason}")
        for name, reason in find_redundant_columns(numbers, others).items()
    }
    return decisions | alike


def _build_column(context: RoleContext, name: str, verdict: RoleDecision) -> Column:
    kind = context.kinds[name]
    return Column(
        name, kind, verdict.role, verdict.reason, context.columns[name].count_missing(kind)
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
    tally, name = column.stats, column.name
    if tally.first_non_number is not None:
        way_out = f'Correct the cell, or use `--categorical "{name}"` or `--ignore "{name}"`.'
        raise build_text_in_number_error(name, *tally.first_non_number, way_out)
    if tally.infinite:
        raise build_infinite_number_error(name)
    for extreme in (tally.minimum, tally.maximum):
        if extreme is not None and abs(extreme) > MAX_ABS_NUMBER:
            raise build_too_large_error(name, extreme)


def _build_date_error(name: str) -> InputError:
    return InputError(
        "E_DATE_FEATURE",
        "dates cannot be compared between customers as they stand",
        place=f"column '{name}'",
        way_out="Turn them into a number, such as days since then (recency or tenure).",
    )


def _build_too_many_levels_error(name: str) -> InputError:
    return InputError(
        "E_TOO_MANY_LEVELS",
        f"more than {MAX_LEVELS:,} different values are too many for a category",
        place=f"column '{name}'",
        way_out="Leave the column out, or group its values first.",
    )


def _build_no_features_error(schema: Schema) -> InputError:
    reasons = [f"'{column.name}': {column.reason}" for column in schema][:_MAX_REASONS]
    more = len(schema.columns) - len(reasons)
    listed = "; ".join([*reasons, *([f"and {more:,} more columns"] if more else [])])
    return InputError(
        "E_NO_FEATURES",
        f"no variation in any feature ({listed})",
        way_out="Name columns that differ between customers with --features.",
    )


def _collect_notices(
    context: RoleContext, schema: Schema, decisions: dict[str, RoleDecision]
) -> tuple[Notice, ...]:
    notices = []
    for column in schema:
        verdict, evidence = decisions[column.name], context.columns[column.name]
        if verdict.notice is not None:
            notices.append(Notice(_NOTICE_CODES[column.role], verdict.notice, column.name))
        elif column.role in ("feature", "describe"):
            notices += _collect_column_warnings(column, evidence, context.overrides)
    return (*notices, *_warn_of_combinations(schema))


def _warn_of_combinations(schema: Schema) -> list[Notice]:
    """A doubt about segments that are made of categories in the main."""
    kinds = [column.kind for column in schema.features]
    categories = kinds.count("category")
    if categories < 2 or 2 * categories < len(kinds):
        return []
    message = (
        f"{categories} of the {len(kinds)} columns that shape the segments are categories; k-means "
        "then tends to make a segment of every combination of their values. Name those that should "
        "only describe with --describe, or choose the number with --k"
    )
    return [Notice("W_CATEGORIES", message)]


_NOTICE_CODES = {
    "id": "W_ID_FEATURE",
    "ignore": "W_LEFT_OUT",
    "feature": "W_SENSITIVE",
    "describe": "W_SENSITIVE",
}


def _collect_column_warnings(
    column: Column, evidence: ColumnEvidence, overrides: ColumnOverrides
) -> list[Notice]:
    """What may be wrong with a column that is used."""
    doubts = []
    if column.kind == "category" and column.name not in overrides.categorical and is_code(evidence):
        message = f"its whole numbers are taken as a category; {suggest_numeric(evidence)}"
        doubts.append(Notice("W_CODE", message, column.name))
    if column.missing > evidence.stats.n_rows / 2:
        share = column.missing / evidence.stats.n_rows
        message = f"{share:.0%} of its cells have no value"
        doubts.append(Notice("W_MANY_MISSING", message, column.name))
    return doubts
