from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ilk.schema import Role
from ilk.segments.actions import choose_actions
from ilk.segments.conditions import Condition
from ilk.segments.naming import SegmentName
from ilk.segments.playbook import Playbook, Rule
from ilk.segments.playbook_file import load_playbook
from ilk.segments.rules import SegmentFacts
from ilk.segments.segment import Trait
from ilk.segments.traits import ScoredTrait
from ilk.segments.worth import OutcomeFigures, ValueFigures
from ilk.stats.intervals import compute_wilson_interval


def playbook(*rules: tuple[dict[str, str | list[str]], str]) -> Playbook:
    built = tuple(Rule.model_validate({"when": when, "action": action}) for when, action in rules)
    return Playbook(concepts=load_playbook().concepts, rules=built)


def finding(
    concept: str | None,
    condition: Condition,
    *,
    column: str = "",
    top: str | None = None,
    role: Role = "feature",
    strength: float = 1.0,
) -> ScoredTrait:
    column = column or concept or "column"
    effect = -strength if "low" in condition else strength
    level = condition if condition not in ("mostly", "often") else "high"
    trait = Trait(column, level, effect, "", top)  # type: ignore[arg-type]
    return ScoredTrait(trait, column, role, strength, concept, condition)


def action(book: Playbook, *findings: ScoredTrait, headline: frozenset[str] = frozenset()) -> str:
    (advice,) = choose_actions([SegmentFacts(findings, SegmentName("", headline))], book)
    return advice.text


def test_the_first_rule_that_holds_speaks_first():
    book = playbook(
        ({"income": "high", "spending": "high"}, "Both."), ({"income": "high"}, "Income.")
    )
    assert action(book, finding("income", "high"), finding("spending", "high")) == "Both."
    assert action(book, finding("income", "high"), finding("spending", "low")) == "Income."


def test_a_second_rule_speaks_only_of_other_columns():
    book = playbook(
        ({"income": "high"}, "One."),
        ({"income": "high", "age": "low"}, "Two."),
        ({"age": "low"}, "Three."),
    )
    assert action(book, finding("income", "high"), finding("age", "low")) == "One. Three."


def test_two_rules_are_enough():
    book = playbook(
        ({"income": "high"}, "One."), ({"age": "low"}, "Two."), ({"tenure": "low"}, "3.")
    )
    traits = [finding("income", "high"), finding("age", "low"), finding("tenure", "low")]
    assert action(book, *traits) == "One. Two."


def test_rules_about_the_name_come_before_all_others():
    book = playbook(({"income": "high"}, "Income."), ({"age": "low"}, "Age."))
    traits = [finding("income", "high"), finding("age", "low")]
    assert action(book, *traits, headline=frozenset({"age"})) == "Age. Income."


@pytest.mark.parametrize(
    ("asked", "met", "holds"),
    [
        ("high", "very high", True),
        ("very high", "high", False),
        ("low", "very low", True),
        ("average", "high", False),
        (["low", "average"], "average", True),
        (["low", "average"], "high", False),
    ],
)
def test_what_levels_mean(asked, met, holds):
    book = playbook(({"income": asked}, "Rule."))
    assert (action(book, finding("income", met)) == "Rule.") is holds


@pytest.mark.parametrize(("met", "text"), [("mostly", "Show beauty."), ("often", "")])
def test_categories_hand_their_level_to_the_action(met, text):
    book = playbook(({"product": "mostly"}, "Show {product}."))
    described = finding("product", met, top="beauty", role="feature")
    assert action(book, described) == text


@pytest.mark.parametrize(
    ("asked", "met", "holds"),
    [
        ("mostly electronics", "mostly", True),
        ("often electronics", "mostly", True),
        ("mostly electronics", "often", False),
        ("mostly tronics", "mostly", False),
        ("mostly home beauty", "mostly", False),
    ],
)
def test_a_rule_can_ask_for_a_level_by_its_words(asked, met, holds):
    book = playbook(({"product": asked}, "Rule."))
    text = action(book, finding("product", met, top="Home electronics"))
    assert (text == "Rule.") is holds


def test_a_code_is_handed_over_with_its_column():
    book = playbook(({"channel": "often"}, "Use {channel}."))
    assert action(book, finding("channel", "mostly", top="2")) == "Use channel 2."


