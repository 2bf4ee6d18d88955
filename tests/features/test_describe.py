"""What the encoder does to a feature, in words."""

from __future__ import annotations

from typing import Any

import pytest

from ilk.features.describe import describe_extremes, describe_preprocessing
from ilk.features.encoder import CategoricalEncoding, Encoder, NumericEncoding, PrincipalComponents
from ilk.recipe import Recipe

AGE = NumericEncoding("age", None, None, None, False, center=0.0, scale=1.0)


def describe(*columns: NumericEncoding | CategoricalEncoding, **options: Any) -> tuple[str, ...]:
    return describe_preprocessing(Encoder(columns), Recipe(**options))


def test_every_step_of_a_number_is_described():
    spend = NumericEncoding("spend", 12.5, 1.0, 900.0, True, center=3.25, scale=1.5)
    (text,) = describe(spend)
    assert text.split(", then ") == [
        "spend: any missing values filled with the median (12.5)",
        "clipped to 1–900",
        "log-transformed as log(1 + x)",
        "standardized (mean 3.25, SD 1.5 of the logarithms).",
    ]


@pytest.mark.parametrize(
    ("lower", "upper", "text"), [(None, 900.0, "at most 900"), (-5.0, None, "at least -5")]
)
def test_one_bound_alone_is_described(lower: float | None, upper: float | None, text: str):
    spend = NumericEncoding("spend", None, lower, upper, False, center=0.0, scale=1.0)
    assert f"clipped to {text}" in describe(spend)[0]


def test_values_beyond_the_bounds_are_listed_up_to_five():
    columns = tuple(
        NumericEncoding(f"x{i}", None, -1.0, 9.0, False, center=0.0, scale=1.0) for i in range(4)
    )
    low, high = {"x0": 1, "x1": 0, "x2": 3, "x3": 2}, dict.fromkeys(["x0", "x2", "x3"], 4)
    text = describe_extremes(Encoder(columns), low, high)
    assert text == (
        "1 value of 'x0' below -1, 4 values of 'x0' above 9, 3 values of 'x2' below -1, "
        "4 values of 'x2' above 9, 2 values of 'x3' below -1 and more"
    )
    assert describe_extremes(Encoder(columns), {}, {"x1": 0}) is None


def test_what_is_not_done_is_not_described():
    assert describe(AGE, scale="none") == ("age: customers without a value get no segment.",)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (
            {"missing": "mean"},
            "any missing values filled with the mean (40), then standardized (mean 20, SD 60)",
        ),
        (
            {"missing": "zero"},
            "any missing values filled with 0, then standardized (mean 20, SD 60)",
        ),
        (
            {"scale": "minmax"},
            (
                "any missing values filled with the median (40), then rescaled to 0–1 "
                "(minimum 20, maximum 80)"
            ),
        ),
        (
            {"scale": "robust"},
            (
                "any missing values filled with the median (40), then scaled robustly "
                "(median 20, spread 60)"
            ),
        ),
    ],
)
def test_options_of_the_recipe_are_named(options: dict[str, str], text: str):
    income = NumericEncoding("income", 40.0, None, None, False, center=20.0, scale=60.0)
    assert describe(income, **options) == (f"income: {text}.",)


def test_a_category_is_described_with_its_levels():
    plan = CategoricalEncoding("plan", ("basic", "gold"), scale=1.41421)
    needed = CategoricalEncoding("plan", ("basic",), scale=1.0, required=True)
    assert describe(plan, needed) == (
        (
            "plan: one 0/1 column for each of 2 levels, weighted by 1.41; missing values belong to "
            "no level."
        ),
        "plan: one 0/1 column for each of 1 level; customers without a value get no segment.",
    )


def test_components_are_described_last():
    projected = Encoder((AGE, AGE), PrincipalComponents((0.0, 0.0), ((0.6, 0.8),), (0.75,)))
    text = describe_preprocessing(projected, Recipe(pca=1))[2].replace("75 %", "75%")
    assert text == (
        "All: 2 columns projected onto 1 principal component, which keeps 75% of the variance."
    )
    many = Encoder((AGE,) * 12, PrincipalComponents((0.0,) * 12, ((1.0,) * 12,) * 11, (0.08,) * 11))
    text = describe_preprocessing(many, Recipe(pca=11))[12].replace(" %", "%")
    assert text.endswith("which keep 88% of the variance (" + "8%, " * 9 + "8% …).")
