"""What is told about new customers, on every surface."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import ilk
from ilk.app.prediction_form import make_input_fields
from ilk.cli.main import main
from ilk.errors import GateError, InputError
from ilk.features.encoder import NumericEncoding
from ilk.model import serialization
from ilk.model.assign import AssignedRows
from ilk.model.labels import label_source
from ilk.model.model import SegmentModel
from ilk.model.predict import predict
from ilk.tables.source import open_source

N = 60


@pytest.fixture(scope="module")
def customers() -> pl.DataFrame:
    random = np.random.default_rng(0)
    group = random.integers(2, size=N)
    return pl.DataFrame(
        {
            "customer_id": [f"{row:03}" for row in range(N)],
            "spend": (group * 100 + random.normal(200, 10, N)).round(1),
            "visits": (group * 20 + random.normal(30, 3, N)).round(),
            "plan": np.array(["basic", "gold"])[group],
            "last_order": [
                date(2024, 3, 1) - timedelta(int(days))
                for days in [0, *(group * 90 + random.integers(0, 40, N))[1:]]
            ],
        }
    )


@pytest.fixture(scope="module")
def model(customers: pl.DataFrame) -> SegmentModel:
    return ilk.fit(customers, k=2, fast=True).model


@pytest.fixture(scope="module")
def saved(model: SegmentModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return serialization.save(model, tmp_path_factory.mktemp("model") / "model.json")


def codes(model: SegmentModel, new: object) -> list[tuple[str, str | None]]:
    return [(notice.code, notice.column) for notice in predict(model, new).notices]


def test_the_ranges_of_all_rows_are_in_the_model_and_its_file(
    model: SegmentModel, saved: Path, customers: pl.DataFrame
) -> None:
    ranges = {known.column: known for known in model.ranges}
    assert list(ranges) == [c.name for c in model.schema.features if c.kind == "number"]
    assert "days since last order" in ranges
    spend = customers["spend"]
    assert (ranges["spend"].minimum, ranges["spend"].maximum) == (spend.min(), spend.max())
    assert ranges["spend"].n_values == N
    assert serialization.load(saved).ranges == model.ranges


def test_a_file_with_an_impossible_range_is_refused(model: SegmentModel) -> None:
    low = str(model.ranges[0].minimum)
    text = serialization.dumps(model)
    head, tail = text.split('"ranges"')
    with pytest.raises(ilk.IlkError, match="a range of 'spend' that cannot be"):
        serialization.loads(head + '"ranges"' + tail.replace(low, "1e9", 1))


def test_the_customers_of_the_training_are_told_nothing(
    model: SegmentModel, customers: pl.DataFrame
) -> None:
    assert predict(model, customers).notices == ()
    assert predict(model, customers.head(1).drop("customer_id")).notices == ()


def test_ids_that_are_gone_twice_or_blank_are_told(
    model: SegmentModel, customers: pl.DataFrame
) -> None:
    [notice] = predict(model, customers.drop("customer_id")).notices
    assert (notice.code, notice.column) == ("W_IDS", "customer_id")
    assert notice.message.startswith("the column of customer IDs is missing")
    ids = ["001", "001", "", *customers["customer_id"][3:]]
    [notice] = predict(model, customers.with_columns(pl.Series("customer_id", ids))).notices
    assert notice.message == "1 customer ID appears more than once and 1 of 60 customers has no ID"


def test_an_unseen_value_is_told_with_its_customer(
    model: SegmentModel, customers: pl.DataFrame
) -> None:
    plans = ["basic"] * 10 + ["silver"] * 2 + ["gold"] * (N - 12)
    [notice] = predict(model, customers.with_columns(pl.Series("plan", plans))).notices
    assert (notice.code, notice.column) == ("W_UNSEEN_LEVEL", "plan")
    assert "2 customers (3%) with a value that" in notice.message
    assert "such as 'silver' (customer_id 010)" in notice.message


@pytest.mark.parametrize("name", [None, "Contact"])
def test_an_unseen_answer_is_told(customers: pl.DataFrame, name: str | None) -> None:
    cells = ["Email; SMS", "Email", "SMS; App", "Email; App", "", "SMS"] * (N // 6)
    table = customers.with_columns(pl.Series("channels", cells))
    labels = {"channels": {"name": name, "levels": {"SMS": "Text message"}}} if name else None
    model = ilk.fit(table, k=2, fast=True, labels=labels).model
    assert {notice.code for notice in predict(model, table).notices} == {"W_MISSING_VALUES"}
    for cell, told in (("email; Fax", "Fax"), ("Email / SMS", "Email / SMS")):
        new = table.with_columns(pl.Series("channels", [*cells[:7], cell, *cells[8:]]))
        doubts = [n for n in predict(model, new).notices if n.code != "W_MISSING_VALUES"]
        assert [(n.code, n.column) for n in doubts] == [("W_UNSEEN_LEVEL", "channels")]
        assert "1 customer (2%) with an answer that" in doubts[0].message
        assert f"such as '{told}' (customer_id 007)" in doubts[0].message
    with pytest.raises(InputError, match="E_UNSEEN_LEVELS"):
        predict(model, table.with_columns(channels=pl.lit("Fax")))


@pytest.mark.parametrize("label", ["Total", "X-1"])
def test_a_row_of_totals_is_told_and_spoils_nothing_else(
    model: SegmentModel, customers: pl.DataFrame, label: str
) -> None:
    total = customers.select(
        pl.lit(label).alias("customer_id"),
        pl.col("spend", "visits").sum(),
        pl.lit("gold").alias("plan"),
        pl.lit(None, pl.Date).alias("last_order"),
    )
    told = predict(model, customers.vstack(total))
    assert [notice.code for notice in told.notices] == ["W_TOTALS"]
    assert "row 61" in told.notices[0].message
    assert ("'Total'" in told.notices[0].message) == (label == "Total")
    assert told.customers.height == N + 1
    usual = customers.vstack(total.with_columns(pl.lit(250.0).alias("spend")))
    assert ("W_TOTALS", None) not in codes(model, usual) or label == "Total"


def test_orders_after_the_day_of_the_model_are_told(
    model: SegmentModel, customers: pl.DataFrame
) -> None:
    later = customers.with_columns(pl.col("last_order").dt.offset_by("1mo"))
    [notice] = predict(model, later).notices
    assert notice.code == "W_NEWER_DATE"
    assert "after 2024-03-01, to which the model counts; the latest is 2024-04-01" in notice.message
    assert predict(model.with_as_of("2024-04-01"), later).notices == ()
    assert predict(model, later, strict=True).labels.height == N
    typed = later.with_columns(pl.col("last_order").dt.offset_by("38y"))
    assert ("W_LATE_DATE", "days since last order") in codes(model, typed)


def list_methods(model: SegmentModel, frame: pl.DataFrame) -> list[Callable[..., object]]:
    """Everything that takes new customers, of the model and the estimator."""
    segmenter = ilk.Segmenter(n_segments=2, fast=True).fit(frame)
    methods = ("predict", "predict_proba", "transform", "score")
    return [getattr(owner, name) for owner in (model, segmenter) for name in methods]


def test_all_methods_warn_and_refuse_alike(model: SegmentModel, customers: pl.DataFrame) -> None:
    ten = pl.int_range(N) < 10
    odd = customers.with_columns(
        pl.when(ten).then(pl.lit("iron")).otherwise("plan").alias("plan"),
        pl.when(ten).then(9000.0).otherwise("spend").alias("spend"),
    )
    alien = customers.with_columns(pl.lit("iron").alias("plan"))
    gaps = customers.with_columns(pl.when(ten).then(None).otherwise("spend").alias("spend"))
    expected: list[str] | None = None
    for method in list_methods(model, customers):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            method(odd)
        assert {Path(warning.filename).name for warning in caught} == {Path(__file__).name} or (
            method.__name__ == "transform"  # scikit-learn's own call stands between
        )
        told = [str(warning.message) for warning in caught]
        expected = expected or told
        assert [text.partition("such as")[0] for text in told] == [
            text.partition("such as")[0] for text in expected
        ]
        assert len(told) == 2
        with pytest.raises(InputError, match="'plan' were never seen"):
            method(alien)
        method(gaps)  # as in training: no warning, which would be an error


def test_strict_refuses_in_python(model: SegmentModel, customers: pl.DataFrame) -> None:
    assert predict(model, customers, strict=True).customers.height == N
    broken = customers.with_columns(pl.col("spend") * 100)
    with pytest.raises(GateError, match=r"1 warning puts the labels in doubt: W_SHIFT \(spend\)"):
        predict(model, broken, strict=True)
    gaps = customers.with_columns(
        pl.when(pl.int_range(N) < 5).then(None).otherwise("spend").alias("spend")
    )
    assert [n.code for n in predict(model, gaps, strict=True).notices] == ["W_MISSING_VALUES"]


@pytest.mark.parametrize("target", ["file", "output", "json"])
def test_strict_writes_nothing(
    saved: Path,
    customers: pl.DataFrame,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    target: str,
) -> None:
    table, labels = tmp_path / "new.csv", tmp_path / "labels.csv"
    customers.with_columns(pl.col("spend") * 100).write_csv(table)
    labels.write_text("old")
    where = {"file": ["-o", str(labels), "--overwrite"], "output": [], "json": ["--json"]}[target]
    command = ["predict", str(saved), str(table), *where]
    assert main([*command, "--strict"]) == 4
    printed = capfd.readouterr()
    assert (printed.out, labels.read_text()) == ("", "old")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["labels.csv", "new.csv"]
    assert "warning: spend: 60 customers (100%) outside" in printed.err
    assert "W_SHIFT (spend) (--strict)" in printed.err
    assert main(command) == 0
    customers.write_csv(table)
    assert main([*command, "--strict"]) == 0


def test_strict_holds_for_one_customer(saved: Path, capfd: pytest.CaptureFixture[str]) -> None:
    cells = {"spend": "9000", "visits": "30", "plan": "gold", "last_order": "2024-02-01"}
    one = [f"--set={column}={value}" for column, value in cells.items()]
    assert main(["predict", str(saved), *one]) == 0
    printed = capfd.readouterr()
    assert "warning: spend: 9,000 is outside" in printed.err
    assert printed.out.startswith("Segment ")
    assert main(["predict", str(saved), *one, "--strict"]) == 4
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_details_are_written_on_request(
    model: SegmentModel, saved: Path, customers: pl.DataFrame, tmp_path: Path, ending: str
) -> None:
    customers.write_parquet(tmp_path / "new.parquet")
    labels = tmp_path / f"labels.{ending}"
    command = ["predict", str(saved), str(tmp_path / "new.parquet"), "-o", str(labels), "-q"]
    assert main([*command, "--details"]) == 0
    expected = model.predict(customers)
    assert expected.columns[-2:] == ["action", "margin"]
    if ending == "csv":
        assert labels.read_text() == expected.write_csv()
    else:
        assert pl.read_parquet(labels).equals(expected)


def test_margins_that_executors_keep_are_those_of_predict(
    model: SegmentModel, customers: pl.DataFrame
) -> None:
    def count(rows: AssignedRows) -> int:
        return len(rows.segments)

    source = open_source(customers)
    labels, n_rows = label_source(
        source, model.assigner, model.schema.id, count, lambda rows: None, keep_margin=True
    )
    assert n_rows == N
    assert pl.concat(labels.iter_tables(model)).equals(model.predict(customers))


def test_the_form_starts_within_the_range_and_tells_what_is_outside(model: SegmentModel) -> None:
    columns = tuple(
        replace(column, fill=0.0) if isinstance(column, NumericEncoding) else column
        for column in model.encoder.columns
    )
    filling_zeros = replace(model, encoder=replace(model.encoder, columns=columns))
    usual = {field.column: field.value for field in make_input_fields(filling_zeros)}
    assert predict(filling_zeros, usual).notices == ()
    [notice] = predict(filling_zeros, usual | {"spend": 9000}).notices
    assert (notice.code, notice.column) == ("W_RANGE", "spend")
    assert notice.message.startswith("9,000 is outside")