def test_an_average_category_is_not_an_average_concept():
    book = playbook(({"income": "average"}, "Average."))
    assert action(book, finding("income", "average"), headline=frozenset({"income"})) == "Average."
    assert action(book, finding("income", "average", top="$40K - $60K")) == ""


def test_where_no_rule_holds_nothing_is_said():
    book = playbook(({"income": "average"}, "Average."))
    gender = finding(None, "mostly", column="gender", top="Female", role="describe")
    assert action(book, finding("age", "high"), gender) == ""


def test_a_rule_does_not_hold_where_two_columns_of_its_concept_disagree():
    book = playbook(({"spending": "high"}, "Protect."))
    monthly = finding("spending", "high", column="monthly")
    total = finding("spending", "low", column="total", strength=0.6)
    assert action(book, monthly) == "Protect."
    assert action(book, monthly, total) == ""


def test_what_a_rule_rules_out_may_not_be_met_by_any_column():
    rule = Rule.model_validate(
        {"when": {"recency": "high"}, "unless": {"tenure": "low"}, "action": "Win back."}
    )
    book = Playbook(concepts=load_playbook().concepts, rules=(rule,))
    absent = finding("recency", "high")
    assert action(book, absent) == "Win back."
    assert action(book, absent, finding("tenure", "very low")) == ""


@pytest.mark.parametrize(
    ("column", "mean", "goal"),
    [
        ("days_since_last_order", 20.0, ""),
        ("days_since_last_order", 200.0, "win back"),
        ("months_since_order", 7.0, "win back"),
        ("recency", 20.0, "win back"),  # it does not say in what
    ],
)
def test_nobody_is_won_back_who_bought_within_a_month(column, mean, goal):
    absent = replace(finding("recency", "high", column=column), mean=mean)
    assert choose_actions([SegmentFacts([absent])], load_playbook())[0].goal == goal


def test_equal_advice_is_told_apart_by_a_further_rule():
    book = playbook(
        ({"income": "high"}, "Premium."), ({"age": "low"}, "Young."), ({"age": "high"}, "Old.")
    )
    alike = finding("income", "high")
    segments = [
        SegmentFacts([alike, finding("age", level)]) for level in ("low", "high", "average")
    ]
    texts = [advice.text for advice in choose_actions(segments, book)]
    assert texts == ["Young. Premium.", "Old. Premium.", "Premium."]  # all are told the same


def test_the_first_of_equal_segments_keeps_what_all_of_them_could_change():
    book = playbook(
        ({"income": "high"}, "Premium."), ({"age": "low"}, "Young."), ({"age": "high"}, "Old.")
    )
    alike = finding("income", "high")
    segments = [SegmentFacts([alike, finding("age", level)]) for level in ("low", "high")]
    texts = [advice.text for advice in choose_actions(segments, book)]
    assert texts == ["Premium. Young.", "Old. Premium."]


def test_equal_advice_says_which_segments_it_is_for_unless_it_is_for_all():
    book = playbook(({"income": "high"}, "Show premium ranges."), ({"age": "low"}, "Young."))
    rich, young = SegmentFacts([finding("income", "high")]), SegmentFacts([finding("age", "low")])
    texts = [advice.text for advice in choose_actions([rich, young, rich, rich], book)]
    assert texts == [
        "Show premium ranges (as for segments 3 and 4).",
        "Young.",
        "Show premium ranges (as for segments 1 and 4).",
        "Show premium ranges (as for segments 1 and 3).",
    ]
    assert [advice.text for advice in choose_actions([rich, rich], book)] == [
        "Show premium ranges."
    ] * 2


def test_a_sentence_that_another_segment_has_too_names_it():
    book = playbook(({"income": "high"}, "Premium."), ({"age": "low"}, "Young."))
    rich, young = finding("income", "high"), finding("age", "low")
    other = SegmentFacts([finding("age", "high")])
    segments = [SegmentFacts([rich]), SegmentFacts([young, rich]), other]
    texts = [advice.text for advice in choose_actions(segments, book)]
    assert texts == ["Premium (as for segment 2).", "Young. Premium (as for segment 1).", ""]


