"""Treatments: what is done to a feature, in words."""

from __future__ import annotations

from ilk.features.describe import describe_preprocessing
from ilk.features.encoder import CategoricalEncoding, Encoder, NumericEncoding, PrincipalComponents


def told(*columns) -> tuple[str, ...]:
    return describe_preprocessing(Encoder(columns))


def test_every_step_of_a_number_is_told():
    spend = NumericEncoding("spend", 12.5, 1.0, 900.0, True, center=3.25, scale=1.5)
    (text,) = told(spend)
    assert text.split("; ") == [
        "spend: a missing value counts as 12.5",
        "values are held within 1 and 900",
        "the logarithm of 1 + value is taken, because the column is skewed",
        "measured from 3.25 in steps of 1.5.",
    ]


def test_what_is_not_done_is_not_told():
    plain = NumericEncoding("age", None, None, None, False, center=0.0, scale=1.0)
    assert told(plain) == ("age: a row without a value gets no segment.",)


def test_a_category_is_told_with_its_levels():
    plan = CategoricalEncoding("plan", ("basic", "gold"), scale=1.41421)
    needed = CategoricalEncoding("plan", ("basic",), scale=1.0, required=True)
    texts = told(plan, needed)
    assert texts[0].startswith("plan: one 0/1 column for each of 2 levels, times 1.414; ")
    assert texts[0].endswith("a row without a value counts as none of them.")
    assert texts[1].endswith("a row without a value gets no segment.")


def test_components_are_told_last():
    age = NumericEncoding("age", None, None, None, False, center=0.0, scale=1.0)
    turned = Encoder((age, age), PrincipalComponents((0.0, 0.0), ((0.6, 0.8),), (0.75,)))
    assert describe_preprocessing(turned)[2] == (
        "All: 2 columns turned onto 1 principal component, which holds 75% of the variance (75%)."
    )
    many = Encoder((age,) * 12, PrincipalComponents((0.0,) * 12, ((1.0,) * 12,) * 11, (0.08,) * 11))
    assert describe_preprocessing(many)[12].endswith(
        "which hold 88% of the variance (" + "8%, " * 9 + "8% …)."
    )
