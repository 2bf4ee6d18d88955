"""Traits: what sets a segment apart, column by column, in a sentence with both figures."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from ilk.schema import Column, Meaning, Role
from ilk.segments.column_labels import split_column_name
from ilk.segments.conditions import Condition
from ilk.segments.playbook import ColumnMeaning, Playbook
from ilk.segments.profile import Profile
from ilk.segments.segment import CategoryFigures, NumberFigures, Trait
from ilk.segments.trait_texts import (
    MIN_KNOWN,
    build_category_trait,
    build_number_trait,
    classify_prevalence,
    compute_known,
    compute_shares,
)

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
    ``is_outdone`` where most other customers are in segments that lie still farther the same way:
    a few extreme customers move everyone's mean, and then a segment below it may have more than
    most others.
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
    is_outdone: bool = False

    @property
    def is_known(self) -> bool:
        """Whether the column says anything about the segment as a whole."""
        return self.known >= MIN_KNOWN

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
    meanings = find_column_meanings(columns, playbook)
    traits = [
        [
            _add_concept(scored, meanings.get(name))
            for name, scored in _measure_traits(profile, segment, columns, labels).items()
        ]
        for segment in range(profile.k)
    ]
    sizes = [profile.compute_figures(segment).customers for segment in range(profile.k)]
    return [
        [replace(scored, is_outdone=_is_outdone(i, same, sizes)) for scored, same in pairs]
        for i, pairs in enumerate(_pair_with_others(traits))
    ]


def _pair_with_others(
    traits: Sequence[Sequence[ScoredTrait]],
) -> list[list[tuple[ScoredTrait, list[ScoredTrait]]]]:
    """Every trait beside those of all segments in the same column."""
    by_column: dict[str, list[ScoredTrait]] = defaultdict(list)
    for scored in chain.from_iterable(traits):
        by_column[scored.trait.column].append(scored)
    return [[(scored, by_column[scored.trait.column]) for scored in own] for own in traits]


def _is_outdone(segment: int, same: Sequence[ScoredTrait], sizes: Sequence[int]) -> bool:
    """Whether most customers of other segments are in those farther from everyone's mean."""
    own, sign = same[segment].mean, math.copysign(1, same[segment].trait.effect)
    if own is None:
        return False
    farther = sum(
        size
        for scored, size in zip(same, sizes, strict=True)
        if scored.mean is not None and (scored.mean - own) * sign > 0
    )
    return 2 * farther > sum(sizes) - sizes[segment]


def find_column_meanings(columns: Iterable[Column], playbook: Playbook) -> dict[str, ColumnMeaning]:
    """The concepts of columns by their names; purchases that are money are no number of purchases.

    Examples
    --------
    >>> from ilk.segments.playbook_file import load_playbook
    >>> paid = Column("PURCHASES", "number", "feature", "", meaning="money")
    >>> find_column_meanings([paid], load_playbook())["PURCHASES"].concept
    'spending'
    """
    columns = list(columns)
    meanings = playbook.find_meanings(column.name for column in columns)
    for column in columns:
        meaning = meanings.get(column.name)
        if meaning and meaning.concept == "frequency" and column.meaning == "money":
            meanings[column.name] = meaning._replace(concept="spending")
    return meanings


def are_opposite(first: Condition, second: Condition) -> bool:
    """Whether one is high and the other low.

    Examples
    --------
    >>> are_opposite("very high", "low"), are_opposite("high", "average")
    (True, False)
    """
    ends = {first.removeprefix("very "), second.removeprefix("very ")}
    return ends == {"high", "low"}


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
        abs(effect) if known >= MIN_KNOWN else 0.0,
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
    trait, known = build_category_trait(part, whole, column.meaning), compute_known(part)
    scored = ScoredTrait(
        trait, label, column.role, 0.0, None, "average", column.meaning, known=known
    )
    if trait.top is None:
        return scored
    usual = compute_shares(whole)[trait.top]
    spread = math.sqrt(usual * (1 - usual))
    share = usual + trait.effect
    if known < MIN_KNOWN:
        return replace(scored, share=share)
    strength = abs(trait.effect) / spread if spread else 0.0
    condition = classify_prevalence(share, trait.effect) or "average"
    return replace(scored, strength=strength, condition=condition, share=share)


def _add_concept(scored: ScoredTrait, meaning: ColumnMeaning | None) -> ScoredTrait:
    if meaning is None:
        return scored
    condition = scored.condition
    if meaning.reversed:
        condition = _OPPOSITE.get(condition, condition)
    return replace(scored, concept=meaning.concept, condition=condition)


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
