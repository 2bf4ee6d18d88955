"""The roles and kinds that a recipe gives to columns, by the names in the table."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from types import MappingProxyType
from typing import Any, cast

from ilk.columns.cast import find_column_name
from ilk.errors import InputError, UsageError, shorten, suggest_name
from ilk.recipe import Recipe
from ilk.schema import Meaning

_LIST_OPTIONS = ("features", "describe", "ignore", "numeric", "categorical")
_EXCLUSIVE_OPTIONS = (
    ("features", "describe", "ignore"),
    ("id", "ignore"),
    ("features", "ignore", "outcome", "id"),
    ("ignore", "value", "id"),
    ("numeric", "categorical"),
)


_NUMBER_MEANINGS = frozenset({"money", "count", "share", "duration", "age"})
_CATEGORY_MEANINGS = frozenset({"yes_no", "code", "several"})

_NO_NAMES: Mapping[str, str] = MappingProxyType({})

_NO_COLUMN = "none"
"""Says that no column is one, instead of a name."""


@dataclass(frozen=True)
class ColumnChoice:
    """The one column that an option may name.

    ``is_given`` tells a ``name`` that is ``None`` because there is to be no such column from one
    that the rules may find. ``level`` is what follows the name in ``column=level``.
    """

    name: str | None = None
    is_given: bool = False
    level: str | None = None

    @property
    def names(self) -> list[str]:
        """The column, if there is one."""
        return [] if self.name is None else [self.name]


@dataclass(frozen=True)
class ColumnOverrides:
    """The columns that a recipe names, by the option that names them.

    Examples
    --------
    >>> ColumnOverrides.of(Recipe(ignore=("Fax",)), ["Age", "Fax "]).ignore
    frozenset({'Fax '})
    """

    features: frozenset[str]
    describe: frozenset[str]
    ignore: frozenset[str]
    numeric: frozenset[str]
    categorical: frozenset[str]
    id: str | None
    outcome: ColumnChoice = ColumnChoice()
    value: ColumnChoice = ColumnChoice()
    meanings: Mapping[str, Meaning] = field(default_factory=dict)

    @classmethod
    def of(
        cls, recipe: Recipe, names: Sequence[str], new_names: Mapping[str, str] = _NO_NAMES
    ) -> ColumnOverrides:
        """Find the columns of a table that a recipe names.

        Parameters
        ----------
        recipe : Recipe
            Names the columns; spaces around a name and its Unicode form make no difference.
        names : sequence of str
            The columns of the table, under their readable names where they have some.
        new_names : mapping of str to str
            These readable names by the names in the table, which may be used as well.

        Raises
        ------
        InputError
            If there is no such column.
        UsageError
            If a column is named by two options that exclude each other.
        """
        recipe = _use_readable_names(recipe, names, new_names) if new_names else recipe
        columns = {
            option: frozenset(_resolve_columns(getattr(recipe, option), names, option))
            for option in _LIST_OPTIONS
        }
        meanings = _resolve_meanings(recipe.columns_as, names)
        columns["numeric"] |= _select_columns(meanings, _NUMBER_MEANINGS)
        columns["categorical"] |= _select_columns(meanings, _CATEGORY_MEANINGS)
        ids = _resolve_columns([recipe.id] if recipe.id is not None else [], names, "id")
        outcome = _resolve_choice(recipe.outcome, names, "outcome")
        value = _resolve_choice(recipe.value, names, "value")
        single = {"id": ids, "outcome": outcome.names, "value": value.names}
        _check_conflicts(columns | {option: frozenset(own) for option, own in single.items()})
        return cls(
            **columns, id=ids[0] if ids else None, outcome=outcome, value=value, meanings=meanings
        )

    @property
    def overridden_columns(self) -> frozenset[str]:
        """Every column that was given a role or a kind."""
        return self.features | self.describe | self.ignore | self.numeric | self.categorical


def list_choices(recipe: Recipe) -> dict[str, str]:
    """What the user says that columns are, by the names in the recipe.

    Examples
    --------
    >>> list_choices(Recipe(categorical=("Plan",), columns_as=("channels=several",)))
    {'Plan': 'categorical', 'channels': 'several'}
    """
    lists = {name: kind for kind in ("numeric", "categorical") for name in getattr(recipe, kind)}
    pairs = (text.rpartition("=") for text in recipe.columns_as)
    return lists | {name.strip(): word.strip() for name, _, word in pairs}


def _use_readable_names(
    recipe: Recipe, names: Sequence[str], new_names: Mapping[str, str]
) -> Recipe:
    """The recipe that names columns as profiles do."""

    def rename(name: str) -> str:
        own = None if find_column_name(name, names) else find_column_name(name, list(new_names))
        return name if own is None else new_names[own]

    def rename_pair(text: str) -> str:
        name, sign, word = text.rpartition("=")
        return f"{rename(name)}{sign}{word}" if sign else rename(text)

    lists: dict[str, Any] = {
        option: tuple(map(rename, getattr(recipe, option))) for option in _LIST_OPTIONS
    }
    return replace(
        recipe,
        **lists,
        id=None if recipe.id is None else rename(recipe.id),
        value=None if recipe.value is None else rename(recipe.value),
        outcome=None if recipe.outcome is None else rename_pair(rename(recipe.outcome)),
        columns_as=tuple(map(rename_pair, recipe.columns_as)),
    )


def _resolve_columns(wanted: Iterable[str], names: Sequence[str], option: str) -> list[str]:
    resolved = []
    for name in wanted:
        own = find_column_name(name, names)
        if own is None:
            raise InputError(
                "E_UNKNOWN_COLUMN",
                f"there is no column {shorten(name)}",
                place=f"{{{option}}}",
                way_out=suggest_name(name, names),
                options=(option,),
            )
        resolved.append(own)
    return resolved


def _resolve_meanings(wanted: Iterable[str], names: Sequence[str]) -> dict[str, Meaning]:
    """The meanings that the user gives to columns."""
    pairs = [text.rpartition("=") for text in wanted]
    own = _resolve_columns([name for name, _, _ in pairs], names, "columns_as")
    return {name: cast("Meaning", word) for name, (_, _, word) in zip(own, pairs, strict=True)}


def _select_columns(meanings: Mapping[str, Meaning], wanted: Collection[str]) -> frozenset[str]:
    return frozenset(name for name, meaning in meanings.items() if meaning in wanted)


def _resolve_choice(wanted: str | None, names: Sequence[str], option: str) -> ColumnChoice:
    """The column that ``column``, ``column=level`` or ``none`` names."""
    if wanted is None:
        return ColumnChoice()
    own = find_column_name(wanted, names)
    if own is None and wanted.strip() == _NO_COLUMN:
        return ColumnChoice(is_given=True)
    name, sign, level = wanted.rpartition("=")
    if own is None and sign and find_column_name(name, names) is not None:
        return ColumnChoice(_resolve_columns([name], names, option)[0], True, level.strip())
    return ColumnChoice(_resolve_columns([wanted], names, option)[0], True)


def _check_conflicts(columns_by_option: dict[str, frozenset[str]]) -> None:
    for group in _EXCLUSIVE_OPTIONS:
        for one, other in combinations(group, 2):
            for name in sorted(columns_by_option[one] & columns_by_option[other]):
                raise UsageError(
                    "E_CONFLICT",
                    f"column '{name}' is named both by {{{one}}} and by {{{other}}}",
                    way_out="Leave it in one of them.",
                    options=(one, other),
                )
