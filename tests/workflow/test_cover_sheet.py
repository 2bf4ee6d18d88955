"""Too few rows in the first sheet of a workbook: the sheet with the table is named."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

import ilk
from ilk.errors import InputError


def write_workbook(path: Path, cover_rows: int) -> None:
    data = {"id": range(30), "spend": [i * i % 97 for i in range(30)]}
    with xlsxwriter.Workbook(path) as workbook:
        cover = workbook.add_worksheet("Cover")
        for row in range(cover_rows):
            cover.write(row, 0, f"Line {row} of the cover")
        pl.DataFrame(data).write_excel(workbook, "Customers")


@pytest.mark.parametrize("cover_rows", [2, 3])
def test_the_sheet_with_the_table_is_named(tmp_path, cover_rows):
    write_workbook(tmp_path / "report.xlsx", cover_rows)
    message = r"in sheet 'Cover' there .* needed\. Sheet 'Customers' has 30 rows: .*sheet="
    with pytest.raises(InputError, match=message) as caught:
        ilk.fit(tmp_path / "report.xlsx")
    assert caught.value.code == "E_TOO_FEW_CUSTOMERS"
    assert ilk.fit(tmp_path / "report.xlsx", sheet="Customers", k=2, fast=True).labels.n_rows == 30


def test_a_sheet_that_was_chosen_is_not_questioned(tmp_path):
    write_workbook(tmp_path / "report.xlsx", 2)
    with pytest.raises(InputError, match=r"at least 20 are needed. Add customers"):
        ilk.fit(tmp_path / "report.xlsx", sheet="Cover")