def test_an_average_is_advice_only_for_those_who_are_known_for_it():
    book = playbook(({"income": "average", "spending": "average"}, "Cross-sell."))
    traits = [finding("income", "average"), finding("spending", "average"), finding("age", "high")]
    assert action(book, *traits, headline=frozenset({"age"})) == ""
    assert action(book, *traits, headline=frozenset({"income", "spending"})) == "Cross-sell."


def test_products_in_the_name_are_all_named_in_the_advice():
    book = playbook(({"assortment": "high"}, "Treat them as key accounts for {assortment}."))
    traits = [finding("assortment", "high", column=name) for name in ("milk", "grocery", "fresh")]
    text = action(book, *traits, headline=frozenset({"milk", "grocery"}))
    assert text == "Treat them as key accounts for milk and grocery."


def test_what_is_bought_is_named_without_its_measure():
    trait = replace(finding("line_spending", "high"), label="spending on wines")
    (advice,) = choose_actions([SegmentFacts([trait])], load_playbook(), "retail")
    assert advice.sentences[0].startswith("They spend more on wines than others")
    assert advice.sentences[-1] == "Measure their spending on wines."


def test_purchases_on_deals_are_no_number_of_purchases():
    meanings = load_playbook().find_meanings(["NumDealsPurchases", "NumPurchases"])
    assert [meaning.concept for meaning in meanings.values()] == ["discount", "frequency"]


def test_rules_of_another_sector_do_not_hold():
    rule = Rule.model_validate(
        {"when": {"stays": "high"}, "sector": "hospitality", "action": "Go."}
    )
    base = load_playbook()
    book = Playbook(concepts=base.concepts, sectors=base.sectors, rules=(rule,))
    facts = [SegmentFacts([finding("stays", "high")])]
    assert choose_actions(facts, book, "hospitality")[0].text == "Go."
    assert choose_actions(facts, book, "retail")[0].text == ""


VALUE = ValueFigures("rev", "revenue", "$", 5000.0, 0.2, 50.0, 40.0)


@pytest.mark.parametrize(
    ("goal", "stake"),
    [
        ("keep", "At stake: 100 customers and $5,000 in revenue."),
        ("win back", "At stake: 100 customers and $5,000 in revenue."),
        ("grow", "A 10% rise in their revenue would bring $500."),
        ("serve cheaply", None),
    ],
)
def test_an_action_says_what_is_at_stake_and_what_to_measure(goal, stake):
    rule = Rule.model_validate({"when": {"income": "high"}, "goal": goal, "action": "Do."})
    base = load_playbook()
    book = Playbook(concepts=base.concepts, goals=base.goals, rules=(rule,))
    facts = SegmentFacts([finding("income", "high")], values=[VALUE], customers=100)
    (advice,) = choose_actions([facts], book)
    assert advice.goal == goal
    assert advice.sentences[-1] == f"Measure {base.goals[goal].measure}."
    assert (stake in advice.sentences) if stake else len(advice.sentences) == 2


def churn(count: int, known: int = 1000, overall: float = 0.2) -> OutcomeFigures:
    low, high = compute_wilson_interval(count, known)
    return OutcomeFigures("Churn", "churn", True, count, known, overall, low, high)


def test_an_outcome_drives_the_action_and_says_how_many_it_concerns():
    facts = SegmentFacts([finding("spending", "high")], outcomes=[churn(340)])
    (advice,) = choose_actions([facts], load_playbook())
    assert advice.goal == "keep"
    assert "retention offer" in advice.sentences[0]
    assert advice.sentences[1] == "At the overall rate, about 140 fewer of them would have left."
    assert len(advice.sentences) == 3


def test_those_who_have_nearly_all_left_are_not_asked_to_stay():
    facts = SegmentFacts([finding("digital", "high")], outcomes=[churn(990)])
    (advice,) = choose_actions([facts], load_playbook())
    assert advice.goal == "win back"
    assert len(advice.sentences) == 1


@pytest.mark.parametrize("count", [200, 205, 190])
def test_a_rate_that_may_be_chance_drives_nothing(count):
    facts = SegmentFacts([], outcomes=[churn(count)])
    assert choose_actions([facts], load_playbook())[0].text == ""


CONCEPTS = sorted(load_playbook().concepts)
LEVELS = ("very low", "low", "average", "high", "very high")


