"""Which columns tell the segments apart."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.stats import f_oneway

import ilk
from ilk.segments.column_ranking import rank_columns


def rank(run: ilk.Run) -> dict[str, float]:
    model = run.model
    ranks = rank_columns(model.segments, model.everyone, model.schema)
    return {column.column: column.explained for column in ranks}


def test_eta_squared_of_a_number_follows_from_the_f_statistic():
    mall = ilk.demo.load("mall")
    run = ilk.fit(mall, describe=["Age", "Gender"], k=5, fast=True)
    labels = run.customers["segment"].to_numpy()
    for name, explained in rank(run).items():
        if name == "Gender":
            continue
        values = mall[name].to_numpy()
        groups = [values[labels == label] for label in np.unique(labels)]
        f = f_oneway(*groups).statistic * (len(groups) - 1) / (len(values) - len(groups))
        assert explained == pytest.approx(f / (1 + f), abs=1e-9)


def test_tau_of_a_category_by_hand():
    # Two segments of 20; "b" is met in 15 of one and 5 of the other.
    frame = pl.DataFrame(
        {
            "x": [*np.linspace(0, 1, 20), *np.linspace(9, 10, 20)],
            "level": ["a"] * 5 + ["b"] * 15 + ["a"] * 15 + ["b"] * 5,
        }
    )
    run = ilk.fit(frame, features=["x"], describe=["level"], k=2, fast=True)
    # By chance 1/2 is guessed right; by segment (225 + 25) / 400.
    assert rank(run)["level"] == pytest.approx((0.625 - 0.5) / 0.5)


def test_columns_are_in_order_and_a_constant_one_explains_nothing():
    frame = pl.DataFrame(
        {
            "same": ["a"] * 40,
            "noise": [1.0, 2.0] * 20,
            "x": [*np.linspace(0, 1, 20), *np.linspace(9, 10, 20)],
        }
    )
    run = ilk.fit(frame, features=["x"], describe=["noise", "same"], k=2, fast=True)
    ranked = rank(run)
    assert next(iter(ranked)) == "x"
    assert ranked["x"] > 0.9
    assert ranked["noise"] == pytest.approx(0.0, abs=1e-12)
    assert ranked.get("same", 0.0) == 0.0
