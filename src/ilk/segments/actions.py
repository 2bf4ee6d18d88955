"""What to do with each segment, from the rules of the playbook."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ilk.segments.conditions import WEAKER_CONDITIONS
from ilk.segments.name_phrases import phrase_level
from ilk.segments.naming import SegmentName
from ilk.segments.playbook import OutcomeRule, Playbook, Rule
from ilk.segments.traits import ScoredTrait, are_opposite
from ilk.segments.wording import find_duplicate_texts, split_column_name
from ilk.segments.worth import OutcomeFigures, ValueFigures, format_amount

_MAX_SENTENCES = 3
_GROWTH = 0.1  # part of the value that a sentence on growing takes as an example
_AGREEING_GOALS: Mapping[str, frozenset[str | None]] = {
    "keep": frozenset({"keep", "grow"}),
    "grow": frozenset({"keep", "grow"}),
    "acquire more like them": frozenset({"keep", "grow"}),
    "win back": frozenset({"win back"}),
    "serve cheaply": frozenset({"serve cheaply"}),
}
_MIN_EXCESS = 1  # customers beyond the overall rate from which it is said how many


@dataclass(frozen=True)
class SegmentFacts:
    """What an action for one segment rests on."""

    traits: Sequence[ScoredTrait]
    name: SegmentName = field(default_factory=lambda: SegmentName(""))
    values: Sequence[ValueFigures] = ()
    outcomes: Sequence[OutcomeFigures] = ()
    customers: int = 0


@dataclass(frozen=True)
class Advice:
    """What to do with a segment and what for; both empty where there is nothing to say."""

    goal: str = ""
    sentences: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The sentences as a paragraph."""
        return " ".join(self.sentences)


def choose_actions(
    segments: Sequence[SegmentFacts], playbook: Playbook, sector: str | None = None
) -> tuple[Advice, ...]:
    """What to do with each segment, in at most three sentences; nothing where no rule applies.

    An outcome that is clearly more common than overall comes first. Otherwise the first rule that
    holds gives the action; then follow what is at stake and what to measure. Rules that concern a
    column in a segment's name come before all others, so that the action follows from the name.
    Where two segments would get the same advice, the next rule for each is added.

    Parameters
    ----------
    segments : sequence of SegmentFacts
    playbook : Playbook
    sector : str, optional
        The line of business that the table is from; rules of other sectors do not hold.
    """
    advice = [_advise(facts, playbook, sector, extra=False) for facts in segments]
    for group in find_duplicate_texts(one.text for one in advice):
        for i in group:
            advice[i] = _advise(segments[i], playbook, sector, extra=True)
    return tuple(advice)


def find_rules(facts: SegmentFacts, playbook: Playbook, sector: str | None) -> list[Rule]:
    """The rules that hold for a segment; those that concern a column in its name first."""
    concepts = _group_by_concept(facts)
    is_around = any(scored.is_short_absence for scored in facts.traits)
    holding = [
        rule
        for rule in playbook.rules
        if rule.sector in (None, sector)
        and not (rule.goal == "win back" and is_around)
        and _holds(rule, concepts)
    ]
    return sorted(
        holding, key=lambda rule: _list_columns(rule, concepts).isdisjoint(facts.name.columns)
    )


def _advise(facts: SegmentFacts, playbook: Playbook, sector: str | None, *, extra: bool) -> Advice:
    concepts = _group_by_concept(facts)
    rules = list(_select_different(find_rules(facts, playbook, sector), concepts))
    for outcome in facts.outcomes:
        rule = _find_outcome_rule(outcome, playbook)
        if rule is not None:
            offers = (_fill(rules[0].action, rules[0], concepts),) if _agrees(rule, rules) else ()
            return Advice(rule.goal, (*_phrase_outcome(rule, outcome), *offers)[:_MAX_SENTENCES])
    if not rules:
        return Advice()
    first, *others = rules
    sentences = [_fill(first.action, first, concepts)]
    second = next((rule for rule in others if extra or rule.goal == first.goal), None)
    stake = _phrase_stake(first.goal, facts)
    if stake and not extra:
        sentences.append(stake)
    elif second is not None:
        sentences.append(_fill(second.action, second, concepts))
    measure = _find_measure(first, playbook)
    if measure:
        sentences.append(f"Measure {_fill(measure, first, concepts)}.")
    return Advice(first.goal or "", tuple(sentences))


def _agrees(outcome_rule: OutcomeRule, rules: Sequence[Rule]) -> bool:
    """Whether the best rule for the traits serves the goal that the outcome sets."""
    return bool(rules) and rules[0].goal in _AGREEING_GOALS[outcome_rule.goal]


