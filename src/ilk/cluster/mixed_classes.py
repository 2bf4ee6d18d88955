"""Latent classes of rows with categories and numbers.

Within a class all columns are independent: a category has its probabilities, and a number is
normal with a mean and a variance of its own [1]_. Gaussian mixtures take the 0/1 columns of a
category for numbers, which they are not.

.. [1] J. K. Vermunt, J. Magidson (2002). Latent class cluster analysis. In: Applied Latent Class
   Analysis, 89-106. Cambridge University Press.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ilk.cluster.latent_classes import LatentClasses, LevelColumns, add_in_logs, estimate_classes
from ilk.cluster.partition import Floats
from ilk.cluster.weighted_rows import WeightedRows

_MAX_ITER = 300
_TOL = 1e-6  # of the mean log-likelihood


def find_category_blocks(values: Floats) -> list[slice]:
    """Neighboring columns of 0 and one other value, of which no row has two: the categories.

    Examples
    --------
    >>> rows = [[3.5, 1, 0, 0, 2], [1.5, 0, 1, 2, 0], [2.5, 0, 0, 0, 2]]
    >>> find_category_blocks(np.array(rows))
    [slice(1, 3, None), slice(3, 5, None)]
    """
    blocks: list[slice] = []
    for j, column in enumerate(values.T):
        if column.min() != 0 or len(np.unique(column)) != 2:
            continue
        last = blocks[-1] if blocks else slice(-1, -1)
        block = values[:, last]
        continues = last.stop == j and block.max() == column.max()
        if continues and not (block.any(axis=1) & (column > 0)).any():
            blocks[-1] = slice(last.start, j + 1)
        else:
            blocks.append(slice(j, j + 1))
    return [block for block in blocks if block.stop - block.start > 1]


@dataclass(frozen=True)
class MixedTable:
    """Weighted rows, divided into the levels of categories and numbers of variance 1.

    ``level_columns`` and ``number_columns`` are their positions among the columns of the rows;
    ``blocks`` are the categories among the levels. ``scales``, shape (d,), are the units: the value
    of a present level, and the standard deviation of a number.
    """

    levels: Floats
    numbers: Floats
    weights: Floats
    blocks: Sequence[slice]
    level_columns: NDArray[np.intp]
    number_columns: NDArray[np.intp]
    scales: Floats

    @classmethod
    def of(cls, rows: WeightedRows, blocks: Sequence[slice]) -> MixedTable:
        """Divide encoded rows; ``blocks`` are the columns of each category."""
        values = rows.values
        columns = LevelColumns.of(blocks)
        level_columns = columns.positions
        number_columns = np.setdiff1d(np.arange(values.shape[1]), level_columns)
        mean = np.average(values, axis=0, weights=rows.weights)
        scales = np.sqrt(np.average((values - mean) ** 2, axis=0, weights=rows.weights))
        scales[level_columns] = values[:, level_columns].max(axis=0)
        scales[scales == 0] = 1.0
        return cls(
            columns.take_levels(values),
            values[:, number_columns] / scales[number_columns],
            rows.weights,
            columns.blocks,
            level_columns,
            number_columns,
            scales,
        )


@dataclass(frozen=True)
class MixedClasses:
    """Estimated classes: those of the levels, and means and variances of numbers, (k, m)."""

    classes: LatentClasses
    means: Floats
    variances: Floats

    def compute_joint(self, table: MixedTable) -> Floats:
        """The logarithms of share times density, up to a constant: shape (n, k)."""
        joint = self.classes.compute_joint(table.levels)
        for label, (mean, variance) in enumerate(zip(self.means, self.variances, strict=True)):
            squared = (table.numbers - mean) ** 2 / variance
            joint[:, label] -= (squared.sum(axis=1) + np.log(variance).sum()) / 2
        return joint


def fit_mixed_classes(
    table: MixedTable, starts: Sequence[NDArray[np.integer]], k: int, min_variance: float
) -> tuple[MixedClasses, Floats]:
    """The most likely classes that the EM algorithm arrives at, and the memberships, (n, k).

    Parameters
    ----------
    table : MixedTable
    starts : sequence of ndarray of shape (n,)
        0-based clusters to start from.
    k : int
        Number of classes.
    min_variance : float
        Smallest variance of a number within a class, in units of its variance.
    """
    fits = [_run_em(table, np.eye(k)[labels], min_variance) for labels in starts]
    _, best, memberships = max(fits, key=lambda fit: fit[0])
    return best, memberships


def _run_em(
    table: MixedTable, memberships: Floats, min_variance: float
) -> tuple[float, MixedClasses, Floats]:
    overall = table.weights @ table.levels + 0.5
    prior = np.concatenate([overall[block] / overall[block].sum() for block in table.blocks])
    previous = -np.inf
    for _ in range(_MAX_ITER):
        found = _estimate(table, memberships, prior, min_variance)
        joint = found.compute_joint(table)
        totals = add_in_logs(joint)
        mean = float(np.average(totals, weights=table.weights))
        memberships = np.exp(joint - totals[:, None])
        if mean - previous < _TOL:
            break
        previous = mean
    return mean, found, memberships


def _estimate(
    table: MixedTable, memberships: Floats, prior: Floats, min_variance: float
) -> MixedClasses:
    weighted = table.weights[:, None] * memberships
    classes = estimate_classes(table.levels, weighted, table.blocks, prior)
    sizes = np.maximum(weighted.sum(axis=0), np.finfo(float).tiny)[:, None]
    means = weighted.T @ table.numbers / sizes
    squares = [
        part @ (table.numbers - mean) ** 2 for part, mean in zip(weighted.T, means, strict=True)
    ]
    variances = np.stack(squares) / sizes
    return MixedClasses(classes, means, np.maximum(variances, min_variance))


def to_gaussian(found: MixedClasses, table: MixedTable) -> tuple[Floats, Floats, Floats]:
    """Weights, means and roots of a Gaussian mixture that assigns every row as the classes do.

    With b = 0 or 1 for a level, b times its logarithm of probability is -(b - l)² / 2 up to a
    constant of the row and one of the class; the latter goes into the weight.
    """
    log = found.classes.log_probabilities
    logs = log - log.mean(axis=0)
    k, d = len(log), len(table.scales)
    means, roots = np.empty((k, d)), np.zeros((k, d, d))
    means[:, table.level_columns] = logs
    means[:, table.number_columns] = found.means
    diagonals = np.ones((k, d))
    diagonals[:, table.number_columns] = found.variances**-0.5
    roots[:, np.arange(d), np.arange(d)] = diagonals / table.scales
    log_weights = found.classes.log_shares + (logs**2).sum(axis=1) / 2
    weights = np.exp(log_weights - log_weights.max())
    return weights / weights.sum(), means * table.scales, roots
