"""Recipe: flags before file before defaults, and every refusal names the way out."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import get_args

import pytest
from pydantic import ValidationError

from ilk.cluster.algorithms import ALGORITHMS
from ilk.errors import UsageError
from ilk.recipe import ALGORITHMS_FINDING_K, Reading, Recipe, read_recipe, resolve_recipe


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


def test_a_recipe_of_every_new_choice_survives_toml_and_json():
    recipe = Recipe(
        algorithm="ward", k_max=9, min_share=0.05, max_share=0.5, require_structure=True
    )
    assert resolve_recipe({}, tomllib.loads(recipe.to_toml())) == recipe
    assert Recipe.model_validate_json(recipe.model_dump_json()) == recipe
    assert "k_max" not in Recipe().to_toml()
    assert resolve_recipe({}, tomllib.loads(Recipe(fast=True).to_toml())) == Recipe(fast=True)


def test_a_recipe_knows_the_algorithms_and_which_take_a_number():
    assert set(get_args(Recipe.model_fields["algorithm"].annotation)) == set(ALGORITHMS)
    assert {name for name, each in ALGORITHMS.items() if not each.takes_k} == ALGORITHMS_FINDING_K


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"min_share": 0.4, "max_share": 0.3}, r"40% of the customers or more, and 30% or less"),
        ({"k": 5, "min_share": 0.21}, r"5 segments cannot have 21% of the customers each.*fewer"),
        ({"min_share": 0.51}, r"2 segments cannot have 51% of the customers each"),
        ({"k": 4, "max_share": 0.24}, r"4 segments of 24% at most cannot hold all.*more segments"),
        ({"k_max": 3, "max_share": 0.3}, r"3 segments of 30% at most"),
        ({"fast": True, "require_structure": True}, r"--fast leaves out the test.*one of them"),
        ({"algorithm": "dbscan", "min_share": 0.4, "max_share": 0.3}, r"or more, and 30% or less"),
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
    assert resolve_recipe(choices).model_dump(include=set(choices)) == choices


@pytest.mark.parametrize("pca", [None, 1, 3, 0.9])
def test_components_survive_toml_and_json_as_the_number_that_they_are(pca):
    recipe = Recipe(pca=pca)
    for again in (
        resolve_recipe({}, tomllib.loads(recipe.to_toml())),
        Recipe.model_validate_json(recipe.model_dump_json()),
    ):
        assert again == recipe
        assert type(again.pca) is type(pca)


def test_a_choice_of_no_components_takes_back_what_a_file_says():
    assert resolve_recipe({"pca": "none"}, {"pca": 0.9}).pca is None
    assert resolve_recipe({"pca": None}, {"pca": 0.9}).pca == 0.9


def test_a_recipe_is_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        Recipe().k = 3


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"k": "many"}, r"k cannot be 'many'.*a whole number from 2 to 100"),
        ({"k": 1}, r"k cannot be '1'.*a whole number from 2 to 100"),
        ({"scael": "robust"}, r"no choice named 'scael'.*Did you mean 'scale'"),
        ({"scale": "big"}, r"scale cannot be 'big'.*'standard', 'robust'"),
        ({"seed": -1}, r"seed cannot be '-1'"),
        ({"pca": 1.0}, r"pca cannot be '1.0'.*a whole number of components"),
        ({"pca": 0}, r"pca cannot be '0'"),
        ({"pca": 1.5}, r"pca cannot be '1.5'.*a share of the variance: 0.9"),
        ({"pca": True}, r"pca cannot be 'True'"),
        ({"pca": "0.9"}, r"pca cannot be '0.9'"),
        ({"pca": float("nan")}, r"pca cannot be 'nan'"),
        ({"min_share": 5}, r"min_share cannot be '5'.*0.05 is 5%"),
        ({"min_share": float("nan")}, r"min_share cannot be 'nan'"),
        ({"max_share": 0}, r"max_share cannot be '0'.*0.05 is 5%"),
        ({"max_share": 1.1}, r"max_share cannot be '1.1'"),
        ({"k_max": 1}, r"k_max cannot be '1'.*a whole number from 2 to 100"),
        ({"algorithm": "kmedoids"}, r"algorithm cannot be 'kmedoids'.*'kmeans', 'bisecting'"),
        ({"algorithm": "dbscan", "k": 3}, r"dbscan finds the number.*3 were asked.*Leave out --k"),
        ({"features": "age"}, r"features cannot be 'age'.*as a list"),
        ({"decimal": ";"}, r"decimal cannot be ';'"),
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
    with pytest.raises(UsageError, match="cannot open the recipe"):
        read_recipe(tmp_path / "no.toml")
