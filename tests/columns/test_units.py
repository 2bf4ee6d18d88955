"""Columns of amounts: numbers whose unit is kept, and never the customer ID."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import ilk
from ilk.columns.cast import cast_columns
from ilk.columns.roles import infer_roles
from ilk.columns.summary import summarize
from ilk.errors import InputError, Notice
from ilk.recipe import Recipe
from ilk.schema import Column, Schema
from ilk.tables.number_format import NumberFormat
from ilk.tables.source import open_source

SPEND = [133.15, 878.0, 2972.94] * 8
VISITS = [3, 17, 31] * 8


def _write(folder: Path, cells: list[str]) -> Path:
    rows = [f"{name};{visits}" for name, visits in zip(cells, VISITS, strict=True)]
    path = folder / "customers.csv"
    path.write_text("\n".join(["spend;visits", *rows]), encoding="utf-8")
    return path


def _infer(path: Path) -> tuple[Schema, tuple[Notice, ...]]:
    return infer_roles(summarize(open_source(path)), Recipe())


def _dollars(values: list[float]) -> list[str]:
    return [f"${value:,.2f}" for value in values]


def test_money_is_a_number_in_its_currency(tmp_path: Path) -> None:
    spend = _infer(_write(tmp_path, _dollars(SPEND)))[0].columns[0]
    assert (spend.kind, spend.role, spend.unit, spend.meaning) == (
        "number",
        "feature",
        "$",
        "money",
    )
    assert spend.reason == "what a customer is worth, in $"


def test_percentages_are_a_share(tmp_path: Path) -> None:
    column = _infer(_write(tmp_path, [f"{value % 97:.0f} %" for value in SPEND]))[0].columns[0]
    assert (column.unit, column.meaning, column.reason) == ("%", "share", "a share in %")


def test_amounts_different_in_every_row_are_no_customer_id(tmp_path: Path) -> None:
    cells = [f"{value + place:.2f} €".replace(".", ",") for place, value in enumerate(SPEND)]
    schema, _ = _infer(_write(tmp_path, cells))
    assert schema.id is None
    assert schema.columns[0].role == "feature"


def test_several_currencies_are_left_out_and_told(tmp_path: Path) -> None:
    cells = [f"{'€' if place % 3 else '$'}{100 + place}" for place in range(24)]
    schema, notices = _infer(_write(tmp_path, cells))
    assert (schema.columns[0].role, schema.id) == ("ignore", None)
    assert notices[0].code == "W_LEFT_OUT"
    assert "several units, which cannot be compared: € (16) and $ (8)" in notices[0].message


def test_a_cell_that_is_no_amount_is_named(tmp_path: Path) -> None:
    cells = _dollars(SPEND)
    cells[20] = "$ask"
    with pytest.raises(InputError, match=r"row 21 contains '\$ask'"):
        _infer(_write(tmp_path, cells))


def test_a_saved_model_reads_amounts_again(tmp_path: Path) -> None:
    path = _write(tmp_path, _dollars(SPEND))
    run = ilk.fit(path, k=3, fast=True)
    run.save(tmp_path / "model.json")
    model = ilk.load(tmp_path / "model.json")
    assert model.schema.columns[0].unit == "$"
    assert model.predict(path)["segment"].equals(run.customers["segment"])
    plain = pl.DataFrame({"spend": SPEND, "visits": VISITS})
    assert model.predict(plain)["segment"].equals(run.customers["segment"])


def test_another_currency_is_refused() -> None:
    spend = Column("spend", "number", "feature", "an amount in $", unit="$")
    frame = pl.DataFrame({"spend": ["$5", "7", "8 €"]})
    with pytest.raises(InputError, match=r"'spend' is in [$], but row 3 contains '8 €'"):
        cast_columns(frame, [spend], NumberFormat())
