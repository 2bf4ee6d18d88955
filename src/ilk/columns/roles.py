"""Roles: what every column is used for, decided from a survey, each with its reason."""

from __future__ import annotations

from ilk.columns.cast import LARGEST, infinite, text_in_number, too_large
from ilk.columns.id_column import check_id, find_id
from ilk.columns.kinds import Evidence, is_code
from ilk.columns.overrides import Wishes
from ilk.columns.redundant import lookalikes
from ilk.columns.rules import Case, Verdict, how_to_count, judge
from ilk.columns.stats import MAX_LEVELS
from ilk.columns.summary import Survey
from ilk.errors import InputError, Notice
from ilk.formatting.numbers import counted
from ilk.recipe import Recipe
from ilk.schema import Column, Schema

_MOST_REASONS = 8


def decide(survey: Survey, recipe: Recipe) -> tuple[Schema, tuple[Notice, ...]]:
    """Kind and role of every column, with reasons.

    Parameters
    ----------
    survey : Survey
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
    >>> from ilk.columns.summary import survey_frame
    >>> from ilk.tables.number_format import Numerals
    >>> frame = pl.DataFrame({"Id": ["a", "b"], "Spend": ["1.5", "70"], "Gender": ["f", "m"]})
    >>> schema, _ = decide(survey_frame(frame, Numerals()), Recipe())
    >>> [(column.name, column.kind, column.role) for column in schema]
    [('Id', 'text', 'id'), ('Spend', 'number', 'feature'), ('Gender', 'category', 'describe')]
    """
    columns = {name: Evidence(name, survey) for name in survey.tallies}
    wishes = Wishes.of(recipe, list(columns))
    case = Case(columns, wishes, find_id(list(columns.values()), wishes))
    if case.id is not None:
        check_id(columns[case.id], columns.values())
    verdicts = {name: judge(case, column) for name, column in columns.items()}
    verdicts = _chosen_only(case, verdicts) if wishes.features else _once_each(case, verdicts)
    schema = Schema(tuple(_column(case, name, verdict) for name, verdict in verdicts.items()))
    _check_usable(case, schema)
    return schema, _notices(case, schema, verdicts)


def check_enough(rows: int, recipe: Recipe) -> None:
    """Refuse a table with too few customers for the segments asked for.

    Raises
    ------
    InputError
        If there are fewer than ``recipe.min_customers``, or than two per segment.

    Examples
    --------
    >>> check_enough(19, Recipe(k=5))
    Traceback (most recent call last):
    ilk.errors.InputError: 19 customers are too few: at least 20 are needed. Add ...
    """
    asked = 2 * recipe.k if isinstance(recipe.k, int) else 0
    needed = max(asked, recipe.min_customers)
    if rows < needed:
        way_out = "Add customers"
        if asked > recipe.min_customers:
            way_out += f", or ask for fewer segments than {recipe.k} with --k"
        raise InputError(
            "E_TOO_FEW_CUSTOMERS",
            f"{counted(rows, 'customer')} {'is' if rows == 1 else 'are'} too few: "
            f"at least {needed:,} are needed",
            way_out=f"{way_out}.",
        )


def _chosen_only(case: Case, verdicts: dict[str, Verdict]) -> dict[str, Verdict]:
    """Demote what would be a feature by default when the user has chosen the features."""
    return {
        name: verdict
        if verdict.role != "feature" or name in case.wishes.features
        else _not_chosen(case.columns[name])
        for name, verdict in verdicts.items()
    }


def _not_chosen(column: Evidence) -> Verdict:
    if column.mixed:
        return Verdict("ignore", "not among the features chosen, and it mixes numbers with text")
    return Verdict("describe", "not among the features chosen")


