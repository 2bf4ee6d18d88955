"""Recipe: flags before file before defaults, and every refusal names the way out."""

from __future__ import annotations

import json
import tomllib
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ilk.cluster.algorithms import ALGORITHMS
from ilk.errors import UsageError
from ilk.recipe import (
    ALGORITHMS_FINDING_K,
    AUTO_ALGORITHM,
    OPTIONS,
    Reading,
    Recipe,
    read_recipe,
    resolve_recipe,
)


def test_said_goes_before_written_goes_before_default():
    recipe = resolve_recipe({"k": 4, "seed": None}, base={"k": 3, "seed": 9})
    assert (recipe.k, recipe.seed, recipe.scale) == (4, 9, "standard")


def test_reading_choices_may_stand_beside_the_others():
    recipe = resolve_recipe({"decimal": ","}, base={"reading": {"delimiter": ";", "decimal": "."}})
    assert recipe.reading == Reading(delimiter=";", decimal=",")


def test_a_recipe_survives_toml():
    recipe = Recipe(
        k=5, features=("Annual Income (k$)", 'a "b"', "Größe"), reading=Reading(decimal=",")
    )
    assert resolve_recipe({}, tomllib.loads(recipe.to_toml())) == recipe


def revive(recipe: Recipe) -> Recipe:
    """The recipe after it was written as JSON, as a model file holds it."""
    return Recipe(**json.loads(json.dumps(recipe.to_dict())))


def test_a_recipe_of_every_new_choice_survives_toml_and_json():
    recipe = Recipe(
        algorithm="ward", k_max=9, min_share=0.05, max_share=0.5, require_structure=True
    )
    assert resolve_recipe({}, tomllib.loads(recipe.to_toml())) == recipe
    assert revive(recipe) == recipe
    assert "k_max" not in Recipe().to_toml()
    assert resolve_recipe({}, tomllib.loads(Recipe(fast=True).to_toml())) == Recipe(fast=True)


def test_a_recipe_knows_the_algorithms_and_which_take_a_number():
    words = set(getattr(OPTIONS["algorithm"].values, "words", ()))
    assert words == {*ALGORITHMS, AUTO_ALGORITHM}
    finding_k = {name for name, algorithm in ALGORITHMS.items() if not algorithm.takes_k}
    assert finding_k == ALGORITHMS_FINDING_K


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        (
            {"min_share": 0.4, "max_share": 0.3},
            r"no segment can have at least 40.?% and at most 30.?% of",
        ),
        ({"k": 5, "min_share": 0.21}, r"5 segments cannot have 21.?% of the customers each.*fewer"),
        ({"min_share": 0.51}, r"2 segments cannot have 51.?% of the customers each"),
        (
            {"k": 4, "max_share": 0.24},
            r"4 segments of at most 24.?% cannot hold all.*more segments",
        ),
        ({"k_max": 3, "max_share": 0.3}, r"3 segments of at most 30.?%"),
        (
            {"fast": True, "require_structure": True},
            r"fast=True skips the test that require_structure=True.*one of them",
        ),
        (
            {"algorithm": "dbscan", "min_share": 0.4, "max_share": 0.3},
            r"at least 40.?% and at most 30.?%",
        ),
    ],
)
def test_choices_that_contradict_each_other_are_refused(choices, message):
    with pytest.raises(UsageError, match=message) as caught:
        resolve_recipe(choices)
    assert caught.value.code == "E_CONFLICT"


@pytest.mark.parametrize(
    "choices",
    [
        {"k": 10, "min_share": 0.1, "max_share": 0.1},  # ten times 0.1 is not 1 to a computer
        {"k": 3, "min_share": 1 / 3},
        {"min_share": 0.5},
        {"max_share": 0.05},  # the range may grow
        {"algorithm": "hdbscan", "min_share": 0.7},  # there may be one dense region
        {"algorithm": "hdbscan", "max_share": 0.01, "k_max": 2},
    ],
)
def test_choices_that_can_just_be_met_are_taken(choices):
    recipe = resolve_recipe(choices)
    assert {name: getattr(recipe, name) for name in choices} == choices


