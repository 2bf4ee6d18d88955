"""A table on a real cluster is the table that one machine reads: rows, numbers, surveys, files."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ilk.columns.summary import TableSummary, summarize
from ilk.errors import InputError, OutputError, UsageError
from ilk.recipe import Reading
from ilk.tables.exclude import exclude_ids
from ilk.tables.map_frames import DistributedSource
from ilk.tables.safe_csv import render_csv
from ilk.tables.source import open_source
from ilk.tables.spark.files import rename_part_files
from ilk.tables.spark.source import SparkSource, open_spark
from ilk.tables.spark.store import SparkFrameStore

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.filterwarnings("ignore:PySpark does not yet:FutureWarning"),
]

ROWS = 20_000


@pytest.fixture(scope="module", autouse=True)
def sent_by_value(java: None) -> Iterator[None]:
    """The workers cannot import this file."""
    from pyspark import cloudpickle

    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    yield
    cloudpickle.unregister_pickle_by_value(sys.modules[__name__])


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    generator = np.random.default_rng(0)
    return pl.DataFrame(
        {
            "id": [f"{number:07d}" for number in range(ROWS)],
            "age of.customer": generator.integers(18, 80, ROWS),
            "spend": generator.normal(50, 10, ROWS).round(2),
            "city": generator.choice(["Rome", "Oslo", 'a "q", b', "=1+1"], ROWS),
            "since": [date(2020, 1, 1 + number % 28) for number in range(ROWS)],
        }
    ).with_columns(
        pl.when(pl.col("spend") < 40).then(None).otherwise(pl.col("spend")).alias("spend")
    )


@pytest.fixture(scope="module")
def parquet(table: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tables") / "customers [1] of all.parquet"
    table.write_parquet(path, row_group_size=1000)
    return path


@pytest.fixture(scope="module")
def source(spark: SparkSession, parquet: Path) -> Iterator[SparkSource]:
    """The file in several partitions, as a large one would be."""
    settings = ("spark.sql.files.maxPartitionBytes", "spark.sql.files.openCostInBytes")
    for setting in settings:
        spark.conf.set(setting, parquet.stat().st_size // 5)
    yield open_spark(parquet)
    for setting in settings:
        spark.conf.unset(setting)


def whereabouts(frame: pl.DataFrame, row: int) -> tuple[int, int, str]:
    return frame.height, row, str(frame["id"][0])


def processes(frame: pl.DataFrame, row: int) -> tuple[int, str]:
    import ilk

    return os.getpid(), str(ilk.__file__)


def test_the_workers_have_no_ilk_but_the_one_we_send(
    source: SparkSource, bare_python: Path, tmp_path: Path
) -> None:
    asked = subprocess.run(
        [bare_python, "-c", "import polars, ilk"], capture_output=True, cwd=tmp_path, check=False
    )
    assert b"No module named 'ilk'" in asked.stderr
    path_by_process = dict(source.map_frames(processes))
    assert os.getpid() not in path_by_process
    assert all("ilk.zip" in place for place in path_by_process.values())


def test_every_row_has_its_number(source: SparkSource) -> None:
    assert isinstance(source, DistributedSource)
    parts = list(source.map_frames(whereabouts))
    assert len(parts) > 3
    heights = [height for height, _, _ in parts]
    assert [row for _, row, _ in parts] == list(1 + np.cumsum([0, *heights[:-1]]))
    assert [name for _, _, name in parts] == [f"{row - 1:07d}" for _, row, _ in parts]
    assert sum(heights) == source.n_rows == ROWS


def test_rows_come_here_as_they_are(source: SparkSource, table: pl.DataFrame) -> None:
    assert_frame_equal(pl.concat(source.iter_frames()), table)
    assert source.schema == dict(table.schema)
    assert source.name == "customers [1] of all.parquet"


def test_frames_have_at_most_100_000_rows(spark: SparkSession) -> None:
    wide = open_spark(spark.range(0, 250_001, 1, 2))
    heights = [frame.height for frame in wide.iter_frames()]
    assert max(heights) <= 100_000
    assert sum(heights) == 250_001
    # Spark hands over less at a time where it was told to; what we see does not change.
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "1000")
    assert [frame.height for frame in wide.iter_frames()] == heights
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "100000")


def test_results_merge_on_the_executors(source: SparkSource) -> None:
    def count(frame: pl.DataFrame, row: int) -> list[int]:
        return [row]

    apart = list(source.map_frames(count))
    merged = list(source.map_frames(count, lambda one, other: one + other))
    assert len(merged) < len(apart)
    assert list(chain(*merged)) == list(chain(*apart))


@pytest.mark.parametrize("sample", [500, 200_000])
def test_a_survey_is_the_same_on_spark(source: SparkSource, parquet: Path, sample: int) -> None:
    local = open_source(parquet, Reading(decimal="."))  # Spark does not detect the decimal point
    here, there = (summarize(table, sample_size=sample) for table in (local, source))
    assert there.column_stats == here.column_stats
    assert there.row_sample == here.row_sample


def test_surveys_merged_on_the_executors_are_the_same(source: SparkSource, parquet: Path) -> None:
    from ilk.columns.summary import FrameSummarizer

    look = FrameSummarizer(source.number_format, 500, frozenset())
    first, *others = source.map_frames(look, TableSummary.merge)
    here = summarize(open_source(parquet, Reading(decimal=".")), sample_size=500)
    assert first.merge(*others).column_stats == here.column_stats
    assert first.merge(*others).row_sample == here.row_sample


def test_partitions_without_rows_do_no_harm(spark: SparkSession) -> None:
    rows = spark.range(0, 100, 1, 10).where("id < 5 or id between 40 and 44 or id > 97")
    source = open_spark(rows)
    assert list(source.map_frames(lambda frame, row: (row, frame["id"].to_list()))) == [
        (1, [0, 1, 2, 3, 4]),
        (6, [40, 41, 42, 43, 44]),
        (11, [98, 99]),
    ]
    assert pl.concat(source.iter_frames()).height == 12


def test_a_table_without_rows_is_refused(spark: SparkSession) -> None:
    with pytest.raises(InputError, match="E_NO_ROWS"):
        open_spark(spark.range(0))


def test_types_are_those_of_polars(spark: SparkSession) -> None:
    moment = datetime(2024, 3, 1, 12, 30, tzinfo=UTC)
    rows = [(1, Decimal("1.50"), moment, True, [1], "x", None)]
    shape = "a int, b decimal(6,2), c timestamp, d boolean, nested array<int>, `e.f` string, g void"
    source = open_spark(spark.createDataFrame(rows, shape))
    assert source.schema == {
        "a": pl.Int32(),
        "b": pl.Decimal(6, 2),
        "c": pl.Datetime("us", "UTC"),
        "d": pl.Boolean(),
        "e.f": pl.String(),
        "g": pl.Null(),
    }
    assert [notice.column for notice in source.notices] == ["nested"]
    (frame,) = source.iter_frames()
    assert frame.row(0) == (1, Decimal("1.50"), moment, True, "x", None)


def test_columns_that_differ_by_capitals_are_kept_apart(spark: SparkSession) -> None:
    source = open_spark(spark.range(3).selectExpr("id as Age", "id + 1 as age"))
    assert pl.concat(source.iter_frames()).sort("Age").rows() == [(0, 1), (1, 2), (2, 3)]
    with pytest.raises(InputError, match="E_DUPLICATE_COLUMN"):
        open_spark(spark.range(3).selectExpr("id as age", "id + 1 as age"))


def label(frame: pl.DataFrame, row: int) -> tuple[int, pl.DataFrame]:
    numbers = pl.Series("row", range(row, row + frame.height), pl.UInt32)
    return frame.height, frame.select("id", "city", "spend").with_columns(numbers)


def add(first: int, second: int) -> int:
    return first + second


def double_spend(kept: pl.DataFrame) -> pl.DataFrame:
    return kept.with_columns(pl.col("spend") * 2)


@pytest.fixture(scope="module")
def store(source: SparkSource) -> SparkFrameStore:
    frames, results = source.store_frames(label, add)
    assert sum(results) == ROWS
    return frames


def test_frames_kept_are_written_as_on_one_machine(
    store: SparkFrameStore, table: pl.DataFrame, tmp_path: Path
) -> None:
    store.write(double_spend, tmp_path / "csv", "csv")
    parts = sorted((tmp_path / "csv").iterdir())
    assert len(parts) > 3
    assert [part.name for part in parts] == [f"part-{n:05d}.csv" for n in range(len(parts))]
    header, *_ = {part.read_bytes().split(b"\n", 1)[0] for part in parts}
    rows = b"".join(part.read_bytes().split(b"\n", 1)[1] for part in parts)
    assert header + b"\n" + rows == render_csv(double_spend(label(table, 1)[1]))
    assert b"'=1+1" in rows


def test_frames_kept_are_written_as_parquet(
    store: SparkFrameStore, table: pl.DataFrame, tmp_path: Path
) -> None:
    store.write(double_spend, tmp_path / "labels", "parquet")
    names = sorted(path.name for path in (tmp_path / "labels").iterdir())
    assert names[:2] == ["part-00000.parquet", "part-00001.parquet"]
    written = pl.concat(pl.read_parquet(tmp_path / "labels" / name) for name in names)
    assert_frame_equal(written, double_spend(label(table, 1)[1]), check_dtypes=False)


def test_frames_kept_come_here_as_they_are(store: SparkFrameStore, table: pl.DataFrame) -> None:
    assert_frame_equal(pl.concat(store.iter_frames()), label(table, 1)[1])


def test_a_frame_is_made_once_however_often_it_is_read(
    spark: SparkSession, source: SparkSource, tmp_path: Path
) -> None:
    calls = spark.sparkContext.accumulator(0)

    def count(frame: pl.DataFrame, row: int) -> tuple[int, pl.DataFrame]:
        calls.add(1)
        return label(frame, row)

    frames, results = source.store_frames(count, add)
    assert sum(results) == ROWS
    made = calls.value
    assert made == len(list(source.map_frames(whereabouts)))
    frames.write(double_spend, tmp_path / "csv", "csv")
    frames.write(double_spend, tmp_path / "parquet", "parquet")
    assert sum(frame.height for frame in frames.iter_frames()) == ROWS
    assert calls.value == made


def test_frames_of_shuffled_rows_are_kept(spark: SparkSession) -> None:
    rows = spark.range(0, 5000).selectExpr("id", "id % 7 as city").repartition(4)
    grouped = rows.groupBy("id").count()
    for table in (rows, grouped):
        frames, results = open_spark(table).store_frames(take_ids, add)
        assert sum(results) == 5000
        kept = pl.concat(frames.iter_frames())
        assert kept["row"].to_list() == list(range(1, 5001))
        assert kept["id"].sort().to_list() == list(range(5000))


def take_ids(frame: pl.DataFrame, row: int) -> tuple[int, pl.DataFrame]:
    return frame.height, frame.select("id", row=pl.int_range(row, row + frame.height))


def test_frames_kept_are_released_with_their_store(
    spark: SparkSession, source: SparkSource
) -> None:
    context: Any = spark.sparkContext
    gc.collect()
    before = set(context._jsc.getPersistentRDDs())
    frames, results = source.store_frames(label, add)
    assert sum(results) == ROWS
    persisted = set(context._jsc.getPersistentRDDs()) - before
    assert len(persisted) == 1
    del frames, results
    gc.collect()
    assert persisted.isdisjoint(set(context._jsc.getPersistentRDDs()))


def test_nothing_that_stands_there_is_written_over(store: SparkFrameStore, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("dear")
    with pytest.raises(OutputError, match="E_OUTPUT_EXISTS"):
        store.write(double_spend, tmp_path, "csv")
    assert (tmp_path / "mine").read_text() == "dear"


def test_a_write_that_fails_leaves_nothing(store: SparkFrameStore, tmp_path: Path) -> None:
    def fail(kept: pl.DataFrame) -> pl.DataFrame:
        raise ValueError("no such luck")

    with pytest.raises(InputError, match=r"no such luck.*E_SPARK"):
        store.write(fail, tmp_path / "labels", "csv")
    assert list(tmp_path.iterdir()) == []


def unlucky(frame: pl.DataFrame, row: int) -> Any:
    raise ValueError("no such luck")


def test_a_folder_that_the_workers_do_not_see_is_refused(tmp_path: Path) -> None:
    """Each wrote to a disk of its own: the folder here lacks their parts."""
    (tmp_path / "part-00000-x.txt").write_text("id\n007\n")
    with pytest.raises(OutputError, match=r"do not see the folder.*E_OUTPUT_WRITE"):
        rename_part_files(tmp_path, "csv", 2)


def test_what_an_executor_refuses_is_refused_here(source: SparkSource) -> None:
    def refuse(frame: pl.DataFrame, row: int) -> int:
        if row > 1:
            raise InputError("E_TEXT_IN_NUMBER", "a text", place=f"row {row}", way_out="Correct.")
        return row

    results = source.map_frames(refuse)
    assert next(results) == 1
    with pytest.raises(InputError, match=r"a text \(row \d+\)\. Correct\. \[E_TEXT_IN_NUMBER\]"):
        next(results)
    with pytest.raises(InputError, match=r"E_TEXT_IN_NUMBER"):
        list(source.map_frames(refuse, max))
    with pytest.raises(InputError, match=r"E_TEXT_IN_NUMBER"):
        list(source.store_frames(lambda frame, row: (refuse(frame, row), frame), max)[1])
    with pytest.raises(InputError, match=r"ValueError: no such luck.*E_SPARK"):
        list(source.map_frames(unlucky))


def test_workers_with_another_polars_are_refused(source: SparkSource) -> None:
    other = copy(source)
    other.layout = replace(source.layout, polars_version="0.1")
    with pytest.raises(InputError, match=r"a worker has Polars .*E_SPARK"):
        list(other.map_frames(whereabouts))


def test_other_values_each_time_are_refused(spark: SparkSession) -> None:
    random = spark.range(10).selectExpr("id", "rand() as luck")
    with pytest.raises(InputError, match="E_NOT_REPEATABLE"):
        open_spark(random)
    kept = open_spark(random.cache())
    assert_frame_equal(pl.concat(kept.iter_frames()), pl.concat(kept.iter_frames()))


def test_a_file_that_changes_between_passes_is_refused(
    spark: SparkSession, table: pl.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "customers.parquet"
    table.write_parquet(path)
    source = open_spark(path)
    table.head(ROWS - 1).write_parquet(path)
    for action in (
        lambda: list(source.iter_frames()),
        lambda: list(source.map_frames(whereabouts)),
        lambda: source.store_frames(label, add),
    ):
        with pytest.raises(InputError, match="E_INPUT_CHANGED"):
            action()


def test_rows_that_change_between_passes_are_refused(spark: SparkSession) -> None:
    """A view over a table that grows: nothing of it can be seen from outside but its rows."""
    source = open_spark(spark.range(0, 10, 1, 2))
    grown = open_spark(spark.range(0, 12, 1, 2))
    grown.layout = source.layout
    with pytest.raises(InputError, match="E_INPUT_CHANGED"):
        list(grown.map_frames(lambda frame, row: row))
    further = open_spark(spark.range(0, 12, 1, 3))
    further.layout = source.layout
    with pytest.raises(InputError, match="E_INPUT_CHANGED"):
        list(further.map_frames(lambda frame, row: row))


def test_rows_shuffled_by_spark_are_counted_where_they_come_to_lie(spark: SparkSession) -> None:
    rows = spark.range(0, 5000).selectExpr("id", "id % 7 as city").repartition(4)
    source = open_spark(rows)
    parts = list(source.map_frames(lambda frame, row: (row, frame["id"].to_list())))
    assert [row for row, _ in parts] == list(
        1 + np.cumsum([0, *(len(ids) for _, ids in parts[:-1])])
    )
    assert sorted(chain(*(ids for _, ids in parts))) == list(range(5000))


def test_a_fingerprint_is_that_of_the_rows(spark: SparkSession) -> None:
    rows = spark.range(0, 1000, 1, 4).selectExpr("id", "id % 7 as city")
    one, other = open_spark(rows).fingerprint(), open_spark(rows.repartition(3)).fingerprint()
    assert one == other
    assert open_spark(rows.where("id > 0")).fingerprint() != one
    assert open_spark(rows.selectExpr("id", "city as town")).fingerprint() != one


def test_a_fingerprint_of_files_is_that_of_their_names_sizes_and_times(
    spark: SparkSession, parquet: Path, tmp_path: Path
) -> None:
    os.link(parquet, tmp_path / parquet.name)
    assert open_spark(parquet).fingerprint() == open_spark(tmp_path / parquet.name).fingerprint()
    os.link(parquet, tmp_path / "other.parquet")
    assert open_spark(parquet).fingerprint() != open_spark(tmp_path).fingerprint()
    assert "names, sizes and times" in open_spark(parquet).read_details["files"]


def test_excluded_customers_stay_where_they_are(source: SparkSource, parquet: Path) -> None:
    ids = {"0000003", " 0019999 "}
    here, there = (exclude_ids(table, "id", ids) for table in (open_source(parquet), source))
    assert isinstance(there, DistributedSource)
    assert_frame_equal(pl.concat(there.iter_frames()), pl.concat(here.iter_frames()))
    assert there.n_excluded == here.n_excluded == 2
    parts = list(there.map_frames(whereabouts))
    assert parts[1][1] == 1 + parts[0][0]
    with pytest.raises(InputError, match="E_NO_ROWS"):
        exclude_ids(source, "id", {f"{number:07d}" for number in range(ROWS)})


def test_a_dataframe_is_a_source_like_any_other(spark: SparkSession) -> None:
    assert isinstance(open_source(spark.range(3)), SparkSource)
    with pytest.raises(UsageError, match="E_SOURCE_TYPE"):
        open_source(spark)


def test_only_one_master_at_a_time(spark: SparkSession, parquet: Path, master: str) -> None:
    assert open_spark(parquet, master).n_rows == ROWS
    with pytest.raises(UsageError, match="E_CONFLICT"):
        open_spark(parquet, "local[2]")
