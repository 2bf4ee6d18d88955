"""A row of totals at the head or the foot of a table is no customer."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import ilk
from ilk.columns.infer import summarize_source
from ilk.columns.summary import summarize_frame
from ilk.columns.totals import find_totals_row
from ilk.recipe import Recipe
from ilk.tables.number_format import NumberFormat
from ilk.tables.source import open_source

ORDERS = [3 + row % 3 * 10 + row % 5 for row in range(30)]
SPEND = [100.5 + row % 3 * 400 + row % 7 for row in range(30)]
CLIENTS = [f"K{row:02}" for row in range(30)]
TABLE = pl.DataFrame({"client": CLIENTS, "orders": ORDERS, "spend": SPEND})


def _make_totals(client: str | None, orders: int | None, spend: float | None) -> pl.DataFrame:
    return pl.DataFrame(
        {"client": [client], "orders": [orders], "spend": [spend]}, schema=TABLE.schema
    )


def _count_rows(table: pl.DataFrame) -> tuple[int, list[str]]:
    summarized = summarize_source(open_source(table), Recipe())
    return summarized.summary.n_rows, [notice.code for notice in summarized.source.notices]


@pytest.mark.parametrize(
    "row",
    [
        _make_totals("Grand total", sum(ORDERS), sum(SPEND)),
        _make_totals("Summe:", None, sum(SPEND)),
        _make_totals("Durchschnitt", None, sum(SPEND) / 30),
        _make_totals(None, sum(ORDERS), sum(SPEND)),
        _make_totals("K99", sum(ORDERS), sum(SPEND)),
    ],
)
def test_totals_are_left_out(row: pl.DataFrame) -> None:
    assert _count_rows(pl.concat([TABLE, row])) == (30, ["W_TOTALS"])
    assert _count_rows(pl.concat([row, TABLE])) == (30, ["W_TOTALS"])


@pytest.mark.parametrize(
    "row",
    [
        _make_totals("Total", 12, 300.0),  # an oil company
        _make_totals("K99", sum(ORDERS), 300.0),
        _make_totals("K99", None, sum(SPEND)),
    ],
)
def test_other_rows_stay(row: pl.DataFrame) -> None:
    assert _count_rows(pl.concat([TABLE, row])) == (31, [])


def test_every_row_of_an_estimator_gets_a_label() -> None:
    table = pl.concat([TABLE, _make_totals("Total", sum(ORDERS), sum(SPEND))])
    segmenter = ilk.Segmenter(n_segments=3, fast=True).fit(table)
    assert segmenter.labels_.shape == (31,)
    assert segmenter.labels_[:30].tolist() == segmenter.predict(TABLE).tolist()


def test_totals_of_a_file_are_counted_as_left_out(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    cells = [f"{spend:,.2f} $" for spend in [*SPEND, sum(SPEND)]]
    table = pl.DataFrame(
        {"client": [*CLIENTS, "Total"], "orders": [*ORDERS, sum(ORDERS)], "spend": cells}
    )
    table.write_csv(path)
    run = ilk.fit(path, k=3, fast=True)
    assert (run.row_counts.read, run.row_counts.labeled) == (31, 30)
    notice = next(notice for notice in run.notices if notice.code == "W_TOTALS")
    assert notice.message == "row 31 ('Total') holds the totals of the others and was left out"


def test_rows_that_are_all_alike_or_average_are_no_totals() -> None:
    alike = pl.DataFrame({"age": [30] * 20, "income": [5] * 20})
    average = pl.DataFrame({"age": [20, 40, 30], "income": [1, 9, 5]})
    for frame in (alike, average):
        assert find_totals_row(summarize_frame(frame, NumberFormat())) is None
