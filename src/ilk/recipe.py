"""Recipe: every choice a run can make, frozen, readable and writable as TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, FailFast, Field, ValidationError

from ilk.errors import UsageError, shorten, suggest_name
from ilk.formatting.numbers import format_percent

# A model file may hold a million wrong names: the first one is enough.
ColumnNames = Annotated[tuple[str, ...], FailFast()]

ALGORITHMS_FINDING_K = frozenset({"dbscan", "hdbscan"})
"""Algorithms that find the number of segments themselves."""

_ALGORITHMS_WITHOUT_CENTERS = ALGORITHMS_FINDING_K | {"mixture"}
"""Algorithms whose segments are not given by their centres alone."""

# Strict, because 1.0 could be meant as one component or as all of the variance.
_Count = Annotated[int, Field(strict=True, ge=1)]
_Share = Annotated[float, Field(strict=True, gt=0, lt=1)]
# "none" takes back what a recipe file says: None, to `resolve`, says nothing.
_NoneFromText = BeforeValidator(lambda value: None if value == "none" else value)


class _FrozenModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Reading(_FrozenModel):
    """How to read a text file; whatever is ``None`` is detected and shown.

    Examples
    --------
    >>> Reading(delimiter=";", decimal=",").decimal
    ','
    """

    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    decimal: Literal[".", ","] | None = None
    thousands: Literal["", ",", ".", " ", "'"] | None = None
    quote: str | None = Field(default=None, min_length=1, max_length=1)
    encoding: str | None = None
    sheet: str | None = None
    max_bad_rows: int = Field(default=0, ge=0)


class Recipe(_FrozenModel):
    """Every choice a run can make.

    ``features`` names the only columns that shape segments; left empty, the roles found by the
    survey decide. Without ``k_max`` the range tried grows as far as there is reason to. No segment
    chosen has less than ``min_share`` or more than ``max_share`` of the customers. ``fast`` leaves
    out the tests of what is found, and ``require_structure`` refuses to go on where there are no
    segments. ``sample`` is the number of rows on which K and the centres are found, ``polish`` the
    number of further passes of Lloyd's algorithm over all rows, at most. ``pca`` is a
    number of principal components to cluster on, or a share of the variance, more than 0 and less
    than 1, that the fewest of them are to explain; ``None`` or ``"none"`` clusters the columns
    themselves.

    Examples
    --------
    >>> Recipe(k=5, features=("income", "score")).scale
    'standard'
    """

    k: Literal["auto"] | Annotated[int, Field(ge=2, le=100)] = "auto"
    k_max: Annotated[int, Field(ge=2, le=100)] | None = None
    algorithm: Literal["kmeans", "bisecting", "mixture", "ward", "dbscan", "hdbscan"] = "kmeans"
    min_share: float = Field(default=0.0, ge=0, lt=1)
    max_share: float = Field(default=1.0, gt=0, le=1)
    require_structure: bool = False
    fast: bool = False
    features: ColumnNames = ()
    describe: ColumnNames = ()
    ignore: ColumnNames = ()
    id: str | None = None
    numeric: ColumnNames = ()
    categorical: ColumnNames = ()
    scale: Literal["standard", "robust", "minmax", "none"] = "standard"
    missing: Literal["median", "mean", "zero", "drop"] = "median"
    skew: Literal["auto", "none", "log1p"] = "auto"
    outliers: Literal["none", "clip"] = "none"
    onehot: Literal["unit", "raw"] = "unit"
    pca: Annotated[_Count | _Share | None, _NoneFromText] = None
    restarts: int = Field(default=10, ge=1, le=1000)
    seed: int = Field(default=0, ge=0, lt=2**32)
    sample: int = Field(default=200_000, ge=100)
    polish: int = Field(default=0, ge=0, le=100)
    min_customers: int = Field(default=20, ge=2)
    reading: Reading = Reading()

    def to_toml(self) -> str:
        """The recipe as a TOML text that :func:`read_recipe` reads back.

        Examples
        --------
        >>> print(Recipe(k=5).to_toml().splitlines()[0])
        k = 5
        """
        import tomlkit

        return tomlkit.dumps(self.model_dump(mode="json", exclude_none=True))


def read_recipe(path: Path) -> dict[str, Any]:
    """The choices that a recipe file makes, not yet validated.

    Raises
    ------
    UsageError
        If the file cannot be opened or is not TOML.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "recipe.toml"
    >>> _ = file.write_text("k = 5")
    >>> read_recipe(file)
    {'k': 5}
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            "E_RECIPE",
            f"cannot open the recipe: {error.strerror}",
            place=str(path),
            way_out="Check the path given to --recipe.",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            "E_RECIPE",
            f"the recipe is not valid TOML: {error}",
            place=str(path),
            way_out="Correct the line named.",
        ) from error


