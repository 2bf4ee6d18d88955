"""Names: what sets each segment apart, in a few words, no two segments alike."""

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
    """The name of a segment, and the columns that it speaks of."""

    text: str
    columns: frozenset[str]


@dataclass(frozen=True)
class _Draft:
    """A name in the making: the findings mentioned so far, by position, and how."""

    scored_traits: Sequence[ScoredTrait]
    concepts: Mapping[str, Concept]
    mentions: Mapping[int, Emphasis]
    complete: bool  # whether every column that shapes the segments is spoken of

    @property
    def text(self) -> str:
        phrases = list(dict.fromkeys(self.phrase_at(i, how) for i, how in self.mentions.items()))
        if not phrases:
            return "Typical customers"
        if len(phrases) == 1 and not self.complete:
            phrases.append("otherwise average")
        return capitalize(_join_phrases(phrases))

    @property
    def columns(self) -> frozenset[str]:
        return frozenset(self.scored_traits[i].trait.column for i in self.mentions)

    def phrase_at(self, position: int, emphasis: Emphasis = "plain") -> str:
        finding = self.scored_traits[position]
        return phrase_trait(finding, self.concepts.get(finding.concept or ""), emphasis)

    def mention(self, position: int, emphasis: Emphasis = "plain") -> _Draft:
        return replace(self, mentions={**self.mentions, position: emphasis})


def name_segments(
    segment_traits: Sequence[Sequence[ScoredTrait]], concepts: Mapping[str, Concept]
) -> tuple[SegmentName, ...]:
    """Name every segment by what sets it apart; no two names are the same.

    With one or two columns that shape the segments, all of them are named in their order; with
    more, the two strongest traits are. Where two segments would share a name, it takes in a
    further trait, then tells "very high" from "high", then what only describes the customers, then
    leanings, and in the end a number.

    Parameters
    ----------
    segment_traits : sequence of sequences of Finding
        The findings of each segment, the same columns in the same order, features first.
    concepts : mapping
        Concepts with phrases of their own.

    Returns
    -------
    tuple of Name
        One per segment, at most ``MAX_NAME_LENGTH`` characters each.
    """
    drafts = [_draft_name(findings, concepts) for findings in segment_traits]
    for edit in (_add_feature, _say_very, _add_descriptive, _say_rather):
        drafts = _distinguish_drafts(drafts, edit)
    texts = _number_duplicates([draft.text for draft in drafts])
    return tuple(
        SegmentName(text, draft.columns) for text, draft in zip(texts, drafts, strict=True)
    )


def _draft_name(scored_traits: Sequence[ScoredTrait], concepts: Mapping[str, Concept]) -> _Draft:
    features = [i for i, finding in enumerate(scored_traits) if finding.role == "feature"]
    blank = _Draft(scored_traits, concepts, {}, complete=0 < len(features) <= _USUAL_TRAITS)
    chosen = (
        _select_features(scored_traits, features) if blank.complete else _select_strongest(blank)
    )
    return replace(blank, mentions=dict.fromkeys(chosen, "plain"))


def _select_features(scored_traits: Sequence[ScoredTrait], features: Iterable[int]) -> list[int]:
    """Every feature in its order; an average category is left out, as it has nothing to say."""
    return [
        i for i in features if scored_traits[i].is_distinctive or scored_traits[i].trait.top is None
    ]


def _select_strongest(draft: _Draft) -> list[int]:
    """The strongest traits, features before what only describes, and none that says the same.

    They stand in the order of the columns, so that "high income, low spending" and "low income,
    high spending" are told in the same order, whichever is the stronger of the two.
    """
    telling = (i for i, finding in enumerate(draft.scored_traits) if finding.is_distinctive)
    ranked = sorted(telling, key=lambda i: _rank(draft.scored_traits[i]))
    gists = [_make_dedup_key(draft.scored_traits[i]) for i in ranked]
    repeats = {i for position, i in enumerate(ranked) if gists[position] in gists[:position]}
    poor = {i for i in ranked if i in repeats or _is_code(draft.scored_traits[i])}
    ranked.sort(key=lambda i: (draft.scored_traits[i].role != "feature", i in poor))
    return sorted(ranked[:_USUAL_TRAITS])


def _is_code(scored_trait: ScoredTrait) -> bool:
    """Whether a trait is a code, which tells a reader little."""
    return scored_trait.trait.top is not None and not is_plain_word(scored_trait.trait.top)


def _rank(scored_trait: ScoredTrait) -> tuple[bool, float]:
    """Features first, then by strength.

    Strength is rounded, so that of two columns that say almost the same the first one speaks.
    """
    return scored_trait.role != "feature", -round(scored_trait.strength, 2)


def _make_dedup_key(scored_trait: ScoredTrait) -> tuple[str, str]:
    """Two columns of one concept, both high, tell the same thing."""
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
    finding = draft.scored_traits[position]
    leans = abs(finding.trait.effect) >= MIN_LEANING and finding.trait.top is None
    room = position in draft.mentions or len(draft.mentions) < _MAX_TRAITS
    if finding.is_distinctive or not leans or not room:
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
    """The edit by the column that tells most of the drafts apart, and that most clearly."""
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
    """How far apart the segments lie in one column."""
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
    for each in phrases[1:]:
        longer = f"{text}, {each}"
        text = longer if len(longer) <= MAX_NAME_LENGTH else text
    return text
