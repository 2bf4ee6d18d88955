"""Segment names: what sets each segment apart, in a few words, no two alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ilk.segments.name_phrases import MIN_LEANING, Emphasis, is_plain_word, phrase_trait
from ilk.segments.playbook import Concept
from ilk.segments.traits import ScoredTrait
from ilk.segments.wording import capitalize, clip_text, find_duplicate_texts

MAX_NAME_LENGTH = 60
"""Characters that a name may have."""

_USUAL_TRAITS = 2  # traits in a name …
_MAX_TRAITS = 3  # … and at most, when it takes more to tell segments apart


@dataclass(frozen=True)
class SegmentName:
    """The name of a segment, and the columns in it."""

    text: str
    columns: frozenset[str]


@dataclass(frozen=True)
class _Draft:
    """A draft of a name: the traits mentioned so far, by position, and with which emphasis."""

    scored_traits: Sequence[ScoredTrait]
    concepts: Mapping[str, Concept]
    mentions: Mapping[int, Emphasis]
    complete: bool  # whether every feature is mentioned

    @property
    def text(self) -> str:
        phrases = list(dict.fromkeys(map(self.phrase_at, self.mentions, self.mentions.values())))
        if not phrases:
            return "Typical customers"
        if len(phrases) == 1 and not self.complete:
            phrases.append("otherwise average")
        return capitalize(_join_phrases(phrases))

    @property
    def columns(self) -> frozenset[str]:
        return frozenset(self.scored_traits[i].trait.column for i in self.mentions)

    def phrase_at(self, position: int, emphasis: Emphasis = "plain") -> str:
        scored = self.scored_traits[position]
        return phrase_trait(scored, self.concepts.get(scored.concept or ""), emphasis)

    def mention(self, position: int, emphasis: Emphasis = "plain") -> _Draft:
        return replace(self, mentions={**self.mentions, position: emphasis})


def name_segments(
    segment_traits: Sequence[Sequence[ScoredTrait]], concepts: Mapping[str, Concept]
) -> tuple[SegmentName, ...]:
    """Name every segment by what sets it apart; no two names are the same.

    With one or two features, all of them are named in their order; with more, the two strongest
    traits are. Where two segments would share a name, another trait is added, then "very high" is
    distinguished from "high", then descriptive columns, then slight tendencies, and finally a
    number.

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
    drafts = [_draft_name(traits, concepts) for traits in segment_traits]
    for edit in (_add_feature, _say_very, _add_descriptive, _say_rather):
        drafts = _distinguish_drafts(drafts, edit)
    texts = _number_duplicates([draft.text for draft in drafts])
    return tuple(
        SegmentName(text, draft.columns) for text, draft in zip(texts, drafts, strict=True)
    )


def _draft_name(scored_traits: Sequence[ScoredTrait], concepts: Mapping[str, Concept]) -> _Draft:
    features = [i for i, scored in enumerate(scored_traits) if scored.role == "feature"]
    blank = _Draft(scored_traits, concepts, {}, complete=0 < len(features) <= _USUAL_TRAITS)
    chosen = (
        _select_features(scored_traits, features) if blank.complete else _select_strongest(blank)
    )
    return replace(blank, mentions=dict.fromkeys(chosen, "plain"))


def _select_features(scored_traits: Sequence[ScoredTrait], features: Iterable[int]) -> list[int]:
    """Every feature in its order, except categories without a distinctive level."""
    return [
        i for i in features if scored_traits[i].is_distinctive or scored_traits[i].trait.top is None
    ]


def _select_strongest(draft: _Draft) -> list[int]:
    """The strongest traits, features before descriptive columns, and none that repeats another.

    They are in the order of the columns, so that "high income, low spending" and "low income,
    high spending" have the same order, whichever trait is stronger.
    """
    distinctive = (i for i, scored in enumerate(draft.scored_traits) if scored.is_distinctive)
    ranked = sorted(distinctive, key=lambda i: _rank(draft.scored_traits[i]))
    keys = [_make_dedup_key(draft.scored_traits[i]) for i in ranked]
    repeats = {i for position, i in enumerate(ranked) if keys[position] in keys[:position]}
    uninformative = {i for i in ranked if i in repeats or _is_code(draft.scored_traits[i])}
    ranked.sort(key=lambda i: (draft.scored_traits[i].role != "feature", i in uninformative))
    return sorted(ranked[:_USUAL_TRAITS])


def _is_code(scored_trait: ScoredTrait) -> bool:
    """Whether a trait is a code, which means little to a reader."""
    return scored_trait.trait.top is not None and not is_plain_word(scored_trait.trait.top)


def _rank(scored_trait: ScoredTrait) -> tuple[bool, float]:
    """Features first, then by strength.

    Strength is rounded, so that of two almost equal columns the first one wins.
    """
    return scored_trait.role != "feature", -round(scored_trait.strength, 2)


def _make_dedup_key(scored_trait: ScoredTrait) -> tuple[str, str]:
    """Two columns of one concept, both high, say the same."""
    return scored_trait.concept or scored_trait.trait.column, scored_trait.condition.removeprefix(
        "very "
    )


_Edit = Callable[[_Draft, int], _Draft]


def _add_feature(draft: _Draft, position: int) -> _Draft:
    return _add_trait(draft, position) if draft.scored_traits[position].role == "feature" else draft


def _add_descriptive(draft: _Draft, position: int) -> _Draft:
    return draft if draft.scored_traits[position].role == "feature" else _add_trait(draft, position)


def _add_trait(draft: _Draft, position: int) -> _Draft:
    known = position in draft.mentions or not draft.scored_traits[position].is_distinctive
    return draft if known or len(draft.mentions) >= _MAX_TRAITS else draft.mention(position)


def _say_very(draft: _Draft, position: int) -> _Draft:
    return draft.mention(position, "very") if position in draft.mentions else draft


def _say_rather(draft: _Draft, position: int) -> _Draft:
    scored = draft.scored_traits[position]
    leans = abs(scored.trait.effect) >= MIN_LEANING and scored.trait.top is None
    fits = position in draft.mentions or len(draft.mentions) < _MAX_TRAITS
    if scored.is_distinctive or not leans or not fits:
        return draft
    return draft.mention(position, "rather")


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
                texts[i] = _add_suffix(text, f", group {number}")
            taken.add(texts[i].casefold())
    return tuple(texts)


def _add_suffix(text: str, suffix: str) -> str:
    return clip_text(text, MAX_NAME_LENGTH - len(suffix)) + suffix


def _join_phrases(phrases: Sequence[str]) -> str:
    """As many phrases as fit into a name."""
    text = clip_text(phrases[0], MAX_NAME_LENGTH)
    for phrase in phrases[1:]:
        longer = f"{text}, {phrase}"
        text = longer if len(longer) <= MAX_NAME_LENGTH else text
    return text
