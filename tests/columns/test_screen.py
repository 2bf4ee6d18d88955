"""Which usable columns shape segments: nothing that says nothing about the others."""

from __future__ import annotations

import numpy as np
import polars as pl

import ilk
from ilk.columns.screen import screen_features
from ilk.schema import Column, Kind, Schema


def screen(frame):
    kinds: dict[str, Kind] = {
        name: "number" if dtype.is_numeric() else "category" for name, dtype in frame.schema.items()
    }
    schema = Schema(tuple(Column(name, kind, "feature", "") for name, kind in kinds.items()))
    screened, notices = screen_features(schema, frame)
    return [column.name for column in screened.features], notices


def make_groups(n=600, seed=0):
    random = np.random.default_rng(seed)
    groups = random.choice(3, n, p=[0.4, 0.3, 0.3])
    return random, groups


def test_a_coin_flip_does_not_shape_segments():
    random, groups = make_groups()
    frame = pl.DataFrame(
        {
            "orders": random.poisson(np.array([2.0, 15.0, 50.0])[groups]).astype(float),
            "newsletter": random.choice(["yes", "no"], 600),
            "spend": random.lognormal(np.array([5.0, 3.0, 7.0])[groups], 0.3),
        }
    )
    names, [notice] = screen(frame)
    assert names == ["orders", "spend"]
    assert notice.column == "newsletter"
    assert notice.message.startswith("independent of all other columns")
    assert "newsletter" not in notice.message  # which every surface puts in front
    assert notice.message.endswith("name the columns to use with features= to decide yourself")
    run = ilk.fit(frame)
    assert (run.selection.k, run.selection.structure) == (3, "clear")
    columns = {column.name: column.role for column in run.model.schema}
    assert columns == {"orders": "feature", "newsletter": "describe", "spend": "feature"}
    named = ilk.fit(frame, features=("orders", "newsletter", "spend"), fast=True)
    assert len(named.model.schema.features) == 3


def test_the_one_column_with_groups_is_used_where_nothing_depends_on_anything():
    random = np.random.default_rng(1)
    values = random.normal(size=(1000, 5))
    values[:500, 2] += 6.0
    names, [notice] = screen(pl.DataFrame({f"x{i}": values[:, i] for i in range(5)}))
    assert names == ["x2"]
    assert "without groups of their own" in notice.message


def test_all_columns_stay_where_no_column_says_anything():
    values = np.random.default_rng(2).normal(size=(500, 4))
    names, notices = screen(pl.DataFrame({f"x{i}": values[:, i] for i in range(4)}))
    assert (len(names), notices) == (4, ())


def test_many_columns_are_not_all_listed():
    random, groups = make_groups(seed=3)
    frame = pl.DataFrame(
        {f"x{i}": random.normal(size=600) + 6.0 * groups for i in range(2)}
        | {f"noise{i}": random.normal(size=600) for i in range(9)}
    )
    names, [notice] = screen(frame)
    assert names == ["x0", "x1"]
    assert "and 3 other columns are independent" in notice.message
