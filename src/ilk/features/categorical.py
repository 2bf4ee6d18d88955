"""One category as 0/1 columns, one per level, scaled as a block."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ilk.recipe import Recipe
from ilk.schema import Entries

Floats = NDArray[np.float64]

UNSEEN_CODE, MISSING_CODE = -1, -2
"""Codes of a cell whose level was not in the training data, and of a cell without a value."""

MATCHING_SCALE = math.sqrt(2)
"""With it, the columns of a category with two equally common levels have a variance of 1 together,
as a number has. Every two levels are equally far apart, in every category."""

_MIN_CELLS_FOR_CAST = 300


@dataclass(frozen=True)
class CategoricalEncoding:
    """How one category is encoded: ``scale`` in the column of its level, 0 in the others.

    A missing value, or a level that was not in the training data, is 0 everywhere. If ``required``,
    a row without a value is not usable.

    Examples
    --------
    >>> plan = CategoricalEncoding("plan", ("basic", "gold"), scale=2.0)
    >>> plan.encode(plan.find_codes(pl.Series(["gold", "silver"]))).tolist()
    [[0.0, 2.0], [0.0, 0.0]]
    """

    name: str
    levels: Entries[str]
    scale: float
    required: bool = False

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the encoded columns."""
        return tuple(f"{self.name}={level}" for level in self.levels)

    def find_codes(self, cells: pl.Series) -> NDArray[np.int64]:
        """Position of the level of every cell, or ``UNSEEN_CODE`` or ``MISSING_CODE``."""
        # A cast takes as long as looking up a few hundred cells, which is slow for one customer.
        if len(cells) < _MIN_CELLS_FOR_CAST:
            positions = self._positions
            return np.array([positions.get(cell, UNSEEN_CODE) for cell in cells], dtype=np.int64)
        known = cells.cast(pl.Enum(self.levels), strict=False)
        codes = known.to_physical().cast(pl.Int64)
        if known.null_count() == 0:
            return codes.to_numpy()
        return np.where(cells.is_null(), MISSING_CODE, codes.fill_null(UNSEEN_CODE).to_numpy())

    def encode(self, codes: NDArray[np.int64]) -> Floats:
        """Encode codes, shape (n,), to an array of shape (n, number of levels)."""
        return self._encoded_rows[codes]

    def encode_into(self, codes: NDArray[np.int64], columns: Floats) -> None:
        """Encode codes into ``columns``, shape (number of levels, n)."""
        if len(codes) < _MIN_CELLS_FOR_CAST:
            columns[:] = self._encoded_rows[codes].T
            return
        for position, column in enumerate(columns):
            np.multiply(codes == position, self.scale, out=column)

    @cached_property
    def _positions(self) -> dict[str | None, int]:
        return {None: MISSING_CODE} | {
            level: position for position, level in enumerate(self.levels)
        }

    @cached_property
    def _encoded_rows(self) -> Floats:
        """The encoded row of every code: the last two, picked by negative codes, are zeros."""
        size = len(self.levels)
        return np.vstack([np.eye(size) * self.scale, np.zeros((2, size))])

    def decode(self, encoded: Floats) -> list[str | None]:
        """The level with the largest value in every row; none where no value is above 0."""
        best = encoded.argmax(axis=1)
        is_known = encoded.max(axis=1) > 0
        return [
            self.levels[position] if known else None
            for position, known in zip(best.tolist(), is_known.tolist(), strict=True)
        ]


def fit_categorical(
    name: str, cells: pl.Series, recipe: Recipe, n_parts: int = 1
) -> CategoricalEncoding:
    """Fit the encoding of one category.

    With ``onehot="matching"`` the scale is the same for all categories: the squared distance of two
    customers then counts in how many of them they differ. With ``"unit"`` the variances p (1 - p)
    of its columns, p being the share of a level among all rows, add up to 1 once scaled. Where
    nearly all customers share a level, the others are then very far away.

    Parameters
    ----------
    name : str
        The column.
    cells : polars.Series
        Its levels, null where missing.
    recipe : Recipe
        ``onehot`` and ``missing``.
    n_parts : int
        How many categories were made from one column: together they count as much as one.

    Examples
    --------
    >>> plan = fit_categorical("plan", pl.Series(["basic", "gold"]), Recipe())
    >>> round(plan.scale**2 * (0.5 * 0.5 + 0.5 * 0.5), 12)
    1.0
    """
    counts = cells.drop_nulls().value_counts().sort(by=cells.name)
    levels = tuple(counts.to_series(0).to_list())
    shares = [count / len(cells) for count in counts.to_series(1).to_list()]
    scale = _compute_scale(shares, recipe)
    if recipe.onehot != "raw":
        scale /= math.sqrt(n_parts)
    return CategoricalEncoding(name, levels, scale, required=recipe.missing == "drop")


def _compute_scale(shares: Sequence[float], recipe: Recipe) -> float:
    """The value of a cell in the column of its level; ``shares`` are those of the levels."""
    variance = math.fsum(share * (1 - share) for share in shares)
    if recipe.onehot == "raw" or not variance > 0:
        return 1.0
    return MATCHING_SCALE if recipe.onehot == "matching" else 1 / math.sqrt(variance)
