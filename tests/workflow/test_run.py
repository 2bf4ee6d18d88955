"""Run and model under names by hand: they are in everything that is written, and harm nothing."""

from __future__ import annotations

import csv
import html
import json
from pathlib import Path

import polars as pl
import pytest

import ilk
from ilk.errors import UsageError
from ilk.model import serialization
from ilk.segments.edits import Edits

NAMES = {2: "Big spenders", 5: "=cmd()", 4: "<script>alert('x')</script>"}
ACTIONS = {2: "Invite them to the opening.", 4: '"><img src=x onerror=alert(1)>', 5: "@SUM(A1)"}


@pytest.fixture(scope="module")
def run():
    return ilk.fit(ilk.demo.load("mall"), describe=["Age"])


@pytest.fixture(scope="module")
def edited(run):
    return run.edit_segments(names=NAMES, actions=ACTIONS)


@pytest.fixture(scope="module")
def written(edited, tmp_path_factory) -> Path:
    return edited.write(tmp_path_factory.mktemp("edited") / "out").parent


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def test_no_customer_moves_and_every_name_follows(run, edited):
    same = ["CustomerID", "segment"]
    assert edited.customers.select(same).equals(run.customers.select(same))
    assert edited.customers.columns == run.customers.columns
    names = {segment.number: segment.name for segment in edited.segments}
    assert names == {segment.number: segment.name for segment in run.segments} | NAMES
    pairs = edited.customers.select("segment", "segment_name").unique().rows()
    assert dict(pairs) == names


def test_the_run_itself_stays(run, edited):
    assert run.segments[1].name == "High-income high spenders"
    assert "Big spenders" not in run.customers["segment_name"].to_list()
    assert (run.edits, edited.edits) == (Edits(), Edits(NAMES, ACTIONS))
    for part in ("plot_sample", "source", "notices", "missing", "selection"):
        assert getattr(edited, part) is getattr(run, part)
    assert edited.row_counts == run.row_counts


def test_an_edit_of_an_edited_run_is_remembered_with_the_first(edited):
    again = edited.edit_segments(names={2: "Our best", 3: "High-income low spenders"})
    assert again.edits == Edits(NAMES | {2: "Our best"}, ACTIONS)
    assert again.segments[3].name == NAMES[4]


def test_customers_who_fit_nowhere_stay_without_a_name():
    customers = ilk.demo.load("mall").to_pandas()
    customers.loc[[3, 77], "Annual Income (k$)"] = None
    run = ilk.fit(customers, describe=["Age"], missing="drop", k=5).edit_segments({1: "First"})
    nowhere = run.customers.filter(segment=0)
    assert nowhere["segment_name"].to_list() == [None, None]
    assert run.customers.filter(segment=1)["segment_name"].unique().to_list() == ["First"]


def test_a_saved_model_keeps_the_edits(run, edited, tmp_path):
    model = ilk.load(edited.save(tmp_path / "model.json"))
    assert model.segments == edited.segments
    assert serialization.dumps(model) == serialization.dumps(edited.model)
    assert serialization.dumps(model) == serialization.dumps(
        run.model.edit_segments(NAMES, ACTIONS)
    )
    assert json.loads(serialization.dumps(model))["protocol"] == serialization.PROTOCOL


def test_the_edited_model_predicts_the_new_names(run, edited):
    customers = ilk.demo.load("mall")
    new, old = edited.model.predict(customers), run.model.predict(customers)
    plain = ["CustomerID", "segment", "margin"]
    assert new.select(plain).equals(old.select(plain))
    rich = new.filter(segment=2)
    assert rich["segment_name"].unique().to_list() == ["Big spenders"]
    assert rich["action"].unique().to_list() == ["Invite them to the opening."]


def test_a_wrong_edit_is_refused(run):
    with pytest.raises(UsageError, match=r"no such segment \(segment 6\)"):
        run.edit_segments(names={6: "Nobody"})
    with pytest.raises(UsageError, match=r"the action is empty \(segment 1\)"):
        run.model.edit_segments(actions={1: " "})


def test_every_file_carries_the_edits(written, edited):
    assert {row["segment_name"] for row in rows(written / "customers.csv")} >= {"Big spenders"}
    segments = rows(written / "segments.csv")
    assert segments[1]["segment_name"] == "Big spenders"
    assert segments[1]["action"] == "Invite them to the opening."
    page = (written / "report.html").read_text("utf-8")
    assert ">Big spenders</bdi>" in page
    assert "Invite them to the opening." in page
    assert ilk.load(written / "model.json").segments == edited.segments
    record = json.loads((written / "run.json").read_text("utf-8"))
    assert record["summary"]["segments"][1]["name"] == "Big spenders"
    assert "High-income high spenders" not in page


def test_hostile_names_are_inert_in_tables(written):
    segments = rows(written / "segments.csv")
    assert segments[4]["segment_name"] == "'=cmd()"
    assert segments[4]["action"] == "'@SUM(A1)"
    names = {row["segment"]: row["segment_name"] for row in rows(written / "customers.csv")}
    assert names["5"] == "'=cmd()"


def test_hostile_names_are_inert_in_the_report(written):
    page = (written / "report.html").read_text("utf-8")
    assert "<script" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(" in page
    assert "&lt;img src=x" in page


def test_a_kept_warning_names_its_option_as_in_python(tmp_path):
    customers = ilk.demo.load("mall").with_columns(Channel=pl.Series([1, 2] * 100))
    run = ilk.fit(customers, fast=True)
    page = run.write(tmp_path / "out").read_text("utf-8")
    assert 'numeric=["Channel"]' in html.unescape(page)
    record = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))
    assert "numeric=" in record["warnings"][0]["message"]
    assert record["warnings"][0]["options"] == {"numeric": ["Channel"], "labels": None}


def test_rows_left_out_as_asked_are_counted():
    run = ilk.fit(ilk.demo.load("mall"), describe=["Age"], exclude=["7", "100", "nobody"])
    assert (run.row_counts.read, run.row_counts.labeled, run.row_counts.excluded) == (200, 198, 2)
