"""Segment names: what sets each segment apart, in a few words, no two alike."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ilk.formatting.text import format_single_line
from ilk.segments.name_phrases import (
    MAX_AVERAGE_DIFFERENCE,
    MAX_LABEL_LENGTH,
    MIN_LEANING,
    Emphasis,
    Phrase,
    is_plain_word,
    join_phrases,
    phrase_trait,
)
from ilk.segments.playbook import Concept
from ilk.segments.segment import NameReason
from ilk.segments.traits import ScoredTrait, are_opposite
from ilk.segments.wording import capitalize, find_duplicate_texts, read_answer

MAX_NAME_LENGTH = 60
"""Characters that a name may have."""

_MAX_TEXT_LENGTH = 48  # leaves room for a number

_USUAL_TRAITS = 2  # traits in a name …
_MAX_TRAITS = 3  # … and at most, when it takes more to tell segments apart


@dataclass(frozen=True)
class SegmentName:
    """The name of a segment, the columns in it, and the figures behind its words."""

    text: str
    columns: frozenset[str] = frozenset()
    reasons: tuple[NameReason, ...] = ()


@dataclass(frozen=True)
class _Draft:
    """A draft of a name: the traits mentioned so far, by position, and with which emphasis.

    ``gaps`` says how far the segment is from its nearest neighbor in every column.
    """

    scored_traits: Sequence[ScoredTrait]
    concepts: Mapping[str, Concept]
    gaps: Sequence[float]
    mentions: Mapping[int, Emphasis]

    @property
    def shown(self) -> dict[int, Phrase]:
        """The phrases that fit into a name, in the order of the columns."""
        phrases: dict[int, Phrase] = {}
        for i in self.mentions:
            phrase = self.phrase_at(i)
            if phrase in phrases.values():
                continue
            if len(_join({**phrases, i: phrase})) <= _MAX_TEXT_LENGTH:
                phrases[i] = phrase
        return phrases

    @property
    def text(self) -> str:
        return capitalize(format_single_line(_join(self.shown)))

    @property
    def columns(self) -> frozenset[str]:
        return frozenset(self.scored_traits[i].trait.column for i in self.mentions)

    @property
    def reasons(self) -> tuple[NameReason, ...]:
        return tuple(
            NameReason(phrase.bare or phrase.text, self.scored_traits[i].trait.text)
            for i, phrase in self.shown.items()
        )

    def phrase_at(self, position: int) -> Phrase:
        scored = self.scored_traits[position]
        emphasis = self.mentions.get(position, "plain")
        is_absent = scored.condition in ("high", "very high")
        if self._is_contradicted(scored) or (is_absent and scored.is_short_absence):
            emphasis = "default"
        return phrase_trait(scored, self.concepts.get(scored.concept or ""), emphasis)

    def _is_contradicted(self, scored: ScoredTrait) -> bool:
        """Whether another column of the same concept points the other way."""
        return scored.concept is not None and any(
            other.concept == scored.concept and are_opposite(other.condition, scored.condition)
            for other in self.scored_traits
        )

    def mention(self, position: int, emphasis: Emphasis = "plain") -> _Draft:
        return replace(self, mentions={**self.mentions, position: emphasis})


def _join(phrases: Mapping[int, Phrase]) -> str:
    ordered = [phrases[i] for i in sorted(phrases)]
    return join_phrases(ordered) if ordered else "average customers"


def name_segments(
    segment_traits: Sequence[Sequence[ScoredTrait]], concepts: Mapping[str, Concept]
) -> tuple[SegmentName, ...]:
    """Name every segment by what sets it apart; no two names are the same.

    With one or two features, all of them are named in their order; with more, the two traits that
    set the segment apart most, from everyone and from its nearest neighbor. Where two segments
    would share a name, another trait is added, then "very high" is distinguished from "high", then
    descriptive columns, then slight tendencies, then other traits, and finally a number.

    Parameters
    ----------
    segment_traits : sequence of sequences of ScoredTrait
        The traits of each segment, the same columns in the same order, features first.
    concepts : mapping
        Concepts with phrases of their own.

    Returns
    -------
    tuple of SegmentName
        One per segment, at most ``MAX_NAME_LENGTH`` characters each.
    """
    drafts = [
        _draft_name(traits, measure_gaps(segment_traits, i), concepts)
        for i, traits in enumerate(segment_traits)
    ]
    for edit in (_add_feature, _say_very, _add_descriptive, _say_rather, _swap_last):
        drafts = _distinguish_drafts(drafts, edit)
    texts = _number_duplicates([draft.text for draft in drafts])
    return tuple(
        SegmentName(text, draft.columns, draft.reasons)
        for text, draft in zip(texts, drafts, strict=True)
    )


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


def _draft_name(
    scored_traits: Sequence[ScoredTrait], gaps: Sequence[float], concepts: Mapping[str, Concept]
) -> _Draft:
    features = [i for i, scored in enumerate(scored_traits) if scored.role == "feature"]
    blank = _Draft(scored_traits, concepts, gaps, {})
    if 0 < len(features) <= _USUAL_TRAITS:
        return replace(blank, mentions=_mention_features(scored_traits, features))
    strongest = _select_strongest(blank)
    if strongest:
        return replace(blank, mentions=dict.fromkeys(strongest, "plain"))
    return replace(blank, mentions=_mention_farthest(scored_traits, features))


def _mention_features(
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


def _mention_farthest(
    scored_traits: Sequence[ScoredTrait], features: Iterable[int]
) -> dict[int, Emphasis]:
    """Of a segment without distinctive traits: the feature whose mean looks farthest off."""
    off = [i for i in features if _is_off_average(scored_traits[i]) and _fits(scored_traits[i])]
    if not off:
        return {}
    return {max(off, key=lambda i: abs(math.log(scored_traits[i].ratio or 1.0))): "rather"}


def _select_strongest(draft: _Draft) -> list[int]:
    """The strongest traits, features before descriptive columns, and none that repeats another.

    They are in the order of the columns, so that names of the same traits have the same order,
    whichever trait is stronger.
    """
    distinctive = (
        i
        for i, scored in enumerate(draft.scored_traits)
        if scored.is_distinctive and _fits(scored) and scored.concept != "churn"
    )
    ranked = sorted(distinctive, key=lambda i: _rank(draft, i))
    keys = [_make_dedup_key(draft.scored_traits[i]) for i in ranked]
    repeats = {i for position, i in enumerate(ranked) if keys[position] in keys[:position]}
    # A slight majority or a code says less than a clear trait.
    weak = {
        i
        for i in ranked
        if i in repeats
        or _is_code(draft.scored_traits[i])
        or draft.scored_traits[i].condition == "often"
    }
    ranked.sort(key=lambda i: (draft.scored_traits[i].role != "feature", i in weak))
    clear = [i for i in ranked if i not in weak and draft.scored_traits[i].role == "feature"]
    # One clear trait is a better name than one with a code or a repetition added.
    return sorted((clear or ranked)[:_USUAL_TRAITS])


def _fits(scored_trait: ScoredTrait) -> bool:
    """Whether label and level are short enough for a name."""
    texts = scored_trait.label, scored_trait.trait.top or ""
    return max(map(len, texts)) <= MAX_LABEL_LENGTH


def _is_code(scored_trait: ScoredTrait) -> bool:
    """Whether a trait is a code, which means little to a reader."""
    top = scored_trait.trait.top
    return top is not None and not is_plain_word(top) and read_answer(top) is None


def _rank(draft: _Draft, position: int) -> tuple[bool, float]:
    """Features first, then by the distance from everyone and from the nearest neighbor.

    It is rounded, so that of two almost equal columns the first one wins.
    """
    scored = draft.scored_traits[position]
    return scored.role != "feature", -round(scored.strength + draft.gaps[position], 1)


def _make_dedup_key(scored_trait: ScoredTrait) -> tuple[str, str]:
    """Two columns of one concept, both high, say the same; so do two of one label's last word."""
    return scored_trait.concept or scored_trait.trait.column, scored_trait.condition.removeprefix(
        "very "
    )


