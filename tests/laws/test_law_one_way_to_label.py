"""Law 1: training labels, predict, a reloaded model, the estimator and the CLI agree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import ilk
from ilk.cli.main import main
from ilk.cluster.algorithms import ALGORITHMS
from ilk.model import serialization

INCOME_AND_SCORE = ["Annual Income (k$)", "Spending Score (1-100)"]
CHEAP = {"features": INCOME_AND_SCORE, "k_max": 6, "fast": True}


@pytest.fixture(
    scope="module",
    params=[
        ("mall", {"features": INCOME_AND_SCORE}),
        ("mall", {"k": 4, "scale": "robust", "outliers": "clip"}),
        ("shoppers", {"skew": "log1p", "scale": "minmax", "fast": True}),
        ("customers", {"k": 5, "onehot": "raw"}),
        ("customers", {"k": 4, "pca": 0.9, "missing": "mean"}),
        *(("mall", CHEAP | {"algorithm": algorithm}) for algorithm in sorted(ALGORITHMS)),
        ("shoppers", {"algorithm": "hdbscan", "fast": True}),
        ("customers", {"algorithm": "mixture", "k": 3, "k_max": 3, "fast": True}),
    ],
    ids=lambda param: f"{param[0]}-{param[1].get('algorithm', len(param[1]))}",
)
def case(request):
    name, choices = request.param
    customers = ilk.demo.load(name)
    return customers, choices, ilk.fit(customers, **choices)


def test_assign_gives_the_training_labels(case):
    customers, _, run = case
    assert run.model.assign(customers).segments.tolist() == run.customers["segment"].to_list()


def test_predict_gives_the_training_labels(case):
    customers, _, run = case
    predicted = run.model.predict(customers)
    assert predicted["segment"].equals(run.customers["segment"])
    assert predicted["segment_name"].equals(run.customers["segment_name"])


def test_a_reloaded_model_assigns_the_same(case):
    customers, _, run = case
    again = serialization.loads(serialization.dumps(run.model))
    assert again.assign(customers).segments.tolist() == run.customers["segment"].to_list()


def test_the_estimator_gives_the_same_labels(case):
    customers, choices, run = case
    accepted = {name: choices[name] for name in choices if name != "k"}
    segmenter = ilk.Segmenter(n_segments=choices.get("k", "auto"), **accepted)
    labels = segmenter.fit_predict(customers)
    assert (labels + 1).tolist() == run.customers["segment"].to_list()
    assert segmenter.predict(customers).tolist() == labels.tolist()


def test_one_row_at_a_time_gives_the_same_labels(case):
    customers, _, run = case
    some = customers.head(60)
    alone = [int(run.model.assign(some[i]).segments[0]) for i in range(some.height)]
    assert alone == run.customers["segment"].head(60).to_list()


def test_the_command_line_gives_the_same_labels(tmp_path: Path):
    customers = ilk.demo.load("mall")
    file = tmp_path / "mall.csv"
    customers.write_csv(file)
    out = tmp_path / "assets"
    assert (
        main(["fit", str(file), "--features", ",".join(INCOME_AND_SCORE), "--out", str(out)]) == 0
    )
    labeled = pl.read_csv(out / "customers.csv")
    run = ilk.fit(customers, features=INCOME_AND_SCORE)
    assert labeled["segment"].to_list() == run.customers["segment"].to_list()
    again = tmp_path / "labeled.csv"
    assert main(["predict", str(out / "model.json"), str(file), "-o", str(again)]) == 0
    assert again.read_bytes() == (out / "customers.csv").read_bytes()


def test_the_margin_is_between_0_and_1_and_0_without_a_segment(case):
    customers, _, run = case
    margin = run.model.assign(customers).margin
    assert np.all((margin >= 0) & (margin <= 1))
    nowhere = run.customers["segment"].to_numpy() == 0
    assert (margin[nowhere] == 0).all()
