from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from ilk.errors import UsageError
from ilk.segments import playbook as module
from ilk.segments.playbook_file import load_playbook


@pytest.fixture
def own(tmp_path):
    def write(text: str) -> Path:
        path = tmp_path / "own.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("column", "concept", "backwards"),
    [
        ("Annual Income (k$)", "income", False),
        ("Spending Score (1-100)", "spending", False),
        ("Total_Trans_Amt", "spending", False),
        ("Total_Trans_Ct", "frequency", False),
        ("number_of_purchases", "frequency", False),
        ("recency_days", "recency", False),
        ("Months_Inactive_12_mon", "inactivity", False),
        ("days_since_last_purchase", "recency", False),
        ("recency_score", "recency", True),
        ("Year_Birth", "age", True),
        ("Months_on_book", "tenure", False),
        ("years_with_company", "tenure", False),
        ("average_order_value", "order_value", False),
        ("Avg_Open_To_Buy", "credit_limit", False),
        ("Total_Revolving_Bal", "debt", False),
        ("product_category", "product", False),
        ("Card_Category", "plan", False),
        ("Total_Amt_Chng_Q4_Q1", "growth", False),
        ("MntWines", "line_spending", False),
        ("Detergents_Paper", "assortment", False),
    ],
)
def test_columns_as_they_are_met_have_a_meaning(column, concept, backwards):
    assert load_playbook().find_meanings([column]) == {column: (concept, backwards)}


@pytest.mark.parametrize("column", ["Gender", "V1", "percentage", "Marital_Status", ""])
def test_other_columns_have_none(column):
    assert load_playbook().find_meanings([column]) == {}


def test_the_built_in_playbook_passes_its_own_checks():
    built_in = Path(module.__file__).with_name("playbook.toml")
    assert load_playbook(built_in) == load_playbook()


def test_every_concept_of_the_built_in_playbook_is_told_apart_by_its_words():
    concepts = tomllib.loads(Path(module.__file__).with_name("playbook.toml").read_text())
    book = load_playbook()
    for name, concept in concepts["concepts"].items():
        for words in concept["words"]:
            assert book.find_meanings([words])[words].concept == name


def test_own_concepts_are_added_and_own_rules_replace(own):
    book = load_playbook(
        own(
            """
            [concepts.nights]
            words = ["nights", "room nights"]
            high = "frequent guests"

            [[rules]]
            when = { nights = "high" }
            action = "Offer a suite."
            """
        )
    )
    assert book.find_meanings(["Room_Nights", "age"])["Room_Nights"].concept == "nights"
    assert book.find_meanings(["age"])["age"].concept == "age"
    assert [rule.action for rule in book.rules] == ["Offer a suite."]
    assert book.outcomes == ()  # or they would speak before the own rules
    assert book.goals == load_playbook().goals


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[rules]\n", "not a TOML file.*line 1"),
        ("[conceptss.x]\nwords = []", r"unknown key 'conceptss'.*Did you mean 'concepts'\?"),
        ("[concepts.x]\nword = ['a']", "concepts › x"),
        ("[concepts.x]\nwords = []\nhihg = 'a'", r"unknown key 'hihg'.*Did you mean 'high'\?"),
        ("[concepts.x]\nwords = []\nhigh = '{lable}'", r"concept x, high.*Did you mean 'label'\?"),
        (
            "[[rules]]\nwhen = { incme = 'high' }\naction = 'a'",
            r"'incme' is not known here \(.*own.toml, rule 1, when\)\. Did you mean 'income'\?",
        ),
        (
            "[[rules]]\nwhen = { income = 'hihg' }\naction = 'a'",
            r"'hihg' is not known here \(.*rule 1, when, income\)\. Did you mean 'high'\?",
        ),
        (
            "[[rules]]\nwhen = { income = 'high' }\naction = 'a {product}'",
            r"'product' is not known here .*rule 1, action",
        ),
        ("[[rules]]\nwhen = {}\naction = 'a'", "rules › 1 › when"),
        ("[[rules]]\nwhen = { income = 'high' }", "rules › 1 › action"),
        ("[fallback]\nhigh = 'a'", "unknown key 'fallback'"),
        (
            "[[rules]]\nwhen = { income = 'high' }\nunless = { incme = 'low' }\naction = 'a'",
            "rule 1, unless.*Did you mean 'income'",
        ),
        (
            "[[rules]]\nwhen = { income = 'high' }\nsector = 'telcoo'\naction = 'a'",
            r"rule 1, sector\)\. Did you mean 'telco'\?",
        ),
        ("[[rules]]\nwhen = { income = 'high' }\ngoal = 'keeep'\naction = 'a'", "goal"),
        ("rules = 5", "rules"),
    ],
)
def test_a_bad_playbook_is_refused_with_place_and_way_out(own, text, message):
    with pytest.raises(UsageError, match=message) as refused:
        load_playbook(own(text))
    assert refused.value.code == "E_PLAYBOOK"
    assert "own.toml" in str(refused.value)
    assert refused.value.way_out


def test_a_missing_playbook_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"cannot be opened.*none\.toml"):
        load_playbook(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("columns", "sector"),
    [
        (["orders_per_year", "average_order_value", "days_since_last_order"], "retail"),
        (
            ["Credit_Limit", "Total_Revolving_Bal", "Avg_Utilization_Ratio"],
            "banking",
        ),
        (["tenure", "Contract", "MonthlyCharges", "TotalCharges"], "telco"),
        (["nights", "lead_time", "adr"], "hospitality"),
        (["Fresh", "Milk", "Grocery", "Frozen"], "wholesale"),
        (["Annual Income (k$)", "Spending Score (1-100)"], None),
        (["V1", "V2"], None),
    ],
)
def test_the_sector_is_told_by_the_columns(columns, sector):
    assert load_playbook().find_sector(columns) == sector


def test_every_sector_has_rules_and_every_goal_a_measure():
    book = load_playbook()
    assert {rule.sector for rule in book.rules} == {None, *book.sectors}
    assert {rule.goal for rule in book.rules if rule.goal} <= set(book.goals)


def test_actions_are_short():
    for rule in load_playbook().rules:
        assert len(rule.action) <= 130, rule.action
        assert rule.action.endswith(".")


@pytest.mark.parametrize("sector", ["banking", "telco", "hospitality"])
def test_no_rule_speaks_of_shops_to_those_who_are_none(sector):
    words = re.compile(r"\b(?:ranges|bundles|multi-buy|best sellers|delivery|stock|own brands)\b")
    rules = [rule for rule in load_playbook().rules if rule.is_for(sector)]
    assert [rule.action for rule in rules if words.search(rule.action)] == []


def test_a_rule_holds_nowhere_that_it_rules_out(tmp_path):
    path = tmp_path / "own.toml"
    rule = '[[rules]]\nwhen = { age = "low" }\naction = "Greet."\nnot_in = ["SECTOR"]\n'
    path.write_text(rule.replace("SECTOR", "banking"))
    assert not load_playbook(path).rules[0].is_for("banking")
    path.write_text(rule.replace("SECTOR", "bankin"))
    with pytest.raises(UsageError, match="banking"):
        load_playbook(path)
