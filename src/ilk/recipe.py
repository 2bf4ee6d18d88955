"""Recipe: every choice a run can make, frozen, readable and writable as TOML.

This is the only place where a choice is declared. To add one, add a field here and use it where it
matters: the command line, the estimator, the app's form, the docstrings and the reference page take
it from here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from ilk.column_labels import ColumnLabels, LabelTables
from ilk.errors import UsageError, shorten, suggest_name
from ilk.formatting.numbers import format_percent
from ilk.options import (
    COMMON_ENCODINGS,
    Character,
    Choices,
    ColumnWords,
    Components,
    Day,
    Option,
    Share,
    WholeNumber,
    format_parameters,
    list_options,
    name_components,
    option,
    read_toml,
)

ColumnNames = tuple[str, ...]

MEANINGS = (
    *("money", "count", "share", "duration", "age", "year", "date", "scale", "yes_no", "code"),
    *("place", "several"),
)
"""What a column can be said to hold: every :data:`ilk.schema.Meaning`."""

ALGORITHMS_FINDING_K = frozenset({"dbscan", "hdbscan"})
"""Algorithms that find the number of segments themselves."""

AlgorithmName = Literal["kmeans", "bisecting", "mixture", "ward", "dbscan", "hdbscan", "auto"]

AUTO_ALGORITHM = "auto"
"""Leaves the choice of the algorithm to the data; a model says which one it was."""

_ALGORITHMS_WITHOUT_CENTERS = ALGORITHMS_FINDING_K | {"mixture"}
"""Algorithms whose segments are not given by their centers alone."""

SEGMENTS = "Segments"
COLUMNS = "Columns (several as a,b,c)"
PREPARATION = "Preparing the columns"
READING = "Reading the file"
RUNNING = "The run"

GROUPS = (SEGMENTS, COLUMNS, PREPARATION, READING, RUNNING)
"""The groups of options, in the order of a help text."""


@dataclass(frozen=True, kw_only=True)
class Reading(Choices):
    """How to read a text file; whatever is ``None`` is detected and shown.

    Parameters
    ----------
    {parameters}

    Examples
    --------
    >>> Reading(delimiter=";", decimal=",").decimal
    ','
    """

    delimiter: str | None = option(
        None,
        Character(),
        group=READING,
        help="Column separator",
        unset="detected",
        label="Column separator",
        suggestions={"comma": ",", "semicolon": ";", "tab": "\t", "vertical bar": "|"},
    )
    decimal: Literal[".", ","] | None = option(
        None,
        group=READING,
        help="Decimal mark",
        unset="detected",
        label="Decimal mark",
        suggestions={"point (1234.5)": ".", "comma (1234,5)": ","},
    )
    thousands: Literal["", ",", ".", " ", "'"] | None = option(
        None,
        group=READING,
        help="Thousands separator",
        unset="detected",
        label="Thousands separator",
        suggestions={
            "none (1234)": "",
            "comma (1,234)": ",",
            "point (1.234)": ".",
            "space (1 234)": " ",
            "apostrophe (1'234)": "'",
        },
    )
    quote: str | None = option(
        None,
        Character(),
        group=READING,
        help="Quote character",
        unset="detected",
        label="Quote character",
        suggestions={'double ("a")': '"', "single ('a')": "'"},
    )
    encoding: str | None = option(
        None,
        group=READING,
        help="Text encoding",
        unset="detected",
        label="Encoding",
        suggestions={name: name for name in COMMON_ENCODINGS},
    )
    sheet: str | None = option(
        None,
        group=READING,
        help="Sheet of a workbook",
        unset="the first",
        label="Sheet (Excel workbooks only)",
    )
    max_bad_rows: int = option(
        0,
        WholeNumber(0),
        group=READING,
        help="Maximum number of unreadable rows to skip",
        label="Maximum number of unreadable rows to skip",
        details="They are listed in `rejects.csv`.",
    )


@dataclass(frozen=True, kw_only=True)
class Recipe(Choices):
    """Every choice a run can make.

    Choices that contradict each other are refused by :func:`resolve_recipe`, which every surface
    calls.

    Parameters
    ----------
    {parameters}
    reading : Reading
        How to read a text file.

    Raises
    ------
    UsageError
        ``E_CHOICE`` if a choice cannot have its value.

    Examples
    --------
    >>> Recipe(k=5, features=("income", "score")).scale
    'standard'
    """

    k: Literal["auto"] | int = option(
        "auto",
        WholeNumber(2, 100, word="auto"),
        group=SEGMENTS,
        help="Number of segments, or auto",
        label="Number of segments",
        on_form=False,
        details="A number is the only one tried, unless the largest number to try is given, too.",
    )
    k_max: int | None = option(
        None,
        WholeNumber(2, 100),
        group=SEGMENTS,
        help="Largest number of segments to try",
        unset="up to 12, and more where that helps",
        label="Largest number of segments tried",
        details="Unless it is given, the range grows while the best number stands at its end.",
    )
    algorithm: AlgorithmName = option(
        "kmeans",
        group=SEGMENTS,
        help="Clustering algorithm",
        label="Algorithm",
        details="`bisecting` is k-means that splits in two, `mixture` fits Gaussian "
        "distributions, or latent classes where there are categories, `ward` builds a hierarchy, "
        "`dbscan` and `hdbscan` look for dense regions. "
        "The last two find the number of segments themselves and leave out noise, which gets "
        "segment 0. `auto` is k-means, unless `mixture` or `hdbscan` is clearly right.",
    )
    min_share: float = option(
        0.0,
        Share(without=1),
        group=SEGMENTS,
        help="Smallest share of customers that a segment may have",
        label="Smallest segment allowed",
        details="Numbers of segments that break the limit are not chosen.",
    )
    max_share: float = option(
        1.0,
        Share(without=0, example="0.5 is 50%"),
        group=SEGMENTS,
        help="Largest share of customers that a segment may have",
        label="Largest segment allowed",
        details="Numbers of segments that break the limit are not chosen.",
    )
    require_structure: bool = option(
        False,
        group=SEGMENTS,
        help="Stop with an error if there are no natural groups",
        label="Require natural groups",
        details="`ilk` then exits with 4 and writes nothing.",
        on_form=False,
    )
    fast: bool = option(
        False,
        group=SEGMENTS,
        help="Skip the comparison with random data and the stability tests",
        label="Skip the tests",
        details="Whether there are natural groups, and how stable the segments are, stays unknown.",
    )
    features: ColumnNames = option(
        (),
        group=COLUMNS,
        help="The only columns used for segmentation",
        label="Columns used for segmentation",
        details="The other usable ones appear in profiles.",
        on_form=False,
    )
    describe: ColumnNames = option(
        (),
        group=COLUMNS,
        help="Columns that appear in profiles only",
        label="Columns shown in profiles only",
        on_form=False,
    )
    ignore: ColumnNames = option(
        (), group=COLUMNS, help="Columns to leave out", label="Columns to leave out", on_form=False
    )
    id: str | None = option(
        None,
        group=COLUMNS,
        help="The column of customer IDs",
        label="Customer ID",
        on_form=False,
    )
    numeric: ColumnNames = option(
        (),
        group=COLUMNS,
        help="Columns to treat as numbers",
        label="Columns with numbers",
        on_form=False,
    )
    categorical: ColumnNames = option(
        (),
        group=COLUMNS,
        help="Columns to treat as categories",
        label="Columns with categories",
        on_form=False,
    )
    outcome: str | None = option(
        None,
        group=COLUMNS,
        help="The column that says what became of a customer, such as churned, or none",
        unset="found by its name",
        label="Outcome",
        details="It is compared between segments, and they are not made from it. `column=level` "
        "names the level that says that it happened.",
        on_form=False,
    )
    value: str | None = option(
        None,
        group=COLUMNS,
        help="The column that says what a customer is worth, such as revenue, or none",
        unset="found by its name",
        label="Customer value",
        on_form=False,
    )
    columns_as: ColumnNames = option(
        (),
        ColumnWords(MEANINGS),
        group=COLUMNS,
        help="What a column holds",
        label="What columns hold",
        details="Give it once for each column. It decides how a column is used and described.",
        spelling="as",
        on_form=False,
    )
    labels: ColumnLabels | None = option(
        None,
        LabelTables(),
        group=COLUMNS,
        help="Readable names of columns and of their values",
        unset="their own",
        label="Readable names",
        details="Each column is a table with `name`, `levels` (of each value) and `order`, a list "
        "of values from lowest to highest. Where values are codes without names, `labels.toml` "
        "among the results lists them, ready to be filled in. The table stays as it is, and a "
        "model keeps the names.",
        on_form=False,
    )
    as_of: str | None = option(
        None,
        Day(),
        group=READING,
        help="The day to which dates and years of birth are counted",
        unset="the latest date in the table",
        label="Date of the table",
        details="Dates become days since then, ages, or years as a customer. Where there are only "
        "dates of birth, the youngest customer is taken to be 18. A model keeps its day, unless "
        "`ilk predict` is told another.",
        on_form=False,
    )
    scale: Literal["standard", "robust", "minmax", "none"] = option(
        "standard",
        group=PREPARATION,
        help="How columns in different units are made comparable",
        label="Scale",
    )
    missing: Literal["median", "mean", "zero", "drop"] = option(
        "median",
        group=PREPARATION,
        help="How missing numbers are handled",
        label="Missing values",
        details="The median, the mean or zero is filled in; `drop` leaves the row out of the "
        "segments.",
    )
    skew: Literal["auto", "none", "log1p"] = option(
        "auto",
        group=PREPARATION,
        help="How skewed columns are handled",
        label="Skewed columns",
        details="`auto` takes logarithms where they straighten a column, `log1p` of every "
        "number. A column with negative values stays as it is.",
    )
    outliers: Literal["auto", "clip", "none"] = option(
        "auto",
        group=PREPARATION,
        help="How outliers are handled",
        label="Outliers",
        details="`auto` moves the few values far beyond all others to a limit, `clip` everything "
        "beyond the 1st and the 99th percentile. Profiles show the values as they are.",
    )
    onehot: Literal["matching", "unit", "raw"] = option(
        "matching",
        group=PREPARATION,
        help="How much a category counts beside a number",
        label="Weight of categories",
        details="A category becomes a column of 0 and 1 for each of its values. `matching` scales "
        "all of them alike, so that a category with two equally common values counts as much as a "
        "number; `unit` lets every category count as much as a number, even where nearly all "
        "customers have the same value; `raw` keeps 0 and 1.",
        on_form=False,
    )
    pca: int | float | None = option(
        None,
        Components(),
        group=PREPARATION,
        help="Cluster on principal components",
        unset="none",
        label="Principal components",
        details="`1` is one component; `1.0` is refused, because it could be either. `none` takes "
        "back what a recipe says. Profiles stay in the units of your columns.",
        suggestions={name_components(count): count for count in (0.8, 0.9, 0.95, 2, 3)},
    )
    restarts: int = option(
        10,
        WholeNumber(1, 1000),
        group=RUNNING,
        help="Random starts of k-means",
        label="Random starts",
        on_command_line=False,
        on_form=False,
    )
    seed: int = option(
        0,
        WholeNumber(0, 2**32 - 1),
        group=RUNNING,
        help="Seed of every random choice",
        label="Seed",
        details="The same seed gives the same segments.",
    )
    sample: int = option(
        200_000,
        WholeNumber(100),
        group=RUNNING,
        help="Number of rows used to find the segments",
        label="Rows in the sample",
        on_form=False,
    )
    polish: int = option(
        0,
        WholeNumber(0, 100),
        group=RUNNING,
        help="Maximum number of extra k-means iterations over all rows",
        label="Extra iterations",
        details="Where there are more rows than the sample holds, the centers move to the means of "
        "all customers, until an iteration gains less than 0.01%.",
        on_form=False,
    )
    min_customers: int = option(
        20,
        WholeNumber(2),
        group=RUNNING,
        help="Fewest customers that are segmented at all",
        label="Fewest customers",
        on_command_line=False,
        on_form=False,
    )
    reading: Reading = Reading()

    def __post_init__(self) -> None:
        """Check every choice; how to read a file may be given as a mapping."""
        super().__post_init__()
        object.__setattr__(self, "reading", _make_reading(self.reading))

    def to_toml(self) -> str:
        """The recipe as a TOML text that :func:`read_recipe` reads back.

        Examples
        --------
        >>> print(Recipe(k=5).to_toml().splitlines()[0])
        k = 5
        """
        import tomlkit

        return tomlkit.dumps(_drop_none(self.to_dict()))


OPTIONS: Mapping[str, Option] = MappingProxyType(
    {choice.name: choice for choice in (*list_options(Recipe), *list_options(Reading))}
)
"""Every option by its field."""

for _choices in (Recipe, Reading):
    _choices.__doc__ = str(_choices.__doc__).replace(
        "{parameters}", format_parameters(list_options(_choices))
    )


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
    return read_toml(path, "the recipe", "E_RECIPE")


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
    merged = {**(base or {}), **said}
    _check_names(merged, OPTIONS.keys() | {"reading"})
    reading = {name: merged.pop(name) for name in list(merged) if name in _READING_NAMES}
    if reading:
        merged["reading"] = {**_to_mapping(merged.get("reading", {})), **reading}
    recipe = Recipe(**merged)
    for contradiction in _find_contradictions(recipe):
        raise contradiction
    return recipe


def _find_contradictions(recipe: Recipe) -> Iterator[UsageError]:
    """Choices that no customers could meet, whoever they are."""
    if recipe.algorithm in ALGORITHMS_FINDING_K and recipe.k != "auto":
        yield UsageError(
            "E_CHOICE",
            f"{recipe.algorithm} finds the number of segments itself, "
            f"but {recipe.k} were asked for",
            place="{k}",
            way_out="Leave out {k}, or use another algorithm.",
            options=("k",),
        )
    if recipe.polish and recipe.algorithm in _ALGORITHMS_WITHOUT_CENTERS:
        yield UsageError(
            "E_POLISH",
            f"segments of {recipe.algorithm} have no centers that extra iterations could move",
            place="{polish}",
            way_out="Leave out {polish}, or use k-means.",
            options=("polish",),
        )
    if recipe.require_structure and recipe.fast:
        yield UsageError(
            "E_CONFLICT",
            "{fast} skips the test that {require_structure} needs",
            way_out="Leave out one of them.",
            options={"fast": True, "require_structure": True},
        )
    for problem, way_out in _find_impossible_sizes(recipe):
        yield UsageError(
            "E_CONFLICT",
            problem,
            place="{min_share}, {max_share}",
            way_out=way_out,
            options=("min_share", "max_share"),
        )


def _find_impossible_sizes(recipe: Recipe) -> Iterator[tuple[str, str]]:
    """Limits on size that contradict each other, or the number of segments; and the ways out."""
    least, most = format_percent(recipe.min_share), format_percent(recipe.max_share)
    if recipe.min_share > recipe.max_share:
        problem = f"no segment can have at least {least} and at most {most} of the customers"
        yield problem, "Make {min_share} the smaller one."
    if recipe.algorithm in ALGORITHMS_FINDING_K:
        return
    fewest = 2 if recipe.k == "auto" else recipe.k
    # Ten times 0.1 is 1, but not in every sum of binary fractions.
    if fewest * recipe.min_share > 1 + _SHARE_TOLERANCE:
        problem = f"{fewest} segments cannot have {least} of the customers each"
        yield problem, "Ask for fewer segments, or allow smaller ones."
    largest = recipe.k_max if recipe.k == "auto" else recipe.k
    if largest is not None and largest * recipe.max_share < 1 - _SHARE_TOLERANCE:
        problem = f"{largest} segments of at most {most} cannot hold all customers"
        yield problem, "Ask for more segments, or allow larger ones."


def _to_mapping(reading: object) -> dict[str, Any]:
    if isinstance(reading, Reading):
        return reading.to_dict()
    return dict(reading) if isinstance(reading, Mapping) else {}


def _make_reading(value: object) -> Reading:
    """How to read a file, from itself or from the table of a recipe file."""
    if isinstance(value, Reading):
        return value
    if not isinstance(value, Mapping):
        raise UsageError(
            "E_CHOICE",
            f"{shorten(value)} does not say how to read a file",
            place="reading",
            way_out='Use a mapping, such as {"decimal": ","}.',
        )
    _check_names(value, _READING_NAMES)
    return Reading(**value)


def _check_names(values: Mapping[str, Any], known: Collection[str]) -> None:
    for name in values:
        if name not in known:
            raise UsageError(
                "E_CHOICE",
                f"there is no option named {shorten(name)}",
                place="recipe",
                way_out=suggest_name(name, known),
            )


def _drop_none(value: dict[str, Any]) -> dict[str, Any]:
    """A mapping without what TOML cannot say."""
    return {
        name: _drop_none(inner) if isinstance(inner, dict) else inner
        for name, inner in value.items()
        if inner is not None
    }


_READING_NAMES = frozenset(choice.name for choice in list_options(Reading))
_SHARE_TOLERANCE = 1e-9
