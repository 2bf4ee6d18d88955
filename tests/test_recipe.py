"""Recipe: flags before file before defaults, and every refusal names the way out."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from ilk.errors import UsageError
from ilk.recipe import Reading, Recipe, read_recipe, resolve


def test_said_goes_before_written_goes_before_default():
    recipe = resolve({"k": 4, "seed": None}, base={"k": 3, "seed": 9})
    assert (recipe.k, recipe.seed, recipe.scale) == (4, 9, "standard")


def test_reading_choices_may_stand_beside_the_others():
    recipe = resolve({"decimal": ","}, base={"reading": {"delimiter": ";", "decimal": "."}})
    assert recipe.reading == Reading(delimiter=";", decimal=",")


def test_a_recipe_survives_toml():
    recipe = Recipe(
        k=5, features=("Annual Income (k$)", 'a "b"', "Größe"), reading=Reading(decimal=",")
    )
    assert resolve({}, tomllib.loads(recipe.to_toml())) == recipe


def test_a_recipe_is_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        Recipe().k = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"k": "many"}, r"k cannot be 'many'.*a whole number from 2 to 100"),
        ({"k": 1}, r"k cannot be '1'.*a whole number from 2 to 100"),
        ({"scael": "robust"}, r"no choice named 'scael'.*Did you mean 'scale'"),
        ({"scale": "big"}, r"scale cannot be 'big'.*'standard', 'robust'"),
        ({"seed": -1}, r"seed cannot be '-1'"),
        ({"features": "age"}, r"features cannot be 'age'.*as a list"),
        ({"decimal": ";"}, r"decimal cannot be ';'"),
    ],
)
def test_a_wrong_choice_is_refused(choices, message):
    with pytest.raises(UsageError, match=message) as caught:
        resolve(choices)
    assert caught.value.exit_code == 2


def test_a_file_that_is_not_toml_is_refused_with_the_line(tmp_path: Path):
    file = tmp_path / "recipe.toml"
    file.write_text("k = 5\nscale robust\n")
    with pytest.raises(UsageError, match=r"not valid TOML.*line 2"):
        read_recipe(file)


def test_a_missing_file_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="cannot open the recipe"):
        read_recipe(tmp_path / "no.toml")