@pytest.mark.parametrize("pca", [None, 1, 3, 0.9])
def test_components_survive_toml_and_json_as_the_number_that_they_are(pca):
    recipe = Recipe(pca=pca)
    for again in (
        resolve_recipe({}, tomllib.loads(recipe.to_toml())),
        revive(recipe),
    ):
        assert again == recipe
        assert type(again.pca) is type(pca)


def test_a_choice_of_no_components_takes_back_what_a_file_says():
    assert resolve_recipe({"pca": "none"}, {"pca": 0.9}).pca is None
    assert resolve_recipe({"pca": None}, {"pca": 0.9}).pca == 0.9


def test_a_recipe_is_frozen():
    with pytest.raises(FrozenInstanceError, match="'k'"):
        Recipe().k = 3  # type: ignore[misc]


def test_a_recipe_checks_what_it_is_given_without_being_resolved():
    with pytest.raises(UsageError, match=r"'1' is not a valid value \(k=\)"):
        Recipe(k=1)
    with pytest.raises(UsageError, match=r"';' is not a valid value \(decimal=\)"):
        Recipe(reading={"decimal": ";"})  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"no option named 'decimals'.*'decimal'"):
        Recipe(reading={"decimals": ","})  # type: ignore[arg-type]


def test_numbers_are_kept_as_python_has_them():
    given: dict[str, Any] = {"k": np.int64(5), "seed": 3.0, "min_share": np.float32(0.25)}
    recipe = Recipe(**given, max_share=1)
    kept = [recipe.k, recipe.seed, recipe.min_share, recipe.max_share]
    assert [(value, type(value)) for value in kept] == [
        *((5, int), (3, int)),
        *((0.25, float), (1.0, float)),
    ]


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"k": "many"}, r"'many' is not a valid value \(k=\).*a whole number from 2 to 100"),
        ({"k": 1}, r"'1' is not a valid value \(k=\).*a whole number from 2 to 100"),
        ({"scael": "robust"}, r"no option named 'scael'.*Did you mean 'scale'"),
        ({"scale": "big"}, r"'big' is not a valid value \(scale=\).*'standard', 'robust'"),
        ({"seed": -1}, r"'-1' is not a valid value \(seed=\)"),
        ({"pca": 1.0}, r"'1.0' is not a valid value \(pca=\).*a whole number of components"),
        ({"pca": 0}, r"'0' is not a valid value \(pca=\)"),
        ({"pca": 1.5}, r"'1.5' is not a valid value \(pca=\).*a share of the variance \(0.9\)"),
        ({"pca": True}, r"'True' is not a valid value \(pca=\)"),
        ({"pca": "0.9"}, r"'0.9' is not a valid value \(pca=\)"),
        ({"pca": float("nan")}, r"'nan' is not a valid value \(pca=\)"),
        ({"min_share": 5}, r"'5' is not a valid value \(min_share=\).*0.05 is 5%"),
        ({"min_share": float("nan")}, r"'nan' is not a valid value \(min_share=\)"),
        ({"max_share": 0}, r"'0' is not a valid value \(max_share=\).*0.5 is 50%"),
        ({"max_share": 1.1}, r"'1.1' is not a valid value \(max_share=\)"),
        ({"k_max": 1}, r"'1' is not a valid value \(k_max=\).*a whole number from 2 to 100"),
        (
            {"algorithm": "kmedoids"},
            r"'kmedoids' is not a valid value \(algorithm=\).*'kmeans', 'bisecting'",
        ),
        ({"algorithm": "dbscan", "k": 3}, r"dbscan finds the number.*3 were asked.*Leave out k="),
        (
            {"features": "age"},
            r"'age' is not a valid value \(features=\).*Use a list of column names",
        ),
        ({"decimal": ";"}, r"';' is not a valid value \(decimal=\)"),
    ],
)
def test_a_wrong_choice_is_refused(choices, message):
    with pytest.raises(UsageError, match=message) as caught:
        resolve_recipe(choices)
    assert caught.value.exit_code == 2


def test_a_file_that_is_not_toml_is_refused_with_the_line(tmp_path: Path):
    file = tmp_path / "recipe.toml"
    file.write_text("k = 5\nscale robust\n")
    with pytest.raises(UsageError, match=r"not valid TOML.*line 2"):
        read_recipe(file)


def test_a_missing_file_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="the recipe cannot be opened"):
        read_recipe(tmp_path / "no.toml")
