from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ilk.schema import Meaning, Role
from ilk.segments.column_labels import make_column_labels
from ilk.segments.conditions import Condition
from ilk.segments.naming import MAX_NAME_LENGTH, name_segments
from ilk.segments.playbook_file import load_playbook
from ilk.segments.segment import Level, NumberFigures, Trait
from ilk.segments.trait_texts import build_number_trait
from ilk.segments.traits import ScoredTrait

CONCEPTS = load_playbook().concepts


def number(
    column: str, effect: float, role: Role = "feature", concept: str | None = None
) -> ScoredTrait:
    figures = NumberFigures(column, mean=effect, std=1.0, missing=0)
    everyone = NumberFigures(column, mean=0.0, std=1.0, missing=0)
    trait = build_number_trait(figures, everyone, effect)
    return ScoredTrait(trait, column, role, abs(effect), concept, trait.level)


def category(
    column: str, top: str, condition: Condition = "mostly", role: Role = "feature"
) -> ScoredTrait:
    level: Level = "average" if condition == "average" else "high"
    return ScoredTrait(
        Trait(column, level, 0.5, "", top), column, role, 1.0, None, condition, share=0.9
    )


def names(*segments: list[ScoredTrait]) -> list[str]:
    return [name.text for name in name_segments(segments, CONCEPTS)]


def test_two_features_are_always_both_named_in_their_order():
    assert names(
        [number("income", 0.1), number("spending", -1.4)],
        [number("income", -1.0), number("spending", 0.2)],
        [number("income", 0.0), number("spending", 0.0)],
    ) == [
        "Average-income low-spending customers",
        "Low-income average-spending customers",
        "Average-income average-spending customers",
    ]


def test_of_many_features_the_two_strongest_are_named_in_column_order():
    findings = [number("income", 0.7), number("visits", 0.9), number("spending", -1.4)]
    assert names(findings) == ["Many visits, low spending"]


def test_features_come_before_what_only_describes():
    findings = [
        number("a", 0.6),
        number("b", 0.0),
        number("c", 0.7),
        number("age", 2.0, "describe", "age"),
    ]
    assert names(findings) == ["High-a high-c customers"]


def test_a_single_trait_stands_alone():
    findings = [number("age", 1.2, concept="age"), number("b", 0.2), number("c", 0.1)]
    assert names(findings) == ["Older customers"]


def test_without_any_trait_customers_are_average():
    assert names([number("a", 0.1), number("b", 0.2), number("c", 0.1)]) == ["Average customers"]


def test_two_columns_of_one_concept_do_not_crowd_out_a_different_trait():
    findings = [
        number("credit limit", 2.0, concept="credit_limit"),
        number("open to buy", 1.9, concept="credit_limit"),
        number("utilization", -0.8, concept="utilization"),
    ]
    assert names(findings) == ["High credit limit, low utilization"]


@pytest.mark.parametrize(
    ("concept", "low", "high"),
    [
        ("age", "Younger customers", "Older customers"),
        ("recency", "Recently active customers", "Long-absent customers"),
        ("tenure", "Newer customers", "Long-standing customers"),
    ],
)
def test_concepts_are_said_as_people_say_them(concept, low, high):
    assert names([number("x", -1.0, concept=concept)], [number("x", 1.0, concept=concept)]) == [
        low,
        high,
    ]


def test_categories_are_named_by_the_level_that_prevails():
    assert names(
        [category("product", "electronics"), number("income", 0.9)],
        [category("region", "3"), number("income", 0.0)],
        [category("loyalty card", "no"), number("income", 0.0)],
        [category("product", "beauty", "often"), number("income", 0.0)],
        [category("product", "fashion", "average"), number("income", -0.9)],
    ) == [
        "Electronics high-income customers",
        "Region 3, average income",
        "Without loyalty card, average income",
        "Often beauty average-income customers",
        "Low-income customers",
    ]


def test_a_concept_can_put_categories_in_its_own_words():
    silver = replace(category("card", "Silver"), concept="plan")
    assert names([silver, number("income", 0.9)]) == ["High-income silver card customers"]


def test_columns_that_differ_only_in_case_still_make_different_names():
    segment_names = names(
        *[[category("A", level), category("a", level)] for level in ("Ab", "aB", "ab")]
    )
    assert len({name.casefold() for name in segment_names}) == 3


