"""Rules for the role of a column, by its name, its values and what the user chose.

The rules stand in ``_RULES`` in their order; the first one that applies decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from ilk.columns.answers import AnswerList, find_answers
from ilk.columns.dates import ConvertedEvidence, plan_conversions
from ilk.columns.earlier_segments import find_segmentations, is_machine_name
from ilk.columns.id_column import is_serial_number, looks_like_id
from ilk.columns.kinds import MAX_FEATURE_LEVELS, ColumnEvidence, infer_kind, is_code
from ilk.columns.meaning import is_calendar_part
from ilk.columns.outcomes import find_chosen_outcome, find_outcome, is_outcome
from ilk.columns.overrides import ColumnOverrides
from ilk.columns.sensitive import has_sensitive_levels
from ilk.columns.stats import MAX_LEVELS
from ilk.formatting.numbers import format_percent
from ilk.formatting.text import join_words
from ilk.schema import DateConversion, Kind, Outcome, Role
from ilk.tables.number_format import MAX_EXACT_INTEGER
from ilk.vocabulary.concepts import (
    has_word,
    is_contact_name,
    is_id_name,
    is_sensitive_name,
)

MAX_MISSING_SHARE = 0.5
"""A column of which more is missing is used for segmentation only on request."""

NUMERIC_HINT = "if it measures something, use {numeric}"
"""How to have a column of codes treated as numbers."""


_SEGMENTATION = "an earlier segmentation, which must not shape a new one"


@dataclass(frozen=True)
class RoleDecision:
    """A role, the reason for it, and a notice for the user, if one is needed.

    The notice may name the options ``{numeric}``, for this column, and ``{id}``; ``code`` is its
    code where that does not follow from the role. ``is_labels`` says that the column holds the
    groups of an earlier segmentation.
    """

    role: Role
    reason: str
    notice: str | None = None
    code: str | None = None
    is_labels: bool = False


@dataclass(frozen=True)
class RoleContext:
    """What the rules depend on: the columns, the user's choices, and the ID column."""

    columns: dict[str, ColumnEvidence]
    overrides: ColumnOverrides
    id_column: str | None
    as_of: str | None = None

    @cached_property
    def conversions(self) -> dict[str, DateConversion]:
        """What the columns of dates and years become."""
        fixed = self.overrides.numeric | self.overrides.categorical | self.overrides.ignore
        columns = (
            column
            for name, column in self.columns.items()
            if name not in fixed and name != self.id_column
        )
        return plan_conversions(columns, self.columns, self.as_of, self.overrides.meanings)

    def get_evidence(self, name: str) -> ColumnEvidence:
        """What is known of a column; its values are numbers, even if its cells are dates."""
        column = self.columns[name]
        if name not in self.conversions:
            return column
        return ConvertedEvidence(name, column.summary, self.conversions[name])

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """Kind of every column: chosen by the user, or inferred from its values and name."""
        return {name: self._infer_kind(column) for name, column in self.columns.items()}

    @cached_property
    def outcomes(self) -> dict[str, Outcome | None]:
        """The outcomes among the columns, ``None`` where no level says that it happened."""
        choice = self.overrides.outcome
        if choice.is_given and choice.name is None:
            return {}
        found = {
            name: None if choice.is_given else find_outcome(column)
            for name, column in self.columns.items()
            if name != self.id_column and name not in self.answers and is_outcome(column)
        }
        if choice.name is None:
            return found
        return found | {choice.name: find_chosen_outcome(self.columns[choice.name], choice.level)}

    @cached_property
    def answers(self) -> dict[str, AnswerList]:
        """The columns with several answers in a cell, and these."""
        meanings, chosen = self.overrides.meanings, self.overrides
        fixed = chosen.numeric | chosen.ignore | {self.id_column, chosen.outcome.name}
        found = {
            name: find_answers(column, is_chosen=meanings.get(name) == "several")
            for name, column in self.columns.items()
            if name not in fixed and not column.is_empty
            if meanings.get(name) == "several" or name not in chosen.categorical
        }
        return {name: answers for name, answers in found.items() if answers is not None}

    @cached_property
    def segmentations(self) -> frozenset[str]:
        """Columns that hold an earlier segmentation."""
        return find_segmentations(self.columns.values())

    def _infer_kind(self, column: ColumnEvidence) -> Kind:
        if column.name == self.id_column:
            return "text"
        if column.name in self.overrides.numeric:
            return "number"
        if column.name in self.overrides.categorical or column.name in self.outcomes:
            return "category"
        if column.name in self.answers:
            return "category"
        if column.name in self.conversions:
            return "date"
        if is_calendar_part(column):
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
    reason = "different for every customer"
    if notice is None and infer_kind(column) == "number" and not is_id_name(column.name):
        notice = f"its integers look like codes, so it is the customer ID; {NUMERIC_HINT}"
        return RoleDecision("id", reason, notice, "W_CODE")
    return RoleDecision("id", reason, notice)


