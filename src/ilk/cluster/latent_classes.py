"""Latent classes: groups of customers within which categories are independent of each other.

Each class has its share of the customers and, for every category, the probabilities of its levels
[1]_. They are estimated by the EM algorithm, which starts from known clusters.

.. [1] P. F. Lazarsfeld, N. W. Henry (1968). Latent Structure Analysis. Houghton Mifflin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ilk.cluster.partition import Floats

_MAX_ITER = 50
_TOL = 1e-4  # of the mean log-likelihood


@dataclass(frozen=True)
class LevelColumns:
    """Which columns of encoded rows hold the levels of categories.

    ``positions``, (m,), are theirs among all columns; ``blocks`` are the categories among these m.

    Examples
    --------
    >>> columns = LevelColumns.of([slice(1, 3), slice(4, 6)])
    >>> columns.positions, columns.blocks
    (array([1, 2, 4, 5]), [slice(0, 2, None), slice(2, 4, None)])
    """

    positions: NDArray[np.intp]
    blocks: Sequence[slice]

    @classmethod
    def of(cls, blocks: Sequence[slice]) -> LevelColumns:
        """Those of some categories, given by their columns."""
        ends = np.cumsum([block.stop - block.start for block in blocks]).tolist()
        return cls(
            np.concatenate([np.arange(block.start, block.stop) for block in blocks]),
            [slice(start, end) for start, end in zip([0, *ends], ends, strict=False)],
        )

    def take_levels(self, values: Floats) -> Floats:
        """The levels of rows: 1 in the column of a row's level, 0 in the others of its category."""
        return (values[:, self.positions] > 0).astype(np.float64)


@dataclass(frozen=True)
class LatentClasses:
    """Estimated classes.

    ``log_shares`` has shape (k,), ``log_probabilities``, shape (k, d), those of all levels.

    Examples
    --------
    >>> levels = np.repeat([[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]], 20, axis=0)
    >>> blocks = [slice(0, 2), slice(2, 4)]
    >>> labels = np.repeat([0, 1], 20).astype(np.int32)
    >>> classes = fit_latent_classes(levels, np.ones(40), blocks, labels, k=2)
    >>> classes.compute_posteriors(levels[[0, -1]]).argmax(axis=1).tolist()
    [0, 1]
    """

    log_shares: Floats
    log_probabilities: Floats

    def compute_log_likelihood(self, levels: Floats) -> Floats:
        """Of every row, shape (n,); a missing value counts for nothing."""
        return add_in_logs(self.compute_joint(levels))

    def compute_posteriors(self, levels: Floats) -> Floats:
        """The probability of every class, given the levels of a row: shape (n, k)."""
        joint = self.compute_joint(levels)
        posteriors: Floats = np.exp(joint - add_in_logs(joint)[:, None])
        return posteriors

    def compute_joint(self, levels: Floats) -> Floats:
        """The logarithms of share times probability of the levels: shape (n, k)."""
        joint: Floats = levels @ self.log_probabilities.T + self.log_shares
        return joint


def fit_latent_classes(
    levels: Floats,
    weights: Floats,
    blocks: Sequence[slice],
    labels: NDArray[np.integer],
    k: int,
) -> LatentClasses:
    """The classes that the EM algorithm arrives at from the clusters of the rows.

    Every class is given one more row, with the overall shares of the levels, so that no level is
    impossible in it.

    Parameters
    ----------
    levels : ndarray of shape (n, d)
        1 in the column of a row's level and 0 in the others of the category.
    weights : ndarray of shape (n,)
        How often each row counts.
    blocks : sequence of slice
        The columns of each category.
    labels : ndarray of shape (n,)
        0-based clusters.
    k : int
        Number of clusters.
    """
    overall = weights @ levels + 0.5
    prior = np.concatenate([overall[block] / overall[block].sum() for block in blocks])
    memberships: Floats = np.eye(k)[labels]
    classes = estimate_classes(levels, weights[:, None] * memberships, blocks, prior)
    previous = -np.inf
    for _ in range(_MAX_ITER):
        joint = classes.compute_joint(levels)
        totals = add_in_logs(joint)
        mean = float(np.average(totals, weights=weights))
        if mean - previous < _TOL:
            break
        previous, memberships = mean, np.exp(joint - totals[:, None])
        classes = estimate_classes(levels, weights[:, None] * memberships, blocks, prior)
    return classes


def estimate_classes(
    levels: Floats, memberships: Floats, blocks: Sequence[slice], prior: Floats
) -> LatentClasses:
    """The M step: shares and probabilities, from how much of every row is in every class."""
    sizes = memberships.sum(axis=0) + 1.0
    counts = memberships.T @ levels + prior
    for block in blocks:
        counts[:, block] /= counts[:, block].sum(axis=1, keepdims=True)
    return LatentClasses(np.log(sizes / sizes.sum()), np.log(counts))


def add_in_logs(joint: Floats) -> Floats:
    """The logarithm of the sum of the exponentials of each row."""
    largest = joint.max(axis=1)
    total: Floats = largest + np.log(np.exp(joint - largest[:, None]).sum(axis=1))
    return total
