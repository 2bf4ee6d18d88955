"""Actions: what to do with each segment, from the rules of the playbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ilk.segments.name_phrases import phrase_level
from ilk.segments.playbook import WEAKER_CONDITIONS, Playbook, Rule
from ilk.segments.traits import ScoredTrait
from ilk.segments.wording import find_duplicate_texts, split_column_name

_SENTENCES = 2  # rules that may speak for one segment


@dataclass(frozen=True)
class _Plan:
    """Sentences on what to do, and the columns that they speak of."""

    sentences: tuple[str, ...] = ()
    columns: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        return " ".join(self.sentences)

    def add(self, sentence: str, columns: frozenset[str] = frozenset()) -> _Plan:
        return _Plan((*self.sentences, sentence), self.columns | columns)


def choose_actions(
    segment_traits: Sequence[Sequence[ScoredTrait]],
    name_columns: Sequence[frozenset[str]],
    playbook: Playbook,
) -> tuple[str, ...]:
    """One or two sentences per segment on what to do with it.

    The first rule that holds gives the first sentence; the next one that holds and speaks of other
    columns gives the second. Rules that speak only of the columns in a segment's name come before
    all others, so that what to do follows from what the segment is called. A segment that no rule
    speaks of gets advice on its strongest trait. Where two segments would get the same advice,
    each is also advised on its next trait.

    Parameters
    ----------
    segment_traits : sequence of sequences of Finding
        The findings of each segment.
    name_columns : sequence of frozenset of str
        The columns that each segment's name speaks of.
    playbook : Playbook
        Rules and fallback.
    """
    plans = [
        _plan_actions(findings, headline, playbook)
        for findings, headline in zip(segment_traits, name_columns, strict=True)
    ]
    for group in find_duplicate_texts(plan.text for plan in plans):
        for i in group:
            plans[i] = _add_next_trait(plans[i], segment_traits[i], playbook)
    return tuple(plan.text for plan in plans)


def _plan_actions(
    scored_traits: Sequence[ScoredTrait], name_columns: frozenset[str], playbook: Playbook
) -> _Plan:
    concepts = _index_by_concept(scored_traits, name_columns)
    holding = (rule for rule in playbook.rules if _is_met(rule, concepts))
    plan = _Plan()
    for rule in sorted(
        holding, key=lambda rule: not _collect_columns(rule, concepts) <= name_columns
    ):
        if len(plan.sentences) < _SENTENCES and not _collect_columns(rule, concepts) & plan.columns:
            plan = plan.add(_fill_action(rule, concepts), _collect_columns(rule, concepts))
    if plan.sentences:
        return plan
    advised = _add_next_trait(plan, scored_traits, playbook)
    return advised if advised.sentences else plan.add(playbook.fallback.typical)


def _collect_columns(rule: Rule, concepts: dict[str, ScoredTrait]) -> frozenset[str]:
    return frozenset(concepts[name].trait.column for name in rule.when)


def _index_by_concept(
    scored_traits: Sequence[ScoredTrait], name_columns: frozenset[str]
) -> dict[str, ScoredTrait]:
    """The column that speaks for each concept: one in the name, a feature, or what tells most.

    A category without a prevailing level is not an average; it says nothing.
    """
    speaking = (each for each in scored_traits if each.is_distinctive or each.trait.top is None)
    ranked = sorted(
        speaking,
        key=lambda each: (
            each.trait.column in name_columns,
            each.role == "feature",
            each.strength,
        ),
    )
    return {each.concept: each for each in ranked if each.concept}


def _is_met(rule: Rule, concepts: dict[str, ScoredTrait]) -> bool:
    return all(
        name in concepts and any(_has_condition(concepts[name], level) for level in levels)
        for name, levels in rule.when.items()
    )


def _has_condition(scored_trait: ScoredTrait, condition: str) -> bool:
    """Whether a finding is of the level asked for, down to the words of a category's level."""
    for held in (scored_trait.condition, WEAKER_CONDITIONS.get(scored_trait.condition)):
        if condition == held:
            return True
        if held in ("mostly", "often") and condition.startswith(f"{held} "):
            words = split_column_name(condition.removeprefix(f"{held} "))
            return set(words) <= set(split_column_name(scored_trait.trait.top or ""))
    return False


def _fill_action(rule: Rule, concepts: dict[str, ScoredTrait]) -> str:
    text = rule.action
    for name in rule.when:
        found = concepts[name]
        top = found.trait.top
        shown = found.label if top is None else phrase_level(found.label, top)
        text = text.replace(f"{{{name}}}", shown)
    return text


def _add_next_trait(plan: _Plan, scored_traits: Sequence[ScoredTrait], playbook: Playbook) -> _Plan:
    """The plan with a sentence on the strongest trait that it does not speak of yet."""
    left = [
        each
        for each in scored_traits
        # What only describes customers, gender for one, is no ground for action unless the
        # playbook knows what it means.
        if each.is_distinctive
        and (each.concept or each.role == "feature")
        and each.trait.column not in plan.columns
    ]
    if not left:
        return plan
    strongest = max(left, key=lambda each: (each.role == "feature", each.strength))
    sentence = _choose_fallback(playbook, strongest)
    return plan.add(sentence, frozenset({strongest.trait.column}))


def _choose_fallback(playbook: Playbook, scored_trait: ScoredTrait) -> str:
    advice = playbook.fallback
    if scored_trait.trait.top is not None:
        text = advice.mostly.replace("{level}", scored_trait.trait.top)
    else:
        text = advice.high if scored_trait.trait.effect > 0 else advice.low
    return text.replace("{label}", scored_trait.label)