def _decide_empty(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    if not column.is_empty:
        return None
    return RoleDecision("ignore", "empty", "left out: it is empty")


def _decide_requested(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    if column.name == context.overrides.outcome.name:
        return _decide_outcome(context, column)
    if _is_requested(context, column, "describe"):
        return RoleDecision("describe", _CHOSEN)
    if not _is_requested(context, column, "features"):
        return None
    if column.is_constant(context.kinds[column.name]):
        return RoleDecision(
            "ignore", _CONSTANT_REASON, f"left out although it was chosen: {_CONSTANT_REASON}"
        )
    notice = None
    is_named = is_sensitive_name(column.name) or is_sensitive_name(column.own_name)
    if is_named or has_sensitive_levels(column):
        notice = "a sensitive trait, used for segmentation because it was chosen"
    return RoleDecision("feature", _CHOSEN, notice)


def _decide_model_output(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    are_labels = 2 < column.n_levels <= MAX_FEATURE_LEVELS
    if column.name in context.segmentations:
        notice = f"left out: by its name, {_SEGMENTATION}"
        return RoleDecision("ignore", _SEGMENTATION, notice, is_labels=are_labels)
    is_named = has_word(column.name, "model_output")
    low, high = column.stats.minimum, column.stats.maximum
    are_shares = low is not None and high is not None and 0 <= low <= high <= 1
    are_levels = column.n_levels <= MAX_FEATURE_LEVELS
    if (is_named and (are_shares or are_levels)) or is_machine_name(column.name, context.columns):
        reason = "output of an earlier model, not a fact about the customer"
        notice = f"left out: by its name, {reason}"
        return RoleDecision("ignore", reason, notice, is_labels=are_labels)
    return None


def _decide_other_id(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    if not looks_like_id(column):
        is_name = is_contact_name(column.name) and not column.is_mostly_numbers
        return RoleDecision("ignore", "a name or address") if is_name else None
    if context.id_column is None and is_contact_name(column.name):
        reason = "not the customer ID, because customers share values of it"
        notice = f"{reason}, so they get the numbers of their rows; name an ID with {{id}}"
        return RoleDecision("ignore", reason, notice)
    return RoleDecision("ignore", "another ID")


def _decide_date(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    if context.kinds[column.name] != "date" or column.n_levels <= 1:
        return None
    conversion = context.conversions.get(column.name)
    if conversion is None:
        reason = "dates that cannot be read"
        return RoleDecision("ignore", reason, f"left out: it holds {reason}")
    return RoleDecision("feature", f"from '{column.name}', as of {conversion.as_of}")


def _decide_no_measure(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    """Numbers that are no amounts: places, numbers of documents, months of the year."""
    chosen = context.overrides.meanings.get(column.name)
    if chosen == "place":
        return RoleDecision("ignore", "a place, as chosen")
    if chosen is not None or not column.is_mostly_numbers:
        return None
    if _is_requested(context, column, "numeric"):
        return None
    if is_calendar_part(column):
        return RoleDecision("describe", "a part of the calendar, not an amount")
    if has_word(column.name, "place"):
        reason = "a place, not an amount"
        return RoleDecision("ignore", reason, f"left out: {reason}; {NUMERIC_HINT}")
    if column.is_integer and has_word(column.name, "serial"):
        reason = "the number of a document or the like, not an amount"
        return RoleDecision("ignore", reason, f"left out: {reason}; {NUMERIC_HINT}")
    return None


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
    if context.kinds[column.name] == "text":
        return None
    if is_sensitive_name(column.name) or is_sensitive_name(column.own_name):
        return RoleDecision("describe", "a sensitive trait")
    if has_sensitive_levels(column):
        return RoleDecision("describe", "a sensitive trait, by its values")
    return None


def _decide_outcome(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    """An outcome, such as churn, is compared between segments; they are not made from it."""
    if column.name not in context.outcomes:
        return None
    outcome = context.outcomes[column.name]
    told = ""
    if outcome is not None:
        what = "bad" if outcome.is_bad else "good"
        told = f": '{outcome.level}' says that it happened, which is {what}"
    return RoleDecision("describe", f"an outcome to compare segments by{told}")


def _decide_high_cardinality(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    kind, count = context.kinds[column.name], column.n_levels
    if column.name in context.answers:
        return None
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
    if _is_requested(context, column, "numeric") or context.kinds[column.name] != "number":
        return None
    if column.is_integer and column.stats.max_abs_value > MAX_EXACT_INTEGER:
        return RoleDecision("ignore", "a code: its numbers have too many digits for amounts")
    if not is_serial_number(column):
        return None
    reason = "a serial number or code, different in every row"
    return RoleDecision("ignore", reason, f"left out: {reason}; {NUMERIC_HINT}")


def _decide_mostly_missing(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    """A column that is unknown for most customers cannot tell what kinds there are."""
    missing = column.count_missing(context.kinds[column.name])
    share = missing / max(1, column.stats.n_rows)
    if share <= MAX_MISSING_SHARE:
        return None
    reason = f"{format_percent(share)} of its values are missing"
    remedy = "name the columns to use with {features} to decide yourself"
    notice = f"{reason}, so it is shown in profiles only; {remedy}"
    return RoleDecision("describe", reason, notice, "W_MANY_MISSING")


def _decide_feature(context: RoleContext, column: ColumnEvidence) -> RoleDecision | None:
    if context.kinds[column.name] == "number":
        return RoleDecision("feature", column.describe_numbers())
    if column.name in context.answers:
        is_chosen = context.overrides.meanings.get(column.name) == "several"
        chosen = ", as chosen" if is_chosen else ""
        return RoleDecision("feature", f"several answers in a cell{chosen}")
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
    _decide_no_measure,
    _decide_constant,
    _decide_sensitive,
    _decide_outcome,
    _decide_high_cardinality,
    _decide_serial_number,
    _decide_mostly_missing,
    _decide_feature,
)


def _is_requested(context: RoleContext, column: ColumnEvidence, option: str) -> bool:
    return column.name in getattr(context.overrides, option)
