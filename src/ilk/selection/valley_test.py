"""Valleys: are there fewer customers between two segments than in them?

Where a table is one cloud, however long or skewed, customers lie at least as dense half-way between
two segments as around the centre of the emptier one: k-means has put a border where there is none.
In any log-concave distribution - normal, even, exponential, cut out by any convex shape - this
holds along every line, because what such a distribution leaves inside a tube, projected onto its
axis, has a single peak [1]_. So the test looks at the tube between two neighbouring centres, and
counts: under a single peak the middle is, on average, at least as dense as one of the two sides.
Two binomial tests have to say no before a valley is taken for one.

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
"""Rows looked at; more are sampled."""

_SIGNIFICANCE = 0.01  # chance at which a valley is seen where there is none
_MIDDLE_SHARE = 0.25  # of the way from centre to centre
_TUBE_SHARE = 0.9  # share of a segment's rows that are as near to the axis
_MIN_ROWS = 4  # rows of a segment within the tube


class ValleyTest:
    """Rows between whose clusters valleys are looked for; categories have no between.

    Parameters
    ----------
    rows : Rows
        n distinct rows with weights.
    blocks : sequence of slice
        The columns of each category, which are left out.
    seed : int
        Of the sample, and of the spread of columns with few values.

    Examples
    --------
    >>> from ilk.cluster.weighted_rows import deduplicate_rows
    >>> values = np.concatenate([np.linspace(0, 2, 100), np.linspace(5, 7, 100)])[:, None]
    >>> from ilk.cluster.partition import CentroidPartition
    >>> land = ValleyTest(deduplicate_rows(values))
    >>> land.count_separated_groups(CentroidPartition(np.array([[0.5], [1.5], [6.0]]), inertia=0.0))
    2
    """

    def __init__(self, rows: WeightedRows, blocks: Sequence[slice] = (), seed: int = 0) -> None:
        inside = {i for block in blocks for i in range(*block.indices(rows.values.shape[1]))}
        self._columns = [i for i in range(rows.values.shape[1]) if i not in inside]
        seen = rows.values[subsample_indices(rows, MAX_VALLEY_ROWS, seed)]
        self._sample = seen
        self._numeric_columns = spread_discrete_values(seen[:, self._columns], seed)

    def count_separated_groups(self, partition: Partition) -> int:
        """Groups of clusters with a valley around each: 1 where all hang together."""
        if not self._columns:
            return 1
        labels = partition.predict(self._sample).labels.astype(np.intp)
        used = labels != NOISE
        numbers, labels = self._numeric_columns[used], labels[used]
        present = np.flatnonzero(np.bincount(labels, minlength=partition.k))
        middles = np.stack([numbers[labels == label].mean(axis=0) for label in present])
        squared = compute_squared_distances(numbers, middles)
        own = np.searchsorted(present, labels)
        joined = np.arange(len(present))
        for one, other in _find_neighbor_pairs(middles):
            if joined[one] == joined[other]:
                continue
            if not _has_valley(numbers, squared, own, middles, (one, other)):
                joined[joined == joined[other]] = joined[one]
        return len(set(joined.tolist()))


def _find_neighbor_pairs(centers: Floats) -> Iterable[tuple[int, int]]:
    """Pairs with no other centre nearer to the point half-way between them."""
    for one, other in combinations(range(len(centers)), 2):
        half = (centers[one] + centers[other]) / 2
        distances = ((centers - half) ** 2).sum(axis=1)
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
    step = centers[other] - centers[one]
    length = float(step @ step)
    if length == 0:
        return False
    along = (numbers - centers[one]) @ step / length
    aside = np.maximum(squared[one] - along**2 * length, 0.0)
    members = [labels == one, labels == other]
    reach = max(float(np.quantile(aside[member], _TUBE_SHARE)) for member in members)
    inside = aside <= reach * (1 + 1e-9) + 1e-12 * length
    counted = along[inside]
    sides = [_find_middle_half(along[inside & member]) for member in members]
    low, high = 0.5 - _MIDDLE_SHARE / 2, 0.5 + _MIDDLE_SHARE / 2
    # What reaches into the middle is cut off, on either side.
    shores = [(sides[0][0], min(sides[0][1], low)), (max(sides[1][0], high), sides[1][1])]
    between = _count(counted, low, high)
    return all(
        _is_emptier(between, _MIDDLE_SHARE, _count(counted, *shore), shore) for shore in shores
    )


def _find_middle_half(positions: Floats) -> tuple[float, float]:
    """Where the middle half of a cluster lies on the axis; nowhere if it has too few rows."""
    if len(positions) < _MIN_ROWS:
        return (np.inf, -np.inf)
    low, high = np.quantile(positions, [0.25, 0.75])
    return float(low), float(high)


def _count(positions: Floats, low: float, high: float) -> int:
    return int(np.count_nonzero((positions >= low) & (positions <= high)))


def _is_emptier(n_between: int, width: float, n_side: int, side: tuple[float, float]) -> bool:
    """Whether so few rows lie between that an even density can hardly be."""
    from scipy.special import bdtr

    wide = side[1] - side[0]
    if not 0 < wide < np.inf:
        # All rows of the cluster lie on one point: any row is denser than the room between.
        return bool(wide == 0 and n_side >= _MIN_ROWS and n_between == 0)
    return bool(bdtr(n_between, n_between + n_side, width / (width + wide)) <= _SIGNIFICANCE)