_Edit = Callable[[_Draft, int], _Draft]


def _add_feature(draft: _Draft, position: int) -> _Draft:
    return _add_trait(draft, position) if draft.scored_traits[position].role == "feature" else draft


def _add_descriptive(draft: _Draft, position: int) -> _Draft:
    return draft if draft.scored_traits[position].role == "feature" else _add_trait(draft, position)


def _add_trait(draft: _Draft, position: int) -> _Draft:
    scored = draft.scored_traits[position]
    known = position in draft.mentions or not scored.is_distinctive or not _fits(scored)
    return draft if known or len(draft.mentions) >= _MAX_TRAITS else draft.mention(position)


def _say_very(draft: _Draft, position: int) -> _Draft:
    return draft.mention(position, "very") if position in draft.mentions else draft


def _say_rather(draft: _Draft, position: int) -> _Draft:
    scored = draft.scored_traits[position]
    leans = abs(scored.trait.effect) >= MIN_LEANING and scored.trait.top is None
    leans = leans and scored.is_known and _fits(scored)
    fits = position in draft.mentions or len(draft.mentions) < _MAX_TRAITS
    if scored.is_distinctive or not leans or not fits:
        return draft
    return draft.mention(position, "rather")


def _swap_last(draft: _Draft, position: int) -> _Draft:
    """Another trait in place of the last one."""
    scored = draft.scored_traits[position]
    if position in draft.mentions or not scored.is_distinctive or not _fits(scored):
        return draft
    kept = dict(list(draft.mentions.items())[:-1])
    return replace(draft, mentions={**kept, position: "plain"})


def _distinguish_drafts(drafts: list[_Draft], edit: _Edit) -> list[_Draft]:
    """Edit drafts that share a text, one column at a time, as long as it helps."""
    drafts = list(drafts)
    helped = True
    while helped:
        helped = False
        for group in find_duplicate_texts([draft.text for draft in drafts]):
            edited = _find_best_edit([drafts[i] for i in group], edit)
            helped = helped or edited is not None
            for i, draft in zip(group, edited or (), strict=False):
                drafts[i] = draft
    return drafts


def _find_best_edit(drafts: Sequence[_Draft], edit: _Edit) -> list[_Draft] | None:
    """The edit that makes most of the drafts different, by the column with the largest range."""
    options = [
        (len({draft.text.casefold() for draft in option}), _measure_range(drafts, i), option)
        for i in range(len(drafts[0].scored_traits))
        for option in [[edit(draft, i) for draft in drafts]]
    ]
    if not options:
        return None
    kinds, _, best = max(options, key=lambda option: option[:2])
    return best if kinds > 1 else None


def _measure_range(drafts: Sequence[_Draft], position: int) -> float:
    """How far apart the segments are in one column."""
    effects = [draft.scored_traits[position].trait.effect for draft in drafts]
    return max(effects) - min(effects)


def _number_duplicates(texts: list[str]) -> tuple[str, ...]:
    """The last resort: "…, group 2"."""
    texts = list(texts)
    taken = {text.casefold() for text in texts}
    for group in find_duplicate_texts(texts):
        number = 0
        for i in group:
            text = texts[i]
            while texts[i].casefold() in taken:
                number += 1
                texts[i] = f"{text}, group {number}"
            taken.add(texts[i].casefold())
    return tuple(texts)
