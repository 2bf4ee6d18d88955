"""Outcomes and the value of a customer are recognized, printed and overruled."""

from __future__ import annotations

import pytest

from ilk.errors import InputError, UsageError
from ilk.schema import Outcome

N = 60


def amounts(step=7.5):
    return [(i * i * step) % 991 for i in range(N)]


def with_levels(name, levels):
    return {name: [levels[i % len(levels)] for i in range(N)], "spend": amounts(), "x": amounts(3)}


@pytest.mark.parametrize(
    ("name", "levels", "level", "is_bad"),
    [
        ("exited", [0, 1, 0], "1", True),
        ("Exited", ["0", "1"], "1", True),
        ("churned", [True, False], "true", True),
        ("Churn", ["No", "Yes"], "Yes", True),
        ("Attrition_Flag", ["Existing Customer", "Attrited Customer"], "Attrited Customer", True),
        ("attrition", ["Existing", "Gone"], "Gone", True),
        ("churn label", ["Not churned", "Churned"], "Churned", True),
        ("defaulted", ["paid", "overdue"], "overdue", True),
        ("loan_default", [0, 1], "1", True),
        ("gekündigt", ["ja", "nein"], "ja", True),
        ("resilie", ["oui", "non"], "oui", True),
        ("Abandono", ["Sí", "No"], "Sí", True),
        ("opgezegd", ["ja", "nee"], "ja", True),
        ("отток", ["да", "нет"], "да", True),
        ("responded", ["yes", "no"], "yes", False),
        ("Response", [0, 1, 1], "1", False),
        ("converted", ["t", "f"], "t", False),
        ("bought insurance", [1, 0], "1", False),
        ("gekauft", ["nein", "ja"], "ja", False),
        ("Revenue", ["TRUE", "FALSE", "FALSE"], "true", False),
        ("status", ["active", "churned", "paused"], "churned", True),
    ],
)
def test_an_outcome_only_describes_and_its_level_is_known(infer, name, levels, level, is_bad):
    columns, notices = infer(with_levels(name, levels))
    column = columns[name]
    assert (column.role, column.kind, column.outcome) == (
        "describe",
        "category",
        Outcome(level, is_bad),
    )
    assert column.reason == (
        f"an outcome to compare segments by: '{level}' says that it happened, "
        f"which is {'bad' if is_bad else 'good'}"
    )
    assert not notices


@pytest.mark.parametrize(
    ("name", "levels"),
    [
        ("newsletter", [0, 1]),
        ("response_time", [3, 7, 12, 15]),
        ("default_language", ["en", "de"]),
        ("plan", ["basic", "gold"]),
        ("revenue", [10, 20, 30]),
        ("order status", ["open", "sent", "paid"]),
        ("left", ["2", "4", "6", "8"]),
    ],
)
def test_other_columns_are_no_outcomes(infer, name, levels):
    column = infer(with_levels(name, levels))[0][name]
    assert (column.role, column.outcome) == ("feature", None)


def test_an_outcome_without_a_telling_level_still_describes(infer):
    column = infer(with_levels("target", ["0", "1"]))[0]["target"]
    assert (column.role, column.outcome) == ("describe", None)


def test_the_user_names_the_outcome_and_its_level(infer):
    table = with_levels("visit", ["A", "B", "C"]) | {"churned": [0, 1] * (N // 2)}
    columns, _ = infer(table, outcome="visit=B")
    assert columns["visit"].outcome == Outcome("B", is_bad=False)
    assert columns["churned"].outcome is None
    assert infer(table, outcome="churned")[0]["churned"].outcome == Outcome("1", is_bad=True)


def test_none_says_that_there_is_no_outcome(infer):
    column = infer(with_levels("churned", [0, 1]), outcome="none", categorical=("churned",))[0]
    assert (column["churned"].role, column["churned"].outcome) == ("feature", None)


@pytest.mark.parametrize(
    ("outcome", "problem"),
    [
        ("plan", "nothing shows which value says that it happened; the values are 'a', 'b', 'c'"),
        ("plan=d", "there is no value 'd'"),
        ("spend=1", "there is no value '1'"),
    ],
)
def test_an_outcome_needs_a_level(infer, outcome, problem):
    with pytest.raises(InputError, match=problem) as caught:
        infer(with_levels("plan", ["a", "b", "c"]), outcome=outcome)
    assert caught.value.code == "E_OUTCOME"


def test_an_outcome_is_no_feature(infer):
    with pytest.raises(UsageError, match="'churned' is named both by features= and by outcome="):
        infer(with_levels("churned", [0, 1]), features=("churned",), outcome="churned")
    with pytest.raises(InputError, match="no column 'chrned'") as caught:
        infer(with_levels("churned", [0, 1]), outcome="chrned")
    assert caught.value.code == "E_UNKNOWN_COLUMN"


@pytest.mark.parametrize(
    ("names", "value"),
    [
        (["revenue", "age"], "revenue"),
        (["Umsatz", "Besuche"], "Umsatz"),
        (["spend", "lifetime_value"], "lifetime_value"),
        (["MonthlyCharges", "TotalCharges"], "TotalCharges"),
        (["recency", "monetary"], "monetary"),
        (["spend", "spend on food", "spend on wine"], "spend"),
        (["spend on food", "spend on wine"], None),
        (["income", "balance", "average order value"], None),
        (["spending score", "sales rank", "sales change"], None),
        (["toplam harcama", "gelir"], "toplam harcama"),
        (["gasto_total", "edad"], "gasto_total"),
    ],
)
def test_at_most_one_column_is_the_value(infer, names, value):
    table = {name: amounts(2.5 + 3.25 * i) for i, name in enumerate(names)}
    columns, _ = infer(table)
    assert [name for name, column in columns.items() if column.is_value] == [value] * bool(value)
    if value is not None:
        assert columns[value].meaning == "money"
        assert columns[value].reason == "a number: what a customer is worth"


def test_the_user_names_the_value(infer):
    table = {"revenue": amounts(), "margin": amounts(3.25), "plan": ["a", "b"] * (N // 2)}
    chosen = infer(table, value="margin")[0]
    assert [column.is_value for column in chosen.values()] == [False, True, False]
    none = infer(table, value="none")[0]
    assert not any(column.is_value for column in none.values())
    assert none["revenue"].meaning == "money"
    with pytest.raises(InputError, match="has to be a number") as caught:
        infer(table, value="plan")
    assert caught.value.code == "E_VALUE"


def test_a_value_that_would_be_left_out_is_shown(infer):
    table = {"income": amounts(), "worth": [2 * value for value in amounts()], "x": amounts(3.25)}
    assert infer(table)[0]["worth"].role == "ignore"
    worth = infer(table, value="worth")[0]["worth"]
    assert (worth.role, worth.is_value) == ("describe", True)