@st.composite
def facts(draw):
    """A segment's standing in some columns of known concepts, some of the same concept."""
    concepts = draw(st.lists(st.sampled_from(CONCEPTS), min_size=1, max_size=6))
    traits = [
        finding(
            concept,
            draw(st.sampled_from(LEVELS)),
            column=f"{concept} {i}",
            role=draw(st.sampled_from(["feature", "describe"])),
            strength=draw(st.floats(0, 2)),
        )
        for i, concept in enumerate(concepts)
    ]
    named = draw(st.sets(st.sampled_from([scored.trait.column for scored in traits])))
    return SegmentFacts(traits, SegmentName("", frozenset(named)))


SECTORS = [None, *load_playbook().sectors]


@given(facts(), st.sampled_from(SECTORS))
@settings(max_examples=300, deadline=None)
def test_the_premises_of_every_action_hold_in_the_figures(segment, sector):
    """Every sentence is that of a rule whose conditions the segment's levels bear out."""
    book = load_playbook()
    (advice,) = choose_actions([segment], book, sector)
    assert len(advice.sentences) <= 3
    for sentence in advice.sentences:
        rules = [rule for rule in book.rules if _can_say(rule, sentence)]
        assert sentence.startswith("Measure ") or rules
        assert not rules or any(_is_borne_out(rule, segment, sector) for rule in rules), sentence


def _can_say(rule: Rule, sentence: str) -> bool:
    pattern = re.sub(r"\\\{\w+\\\}", ".+", re.escape(rule.action))
    return re.fullmatch(pattern, sentence) is not None


def _is_borne_out(rule: Rule, segment: SegmentFacts, sector: str | None) -> bool:
    levels: dict[str, set[str]] = {}
    for scored in segment.traits:
        levels.setdefault(scored.concept or "", set()).add(scored.condition)
    wider = {"low": {"low", "very low"}, "high": {"high", "very high"}}

    def meets(concept: str, asked: tuple[str, ...]) -> bool:
        return any(wider.get(level, {level}) & levels.get(concept, set()) for level in asked)

    def is_torn(concept: str) -> bool:
        met = {level.removeprefix("very ") for level in levels.get(concept, ())}
        return {"high", "low"} <= met

    return (
        rule.sector in (None, sector)
        and all(meets(name, asked) for name, asked in rule.when.items())
        and not any(is_torn(name) and rule.when[name] != ("average",) for name in rule.when)
        and not any(meets(name, asked) for name, asked in rule.unless.items())
    )


@pytest.mark.parametrize(
    ("concepts", "words"),
    [
        ({"frequency": "high", "debt": "low", "utilization": "low"}, "reason to use the card"),
        ({"in_person": "high", "digital": "low"}, "digital channels"),
        ({"recency": "high", "tenure": "low"}, "return"),
        ({"tenure": "high", "recency": "high"}, "loyalty"),
        ({"balance": "high", "credit_limit": "average"}, "deposits"),
        ({"income": "high", "frequency": "low", "line_spending": "high"}, "seldom buy"),
    ],
)
@pytest.mark.parametrize("sector", SECTORS)
def test_advice_that_the_figures_contradict_is_not_given(concepts, words, sector):
    segment = SegmentFacts([finding(name, level) for name, level in concepts.items()])
    (advice,) = choose_actions([segment], load_playbook(), sector)
    assert words not in advice.text


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("churned", "compare churn with a group"),
        ("résilié", "compare cancellations with a group"),
        ("Kündigung", "compare cancellations with a group"),
        ("отток", "compare churn with a group"),
        ("complained", "Find out what leads to complaints among them"),
        ("missed call", "Find out what leads to the rate of 'missed call' among them"),
    ],
)
def test_an_outcome_is_spoken_of_by_a_noun(column, said):
    low, high = compute_wilson_interval(400, 1000)
    outcome = OutcomeFigures(column, column, True, 400, 1000, 0.2, low, high)
    (advice,) = choose_actions([SegmentFacts([], outcomes=[outcome])], load_playbook())
    assert said in advice.text


def test_more_of_a_good_outcome_is_counted_without_its_name():
    low, high = compute_wilson_interval(400, 1000)
    outcome = OutcomeFigures("offer", "responded to offer", False, 400, 1000, 0.2, low, high)
    (advice,) = choose_actions([SegmentFacts([], outcomes=[outcome])], load_playbook())
    assert advice.sentences[1] == (
        "At the overall rate, it would have been about 200 fewer of them."
    )
