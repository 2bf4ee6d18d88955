"""The main job on Spark: the same segments, the same labels, the same report as on one machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

import ilk
from ilk.cli.main import main

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet:FutureWarning")

ROWS = 12_000
OPTIONS = ("--fast", "--sample", "2000", "--k-max", "6", "--quiet")
SAME = ("model.json", "segments.csv", "k.csv")


@pytest.fixture(scope="module")
def customers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    generator = np.random.default_rng(1)
    group = generator.integers(0, 4, ROWS)
    table = pl.DataFrame(
        {
            "customer_id": [f"{number:06d}" for number in range(ROWS)],
            "age": generator.normal(np.array([25, 40, 55, 70])[group], 4).round().astype(int),
            "spend": generator.normal(np.array([10, 80, 30, 90])[group], 6).round(2),
            "city": generator.choice(["Rome", "Oslo", "=1+1"], ROWS),
        }
    ).with_columns(pl.when(pl.int_range(ROWS) % 97 > 0).then(pl.col("age")).alias("age"))
    folder = tmp_path_factory.mktemp("customers")
    table.write_parquet(folder / "customers.parquet", row_group_size=1000)
    table.write_csv(folder / "customers.csv")
    return folder


@pytest.fixture
def in_parts(spark: SparkSession, customers: Path) -> Any:
    """Small files are cut as large ones would be."""
    settings = ("spark.sql.files.maxPartitionBytes", "spark.sql.files.openCostInBytes")
    for setting in settings:
        spark.conf.set(setting, (customers / "customers.parquet").stat().st_size // 4)
    yield
    for setting in settings:
        spark.conf.unset(setting)


def labels(path: Path) -> bytes:
    """The table of customers, from one file or from its parts."""
    if path.is_file():
        return path.read_bytes()
    parts = [file.read_bytes().split(b"\n", 1) for file in sorted(path.iterdir())]
    assert len(parts) > 1
    assert len({header for header, _ in parts}) == 1
    return parts[0][0] + b"\n" + b"".join(rows for _, rows in parts)


@pytest.mark.parametrize(
    "name", ["customers.parquet", pytest.param("customers.csv", marks=pytest.mark.thorough)]
)
def test_a_fit_on_spark_is_the_fit_on_one_machine(
    in_parts: None, customers: Path, tmp_path: Path, name: str
) -> None:
    run = ("fit", str(customers / name), *OPTIONS)
    assert main([*run, "--out", str(tmp_path / "here")]) == 0
    assert main([*run, "--out", str(tmp_path / "there"), "--engine", "spark"]) == 0
    for file in SAME:
        assert (tmp_path / "there" / file).read_bytes() == (tmp_path / "here" / file).read_bytes()
    here, there = (labels(tmp_path / folder / "customers.csv") for folder in ("here", "there"))
    assert there == here
    assert here.count(b"\n") == ROWS + 1
    here_record, there_record = (
        json.loads((tmp_path / folder / "run.json").read_text("utf-8"))
        for folder in ("here", "there")
    )
    for key in ("rows", "columns", "k", "inertia", "segments"):
        assert there_record[key] == here_record[key]
    assert there_record["missing_filled"]["age"] == here_record["missing_filled"]["age"] == 124


@pytest.mark.thorough
def test_excluded_customers_are_nowhere(in_parts: None, customers: Path, tmp_path: Path) -> None:
    ids = tmp_path / "ids.txt"
    ids.write_text("000003\n011999\n")
    run = ("fit", str(customers / "customers.parquet"), *OPTIONS, "--exclude-ids", str(ids))
    assert main([*run, "--out", str(tmp_path / "here")]) == 0
    assert main([*run, "--out", str(tmp_path / "there"), "--engine", "spark"]) == 0
    here, there = (labels(tmp_path / folder / "customers.csv") for folder in ("here", "there"))
    assert there == here
    assert b"000003" not in there
    record = json.loads((tmp_path / "there" / "run.json").read_text("utf-8"))
    assert (record["rows"]["excluded"], record["rows"]["labeled"]) == (2, ROWS - 2)


@pytest.mark.parametrize(
    "output", ["labels.csv", pytest.param("labels.parquet", marks=pytest.mark.thorough), "-"]
)
def test_new_customers_are_labeled_on_spark(
    in_parts: None, customers: Path, tmp_path: Path, capfdbinary: Any, output: str
) -> None:
    model = tmp_path / "model.json"
    ilk.fit(customers / "customers.csv", fast=True, sample=2000, k=4).save(model)
    run = ("predict", str(model), str(customers / "customers.csv"), "--quiet")
    outputs = []
    for engine in ("local", "spark"):
        path = output if output == "-" else str(tmp_path / engine / output)
        assert main([*run, "--output", path, "--engine", engine]) == 0
        printed = capfdbinary.readouterr().out
        outputs.append(printed if output == "-" else Path(path))
    here, there = outputs
    if output == "labels.parquet":
        here, there = pl.read_parquet(here), pl.read_parquet(there / "*.parquet")
        assert there.rows() == here.rows()
    elif output == "labels.csv":
        assert labels(there) == labels(here)
        # Once more over the folder of before.
        again = ["--output", str(there), "--engine", "spark"]
        assert main([*run, *again]) == 6
        assert main([*run, *again, "--overwrite"]) == 0
        assert labels(there) == labels(here)
    else:
        assert there == here


def test_the_library_takes_a_spark_dataframe(spark: SparkSession, customers: Path) -> None:
    path = str(customers / "customers.parquet")
    there = ilk.fit(spark.read.parquet(path), fast=True, sample=2000, k=4)
    here = ilk.fit(path, fast=True, sample=2000, k=4)
    assert there.segments == here.segments
    assert there.customers.equals(here.customers)


def test_no_file_that_spark_reads_is_replaced(spark: SparkSession, customers: Path) -> None:
    folder = customers / "a folder"
    (folder / "customers.csv").mkdir(parents=True)
    path = folder / "customers.csv" / "part-00000.csv"
    shutil.copy(customers / "customers.csv", path)
    before = path.read_bytes()
    frame = spark.read.csv(str(path), header=True, inferSchema=True)
    run = ilk.fit(frame, fast=True, sample=2000, k=4, exclude={"000003"})
    for write in (
        lambda: run.write(folder, overwrite=True),
        lambda: run.save(path, overwrite=True),
    ):
        with pytest.raises(ilk.IlkError, match=r"a folder/customers\.csv.*E_OUTPUT_INPUT"):
            write()
    model = run.save(folder / "model.json")
    for target in (folder / "customers.csv", path):
        # Only Spark takes a pattern of CSV files for a table.
        source = str(folder / "customers.csv" / "*.csv")
        predict = ["predict", str(model), source, "--engine", "spark", "--overwrite", "-o"]
        assert main([*predict, str(target)]) == 6
    assert [entry.read_bytes() for entry in path.parent.iterdir()] == [before]


@pytest.mark.thorough
def test_a_session_of_our_own_is_made_and_stopped(
    customers: Path, tmp_path: Path, quick: dict[str, str]
) -> None:
    run = [sys.executable, "-m", "ilk", "fit", str(customers / "customers.parquet"), *OPTIONS]
    surroundings = {key: text for key, text in os.environ.items() if key != "PYSPARK_PYTHON"}
    done = subprocess.run(
        [*run, "--out", tmp_path / "out", "--engine", "spark", "--spark-master", "local[2]"],
        capture_output=True,
        text=True,
        env=surroundings | quick,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "report.html").is_file()
    known = (
        *("WARNING: Using incubator modules", "NOTE: Picked up JDK_JAVA_OPTIONS"),
        "warning: city: independent of all other columns",
    )
    assert [line for line in done.stderr.splitlines() if not line.startswith(known)] == []


def test_without_java_it_is_said(customers: Path, tmp_path: Path) -> None:
    run = [sys.executable, "-m", "ilk", "fit", str(customers / "customers.parquet"), "--quiet"]
    done = subprocess.run(
        [*run, "--out", tmp_path / "out", "--engine", "spark"],
        capture_output=True,
        text=True,
        env={**os.environ, "JAVA_HOME": str(tmp_path)},
        check=False,
    )
    assert done.returncode == 2
    assert "Java 17 or newer" in done.stderr
    assert "[E_JAVA]" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_master_alone_is_refused(
    customers: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(customers / "customers.parquet")
    assert main(["fit", path, "--out", str(tmp_path), "--spark-master", "local[2]"]) == 2
    assert "[E_CONFLICT]" in capsys.readouterr().err
