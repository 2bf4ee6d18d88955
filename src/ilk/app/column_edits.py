"""Roles: what a person says about columns in a table, as a recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ilk.recipe import Recipe
from ilk.schema import Column, Kind, Role, Schema

EDITABLE_KINDS: tuple[Kind, ...] = ("number", "category")
"""Kinds that a person can choose; dates and texts are recognised, not chosen."""


def apply_roles(recipe: Recipe, schema: Schema, roles: Mapping[str, Role]) -> Recipe:
    """The recipe under which the columns have these roles.

    A column whose role is not changed is left to the rules that decided it, unless the recipe names
    it already.

    Parameters
    ----------
    recipe : Recipe
        Under which ``schema`` was decided.
    schema : Schema
    roles : mapping of str to str
        The role wanted for every column.

    Examples
    --------
    >>> age = Column("Age", "number", "feature", "a number")
    >>> spend = Column("Spend", "number", "feature", "a number")
    >>> apply_roles(Recipe(), Schema((age, spend)), {"Age": "describe", "Spend": "feature"}).describe
    ('Age',)
    """
    changed = {column.name for column in schema if roles[column.name] != column.role}
    if not changed:
        return recipe

    became = any(roles[name] == "feature" for name in changed)
    features = tuple(column.name for column in schema if roles[column.name] == "feature")
    # Where the last of the features chosen steps back, the rules shall not choose others.
    all_named = bool(recipe.features) and not features

    def list_columns(role: Role, previous: Sequence[str]) -> tuple[str, ...]:
        names = (column.name for column in schema if roles[column.name] == role)
        return tuple(name for name in names if all_named or name in changed or name in previous)

    ids = list_columns("id", (recipe.id,) if recipe.id else ())
    return recipe.model_copy(
        update={
            "features": features if became or recipe.features else (),
            "describe": list_columns("describe", recipe.describe),
            "ignore": list_columns("ignore", recipe.ignore),
            "id": next((name for name in ids if name in changed), next(iter(ids), None)),
        }
    )


def apply_kinds(recipe: Recipe, schema: Schema, kinds: Mapping[str, Kind]) -> Recipe:
    """The recipe under which the columns are of these kinds.

    Examples
    --------
    >>> region = Column("Region", "category", "feature", "a code")
    >>> apply_kinds(Recipe(), Schema((region,)), {"Region": "number"}).numeric
    ('Region',)
    """
    changed = [column.name for column in schema if kinds[column.name] != column.kind]
    lists = {"number": list(recipe.numeric), "category": list(recipe.categorical)}
    for name in changed:
        for kind, names in lists.items():
            lists[kind] = [each for each in names if each != name]
        lists.setdefault(kinds[name], []).append(name)
    return recipe.model_copy(
        update={"numeric": tuple(lists["number"]), "categorical": tuple(lists["category"])}
    )


def make_editor_rows(
    schema: Sequence[Column] | Schema, role_labels: Mapping[Role, str]
) -> list[dict[str, object]]:
    """One row per column of a table, for a person to read and to change.

    Examples
    --------
    >>> make_editor_rows([Column("Age", "number", "feature", "a number")], {"feature": "shapes segments"})
    [{'column': 'Age', 'used as': 'shapes segments', 'kind': 'number', 'why': 'a number', ...}]
    """
    return [
        {
            "column": column.name,
            "used as": role_labels[column.role],
            "kind": column.kind,
            "why": column.reason,
            "without a value": column.missing,
        }
        for column in schema
    ]
