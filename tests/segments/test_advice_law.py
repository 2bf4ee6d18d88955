"""Law 10 for advice: no sentence is contradicted by a figure of its segment.

Every sentence is read back as the claims that it makes. Nothing here knows how advice is chosen: a
sentence is found in the playbook by its words, and its premises are checked on the means and counts
that a segment and everyone have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ilk.schema import Column, Outcome, Schema
from ilk.segments.column_labels import split_column_name
from ilk.segments.describe import describe_segments
from ilk.segments.playbook import OutcomeRule, Playbook, Rule
from ilk.segments.playbook_file import load_playbook
from ilk.segments.profile import profile_batch
from ilk.segments.segment import CategoryFigures, Figures, NumberFigures, Segment
from ilk.segments.traits import find_column_meanings
from ilk.stats.intervals import compute_wilson_interval

ALIKE = re.compile(r" \(as for segments? ([\d, and]+)\)")
SENTENCE_END = re.compile(r"(?<=[.!?]) (?=[A-Z0-9])")


_Column = NumberFigures | CategoryFigures


@dataclass(frozen=True)
class Described:
    """Segments, what they were made from, and the playbook that speaks of them."""

    segments: Sequence[Segment]
    everyone: Figures
    schema: Schema
    playbook: Playbook


def list_false_sentences(described: Described) -> list[str]:
    """Every sentence of advice that no reading makes true of its segment."""
    return [
        f"{segment.number} {segment.name}: {sentence}"
        for segment in described.segments
        for sentence in split_sentences(segment.action)
        if not _is_true(sentence, segment, described)
    ]


def split_sentences(action: str) -> list[str]:
    return SENTENCE_END.split(action) if action else []


def _is_true(sentence: str, segment: Segment, described: Described) -> bool:
    if alike := ALIKE.search(sentence):
        sentence = ALIKE.sub("", sentence)
        if not _have_same_advice(sentence, alike[1], segment, described.segments):
            return False
    outcomes = described.playbook.outcomes
    return (
        _is_true_stake(sentence, segment)
        or any(_is_borne_out(rule, segment, described) for rule in _find_rules(sentence, described))
        or any(_happened(rule, sentence, segment, described.playbook) for rule in outcomes)
    )


def _have_same_advice(
    sentence: str, listed: str, segment: Segment, segments: Sequence[Segment]
) -> bool:
    """Whether exactly the listed segments and the segment itself are told this sentence."""
    numbers = {int(number) for number in re.findall(r"\d+", listed)} | {segment.number}
    told = {one.number for one in segments if sentence in ALIKE.sub("", one.action)}
    return numbers == told


def _is_true_stake(sentence: str, segment: Segment) -> bool:
    """Whether the sentence tells the value of the segment, or a tenth of it."""
    for value in segment.values:
        for pattern, amount in (
            (rf"At stake: {segment.figures.customers:,} customers? and (.+) in .+\.", value.total),
            (r"A 10% rise in their .+ would bring (.+)\.", value.total / 10),
        ):
            if found := re.fullmatch(pattern, sentence):
                return abs(_read_number(found[1]) - amount) <= 0.005 * abs(amount)
    return False


def _read_number(text: str) -> float:
    return float(re.sub(r"[^\d.-]", "", text.removesuffix(" billion"))) * (
        1e9 if text.endswith(" billion") else 1
    )


def _find_rules(sentence: str, described: Described) -> Iterator[Rule]:
    """The rules that have the sentence as their action or as what to measure."""
    playbook = described.playbook
    for rule in playbook.rules:
        goal = playbook.goals.get(rule.goal) if rule.goal else None
        measure = rule.measure or (goal.measure if goal else "")
        if _matches(rule.action, sentence) or _matches(f"Measure {measure}.", sentence):
            yield rule


def _matches(template: str, sentence: str) -> bool:
    return bool(re.fullmatch(re.sub(r"\\\{\w+\\\}", ".+", re.escape(template)), sentence))


def _is_borne_out(rule: Rule, segment: Segment, described: Described) -> bool:
    names = [column.name for column in described.schema.profile_columns]
    sector = described.playbook.find_sector(names)
    return (
        rule.sector in (None, sector)
        and all(
            any(_meets(level, concept, segment, described) for level in levels)
            for concept, levels in rule.when.items()
        )
        and not any(
            _meets(level, concept, segment, described)
            for concept, levels in rule.unless.items()
            for level in levels
        )
    )


def _meets(level: str, concept: str, segment: Segment, described: Described) -> bool:
    """Whether the columns of a concept are at a level, and none of them at the opposite one."""
    directions = set(_list_directions(concept, segment, described))
    if level == "average":
        return 0 in directions
    if level.endswith(("low", "high")):
        sign = 1 if level.endswith("high") else -1
        return sign in directions and -sign not in directions
    return any(
        _prevails(level, part, whole)
        for _, part, whole in _list_pairs(concept, segment, described)
        if isinstance(part, CategoryFigures) and isinstance(whole, CategoryFigures)
    )


def _list_directions(concept: str, segment: Segment, described: Described) -> Iterator[int]:
    """1, -1 or 0 for every numeric column: above, below or about the mean of everyone."""
    levels = {trait.column: trait.level for trait in segment.traits}
    for reversed_, part, whole in _list_pairs(concept, segment, described):
        if not isinstance(part, NumberFigures) or not isinstance(whole, NumberFigures):
            continue
        difference = (part.mean or 0.0) - (whole.mean or 0.0)
        is_average = levels.get(part.column) == "average" or not difference
        if is_average or _is_outdone(part, difference, segment, described.segments):
            yield 0
        else:
            yield (1 if difference > 0 else -1) * (-1 if reversed_ else 1)


def _is_outdone(
    part: NumberFigures, difference: float, segment: Segment, segments: Sequence[Segment]
) -> bool:
    """Whether most other customers are in segments with a mean that differs still more."""
    others = [one.figures for one in segments if one.number != segment.number]
    farther = sum(
        figures.customers
        for figures in others
        for other in figures.numbers
        if other.column == part.column and other.mean is not None
        if (other.mean - (part.mean or 0.0)) * difference > 0
    )
    return 2 * farther > sum(figures.customers for figures in others)


def _list_pairs(
    concept: str, segment: Segment, described: Described
) -> Iterator[tuple[bool, _Column, _Column]]:
    """The figures of a segment and of everyone, for each column of a concept but the outcomes."""
    columns = {column.name: column for column in described.schema.profile_columns}
    meanings = find_column_meanings(columns.values(), described.playbook)
    own, everyone = (_list_figures(figures) for figures in (segment.figures, described.everyone))
    for name, whole in everyone.items():
        meaning = meanings.get(name)
        if meaning and meaning.concept == concept and columns[name].outcome is None:
            yield meaning.reversed, own[name], whole


def _list_figures(figures: Figures) -> dict[str, _Column]:
    parts: list[_Column] = [*figures.numbers, *figures.categories]
    return {part.column: part for part in parts}


def _prevails(level: str, part: CategoryFigures, whole: CategoryFigures) -> bool:
    """Whether a level with the words asked for is common here, and more so than overall."""
    kind, _, words = level.partition(" ")
    least = 0.6 if kind == "mostly" else 0.4
    shares, usual = _compute_shares(part), _compute_shares(whole)
    return any(
        share >= least and share > usual[name]
        for name, share in shares.items()
        if set(split_column_name(words) if words else ()) <= set(split_column_name(name))
    )


def _compute_shares(figures: CategoryFigures) -> dict[str, float]:
    known = sum(count for _, count in figures.counts)
    return {level: count / known for level, count in figures.counts}


def _happened(rule: OutcomeRule, sentence: str, segment: Segment, playbook: Playbook) -> bool:
    """Whether an outcome is as often or as seldom as the sentence of a rule supposes."""
    for outcome in segment.outcomes:
        low, high = compute_wilson_interval(outcome.count, outcome.known)
        differs = low > outcome.overall if rule.position == "above" else high < outcome.overall
        excess = abs(outcome.count - outcome.overall * outcome.known)
        noun = playbook.find_noun(outcome.label, outcome.column) or outcome.label
        texts = [
            text.replace("{outcome}", noun).replace("{excess}", f"{round(excess):,}")
            for text in (rule.action, rule.size or "")
        ]
        if sentence in texts and differs and rule.is_bad == outcome.is_bad:
            return outcome.count >= rule.min_rate * outcome.known
    return False


NUMBERS = (
    *("annual_income", "total_spend", "number_of_purchases", "recency_days", "tenure_months"),
    *("average_order_value", "Credit_Limit", "Avg_Utilization_Ratio", "Total_Revolving_Bal"),
    *("store_visits", "web_visits", "monthly_charges", "data_usage", "Year_Birth", "age"),
    *("nights", "lead_time", "milk", "grocery", "discount_share", "return_rate", "complaints"),
)
CATEGORIES = {
    "contract": ("Month-to-month", "One year"),
    "product_category": ("fashion", "electronics", "beauty"),
    "channel": ("1", "2"),
    "region": ("North", "South"),
}
ROWS = 60


@st.composite
def tables(draw):
    """Customers in two to four segments, with columns of many meanings, and an outcome."""
    k = draw(st.integers(2, 4))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    labels = np.sort(rng.integers(0, k, ROWS)).astype(np.int32)
    names = draw(st.lists(st.sampled_from(NUMBERS), min_size=2, max_size=6, unique=True))
    words = draw(st.lists(st.sampled_from(sorted(CATEGORIES)), max_size=2, unique=True))
    data: dict[str, object] = {
        name: np.maximum(rng.normal(rng.uniform(10, 30, k)[labels], 4), 0) for name in names
    }
    for name in words:
        data[name] = [CATEGORIES[name][i % len(CATEGORIES[name])] for i in labels]
    data["churned"] = np.where(rng.random(ROWS) < rng.uniform(0, 1, k)[labels], "Yes", "No")
    return labels, pl.DataFrame(data)


def describe(labels, table) -> Described:
    outcome = Outcome("Yes", is_bad=True)
    columns = tuple(
        Column(
            name,
            "number" if table[name].dtype.is_numeric() else "category",
            "describe" if name == "churned" else "feature",
            "",
            outcome=outcome if name == "churned" else None,
            is_value=name == "total_spend",
        )
        for name in table.columns
    )
    schema, playbook = Schema(columns), load_playbook()
    largest = {c.name: float(table[c.name].max()) for c in columns if c.kind == "number"}
    profile = profile_batch(table, labels, columns, magnitudes=largest)
    return Described(
        describe_segments(profile, schema, playbook), profile.overall, schema, playbook
    )


@given(tables())
@settings(max_examples=50)
def test_no_advice_on_random_customers_is_contradicted_by_their_figures(table):
    assert list_false_sentences(describe(*table)) == []


def test_no_advice_on_whole_tables_is_contradicted_by_their_figures(described):
    read = Described(
        described.segments, described.model.everyone, described.model.schema, load_playbook()
    )
    assert list_false_sentences(read) == []


def test_advice_is_short_and_no_two_segments_get_the_same(described):
    actions = [segment.action for segment in described.segments if segment.action]
    assert len(set(actions)) == len(actions) or len(set(actions)) == 1
    assert max([len(split_sentences(action)) for action in actions], default=0) <= 3


def test_a_segment_below_the_mean_is_not_told_apart_from_others_that_are_lower_still():
    # Everyone's mean of 102 days is that of the absent; most others bought more recently.
    recency = np.repeat([300.0, 40.0, 15.0, 62.0], (10, 9, 6, 5))
    orders = np.repeat([2.0, 4.0, 14.0, 14.0], (10, 9, 6, 5))
    table = pl.DataFrame({"recency_days": recency, "orders": orders, "total_spend": orders * 50})
    labels = np.repeat(np.arange(4, dtype=np.int32), (10, 9, 6, 5))
    read = describe(labels, table)
    said = [segment.number for segment in read.segments if "buy more recently" in segment.action]
    assert said == [3]
    assert list_false_sentences(read) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Make them premium offers: early access, personal service and new products first.",
        "At stake: 30 customers and 2 in spend.",
        "A 10% rise in their spend would bring 5.",
        "Standard offers (as for segment 2).",
        "Some sentence that no rule has.",
    ],
)
def test_a_false_sentence_is_found(sentence):
    table = pl.DataFrame({"annual_income": [1.0, 1.2, 9.0, 9.2], "total_spend": [5.0, 5, 1, 1]})
    read = describe(np.array([0, 0, 1, 1], dtype=np.int32), table)
    poor, rich = read.segments
    assert list_false_sentences(read) == []
    false = replace(read, segments=(replace(poor, action=sentence), rich))
    assert len(list_false_sentences(false)) == 1
