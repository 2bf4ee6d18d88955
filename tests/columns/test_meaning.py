"""What the numbers of a column are is read from its name, and printed."""

from __future__ import annotations

import polars as pl
import pytest

from ilk.columns.kinds import ColumnEvidence
from ilk.columns.meaning import find_value_column, infer_meaning
from ilk.columns.summary import summarize_frame
from ilk.tables.number_format import NumberFormat

N = 60
WHOLE = [i * i % 97 for i in range(N)]
PARTS = [i * 7 % 61 / 61 for i in range(N)]
OTHER = [i * 37 % 89 + 0.5 for i in range(N)]


@pytest.mark.parametrize(
    ("name", "values", "meaning", "unit"),
    [
        ("Annual Income (k$)", WHOLE, "money", "k$"),
        ("Umsatz in EUR", OTHER, "money", "EUR"),
        ("Kontostand", OTHER, "money", ""),
        ("dochód", WHOLE, "money", ""),
        ("доход", WHOLE, "money", ""),
        ("purchases", WHOLE, "count", ""),
        ("purchases", OTHER, "money", ""),
        ("number of purchases", WHOLE, "count", ""),
        ("Anzahl Bestellungen", WHOLE, "count", ""),
        ("Avg_Utilization_Ratio", PARTS, "share", ""),
        ("Rabattquote", PARTS, "share", ""),
        ("Months_on_book", WHOLE, "duration", "months"),
        ("days_since_signup", WHOLE, "duration", "days"),
        ("Customer_Age", WHOLE, "age", "years"),
        ("Alter", WHOLE, "age", "years"),
        ("edad", WHOLE, "age", "years"),
        ("account age", WHOLE, None, ""),
        ("credit_score", WHOLE, "scale", ""),
        ("Total_Amt_Chng_Q4_Q1", OTHER, None, ""),
        ("calls per day", OTHER, None, ""),
        ("balance", WHOLE, "money", ""),
        ("CREDIT_LIMIT", WHOLE, "money", ""),
        ("PURCHASES_FREQUENCY", PARTS, None, ""),
        ("tenure", WHOLE, "duration", ""),
        ("shoe size", WHOLE, None, ""),
    ],
)
def test_the_meaning_of_a_number(infer, name, values, meaning, unit):
    column = infer({name: values, "x": OTHER[::-1]})[0][name]
    assert (column.meaning, column.unit) == (meaning, unit)
    assert column.reason.startswith("a number")


def test_a_reason_tells_the_meaning(infer):
    columns, _ = infer({"Income (k$)": WHOLE, "Age": WHOLE[::-1], "shoe size": OTHER})
    assert [column.reason for column in columns.values()] == [
        "a number: an amount of money in k$",
        "a number: an age in years",
        "a number",
    ]


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("days_since_signup", "the time as a customer"),
        ("months since registration", "the time as a customer"),
        ("days since first order", "the time as a customer"),
        ("Months_on_book", "the time as a customer"),
        ("days_since_last_order", "the time since the last activity"),
        ("days since purchase", "the time since the last activity"),
        ("days since login", "the time since the last activity"),
        ("Months_Inactive_12_mon", "the time since the last activity"),
        ("days since complaint", "a duration"),
        ("delivery days", "a duration"),
    ],
)
def test_since_is_an_absence_only_after_activity(infer, name, phrase):
    reason = infer({name: WHOLE, "x": OTHER})[0][name].reason
    assert reason.startswith(f"a number: {phrase}")


def test_yes_or_no(infer):
    column = infer({"newsletter": ["Ja", "Nein"] * (N // 2), "x": OTHER})[0]["newsletter"]
    assert column.meaning == "yes_no"


@pytest.mark.parametrize(
    "name",
    [
        *(
            "revenue_per_stay",
            "Umsatz pro Aufenthalt (€)",
            "Gesamtumsatz je Kauf",
            "dépenses par visite",
        ),
        *("gasto por compra", "Omzet per bezoek", "wydatki na wizytę", "sprzedaż za noc"),
        *("ziyaret başına harcama", "выручка на заказ", "Durchschnittsumsatz"),
        *(
            "total spent per order",
            "dépense moyenne",
            "mean spending",
            "ortalama harcama",
            "gasto medio",
        ),
    ],
)
def test_averages_and_amounts_per_something_are_no_total(name):
    frame = pl.DataFrame({name: [1.5, 2.5, 3.0]})
    summary = summarize_frame(frame, NumberFormat())
    assert find_value_column([ColumnEvidence(name, summary)]) is None


@pytest.mark.parametrize("name", ["Umsatz", "dépenses totales", "total_spent", "harcama"])
def test_a_plain_amount_is_a_total(name):
    frame = pl.DataFrame({name: [1.5, 2.5, 3.0]})
    summary = summarize_frame(frame, NumberFormat())
    assert find_value_column([ColumnEvidence(name, summary)]) == name


@pytest.mark.parametrize(
    ("name", "largest", "unit"),
    [
        *(("returned_items_pct", 80.0, "%"), ("Rabatt in Prozent", 40.0, "%")),
        *(("pourcentage", 12.0, "%"), ("discount_pct", 0.8, ""), ("return rate", 12.0, "")),
    ],
)
def test_percentages_are_printed_with_their_sign(name, largest, unit):
    summary = summarize_frame(pl.DataFrame({name: [0.1, 0.25, largest]}), NumberFormat())
    assert infer_meaning(ColumnEvidence(name, summary), "number").unit == unit
