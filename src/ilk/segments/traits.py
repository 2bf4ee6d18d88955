"""Traits: what sets a segment apart, column by column, in a sentence with both figures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ilk.formatting.numbers import format_fixed, format_number, format_percent
from ilk.schema import Column, Role
from ilk.segments.playbook import ColumnMeaning, Condition, Playbook
from ilk.segments.profile import Profile
from ilk.segments.segment import CategoryFigures, Level, NumberFigures, Trait
from ilk.segments.wording import make_column_labels

HIGH_EFFECT = 0.5
"""Effect from which a segment is high or low in a column, in standard deviations of everyone."""

VERY_HIGH_EFFECT = 1.5
"""Effect from which it is very high or very low."""

_MOSTLY_SHARE = 0.6  # share from which a segment is "mostly" of a level, if not everyone is …
_MOSTLY_EXCESS = 0.15  # … and if it exceeds everyone's share by this much
_OFTEN_SHARE = 0.4  # share from which a level at least twice as common as overall is "often" met
_TIMES_RATIO = 2.0  # from here on "2.4 times" reads better than "140% above"
_NOTABLE_EXCESS = 0.1  # a smaller excess is not worth mentioning

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
    """

    trait: Trait
    label: str
    role: Role
    strength: float
    concept: str | None
    condition: Condition

    @property
    def is_distinctive(self) -> bool:
        """Whether the segment differs from everyone in this column."""
        return self.condition != "average"


def score_traits(
    profile: Profile, columns: Iterable[Column], playbook: Playbook
) -> list[list[ScoredTrait]]:
    """The traits of every segment, in the order of the columns.

    Parameters
    ----------
    profile : Profile
        Exact figures of the segments.
    columns : iterable of Column
        The described columns, features first.
    playbook : Playbook
        Tells which concept a column stands for.
    """
    columns = list(columns)
    labels = make_column_labels(column.name for column in columns)
    meanings = playbook.find_meanings(labels)
    measured_segments = (_measure_traits(profile, segment) for segment in range(profile.k))
    return [
        [
            _build_scored_trait(
                column, labels[column.name], measured[column.name], meanings.get(column.name)
            )
            for column in columns
            if column.name in measured
        ]
        for measured in measured_segments
    ]


def build_number_trait(part: NumberFigures, whole: NumberFigures, effect: float) -> Trait:
    """What a segment is like in a numeric column; ``whole`` holds the figures of everyone.

    Examples
    --------
    >>> part = NumberFigures("Income", mean=86.54, std=16.3, missing=0)
    >>> whole = NumberFigures("Income", mean=60.56, std=26.2, missing=0)
    >>> build_number_trait(part, whole, 0.99).text
    'Income: 86.5 on average, 43% above the overall 60.6'
    """
    text = f"{part.column}: {_compare_means(part.mean, whole.mean)}"
    # With a long tail, the mean of the logarithms and the mean may differ in opposite directions.
    # Such a segment is neither high nor low in a way that its printed figures would support.
    agree = ((part.mean or 0.0) - (whole.mean or 0.0)) * effect > 0
    return Trait(part.column, _classify_effect(effect) if agree else "average", effect, text)


def build_category_trait(part: CategoryFigures, whole: CategoryFigures) -> Trait:
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
        return Trait(part.column, "average", 0.0, f"{part.column}: no values")
    shares, usual = _compute_shares(part), _compute_shares(whole)
    top = max(shares, key=lambda level: shares[level] - usual[level])
    if shares[top] - usual[top] < _NOTABLE_EXCESS:
        top = part.counts[0][0]
    share, effect = shares[top], shares[top] - usual[top]
    shown = f"{format_percent(share)} {_quote_level(top)} ({format_percent(usual[top])} overall)"
    level: Level = "high" if _classify_prevalence(share, effect) else "average"
    return Trait(part.column, level, effect, f"{part.column}: {shown}", top)


_MeasuredTrait = tuple[Trait, float, Condition]  # a trait, its strength, its condition


def _measure_traits(profile: Profile, segment: int) -> dict[str, _MeasuredTrait]:
    """What one segment is like in every column."""
    part, whole, effects = (
        profile.compute_figures(segment),
        profile.overall,
        profile.compute_effects(segment),
    )
    numbers = (
        _measure_number_trait(mine, everyone, effects[mine.column])
        for mine, everyone in zip(part.numbers, whole.numbers, strict=True)
    )
    categories = (
        _measure_category_trait(mine, everyone)
        for mine, everyone in zip(part.categories, whole.categories, strict=True)
    )
    return {measured[0].column: measured for measured in (*numbers, *categories)}


def _measure_number_trait(
    part: NumberFigures, whole: NumberFigures, effect: float
) -> _MeasuredTrait:
    trait = build_number_trait(part, whole, effect)
    return trait, abs(effect), trait.level


def _measure_category_trait(part: CategoryFigures, whole: CategoryFigures) -> _MeasuredTrait:
    trait = build_category_trait(part, whole)
    if trait.top is None:
        return trait, 0.0, "average"
    usual = _compute_shares(whole)[trait.top]
    spread = math.sqrt(usual * (1 - usual))
    strength = abs(trait.effect) / spread if spread else 0.0
    return trait, strength, _classify_prevalence(usual + trait.effect, trait.effect) or "average"


def _build_scored_trait(
    column: Column, label: str, measured: _MeasuredTrait, meaning: ColumnMeaning | None
) -> ScoredTrait:
    trait, strength, condition = measured
    if meaning and meaning.reversed:
        condition = _OPPOSITE.get(condition, condition)
    concept = meaning.concept if meaning else None
    return ScoredTrait(trait, label, column.role, strength, concept, condition)


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


def _quote_level(level: str) -> str:
    """A level after its share; "92% 2" would be hard to read."""
    return f"have “{level}”" if level[:1].isdigit() else level


def _compare_means(mean: float | None, everyone: float | None) -> str:
    """A mean compared with everyone's, in words."""
    if mean is None or everyone is None:
        return "no values"
    shown, overall = format_number(mean), format_number(everyone)
    if shown == overall:
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
