from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

from ilk.errors import InputError
from ilk.features.categorical import CategoricalEncoding
from ilk.features.encoder import Encoder, NumericEncoding, fit_encoder
from ilk.features.numeric import compute_skewness, fit_numeric
from ilk.recipe import Recipe
from ilk.schema import Column, Schema

PLAIN = Recipe(skew="none")


def fitted(columns: Mapping[str, Any], recipe: Recipe = PLAIN) -> tuple[Encoder, pl.DataFrame]:
    """Encoder and typed frame of columns given as lists: text makes a category."""
    frame = pl.DataFrame(columns, strict=False)
    schema = Schema(
        tuple(
            Column(name, "category" if dtype == pl.String else "number", "feature", "")
            for name, dtype in frame.schema.items()
        )
    )
    typed = frame.with_columns(
        pl.col(column.name).cast(pl.Float64) for column in schema if column.kind == "number"
    )
    return fit_encoder(typed, schema, recipe), typed


def number(values: list[float], **choices: Any) -> NumericEncoding:
    return fit_numeric("x", np.array(values, dtype=float), Recipe(**{"skew": "none", **choices}))


# Numbers.


def test_the_mall_is_standardized_as_scikit_learn_does_to_the_last_digit(data_dir):
    names = ["Age", "Annual Income (k$)", "Spending Score (1-100)"]
    frame = pl.read_csv(data_dir / "Mall_Customers.csv").select(names).cast(pl.Float64)
    encoder, _ = fitted(frame.to_dict(as_series=False), Recipe())
    theirs = StandardScaler().fit_transform(frame.to_numpy())
    np.testing.assert_array_equal(encoder.encode(frame).values, theirs)
    income = encoder.columns[1]
    assert isinstance(income, NumericEncoding)
    assert income.center == 60.56
    assert round(income.scale, 4) == 26.199
    assert encoder.output_names == tuple(names)


@pytest.mark.parametrize(
    ("scale", "theirs"),
    [("standard", StandardScaler()), ("robust", RobustScaler()), ("minmax", MinMaxScaler())],
)
def test_scales_agree_with_scikit_learn(scale, theirs):
    values = np.random.default_rng(3).gamma(2.0, 30.0, size=501)
    ours = number(values.tolist(), scale=scale, outliers="none").encode(values)
    np.testing.assert_allclose(ours, theirs.fit_transform(values[:, None])[:, 0], rtol=1e-13)


def test_no_scale_leaves_values_alone():
    assert number([3.0, 5.0], scale="none").encode(np.array([3.0, 9.0])).tolist() == [3.0, 9.0]


@pytest.mark.parametrize("scale", ["standard", "robust", "minmax"])
def test_a_column_without_spread_becomes_zero(scale):
    # 0.1 has no exact binary form: the standard deviation of its copies is not exactly 0.
    encoding = number([0.1] * 3, scale=scale)
    assert (encoding.center, encoding.scale) == (0.1, 1.0)


@pytest.mark.parametrize("scale", ["standard", "robust", "minmax"])
@pytest.mark.parametrize("unit", [1e-300, 1e-160, 1e145])
def test_tiny_and_huge_units_scale_like_any_other(scale, unit):
    values = np.array([1.0, 2.0, 3.0, 4.0, 10.0])
    tiny = number((values * unit).tolist(), scale=scale).encode(values * unit)
    plain = number(values.tolist(), scale=scale).encode(values)
    np.testing.assert_allclose(tiny, plain, rtol=1e-12, atol=1e-12)
    recipe = Recipe(scale=scale, skew="auto")
    assert np.isfinite(fit_numeric("x", values * unit, recipe).encode(values * unit)).all()


def test_the_smallest_of_all_numbers_still_differs_from_zero():
    assert np.diff(number([0.0, 5e-324]).encode(np.array([0.0, 5e-324])))[0] == 1.0


def test_robust_scale_of_mostly_equal_values_is_their_standard_deviation():
    encoding = number([0.0] * 9 + [10.0], scale="robust")
    assert (encoding.center, encoding.scale) == (0.0, 3.0)


@pytest.mark.parametrize(
    ("missing", "fill"), [("median", 3.0), ("mean", 14.0 / 3.0), ("zero", 0.0), ("drop", None)]
)
def test_missing_values_are_filled_in_original_units(missing, fill):
    encoder, frame = fitted({"x": [1.0, None, 3.0, 10.0]}, Recipe(missing=missing, skew="none"))
    [encoding] = encoder.columns
    assert isinstance(encoding, NumericEncoding)
    assert encoding.fill == fill
    encoded = encoder.encode(frame)
    assert encoded.missing == {"x": 1}
    assert encoded.usable.tolist() == [True, fill is not None, True, True]
    if fill is not None:
        assert encoder.decode(encoded.values)["x"][1] == pytest.approx(fill, abs=1e-12)


