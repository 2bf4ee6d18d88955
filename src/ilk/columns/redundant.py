"""Redundant columns: features with the same information as another feature."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ilk.columns.kinds import ColumnEvidence
from ilk.stats.outliers import clip_outliers

COPY_CORRELATION = 0.9999
"""From this absolute correlation on, two numbers hold the same information."""

_MIN_ROWS_PER_LEVEL = 5
_MAX_EXCEPTIONS = 0.01

REDUNDANT_CORRELATION = 0.99
"""From this absolute correlation on, a number adds almost nothing to another."""


def find_redundant_columns(
    numbers: Sequence[ColumnEvidence], categories: Sequence[ColumnEvidence]
) -> dict[str, str]:
    """Find columns that repeat an earlier one, and the reasons for leaving them out.

    Parameters
    ----------
    numbers, categories : sequence of ColumnEvidence
        The features of either kind, in the order of the table.

    Returns
    -------
    dict
        Reason by column; the first of several redundant columns is kept.

    Examples
    --------
    >>> from ilk.columns.summary import summarize_frame
    >>> from ilk.tables.number_format import NumberFormat
    >>> frame = pl.DataFrame({"cm": [150.0, 160.0, 175.0], "m": [1.5, 1.6, 1.75]})
    >>> summary = summarize_frame(frame, NumberFormat())
    >>> find_redundant_columns([ColumnEvidence(name, summary) for name in ("cm", "m")], [])
    {'m': "same information as 'cm'"}
    """
    return _find_redundant_numbers(numbers) | _find_redundant_categories(categories)


def _find_redundant_numbers(columns: Sequence[ColumnEvidence]) -> dict[str, str]:
    if len(columns) < 2:
        return {}
    # Rows that are extreme in two columns would make these look the same.
    correlation = np.abs(
        _compute_correlations(np.stack([clip_outliers(column.values) for column in columns]))
    )
    reasons: dict[str, str] = {}
    for later, column in enumerate(columns):
        kept = [i for i in range(later) if columns[i].name not in reasons]
        nearest = max(kept, key=lambda i: float(correlation[i, later]), default=None)
        if nearest is not None and correlation[nearest, later] >= REDUNDANT_CORRELATION:
            reasons[column.name] = _explain_redundancy(
                columns[nearest].name, correlation[nearest, later]
            )
    return reasons


def _explain_redundancy(other: str, correlation: float) -> str:
    if correlation >= COPY_CORRELATION:
        return f"same information as '{other}'"
    return f"almost the same information as '{other}' (correlation {correlation:.3f})"


def _compute_correlations(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Correlations of the rows of an array, whose gaps count as the mean of the row."""
    present = ~np.isnan(values)
    counts = np.maximum(present.sum(axis=1, keepdims=True), 1)
    means = np.where(present, values, 0.0).sum(axis=1, keepdims=True) / counts
    deviations = np.where(present, values - means, 0.0)
    # Scaled first: the squares of very large numbers would overflow.
    largest = np.abs(deviations).max(axis=1, keepdims=True)
    deviations /= np.where(largest > 0, largest, 1.0)
    norms = np.sqrt((deviations**2).sum(axis=1, keepdims=True))
    units: NDArray[np.float64] = deviations / np.where(norms > 0, norms, 1.0)
    return units @ units.T


def _find_redundant_categories(columns: Sequence[ColumnEvidence]) -> dict[str, str]:
    reasons: dict[str, str] = {}
    for later, column in enumerate(columns):
        for earlier in columns[:later]:
            if earlier.name not in reasons and have_same_groups(earlier, column):
                reasons[column.name] = f"same information as '{earlier.name}'"
                break
    return reasons


def find_implied_categories(columns: Sequence[ColumnEvidence]) -> dict[str, str]:
    """Find categories that follow from a finer one, as a country from a city, and that one.

    Both together would count the coarser one twice. One row in a hundred may be an exception.

    Examples
    --------
    >>> from ilk.columns.summary import summarize_frame
    >>> from ilk.tables.number_format import NumberFormat
    >>> frame = pl.DataFrame(
    ...     {"city": ["Rome", "Milan", "Oslo"] * 5, "country": ["Italy", "Italy", "Norway"] * 5}
    ... )
    >>> summary = summarize_frame(frame, NumberFormat())
    >>> find_implied_categories([ColumnEvidence(name, summary) for name in ("city", "country")])
    {'country': 'city'}
    """
    implied: dict[str, str] = {}
    for coarse in columns:
        finer = [fine for fine in columns if fine.n_levels > coarse.n_levels > 1]
        for fine in sorted(finer, key=lambda column: column.n_levels):
            if _follows_from(coarse.texts, fine.texts):
                implied[coarse.name] = fine.name
                break
    return implied


def _follows_from(coarse: pl.Series, fine: pl.Series) -> bool:
    """Whether nearly every row has the coarse level that is usual for its fine one."""
    pairs = pl.DataFrame([coarse.alias("coarse"), fine.alias("fine")]).drop_nulls("fine")
    # With few rows to a level, any other category would seem to follow from it.
    if pairs.height < _MIN_ROWS_PER_LEVEL * fine.drop_nulls().n_unique():
        return False
    counts = pairs.group_by("fine", "coarse").len()
    usual = counts.group_by("fine").agg(pl.col("len").max())["len"].sum()
    commonest = counts.group_by("coarse").agg(pl.col("len").sum())["len"].max()
    # Where nearly all rows have one level, few exceptions prove nothing.
    n_usual, n_commonest = int(str(usual)), int(str(commonest))
    exceptions, informative = pairs.height - n_usual, pairs.height - n_commonest
    return exceptions <= _MAX_EXCEPTIONS * pairs.height and 10 * exceptions <= informative


def have_same_groups(first: ColumnEvidence, second: ColumnEvidence) -> bool:
    """Whether two categories group the rows in the same way, whatever the levels are called."""
    if first.n_levels != second.n_levels or first.stats.null_category != second.stats.null_category:
        return False
    pairs = pl.DataFrame([first.texts.alias("one"), second.texts.alias("other")])
    return pairs.n_unique() == first.texts.n_unique() == second.texts.n_unique()
