"""What to do with each segment, from the rules of the playbook."""

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

    The first rule that holds gives the first sentence; the next one that holds and concerns other
    columns gives the second. Rules that concern only the columns in a segment's name come before
    all others, so that the action follows from the name. A segment without a matching rule gets
    advice on its strongest trait. Where two segments would get the same advice, both also get
    advice on their next trait.

    Parameters
    ----------
    segment_traits : sequence of sequences of ScoredTrait
        The traits of each segment.
    name_columns : sequence of frozenset of str
        The columns in each segment's name.
    playbook : Playbook
        Rules and fallback.
    """
    plans = [
        _plan_actions(traits, named, playbook)
        for traits, named in zip(segment_traits, name_columns, strict=True)
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
    """The column that represents each concept: one in the name, a feature, or the strongest.

    A category without a dominant level is not average; it says nothing.
    """
    relevant = (
        scored for scored in scored_traits if scored.is_distinctive or scored.trait.top is None
    )
    ranked = sorted(
        relevant,
        key=lambda scored: (
            scored.trait.column in name_columns,
            scored.role == "feature",
            scored.strength,
        ),
    )
    return {scored.concept: scored for scored in ranked if scored.concept}


def _is_met(rule: Rule, concepts: dict[str, ScoredTrait]) -> bool:
    return all(
        name in concepts and any(_has_condition(concepts[name], level) for level in levels)
        for name, levels in rule.when.items()
    )


def _has_condition(scored_trait: ScoredTrait, condition: str) -> bool:
    """Whether a trait meets a condition, down to the words of a category's level."""
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
        scored = concepts[name]
        top = scored.trait.top
        phrase = scored.label if top is None else phrase_level(scored.label, top)
        text = text.replace(f"{{{name}}}", phrase)
    return text


def _add_next_trait(plan: _Plan, scored_traits: Sequence[ScoredTrait], playbook: Playbook) -> _Plan:
    """The plan with a sentence on the strongest trait that it does not cover yet."""
    remaining = [
        scored
        for scored in scored_traits
        # A descriptive column, such as gender, is no reason for an action unless the playbook
        # knows what it means.
        if scored.is_distinctive
        and (scored.concept or scored.role == "feature")
        and scored.trait.column not in plan.columns
    ]
    if not remaining:
        return plan
    strongest = max(remaining, key=lambda scored: (scored.role == "feature", scored.strength))
    sentence = _choose_fallback(playbook, strongest)
    return plan.add(sentence, frozenset({strongest.trait.column}))


def _choose_fallback(playbook: Playbook, scored_trait: ScoredTrait) -> str:
    advice = playbook.fallback
    if scored_trait.trait.top is not None:
        text = advice.mostly.replace("{level}", scored_trait.trait.top)
    else:
        text = advice.high if scored_trait.trait.effect > 0 else advice.low
    return text.replace("{label}", scored_trait.label)
