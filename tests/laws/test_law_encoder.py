"""Law: encoding can be undone, and neither order nor units change it."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ilk.features.encoder import Encoder, fit_encoder
from ilk.features.pca import fit_pca
from ilk.recipe import Recipe
from ilk.schema import Column, Schema

SPEND = Column("spend", kind="number", role="feature", reason="a number")
PLAN = Column("plan", kind="category", role="feature", reason="a category")
TABLE = Schema((SPEND, PLAN))

numbers = st.floats(0, 1e6, allow_subnormal=False) | st.integers(0, 50).map(float)
rows = st.lists(st.tuples(numbers, st.sampled_from("abc")), min_size=2, max_size=40)
gappy = st.lists(st.tuples(st.none() | numbers, st.none() | st.sampled_from("abc")), min_size=2)
recipes = st.builds(
    Recipe,
    scale=st.sampled_from(["standard", "robust", "minmax", "none"]),
    skew=st.sampled_from(["auto", "none", "log1p"]),
    missing=st.sampled_from(["median", "mean", "zero"]),
    outliers=st.sampled_from(["auto", "none", "clip"]),
    pca=st.sampled_from([None, 1, 0.5, 0.999]),
    onehot=st.sampled_from(["matching", "unit", "raw"]),
)


def table(rows: list[tuple[float | None, str | None]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"spend": pl.Float64, "plan": pl.String}, orient="row")


def fitted(frame: pl.DataFrame, recipe: Recipe) -> Encoder:
    # Rows that are all alike, gaps filled, have no principal components, and are refused.
    assume(recipe.pca is None or frame.drop_nulls().n_unique() > 1)
    return fit_encoder(frame, TABLE, recipe)


@given(rows, recipes, st.booleans())
@settings(max_examples=60, deadline=None)
def test_unclipped_values_come_back(rows, recipe, turned):
    frame = table(rows)
    encoder = fitted(frame, replace(recipe, outliers="none", pca=None))
    if turned and frame.n_unique() > 1:
        encoder = replace(encoder, components=fit_pca(encoder.encode(frame).values))
    decoded = encoder.decode(encoder.encode(frame).values)
    assert decoded["plan"].equals(frame["plan"])
    largest = float(np.abs(frame["spend"].to_numpy()).max())
    np.testing.assert_allclose(
        decoded["spend"], frame["spend"], rtol=1e-9, atol=1e-9 * max(1.0, largest)
    )


@given(gappy, recipes, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_rows_changes_no_bit(rows, recipe, shuffler: random.Random):
    rows = [(1.0, "a"), *rows]
    turned = rows.copy()
    shuffler.shuffle(turned)
    assert fitted(table(rows), recipe) == fitted(table(turned), recipe)


@given(rows, recipes)
@settings(max_examples=40, deadline=None)
def test_the_order_of_columns_changes_no_bit(rows, recipe):
    frame = table(rows)
    one = fitted(frame, recipe)
    other = fit_encoder(frame.select("plan", "spend"), Schema((PLAN, SPEND)), recipe)
    assert one.columns == other.columns[::-1]


@pytest.mark.parametrize("scale", ["standard", "robust", "minmax"])
@given(st.lists(numbers, min_size=2, max_size=40))
@settings(max_examples=40, deadline=None)
def test_units_change_no_scaled_value(scale, values):
    frame = pl.DataFrame({"spend": values})
    recipe, schema = Recipe(scale=scale, skew="none"), Schema((SPEND,))
    in_thousands = frame * 1000
    one = fit_encoder(frame, schema, recipe).encode(frame).values
    other = fit_encoder(in_thousands, schema, recipe).encode(in_thousands).values
    np.testing.assert_allclose(one, other, rtol=0, atol=1e-12 * max(1.0, np.abs(one).max()))


@given(rows, recipes)
@settings(max_examples=30, deadline=None)
def test_a_batch_is_encoded_like_its_rows(rows, recipe):
    frame = table(rows)
    encoder = fitted(frame, recipe)
    one_by_one = [encoder.encode(frame[i : i + 1]).values for i in range(frame.height)]
    np.testing.assert_array_equal(encoder.encode(frame).values, np.vstack(one_by_one))
