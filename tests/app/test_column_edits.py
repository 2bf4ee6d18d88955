"""Edits of columns as a recipe: the rules then decide what was asked for."""

from __future__ import annotations

import itertools
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ilk
from ilk.app.column_edits import EDITABLE_KINDS, apply_kinds, apply_roles, make_editor_rows
from ilk.columns.infer import infer_schema, summarize_source
from ilk.errors import IlkError
from ilk.recipe import Recipe
from ilk.schema import ROLE_LABELS
from ilk.tables.source import open_source


def _mixed() -> pl.DataFrame:
    n = range(120)
    return pl.DataFrame(
        {
            "key": [f"k{i}" for i in n],
            "other key": [f"o{i}" for i in n],
            "spend": [i * i % 37 + 0.5 for i in n],
            "visits": [i * 7 % 23 for i in n],
            "code": [i % 4 for i in n],
            "town": ["abc"[i % 3] for i in n],
            "gender": ["fm"[i % 2] for i in n],
            "same": [1 for _ in n],
        }
    )


RECIPES = {
    "none": Recipe(),
    "features": Recipe(features=("spend", "visits")),
    "describe": Recipe(describe=("visits", "town")),
    "ignore": Recipe(ignore=("visits",)),
    "id": Recipe(id="other key"),
    "kinds": Recipe(numeric=("code",), categorical=("visits",)),
    "all": Recipe(
        features=("spend",), describe=("town",), ignore=("code",), id="key", numeric=("code",)
    ),
}
NAMES = tuple(_mixed().columns)


@pytest.fixture(scope="module")
def surveyed():
    table_summary = summarize_source(open_source(_mixed()), Recipe())
    return lambda recipe: (
        summarize_source(open_source(_mixed()), recipe) if recipe.id else table_summary
    )


def decided(surveyed, recipe):
    return infer_schema(surveyed(recipe), recipe).schema


def roles_of(schema):
    return {column.name: column.role for column in schema}


def kinds_of(schema):
    return {column.name: column.kind for column in schema}


def granted_role(name, role):
    """What is granted: all but that a column shapes segments that is the same on every row."""
    return "ignore" if (name, role) == ("same", "feature") else role


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=list(RECIPES))
def test_what_stands_is_the_recipe_as_it_is(surveyed, recipe):
    schema = decided(surveyed, recipe)
    assert apply_roles(recipe, schema, roles_of(schema)) == recipe
    assert apply_kinds(recipe, schema, kinds_of(schema)) == recipe


@pytest.mark.parametrize("name", ilk.demo.DATASETS)
def test_what_stands_of_bundled_customers_is_their_recipe(name):
    recipe = ilk.demo.get_dataset(name).recipe
    schema = infer_schema(
        summarize_source(open_source(ilk.demo.load_customers(name)), recipe), recipe
    ).schema
    assert apply_roles(recipe, schema, roles_of(schema)) == recipe
    assert apply_kinds(recipe, schema, kinds_of(schema)) == recipe


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=list(RECIPES))
@pytest.mark.parametrize("role", ROLE_LABELS)
def test_every_change_of_a_role_is_what_is_then_decided(surveyed, recipe, role):
    schema = decided(surveyed, recipe)
    granted = 0
    for name in NAMES:
        wanted = roles_of(schema) | {name: role}
        try:
            roles_after = roles_of(decided(surveyed, apply_roles(recipe, schema, wanted)))
        except IlkError:
            continue  # refused in a sentence, which the page shows
        granted += 1
        assert roles_after[name] == granted_role(name, role)
        wanted[name] = roles_after[name]
        # Of the others, the rules decide again only about the id that stepped back.
        moved = {other for other in NAMES if roles_after[other] != wanted[other]}
        assert moved <= {schema.id} - {name} if role == "id" else moved <= {"key", "other key"}
    assert granted >= 2


@pytest.mark.parametrize("role", ["describe", "ignore"])
def test_where_the_last_chosen_feature_steps_back_no_other_steps_in(surveyed, role):
    recipe = Recipe(features=("spend",))
    schema = decided(surveyed, recipe)
    after = apply_roles(recipe, schema, roles_of(schema) | {"spend": role})
    with pytest.raises(IlkError, match="no column can be used for segmentation"):
        decided(surveyed, after)
    other = apply_roles(recipe, schema, roles_of(schema) | {"spend": role, "visits": "feature"})
    assert other.features == ("visits",)
    assert roles_of(decided(surveyed, other))["spend"] == role


def test_an_id_that_steps_back_leaves_one_id(surveyed):
    schema = decided(surveyed, Recipe())
    assert schema.id == "key"
    both = apply_roles(Recipe(), schema, roles_of(schema) | {"other key": "id"})
    assert both.id == "other key"
    assert decided(surveyed, both).id == "other key"


@pytest.mark.thorough
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(list(ROLE_LABELS))), max_size=5))
@settings(max_examples=60, deadline=None)
def test_changes_one_after_the_other_come_to_rest(changes):
    table_summary = summarize_source(open_source(_mixed()), Recipe())
    recipe = Recipe()
    for name, role in changes:
        schema = infer_schema(table_summary, recipe).schema
        wanted = apply_roles(recipe, schema, roles_of(schema) | {name: role})
        try:
            after = infer_schema(table_summary, wanted).schema
        except IlkError:
            continue
        recipe = wanted
        assert roles_of(after)[name] == granted_role(name, role)
        assert apply_roles(recipe, after, roles_of(after)) == recipe


@pytest.mark.parametrize(
    ("name", "kind"), list(itertools.product(("spend", "visits", "code", "town"), EDITABLE_KINDS))
)
@pytest.mark.parametrize("recipe", RECIPES.values(), ids=list(RECIPES))
def test_every_change_of_a_kind_is_what_is_then_decided(surveyed, recipe, name, kind):
    schema = decided(surveyed, recipe)
    wanted = kinds_of(schema) | {name: kind}
    after = apply_kinds(recipe, schema, wanted)
    if (name, kind) == ("town", "number"):
        with pytest.raises(IlkError, match="holds numbers, but row 1 contains 'a'"):
            decided(surveyed, after)
        return
    assert kinds_of(decided(surveyed, after)) == wanted
    back = apply_kinds(after, decided(surveyed, after), kinds_of(schema))
    assert kinds_of(decided(surveyed, back)) == kinds_of(schema)
    assert not set(after.numeric) & set(after.categorical)


def test_nothing_but_roles_is_changed(surveyed):
    recipe = Recipe(k_max=7, scale="robust", seed=3)
    schema = decided(surveyed, recipe)
    after = apply_roles(recipe, schema, roles_of(schema) | {"visits": "describe"})
    assert after == replace(recipe, describe=("visits",))


def test_the_table_of_columns_has_a_row_for_each(surveyed):
    schema = decided(surveyed, Recipe())
    table = make_editor_rows(schema, ROLE_LABELS)
    assert [row["Column"] for row in table] == list(NAMES)
    assert [row["Use"] for row in table] == [ROLE_LABELS[column.role] for column in schema]
    assert [row["Reason"] for row in table] == [column.reason for column in schema]
    assert len(set(ROLE_LABELS.values())) == len(ROLE_LABELS)
