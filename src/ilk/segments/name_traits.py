"""Which traits a name mentions: those that set a segment apart from everyone and its neighbor."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from ilk.segments.name_phrases import (
    MAX_AVERAGE_DIFFERENCE,
    MAX_LABEL_LENGTH,
    Emphasis,
    is_plain_word,
    read_flag,
)
from ilk.segments.traits import ScoredTrait

_PRODUCTS = frozenset(
    {"assortment", "line_spending"}
)  # concepts of which each column is one product

USUAL_TRAITS = 2
"""Traits in a name, unless it takes more to tell segments apart."""


def measure_gaps(
    segment_traits: Sequence[Sequence[ScoredTrait]], position: int
) -> tuple[float, ...]:
    """How far a segment is from its nearest neighbor in every column; 0 without another segment."""
    own = segment_traits[position]
    others = [
        [_measure_gap(mine, theirs) for mine, theirs in zip(own, traits, strict=True)]
        for i, traits in enumerate(segment_traits)
        if i != position
    ]
    features = [i for i, scored in enumerate(own) if scored.role == "feature"] or range(len(own))
    nearest = min(others, key=lambda gaps: sum(gaps[i] ** 2 for i in features), default=None)
    return tuple(nearest) if nearest is not None else (0.0,) * len(own)


def _measure_gap(mine: ScoredTrait, theirs: ScoredTrait) -> float:
    if mine.trait.top is None or theirs.trait.top is None:
        return abs(mine.trait.effect - theirs.trait.effect)
    if mine.trait.top == theirs.trait.top:
        return abs(mine.strength - theirs.strength)
    return mine.strength


def mention_features(
    scored_traits: Sequence[ScoredTrait], features: Iterable[int]
) -> dict[int, Emphasis]:
    """Every feature, except categories without a distinctive level and what cannot be said.

    What no printed figure supports is not called average.
    """
    mentions: dict[int, Emphasis] = {}
    for i in features:
        scored = scored_traits[i]
        if len(scored.label) > MAX_LABEL_LENGTH or (
            scored.trait.top is not None and not scored.is_distinctive
        ):
            continue
        mentions[i] = "rather" if _is_off_average(scored) else "plain"
    return mentions


def _is_off_average(scored: ScoredTrait) -> bool:
    """Whether a trait within half a standard deviation has a mean that looks far off."""
    if scored.is_distinctive or scored.trait.top is not None or not scored.is_known:
        return False
    return scored.ratio is not None and abs(scored.ratio - 1) > MAX_AVERAGE_DIFFERENCE


def mention_farthest(
    scored_traits: Sequence[ScoredTrait], features: Iterable[int]
) -> dict[int, Emphasis]:
    """Of a segment without distinctive traits: the feature whose mean looks farthest off."""
    off = [i for i in features if _is_off_average(scored_traits[i]) and fits(scored_traits[i])]
    if not off:
        return {}
    return {max(off, key=lambda i: abs(math.log(scored_traits[i].ratio or 1.0))): "rather"}


def select_strongest(scored_traits: Sequence[ScoredTrait], gaps: Sequence[float]) -> list[int]:
    """The strongest traits, features before descriptive columns, and none that repeats another.

    They are in the order of the columns, so that names of the same traits have the same order,
    whichever trait is stronger.
    """
    distinctive = (
        i
        for i, scored in enumerate(scored_traits)
        if scored.is_distinctive and fits(scored) and scored.concept != "churn"
    )
    ranked = sorted(distinctive, key=lambda i: _rank(scored_traits[i], gaps[i]))
    keys = [_make_dedup_key(scored_traits[i]) for i in ranked]
    repeats = {i for position, i in enumerate(ranked) if keys[position] in keys[:position]}
    # A slight majority or a code says less than a clear trait.
    weak = {
        i
        for i in ranked
        if i in repeats or _is_code(scored_traits[i]) or scored_traits[i].condition == "often"
    }
    ranked.sort(key=lambda i: (scored_traits[i].role != "feature", i in weak))
    clear = [i for i in ranked if i not in weak and scored_traits[i].role == "feature"]
    # One clear trait is a better name than one with a code or a repetition added.
    return sorted((clear or ranked)[:USUAL_TRAITS])


def fits(scored_trait: ScoredTrait) -> bool:
    """Whether label and level are short enough for a name."""
    texts = scored_trait.label, scored_trait.trait.top or ""
    return max(map(len, texts)) <= MAX_LABEL_LENGTH


def _is_code(scored_trait: ScoredTrait) -> bool:
    """Whether a trait is a code, which means little to a reader."""
    top = scored_trait.trait.top
    return top is not None and not is_plain_word(top) and read_flag(scored_trait, top) is None


def _rank(scored_trait: ScoredTrait, gap: float) -> tuple[bool, float]:
    """Features first, then by the distance from everyone and from the nearest neighbor.

    It is rounded, so that of two almost equal columns the first one wins.
    """
    return scored_trait.role != "feature", -round(scored_trait.strength + gap, 1)


def _make_dedup_key(scored_trait: ScoredTrait) -> tuple[str, str]:
    """Two columns of one concept, both high, say the same, unless each is a product of its own."""
    condition = scored_trait.condition.removeprefix("very ")
    concept = None if scored_trait.concept in _PRODUCTS else scored_trait.concept
    return concept or scored_trait.trait.column, condition
