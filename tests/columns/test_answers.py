"""Several answers in one cell: each is a yes or no of its own, and all weigh as one column."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

import ilk
from ilk.app.column_edits import apply_roles
from ilk.columns.cast import cast_columns
from ilk.errors import UsageError
from ilk.features.encoder import fit_encoder
from ilk.model.serialization import dumps, loads
from ilk.model.sklearn_export import to_pipeline
from ilk.recipe import Recipe
from ilk.schema import Schema
from ilk.tables.number_format import NumberFormat

CELLS = ["Email; SMS", "Email", "SMS; App", "Email; App; SMS", "App", ""]
N = 60
CHANNELS = [CELLS[i % 6] for i in range(N)]
SPEND = [(i * i * 7.5) % 991 for i in range(N)]


def list_answers(columns):
    return [column.answer.text for column in columns.values() if column.answer is not None]


@pytest.mark.parametrize("separator", ["; ", ";", " | ", ",", ", ", "/"])
def test_answers_are_told_with_their_reason(infer, separator):
    cells = [cell.replace("; ", separator) for cell in CHANNELS]
    columns, notices = infer({"channels": cells, "spend": SPEND})
    assert list(columns) == ["App", "Email", "SMS", "spend"]
    email = columns["Email"]
    assert (email.kind, email.meaning, email.source) == ("category", "yes_no", "channels")
    assert email.reason.startswith("several answers in a cell: one of the 3 answers, separated by")
    assert email.missing == N / 6
    assert not notices


def test_a_written_list_and_codes_are_answers(infer):
    lists = [str(cell.split("; ")) for cell in CHANNELS if cell] * 2
    columns, _ = infer({"channels": lists[:N], "spend": SPEND})
    assert list_answers(columns) == ["App", "Email", "SMS"]
    codes = [("1;3", "3", "2;3", "1;2;3")[i % 4] for i in range(N)]
    columns, _ = infer({"q7": codes, "spend": SPEND})
    assert list(columns) == ["q7: 1", "q7: 2", "q7: 3", "spend"]


@pytest.mark.parametrize(
    "cells",
    [
        ["Lyon, France", "Rome, Italy", "Bari, Italy", "Oslo, Norway", "Nice, France", "Bonn"],
        ["retail, small", "retail, large", "trade, small", "trade, large"],
        ["Yes, monthly", "Yes, yearly", "No"],
        ["18-24", "25-34", "35+"],
        ["1,5", "2,25", "3"],
        ["2024-01-31", "2024-02-29"],
    ],
)
def test_other_cells_hold_one_value(infer, cells):
    columns, _ = infer({"x": [cells[i % len(cells)] for i in range(N)], "spend": SPEND})
    assert not list_answers(columns)


def test_the_user_overrules_both_ways(infer):
    columns, _ = infer({"channels": CHANNELS, "spend": SPEND}, columns_as={"channels": "code"})
    assert not list_answers(columns)
    assert columns["channels"].kind == "category"
    sizes = [("retail, small", "retail, large", "trade, small")[i % 3] for i in range(N)]
    columns, _ = infer({"x": sizes, "spend": SPEND}, columns_as={"x": "several"})
    assert list_answers(columns) == ["large", "retail", "small", "trade"]
    assert columns["large"].reason.startswith("several answers in a cell, as chosen: one of the 4")


def test_cells_are_read_by_answer_and_may_be_given_as_yes_and_no(infer):
    columns, _ = infer({"channels": CHANNELS, "spend": SPEND})
    wanted = [columns["Email"], columns["SMS"]]
    cells = pl.DataFrame({"channels": ["sms;EMAIL", "Fax", None, "App;SMS"]})
    assert cast_columns(cells, wanted, NumberFormat()).rows() == [
        ("yes", "yes"),
        ("no", "no"),
        (None, None),
        ("no", "yes"),
    ]
    given = pl.DataFrame({"Email": ["Yes"], "SMS": ["no"]})
    assert cast_columns(given, wanted, NumberFormat()).row(0) == ("yes", "no")


def test_all_answers_weigh_as_one_column(infer):
    columns, _ = infer({"channels": CHANNELS, "spend": SPEND})
    schema = Schema(tuple(column for column in columns.values() if column.answer is not None))
    frame = cast_columns(pl.DataFrame({"channels": CHANNELS}), schema, NumberFormat())
    matching = fit_encoder(frame, schema, Recipe())
    assert [column.scale for column in matching.columns] == pytest.approx([np.sqrt(2 / 3)] * 3)
    raw = fit_encoder(frame, schema, Recipe(onehot="raw"))
    assert [column.scale for column in raw.columns] == [1, 1, 1]


@pytest.fixture(scope="module")
def run():
    cells = [("Email; SMS", "App", "App; Email")[i % 6 % 4 % 3] for i in range(N)]
    spend = [(20.0, 60.0, 120.0)[i % 6 % 4 % 3] + i % 7 for i in range(N)]
    return ilk.fit(pl.DataFrame({"channels": cells, "spend": spend}), k=3, fast=True)


def test_profiles_have_the_share_of_each_answer(run):
    shares = {
        figures.column: dict(figures.counts)["yes"] / N for figures in run.model.everyone.categories
    }
    assert shares == {"App": 0.5, "Email": 2 / 3, "SMS": 0.5}
    assert "SMS: 100% yes (50% overall)" in json.dumps(run.build_summary()["segments"])


def test_a_model_divides_cells_as_the_fit_did(run):
    model = loads(dumps(run.model))
    assert model.schema == run.model.schema
    table = pl.DataFrame({"channels": ["SMS;Email", "App"], "spend": [22.0, 61.0]})
    given = {"App": ["no", "yes"], "Email": ["yes", "no"], "SMS": ["yes", "no"]}
    other = pl.DataFrame({**given, "spend": [22.0, 61.0]})
    assert model.predict(table)["segment"].equals(model.predict(other)["segment"])
    with pytest.raises(UsageError, match=r"cannot divide cells .*ignore=\[.channels.\]"):
        to_pipeline(model)


def test_one_answer_changes_its_column_in_the_app(infer):
    columns, _ = infer({"channels": CHANNELS, "spend": SPEND})
    roles = {name: column.role for name, column in columns.items()} | {"Email": "describe"}
    recipe = apply_roles(Recipe(), Schema(tuple(columns.values())), roles)
    assert recipe.describe == ("channels",)