def test_dropped_rows_shape_nothing_and_are_marked():
    columns = {"x": [1.0, None, 3.0, 99.0], "plan": ["a", "b", "a", None]}
    encoder, frame = fitted(columns, Recipe(missing="drop", skew="none"))
    spend, plan = encoder.columns
    assert isinstance(spend, NumericEncoding)
    assert isinstance(plan, CategoricalEncoding)
    assert (spend.center, plan.levels) == (2.0, ("a",))
    encoded = encoder.encode(frame)
    assert encoded.usable.tolist() == [True, False, True, False]
    assert np.isfinite(encoded.values).all()
    kept, _ = fitted(columns)
    assert kept.encode(frame).usable.all()


def test_dropping_every_row_is_refused():
    with pytest.raises(
        InputError, match=r"none of the 2 rows has a value.*missing=\"median\""
    ) as e:
        fitted({"x": [1.0, None], "y": [None, 1.0]}, Recipe(missing="drop"))
    assert e.value.code == "E_NO_COMPLETE_ROWS"


def test_outliers_are_clipped_at_the_first_and_last_percent():
    values = [float(i) for i in range(101)]
    encoding = number([*values, 1e6], outliers="clip")
    assert (encoding.lower, encoding.upper) == (1.01, 99.99)
    decoded = encoding.decode(encoding.encode(np.array([-5.0, 50.0, 1e9])))
    np.testing.assert_allclose(decoded, [1.01, 50.0, 99.99], rtol=1e-12)


def test_skewness_by_hand():
    # Mean 1, deviations -1, -1, -1, 3: third moment 6, second moment 3.
    assert math.isclose(compute_skewness(np.array([0.0, 0.0, 0.0, 4.0])), 6 / 3**1.5)
    assert compute_skewness(np.array([5.0, 5.0])) == 0.0


def test_a_logarithm_is_taken_only_where_it_helps():
    rng = np.random.default_rng(1)
    skewed = np.exp(rng.normal(3.0, 1.0, 500))
    assert fit_numeric("x", skewed, Recipe()).log
    assert not fit_numeric("x", skewed, PLAIN).log
    assert not fit_numeric("x", skewed - skewed.min() - 1, Recipe()).log  # below 0
    assert not fit_numeric("x", rng.normal(50, 5, 500), Recipe()).log  # not skewed
    assert not fit_numeric("x", 100 - np.minimum(skewed, 99), Recipe()).log  # skewed to the left
    mostly_zero = np.array([0.0] * 95 + [1.0] * 5)
    assert not fit_numeric("x", mostly_zero, Recipe()).log  # would change nothing


def test_outliers_are_those_of_the_logarithms_where_these_are_used():
    random = np.random.default_rng(0)
    values = np.concatenate([random.lognormal(3, 0.8, 990), [1e7] * 10])
    encoding = number(values.tolist(), skew="auto", outliers="auto")
    assert encoding.log
    assert (encoding.lower, encoding.upper) == (None, values[:990].max())
    assert [side.sum() for side in encoding.find_clipped(values)] == [0, 10]
    # No lognormal value is extreme once it is straightened, although some are before.
    assert not number(values[:990].tolist(), skew="auto", outliers="auto").is_clipped
    assert number(values[:990].tolist(), skew="none", outliers="auto").is_clipped


def test_gaps_filled_with_zero_are_values_like_others():
    few = [None] * 10 + np.linspace(1_000, 1_010, 990).tolist()
    many = [None] * 100 + np.linspace(1_000, 1_010, 990).tolist()
    for cells, lower in ((few, 1_000.0), (many, None)):
        encoder, _ = fitted({"x": cells}, Recipe(missing="zero", skew="none"))
        column = encoder.columns[0]
        assert isinstance(column, NumericEncoding)
        assert column.lower == lower


def test_clipping_comes_before_the_logarithm():
    values = np.array([*np.linspace(10, 20, 199), 1e9])
    encoding = fit_numeric("x", values, Recipe(outliers="clip", skew="log1p"))
    clipped = np.clip(values, *np.quantile(values, (0.01, 0.99)))
    assert encoding.center == pytest.approx(np.log1p(clipped).mean(), rel=1e-14)
    assert encoding.scale == pytest.approx(np.log1p(clipped).std(), rel=1e-12)


