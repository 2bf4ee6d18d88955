from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from ilk.tables.number_format import (
    NumberFormat,
    is_missing_number,
    parse_categories,
    parse_numbers,
)
from ilk.tables.source import open_source


@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [
        ("Mall_Customers.csv", 200, 5),
        ("Mall_Customers_missing.csv", 200, 5),
        ("BankChurners.csv", 10_127, 23),
        ("segmentation_data.csv", 2_000, 8),
        ("Wholesale_customers.csv", 440, 8),
        ("online_retail.csv.gz", 541_909, 8),
    ],
)
def test_real_files_are_read_whole(data_dir: Path, name: str, rows: int, columns: int) -> None:
    source = open_source(data_dir / name)
    assert sum(frame.height for frame in source.iter_frames()) == rows
    assert len(source.schema) == columns
    assert source.rejects == ()
    assert source.notices == ()
    assert source.number_format == NumberFormat()


def test_published_totals_of_the_retail_file(data_dir: Path) -> None:
    source = open_source(data_dir / "online_retail.csv.gz")
    lines = pl.concat(source.iter_frames()).select(
        parse_numbers("Quantity", pl.String()),
        parse_numbers("UnitPrice", pl.String()),
        customer=parse_categories("CustomerID", pl.String()),
    )
    assert lines["customer"].null_count() == 135_080
    kept = lines.filter(
        (pl.col("Quantity") > 0) & (pl.col("UnitPrice") > 0) & pl.col("customer").is_not_null()
    )
    assert (kept.height, kept["customer"].n_unique()) == (397_884, 4_338)
    revenue = (kept["Quantity"] * kept["UnitPrice"]).sum()
    assert revenue == pytest.approx(8_911_407.904, abs=0.001)


def test_missing_cells_of_the_mall_file_are_counted(data_dir: Path) -> None:
    path = data_dir / "Mall_Customers_missing.csv"
    frame = pl.concat(open_source(path).iter_frames())
    raw = [line.split(",") for line in path.read_text().splitlines()[1:]]
    for place, name in enumerate(frame.columns):
        missing = frame.select(is_missing_number(name, pl.String()).sum()).item()
        assert missing == sum(row[place] == "" for row in raw)
