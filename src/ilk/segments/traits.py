"""Traits: what sets a segment apart, column by column, in a sentence with both figures."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ilk.formatting.numbers import format_fixed, format_number, format_percent
from ilk.schema import Column, Meaning, Role
from ilk.segments.conditions import Condition
from ilk.segments.playbook import ColumnMeaning, Playbook
from ilk.segments.profile import Profile
from ilk.segments.segment import CategoryFigures, Level, NumberFigures, Trait
from ilk.segments.wording import read_answer, split_column_name
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
_MIN_KNOWN = 0.5  # share of known cells below which nothing is claimed about a segment

_CODED = re.compile(r"\W?\d|\w$")  # a level that begins with a number or is one letter

_ABSENCES = frozenset({"recency", "inactivity"})
_DAYS = {"day": 1, "days": 1, "week": 7, "weeks": 7, "month": 30, "months": 30, "years": 365}
_MIN_ABSENCE_DAYS = 30  # days without a purchase below which nobody has to be won back

_OPPOSITE: dict[Condition, Condition] = {
    "very low": "very high",
    "low": "high",
    "high": "low",
    "very high": "very low",
}


@dataclass(frozen=True)
class ScoredTrait:
    """A trait, and what naming and actions need to know about it.

    ``strength`` is comparable between numbers and categories: the distance from everyone in
    standard deviations; for a category, those of the 0/1 indicator of its most distinctive level.
    ``condition`` is what playbook rules see, reversed for columns where low values are good.
    ``mean`` is the segment's, ``ratio`` that over everyone's; ``share`` the share
    of a category's level among the customers whose level is known, and ``known`` their share.
    """

    trait: Trait
    label: str
    role: Role
    strength: float
    concept: str | None
    condition: Condition
    meaning: Meaning | None = None
    mean: float | None = None
    ratio: float | None = None
    share: float | None = None
    known: float = 1.0

    @property
    def is_known(self) -> bool:
        """Whether the column says anything about the segment as a whole."""
        return self.known >= _MIN_KNOWN

    @property
    def is_short_absence(self) -> bool:
        """Whether it is a time since the last purchase that is too short to call anyone absent."""
        if self.concept not in _ABSENCES or self.mean is None:
            return False
        words = split_column_name(self.trait.column)
        days = next((_DAYS[word] for word in words if word in _DAYS), None)
        return days is not None and self.mean * days < _MIN_ABSENCE_DAYS

    @property
    def is_distinctive(self) -> bool:
        """Whether the segment differs from everyone in this column."""
        return self.condition != "average"


def score_traits(
    profile: Profile, columns: Iterable[Column], labels: Mapping[str, str], playbook: Playbook
) -> list[list[ScoredTrait]]:
    """The traits of every segment, in the order of the columns.

    Parameters
    ----------
    profile : Profile
        Exact figures of the segments.
    columns : iterable of Column
        The described columns, features first.
    labels : mapping of str to str
        Their short names.
    playbook : Playbook
        Tells which concept a column stands for.
    """
    columns = list(columns)
    meanings = playbook.find_meanings(labels)
    return [
        [
            _add_concept(scored, meanings.get(name))
            for name, scored in _measure_traits(profile, segment, columns, labels).items()
        ]
        for segment in range(profile.k)
    ]


def are_opposite(first: Condition, second: Condition) -> bool:
    """Whether one is high and the other low.

    Examples
    --------
    >>> are_opposite("very high", "low"), are_opposite("high", "average")
    (True, False)
    """
    ends = {first.removeprefix("very "), second.removeprefix("very ")}
    return ends == {"high", "low"}


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
    says_something = agree and known >= _MIN_KNOWN
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
    shares, usual = _compute_shares(part), _compute_shares(whole)
    top = max(shares, key=lambda level: shares[level] - usual[level])
    if shares[top] - usual[top] < _NOTABLE_EXCESS:
        top = part.counts[0][0]
    known = _compute_known(part)
    share, effect = shares[top], shares[top] - usual[top]
    subject, level_shown = _place_level(part.column, top, meaning)
    shown = f"{subject}: {format_percent(share)}{level_shown}"
    shown += f" ({format_percent(usual[top])} overall){_qualify(known)}"
    is_marked = known >= _MIN_KNOWN and _classify_prevalence(share, effect)
    level: Level = "high" if is_marked else "average"
    return Trait(part.column, level, effect, shown, top)


def _qualify(known: float) -> str:
    """Of whom figures are, where they are not of all customers."""
    return "" if known >= 1.0 else f", of the {format_percent(known)} whose value is known"


def _compute_known(part: CategoryFigures) -> float:
    known = sum(count for _, count in part.counts)
    return known / (known + part.missing) if known else 0.0


def _measure_traits(
    profile: Profile, segment: int, columns: Iterable[Column], labels: Mapping[str, str]
) -> dict[str, ScoredTrait]:
    """What one segment is like in every column, without the concepts."""
    part, whole, effects = (
        profile.compute_figures(segment),
        profile.overall,
        profile.compute_effects(segment),
    )
    numbers = {figures.column: figures for figures in part.numbers}
    categories = {figures.column: figures for figures in part.categories}
    whole_numbers = {figures.column: figures for figures in whole.numbers}
    whole_categories = {figures.column: figures for figures in whole.categories}
    measured = {}
    for column in columns:
        name = column.name
        if name in numbers:
            known = 1 - numbers[name].missing / part.customers if part.customers else 0.0
            measured[name] = _score_number(
                column, labels[name], (numbers[name], whole_numbers[name]), effects[name], known
            )
        elif name in categories:
            measured[name] = _score_category(
                column, labels[name], categories[name], whole_categories[name]
            )
    return measured


def _score_number(
    column: Column,
    label: str,
    figures: tuple[NumberFigures, NumberFigures],
    effect: float,
    known: float,
) -> ScoredTrait:
    part, whole = figures
    trait = build_number_trait(part, whole, effect, known, column.unit)
    means = part.mean or 0.0, whole.mean or 0.0
    ratio = means[0] / means[1] if min(means) > 0 else None
    return ScoredTrait(
        trait,
        label,
        column.role,
        abs(effect) if known >= _MIN_KNOWN else 0.0,
        None,
        trait.level,
        column.meaning,
        mean=part.mean,
        ratio=ratio,
        known=known,
    )


def _score_category(
    column: Column, label: str, part: CategoryFigures, whole: CategoryFigures
) -> ScoredTrait:
    trait, known = build_category_trait(part, whole, column.meaning), _compute_known(part)
    scored = ScoredTrait(
        trait, label, column.role, 0.0, None, "average", column.meaning, known=known
    )
    if trait.top is None:
        return scored
    usual = _compute_shares(whole)[trait.top]
    spread = math.sqrt(usual * (1 - usual))
    share = usual + trait.effect
    if known < _MIN_KNOWN:
        return replace(scored, share=share)
    strength = abs(trait.effect) / spread if spread else 0.0
    condition = _classify_prevalence(share, trait.effect) or "average"
    return replace(scored, strength=strength, condition=condition, share=share)


def _add_concept(scored: ScoredTrait, meaning: ColumnMeaning | None) -> ScoredTrait:
    if meaning is None:
        return scored
    condition = scored.condition
    if meaning.reversed:
        condition = _OPPOSITE.get(condition, condition)
    return replace(scored, concept=meaning.concept, condition=condition)


def _classify_effect(effect: float) -> Level:
    if abs(effect) <= HIGH_EFFECT:
        return "average"
    if effect > 0:
        return "very high" if effect >= VERY_HIGH_EFFECT else "high"
    return "very low" if effect <= -VERY_HIGH_EFFECT else "low"


def _classify_prevalence(share: float, excess: float) -> Condition | None:
    """How clearly a level marks a segment, if it does."""
    usual = share - excess
    if share >= _MOSTLY_SHARE > usual and excess >= _MOSTLY_EXCESS:
        return "mostly"
    return "often" if share >= _OFTEN_SHARE and share >= 2 * usual else None


def _compute_shares(figures: CategoryFigures) -> dict[str, float]:
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


MAX_SHOWN_TRAITS = 4
"""The most traits that are shown for a segment."""


def select_distinctive(traits: Sequence[Trait]) -> Sequence[Trait]:
    """What sets a segment apart; at least its first two traits, even if it is average.

    Parameters
    ----------
    traits : sequence of Trait
        Of one segment, in their order.

    Examples
    --------
    >>> import ilk
    >>> average = ilk.fit(ilk.demo.load("mall"), describe=["Age"]).segments[0]
    >>> [trait.column for trait in select_distinctive(average.traits)]
    ['Annual Income (k$)', 'Spending Score (1-100)']
    """
    distinctive = [t for i, t in enumerate(traits) if i < 2 or t.level != "average"]
    return distinctive[:MAX_SHOWN_TRAITS]
