"""Rules for the role of a column, by its name, its values and what the user chose.

The rules stand in ``_RULES`` in their order; the first one that applies decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from ilk.columns.id_column import looks_like_id
from ilk.columns.kinds import MAX_FEATURE_LEVELS, ColumnEvidence, infer_kind, is_code
from ilk.columns.overrides import ColumnOverrides
from ilk.columns.stats import MAX_LEVELS
from ilk.columns.vocabulary import (
    MODEL_OUTPUT_WORDS,
    MONEY_WORDS,
    OUTCOME_WORDS,
    has_word,
    is_count_name,
    is_sensitive_name,
    join_name_words,
)
from ilk.formatting.text import join_words
from ilk.schema import Kind, Role
from ilk.tables.number_format import MAX_EXACT_INTEGER

_MIN_ROWS_FOR_CODE = 1000

NUMERIC_HINT = "if it measures something, use {numeric}"
"""How to have a column of codes treated as numbers."""


@dataclass(frozen=True)
class RoleDecision:
    """A role, the reason for it, and a notice for the user, if one is needed.

    The notice may name the option ``{numeric}``, for this column.
    """

    role: Role
    reason: str
    notice: str | None = None


@dataclass(frozen=True)
class RoleContext:
    """What the rules depend on: the columns, the user's choices, and the ID column."""

    columns: dict[str, ColumnEvidence]
    overrides: ColumnOverrides
    id_column: str | None

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """Kind of every column: chosen by the user, or inferred from its values and name."""
        return {name: self._infer_kind(column) for name, column in self.columns.items()}

    def _infer_kind(self, column: ColumnEvidence) -> Kind:
        if column.name == self.id_column:
            return "text"
        if column.name in self.overrides.numeric:
            return "number"
        if column.name in self.overrides.categorical:
            return "category"
        kind = infer_kind(column)
        requested = column.name in self.overrides.features | self.overrides.describe
        return "category" if requested and kind == "text" else kind


def infer_role(context: RoleContext, column: ColumnEvidence) -> RoleDecision:
    """Infer the role of a column: the first rule that applies decides."""
    decisions = (rule(context, column) for rule in _RULES)
    return next(decision for decision in decisions if decision is not None)


