"""Extreme values of a few customers neither make segments nor hide them, and are told."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import adjusted_rand_score

import ilk
from ilk.features.numeric import NumericEncoding
from ilk.model.model import SegmentModel
from ilk.model.predict import predict
from ilk.model.serialization import load, save
from ilk.model.sklearn_export import to_pipeline

N = 990


def draw_groups(seed: int) -> tuple[np.random.Generator, np.ndarray, np.ndarray]:
    """Three groups in four columns, seven standard deviations apart."""
    random = np.random.default_rng(seed)
    labels = random.integers(3, size=N)
    centers = 7 * np.array([[0, 0, 1, 1], [1, 0, 0, 1], [0, 1, 1, 0]])
    return random, 60 + 5 * (centers[labels] + random.normal(size=(N, 4))), labels


def spoil_cells(change: Callable[[np.ndarray], np.ndarray], seed: int):
    random, values, labels = draw_groups(seed)
    cells = random.random(values.shape) < 0.01
    values[cells] = change(values[cells])
    return values, labels, np.ones(N, dtype=bool)


def spoil_rows(change: Callable[[np.ndarray], np.ndarray], seed: int):
    random, values, labels = draw_groups(seed)
    rows = random.choice(N, N // 100, replace=False)
    values[rows] = change(values[rows])
    ordinary = np.ones(N, dtype=bool)
    ordinary[rows] = False
    return values, labels, ordinary


SPOILED = {
    "cells times 50": lambda: spoil_cells(lambda cells: 50 * cells, 1),
    "rows times 50": lambda: spoil_rows(lambda rows: 50 * rows, 2),
    "cells -999": lambda: spoil_cells(lambda cells: np.full_like(cells, -999), 3),
    "cells 1e6": lambda: spoil_cells(lambda cells: np.full_like(cells, 1e6), 4),
    "skewed, cells times 1,000": lambda: skew(*spoil_cells(lambda cells: cells + 180, 5)),
}


def skew(values: np.ndarray, labels: np.ndarray, ordinary: np.ndarray):
    return np.exp(values / 26), labels, ordinary


def get_encodings(model: SegmentModel) -> dict[str, NumericEncoding]:
    columns = model.encoder.columns
    return {column.name: column for column in columns if isinstance(column, NumericEncoding)}


def to_frame(values: np.ndarray) -> pl.DataFrame:
    return pl.DataFrame(values, schema=["visits", "spend", "age", "tenure"])


@pytest.mark.parametrize("kind", SPOILED)
def test_three_groups_are_found_beside_one_percent_of_extremes(kind):
    values, labels, ordinary = SPOILED[kind]()
    run = ilk.fit(to_frame(values))
    found = run.customers["segment"].to_numpy()
    assert (run.selection.k, run.selection.structure) == (3, "clear")
    assert adjusted_rand_score(labels[ordinary], found[ordinary]) >= 0.95
    # The same value again and again stands for a missing one, or may do so.
    repeats = {"W_STAND_IN"} if kind in ("cells -999", "cells 1e6") else set()
    assert {notice.code for notice in run.notices} - repeats <= {"W_OUTLIERS"}
    assert run.notices


def test_a_rare_group_in_several_columns_stays_a_group():
    random = np.random.default_rng(0)
    values = random.normal(size=(1_000, 4))
    values[:10, :2] += 8
    run = ilk.fit(to_frame(values))
    assert (run.selection.k, run.selection.structure) == (2, "clear")
    assert run.customers["segment"].value_counts().sort("count")["count"].to_list() == [10, 990]
    assert "W_OUTLIERS" not in {notice.code for notice in run.notices}


def test_the_notice_counts_the_values_and_figures_keep_them():
    _, values, _ = draw_groups(6)
    largest = values[:, 1].max()
    values[:5, 1] = [1e6, 2e6, 3e6, 4e6, 5e6]
    values[5, 2] = -999
    run = ilk.fit(to_frame(values), k=3)
    [notice] = [notice for notice in run.notices if notice.code == "W_OUTLIERS"]
    spend, age = (get_encodings(run.model)[name] for name in ("spend", "age"))
    assert (spend.lower, spend.upper, age.upper) == (None, largest, None)
    assert notice.message.startswith("far beyond all others: 5 values of 'spend' above ")
    assert " and 1 value of 'age' below " in notice.message
    assert 'outliers="none"' in notice.message
    figures = next(each for each in run.model.everyone.numbers if each.column == "spend")
    assert figures.mean == pytest.approx(values[:, 1].mean())


def test_saved_models_exports_and_predictions_clip_as_training_did(tmp_path):
    values, _, _ = SPOILED["cells times 50"]()
    frame = to_frame(values)
    run = ilk.fit(frame, k=3)
    found = run.customers["segment"].to_list()
    model = load(save(run.model, tmp_path / "model.json"))
    prediction = predict(model, frame)
    assert prediction.customers["segment"].to_list() == found
    assert [notice.code for notice in prediction.notices] == ["W_OUTLIERS"]
    labels = to_pipeline(model).predict(frame.to_pandas())
    assert (labels + 1).tolist() == found


def test_nothing_is_clipped_on_request():
    values, _, _ = SPOILED["rows times 50"]()
    run = ilk.fit(to_frame(values), outliers="none", k=3)
    assert not any(column.is_clipped for column in get_encodings(run.model).values())
    assert "W_OUTLIERS" not in {notice.code for notice in run.notices}


def test_rows_that_are_extreme_together_make_no_column_redundant():
    values, _, _ = spoil_rows(lambda rows: np.full_like(rows, 1e6), 7)
    run = ilk.fit(to_frame(values), fast=True)
    assert len(run.model.schema.features) == 4
