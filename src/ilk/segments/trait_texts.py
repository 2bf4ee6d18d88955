"""One trait of a segment in a sentence with both figures, and how far it is from everyone."""

from __future__ import annotations

import re

from ilk.formatting.numbers import format_fixed, format_number, format_percent
from ilk.schema import Meaning
from ilk.segments.column_labels import split_column_name
from ilk.segments.conditions import Condition
from ilk.segments.segment import CategoryFigures, Level, NumberFigures, Trait
from ilk.segments.wording import read_answer
from ilk.segments.worth import format_compared

HIGH_EFFECT = 0.5
"""Effect from which a segment is high or low in a column, in standard deviations of everyone."""

VERY_HIGH_EFFECT = 1.5
"""Effect from which it is very high or very low."""

_MOSTLY_SHARE = 0.6  # share from which a segment is "mostly" of a level, if not everyone is …
_MOSTLY_EXCESS = 0.15  # … and if it exceeds everyone's share by this much
_OFTEN_SHARE = 0.4  # share from which a level at least twice as common as overall is "often" met
_TIMES_RATIO = 2.0  # from here on "2.4 times" reads better than "140% above"
_NOTABLE_EXCESS = 0.1  # a smaller excess is not worth mentioning
MIN_KNOWN = 0.5  # share of known cells below which nothing is claimed about a segment
_CODED = re.compile(r"\W?\d|\w$")  # a level that begins with a number or is one letter


def build_number_trait(
    part: NumberFigures, whole: NumberFigures, effect: float, known: float = 1.0, unit: str = ""
) -> Trait:
    """What a segment is like in a numeric column; ``whole`` holds the figures of everyone.

    ``known`` is the share of the segment's customers with a value. A unit that the column's name
    tells is not said again.

    Examples
    --------
    >>> part = NumberFigures("Income", mean=86.54, std=16.3, missing=0)
    >>> whole = NumberFigures("Income", mean=60.56, std=26.2, missing=0)
    >>> build_number_trait(part, whole, 0.99).text
    'Income: 86.5 on average, 43% above the overall 60.6'
    >>> build_number_trait(part, whole, 0.99, unit="$").text
    'Income: $86.5 on average, 43% above the overall $60.6'
    """
    unit = "" if _names_unit(part.column, unit) else unit
    text = f"{part.column}: {_compare_means(part.mean, whole.mean, unit)}"
    text += _qualify(known) if part.mean is not None else ""
    # With a long tail, the mean of the logarithms and the mean may differ in opposite directions.
    # Such a segment is neither high nor low in a way that its printed figures would support.
    agree = ((part.mean or 0.0) - (whole.mean or 0.0)) * effect > 0
    says_something = agree and known >= MIN_KNOWN
    level = _classify_effect(effect) if says_something else "average"
    return Trait(part.column, level, effect, text)


def build_category_trait(
    part: CategoryFigures, whole: CategoryFigures, meaning: Meaning | None = None
) -> Trait:
    """What a segment is like in a category; shares are of the customers whose level is known.

    The level is the one that exceeds its overall share most, or the most common one if no excess
    is worth mentioning.

    Examples
    --------
    >>> part = CategoryFigures("Gender", counts=(("Female", 54), ("Male", 46)), missing=0)
    >>> whole = CategoryFigures("Gender", counts=(("Female", 112), ("Male", 88)), missing=0)
    >>> build_category_trait(part, whole).text
    'Gender: 54% Female (56% overall)'
    """
    if not part.counts:
        return Trait(part.column, "average", 0.0, f"{part.column}: unknown")
    shares, usual = compute_shares(part), compute_shares(whole)
    top = max(shares, key=lambda level: shares[level] - usual[level])
    if shares[top] - usual[top] < _NOTABLE_EXCESS:
        top = part.counts[0][0]
    known = compute_known(part)
    share, effect = shares[top], shares[top] - usual[top]
    subject, level_shown = _place_level(part.column, top, meaning)
    shown = f"{subject}: {format_percent(share)}{level_shown}"
    shown += f" ({format_percent(usual[top])} overall){_qualify(known)}"
    is_marked = known >= MIN_KNOWN and classify_prevalence(share, effect)
    level: Level = "high" if is_marked else "average"
    return Trait(part.column, level, effect, shown, top)


def _qualify(known: float) -> str:
    """Of whom figures are, where they are not of all customers."""
    return "" if known >= 1.0 else f", of the {format_percent(known)} whose value is known"


def compute_known(part: CategoryFigures) -> float:
    """The share of the customers whose level is known."""
    known = sum(count for _, count in part.counts)
    return known / (known + part.missing) if known else 0.0


def _classify_effect(effect: float) -> Level:
    if abs(effect) <= HIGH_EFFECT:
        return "average"
    if effect > 0:
        return "very high" if effect >= VERY_HIGH_EFFECT else "high"
    return "very low" if effect <= -VERY_HIGH_EFFECT else "low"


def classify_prevalence(share: float, excess: float) -> Condition | None:
    """How clearly a level marks a segment, if it does."""
    usual = share - excess
    if share >= _MOSTLY_SHARE > usual and excess >= _MOSTLY_EXCESS:
        return "mostly"
    return "often" if share >= _OFTEN_SHARE and share >= 2 * usual else None


def compute_shares(figures: CategoryFigures) -> dict[str, float]:
    """The share of every level among the customers whose level is known."""
    known = sum(count for _, count in figures.counts)
    return {level: count / known for level, count in figures.counts}


def _place_level(column: str, level: str, meaning: Meaning | None) -> tuple[str, str]:
    """What stands before the share and after it; "92% 2" would be hard to read."""
    if meaning == "yes_no" and (answer := read_answer(level)) is not None:
        return column, " yes" if answer else " no"
    return (f"{column} {level}", "") if _CODED.match(level) else (column, f" {level}")


def _names_unit(column: str, unit: str) -> bool:
    """Whether the name of a column tells its unit, as a word or in brackets."""
    return unit in split_column_name(column) or f"({unit})" in column


def _compare_means(mean: float | None, everyone: float | None, unit: str) -> str:
    """A mean compared with everyone's, in words."""
    if mean is None or everyone is None:
        return "unknown"
    shown, overall = format_compared(mean, everyone, unit)
    if format_number(mean) == format_number(everyone):
        return f"{shown} on average, the same as overall"
    if min(mean, everyone) <= 0:
        return f"{shown} on average, against {overall} overall"
    ratio = mean / everyone
    if ratio >= _TIMES_RATIO:
        return f"{shown} on average, {format_fixed(ratio, 1)} times the overall {overall}"
    direction = "above" if ratio > 1 else "below"
    return f"{shown} on average, {format_percent(abs(ratio - 1))} {direction} the overall {overall}"
