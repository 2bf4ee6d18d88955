"""How a table writes its numbers is judged from all of its rows, and kept in the model."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import polars as pl
import pytest

import ilk
from ilk.columns.infer import summarize_source
from ilk.errors import InputError
from ilk.recipe import Reading, Recipe
from ilk.tables.source import open_source

N_ROWS = 1500


def _make_late(cell: str) -> pl.DataFrame:
    """Plain digits far beyond the rows that are looked at first, and then another number."""
    spend = [*(f"{100 + row % 3 * 300}" for row in range(N_ROWS - 1)), cell]
    return pl.DataFrame({"spend": spend, "visits": [row % 3 * 10 for row in range(N_ROWS)]})


@pytest.mark.parametrize(
    ("cell", "value"), [("851,5", 851.5), ("1.851,5", 1851.5), ("1,851.5", 1851.5), ("0,5", 0.5)]
)
def test_the_last_row_shows_how_numbers_are_written(
    cell: str, value: float, tmp_path: Path
) -> None:
    path = tmp_path / "late.csv"
    _make_late(cell).write_csv(path, separator=";")
    for table in (path, _make_late(cell), pd.DataFrame(_make_late(cell).to_dict(as_series=False))):
        summarized = summarize_source(open_source(table), Recipe())
        stats = summarized.summary.column_stats["spend"]
        assert stats.numbers == N_ROWS
        assert value in (stats.minimum, stats.maximum)
        assert "'spend'" in summarized.source.read_details["decimal"]


def test_what_is_specified_stays() -> None:
    reading = Reading(decimal=".", thousands="")
    source = open_source(_make_late("851,5"), reading)
    summarized = summarize_source(source, Recipe(reading=reading))
    assert summarized.summary.column_stats["spend"].first_non_number == (N_ROWS, "851,5")


def test_the_way_out_names_both_marks() -> None:
    spend = ["12.5", *["7,25"] * 2, *["12.5", "80.5"] * 20]
    table = pl.DataFrame({"spend": spend, "visits": range(43)})
    with pytest.raises(InputError, match=r"row 2 contains '7,25'.*decimal= and thousands="):
        ilk.fit(table, fast=True)


def test_new_customers_without_marks_of_their_own_are_read_as_in_training(tmp_path: Path) -> None:
    spend = [f"{1 + row % 3},{row % 10}50 €" for row in range(60)]
    table = pl.DataFrame({"spend": spend, "visits": [row % 3 * 10 for row in range(60)]})
    cells = pl.when(pl.col("visits") == 0).then(pl.lit("0,5 €")).otherwise("spend")
    table = table.with_columns(spend=cells)
    run = ilk.fit(table, k=3, fast=True)
    run.save(tmp_path / "model.json")
    model = ilk.load(tmp_path / "model.json")
    assert model.schema.columns[0].cells.decimal == ","
    ambiguous = table.head(2)[1:]
    assert model.assign(ambiguous).segments[0] == run.customers["segment"][1]
    assert model.predict(ambiguous)["segment"][0] == run.customers["segment"][1]
    segmenter = ilk.Segmenter(n_segments=3, fast=True).fit(table)
    assert segmenter.predict(ambiguous)[0] == segmenter.labels_[1]
