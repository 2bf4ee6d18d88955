from __future__ import annotations

import runpy
import sys
from pathlib import Path

import polars as pl
import pytest

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
FILES = {"model.json", "customers.csv", "segments.csv", "k.csv", "report.html", "run.json"}


@pytest.fixture
def run_example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """Run an example in an empty folder; gives what it printed and the folder it wrote."""

    def run(name: str, *arguments: str) -> tuple[str, Path]:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", [f"{name}.py", *arguments])
        with pl.Config():  # takes back how the example prints tables
            runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
        return capsys.readouterr().out, tmp_path / "assets" / "examples" / name

    return run


def test_mall_five_segments(run_example) -> None:
    printed, folder = run_example("mall_five_segments")
    assert " 5 " in next(line for line in printed.splitlines() if "<- chosen" in line)
    for name in (
        "Middle-income average spenders",
        "High-income high spenders",
        "High-income low spenders",
        "Low-income low spenders",
        "Low-income high spenders",
    ):
        assert f". {name}: " in printed
    assert "belongs to segment 2: High-income high spenders." in printed
    assert {file.name for file in folder.iterdir()} >= FILES


def test_mall_five_segments_of_the_well_known_file(run_example, data_dir: Path) -> None:
    printed, _ = run_example("mall_five_segments", str(data_dir / "Mall_Customers.csv"))
    for customers in (81, 39, 35, 23, 22):
        assert f": {customers} customers" in printed
    assert "65.6" in printed


def test_mall_with_age_and_gender(run_example) -> None:
    printed, folder = run_example("mall_with_age_and_gender")
    assert "share of women" in printed
    assert {file.name for file in (folder / "described").iterdir()} >= FILES
    assert {file.name for file in (folder / "with_age").iterdir()} >= FILES


def test_shoppers_predict_one(run_example) -> None:
    printed, folder = run_example("shoppers_predict_one")
    assert "The new customer belongs to segment 2: " in printed
    assert {file.name for file in folder.iterdir()} >= FILES


def test_customer_segmentation(run_example) -> None:
    printed, folder = run_example("customer_segmentation")
    columns = ["annual_income", "average_order_value", "product_category_home_goods"]
    for column in columns:
        row = next(line for line in printed.splitlines() if column in line and "┆" in line)
        assert row.count("┆") == 5
    rows = [line.split("┆") for line in printed.splitlines() if line.count("┆") == 3]
    answers = {cells[0].strip("│ "): cells[1:] for cells in rows}
    assert answers["garden"] == answers["null"]
    assert (folder / "income_against_order_value.png").stat().st_size > 10_000
