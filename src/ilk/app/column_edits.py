"""Column edits: what a user changes in the table of columns, as a recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ilk.recipe import Recipe
from ilk.schema import COLUMN_HEADINGS, Column, Kind, Role, Schema

EDITABLE_KINDS: tuple[Kind, ...] = ("number", "category")
"""Kinds that a user can choose. Dates and texts are recognized, not chosen."""


def apply_roles(recipe: Recipe, schema: Schema, roles: Mapping[str, Role]) -> Recipe:
    """The recipe under which the columns have these roles.

    A column whose role does not change is still decided by the rules, unless the recipe already
    names it.

    Parameters
    ----------
    recipe : Recipe
        The recipe under which ``schema`` was inferred.
    schema : Schema
    roles : mapping of str to str
        The new role of every column.

    Examples
    --------
    >>> age = Column("Age", "number", "feature", "a number")
    >>> spend = Column("Spend", "number", "feature", "a number")
    >>> roles = {"Age": "describe", "Spend": "feature"}
    >>> apply_roles(Recipe(), Schema((age, spend)), roles).describe
    ('Age',)
    """
    changed = {column.source for column in schema if roles[column.name] != column.role}
    if not changed:
        return recipe

    adds_feature = any(
        column.source in changed and roles[column.name] == "feature" for column in schema
    )
    features = tuple(
        dict.fromkeys(column.source for column in schema if roles[column.name] == "feature")
    )
    # If the user removes the last chosen feature, the rules must not choose others instead.
    all_named = bool(recipe.features) and not features

    def list_columns(role: Role, previous: Sequence[str]) -> tuple[str, ...]:
        names = dict.fromkeys(column.source for column in schema if roles[column.name] == role)
        return tuple(name for name in names if all_named or name in changed or name in previous)

    ids = list_columns("id", (recipe.id,) if recipe.id else ())
    return replace(
        recipe,
        features=features if adds_feature or recipe.features else (),
        describe=list_columns("describe", recipe.describe),
        ignore=list_columns("ignore", recipe.ignore),
        id=next((name for name in ids if name in changed), next(iter(ids), None)),
    )


def apply_kinds(recipe: Recipe, schema: Schema, kinds: Mapping[str, Kind]) -> Recipe:
    """The recipe under which the columns are of these kinds.

    Examples
    --------
    >>> region = Column("Region", "category", "feature", "a code")
    >>> apply_kinds(Recipe(), Schema((region,)), {"Region": "number"}).numeric
    ('Region',)
    """
    changed = {
        column.source: kinds[column.name] for column in schema if kinds[column.name] != column.kind
    }
    lists = {"number": list(recipe.numeric), "category": list(recipe.categorical)}
    for name, new_kind in changed.items():
        for kind, names in lists.items():
            lists[kind] = [other for other in names if other != name]
        lists.setdefault(new_kind, []).append(name)
    return replace(recipe, numeric=tuple(lists["number"]), categorical=tuple(lists["category"]))


def make_editor_rows(
    schema: Sequence[Column] | Schema, role_labels: Mapping[Role, str]
) -> list[dict[str, object]]:
    """The rows of the table of columns, in which a user changes uses and types.

    Examples
    --------
    >>> age = Column("Age", "number", "feature", "a number")
    >>> make_editor_rows([age], {"feature": "used for segmentation"})[0]["Use"]
    'used for segmentation'
    """
    return [
        {
            heading: role_labels[column.role] if field == "role" else getattr(column, field)
            for field, heading in COLUMN_HEADINGS.items()
        }
        for column in schema
    ]
