"""A category that follows from a finer one only describes: both would count it twice."""

from __future__ import annotations

import polars as pl

from ilk.columns.roles import infer_roles
from ilk.columns.summary import summarize
from ilk.recipe import Recipe
from ilk.schema import Schema
from ilk.tables.source import open_source

CITIES = {"Rome": "Italy", "Milan": "Italy", "Oslo": "Norway", "Bergen": "Norway", "Lima": "Peru"}


def _infer(cities: list[str], countries: list[str], recipe: Recipe = Recipe()) -> Schema:  # noqa: B008
    plans = ["basic", "plus", "gold", "plus", "basic", "gold", "gold"]
    frame = pl.DataFrame(
        {
            "country": countries,
            "city": cities,
            "plan": [plans[row % 7] for row in range(len(cities))],
            "spend": [row * 7 % 31 + 0.5 for row in range(len(cities))],
        }
    )
    return infer_roles(summarize(open_source(frame)), recipe)[0]


def test_the_coarser_of_two_nested_categories_describes() -> None:
    cities = list(CITIES) * 12
    schema = _infer(cities, [CITIES[city] for city in cities])
    roles = {column.name: column.role for column in schema}
    assert roles == {
        "country": "describe",
        "city": "feature",
        "plan": "feature",
        "spend": "feature",
    }
    assert schema.columns[0].reason == "follows from 'city', and would count twice"


def test_one_exception_in_a_hundred_is_a_slip() -> None:
    cities = list(CITIES) * 40
    countries = [CITIES[city] for city in cities]
    assert _infer(cities, ["Peru", *countries[1:]]).columns[0].role == "describe"
    assert _infer(cities, ["Peru"] * 20 + countries[20:]).columns[0].role == "feature"


def test_a_user_decides() -> None:
    cities = list(CITIES) * 12
    recipe = Recipe(features=("country", "city"))
    schema = _infer(cities, [CITIES[city] for city in cities], recipe)
    assert [column.name for column in schema.features] == ["country", "city"]