def resolve_recipe(options: Mapping[str, Any], base: Mapping[str, Any] | None = None) -> Recipe:
    """The recipe that follows from explicit choices, then a recipe file, then the defaults.

    Choices that concern reading (``delimiter``, ``decimal``, …) may stand beside the others.

    Parameters
    ----------
    options : mapping
        What the caller asked for; ``None`` means "not said".
    base : mapping, optional
        What a recipe file says.

    Raises
    ------
    UsageError
        If a choice does not exist, has a value that it cannot have, or contradicts another.

    Examples
    --------
    >>> resolve_recipe({"k": 5, "seed": None, "decimal": ","}, base={"seed": 7}).seed
    7
    """
    said = {name: value for name, value in options.items() if value is not None}
    reading = {name: said.pop(name) for name in list(said) if name in Reading.model_fields}
    merged = {**(base or {}), **said}
    if reading:
        merged["reading"] = {**_dump_reading(merged.get("reading", {})), **reading}
    try:
        recipe = Recipe.model_validate(merged)
    except ValidationError as error:
        raise _build_usage_error(error) from error
    for contradiction in _find_contradictions(recipe):
        raise contradiction
    return recipe


def _find_contradictions(recipe: Recipe) -> Iterator[UsageError]:
    """Choices that no customers could meet, whoever they are."""
    if recipe.algorithm in ALGORITHMS_FINDING_K and recipe.k != "auto":
        yield UsageError(
            "E_CHOICE",
            f"{recipe.algorithm} finds the number of segments itself, but {recipe.k} were asked "
            "for",
            place="k",
            way_out="Leave out --k, or take another algorithm.",
        )
    if recipe.polish and recipe.algorithm in _ALGORITHMS_WITHOUT_CENTERS:
        yield UsageError(
            "E_POLISH",
            f"segments of {recipe.algorithm} are not given by centres that further passes could "
            "move",
            place="--polish",
            way_out="Leave the option out, or use k-means.",
        )
    if recipe.require_structure and recipe.fast:
        yield UsageError(
            "E_CONFLICT",
            "--fast leaves out the test that --require-structure waits for",
            place="--require-structure, --fast",
            way_out="Leave it in one of them.",
        )
    for found, way_out in _find_impossible_sizes(recipe):
        yield UsageError("E_CONFLICT", found, place="--min-share, --max-share", way_out=way_out)


def _find_impossible_sizes(recipe: Recipe) -> Iterator[tuple[str, str]]:
    """Limits on size that contradict each other, or the number of segments; and the ways out."""
    least, most = format_percent(recipe.min_share), format_percent(recipe.max_share)
    if recipe.min_share > recipe.max_share:
        found = f"a segment cannot have {least} of the customers or more, and {most} or less"
        yield found, "Make --min-share the smaller one."
    if recipe.algorithm in ALGORITHMS_FINDING_K:
        return
    fewest = 2 if recipe.k == "auto" else recipe.k
    # Ten times 0.1 is 1, but not in every sum of binary fractions.
    if fewest * recipe.min_share > 1 + _SHARE_TOLERANCE:
        found = f"{fewest} segments cannot have {least} of the customers each"
        yield found, "Ask for fewer segments, or allow smaller ones."
    largest = recipe.k_max if recipe.k == "auto" else recipe.k
    if largest is not None and largest * recipe.max_share < 1 - _SHARE_TOLERANCE:
        found = f"{largest} segments of {most} at most cannot hold all customers"
        yield found, "Ask for more segments, or allow larger ones."


def _dump_reading(value: object) -> dict[str, Any]:
    if isinstance(value, Reading):
        return value.model_dump()
    return dict(value) if isinstance(value, Mapping) else {}


def _build_usage_error(error: ValidationError) -> UsageError:
    """The first complaint of the validator, in the user's terms."""
    first = error.errors()[0]
    path = [str(part) for part in first["loc"] if str(part) in _OPTION_NAMES] or [
        str(first["loc"][0])
    ]
    name = path[-1]
    if first["type"] == "extra_forbidden":
        unknown = str(first["loc"][-1])
        return UsageError(
            "E_CHOICE",
            f"there is no choice named {shorten(unknown)}",
            place="recipe",
            way_out=suggest_name(unknown, _OPTION_NAMES),
        )
    needed = first["msg"].replace("Input should be", "It has to be")
    return UsageError(
        "E_CHOICE",
        f"{name} cannot be {shorten(first['input'])}",
        place=name,
        way_out=_HINTS.get(name, f"{needed}."),
    )


_SHARE_TOLERANCE = 1e-9
_OPTION_NAMES = frozenset(Recipe.model_fields) | frozenset(Reading.model_fields)
_LIST_HINT = 'Give column names as a list: ["age", "income"].'
_HINTS = {
    "k": "Say 'auto' or a whole number from 2 to 100.",
    "k_max": "Say a whole number from 2 to 100.",
    "pca": "Say a whole number of components, such as 3, a share of the variance: 0.9, or none.",
    **dict.fromkeys(("min_share", "max_share"), "Say a share between 0 and 1: 0.05 is 5%."),
    **dict.fromkeys(("features", "describe", "ignore", "numeric", "categorical"), _LIST_HINT),
}
