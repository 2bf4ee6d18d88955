from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from ilk.schema import Column
from ilk.segments.playbook_file import load_playbook
from ilk.segments.profile import profile_batch
from ilk.segments.segment import CategoryFigures, NumberFigures
from ilk.segments.trait_texts import build_category_trait, build_number_trait
from ilk.segments.traits import score_traits


def number(mean: float | None) -> NumberFigures:
    return NumberFigures("Income", mean=mean, std=1.0, missing=0)


@pytest.mark.parametrize(
    ("mean", "everyone", "text"),
    [
        (86.54, 60.56, "Income: 86.5 on average, 43% above the overall 60.6"),
        (26.3, 60.56, "Income: 26.3 on average, 57% below the overall 60.6"),
        (12830.0, 4404.0, "Income: 12,830 on average, 2.9 times the overall 4,404"),
        (60.561, 60.56, "Income: 60.6 on average, the same as overall"),
        (-3.0, 5.0, "Income: -3 on average, against 5 overall"),
        (5.0, 0.0, "Income: 5 on average, against 0 overall"),
        (None, 5.0, "Income: unknown"),
    ],
)
def test_sentences_about_numbers(mean, everyone, text):
    assert build_number_trait(number(mean), number(everyone), 1.0).text == text


@pytest.mark.parametrize(
    ("effect", "level"),
    [(0.5, "average"), (0.51, "high"), (1.5, "very high")],
)
def test_levels_begin_where_they_are_said_to(effect, level):
    assert build_number_trait(number(2.0), number(1.0), effect).level == level
    mirrored = level.replace("high", "low")
    assert build_number_trait(number(0.5), number(1.0), -effect).level == mirrored


def test_a_segment_whose_mean_contradicts_its_logarithms_is_average():
    assert build_number_trait(number(13_000.0), number(12_000.0), -0.8).level == "average"


@pytest.mark.parametrize(
    ("column", "unit", "text"),
    [
        ("Annual Income (k$)", "k$", "57.3 on average, 7% below the overall 61.5"),
        ("income", "k$", "$57.3k on average, 7% below the overall $61.5k"),
        ("recency_days", "days", "57.3 on average, 7% below the overall 61.5"),
        ("Age", "years", "57.3 years on average, 7% below the overall 61.5"),
        ("discount", "%", "57.3% on average, 7% below the overall 61.5%"),
    ],
)
def test_a_unit_is_said_once(column, unit, text):
    part, whole = (NumberFigures(column, mean, 1.0, 0) for mean in (57.3, 61.5))
    assert build_number_trait(part, whole, -0.2, unit=unit).text == f"{column}: {text}"


@pytest.mark.parametrize(
    ("level", "text"),
    [
        ("1", "Product 1: 92% (50% overall)"),
        ("$40K - $60K", "Product $40K - $60K: 92% (50% overall)"),
        ("F", "Product F: 92% (50% overall)"),
        ("Female", "Product: 92% Female (50% overall)"),
    ],
)
def test_a_level_that_means_nothing_alone_stands_beside_its_column(level, text):
    part, whole = (category(**{level: n, "other": 100 - n}) for n in (92, 50))
    assert build_category_trait(part, whole).text == text


def test_columns_that_count_backwards_are_understood():
    born = Column("Year_Birth", kind="number", role="feature", reason="a number")
    figures = profile_batch(
        pl.DataFrame({"Year_Birth": [1950.0, 1960.0, 2000.0]}),
        np.array([0, 0, 1], dtype=np.int32),
        [born],
        magnitudes={"Year_Birth": 2000.0},
    )
    (older,), (younger,) = score_traits(
        figures, [born], {"Year_Birth": "birth year"}, load_playbook()
    )
    assert (older.concept, older.condition, older.trait.level) == ("age", "high", "low")
    assert (younger.condition, younger.trait.level) == ("low", "high")


def test_categories_and_numbers_are_weighed_on_one_scale():
    """A yes/no category and the same as a 0/1 number set a segment apart equally strongly."""
    flag = Column("flag", kind="number", role="feature", reason="a number")
    word = Column("word", kind="category", role="feature", reason="a category")
    figures = profile_batch(
        pl.DataFrame({"flag": [0.0, 0.0, 0.0, 1.0], "word": ["no", "no", "no", "yes"]}),
        np.array([0, 0, 0, 1], dtype=np.int32),
        [flag, word],
        magnitudes={"flag": 1.0},
    )
    scored = score_traits(figures, [flag, word], {"flag": "flag", "word": "word"}, load_playbook())
    for number_finding, category_finding in scored:
        assert number_finding.strength == pytest.approx(category_finding.strength)
    assert [finding.condition for finding in scored[1]] == ["very high", "mostly"]


def category(**counts: int) -> CategoryFigures:
    ranked = tuple(sorted(counts.items(), key=lambda pair: -pair[1]))
    return CategoryFigures("Product", ranked, missing=0)


def test_the_level_most_in_excess_is_told():
    trait = build_category_trait(
        category(fashion=50, beauty=45, home=5), category(fashion=60, beauty=30, home=10)
    )
    assert trait.top == "beauty"
    assert trait.effect == pytest.approx(0.15)
    assert trait.text == "Product: 45% beauty (30% overall)"
    assert trait.level == "average"


def test_without_an_excess_worth_telling_the_most_frequent_level_is_told():
    trait = build_category_trait(category(fashion=58, beauty=42), category(fashion=60, beauty=40))
    assert trait.text == "Product: 58% fashion (60% overall)"
    assert trait.effect == pytest.approx(-0.02)


@pytest.mark.parametrize(
    ("mine", "everyone", "level"),
    [
        ({"a": 62, "b": 38}, {"a": 40, "b": 60}, "high"),  # a clear majority
        ({"a": 97, "b": 3}, {"a": 70, "b": 30}, "average"),  # a majority, but so it is of everyone
        ({"a": 65, "b": 35}, {"a": 55, "b": 45}, "average"),  # a majority by too little
        ({"a": 45, "b": 55}, {"a": 20, "b": 80}, "high"),  # more than twice as usual as elsewhere
        ({"a": 30, "b": 70}, {"a": 10, "b": 90}, "average"),  # still too few to stand for all
    ],
)
def test_a_level_marks_a_segment_only_when_it_clearly_does(mine, everyone, level):
    assert build_category_trait(category(**mine), category(**everyone)).level == level


def test_a_category_without_values_says_so():
    assert build_category_trait(category(), category(a=1)).text == "Product: unknown"
