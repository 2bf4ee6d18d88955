"""Law 4: every row read is labeled, rejected or left out, and ids come out byte for byte."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ilk.cli.main import main

letters = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1
)
plain = letters.filter(lambda text: text == text.strip() and text[0] not in "=+-@＝＋－＠'\"")


def written(ids: list[str]) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["customer_id", "income", "visits"])
    table.writerows([id, 20 + 7 * i % 90, i * i % 50] for i, id in enumerate(ids))
    return text.getvalue()


def labeled(folder: Path, ids: list[str], *options: str) -> list[str]:
    file, out = folder / "in.csv", folder / "out"
    file.write_text(written(ids), encoding="utf-8")
    arguments = ["fit", str(file), "--id", "customer_id", "--k-max", "2", "--out", str(out)]
    assert main([*arguments, "--overwrite", "--quiet", *options]) == 0
    with (out / "customers.csv").open(encoding="utf-8", newline="") as table:
        return [row["customer_id"] for row in csv.DictReader(table)]


@pytest.mark.thorough
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(plain, min_size=20, max_size=24, unique=True))
def test_ids_come_out_as_they_went_in_and_in_their_order(tmp_path, ids):
    # Words for "missing" are no ids, and a table of them would rightly be refused.
    ids = [f"{id}#{i}" for i, id in enumerate(ids)]
    assert labeled(tmp_path, ids) == ids


@pytest.mark.parametrize(
    "make",
    [lambda i: f"{i:08d}", lambda i: f"{i}.0", lambda i: f"{i:03d}e5", lambda i: str(2**60 + i)],
    ids=["leading zeros", "decimals", "exponents", "beyond doubles"],
)
def test_ids_that_look_like_numbers_stay_text(tmp_path, make):
    ids = [make(i) for i in range(40)]
    assert labeled(tmp_path, ids) == ids


def test_an_id_that_a_spreadsheet_would_execute_is_disarmed(tmp_path):
    ids = ["=1+1", "@cmd", *(f"c{i}" for i in range(30))]
    assert labeled(tmp_path, ids) == ["'=1+1", "'@cmd", *ids[2:]]


def test_every_row_is_accounted_for(tmp_path):
    file, out, objected = tmp_path / "in.csv", tmp_path / "out", tmp_path / "objected.txt"
    file.write_text(written([f"c{i}" for i in range(50)]) + "c50,1\nc51,1,2,3\n", encoding="utf-8")
    objected.write_text("c3\nc4\nc5\n")
    options = ["--max-bad-rows", "2", "--exclude-ids", str(objected), "--quiet"]
    assert main(["fit", str(file), *options, "--out", str(out)]) == 0
    rows = json.loads((out / "run.json").read_text())["rows"]
    assert (rows["read"], rows["labeled"], rows["rejected"], rows["excluded"]) == (52, 47, 2, 3)
    assert pl.read_csv(out / "customers.csv").height == 47
    assert pl.read_csv(out / "rejects.csv").height == 2
