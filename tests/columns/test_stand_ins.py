"""Stand-ins for missing values are found by how far and how frequent they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import ilk
from ilk.columns.roles import infer_roles
from ilk.columns.stand_ins import find_stand_ins
from ilk.columns.summary import summarize
from ilk.errors import InputError, Notice
from ilk.recipe import Recipe
from ilk.schema import Column
from ilk.tables.source import open_source

AGES = [float(age) for age in range(20, 70)]


def _infer(cells: list[object], recipe: Recipe = Recipe()) -> tuple[Column, tuple[Notice, ...]]:  # noqa: B008
    frame = pl.DataFrame({"amount": cells, "visits": [row % 7 for row in range(len(cells))]})
    schema, notices = infer_roles(summarize(open_source(frame)), recipe)
    return schema.columns[0], notices


@pytest.mark.parametrize("value", [999.0, 9999.0, -999.0, -1.0, 2147483647.0])
def test_a_usual_number_far_from_all_others_is_missing(value: float) -> None:
    column, notices = _infer([*AGES, value, value])
    assert (column.missing, column.cells.stand_ins) == (2, (f"{value:.0f}",))
    assert [notice.code for notice in notices] == ["W_STAND_IN"]
    told = f"counted as missing: {value:.0f} in 2 rows; if that is a real value, use "
    assert notices[0].message == told + 'numeric=["amount"]'


@pytest.mark.parametrize(
    "cells",
    [
        [*AGES, 99.0, 99.0],  # an old customer
        [*AGES, 75.0, 75.0],  # not far
        [*AGES, 400.0],  # an outlier
        [*AGES, -1.0, -1.0, -2.0],  # not the only negative number
        [-1.0, 0.0, 1.0] * 20,  # a scale
        [*AGES, *[0.0] * 40],  # many have nothing
    ],
)
def test_other_numbers_stay(cells: list[object]) -> None:
    column, _ = _infer(cells)
    assert (column.missing, column.cells.stand_ins) == (0, ())


def test_a_number_that_only_its_user_can_judge_is_told() -> None:
    assert find_stand_ins(np.array([*AGES, 999.0]), {}).doubtful == {999.0: 1}
    column, notices = _infer([*AGES, 999.0])
    assert column.missing == 0
    assert "999 in 1 row. Clear these cells" in notices[0].message


def test_the_user_can_overrule() -> None:
    column, notices = _infer([*AGES, 999.0, 999.0], Recipe(numeric=("amount",)))
    assert (column.missing, notices) == (0, ())


@pytest.mark.parametrize(
    "spelling", ["n.a.", "N/A", "\\N", "<NA>", "(null)", "-", "#N/A", "not stated", "keine Angabe"]
)
def test_a_spelling_of_missing_in_many_cells_keeps_the_column(spelling: str) -> None:
    column, _ = _infer([*(f"{age:.0f}" for age in AGES), *[spelling] * 10])
    assert (column.kind, column.role, column.missing) == ("number", "feature", 10)


def test_one_odd_text_is_still_refused() -> None:
    with pytest.raises(InputError, match="row 51 contains 'old'"):
        _infer([*(f"{age:.0f}" for age in AGES), "old"])


def test_new_customers_are_read_with_the_same_stand_ins(tmp_path: Path) -> None:
    ages = [20 + row % 3 * 20 + row % 7 for row in range(60)]
    cells = ["not stated", "999", "not stated", "999", *map(str, ages[4:])]
    table = pl.DataFrame({"age": cells, "visits": [row % 3 * 5 for row in range(60)]})
    run = ilk.fit(table, k=3, fast=True)
    assert run.missing["age"] == 4
    run.save(tmp_path / "model.json")
    model = ilk.load(tmp_path / "model.json")
    assert model.predict(table)["segment"].equals(run.customers["segment"])
    empty = table.with_columns(age=pl.Series([None] * 4 + cells[4:]))
    assert model.predict(empty)["segment"].equals(run.customers["segment"])
