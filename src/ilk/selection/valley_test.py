"""The valley test: are there fewer customers between two segments than in them?

In data without groups, however long or skewed, customers are at least as dense half-way between two
segments as around the center of the sparser one: k-means has drawn a boundary where there is none.
This holds along every line in any log-concave distribution (normal, uniform, exponential, cut out
by any convex shape), because the part of it inside a tube, projected onto the axis of the tube, has
a single peak [1]_. So the test takes the tube between two neighboring centers and counts rows. With
a single peak the middle is on average at least as dense as one of the two sides. Two binomial tests
have to reject that before a sparse gap, a valley of the density, counts as one.

.. [1] A. Prékopa (1973). On logarithmic concave measures and functions. Acta Scientiarum
   Mathematicarum 34, 335-343. Cutting between components by what lies between them is due to C.
   Hennig (2010). Methods for merging Gaussian mixture components. Advances in Data Analysis and
   Classification 4, 3-34.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ilk.cluster.partition import NOISE, Floats, Partition, compute_squared_distances
from ilk.cluster.weighted_rows import WeightedRows, subsample_indices
from ilk.selection.null_models import spread_discrete_values

MAX_VALLEY_ROWS = 10_000
"""Rows that are tested; of more, a sample."""

_SIGNIFICANCE = 0.01  # probability of a valley where there is none
_MIDDLE_SHARE = 0.25  # of the way from center to center
_TUBE_SHARE = 0.9  # share of a cluster's rows inside the radius of the tube
_MIN_ROWS = 4  # rows of a cluster within the tube


class ValleyTest:
    """Counts the groups of clusters that are separated by valleys, for any partition of the rows.

    Parameters
    ----------
    rows : WeightedRows
        n distinct rows with weights.
    blocks : sequence of slice
        The columns of each category, which are left out: there is nothing between two categories.
    seed : int
        Of the sample, and of the spreading of discrete values.

    Examples
    --------
    >>> from ilk.cluster.weighted_rows import deduplicate_rows
    >>> from ilk.cluster.partition import CentroidPartition
    >>> values = np.concatenate([np.linspace(0, 2, 100), np.linspace(5, 7, 100)])[:, None]
    >>> partition = CentroidPartition(np.array([[0.5], [1.5], [6.0]]), inertia=0.0)
    >>> ValleyTest(deduplicate_rows(values)).count_separated_groups(partition)
    2
    """

    def __init__(self, rows: WeightedRows, blocks: Sequence[slice] = (), seed: int = 0) -> None:
        inside = {i for block in blocks for i in range(*block.indices(rows.values.shape[1]))}
        columns = [i for i in range(rows.values.shape[1]) if i not in inside]
        self._sample = rows.values[subsample_indices(rows, MAX_VALLEY_ROWS, seed)]
        self._numbers = spread_discrete_values(self._sample[:, columns], seed)

    def count_separated_groups(self, partition: Partition) -> int:
        """Groups of clusters with a valley around each: 1 where no valley separates any."""
        if not self._numbers.shape[1]:
            return 1
        labels = partition.predict(self._sample).labels.astype(np.intp)
        inside = labels != NOISE
        numbers, labels = self._numbers[inside], labels[inside]
        present = np.flatnonzero(np.bincount(labels, minlength=partition.k))
        centers = np.stack([numbers[labels == label].mean(axis=0) for label in present])
        squared = compute_squared_distances(numbers, centers)
        labels = np.searchsorted(present, labels)
        groups = np.arange(len(present))
        for one, other in _find_neighbor_pairs(centers):
            if groups[one] == groups[other]:
                continue
            if not _has_valley(numbers, squared, labels, centers, (one, other)):
                groups[groups == groups[other]] = groups[one]
        return len(set(groups.tolist()))


def _find_neighbor_pairs(centers: Floats) -> Iterable[tuple[int, int]]:
    """Pairs with no other center nearer to the point half-way between them."""
    for one, other in combinations(range(len(centers)), 2):
        midpoint = (centers[one] + centers[other]) / 2
        distances = ((centers - midpoint) ** 2).sum(axis=1)
        if distances.min() >= min(distances[one], distances[other]) * (1 - 1e-9):
            yield one, other


def _has_valley(
    numbers: Floats,
    squared: Floats,
    labels: NDArray[np.intp],
    centers: Floats,
    pair: tuple[int, int],
) -> bool:
    """Whether a valley lies between two clusters."""
    one, other = pair
    axis = centers[other] - centers[one]
    length = float(axis @ axis)
    if length == 0:
        return False
    positions = (numbers - centers[one]) @ axis / length
    offsets = np.maximum(squared[one] - positions**2 * length, 0.0)
    members = [labels == one, labels == other]
    radius = max(float(np.quantile(offsets[member], _TUBE_SHARE)) for member in members)
    inside = offsets <= radius * (1 + 1e-9) + 1e-12 * length
    tube = positions[inside]
    first, second = (_find_middle_half(positions[inside & member]) for member in members)
    low, high = 0.5 - _MIDDLE_SHARE / 2, 0.5 + _MIDDLE_SHARE / 2
    # Neither side may reach into the middle.
    sides = [(first[0], min(first[1], low)), (max(second[0], high), second[1])]
    n_between = _count(tube, low, high)
    return all(_is_sparser(n_between, _MIDDLE_SHARE, _count(tube, *side), side) for side in sides)


def _find_middle_half(positions: Floats) -> tuple[float, float]:
    """The interquartile range of a cluster on the axis; empty if it has too few rows."""
    if len(positions) < _MIN_ROWS:
        return (np.inf, -np.inf)
    low, high = np.quantile(positions, [0.25, 0.75])
    return float(low), float(high)


def _count(positions: Floats, low: float, high: float) -> int:
    return int(np.count_nonzero((positions >= low) & (positions <= high)))


def _is_sparser(n_between: int, width: float, n_side: int, side: tuple[float, float]) -> bool:
    """Whether so few rows lie between that the density is hardly the same on the side."""
    from scipy.special import bdtr

    side_width = side[1] - side[0]
    if not 0 < side_width < np.inf:
        # All rows of the cluster are on one point, which is denser than any interval.
        return bool(side_width == 0 and n_side >= _MIN_ROWS and n_between == 0)
    share = width / (width + side_width)
    return bool(bdtr(n_between, n_between + n_side, share) <= _SIGNIFICANCE)