def test_a_negative_value_in_new_data_counts_as_zero_on_the_log_scale():
    encoding = number([0.0, 1.0, 9.0], skew="log1p")
    encoded = encoding.encode(np.array([-9.0, -0.5, 0.0, 9.0]))
    np.testing.assert_allclose(encoding.decode(encoded), [0.0, 0.0, 0.0, 9.0], atol=1e-12)


def test_a_column_with_negative_values_has_no_logarithm():
    for skew in ("auto", "log1p"):
        assert number([-3.0, 4.0, 90.0], skew=skew) == number([-3.0, 4.0, 90.0], skew="none")
    # Clipping comes first: 200 in 201 values are not negative.
    values = np.array([-5.0, *np.linspace(10, 20, 200)])
    assert fit_numeric("x", values, Recipe(outliers="clip", skew="log1p")).log


# Categories.


def test_every_two_levels_are_equally_far_apart_in_every_category():
    cells = {"plan": ["a", "b"] * 5, "region": ["x"] * 8 + ["y", "z"]}
    encoder, frame = fitted(cells)
    values = encoder.encode(frame).values
    assert values[:, :2].var(axis=0).sum() == pytest.approx(1.0)
    squared = ((values[:, None] - values) ** 2).sum(axis=2)
    columns = map(np.array, cells.values())
    n_differing = np.sum([column[:, None] != column for column in columns], axis=0)
    np.testing.assert_allclose(squared, 4.0 * n_differing)


def test_a_category_can_count_as_much_as_a_number():
    encoder, frame = fitted({"plan": ["a"] * 5 + ["b"] * 3 + [None] * 2}, Recipe(onehot="unit"))
    values = encoder.encode(frame).values
    assert encoder.output_names == ("plan=a", "plan=b")
    # Shares .5 and .3 of all rows: .5 * .5 + .3 * .7 = .46.
    assert math.isclose(encoder.columns[0].scale, 0.46**-0.5)
    assert math.isclose(values.var(axis=0).sum(), 1.0)
    raw, _ = fitted({"plan": ["a"] * 5 + ["b"] * 3 + [None] * 2}, Recipe(onehot="raw"))
    assert raw.encode(frame).values.sum(axis=0).tolist() == [5.0, 3.0]


def test_a_single_level_does_not_divide_by_zero():
    assert fitted({"plan": ["a", "a"]})[0].columns[0].scale == 1.0


@pytest.mark.parametrize("copies", [1, 500])
def test_unseen_and_missing_levels_are_zeros_and_counted(copies):
    encoder, _ = fitted({"plan": ["a", "b"], "region": ["1", "2"]})
    cells = {"plan": ["b", "c", None, "a"] * copies, "region": ["1", "1", "2", "3"] * copies}
    encoded = encoder.encode(pl.DataFrame(cells))
    assert (encoded.values[:4] > 0).tolist() == [
        [False, True, True, False],
        [False, False, True, False],
        [False, False, False, True],
        [True, False, False, False],
    ]
    assert encoded.unseen == {"plan": copies, "region": copies}
    assert encoded.missing == {"plan": copies, "region": 0}
    assert encoded.usable.all()


def test_one_customer_is_coded_like_many():
    encoding = CategoricalEncoding("plan", ("a", "b", "é"), 1.0)
    cells = pl.Series("plan", ["é", None, "z", "a", "b", ""] * 100)
    many = encoding.find_codes(cells)
    assert many.tolist() == [int(encoding.find_codes(cells[i : i + 1])[0]) for i in range(600)]


def test_decoding_picks_the_strongest_level():
    encoder = Encoder((CategoricalEncoding("plan", ("a", "b"), 2.0),))
    decoded = encoder.decode(np.array([[0.4, 1.6], [1.9, 0.0], [0.0, 0.0]]))
    assert decoded["plan"].to_list() == ["b", "a", None]


# The whole.


def test_columns_are_taken_by_name():
    encoder, frame = fitted({"x": [1.0, 2.0, 4.0], "plan": ["a", "b", "a"]})
    turned = frame.select(pl.lit("noise").alias("more"), "plan", "x")
    np.testing.assert_array_equal(encoder.encode(turned).values, encoder.encode(frame).values)


def test_logged_columns_are_named():
    skewed = np.exp(np.random.default_rng(1).normal(3.0, 1.0, 500)).tolist()
    assert fitted({"spend": skewed, "age": list(range(500))}, Recipe())[0].log_columns == {"spend"}