def _once_each(case: Case, verdicts: dict[str, Verdict]) -> dict[str, Verdict]:
    """Leave out features that repeat an earlier one."""
    features = [case.columns[name] for name, each in verdicts.items() if each.role == "feature"]
    numbers = [column for column in features if case.kinds[column.name] == "number"]
    others = [column for column in features if case.kinds[column.name] != "number"]
    alike = {
        name: Verdict("ignore", reason, f"left out: {reason}")
        for name, reason in lookalikes(numbers, others).items()
    }
    return verdicts | alike


def _column(case: Case, name: str, verdict: Verdict) -> Column:
    kind = case.kinds[name]
    return Column(name, kind, verdict.role, verdict.reason, case.columns[name].missing(kind))


def _check_usable(case: Case, schema: Schema) -> None:
    forced = case.wishes.numeric - case.wishes.ignore
    for column in schema:
        evidence = case.columns[column.name]
        if column.role not in ("feature", "describe") and column.name not in forced:
            continue
        if column.kind == "number":
            _check_numbers(evidence)
        elif column.kind == "date":
            raise _unusable_date(column.name)
        elif evidence.level_count > MAX_LEVELS:
            raise _too_many_levels(column.name)
    if not schema.features:
        raise _no_features(schema)


def _check_numbers(column: Evidence) -> None:
    tally, name = column.tally, column.name
    if tally.failure is not None:
        way_out = f'Correct the cell, or use `--categorical "{name}"` or `--ignore "{name}"`.'
        raise text_in_number(name, *tally.failure, way_out)
    if tally.infinite:
        raise infinite(name)
    for extreme in (tally.low, tally.high):
        if extreme is not None and abs(extreme) > LARGEST:
            raise too_large(name, extreme)


def _unusable_date(name: str) -> InputError:
    return InputError(
        "E_DATE_FEATURE",
        "dates cannot be compared between customers as they stand",
        place=f"column '{name}'",
        way_out="Turn them into a number, such as days since then (recency or tenure).",
    )


def _too_many_levels(name: str) -> InputError:
    return InputError(
        "E_TOO_MANY_LEVELS",
        f"more than {MAX_LEVELS:,} different values are too many for a category",
        place=f"column '{name}'",
        way_out="Leave the column out, or group its values first.",
    )


def _no_features(schema: Schema) -> InputError:
    reasons = [f"'{column.name}': {column.reason}" for column in schema][:_MOST_REASONS]
    more = len(schema.columns) - len(reasons)
    listed = "; ".join([*reasons, *([f"and {more:,} more columns"] if more else [])])
    return InputError(
        "E_NO_FEATURES",
        f"no variation in any feature ({listed})",
        way_out="Name columns that differ between customers with --features.",
    )


def _notices(case: Case, schema: Schema, verdicts: dict[str, Verdict]) -> tuple[Notice, ...]:
    notices = []
    for column in schema:
        verdict, evidence = verdicts[column.name], case.columns[column.name]
        if verdict.notice is not None:
            notices.append(Notice(_CODES[column.role], verdict.notice, column.name))
        elif column.role in ("feature", "describe"):
            notices += _doubts(column, evidence, case.wishes)
    return (*notices, *_combinations(schema))


def _combinations(schema: Schema) -> list[Notice]:
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


_CODES = {
    "id": "W_ID_FEATURE",
    "ignore": "W_LEFT_OUT",
    "feature": "W_SENSITIVE",
    "describe": "W_SENSITIVE",
}


def _doubts(column: Column, evidence: Evidence, wishes: Wishes) -> list[Notice]:
    """What may be wrong with a column that is used."""
    doubts = []
    if column.kind == "category" and column.name not in wishes.categorical and is_code(evidence):
        message = f"its whole numbers are taken as a category; {how_to_count(evidence)}"
        doubts.append(Notice("W_CODE", message, column.name))
    if column.missing > evidence.tally.rows / 2:
        share = column.missing / evidence.tally.rows
        message = f"{share:.0%} of its cells have no value"
        doubts.append(Notice("W_MANY_MISSING", message, column.name))
    return doubts
