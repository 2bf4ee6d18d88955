"""From a source to a schema: the first scan, and what every column is and is used for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from ilk.cluster.partition import Floats
from ilk.cluster.weighted_rows import count_customers
from ilk.columns.cast import cast_columns
from ilk.columns.date_cells import compute_max_time
from ilk.columns.roles import check_n_customers, infer_roles
from ilk.columns.screen import screen_features
from ilk.columns.summary import TableSummary, summarize
from ilk.columns.totals import CellFilter, find_totals_row
from ilk.columns.weights import RowWeights
from ilk.errors import InputError, Notice, shorten
from ilk.formatting.numbers import format_count
from ilk.progress import AdvanceCallback
from ilk.recipe import Recipe
from ilk.schema import Schema
from ilk.tables.base import NotedSource, ReformattedSource, Source
from ilk.tables.exclude import exclude_ids, read_ids
from ilk.tables.files import find_largest_sheet
from ilk.tables.map_frames import DistributedSource
from ilk.tables.text.decimal_marks import decide_number_format
from ilk.tables.text.dialect import name_character

_MAX_REPEATED = 200_000
"""Customers for whom rows are repeated; of more, a sample."""


@dataclass(frozen=True)
class SummarizedSource:
    """A source with its summary, and the column that names its rows, if one does."""

    source: Source
    summary: TableSummary
    index: str | None = None


@dataclass(frozen=True)
class InferredSchema:
    """A table with its schema and a cast sample, before anything is clustered.

    ``max_abs_values`` holds the largest absolute value of every number that profiles show. Where
    rows have ``weights``, their column stands in the source and in the sample.
    """

    source: Source
    schema: Schema
    sample: pl.DataFrame
    n_rows: int
    max_abs_values: dict[str, float]
    notices: tuple[Notice, ...] = ()
    weights: RowWeights | None = None

    @property
    def sample_weights(self) -> Floats | None:
        """The weights of the rows of the sample."""
        return None if self.weights is None else self.sample[self.weights.name].to_numpy()

    def repeat_sample(self, seed: int, *, always_max: bool = False) -> pl.DataFrame:
        """The sample with every row as often as it counts: see :func:`count_customers`."""
        if self.weights is None:
            return self.sample
        ordered = self.sample.sort(self.sample.columns)
        weights = ordered[self.weights.name].to_numpy()
        counts = count_customers(weights, _MAX_REPEATED, seed, always_max=always_max)
        return ordered[np.repeat(np.arange(len(counts)), counts)]


def summarize_source(
    source: Source,
    recipe: Recipe,
    exclude: Path | Collection[str] = (),
    advance: AdvanceCallback = lambda rows: None,
) -> SummarizedSource:
    """Scan a table once; of the recipe only ``id`` and ``sample`` matter.

    Raises
    ------
    InputError
        If a row cannot be read, or customers are to be excluded and no column holds their IDs.

    Examples
    --------
    >>> import ilk
    >>> from ilk.tables.source import open_source
    >>> summarize_source(open_source(ilk.demo.load("mall")), Recipe()).summary.n_rows
    200
    """
    index: str | None = getattr(source, "index", None)
    source, summary = _summarize_with_recipe(source, recipe, advance)
    if not exclude:
        return SummarizedSource(source, summary, index)
    id_column = _require_id_column(infer_roles(summary, recipe, index)[0])
    excluded_ids = read_ids(exclude, id_column) if isinstance(exclude, Path) else exclude
    source = exclude_ids(source, id_column, excluded_ids)
    source, summary = _summarize_with_recipe(source, recipe, lambda rows: None)
    return SummarizedSource(source, summary, index)


def infer_schema(
    summarized: SummarizedSource, recipe: Recipe, weights: RowWeights | None = None
) -> InferredSchema:
    """Decide what every column is used for, without reading the table again.

    Kinds and roles follow from the rows as they are, since a weight makes no column an ID or
    a category; whether a column depends on others, from the customers that they stand for.

    Raises
    ------
    InputError
        If there are too few customers, or no column can be used for segmentation.

    Examples
    --------
    >>> import ilk
    >>> from ilk.tables.source import open_source
    >>> summarized = summarize_source(open_source(ilk.demo.load("mall")), Recipe())
    >>> inferred = infer_schema(summarized, Recipe(describe=("Age",)))
    >>> [column.name for column in inferred.schema.features]
    ['Annual Income (k$)', 'Spending Score (1-100)']
    """
    source, summary = summarized.source, summarized.summary
    weight_columns = () if weights is None else (weights.column,)
    for column in weight_columns:
        summary = summary.drop(column.name)
    _check_size(source, summary.n_rows, recipe)
    schema, notices = infer_roles(summary, recipe, summarized.index)
    inferred = InferredSchema(
        source=source,
        schema=schema,
        sample=cast_columns(
            summarized.summary.sample,
            (*schema.profile_columns, *weight_columns),
            source.number_format,
        ),
        n_rows=summary.n_rows,
        max_abs_values=_compute_max_abs_values(summary, schema),
        notices=(*source.notices, *notices),
        weights=weights,
    )
    if recipe.features:
        return inferred
    schema, screened = screen_features(schema, inferred.repeat_sample(recipe.seed))
    return replace(inferred, schema=schema, notices=(*inferred.notices, *screened))


def _check_size(source: Source, n_customers: int, recipe: Recipe) -> None:
    """Refuse a table with too few customers, and say which sheet of a workbook has more."""
    try:
        check_n_customers(n_customers, recipe)
    except InputError as error:
        if "sheet" not in source.read_details or recipe.reading.sheet is not None:
            raise
        sheet, n_rows = find_largest_sheet(source.paths[0])
        if n_rows <= n_customers:
            raise
        raise InputError(
            error.code,
            f"in sheet {source.read_details['sheet'].partition(':')[0]} {error.message}",
            way_out=f"Sheet '{sheet}' has {format_count(n_rows, 'row')}: read it with {{sheet}}.",
            options={"sheet": sheet},
        ) from error


def _summarize_with_recipe(
    source: Source, recipe: Recipe, advance: AdvanceCallback
) -> tuple[Source, TableSummary]:
    """The summary, and the source as all of its rows show that it has to be read."""
    ids = () if recipe.id is None else (recipe.id,)
    summary = summarize(source, sample_size=recipe.sample, id_columns=ids, advance=advance)
    for change in (_detect_format, _drop_totals):
        changed = change(source, summary, recipe)
        if changed is not None:
            source = changed
            summary = summarize(source, sample_size=recipe.sample, id_columns=ids)
    return source, summary


def _drop_totals(source: Source, summary: TableSummary, recipe: Recipe) -> Source | None:
    """The source without a row of totals, if there is one."""
    if isinstance(source, DistributedSource):  # its rows have no order
        return None
    row = find_totals_row(summary)
    if row is None:
        return None
    name = f" ({shorten(row.label)})" if row.label else ""
    message = f"row {row.number:,}{name} holds the totals of the others and was left out"
    kept = source.filter_rows(CellFilter(row.cells))
    return NotedSource(kept, (Notice("W_TOTALS", message),))


def _detect_format(source: Source, summary: TableSummary, recipe: Recipe) -> Source | None:
    """The source with another number format, if its first rows did not show the right one."""
    marks = {
        name: stats.marks for name, stats in summary.column_stats.items() if stats.marks is not None
    }
    if not marks:
        return None
    # What is still ambiguous is decided as it was for the first rows.
    delimiter = ";" if source.number_format.decimal == "," else ","
    found, reasons, notices = decide_number_format(marks, delimiter, recipe.reading)
    if found == source.number_format:
        return None
    details = {
        name: f"{name_character(mark)}: {reason.removesuffix(' in the first rows')}"
        for name, mark, reason in zip(
            ("decimal", "thousands"), (found.decimal, found.thousands), reasons, strict=True
        )
    }
    return ReformattedSource(source, found, details, notices)


def _compute_max_abs_values(summary: TableSummary, schema: Schema) -> dict[str, float]:
    """Largest absolute value, over all rows, of every number that profiles show."""
    return {
        column.name: summary.column_stats[column.source].max_abs_value
        if column.conversion is None
        else compute_max_time(column.conversion)
        for column in schema.profile_columns
        if column.kind == "number"
    }


def _require_id_column(schema: Schema) -> str:
    if schema.id is None:
        raise InputError(
            "E_NO_ID",
            "customers cannot be excluded because no column holds customer IDs",
            place="{exclude}",
            way_out="Name the ID column with {id}.",
            options=("exclude", "id"),
        )
    return schema.id
