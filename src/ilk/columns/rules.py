"""Rules: what a column is used for, as its name and values suggest and the user asked.

The rules stand in ``_RULES``; the first one that has something to say about a column decides.
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
    squash_name,
)
from ilk.schema import Kind, Role
from ilk.tables.number_format import MAX_EXACT_INTEGER

_MIN_ROWS_FOR_CODE = 1000


@dataclass(frozen=True)
class RoleDecision:
    """A role, the reason for it, and what the user should be told about it, if anything."""

    role: Role
    reason: str
    notice: str | None = None


@dataclass(frozen=True)
class RoleContext:
    """All that the rules look at: the columns, what was asked for, and which one is the id."""

    columns: dict[str, ColumnEvidence]
    overrides: ColumnOverrides
    id_column: str | None

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """Kind of every column: forced by the user, or told by its values and name."""
        return {name: self._infer_kind(column) for name, column in self.columns.items()}

    def _infer_kind(self, column: ColumnEvidence) -> Kind:
        if column.name == self.id_column:
            return "text"
        if column.name in self.overrides.numeric:
            return "number"
        if column.name in self.overrides.categorical:
            return "category"
        kind = infer_kind(column)
        asked = column.name in self.overrides.features | self.overrides.describe
        return "category" if asked and kind == "text" else kind


def infer_role(context: RoleContext, column: ColumnEvidence) -> RoleDecision:
    """What the first rule that applies says of a column."""
    verdicts = (rule(context, column) for rule in _RULES)
    return next(verdict for verdict in verdicts if verdict is not None)


def _decide_requested_ignore(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    return (
        RoleDecision("ignore", "you asked to leave it out")
        if _is_requested(context, column, "ignore")
        else None
    )


def _decide_id(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    if column.name != context.id_column:
        return None
    if column.name == context.overrides.id:
        return RoleDecision("id", "you named it as the id")
    notice = None
    if _is_requested(context, column, "features"):
        notice = "is an id: it tells customers apart and cannot say which are alike"
    return RoleDecision("id", "different for every customer", notice)


def _decide_empty(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    if not column.is_empty:
        return None
    return RoleDecision("ignore", "no cell has a value", "left out: no cell has a value")


def _decide_requested(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    if _is_requested(context, column, "describe"):
        return RoleDecision("describe", "you asked that it only describe")
    if not _is_requested(context, column, "features"):
        return None
    if column.is_constant(context.kinds[column.name]):
        return RoleDecision(
            "ignore", _CONSTANT_REASON, f"left out though you chose it: {_CONSTANT_REASON}"
        )
    notice = None
    if is_sensitive_name(column.name):
        notice = "a sensitive trait shapes the segments, because you chose it"
    return RoleDecision("feature", "you chose it", notice)


def _decide_model_output(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    named = has_word(column.name, MODEL_OUTPUT_WORDS)
    low, high = column.stats.minimum, column.stats.maximum
    shares = low is not None and high is not None and 0 <= low <= high <= 1
    labels = column.n_levels <= MAX_FEATURE_LEVELS
    if (named and (shares or labels)) or _count_other_names(context, column) >= 3:
        reason = "the result of an earlier model, not a fact about the customer"
        return RoleDecision("ignore", reason, f"left out: by its name {reason}")
    return None


def _count_other_names(context: RoleContext, column: ColumnEvidence) -> int:
    """How many other columns' names are written out in a column's name."""
    own = squash_name(column.name)
    others = (squash_name(name) for name in context.columns if name != column.name)
    return sum(len(other) > 3 and other in own and other != own for other in others)


def _decide_other_id(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    return RoleDecision("ignore", "another id") if looks_like_id(column) else None


def _decide_date(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    if context.kinds[column.name] != "date":
        return None
    advice = "turn it into days since then (recency or tenure)"
    return RoleDecision("ignore", f"a date: {advice}", f"left out as a date: {advice} to use it")


def _decide_constant(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    if not column.is_constant(context.kinds[column.name]):
        return None
    notice = None if column.n_levels <= 1 else f"left out: {_CONSTANT_REASON}"
    return RoleDecision("ignore", _CONSTANT_REASON, notice)


def _decide_sensitive(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    if not is_sensitive_name(column.name) or context.kinds[column.name] == "text":
        return None
    return RoleDecision("describe", "a sensitive trait: shown, but it shapes no segment")


def _decide_outcome(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    """What became of the customers is what segments are held against, not made of."""
    if not has_word(column.name, OUTCOME_WORDS) or column.n_levels > 2:
        return None
    return RoleDecision("describe", "an outcome: shown, but it shapes no segment")


def _decide_high_cardinality(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    kind, count = context.kinds[column.name], column.n_levels
    if kind == "number" or count <= MAX_FEATURE_LEVELS:
        return None
    if column.distinct_share == 1:
        return RoleDecision("ignore", "different on every row")
    what = "codes" if column.stats.leading_zeros or column.is_integer else "a category"
    shown = f"{count:,}" if count <= MAX_LEVELS else f"more than {MAX_LEVELS:,}"
    reason = f"{what} with {shown} values: more than {MAX_FEATURE_LEVELS} are too many to compare"
    if column.is_mostly_numbers:
        return RoleDecision("ignore", reason, f"left out as {reason}; {suggest_numeric(column)}")
    return RoleDecision("ignore", reason)


def _decide_serial_number(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    """Whole numbers, different on every row, that no name makes an amount or a count."""
    if (
        _is_requested(context, column, "numeric")
        or not column.is_integer
        or context.kinds[column.name] != "number"
    ):
        return None
    low, high = column.stats.minimum or 0.0, column.stats.maximum or 0.0
    if max(abs(low), abs(high)) > MAX_EXACT_INTEGER:
        return RoleDecision("ignore", "a code: its numbers are too long to be exact")
    if (
        has_word(column.name, MONEY_WORDS)
        or is_count_name(column.name)
        or column.distinct_share < 1
    ):
        return None
    consecutive = high - low == column.stats.n_rows - 1
    same_length = low >= 100_000 and len(f"{low:.0f}") == len(f"{high:.0f}")
    if consecutive or same_length or column.stats.n_rows >= _MIN_ROWS_FOR_CODE:
        reason = "a running number or code: different on every row"
        return RoleDecision("ignore", reason, f"left out as {reason}; {suggest_numeric(column)}")
    return None


def _decide_feature(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    if context.kinds[column.name] == "number":
        return RoleDecision("feature", "a number")
    levels = f"a category with {column.n_levels} values"
    if _is_requested(context, column, "categorical") or not is_code(column):
        return RoleDecision("feature", levels)
    return RoleDecision("feature", f"whole numbers that look like codes: {levels}")


_CONSTANT_REASON = "(nearly) the same on every row"
_RULES: tuple[Callable[[RoleContext, ColumnEvidence], RoleDecision | None], ...] = (
    _decide_requested_ignore,
    _decide_id,
    _decide_empty,
    _decide_requested,
    _decide_model_output,
    _decide_other_id,
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


def suggest_numeric(column: ColumnEvidence) -> str:
    """How the user makes a column of codes a number."""
    return f'`--numeric "{column.name}"` makes it a number'
