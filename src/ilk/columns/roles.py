"""What every column is used for, inferred from a summary, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ilk.columns.answers import build_answer_columns
from ilk.columns.cast import (
    MAX_ABS_NUMBER,
    build_infinite_number_error,
    build_text_in_number_error,
    build_too_large_error,
)
from ilk.columns.date_cells import count_stand_in_dates
from ilk.columns.id_column import check_id, find_id_column
from ilk.columns.kinds import ColumnEvidence
from ilk.columns.meaning import (
    ColumnMeaning,
    choose_meaning,
    find_currency,
    find_value_column,
    infer_meaning,
)
from ilk.columns.notices import collect_notices
from ilk.columns.overrides import ColumnOverrides, list_choices
from ilk.columns.redundant import (
    find_implied_categories,
    find_redundant_columns,
    have_same_groups,
)
from ilk.columns.relabel import relabel_summary
from ilk.columns.rules import RoleContext, RoleDecision, infer_role
from ilk.columns.stats import MAX_LEVELS
from ilk.columns.summary import TableSummary
from ilk.errors import InputError, Notice, format_place
from ilk.formatting.numbers import format_count
from ilk.recipe import Recipe
from ilk.schema import Column, Schema
from ilk.vocabulary.concepts import has_word

_MAX_REASONS = 8
_WORTH = "what a customer is worth"


def infer_roles(
    summary: TableSummary, recipe: Recipe, index: str | None = None
) -> tuple[Schema, tuple[Notice, ...]]:
    """Infer kind and role of every column, with reasons.

    Parameters
    ----------
    summary : TableSummary
        Statistics and a sample of the table.
    recipe : Recipe
        Names the columns whose role or kind the user chose.
    index : str, optional
        The column that names the rows of a data frame.

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
    relabeled = relabel_summary(summary, recipe.labels, list_choices(recipe))
    names = list(relabeled.summary.column_stats)
    overrides = ColumnOverrides.of(recipe, names, relabeled.new_names)
    relabeled.check_numeric(overrides.numeric)
    columns = relabeled.gather_evidence(overrides.numeric)
    index = relabeled.new_names.get(index, index) if index is not None else None
    id_column = find_id_column(list(columns.values()), overrides, index)
    if id_column is not None:
        check_id(columns[id_column], columns.values())
    context = RoleContext(columns, overrides, id_column, recipe.as_of)
    decisions = {name: infer_role(context, column) for name, column in columns.items()}
    decisions = _drop_segment_names(context, decisions)
    refine = _demote_unrequested if overrides.features else _drop_redundant
    decisions = _keep_value(context, refine(context, decisions))
    schema = _build_schema(context, decisions)
    _check_usable(context, schema)
    return relabeled.name_sources(schema), collect_notices(context, schema, decisions)


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


def _drop_segment_names(
    context: RoleContext, decisions: dict[str, RoleDecision]
) -> dict[str, RoleDecision]:
    """Leave out categories that only give other names to the groups of an earlier segmentation."""
    labels = [context.columns[name] for name, decision in decisions.items() if decision.is_labels]
    names = {
        name: next((label for label in labels if have_same_groups(label, column)), None)
        for name, column in context.columns.items()
        if decisions[name].role == "feature"
        and context.kinds[name] == "category"
        and name not in context.overrides.features
    }
    return decisions | {
        name: _decide_segment_name(label.name) for name, label in names.items() if label is not None
    }


def _decide_segment_name(label: str) -> RoleDecision:
    reason = f"the same groups as '{label}', an earlier segmentation"
    return RoleDecision("ignore", reason, f"left out: {reason}")


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
    features = [name for name, decision in decisions.items() if decision.role == "feature"]
    numbers, others = (
        [
            context.get_evidence(name)
            for name in features
            if name not in context.answers
            if (context.kinds[name] in ("number", "date")) == are_numbers
        ]
        for are_numbers in (True, False)
    )
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


def _keep_value(
    context: RoleContext, decisions: dict[str, RoleDecision]
) -> dict[str, RoleDecision]:
    """Show the column that the user chose as the value of a customer, at least in profiles."""
    name = context.overrides.value.name
    if name is None:
        return decisions
    if context.kinds[name] != "number":
        raise InputError(
            "E_VALUE",
            "what a customer is worth has to be a number",
            place=format_place(column=name),
            way_out="Name another column with {value}, or use {numeric}.",
            options={"value": None, "numeric": [name]},
        )
    if decisions[name].role in ("feature", "describe"):
        return decisions
    return decisions | {name: RoleDecision("describe", "chosen for this run")}


