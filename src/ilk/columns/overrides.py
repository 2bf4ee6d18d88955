"""Wishes: what a recipe asks of the columns, under the names that the table has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from ilk.columns.cast import match
from ilk.errors import InputError, UsageError, did_you_mean, shorten
from ilk.recipe import Recipe

_LISTS = ("features", "describe", "ignore", "numeric", "categorical")
_CONFLICTS = (("features", "describe", "ignore"), ("id", "ignore"), ("numeric", "categorical"))


@dataclass(frozen=True)
class Wishes:
    """Columns that a recipe names, by what it asks of them.

    Examples
    --------
    >>> Wishes.of(Recipe(ignore=("Fax",)), ["Age", "Fax "]).ignore
    frozenset({'Fax '})
    """

    features: frozenset[str]
    describe: frozenset[str]
    ignore: frozenset[str]
    numeric: frozenset[str]
    categorical: frozenset[str]
    id: str | None

    @classmethod
    def of(cls, recipe: Recipe, names: Sequence[str]) -> Wishes:
        """Find the columns of a table that a recipe names.

        Parameters
        ----------
        recipe : Recipe
            What was asked for; spaces around a name and its Unicode form make no difference.
        names : sequence of str
            The columns of the table.

        Raises
        ------
        InputError
            If there is no such column.
        UsageError
            If a column is asked to be two things at once.
        """
        found = {
            asked: frozenset(_resolved(getattr(recipe, asked), names, asked)) for asked in _LISTS
        }
        ids = _resolved([recipe.id] if recipe.id is not None else [], names, "id")
        _check_conflicts({**found, "id": frozenset(ids)})
        return cls(**found, id=ids[0] if ids else None)

    @property
    def named(self) -> frozenset[str]:
        """Every column to which a role or a kind was given."""
        return self.features | self.describe | self.ignore | self.numeric | self.categorical


def _resolved(wanted: Iterable[str], names: Sequence[str], asked: str) -> list[str]:
    found = []
    for name in wanted:
        own = match(name, names)
        if own is None:
            raise InputError(
                "E_UNKNOWN_COLUMN",
                f"there is no column {shorten(name)}",
                place=f"--{asked}",
                way_out=did_you_mean(name, names),
            )
        found.append(own)
    return found


def _check_conflicts(found: dict[str, frozenset[str]]) -> None:
    for group in _CONFLICTS:
        for one, other in combinations(group, 2):
            for name in sorted(found[one] & found[other]):
                raise UsageError(
                    "E_CONFLICT",
                    f"column '{name}' is named both by --{one} and by --{other}",
                    place=f"--{one}, --{other}",
                    way_out="Leave it in one of them.",
                )
