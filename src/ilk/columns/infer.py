"""Understood: a table after the first scan, with what every column is and is used for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ilk.columns.cast import typed
from ilk.columns.roles import check_enough, decide
from ilk.columns.summary import Survey, survey
from ilk.errors import InputError, Notice
from ilk.progress import Advance
from ilk.recipe import Recipe
from ilk.schema import Schema
from ilk.tables.exclude import excluding, read_ids
from ilk.tables.source import Source


@dataclass(frozen=True)
class Surveyed:
    """A source, and what one scan of it counted and sampled."""

    source: Source
    survey: Survey


@dataclass(frozen=True)
class Understood:
    """A table and what was found out about it before anything is clustered.

    ``magnitudes`` holds the largest absolute value of every numeric column that is described.
    """

    source: Source
    schema: Schema
    sample: pl.DataFrame
    rows: int
    magnitudes: dict[str, float]
    notices: tuple[Notice, ...] = ()


def look(
    source: Source,
    recipe: Recipe,
    exclude: Path | Collection[str] = (),
    advance: Advance = lambda rows: None,
) -> Surveyed:
    """Scan a table once; of the recipe only ``id`` and ``sample`` matter.

    Raises
    ------
    InputError
        If a row cannot be read, or customers are to be excluded and no column holds their ids.

    Examples
    --------
    >>> import ilk
    >>> from ilk.tables.source import open_source
    >>> look(open_source(ilk.demo.load("mall")), Recipe()).survey.rows
    200
    """
    seen = _summarize_with_recipe(source, recipe, advance)
    if not exclude:
        return Surveyed(source, seen)
    id_column = _require_id_column(decide(seen, recipe)[0])
    objected = read_ids(exclude, id_column) if isinstance(exclude, Path) else exclude
    source = excluding(source, id_column, objected)
    return Surveyed(source, _summarize_with_recipe(source, recipe, lambda rows: None))


def consider(summarized: Surveyed, recipe: Recipe) -> Understood:
    """Decide what every column is used for, without reading the table again.

    Raises
    ------
    InputError
        If there are too few customers, or no column can shape segments as it is.

    Examples
    --------
    >>> import ilk
    >>> from ilk.tables.source import open_source
    >>> surveyed = look(open_source(ilk.demo.load("mall")), Recipe())
    >>> [column.name for column in consider(surveyed, Recipe(describe=("Age",))).schema.features]
    ['Annual Income (k$)', 'Spending Score (1-100)']
    """
    source, seen = summarized.source, summarized.survey
    check_enough(seen.rows, recipe)
    schema, notices = decide(seen, recipe)
    return Understood(
        source=source,
        schema=schema,
        sample=typed(seen.sample, schema.described, source.numerals),
        rows=seen.rows,
        magnitudes=_compute_max_abs_values(seen, schema),
        notices=(*source.notices, *notices),
    )


def _summarize_with_recipe(source: Source, recipe: Recipe, advance: Advance) -> Survey:
    ids = () if recipe.id is None else (recipe.id,)
    return survey(source, sample_size=recipe.sample, id_columns=ids, advance=advance)


def _compute_max_abs_values(summary: Survey, schema: Schema) -> dict[str, float]:
    """Largest absolute value of every described number, over all rows."""
    numbers = (column.name for column in schema.described if column.kind == "number")
    bounds = ((name, summary.tallies[name]) for name in numbers)
    return {name: max(abs(tally.low or 0.0), abs(tally.high or 0.0)) for name, tally in bounds}


def _require_id_column(schema: Schema) -> str:
    if schema.id is None:
        raise InputError(
            "E_NO_ID",
            "customers cannot be excluded, because no column holds their ids",
            place="--exclude-ids",
            way_out="Name the id column with --id.",
        )
    return schema.id
