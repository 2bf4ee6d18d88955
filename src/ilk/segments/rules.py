"""Which rules of the playbook hold for a segment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ilk.segments.column_labels import split_column_name
from ilk.segments.conditions import WEAKER_CONDITIONS
from ilk.segments.naming import SegmentName
from ilk.segments.playbook import Playbook, Rule
from ilk.segments.traits import ScoredTrait, are_opposite
from ilk.segments.worth import OutcomeFigures, ValueFigures


@dataclass(frozen=True)
class SegmentFacts:
    """What an action for one segment rests on."""

    traits: Sequence[ScoredTrait]
    name: SegmentName = field(default_factory=lambda: SegmentName(""))
    values: Sequence[ValueFigures] = ()
    outcomes: Sequence[OutcomeFigures] = ()
    customers: int = 0


def find_rules(facts: SegmentFacts, playbook: Playbook, sector: str | None) -> list[Rule]:
    """The rules that hold for a segment; those that concern a column in its name first."""
    concepts = group_by_concept(facts)
    is_around = any(scored.is_short_absence for scored in facts.traits)
    holding = [
        rule
        for rule in playbook.rules
        if rule.is_for(sector)
        and not (rule.goal == "win back" and is_around)
        and _holds(rule, concepts)
        and (_says_more_than_average(rule) or _is_named(rule, concepts, facts))
    ]
    return sorted(
        holding, key=lambda rule: _list_columns(rule, concepts).isdisjoint(facts.name.columns)
    )


def _says_more_than_average(rule: Rule) -> bool:
    return any(levels != ("average",) for levels in rule.when.values())


def _is_named(
    rule: Rule, concepts: Mapping[str, Sequence[ScoredTrait]], facts: SegmentFacts
) -> bool:
    """Whether a segment is known for what a rule is about."""
    return _list_columns(rule, concepts) <= facts.name.columns


def select_different(
    rules: Iterable[Rule], concepts: Mapping[str, Sequence[ScoredTrait]]
) -> Iterator[Rule]:
    """Rules that each speak of other columns than those before."""
    said: frozenset[str] = frozenset()
    for rule in rules:
        columns = _list_columns(rule, concepts)
        if not columns & said:
            said |= columns
            yield rule


def group_by_concept(facts: SegmentFacts) -> dict[str, list[ScoredTrait]]:
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
    # "More than others" needs more than a mean above everyone's.
    if first.is_outdone and first.is_distinctive:
        return False
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
