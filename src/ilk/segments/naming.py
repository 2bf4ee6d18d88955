"""Segment names: what sets each segment apart, in a few words, no two alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ilk.formatting.text import format_single_line
from ilk.segments.name_phrases import MIN_LEANING, Emphasis, phrase_trait
from ilk.segments.name_traits import (
    USUAL_TRAITS,
    fits,
    measure_gaps,
    mention_farthest,
    mention_features,
    select_strongest,
)
from ilk.segments.phrases import Phrase, join_phrases
from ilk.segments.playbook import Concept
from ilk.segments.segment import NameReason
from ilk.segments.traits import ScoredTrait, are_opposite
from ilk.segments.wording import capitalize, find_duplicate_texts

MAX_NAME_LENGTH = 60
"""Characters that a name may have."""

_MAX_TEXT_LENGTH = 48  # leaves room for a number

_MAX_TRAITS = 3  # traits in a name, when it takes more than usual to tell segments apart


@dataclass(frozen=True)
class SegmentName:
    """The name of a segment, the columns in it, and the figures behind its words."""

    text: str
    columns: frozenset[str] = frozenset()
    reasons: tuple[NameReason, ...] = ()


@dataclass(frozen=True)
class _Draft:
    """A draft of a name: the traits mentioned so far, by position, and with which emphasis."""

    scored_traits: Sequence[ScoredTrait]
    concepts: Mapping[str, Concept]
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
    for edit in (_add_feature, _say_very, _add_descriptive, _say_rather, _swap_last, _swap_first):
        drafts = _distinguish_drafts(drafts, edit)
    texts = _number_duplicates([draft.text for draft in drafts])
    return tuple(
        SegmentName(text, draft.columns, draft.reasons)
        for text, draft in zip(texts, drafts, strict=True)
    )


def _draft_name(
    scored_traits: Sequence[ScoredTrait], gaps: Sequence[float], concepts: Mapping[str, Concept]
) -> _Draft:
    features = [i for i, scored in enumerate(scored_traits) if scored.role == "feature"]
    blank = _Draft(scored_traits, concepts, {})
    if 0 < len(features) <= USUAL_TRAITS:
        return replace(blank, mentions=mention_features(scored_traits, features))
    strongest = select_strongest(scored_traits, gaps)
    if strongest:
        return replace(blank, mentions=dict.fromkeys(strongest, "plain"))
    return replace(blank, mentions=mention_farthest(scored_traits, features))


_Edit = Callable[[_Draft, int], _Draft]


def _add_feature(draft: _Draft, position: int) -> _Draft:
    return _add_trait(draft, position) if draft.scored_traits[position].role == "feature" else draft


def _add_descriptive(draft: _Draft, position: int) -> _Draft:
    return draft if draft.scored_traits[position].role == "feature" else _add_trait(draft, position)


def _add_trait(draft: _Draft, position: int) -> _Draft:
    scored = draft.scored_traits[position]
    known = position in draft.mentions or not scored.is_distinctive or not fits(scored)
    return draft if known or len(draft.mentions) >= _MAX_TRAITS else draft.mention(position)


def _say_very(draft: _Draft, position: int) -> _Draft:
    return draft.mention(position, "very") if position in draft.mentions else draft


def _say_rather(draft: _Draft, position: int) -> _Draft:
    scored = draft.scored_traits[position]
    leans = abs(scored.trait.effect) >= MIN_LEANING and scored.trait.top is None
    leans = leans and scored.is_known and fits(scored)
    has_room = position in draft.mentions or len(draft.mentions) < _MAX_TRAITS
    if scored.is_distinctive or not leans or not has_room:
        return draft
    return draft.mention(position, "rather")


def _swap_last(draft: _Draft, position: int) -> _Draft:
    """Another trait in place of the last one."""
    return _swap_trait(draft, position, list(draft.mentions)[:-1])


def _swap_first(draft: _Draft, position: int) -> _Draft:
    """Another trait in place of the first one."""
    return _swap_trait(draft, position, list(draft.mentions)[1:])


def _swap_trait(draft: _Draft, position: int, kept: Sequence[int]) -> _Draft:
    scored = draft.scored_traits[position]
    if position in draft.mentions or not scored.is_distinctive or not fits(scored):
        return draft
    mentions = {i: draft.mentions[i] for i in kept}
    return replace(draft, mentions={**mentions, position: "plain"})


def _distinguish_drafts(drafts: list[_Draft], edit: _Edit) -> list[_Draft]:
    """Edit drafts that share a text, one column at a time, as long as it helps.

    It ends because every edit that is kept makes more texts different than before.
    """
    helped = True
    while helped:
        helped = False
        for group in find_duplicate_texts([draft.text for draft in drafts]):
            edited = _find_best_edit(drafts, group, edit)
            if edited is not None:
                drafts, helped = edited, True
                break
    return drafts


def _find_best_edit(
    drafts: Sequence[_Draft], group: Sequence[int], edit: _Edit
) -> list[_Draft] | None:
    """All drafts, with the edit of a group that makes most of them different.

    Of several it is that of the column with the largest range; ``None`` if none of them helps.
    """
    in_group = [drafts[i] for i in group]
    options = [
        (_count_texts(option), _measure_range(in_group, column), option)
        for column in range(len(in_group[0].scored_traits))
        for option in [_edit_group(drafts, group, edit, column)]
    ]
    if not options:
        return None
    n_texts, _, best = max(options, key=lambda option: option[:2])
    return best if n_texts > _count_texts(drafts) else None


def _edit_group(
    drafts: Sequence[_Draft], group: Sequence[int], edit: _Edit, column: int
) -> list[_Draft]:
    return [edit(draft, column) if i in group else draft for i, draft in enumerate(drafts)]


def _count_texts(drafts: Iterable[_Draft]) -> int:
    return len({draft.text.casefold() for draft in drafts})


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
