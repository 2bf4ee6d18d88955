"""The exported scikit-learn pipeline gives the segments of the model, and needs no ilk."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest

import ilk
from ilk.cli.main import main
from ilk.cluster.algorithms import ALGORITHMS
from ilk.cluster.weighted_rows import deduplicate_rows
from ilk.errors import NoticeWarning, UsageError
from ilk.model.sklearn_export import to_joblib, to_pipeline


@pytest.mark.parametrize(
    ("file", "choices"),
    [
        ("Mall_Customers.csv", {"k": 5}),
        ("Mall_Customers_missing.csv", {"k": 5, "outliers": "clip"}),
        ("Wholesale_customers.csv", {"k": 4, "scale": "robust"}),
        ("segmentation_data.csv", {"k": 4, "onehot": "raw"}),
        pytest.param(
            "BankChurners.csv",
            {"k": 3, "k_max": 3, "scale": "minmax"},
            marks=pytest.mark.thorough,
        ),
        ("Wholesale_customers.csv", {"k": 4, "pca": 3}),
        ("Wholesale_customers.csv", {"k": 3, "pca": 0.5}),
        pytest.param(
            "BankChurners.csv", {"k": 3, "k_max": 3, "pca": 0.9}, marks=pytest.mark.thorough
        ),
    ],
)
def test_the_pipeline_predicts_the_segments(data_dir: Path, file, choices):
    run = ilk.fit(data_dir / file, **choices)
    pipeline = joblib.load(io.BytesIO(to_joblib(run.model)))
    labels = pipeline.predict(pd.read_csv(data_dir / file))
    assert (labels + 1).tolist() == run.customers["segment"].to_list()


def test_an_unseen_level_is_no_crash_and_the_same():
    customers = ilk.demo.load("customers")
    model = ilk.fit(customers, k=5).model
    new = pd.DataFrame(customers.head(8).to_dict(as_series=False))
    new["product_category"] = "groceries"
    labels = to_pipeline(model).predict(new)
    with pytest.warns(NoticeWarning, match="8 customers"):
        assert (labels + 1).tolist() == model.predict(new)["segment"].to_list()


def test_components_are_an_ordinary_step_of_the_pipeline():
    model = ilk.fit(ilk.demo.load("customers"), k=4, pca=2).model
    pca = to_pipeline(model).named_steps["components"]
    assert type(pca).__module__.startswith("sklearn.")
    assert model.encoder.components is not None
    assert pca.components_.tolist() == [
        list(direction) for direction in model.encoder.components.directions
    ]
    assert tuple(pca.explained_variance_ratio_) == model.encoder.components.shares
    assert not hasattr(pca, "explained_variance_")  # nothing of the example that was fitted once


def test_rows_cannot_be_left_out_of_a_pipeline():
    model = ilk.fit(ilk.demo.load("mall"), missing="drop").model
    with pytest.raises(UsageError, match="cannot leave out rows"):
        to_pipeline(model)


def test_the_file_loads_where_ilk_is_not_installed(tmp_path: Path):
    assert main(["demo", "--out", str(tmp_path / "a"), "--quiet"]) == 0
    file = tmp_path / "kmeans_model.joblib"
    model = str(tmp_path / "a" / "model.json")
    assert main(["export", model, "--to", "joblib", "-o", str(file)]) == 0
    code = (
        "import sys; sys.modules['ilk'] = None\n"
        "import joblib, pandas\n"
        f"model = joblib.load({str(file)!r})\n"
        "row = {'Annual Income (k$)': [85], 'Spending Score (1-100)': [80]}\n"
        "print(model.predict(pandas.DataFrame(row))[0])"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    customer = {"Annual Income (k$)": 85, "Spending Score (1-100)": 80}
    assert int(printed) + 1 == ilk.load(model).predict(customer)["segment"][0]


@pytest.fixture(scope="module")
def grouped():
    random = np.random.default_rng(0)
    values = random.normal(size=(240, 2)) * [3, 0.5] + np.repeat([[0, 0], [5, 5]], 120, axis=0)
    customers = pd.DataFrame(values, columns=["spend", "visits"])
    return customers, ilk.fit(customers, k=2, skew="none").model


def with_partition(grouped, name):
    customers, model = grouped
    rows = deduplicate_rows(model.encoder.encode(pl.from_pandas(customers)).values)
    return replace(model, partition=ALGORITHMS[name].fit(rows, 2, 0).partition)


@pytest.mark.parametrize("name", ["mixture", "ward", "bisecting"])
def test_what_another_algorithm_found_is_exported(grouped, name):
    model = with_partition(grouped, name)
    new = pd.DataFrame(
        np.random.default_rng(1).normal(size=(500, 2)) * 5, columns=grouped[0].columns
    )
    labels = joblib.load(io.BytesIO(to_joblib(model))).predict(new)
    with pytest.warns(NoticeWarning, match="outside"):
        assert (labels + 1).tolist() == model.predict(new)["segment"].to_list()


def test_cores_cannot_be_exported(grouped):
    with pytest.raises(UsageError, match="cannot predict by cores"):
        to_pipeline(with_partition(grouped, "dbscan"))
