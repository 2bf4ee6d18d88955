"""A fit says which algorithm would be better, and takes it with ``algorithm="auto"``."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import make_moons

import ilk


@pytest.fixture(scope="module")
def moons() -> pl.DataFrame:
    values, _ = make_moons(900, noise=0.06, random_state=1)
    return pl.DataFrame({"id": np.arange(900), "spend": values[:, 0], "visits": values[:, 1]})


@pytest.mark.thorough
def test_k_means_is_kept_and_the_better_algorithm_is_named(moons):
    run = ilk.fit(moons)
    assert run.model.recipe.algorithm == "kmeans"
    assert run.selection.better_algorithm == "hdbscan"
    [notice] = [notice for notice in run.notices if notice.code == "W_ALGORITHM"]
    assert notice.suggestions == {"algorithm": "hdbscan"}
    assert "miss groups that HDBSCAN finds" in run.selection.verdict


def test_auto_takes_it_and_the_model_says_which_one_it_was(moons, tmp_path):
    run = ilk.fit(moons, algorithm="auto")
    assert run.model.recipe.algorithm == "hdbscan"
    assert (run.selection.k, run.selection.structure) == (2, "clear")
    assert run.selection.better_algorithm is None
    again = ilk.load(run.save(tmp_path / "model.json")).predict(moons)["segment"]
    assert (again == run.customers["segment"]).all()


def test_auto_keeps_k_means_where_it_is_right():
    mall = ilk.demo.load("mall")
    auto, plain = (
        ilk.fit(mall, describe=["Age"], algorithm=choice) for choice in ("auto", "kmeans")
    )
    assert auto.model.recipe.algorithm == "kmeans"
    assert auto.customers.equals(plain.customers)


@pytest.mark.parametrize("choice", [{"k": 4}, {"fast": True}])
def test_no_other_algorithm_is_tried_where_k_is_fixed_or_nothing_is_tested(moons, choice):
    run = ilk.fit(moons, **choice)
    assert run.selection.better_algorithm is None
