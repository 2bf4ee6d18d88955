"""Tables of other libraries and of none: arrays, lists of dicts, record batches, several files."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import ilk
from ilk.errors import InputError, UsageError
from ilk.tables.source import open_source

CUSTOMERS = pl.DataFrame({"id": ["a", "b", "c"], "spend": [1.5, None, 30.0]})
BATCHES = pa.table({"id": ["a", "b", "c"], "spend": [1.5, None, 30.0]}).to_batches(2)


def read(source: object) -> pl.DataFrame:
    return pl.concat(open_source(source).iter_frames())


@pytest.mark.parametrize(
    "table",
    [
        CUSTOMERS.to_dicts(),
        CUSTOMERS.to_pandas(),
        CUSTOMERS.to_arrow(),
        BATCHES,
        pa.RecordBatchReader.from_batches(BATCHES[0].schema, BATCHES),
        np.array([("a", 1.5), ("b", None), ("c", 30.0)], dtype=[("id", "O"), ("spend", "O")]),
    ],
    ids=["dicts", "pandas", "Arrow", "batches", "reader", "structured"],
)
def test_every_kind_of_table_gives_the_same_rows(table):
    assert read(table).rows() == CUSTOMERS.rows()


def test_an_array_gets_names_and_is_segmented():
    random = np.random.default_rng(0)
    values = random.normal(size=(60, 2)) + 9 * (np.arange(60) % 2)[:, None]
    run = ilk.fit(values, k=2, fast=True)
    assert [column.name for column in run.model.schema.features] == ["x0", "x1"]
    assert run.predict(values)["segment"].to_list() == run.customers["segment"].to_list()


def test_dicts_may_lack_a_key_and_mix_types():
    assert read([{"id": 1, "plan": "A"}, {"id": 2}, {"id": 3, "plan": 7}]).rows() == [
        (1, "A"),
        (2, None),
        (3, "7"),
    ]


@pytest.mark.parametrize("table", [3, object(), {"a"}, np.zeros((2, 2, 2))])
def test_what_is_no_table_is_refused(table):
    with pytest.raises(UsageError, match="no table that can be read"):
        open_source(table)


def test_a_column_without_a_name_gets_one_through_fit_save_load_and_predict(tmp_path):
    random = np.random.default_rng(1)
    values = random.normal(size=(60, 2)) + 9 * (np.arange(60) % 2)[:, None]
    frame = pd.DataFrame({"spend": values[:, 0], "": values[:, 1]})
    run = ilk.fit(frame, k=2, fast=True)
    assert [column.name for column in run.model.schema.features] == ["spend", "column_2"]
    assert "W_BLANK_NAME" in {notice.code for notice in run.notices}
    again = ilk.load(run.save(tmp_path / "model.json")).predict(frame)
    assert again["segment"].to_list() == run.customers["segment"].to_list()


def test_several_files_are_one_table(tmp_path):
    for name in ("may", "june"):
        CUSTOMERS.with_columns(id=name + pl.col("id")).write_csv(tmp_path / f"{name}.csv")
    source = open_source([tmp_path / "may.csv", str(tmp_path / "june.csv")])
    assert source.name == "may.csv and june.csv"
    ids = pl.concat(source.iter_frames())["id"].to_list()
    assert ids == ["maya", "mayb", "mayc", "junea", "juneb", "junec"]


def test_files_with_other_columns_are_no_parts_of_one_table(tmp_path):
    CUSTOMERS.write_csv(tmp_path / "may.csv")
    CUSTOMERS.rename({"spend": "spent"}).write_csv(tmp_path / "june.csv")
    with pytest.raises(InputError, match=r"not parts of one table: column 'spend'.*june\.csv"):
        open_source([tmp_path / "may.csv", tmp_path / "june.csv"])
