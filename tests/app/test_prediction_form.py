"""The form of a model: what it begins with is a usual customer, and can be predicted as it is."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ilk
from ilk.app.prediction_form import InputField, make_input_fields
from ilk.features.encoder import CategoricalEncoding, Encoder, NumericEncoding
from ilk.model.predict import predict
from ilk.model.training import TrainingRecord
from ilk.report.sample_view import PlotSample
from ilk.segments.segment import CategoryFigures, Figures, NumberFigures

RUNS = {
    "mall": lambda: ilk.fit(ilk.demo.load("mall"), describe=["Age"]),
    "shoppers": lambda: ilk.fit(ilk.demo.load("shoppers"), k=3),
    "customers": lambda: ilk.fit(ilk.demo.load("customers"), k=5),
    "categories as numbers": lambda: ilk.fit(
        ilk.demo.load("customers").with_columns(region=pl.Series([1.0, 2.0, 3.0, 2.0] * 25)),
        categorical=["region"],
        k=3,
    ),
    "dropped gaps": lambda: ilk.fit(
        ilk.demo.load("customers").with_columns(
            age=pl.when(pl.col("age") > 30).then("age"),
            product_category=pl.when(pl.col("age") < 60).then("product_category"),
        ),
        missing="drop",
        k=3,
    ),
}


@pytest.fixture(scope="module", params=RUNS)
def run(request):
    return RUNS[request.param]()


def fill_in(fields: tuple[InputField, ...]) -> dict[str, float | str]:
    return {field.column: field.value for field in fields}


def check_usable(run) -> None:
    for view in (run.plot_sample, None, run.plot_sample.subsample(50)):
        fields = make_input_fields(run.model, view)
        assert [field.column for field in fields] == [c.name for c in run.model.schema.features]
        answer = predict(run.model, fill_in(fields))
        assert answer.notices == ()
        assert answer.customers["segment"][0] >= 1
        for field in fields:
            check_sound(field)


def check_sound(field: InputField) -> None:
    if field.kind == "category":
        assert field.value in field.levels
        assert (field.low, field.high, field.step) == (None, None, None)
        return
    assert isinstance(field.value, float)
    assert field.levels == ()
    assert field.step is None or field.step > 0
    if field.low is not None and field.high is not None:
        assert field.low < field.high
        assert field.low <= field.value <= field.high
    if field.is_integer:
        assert field.value.is_integer()


def test_the_form_as_it_is_makes_a_customer_with_a_segment(run):
    check_usable(run)


@pytest.mark.thorough
def test_the_form_of_a_real_file_makes_a_customer_with_a_segment(data_dir: Path):
    check_usable(ilk.fit(data_dir / "BankChurners.csv"))


def test_a_loaded_model_makes_the_same_form(run, tmp_path):
    model = ilk.load(run.save(tmp_path / "model.json"))
    assert make_input_fields(model, run.plot_sample) == make_input_fields(
        run.model, run.plot_sample
    )
    assert make_input_fields(model) == make_input_fields(run.model)


def test_every_level_is_there_and_the_most_frequent_first():
    customers = ilk.demo.load("customers")
    run = ilk.fit(customers, k=5)
    counts = customers["product_category"].value_counts(sort=True)
    field = next(field for field in make_input_fields(run.model) if field.kind == "category")
    by_level = dict(counts.rows())
    frequencies = [by_level[level] for level in field.levels]
    assert frequencies == sorted(frequencies, reverse=True)
    assert sorted(field.levels) == sorted(by_level)
    assert field.value == field.levels[0]


def form(encoding, figures: Figures, values=None) -> InputField:
    """The one field of a model that has only this encoding, and maybe a view of these values."""
    encoder = Encoder((encoding,))
    model: Any = SimpleNamespace(
        encoder=encoder, everyone=figures, training=TrainingRecord((), encoder)
    )
    if values is None:
        return make_input_fields(model)[0]
    frame = pl.DataFrame({"x": values}, schema={"x": pl.Float64})
    rows = np.zeros((frame.height, 1))
    return make_input_fields(
        model, PlotSample(frame, rows, np.zeros(frame.height, dtype=np.int32))
    )[0]


def number(values=None, fill: float | None = 0.0, mean: float | None = 0.0, std: float = 0.0):
    encoding = NumericEncoding("x", fill, None, None, False, 0.0, 1.0)
    figures = Figures(1, 1.0, (NumberFigures("x", mean, std, 0),), ())
    return form(encoding, figures, values)


def test_whole_numbers_by_hand():
    # 0, 1, …, 1000: median 500, quantiles 10 and 990.
    values = [float(n) for n in range(1001)]
    expected = InputField("x", "number", 500.0, 10.0, 990.0, 1.0, is_integer=True)
    assert number(values) == number([*values, None]) == expected
    assert number([1.0, 2.0, 3.0, 8.0]).value.is_integer()


def test_decimals_by_hand():
    # 0.00, 0.25, …, 100.00: median 50, quantiles 1 and 99, a hundredth of that range is about 1.
    field = number([n / 4 for n in range(401)])
    assert field == InputField("x", "number", 50.0, 1.0, 99.0, 1.0, is_integer=False)


@pytest.mark.parametrize(
    ("values", "value", "step"),
    [
        ([0.5, 12.3456, 20_000.0], 12.3, 100.0),  # three digits, though a step is far more
        ([1984.25, 1984.75, 1985.0], 1984.75, 0.01),
        ([4e4, 86_538.46, 9.1e4], 86_500.0, 1e3),
        ([-0.004, -0.002, 9.0], -0.002, 0.1),
        ([1.5e-7, 2.512e-7, 9e-7], 2.51e-7, 1e-8),
        ([-1.5e149, 2.515e149, 9e149], 2.52e149, 1e148),
    ],
)
def test_a_value_has_three_digits_or_those_of_its_step(values, value, step):
    field = number(values)
    assert field.step == step
    assert field.value == pytest.approx(value, rel=1e-9)


def test_zero_is_written_without_a_minus():
    field = number([-0.001] * 50 + [5.0] * 50 + [900.5] * 2)
    assert (str(field.low), field.step) == ("0.0", 10.0)
    assert str(number([-0.0, -0.0, 7.0]).value) == "0.0"


def test_where_nearly_all_values_are_equal_the_others_make_the_range():
    field = number([0.0] * 998 + [7.0, 3.0])
    assert (field.value, field.low, field.high) == (0.0, 0.0, 7.0)


def test_a_number_that_never_varies_has_no_range():
    assert number([4.0, 4.0]) == InputField("x", "number", 4.0, step=1.0, is_integer=True)
    assert number([0.25, 0.25]) == InputField("x", "number", 0.25)


def test_without_values_a_number_begins_with_what_fills_gaps():
    for values in (None, [], [None, None]):
        assert number(values, fill=36.0, mean=38.85, std=13.93).value == 36.0
        assert number(values, fill=None, mean=38.856, std=13.93).value == 38.9
        assert number(values, fill=None, mean=None).value == 0.0
    field = number(fill=1984.75, std=0.5)
    assert field == InputField("x", "number", 1984.75, step=0.01)
    assert number(fill=86_538.46, std=20_000.0).value == 86_500.0


def test_levels_that_only_others_have_are_no_choice():
    counts = CategoryFigures("x", (("gold", 9), ("rare", 5), ("blue", 3)), 0)
    field = form(
        CategoricalEncoding("x", ("blue", "gold", "gray"), 1.0), Figures(17, 1.0, (), (counts,))
    )
    assert field == InputField("x", "category", "gold", levels=("gold", "blue", "gray"))


@settings(deadline=None)  # the first call loads libraries
@given(st.lists(st.floats(-1e150, 1e150), min_size=1, max_size=30))
def test_any_number_makes_a_sound_field(values):
    check_sound(number(values))