def test_what_can_be_said_in_words_comes_before_codes():
    findings = [category("occupation", "2"), number("income", 0.6), number("age", 0.7)]
    assert names(findings) == ["High-income high-age customers"]


def test_what_tells_a_segment_from_its_neighbor_comes_first():
    shared = [number("a", 2.0), number("b", -2.0)]
    assert names([*shared, number("c", 0.8)], [*shared, number("c", -0.8)]) == [
        "High-a high-c customers",
        "High-a low-c customers",
    ]


def test_very_is_said_only_where_it_tells_segments_apart():
    segments = (
        [number("income", 2.0), number("spending", 1.0)],
        [number("income", 1.0), number("spending", 1.0)],
        [number("income", -2.0), number("spending", 1.0)],
    )
    assert names(*segments) == [
        "Very high-income, high-spending customers",
        "High-income high-spending customers",
        "Low-income high-spending customers",
    ]


def test_leanings_and_numbers_are_the_last_resort():
    assert names([number("income", 0.4)], [number("income", 0.0)]) == [
        "Customers with above-average income",
        "Average-income customers",
    ]
    assert names([number("income", 0.0)], [number("income", 0.0)]) == [
        "Average-income customers, group 1",
        "Average-income customers, group 2",
    ]


def test_edits_that_would_take_turns_come_to_an_end():
    """What tells two segments apart makes them equal to the other two, and the other way round."""
    columns = ("contribution", "margins earned", "visiting hours")
    segment_names = names(
        *[
            [number(column, effect) for column, effect in zip(columns, effects, strict=True)]
            for effects in ((4.0, 4.0, 0.6), (4.0, 4.0, -0.6), (4.0, 0.0, 3.0), (4.0, 0.0, -3.0))
        ]
    )
    assert segment_names == [
        "High margins earned, many visiting hours",
        "High margins earned, few visiting hours",
        "High contribution, many visiting hours",
        "High contribution, few visiting hours",
    ]


def test_products_of_one_kind_share_a_noun():
    assert names(
        [number(column, 1.0, concept="assortment") for column in ("grocery", "milk", "fresh")]
    ) == ["Heavy buyers of grocery and milk"]


def test_spending_on_a_product_is_said_of_its_buyers():
    columns = ("spending on meat products", "spending on wines")
    traits = [number(column, 1.0, concept="line_spending") for column in columns]
    assert names([*traits, number("b", 0.0)]) == ["Heavy buyers of meat and wines"]


def test_a_code_says_less_than_words_even_if_it_looks_like_an_answer():
    age, occupation = number("age", 0.6, concept="age"), category("occupation", "1")
    assert names([occupation, age, number("b", 0.1)]) == ["Older customers"]
    flag = replace(occupation, label="app", meaning="yes_no")
    assert names([flag, age, number("b", 0.1)]) == ["Older customers with the app"]


def test_a_name_tells_which_columns_it_speaks_of():
    (name,) = name_segments([[number("a", 0.9), number("b", 0.1), number("c", 0.0)]], CONCEPTS)
    assert name.columns == {"a"}


def test_long_columns_and_levels_still_make_short_names():
    long = "x9" * 40
    (name,) = names([category(long, long), number(long + "y", 1.0)])
    assert len(name) <= MAX_NAME_LENGTH


@pytest.mark.parametrize(
    ("column", "meaning", "low", "high"),
    [
        ("credit_score", None, "Low credit score", "High credit score"),
        ("bounce_rates", None, "Low bounce rates", "High bounce rates"),
        ("nbr_children", "count", "Few children", "Many children"),
        ("call_duration", "duration", "Short call duration", "Long call duration"),
        ("lead_time_days", "duration", "Short lead time", "Long lead time"),
        ("Days", "duration", "Low-days customers", "High-days customers"),
        ("GELİR", "money", "Low-gelir customers", "High-gelir customers"),
    ],
)
def test_quantities_are_said_in_the_words_of_their_column(
    column: str, meaning: Meaning | None, low: str, high: str
) -> None:
    (label,) = make_column_labels([column]).values()
    segments = [
        [replace(number(column, effect), label=label, meaning=meaning)] for effect in (-1.0, 1.0)
    ]
    shown = names(*segments)
    assert [name.removeprefix("Customers with ").capitalize() for name in shown] == [low, high]