def _decide_requested_ignore(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    return (
        RoleDecision("ignore", "you left it out")
        if _is_requested(context, column, "ignore")
        else None
    )


def _decide_id(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    if column.name != context.id_column:
        return None
    if column.name == context.overrides.id:
        return RoleDecision("id", _CHOSEN)
    notice = None
    if _is_requested(context, column, "features"):
        notice = "the customer ID is different for everyone, so it cannot be used for segmentation"
    return RoleDecision("id", "different for every customer", notice)


def _decide_empty(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    if not column.is_empty:
        return None
    return RoleDecision("ignore", "empty", "left out: it is empty")


def _decide_requested(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    if _is_requested(context, column, "describe"):
        return RoleDecision("describe", _CHOSEN)
    if not _is_requested(context, column, "features"):
        return None
    if column.is_constant(context.kinds[column.name]):
        return RoleDecision(
            "ignore", _CONSTANT_REASON, f"left out although it was chosen: {_CONSTANT_REASON}"
        )
    notice = None
    if is_sensitive_name(column.name):
        notice = "a sensitive trait, used for segmentation because it was chosen"
    return RoleDecision("feature", _CHOSEN, notice)


def _decide_model_output(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    is_named = has_word(column.name, MODEL_OUTPUT_WORDS)
    low, high = column.stats.minimum, column.stats.maximum
    are_shares = low is not None and high is not None and 0 <= low <= high <= 1
    are_labels = column.n_levels <= MAX_FEATURE_LEVELS
    if (is_named and (are_shares or are_labels)) or _count_other_names(context, column) >= 3:
        reason = "output of an earlier model, not a fact about the customer"
        return RoleDecision("ignore", reason, f"left out: by its name, {reason}")
    return None


def _count_other_names(context: RoleContext, column: ColumnEvidence) -> int:
    """How many names of other columns are part of a column's name."""
    own = join_name_words(column.name)
    others = (join_name_words(name) for name in context.columns if name != column.name)
    return sum(len(other) > 3 and other in own and other != own for other in others)


def _decide_other_id(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    return RoleDecision("ignore", "another ID") if looks_like_id(column) else None


def _decide_date(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    if context.kinds[column.name] != "date":
        return None
    return RoleDecision("ignore", "a date", "left out: dates are not used for segmentation")


def _decide_several_units(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    if not column.has_several_units:
        return None
    listed = join_words([f"{unit} ({count:,})" for unit, count in _sort_units(column)])
    reason = f"amounts in several units, which cannot be compared: {listed}"
    return RoleDecision("ignore", reason, f"left out: {reason}. Convert them to one")


def _sort_units(column: ColumnEvidence) -> list[tuple[str, int]]:
    return sorted(column.stats.units.items(), key=lambda item: (-item[1], item[0]))


def _decide_constant(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    if not column.is_constant(context.kinds[column.name]):
        return None
    notice = None if column.n_levels <= 1 else f"left out: {_CONSTANT_REASON}"
    return RoleDecision("ignore", _CONSTANT_REASON, notice)


def _decide_sensitive(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    if not is_sensitive_name(column.name) or context.kinds[column.name] == "text":
        return None
    return RoleDecision("describe", "a sensitive trait")


def _decide_outcome(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    """An outcome, such as churn, is compared between segments; they are not made from it."""
    if not has_word(column.name, OUTCOME_WORDS) or column.n_levels > 2:
        return None
    return RoleDecision("describe", "an outcome to compare segments by")


def _decide_high_cardinality(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    kind, count = context.kinds[column.name], column.n_levels
    if kind == "number" or count <= MAX_FEATURE_LEVELS:
        return None
    if column.distinct_share == 1:
        return RoleDecision("ignore", "different in every row")
    what = "codes" if column.stats.leading_zeros or column.is_integer else "a category"
    shown = f"{count:,}" if count <= MAX_LEVELS else f"more than {MAX_LEVELS:,}"
    reason = f"{what} with {shown} different values (the limit is {MAX_FEATURE_LEVELS})"
    if column.is_mostly_numbers:
        return RoleDecision("ignore", reason, f"left out: {reason}; {NUMERIC_HINT}")
    return RoleDecision("ignore", reason)


def _decide_serial_number(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    """Integers, different in every row, that are no amount or count by their name."""
    if (
        _is_requested(context, column, "numeric")
        or not column.is_integer
        or context.kinds[column.name] != "number"
    ):
        return None
    low, high = column.stats.minimum or 0.0, column.stats.maximum or 0.0
    if max(abs(low), abs(high)) > MAX_EXACT_INTEGER:
        return RoleDecision("ignore", "a code: its numbers have too many digits for amounts")
    if (
        has_word(column.name, MONEY_WORDS)
        or is_count_name(column.name)
        or column.distinct_share < 1
    ):
        return None
    are_consecutive = high - low == column.stats.n_rows - 1
    have_same_length = low >= 100_000 and len(f"{low:.0f}") == len(f"{high:.0f}")
    if are_consecutive or have_same_length or column.stats.n_rows >= _MIN_ROWS_FOR_CODE:
        reason = "a serial number or code, different in every row"
        return RoleDecision("ignore", reason, f"left out: {reason}; {NUMERIC_HINT}")
    return None


def _decide_feature(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    if context.kinds[column.name] == "number":
        return RoleDecision("feature", column.describe_numbers())
    if column.find_meaning("category") == "yes_no":
        return RoleDecision("feature", "yes or no")
    if column.bands:
        low, high = column.bands[0], column.bands[-1]
        reason = f"{column.n_levels} ordered values, from '{low}' to '{high}'"
        return RoleDecision("feature", reason)
    levels = f"a category with {column.n_levels} values"
    if _is_requested(context, column, "categorical") or not is_code(column):
        return RoleDecision("feature", levels)
    return RoleDecision("feature", f"{levels}: integers that look like codes")


_CHOSEN = "chosen for this run"  # by whoever runs it, a recipe, or an example
_CONSTANT_REASON = "(almost) the same in every row"
_RULES: tuple[Callable[[RoleContext, ColumnEvidence], RoleDecision | None], ...] = (
    _decide_requested_ignore,
    _decide_id,
    _decide_empty,
    _decide_requested,
    _decide_model_output,
    _decide_other_id,
    _decide_several_units,
    _decide_date,
    _decide_constant,
    _decide_sensitive,
    _decide_outcome,
    _decide_high_cardinality,
    _decide_serial_number,
    _decide_feature,
)


def _is_requested(context: RoleContext, column: ColumnEvidence, option: str) -> bool:
    return column.name in getattr(context.overrides, option)
