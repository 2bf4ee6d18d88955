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


def have_same_groups(first: ColumnEvidence, second: ColumnEvidence) -> bool:
    """Whether two categories group the rows in the same way, whatever the levels are called."""
    if first.n_levels != second.n_levels or first.stats.null_category != second.stats.null_category:
        return False
    pairs = pl.DataFrame([first.texts.alias("one"), second.texts.alias("other")])
    return pairs.n_unique() == first.texts.n_unique() == second.texts.n_unique()
