"""Rules: what a column is used for, as its name and values suggest and the user asked.

The rules stand in ``_RULES``; the first one that has something to say about a column decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from ilk.columns.id_column import looks_like_id
from ilk.columns.kinds import MAX_FEATURE_LEVELS, Evidence, is_code, kind_of
from ilk.columns.overrides import Wishes
from ilk.columns.stats import MAX_LEVELS
from ilk.columns.vocabulary import (
    MODEL_OUTPUT,
    MONEY,
    OUTCOME,
    has_word,
    names_count,
    names_sensitive,
    squashed,
)
from ilk.schema import Kind, Role

_MAX_EXACT_INTEGER = 2.0**53
_MIN_ROWS_FOR_CODE = 1000


@dataclass(frozen=True)
class Verdict:
    """A role, the reason for it, and what the user should be told about it, if anything."""

    role: Role
    reason: str
    notice: str | None = None


@dataclass(frozen=True)
class Case:
    """All that the rules look at: the columns, what was asked for, and which one is the id."""

    columns: dict[str, Evidence]
    wishes: Wishes
    id: str | None

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """Kind of every column: forced by the user, or told by its values and name."""
        return {name: self._infer_kind(column) for name, column in self.columns.items()}

    def _infer_kind(self, column: Evidence) -> Kind:
        if column.name == self.id:
            return "text"
        if column.name in self.wishes.numeric:
            return "number"
        if column.name in self.wishes.categorical:
            return "category"
        kind = kind_of(column)
        asked = column.name in self.wishes.features | self.wishes.describe
        return "category" if asked and kind == "text" else kind


def judge(context: Case, column: Evidence) -> Verdict:
    """What the first rule that applies says of a column."""
    verdicts = (rule(context, column) for rule in _RULES)
    return next(verdict for verdict in verdicts if verdict is not None)


def _decide_requested_ignore(context: Case, column: Evidence) -> Verdict | None:
    return (
        Verdict("ignore", "you asked to leave it out")
        if _is_requested(context, column, "ignore")
        else None
    )


def _decide_id(context: Case, column: Evidence) -> Verdict | None:
    if column.name != context.id:
        return None
    if column.name == context.wishes.id:
        return Verdict("id", "you named it as the id")
    notice = None
    if _is_requested(context, column, "features"):
        notice = "is an id: it tells customers apart and cannot say which are alike"
    return Verdict("id", "different for every customer", notice)


def _decide_empty(context: Case, column: Evidence) -> Verdict | None:
    if not column.empty:
        return None
    return Verdict("ignore", "no cell has a value", "left out: no cell has a value")


def _decide_requested(context: Case, column: Evidence) -> Verdict | None:
    if _is_requested(context, column, "describe"):
        return Verdict("describe", "you asked that it only describe")
    if not _is_requested(context, column, "features"):
        return None
    if column.constant(context.kinds[column.name]):
        return Verdict(
            "ignore", _CONSTANT_REASON, f"left out though you chose it: {_CONSTANT_REASON}"
        )
    notice = None
    if names_sensitive(column.name):
        notice = "a sensitive trait shapes the segments, because you chose it"
    return Verdict("feature", "you chose it", notice)


def _decide_model_output(context: Case, column: Evidence) -> Verdict | None:
    named = has_word(column.name, MODEL_OUTPUT)
    low, high = column.tally.low, column.tally.high
    shares = low is not None and high is not None and 0 <= low <= high <= 1
    labels = column.level_count <= MAX_FEATURE_LEVELS
    if (named and (shares or labels)) or _count_other_names(context, column) >= 3:
        reason = "the result of an earlier model, not a fact about the customer"
        return Verdict("ignore", reason, f"left out: by its name {reason}")
    return None


def _count_other_names(context: Case, column: Evidence) -> int:
    """How many other columns' names are written out in a column's name."""
    own = squashed(column.name)
    others = (squashed(name) for name in context.columns if name != column.name)
    return sum(len(other) > 3 and other in own and other != own for other in others)


def _decide_other_id(context: Case, column: Evidence) -> Verdict | None:
    return Verdict("ignore", "another id") if looks_like_id(column) else None


def _decide_date(context: Case, column: Evidence) -> Verdict | None:
    if context.kinds[column.name] != "date":
        return None
    advice = "turn it into days since then (recency or tenure)"
    return Verdict("ignore", f"a date: {advice}", f"left out as a date: {advice} to use it")


def _decide_constant(context: Case, column: Evidence) -> Verdict | None:
    if not column.constant(context.kinds[column.name]):
        return None
    notice = None if column.level_count <= 1 else f"left out: {_CONSTANT_REASON}"
    return Verdict("ignore", _CONSTANT_REASON, notice)


def _decide_sensitive(context: Case, column: Evidence) -> Verdict | None:
    if not names_sensitive(column.name) or context.kinds[column.name] == "text":
        return None
    return Verdict("describe", "a sensitive trait: shown, but it shapes no segment")


def _decide_outcome(context: Case, column: Evidence) -> Verdict | None:
    """What became of the customers is what segments are held against, not made of."""
    if not has_word(column.name, OUTCOME) or column.level_count > 2:
        return None
    return Verdict("describe", "an outcome: shown, but it shapes no segment")


def _decide_high_cardinality(context: Case, column: Evidence) -> Verdict | None:
    kind, count = context.kinds[column.name], column.level_count
    if kind == "number" or count <= MAX_FEATURE_LEVELS:
        return None
    if column.distinct_share == 1:
        return Verdict("ignore", "different on every row")
    what = "codes" if column.tally.padded or column.whole else "a category"
    shown = f"{count:,}" if count <= MAX_LEVELS else f"more than {MAX_LEVELS:,}"
    reason = f"{what} with {shown} values: more than {MAX_FEATURE_LEVELS} are too many to compare"
    if column.mostly_numbers:
        return Verdict("ignore", reason, f"left out as {reason}; {how_to_count(column)}")
    return Verdict("ignore", reason)


def _decide_serial_number(context: Case, column: Evidence) -> Verdict | None:
    """Whole numbers, different on every row, that no name makes an amount or a count."""
    if (
        _is_requested(context, column, "numeric")
        or not column.whole
        or context.kinds[column.name] != "number"
    ):
        return None
    low, high = column.tally.low or 0.0, column.tally.high or 0.0
    if max(abs(low), abs(high)) > _MAX_EXACT_INTEGER:
        return Verdict("ignore", "a code: its numbers are too long to be exact")
    if has_word(column.name, MONEY) or names_count(column.name) or column.distinct_share < 1:
        return None
    consecutive = high - low == column.tally.rows - 1
    same_length = low >= 100_000 and len(f"{low:.0f}") == len(f"{high:.0f}")
    if consecutive or same_length or column.tally.rows >= _MIN_ROWS_FOR_CODE:
        reason = "a running number or code: different on every row"
        return Verdict("ignore", reason, f"left out as {reason}; {how_to_count(column)}")
    return None


def _decide_feature(context: Case, column: Evidence) -> Verdict | None:
    if context.kinds[column.name] == "number":
        return Verdict("feature", "a number")
    levels = f"a category with {column.level_count} values"
    if _is_requested(context, column, "categorical") or not is_code(column):
        return Verdict("feature", levels)
    return Verdict("feature", f"whole numbers that look like codes: {levels}")


_CONSTANT_REASON = "(nearly) the same on every row"
_RULES: tuple[Callable[[Case, Evidence], Verdict | None], ...] = (
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


def _is_requested(context: Case, column: Evidence, option: str) -> bool:
    return column.name in getattr(context.wishes, option)


def how_to_count(column: Evidence) -> str:
    """How the user makes a column of codes a number."""
    return f'`--numeric "{column.name}"` makes it a number'
