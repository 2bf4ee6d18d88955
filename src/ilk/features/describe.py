"""What the encoder does to every feature, in sentences."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from ilk.columns.cell_notices import drop_doubts, find_doubtful_columns
from ilk.errors import Notice
from ilk.features.encoder import CategoricalEncoding, Encoder, NumericEncoding, PrincipalComponents
from ilk.formatting.numbers import format_count, format_number, format_percent
from ilk.formatting.text import join_words, list_columns
from ilk.recipe import Recipe

_MAX_SHARES_LISTED = 10
_MAX_EXTREMES_LISTED = 5


def describe_preprocessing(encoder: Encoder, recipe: Recipe) -> tuple[str, ...]:
    """One sentence per feature, in the order of the encoder, and one on principal components.

    Parameters
    ----------
    encoder : Encoder
    recipe : Recipe
        The options with which the encoder was fitted.

    Examples
    --------
    >>> age = NumericEncoding("Age", 36.0, None, None, False, center=38.85, scale=13.93)
    >>> print(describe_preprocessing(Encoder((age,)), Recipe())[0])
    Age: any missing values filled with the median (36), then standardized (mean 38.9, SD 13.9).
    """
    sentences = [
        _describe_numeric(column, recipe)
        if isinstance(column, NumericEncoding)
        else _describe_categorical(column)
        for column in encoder.columns
    ]
    if encoder.components is not None:
        sentences.append(_describe_components(encoder.components, len(encoder.encoded_names)))
    return tuple(sentences)


def list_encoder_notices(
    encoder: Encoder,
    recipe: Recipe,
    low: Mapping[str, int],
    high: Mapping[str, int],
    doubtful: Collection[str] = (),
) -> Iterator[Notice]:
    """Say which columns have no logarithm although it was chosen, and what counts as a limit.

    Parameters
    ----------
    encoder : Encoder
    recipe : Recipe
        The options with which the encoder was fitted.
    low, high : mapping of str to int
        Cells below the lower, and above the upper bound of a column.
    doubtful : collection of str
        Columns of which such values may stand for a missing one.

    Examples
    --------
    >>> income = NumericEncoding("Income", 50.0, None, 310.0, False, center=60.0, scale=20.0)
    >>> [notice] = list_encoder_notices(Encoder((income,)), Recipe(), {}, {"Income": 12})
    >>> notice.message.partition(";")[0]
    "far beyond all others: 12 values of 'Income' above 310"
    """
    if recipe.skew == "log1p":
        yield from _list_unlogged(encoder)
    extremes = describe_extremes(encoder, low, high)
    if recipe.outliers == "auto" and extremes:
        text = (
            f"far beyond all others: {extremes}; when segments are formed these values count as "
            "the limit, and all figures show them as they are; {outliers} forms the segments from "
            "them as they are"
        )
        if doubtful:
            text += f". Clear cells of {list_columns(sorted(doubtful))} that mean unknown"
        yield Notice("W_OUTLIERS", text, options={"outliers": "none"})


def join_cell_notices(
    notices: Iterable[Notice],
    encoder: Encoder,
    recipe: Recipe,
    low: Mapping[str, int],
    high: Mapping[str, int],
) -> tuple[Notice, ...]:
    """Notices about a table and those of :func:`list_encoder_notices`, once about each cell.

    Examples
    --------
    >>> visits = NumericEncoding("visits", 5.0, None, 31.0, False, center=6.0, scale=2.0)
    >>> doubt = Notice("W_STAND_IN", "far from all other values: 999 in 2 rows. Clear", "visits")
    >>> [both] = join_cell_notices([doubt], Encoder((visits,)), Recipe(), {}, {"visits": 2})
    >>> both.message.rpartition(". ")[2]
    "Clear cells of 'visits' that mean unknown"
    """
    notices = tuple(notices)
    clipped = {name for counts in (low, high) for name, count in counts.items() if count}
    is_told = recipe.outliers == "auto"
    both = find_doubtful_columns(notices) & clipped if is_told else frozenset()
    return (
        *drop_doubts(notices, both),
        *list_encoder_notices(encoder, recipe, low, high, both),
    )


def _list_unlogged(encoder: Encoder) -> Iterator[Notice]:
    unlogged = [
        column.name
        for column in encoder.columns
        if isinstance(column, NumericEncoding) and not column.log
    ]
    if not unlogged:
        return
    has, stays = ("has", "it stays as it is")
    if len(unlogged) > 1:
        has, stays = ("have", "they stay as they are")
    text = f"{list_columns(unlogged)} {has} negative values, which have no logarithm, so {stays}"
    yield Notice("W_NEGATIVE_LOG", text, unlogged[0] if len(unlogged) == 1 else None)


def describe_extremes(
    encoder: Encoder, low: Mapping[str, int], high: Mapping[str, int]
) -> str | None:
    """Which values are beyond the bounds of the encoder, and how many; ``None`` for no values.

    Examples
    --------
    >>> income = NumericEncoding("Income", 50.0, None, 310.0, False, center=60.0, scale=20.0)
    >>> describe_extremes(Encoder((income,)), {}, {"Income": 12})
    "12 values of 'Income' above 310"
    """
    extremes = []
    for column in encoder.columns:
        if not isinstance(column, NumericEncoding):
            continue
        for side, count, bound in (
            ("below", low.get(column.name), column.lower),
            ("above", high.get(column.name), column.upper),
        ):
            if count and bound is not None:
                values = format_count(count, "value")
                extremes.append(f"{values} of '{column.name}' {side} {format_number(bound)}")
    if len(extremes) > _MAX_EXTREMES_LISTED:
        extremes = [*extremes[:_MAX_EXTREMES_LISTED], "more"]
    return join_words(extremes) if extremes else None


def _describe_numeric(column: NumericEncoding, recipe: Recipe) -> str:
    steps = [_describe_fill(column.fill, recipe)]
    if column.is_clipped:
        steps.append(_describe_bounds(column))
    if column.log:
        steps.append("log-transformed as log(1 + x)")
    if recipe.scale != "none":
        steps.append(_describe_scale(column, recipe))
    return f"{column.name}: {', then '.join(steps)}."


def _describe_bounds(column: NumericEncoding) -> str:
    if column.lower is not None and column.upper is not None:
        return f"clipped to {format_number(column.lower)}–{format_number(column.upper)}"
    if column.lower is None:
        return f"clipped to at most {format_number(column.upper or 0.0)}"
    return f"clipped to at least {format_number(column.lower)}"


def _describe_fill(fill: float | None, recipe: Recipe) -> str:
    if fill is None:
        return "customers without a value get no segment"
    if recipe.missing == "zero":
        return "any missing values filled with 0"
    return f"any missing values filled with the {recipe.missing} ({format_number(fill)})"


def _describe_scale(column: NumericEncoding, recipe: Recipe) -> str:
    center, scale = format_number(column.center), format_number(column.scale)
    of_logs = " of the logarithms" if column.log else ""
    if recipe.scale == "standard":
        return f"standardized (mean {center}, SD {scale}{of_logs})"
    if recipe.scale == "minmax":
        high = format_number(column.center + column.scale)
        return f"rescaled to 0–1 (minimum {center}, maximum {high}{of_logs})"
    return f"scaled robustly (median {center}, spread {scale}{of_logs})"


def _describe_categorical(column: CategoricalEncoding) -> str:
    missing = "missing values belong to no level"
    if column.required:
        missing = "customers without a value get no segment"
    weight = "" if column.scale == 1 else f", weighted by {format_number(column.scale)}"
    levels = format_count(len(column.levels), "level")
    return f"{column.name}: one 0/1 column for each of {levels}{weight}; {missing}."


def _describe_components(components: PrincipalComponents, width: int) -> str:
    shares = ", ".join(map(format_percent, components.shares[:_MAX_SHARES_LISTED]))
    more = "" if len(components.shares) <= _MAX_SHARES_LISTED else " …"
    listed = f" ({shares}{more})" if len(components.shares) > 1 else ""
    kept = format_count(len(components.shares), "principal component")
    verb = "keeps" if len(components.shares) == 1 else "keep"
    return (
        f"All: {format_count(width, 'column')} projected onto {kept}, which {verb} "
        f"{format_percent(components.explained_variance)} of the variance{listed}."
    )