@pytest.mark.parametrize(
    ("label", "level", "text"),
    [
        ("has app", "1", "Customers with the app"),
        ("has app", "0", "Customers without the app"),
        ("newsletter", "0", "Customers without newsletter"),
        ("phone service", "No", "Customers without phone service"),
        ("senior citizen", "1", "Senior citizens"),
        ("spend", "Average", "Average-spend customers"),
        ("meal plan", "None", "Customers without meal plan"),
        ("support", "No internet service", "Customers without internet service"),
        ("occupation", "2", "Customers with occupation 2"),
    ],
)
def test_no_level_stands_without_its_column_where_it_means_nothing_alone(label, level, text):
    meaning: Meaning | None = "yes_no" if level in ("0", "1", "No") else None
    flag = replace(category("column", level), label=label, meaning=meaning)
    others = [number("b", 0.0), number("c", 0.0)]
    assert names([flag, *others]) == [text]


def test_nothing_is_called_average_whose_mean_is_far_off():
    off = replace(number("spend", 0.4), ratio=1.49)
    assert names([off, number("visits", 2.0)]) == ["Above-average spend, many visits"]
    assert names([off, number("b", 0.0), number("c", 0.0)]) == [
        "Customers with above-average spend"
    ]


def test_what_is_unknown_is_not_called_average():
    unknown = replace(number("visits", 0.0), known=0.2)
    assert names([number("spend", 1.0), unknown]) == ["High spend, unknown visits"]


def test_columns_of_one_concept_that_disagree_are_named_by_themselves():
    monthly = replace(number("monthly charges", 1.0), concept="spending")
    total = replace(number("total charges", -1.0), concept="spending")
    assert names([monthly, total]) == ["High monthly charges, low total charges"]


def test_a_slight_majority_is_called_one():
    married = replace(category("status", "Married"), share=0.61)
    assert names([married, number("b", 0.0), number("c", 0.0)]) == ["Mostly married customers"]


def test_a_slight_majority_qualifies_only_its_own_words():
    code = replace(category("policy", "A2"), share=0.61)
    spenders = number("spend", -1.0, concept="spending")
    assert names([code, spenders]) == ["Low spenders, mostly with policy A2"]
    assert names([code, number("income", 1.0)]) == ["High income, mostly policy A2"]


@pytest.mark.parametrize(
    ("level", "text"),
    [
        ("2", "Customers with 2 dependents"),
        ("1", "Customers with 1 dependent"),
        ("0", "Customers without dependents"),
        ("3+", "Customers with 3+ dependents"),
    ],
)
def test_a_number_of_things_is_said_as_one(level, text):
    assert names([category("dependents", level)]) == [text]


def test_the_figures_behind_every_word_are_kept():
    (name,) = name_segments([[number("income", 1.0), number("spending", -1.0)]], CONCEPTS)
    assert [reason.words for reason in name.reasons] == ["high income", "low spending"]
    assert all(
        reason.text.startswith(column)
        for reason, column in zip(name.reasons, ("income", "spending"), strict=True)
    )


effects = st.floats(-3, 3).map(lambda effect: round(effect, 1))
labels = st.text(min_size=1, max_size=60).filter(str.strip)


@st.composite
def partitions(draw):
    """Segments by one to four numbers and up to two categories, many of them alike."""
    columns = draw(st.lists(labels, min_size=1, max_size=4, unique=True))
    roles = [draw(st.sampled_from(["feature", "describe"])) for _ in columns]
    kinds = [draw(st.booleans()) for _ in columns]
    k = draw(st.integers(1, 9))
    return [
        [
            number(column, draw(effects), role)
            if is_number
            else category(
                column, draw(labels), draw(st.sampled_from(["mostly", "often", "average"])), role
            )
            for column, role, is_number in zip(columns, roles, kinds, strict=True)
        ]
        for _ in range(k)
    ]


@given(partitions())
@settings(max_examples=80, deadline=None)
def test_names_are_unique_short_and_on_one_line(segments):
    segment_names = names(*segments)
    assert len({name.casefold() for name in segment_names}) == len(segments)
    for name in segment_names:
        assert 0 < len(name) <= MAX_NAME_LENGTH
        assert name.splitlines() == [name]
        assert name[0] == name[0].upper() or not name[0].isalpha()
