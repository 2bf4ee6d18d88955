from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilk.formatting.numbers import format_number
from ilk.segments.column_labels import is_plural, make_column_labels


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Annual Income (k$)", "income"),
        ("Spending Score (1-100)", "spending"),
        ("Customer_Age", "age"),
        ("Dependent_count", "dependents"),
        ("Total_Trans_Amt", "transaction amount"),
        ("Total_Trans_Ct", "transactions"),
        ("Total_Revolving_Bal", "revolving balance"),
        ("Avg_Utilization_Ratio", "utilization"),
        ("Months_Inactive_12_mon", "months inactive"),
        ("Contacts_Count_12_mon", "contacts"),
        ("number_of_purchases", "purchases"),
        ("purchase_frequency", "purchases"),
        ("average_order_value", "order value"),
        ("MntWines", "spending on wines"),
        ("NumWebPurchases", "web purchases"),
        ("monthlyCharges", "charges"),
        ("Settlement size", "settlement size"),
        ("Total", "total"),
        ("收入", "收入"),
        ("%", "%"),
    ],
)
def test_labels_of_columns_as_they_are_met(name, label):
    assert make_column_labels([name]) == {name: label}


def test_columns_that_would_share_a_label_keep_more_of_their_words():
    labels = make_column_labels(["MonthlyCharges", "TotalCharges", "tenure"])
    assert list(labels.values()) == ["monthly charges", "total charges", "tenure"]


def test_columns_that_differ_only_in_writing_keep_their_names():
    names = ["Income", "income", "INCOME (k$)"]
    assert make_column_labels(names) == {name: name for name in names}


@given(st.lists(st.text(max_size=20), unique=True, max_size=6))
def test_labels_are_as_different_as_the_columns(names):
    labels = make_column_labels(names)
    assert list(labels) == names
    assert len(set(labels.values())) == len(names)


@pytest.mark.parametrize("value", [0.0, -0.0, -0.00001234, 99.96, 999.6, 1e9, 3e20])
def test_numbers_are_written_close_to_their_value(value):
    text = format_number(value).replace(",", "")
    factor = 1e9 if text.endswith(" billion") else 1.0
    assert float(text.removesuffix(" billion")) * factor == pytest.approx(value, rel=5e-3)


@pytest.mark.parametrize("label", ["spending", "status", "income", "sales", "loss", "basis"])
def test_what_is_not_counted_is_no_plural(label):
    assert not is_plural(label)
