"""Labels from the file to the results, and on in the model."""

from __future__ import annotations

import tomllib

import polars as pl
import pytest

import ilk
from ilk.column_labels import LabelTables
from ilk.errors import UsageError
from ilk.model.serialization import dumps, loads
from ilk.model.sklearn_export import to_pipeline

N = 90
CUSTOMERS = pl.DataFrame(
    {
        "id": [f"c{i}" for i in range(N)],
        "x1": [str(i % 6 % 4 % 3 + 1) for i in range(N)],
        "x2": [(20.0, 60.0, 120.0)[i % 6 % 4 % 3] + i % 7 for i in range(N)],
    }
)
LABELS = {
    "x1": {"name": "Job", "levels": {"1": "worker", "2": "clerk", "3": "manager"}},
    "x2": {"name": "Income"},
}


@pytest.fixture(scope="module")
def plain():
    return ilk.fit(CUSTOMERS, k=3, fast=True)


@pytest.fixture(scope="module")
def named():
    return ilk.fit(CUSTOMERS, k=3, fast=True, labels=LABELS)


def test_labels_change_names_and_no_segment(plain, named):
    assert named.customers["segment"].equals(plain.customers["segment"])
    shown = str(named.build_summary()["segments"])
    assert all(word in shown for word in ("Job", "Income", "manager", "clerk"))
    assert not any(word in shown for word in ("x1", "x2"))
    assert [column.name for column in named.model.schema.features] == ["Job", "Income"]


def test_a_model_keeps_its_labels(named):
    model = loads(dumps(named.model))
    assert (model.schema, model.recipe) == (named.model.schema, named.model.recipe)
    for table in (CUSTOMERS, CUSTOMERS.rename({"x1": "Job", "x2": "Income"})):
        assert model.predict(table)["segment"].equals(named.customers["segment"])
    one = {"Job": "manager", "Income": 120}
    assert model.predict(one)["segment"].equals(model.predict({"x1": "3", "x2": 120})["segment"])


def test_the_code_of_a_run_has_its_labels(named):
    assert 'labels={"x1": {"name": "Job", "levels": {"1": "worker",' in named.to_code("t")


def test_a_pipeline_cannot_give_names(named):
    with pytest.raises(UsageError, match=r"cannot give 'x1' and 'x2' readable names. Fit without"):
        to_pipeline(named.model)


def test_the_file_is_offered_half_filled_and_never_taken_back(plain, named, tmp_path):
    folder, file = tmp_path / "out", tmp_path / "out" / "labels.toml"
    plain.write(folder)
    assert tomllib.loads(file.read_text("utf-8")) == {
        "x1": {"name": "", "levels": {"1": "", "2": "", "3": ""}},
        "x2": {"name": ""},
    }
    plain.write(folder, overwrite=True)
    filled = file.read_text().replace('1 = ""', '1 = "worker"  # of the codebook')
    file.write_text(filled)
    plain.write(folder, overwrite=True)
    named.write(folder, overwrite=True)
    assert file.read_text() == filled
    assert LabelTables().check(file) == {"x1": {"levels": {"1": "worker"}}}


def test_no_file_where_nothing_needs_a_name(named, tmp_path):
    named.write(tmp_path / "out")
    assert not (tmp_path / "out" / "labels.toml").exists()
