from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilk.tables.safe_csv import escape_formulas, render_csv, write_csv


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\0x", "  =1", "＝1", "＋1", "－a", "＠x"],
)
def test_formulas_become_text(cell: str) -> None:
    assert escape_formulas(pl.DataFrame({"a": [cell]}))["a"].to_list() == ["'" + cell]


@pytest.mark.parametrize("cell", ["-5", "+3.25", "-1,234.5", " -1e-3 ", "007", "a=b", "", "x-y"])
def test_numbers_and_ordinary_text_stay(cell: str) -> None:
    assert escape_formulas(pl.DataFrame({"a": [cell]}))["a"].to_list() == [cell]


def test_names_labels_and_numbers() -> None:
    table = pl.DataFrame({"=id": ["1"], "n": [-1.5], "c": pl.Series(["@x"], dtype=pl.Categorical)})
    assert escape_formulas(table).to_dict(as_series=False) == {
        "'=id": ["1"],
        "n": [-1.5],
        "c": ["'@x"],
    }


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)))
def test_a_csv_reader_gets_the_safe_cells_back(cells: list[str]) -> None:
    table = pl.DataFrame({"id": cells, "n": range(len(cells))}, schema_overrides={"id": pl.String})
    text = render_csv(table).decode()
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert [row[0] for row in rows[1:]] == escape_formulas(table)["id"].to_list()


def test_batches_are_written_under_one_header(tmp_path: Path) -> None:
    table = pl.DataFrame({"id": ["1", "2", "3"]})
    write_csv(table.iter_slices(2), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == render_csv(table) == b"id\n1\n2\n3\n"
