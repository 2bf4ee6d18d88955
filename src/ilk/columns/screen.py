"""Which of the usable columns are used for segmentation: those that depend on others.

A column that is independent of all others has no part in any segments that these form, but every
clustering method would cut along it all the same. It is shown in profiles only.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ilk.cluster.kmeans.restarts import run_restarts
from ilk.cluster.weighted_rows import deduplicate_rows
from ilk.errors import Notice
from ilk.formatting.text import list_columns
from ilk.schema import Column, Schema
from ilk.selection.dependence import LEVEL, MAX_TESTED_ROWS, measure_dependence
from ilk.selection.null_models import MAX_DISCRETE_VALUES
from ilk.selection.valley_test import ValleyTest
from ilk.tables.sample import RowSample

_MAX_GROUPS = 6
"""Groups that are looked for in one column."""

INDEPENDENT = "independent of all other columns"
UNGROUPED = "independent of all other columns and without groups of its own"


def screen_features(schema: Schema, sample: pl.DataFrame) -> tuple[Schema, tuple[Notice, ...]]:
    """Show features in profiles only that have nothing to do with the others.

    Where fewer than two features depend on others, those with groups of their own are kept; where
    there are none of these either, all features are.

    Parameters
    ----------
    schema : Schema
    sample : polars.DataFrame
        Its features, cast.

    Examples
    --------
    >>> from ilk.schema import Column
    >>> x = np.linspace(0.0, 1.0, 400)
    >>> frame = pl.DataFrame({"x": x, "square": x**2, "coin": ["heads", "tails"] * 200})
    >>> schema = Schema(
    ...     tuple(Column(name, kind, "feature", "") for name, kind in
    ...     (("x", "number"), ("square", "number"), ("coin", "category")))
    ... )
    >>> [column.role for column in screen_features(schema, frame)[0]]
    ['feature', 'feature', 'describe']
    """
    features = schema.features
    if len(features) < 2:
        return schema, ()
    names = [column.name for column in features]
    rows = RowSample.of(sample.select(names), max_rows=MAX_TESTED_ROWS).frame
    columns = [_to_array(rows[column.name], column.kind) for column in features]
    dependent = {
        name
        for name, dependence in zip(names, measure_dependence(columns), strict=True)
        if dependence.is_dependent
    }
    if len(dependent) >= 2:
        return _demote(schema, dependent, INDEPENDENT)
    grouped = {
        name
        for name, values in zip(names, columns, strict=True)
        if _has_groups(values, len(columns))
    }
    return _demote(schema, grouped, UNGROUPED) if grouped else (schema, ())


def _to_array(cells: pl.Series, kind: str) -> NDArray[np.float64] | NDArray[np.intp]:
    """Numbers, or the codes of levels, -1 where missing."""
    if kind == "number":
        return cells.to_numpy().astype(np.float64)
    levels = cells.drop_nulls().unique().sort()
    codes = cells.cast(pl.Enum(levels)).to_physical().cast(pl.Int64).fill_null(-1)
    return codes.to_numpy().astype(np.intp)


def _has_groups(values: NDArray[np.float64] | NDArray[np.intp], n_columns: int) -> bool:
    """Whether valleys divide a number into groups.

    Few different values have gaps between them without being groups.
    """
    if not np.issubdtype(values.dtype, np.floating):
        return False
    rows = deduplicate_rows(values[~np.isnan(values)][:, None].astype(np.float64))
    if len(rows) <= MAX_DISCRETE_VALUES:
        return False
    test = ValleyTest(rows, partial(run_restarts, starts=10, seed=0), n_tests=n_columns)
    separations = test.find_separations(range(2, _MAX_GROUPS + 1))
    return any(separation.n_groups == k for k, separation in separations.items())


def _demote(
    schema: Schema, kept: Collection[str], reason: str
) -> tuple[Schema, tuple[Notice, ...]]:
    """Show all features but those kept in profiles only, and say so."""
    demoted = [column.name for column in schema.features if column.name not in kept]
    if not demoted:
        return schema, ()
    columns = tuple(
        replace(column, role="describe", reason=_tell_reason(column, reason))
        if column.name in demoted
        else column
        for column in schema
    )
    return Schema(columns), (_build_notice(demoted, reason),)


def _tell_reason(column: Column, reason: str) -> str:
    """The reason, with what it said of a column that has to be told in any case."""
    is_told = column.is_value or column.conversion is not None
    return f"{column.reason}; {reason}" if is_told else reason


def _build_notice(demoted: Sequence[str], reason: str) -> Notice:
    remedy = "shown in profiles only; name the columns to use with {features} to decide yourself"
    tested = f"tested at the {LEVEL:.0%} level"
    if len(demoted) == 1:  # surfaces put the column in front
        text = f"{reason} ({tested}), so it is {remedy}"
        return Notice("W_INDEPENDENT", text, demoted[0], ("features",))
    reason = reason.replace("its own", "their own")
    text = f"{list_columns(demoted)} are {reason} ({tested}), so they are {remedy}"
    return Notice("W_INDEPENDENT", text, options=("features",))