def _build_schema(context: RoleContext, decisions: dict[str, RoleDecision]) -> Schema:
    value = _find_value(context, decisions)
    return Schema(
        tuple(
            column
            for name, decision in decisions.items()
            for column in _build_columns(context, name, decision, is_value=name == value)
        )
    )


def _build_columns(
    context: RoleContext, name: str, decision: RoleDecision, *, is_value: bool
) -> Iterable[Column]:
    """The column that one of the table becomes, or one for each answer in its cells."""
    if decision.role not in ("feature", "describe") or name not in context.answers:
        return [_build_column(context, name, decision, is_value=is_value)]
    return build_answer_columns(
        name,
        context.answers[name],
        decision.role,
        decision.reason,
        missing=context.columns[name].count_missing("category"),
        taken=context.columns,
        readable=context.columns[name].answer_names,
    )


def _find_value(context: RoleContext, decisions: dict[str, RoleDecision]) -> str | None:
    """The column that says what a customer is worth: chosen, or found among those shown."""
    if context.overrides.value.is_given:
        return context.overrides.value.name
    return find_value_column(
        context.columns[name]
        for name, decision in decisions.items()
        if decision.role in ("feature", "describe")
        and context.kinds[name] == "number"
        and context.columns[name].find_meaning("number") != "share"
    )


def _build_column(
    context: RoleContext, name: str, decision: RoleDecision, *, is_value: bool
) -> Column:
    kind, evidence = context.kinds[name], context.columns[name]
    is_shown = decision.role in ("feature", "describe")
    if is_shown and name in context.conversions:
        return _build_converted(context, name, decision)
    column = Column(
        name,
        kind,
        decision.role,
        decision.reason,
        evidence.count_missing(kind),
        outcome=context.outcomes.get(name) if decision.role == "describe" else None,
        is_value=is_value,
        cells=evidence.describe_cells(kind),
    )
    if not is_shown:
        return column
    meaning = _infer_meaning(context, evidence, is_value=is_value)
    reason = _tell_meaning(context, column, evidence, meaning)
    return replace(column, reason=reason, meaning=meaning.meaning, unit=meaning.unit)


def _build_converted(context: RoleContext, name: str, decision: RoleDecision) -> Column:
    """The column of numbers that a column of dates becomes."""
    conversion, evidence = context.conversions[name], context.columns[name]
    stand_ins = count_stand_in_dates(evidence.summary.sample[name], conversion)
    repeats = evidence.stats.n_rows / max(1, evidence.summary.sample.height)
    told = f"from '{name}', as of {conversion.as_of}"
    return Column(
        conversion.name,
        "number",
        decision.role,
        decision.reason if told in decision.reason else f"{decision.reason}: {told}",
        evidence.count_missing("date") + round(sum(stand_ins.values()) * repeats),
        meaning="age" if has_word(name, "birth") else "duration",
        unit=conversion.unit,
        conversion=conversion,
    )


def _infer_meaning(
    context: RoleContext, column: ColumnEvidence, *, is_value: bool
) -> ColumnMeaning:
    if column.name in context.overrides.meanings:
        return choose_meaning(column, context.overrides.meanings[column.name])
    kind = context.kinds[column.name]
    # What the cells say themselves goes before what the name may mean.
    unit = column.unit if kind == "number" else ""
    if is_value:
        return ColumnMeaning("money", unit or find_currency(column.name))
    meaning = column.find_meaning(kind)
    return infer_meaning(column, kind) if meaning is None else ColumnMeaning(meaning, unit)


def _tell_meaning(
    context: RoleContext, column: Column, evidence: ColumnEvidence, meaning: ColumnMeaning
) -> str:
    """A reason with what the cells of a column are."""
    if column.name in context.overrides.meanings:
        told = f"{meaning}, as chosen"
    elif column.is_value:
        told = f"{_WORTH}, in {meaning.unit}" if meaning.unit else _WORTH
    elif meaning.meaning in (None, "yes_no", "code") or evidence.find_meaning(column.kind):
        return column.reason  # which says it, where the cells do
    else:
        told = str(meaning)
    if column.reason == "a number":
        return f"{column.reason}: {told}"
    is_said = column.reason == evidence.describe_numbers()
    return told if is_said else f"{told}; {column.reason}"


def _check_usable(context: RoleContext, schema: Schema) -> None:
    forced = context.overrides.numeric - context.overrides.ignore
    for column in schema:
        evidence = context.columns[column.source]
        if column.role not in ("feature", "describe") and column.name not in forced:
            continue
        if column.conversion is not None or column.answer is not None:
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
        "these dates cannot be used for segmentation, because they cannot be read",
        place=format_place(column=name),
        way_out="Write them as 2024-12-31, or leave the column out.",
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
