"""Bands and top-coded counts are categories with an order, and no reason to refuse a file."""

from __future__ import annotations

import polars as pl
import pytest

import ilk
from ilk.columns.bands import order_bands
from ilk.columns.roles import infer_roles
from ilk.columns.summary import summarize
from ilk.recipe import Recipe
from ilk.schema import Column
from ilk.tables.source import open_source


def _infer(cells: list[str]) -> Column:
    frame = pl.DataFrame({"band": cells, "visits": [row % 7 for row in range(len(cells))]})
    return infer_roles(summarize(open_source(frame)), Recipe())[0].columns[0]


@pytest.mark.parametrize(
    "levels",
    [
        ("0", "1", "2", "3+"),
        ("18-24", "25-34", "35-44", "65+"),
        ("< 18", "18 – 24", "25 to 34", "> 34"),
        ("Less than $40K", "$40K - $60K", "$60K - $80K", "$120K +"),
        ("under 1,000", "1,000-9,999", "10,000 and more"),
        ("0-5 %", "5-10 %", "10 % or more"),
        ("unter 20", "20 bis 30", "30 und mehr"),
    ],
)
def test_bands_have_an_order(levels: tuple[str, ...]) -> None:
    assert order_bands(levels[::-1]) == levels
    column = _infer([*levels] * 10)
    assert (column.kind, column.role, column.meaning) == ("category", "feature", "scale")
    assert column.cells.levels == levels
    assert column.reason == (f"{len(levels)} ordered values, from '{levels[0]}' to '{levels[-1]}'")


@pytest.mark.parametrize(
    "levels", [("0", "1", "2"), ("A1", "B2", "C3"), ("2023-12", "2024-01", "2024-02"), ("3+", "4")]
)
def test_other_levels_have_none(levels: tuple[str, ...]) -> None:
    assert order_bands(levels) == ()


def test_a_long_count_that_is_coded_at_its_top_stays_a_number() -> None:
    column = _infer([*map(str, range(20, 90)), "90+", "90+"])
    assert (column.kind, column.role) == ("number", "feature")


def test_a_few_top_coded_cells_do_not_refuse_the_file() -> None:
    cells = [["0", "1", "2", "2"][row % 4] for row in range(57)] + ["3+"] * 3
    table = pl.DataFrame({"dependents": cells, "spend": [row % 4 * 30.5 for row in range(60)]})
    run = ilk.fit(table, k=3, fast=True)
    assert run.model.predict(table)["segment"].equals(run.customers["segment"])