def _select_different(
    rules: Iterable[Rule], concepts: Mapping[str, Sequence[ScoredTrait]]
) -> Iterator[Rule]:
    """Rules that each speak of other columns than those before."""
    said: frozenset[str] = frozenset()
    for rule in rules:
        columns = _list_columns(rule, concepts)
        if not columns & said:
            said |= columns
            yield rule


def _group_by_concept(facts: SegmentFacts) -> dict[str, list[ScoredTrait]]:
    """The columns of each concept, the one that stands for it first.

    That is one in the name, a feature, or the strongest. A category without a dominant level is
    not average; it says nothing, and neither does a column that is mostly unknown.
    """
    relevant = (
        scored
        for scored in facts.traits
        if scored.is_known and (scored.is_distinctive or scored.trait.top is None)
    )
    ranked = sorted(
        relevant,
        key=lambda scored: (
            scored.trait.column not in facts.name.columns,
            scored.role != "feature",
            -scored.strength,
        ),
    )
    concepts: dict[str, list[ScoredTrait]] = defaultdict(list)
    for scored in ranked:
        if scored.concept:
            concepts[scored.concept].append(scored)
    return dict(concepts)


def _list_columns(rule: Rule, concepts: Mapping[str, Sequence[ScoredTrait]]) -> frozenset[str]:
    return frozenset(concepts[name][0].trait.column for name in rule.when)


def _holds(rule: Rule, concepts: Mapping[str, Sequence[ScoredTrait]]) -> bool:
    """Whether every condition is met, no column contradicts one, and nothing forbids the rule."""
    return all(
        name in concepts and _is_met(levels, concepts[name]) for name, levels in rule.when.items()
    ) and not any(
        _has_condition(scored, level)
        for name, levels in rule.unless.items()
        for scored in concepts.get(name, ())
        for level in levels
    )


def _is_met(levels: Sequence[str], columns: Sequence[ScoredTrait]) -> bool:
    first = columns[0]
    if any(are_opposite(first.condition, other.condition) for other in columns[1:]):
        return False
    return any(_has_condition(first, level) for level in levels)


def _has_condition(scored_trait: ScoredTrait, condition: str) -> bool:
    """Whether a trait meets a condition, down to the words of a category's level."""
    for held in (scored_trait.condition, WEAKER_CONDITIONS.get(scored_trait.condition)):
        if condition == held:
            return True
        if held in ("mostly", "often") and condition.startswith(f"{held} "):
            words = split_column_name(condition.removeprefix(f"{held} "))
            return set(words) <= set(split_column_name(scored_trait.trait.top or ""))
    return False


def _fill(text: str, rule: Rule, concepts: Mapping[str, Sequence[ScoredTrait]]) -> str:
    for name in rule.when:
        scored = concepts[name][0]
        top = scored.trait.top
        phrase = scored.label if top is None else phrase_level(scored.label, top)
        text = text.replace(f"{{{name}}}", phrase)
    return text


def _find_measure(rule: Rule, playbook: Playbook) -> str | None:
    if rule.measure is not None or rule.goal is None or rule.goal not in playbook.goals:
        return rule.measure
    return playbook.goals[rule.goal].measure


def _phrase_stake(goal: str | None, facts: SegmentFacts) -> str:
    """How much money the goal is about, where a column of value tells."""
    value = next((value for value in facts.values if value.total > 0), None)
    if value is None:
        return ""
    if goal in ("keep", "win back"):
        amount = format_amount(value.total, value.unit)
        return f"At stake: {facts.customers:,} customers with {amount} of {value.label}."
    if goal == "grow":
        amount = format_amount(value.total * _GROWTH, value.unit)
        return f"10% more {value.label} from them would be {amount}."
    return ""


def _find_outcome_rule(outcome: OutcomeFigures, playbook: Playbook) -> OutcomeRule | None:
    words = set(split_column_name(outcome.label)) | set(split_column_name(outcome.column))
    return next(
        (
            rule
            for rule in playbook.outcomes
            if rule.is_bad == outcome.is_bad
            and rule.position == outcome.position
            and outcome.rate >= rule.min_rate
            and (not rule.words or any(word.startswith(rule.words) for word in words))
        ),
        None,
    )


def _phrase_outcome(rule: OutcomeRule, outcome: OutcomeFigures) -> list[str]:
    excess = round(abs(outcome.count - outcome.overall * outcome.known))
    texts = [rule.action]
    if rule.size and excess >= _MIN_EXCESS:
        texts.append(rule.size)
    return [
        text.replace("{outcome}", outcome.label).replace("{excess}", f"{excess:,}")
        for text in texts
    ]
