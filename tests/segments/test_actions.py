from __future__ import annotations

import pytest

from ilk.schema import Role
from ilk.segments.actions import choose_actions
from ilk.segments.playbook import Condition, Fallback, Playbook, Rule, load_playbook
from ilk.segments.segment import Trait
from ilk.segments.traits import ScoredTrait

FALLBACK = Fallback(
    high="Much {label}.", low="Little {label}.", mostly="{label} is {level}.", typical="Typical."
)


def playbook(*rules: tuple[dict[str, str | list[str]], str]) -> Playbook:
    built = tuple(Rule.model_validate({"when": when, "action": action}) for when, action in rules)
    return Playbook(concepts=load_playbook().concepts, rules=built, fallback=FALLBACK)


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
    (text,) = choose_actions([findings], [headline], book)
    return text


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


@pytest.mark.parametrize(("met", "text"), [("mostly", "Show beauty."), ("often", "Typical.")])
def test_categories_hand_their_level_to_the_action(met, text):
    book = playbook(({"product": "mostly"}, "Show {product}."))
    described = finding("product", met, top="beauty", role="feature")
    assert action(book, described).replace("product is beauty.", "Typical.") == text


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
    assert action(book, finding("income", "average", top="$40K - $60K")) == "Typical."


def test_a_rule_about_a_concept_that_is_not_there_never_holds():
    book = playbook(({"income": "average"}, "Average."))
    assert action(book, finding("age", "high")) == "Much age."


def test_the_fallback_speaks_of_the_strongest_feature():
    traits = [
        finding(None, "high", column="a", strength=0.7),
        finding(None, "low", column="b", strength=0.9),
        finding(None, "high", column="c", strength=2.0, role="describe"),
    ]
    assert action(playbook(), *traits) == "Little b."


def test_what_only_describes_and_means_nothing_gives_no_advice():
    gender = finding(None, "mostly", column="gender", top="Female", role="describe")
    assert action(playbook(), gender) == "Typical."


def test_equal_advice_is_told_apart_by_a_further_trait():
    book = playbook(({"income": "high"}, "Premium."))
    texts = choose_actions(
        [
            [finding("income", "high"), finding(None, "high", column="visits")],
            [finding("income", "high"), finding(None, "low", column="visits")],
            [finding("income", "low")],
        ],
        [frozenset()] * 3,
        book,
    )
    assert texts == ("Premium. Much visits.", "Premium. Little visits.", "Little income.")
