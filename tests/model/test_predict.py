"""New customers labeled batch by batch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import ilk
from ilk.cli.main import main
from ilk.errors import InputError
from ilk.model import serialization
from ilk.model.model import SegmentModel
from ilk.model.predict import BatchPredictor, predict
from ilk.tables.source import open_source

ROWS = 250_000


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    """Customers of three groups, in three frames; some cells are missing, some levels new."""
    random = np.random.default_rng(0)
    group = random.integers(3, size=ROWS)
    return pl.DataFrame(
        {
            "id": [f"{row:07}" for row in range(ROWS)],
            "spend": (group * 10 + random.normal(size=ROWS)).round(3),
            "visits": (group * -5 + random.normal(size=ROWS)).round(3),
            "plan": np.array(["basic", "plus", "gold"])[group],
        }
    ).with_columns(
        pl.when(pl.int_range(ROWS) % 1000 == 7).then(None).otherwise(pl.col("spend")).alias("spend")
    )


@pytest.fixture(scope="module")
def model(table: pl.DataFrame) -> SegmentModel:
    return ilk.fit(table.head(2000), k=3, fast=True).model


@pytest.fixture(scope="module")
def saved(model: SegmentModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("model") / "model.json"
    serialization.save(model, file)
    return file


def test_frames_make_the_table_of_memberships_and_distances(
    model: SegmentModel, table: pl.DataFrame
) -> None:
    for measure in (model.predict_proba, model.transform):
        measured = measure(table)
        assert measured.columns == ["id", "segment_1", "segment_2", "segment_3"]
        assert measured["id"].equals(table["id"])
        some = table.slice(199_990, 20)
        assert measured.slice(199_990, 20).equals(measure(some))
    parts = [model.score(table.slice(start, 100_000)) for start in (0, 100_000, 200_000)]
    assert model.score(table) == pytest.approx(sum(parts))


def test_frames_make_the_table_that_predict_returns(
    model: SegmentModel, table: pl.DataFrame
) -> None:
    predictor = BatchPredictor(model, open_source(table))
    done: list[int] = []
    frames = list(predictor.iter_tables(done.append))
    assert [frame.height for frame in frames] == done == [100_000, 100_000, 50_000]
    whole = predict(model, table)
    assert pl.concat(frames).equals(whole.customers)
    assert whole.customers.equals(model.predict(table))
    assert whole.customers["id"].equals(table["id"])
    assert predictor.notices == whole.notices


def test_one_customer_gets_what_the_same_customer_in_a_file_gets(
    model: SegmentModel, table: pl.DataFrame
) -> None:
    whole = model.predict(table)
    for row in (0, 7, 123_456, ROWS - 1):
        assert model.predict(table.row(row, named=True)).equals(whole[row])


def test_oddities_are_counted_over_all_frames(model: SegmentModel, table: pl.DataFrame) -> None:
    odd = table.with_columns(
        pl.when(pl.int_range(ROWS) % 50_000 == 0)
        .then(pl.lit("new"))
        .otherwise("plan")
        .alias("plan")
    )
    message_by_column = {notice.column: notice.message for notice in predict(model, odd).notices}
    assert message_by_column["spend"].startswith("250 customers without a value")
    assert message_by_column["plan"].startswith("5 customers (<0.1%) with a value that")


@pytest.mark.parametrize("source", ["csv", "parquet"])
@pytest.mark.parametrize("target", ["csv", "parquet"])
def test_files_are_labeled_as_the_library_does(
    saved: Path, table: pl.DataFrame, tmp_path: Path, source: str, target: str
) -> None:
    customers, labels = tmp_path / f"a.{source}", tmp_path / f"b.{target}"
    table.write_csv(customers) if source == "csv" else table.write_parquet(customers)
    assert main(["predict", str(saved), str(customers), "-o", str(labels), "--quiet"]) == 0
    expected = ilk.load(saved).predict(table).drop("action", "margin")
    if target == "csv":
        assert labels.read_text() == expected.write_csv()
    else:
        assert pl.read_parquet(labels).equals(expected)


def test_what_is_printed_is_all_or_nothing(
    saved: Path, table: pl.DataFrame, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.csv"
    table.write_csv(file)
    assert main(["predict", str(saved), str(file)]) == 0
    assert capfd.readouterr().out.count("\n") == ROWS + 1
    with file.open("a") as text:
        text.write("0,much,1,basic\n")
    for options in ([], ["--json"]):
        assert main(["predict", str(saved), str(file), *options]) == 3
        said = capfd.readouterr()
        assert said.out == ""
        assert f"row {ROWS + 1:,} contains 'much'" in said.err


def test_json_is_one_list_over_all_frames(
    saved: Path, table: pl.DataFrame, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    table.head(100_002).write_parquet(tmp_path / "a.parquet")
    assert main(["predict", str(saved), str(tmp_path / "a.parquet"), "--json"]) == 0
    rows = json.loads(capfd.readouterr().out)
    assert rows == ilk.load(saved).predict(table.head(100_002)).to_dicts()


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_refusal_in_the_last_row_leaves_the_old_labels(
    saved: Path, table: pl.DataFrame, tmp_path: Path, ending: str
) -> None:
    customers, labels = tmp_path / "a.csv", tmp_path / f"b.{ending}"
    customers.write_text(table.write_csv() + "0,much,1,basic\n")
    labels.write_text("old")
    command = ["predict", str(saved), str(customers), "-o", str(labels), "--overwrite", "--quiet"]
    assert main(command) == 3
    assert labels.read_text() == "old"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.csv", f"b.{ending}"]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_disk_that_fills_up_is_told_and_leaves_the_old_labels(
    saved: Path, table: pl.DataFrame, tmp_path: Path, ending: str
) -> None:
    if sys.platform != "linux":
        pytest.skip("the size of files is limited as on Linux")
    labels = tmp_path / f"b.{ending}"
    labels.write_text("old")
    table.write_parquet(tmp_path / "a.parquet")
    limited = (
        "import resource, signal, sys; from ilk.cli.main import main;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000,) * 2);"
        "sys.exit(main(sys.argv[1:]))"
    )
    arguments = ["predict", str(saved), str(tmp_path / "a.parquet"), "-o", str(labels)]
    command = [sys.executable, "-c", limited, *arguments, "--overwrite", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 6, done.stderr
    assert "File too large" in done.stderr
    assert "E_OUTPUT_WRITE" in done.stderr
    assert labels.read_text() == "old"


def test_text_far_below_numbers_is_refused_with_its_row(
    model: SegmentModel, table: pl.DataFrame, tmp_path: Path
) -> None:
    late = table.with_columns(pl.col("spend").cast(pl.String)).with_columns(
        pl.when(pl.int_range(ROWS) == ROWS - 3)
        .then(pl.lit("twelve"))
        .otherwise("spend")
        .alias("spend")
    )
    late.write_csv(tmp_path / "a.csv")
    late.write_parquet(tmp_path / "a.parquet")
    for name in ("a.csv", "a.parquet"):
        with pytest.raises(InputError, match=f"row {ROWS - 2:,} contains 'twelve'") as caught:
            model.predict(tmp_path / name)
        assert caught.value.code == "E_TEXT_IN_NUMBER"
