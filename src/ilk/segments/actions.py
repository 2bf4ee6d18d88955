"""What to do with each segment, from the rules of the playbook."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ilk.formatting.numbers import format_count
from ilk.formatting.text import join_words
from ilk.segments.column_labels import split_column_name
from ilk.segments.name_phrases import name_thing, phrase_level
from ilk.segments.naming import SegmentName
from ilk.segments.phrases import join_things
from ilk.segments.playbook import OutcomeRule, Playbook, Rule
from ilk.segments.rules import SegmentFacts, find_rules, group_by_concept, select_different
from ilk.segments.traits import ScoredTrait
from ilk.segments.wording import find_duplicate_texts
from ilk.segments.worth import OutcomeFigures, format_amount

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
class Advice:
    """What to do with a segment and what for; both empty where there is nothing to say.

    ``offers`` are those of the sentences that say what to do; others tell what it is about.
    """

    goal: str = ""
    sentences: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()

    @property
    def lead(self) -> str:
        """The first sentence, which says what to do."""
        return self.sentences[0] if self.sentences else ""

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
    Where segments would begin with the same advice, all but one of them begin with their next rule;
    where no rule tells them apart, and wherever else several segments are told to do the same, the
    advice says which other segments it is for.

    Parameters
    ----------
    segments : sequence of SegmentFacts
    playbook : Playbook
    sector : str, optional
        The line of business that the table is from; rules of other sectors do not hold.
    """
    advice = [_advise(facts, playbook, sector) for facts in segments]
    for group in _find_equal_leads(advice):
        # One of them keeps its advice, the largest; the others begin with what sets them apart.
        own = {i: _advise(segments[i], playbook, sector, after=advice[i].lead) for i in group}
        changed = [i for i in group if own[i].lead != advice[i].lead]
        for i in changed[1:] if changed == group else changed:
            advice[i] = own[i]
    return _link_equal(advice)


def _find_equal_leads(advice: Sequence[Advice]) -> list[list[int]]:
    groups = find_duplicate_texts(one.lead for one in advice)
    return [group for group in groups if advice[group[0]].lead]


def _link_equal(advice: Sequence[Advice]) -> tuple[Advice, ...]:
    """Say of what several segments are told to which others it is told, unless it is to all."""
    told: dict[str, list[int]] = defaultdict(list)
    for i, one in enumerate(advice):
        for text in one.offers:
            told[text].append(i)
    alike = {text: group for text, group in told.items() if 1 < len(group) < len(advice)}
    return tuple(
        replace(one, sentences=tuple(_link(text, i, alike.get(text, [])) for text in one.sentences))
        for i, one in enumerate(advice)
    )


def _link(text: str, segment: int, group: Sequence[int]) -> str:
    """A sentence with the numbers of the other segments in its group."""
    numbers = [str(other + 1) for other in group if other != segment]
    if not numbers:
        return text
    others = f"segment{'s' * (len(numbers) > 1)} {join_words(numbers)}"
    return f"{text.removesuffix('.')} (as for {others})."


def _advise(facts: SegmentFacts, playbook: Playbook, sector: str | None, after: str = "") -> Advice:
    """Advice for one segment; another rule comes first where one is to lead ``after`` it."""
    concepts = group_by_concept(facts)
    rules = list(select_different(find_rules(facts, playbook, sector), concepts))
    texts = [_fill(rule.action, rule, concepts, facts) for rule in rules]
    for outcome in facts.outcomes:
        rule = _find_outcome_rule(outcome, playbook)
        if rule is not None:
            told = _phrase_outcome(rule, outcome, playbook)
            return _advise_on_outcome(rule, told, texts[:1] if _agrees(rule, rules) else ())
    if not rules:
        return Advice()
    if len(rules) > 1 and texts[0] == after:
        rules[:2], texts[:2] = rules[1::-1], texts[1::-1]
    first, *others = rules
    sentences = [texts[0]]
    stake = _phrase_stake(first.goal, facts)
    second = next((i for i, rule in enumerate(others, 1) if after or rule.goal == first.goal), None)
    if stake and not after:
        sentences.append(stake)
    elif second is not None:
        sentences.append(texts[second])
    measure = _find_measure(first, playbook)
    if measure:
        sentences.append(f"Measure {_fill(measure, first, concepts, facts)}.")
    offers = tuple(text for text in texts if text in sentences)
    return Advice(first.goal or "", tuple(sentences), offers)


def _advise_on_outcome(rule: OutcomeRule, told: Sequence[str], others: Sequence[str]) -> Advice:
    """What to do about an outcome, then what else."""
    return Advice(rule.goal, (*told, *others)[:_MAX_SENTENCES], (told[0], *others))


def _agrees(outcome_rule: OutcomeRule, rules: Sequence[Rule]) -> bool:
    """Whether the best rule for the traits serves the goal that the outcome sets."""
    return bool(rules) and rules[0].goal in _AGREEING_GOALS[outcome_rule.goal]


def _fill(
    text: str, rule: Rule, concepts: Mapping[str, Sequence[ScoredTrait]], facts: SegmentFacts
) -> str:
    """A text with the columns or levels that a rule is about, as the segment's name has them."""
    for name in rule.when:
        first = concepts[name][0]
        subjects = [
            _phrase_subject(scored)
            for scored in facts.traits
            if scored is first or _is_named_alike(scored, first, facts.name)
        ]
        text = text.replace(f"{{{name}}}", join_things(subjects))
    return text


def _is_named_alike(scored: ScoredTrait, first: ScoredTrait, name: SegmentName) -> bool:
    """Whether the name says the same of another column of a concept."""
    same = (scored.concept, scored.condition) == (first.concept, first.condition)
    return same and scored.trait.column in name.columns


def _phrase_subject(scored: ScoredTrait) -> str:
    top = scored.trait.top
    return name_thing(scored.label) if top is None else phrase_level(scored.label, top)


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
        customers = format_count(facts.customers, "customer")
        return f"At stake: {customers} and {amount} in {value.label}."
    if goal == "grow":
        amount = format_amount(value.total * _GROWTH, value.unit)
        return f"A 10% rise in their {value.label} would bring {amount}."
    return ""


def _find_outcome_rule(outcome: OutcomeFigures, playbook: Playbook) -> OutcomeRule | None:
    noun = playbook.find_noun(outcome.label, outcome.column) or ""
    words = {
        word for name in (outcome.label, outcome.column, noun) for word in split_column_name(name)
    }
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


def _phrase_outcome(rule: OutcomeRule, outcome: OutcomeFigures, playbook: Playbook) -> list[str]:
    known_noun = playbook.find_noun(outcome.label, outcome.column)
    noun = known_noun or f"the rate of '{outcome.label}'"
    excess = round(abs(outcome.count - outcome.overall * outcome.known))
    texts = [rule.action]
    if rule.size and excess >= _MIN_EXCESS:
        texts.append(rule.size)
    return [text.replace("{outcome}", noun).replace("{excess}", f"{excess:,}") for text in texts]
