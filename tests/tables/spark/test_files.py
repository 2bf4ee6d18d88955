"""Files and tables by their names: Spark yields the text that one machine reads."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ilk.errors import InputError, UsageError
from ilk.recipe import Reading
from ilk.tables.source import open_source
from ilk.tables.spark.session import extract_cause
from ilk.tables.spark.source import open_spark

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.filterwarnings("ignore:PySpark does not yet:FutureWarning"),
]

TEXTS = {
    "plain": b"id,age\n007,31\n008,44\n",
    "empty cells": b'id,age,city\n007,,Rome\n008,"",\n009, 44 ," Oslo "\n',
    "quotes": b'id,said\n007,"He said ""no"", twice"\n008,a \\ b\n009,"\\"\n',
    "lines in cells": b'id,note\n007,"one\ntwo, three"\n008,"and ""four""\n\nfive"\n',
    "semicolons": "id;größe;spend\n007;klein;1.234,50\n008;groß;12,25\n".encode(),
    "Latin-1": "id,name\r\n007,José\r\n008,Zoë\r\n".encode("latin-1"),
    "a mark": b"\xef\xbb\xbfid,age\n007,31\n",
    "blank lines": b"id,age\n007,31\n\n008,44\n\n",
    "odd names": b"id,,a.b , ID,\n007,1,2,3,\n008,4,5,6,\n",
}


@pytest.mark.parametrize("name", TEXTS)
def test_text_is_read_as_on_one_machine(spark: SparkSession, tmp_path: Path, name: str) -> None:
    path = tmp_path / "customers.csv"
    path.write_bytes(TEXTS[name])
    here, there = open_source(path), open_spark(path)
    assert_frame_equal(pl.concat(there.iter_frames()), pl.concat(here.iter_frames()))
    assert there.number_format == here.number_format
    assert there.notices == here.notices
    assert {
        key: there.read_details[key] for key in ("delimiter", "quote", "decimal", "encoding")
    } == {key: here.read_details[key] for key in ("delimiter", "quote", "decimal", "encoding")}


def test_a_text_in_many_parts_is_read_whole(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    table = pl.DataFrame({"id": [f"{number:05d}" for number in range(30_000)]}).with_columns(
        pl.lit('said "so", then').alias("words")
    )
    table.write_csv(path)
    spark.conf.set("spark.sql.files.maxPartitionBytes", 100_000)
    source = open_spark(path)
    assert int(source.read_details["partitions"].split(",")[0]) > 5
    assert_frame_equal(pl.concat(source.iter_frames()), table)
    spark.conf.unset("spark.sql.files.maxPartitionBytes")


def test_gzipped_text_is_unpacked(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "customers.csv.gz"
    path.write_bytes(gzip.compress(TEXTS["plain"]))
    assert [frame.rows() for frame in open_spark(path).iter_frames()] == [
        [("007", "31"), ("008", "44")]
    ]


@pytest.mark.parametrize("pattern", ["", "/*.csv", "/part-?.csv"])
def test_a_folder_is_one_table(spark: SparkSession, tmp_path: Path, pattern: str) -> None:
    for number in range(3):
        (tmp_path / f"part-{number}.csv").write_text(f"id,age\n00{number},3{number}\n")
    (tmp_path / "_SUCCESS").touch()
    source = open_spark(f"{tmp_path}{pattern}")
    rows = pl.concat(source.iter_frames()).sort("id").rows()
    assert rows == [("000", "30"), ("001", "31"), ("002", "32")]
    (tmp_path / "part-1.csv").write_text("age,id\n31,001\n")
    with pytest.raises(InputError, match="E_SPARK"):
        list(open_spark(f"{tmp_path}{pattern}").iter_frames())


def test_a_row_that_does_not_fit_is_refused(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("id,age\n007,31\n008\n009,44\n")
    with pytest.raises(InputError, match=r"too few or too many cells: '008' .*E_BAD_ROWS"):
        list(open_spark(path).iter_frames())


def test_parquet_in_a_folder_is_one_table(spark: SparkSession, tmp_path: Path) -> None:
    for number in range(3):
        pl.DataFrame({"id": [number], "age": [30 + number]}).write_parquet(
            tmp_path / f"{number}.parquet"
        )
    source = open_spark(tmp_path)
    assert source.schema == {"id": pl.Int64(), "age": pl.Int64()}
    assert pl.concat(source.iter_frames())["id"].sort().to_list() == [0, 1, 2]


def test_a_table_of_the_catalog_is_found_by_its_name(spark: SparkSession) -> None:
    spark.range(5).createOrReplaceTempView("customers")
    source = open_spark("customers")
    assert (source.name, source.n_rows, source.schema) == ("customers", 5, {"id": pl.Int64()})


@pytest.mark.parametrize("name", ["no.such.table", "nothing.parquet", "no/*.csv", "nothing"])
def test_what_is_not_there_is_refused(spark: SparkSession, name: str) -> None:
    with pytest.raises(InputError, match=r"no such file.*E_INPUT_OPEN"):
        open_spark(name)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.xlsx", b"PK\x03\x04"),
        ("a.jsonl", b"{}"),
        ("a.csv", b"PK\x03\x04"),
        ("a.csv", b"sep=;\nid;age\n007;31\n"),
        ("a.csv", "id,age\n007,31\n".encode("utf-16")),
        ("a.csv", "id,price\n007,31 €\n".encode("cp1252")),
    ],
)
def test_what_spark_cannot_read_is_refused(
    spark: SparkSession, tmp_path: Path, name: str, data: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(UsageError, match="E_ENGINE"):
        open_spark(path)


def test_spark_puts_up_with_no_bad_rows(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_bytes(TEXTS["plain"])
    with pytest.raises(UsageError, match=r"unreadable rows.*E_ENGINE"):
        open_spark(path, reading=Reading(max_bad_rows=1))


def test_without_pyspark_its_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(UsageError, match=r"ilk\[spark\].*E_MISSING_EXTRA"):
        open_spark("customers.parquet")


def test_of_a_long_message_the_cause_is_told() -> None:
    java = "Job aborted\n\tat org.apache\nCaused by: java.io.IOException: No space left\n\tat a.b"
    assert extract_cause(ValueError(java)) == "java.io.IOException: No space left"
    assert extract_cause(ValueError("[A_CONDITION] It is so.\n\nmore")) == "[A_CONDITION] It is so."
    assert extract_cause(ValueError("")) == ""
