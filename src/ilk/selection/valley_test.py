"""The valley test: are there fewer customers between two segments than in either of them?

In data without groups, however long or skewed, the density along a line has a single peak: the part
of a log-concave distribution (normal, uniform, exponential, cut out by any convex shape) that is
inside a tube, projected onto the axis of the tube, is log-concave [1]_. So of three intervals on
the axis the one in the middle cannot be sparser than both others. The test counts rows between two
neighboring centers and in the clusters on either side; two binomial tests have to reject that the
middle is as dense, before it counts as a valley. What people read calls a valley a visible gap; the
gap statistic (:mod:`ilk.selection.gap`) is another thing.

Axis, tube and intervals are chosen on one half of the rows, which is clustered anew, and the rows
of the other half are counted; then the halves change places, and the counts are added up. Rows that
choose an axis always look separated along it, the more so the more columns there are, and rows that
had no part in the choice do not.

.. [1] A. Prékopa (1973). On logarithmic concave measures and functions. Acta Scientiarum
   Mathematicarum 34, 335-343. Cutting between components by what lies between them is due to C.
   Hennig (2010). Methods for merging Gaussian mixture components. Advances in Data Analysis and
   Classification 4, 3-34.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ilk.cluster.parallel import run_parallel
from ilk.cluster.partition import NOISE, Floats, Partition, compute_squared_distances
from ilk.cluster.weighted_rows import WeightedRows, deduplicate_rows, subsample_indices
from ilk.selection.null_models import spread_discrete_values
from ilk.stats.quantiles import compute_quantiles

MAX_VALLEY_ROWS = 10_000
"""Rows that are tested; of more, a sample."""

_CLUSTERED_ROWS, _MAX_FOLDS = 10_000, 10
"""Parts of the rows that are counted in turn: as many as let about this number of rows be
clustered, from two to ten. The more there are, the less the rows that choose differ from all."""

LEVEL = 0.05
"""Probability that two clusters seem separated in data without groups, at most. On a line, where
each boundary alone makes one group more, it is divided by their number; elsewhere a group has
several boundaries, and all of them have to be valleys."""

STRICT_LEVEL = 0.01
"""The same where all clusters of a K are to be separated. Every larger K is one more occasion to
divide a group by chance."""

_TUBE_SHARE = 0.9  # share of a cluster's rows inside the radius of the tube
_MIN_ROWS = 4  # rows of a cluster within the tube
_MIN_SPREAD = 0.01  # of the way between the centers: a cluster may be a single point

_EDGES = np.linspace(0.1, 0.9, 17)
_MIDDLES = np.array(
    [(low, high) for low, high in combinations(_EDGES.tolist(), 2) if 0.175 < high - low < 0.425]
)
"""Possible intervals in the middle, on the way from one median to the other."""

_SIDES = np.array([(-width, width) for width in (0.5, 0.67, 1.0, 1.28)])
"""Possible intervals around each median, in standard deviations."""

FitFold = Callable[[WeightedRows, Sequence[int]], Mapping[int, Partition]]
"""Clusters rows with every K; a K may be missing in the result."""


@dataclass(frozen=True)
class Separation:
    """How far the clusters of one K are apart.

    ``n_groups`` of clusters have valleys around them. ``density`` is that of customers in the
    shallowest of these valleys, in units of the density on its sparser side; ``None`` where there
    is none.
    """

    n_groups: int = 1
    density: float | None = None


class ValleyTest:
    """Counts the groups of clusters that are separated by valleys.

    Parameters
    ----------
    rows : WeightedRows
        n distinct rows with weights.
    fit : callable
        The algorithm: clusters all rows but those of a fold, with several K.
    blocks : sequence of slice
        The columns of each category, which are left out: there is nothing between two categories.
    seed : int
        Of the sample, the folds, and the spreading of discrete values.
    n_tests : int
        By how many tests the level is divided.

    Examples
    --------
    >>> from functools import partial
    >>> from ilk.cluster.kmeans.restarts import run_restarts
    >>> values = np.concatenate([np.linspace(0, 2, 100), np.linspace(5, 7, 100)])[:, None]
    >>> fit = partial(run_restarts, starts=3, seed=0)
    >>> test = ValleyTest(WeightedRows(values, np.ones(200)), fit)
    >>> test.find_separations([2, 3])[2]
    Separation(n_groups=2, density=0.0)
    """

    def __init__(
        self,
        rows: WeightedRows,
        fit: FitFold,
        blocks: Sequence[slice] = (),
        seed: int = 0,
        n_tests: int = 1,
    ) -> None:
        inside = {i for block in blocks for i in range(*block.indices(rows.values.shape[1]))}
        columns = [i for i in range(rows.values.shape[1]) if i not in inside]
        values = rows.values[subsample_indices(rows, MAX_VALLEY_ROWS, seed)]
        numbers = spread_discrete_values(values[:, columns], seed)
        n_folds = min(max(_CLUSTERED_ROWS // len(values), 2), _MAX_FOLDS, len(values))
        order = np.random.default_rng([seed, 2]).permutation(len(values))
        self._folds = [np.sort(fold) for fold in np.array_split(order, n_folds)]
        self._values, self._numbers = values, numbers
        self._fit, self._n_tests = fit, n_tests

    def seems_separated(self, partition: Partition) -> bool:
        """Whether all clusters look separated to the very rows that formed them.

        That proves nothing, but where even they see no valley, others need not be asked.
        """
        if not self._numbers.shape[1]:
            return False
        clusters = _Clusters.of(self._values, self._numbers, partition)
        folds = [_Fold(clusters, self._numbers)]
        return _find_separation(folds, self._n_tests).n_groups == partition.k

    def find_separations(self, ks: Sequence[int]) -> dict[int, Separation]:
        """Groups of clusters with a valley around each, by K: 1 where no valley separates any."""
        separations = dict.fromkeys(ks, Separation())
        if not self._numbers.shape[1]:
            return separations
        values, numbers = (
            [np.delete(table, fold, axis=0) for fold in self._folds]
            for table in (self._values, self._numbers)
        )
        trained = [deduplicate_rows(part) for part in values]
        possible = [k for k in ks if 1 < k <= min(map(len, trained))]
        if not possible:
            return separations
        results = run_parallel(lambda rows: self._fit(rows, possible), trained)
        for k in possible:
            if all(k in result for result in results):
                folds = [
                    _Fold(_Clusters.of(others, shown, result[k]), self._numbers[fold])
                    for others, shown, result, fold in zip(
                        values, numbers, results, self._folds, strict=True
                    )
                ]
                separations[k] = _find_separation(folds, self._n_tests)
        return separations


@dataclass(frozen=True)
class _Clusters:
    """The clusters of some rows, in the numbers that the test looks at.

    ``numbers`` has shape (m, d), ``labels`` (m,) and ``centers`` (k, d); noise is left out.
    """

    numbers: Floats
    labels: NDArray[np.intp]
    centers: Floats

    @classmethod
    def of(cls, values: Floats, numbers: Floats, partition: Partition) -> _Clusters:
        labels = partition.predict(values).labels.astype(np.intp)
        inside = labels != NOISE
        numbers, labels = numbers[inside], labels[inside]
        sizes = np.bincount(labels, minlength=partition.k)
        sums = np.stack(
            [np.bincount(labels, column, minlength=partition.k) for column in numbers.T], axis=1
        )
        return cls(numbers, labels, sums / np.maximum(sizes, 1)[:, None])

    def reorder(self, order: NDArray[np.intp]) -> _Clusters:
        """The same clusters with new numbers."""
        return _Clusters(self.numbers, np.argsort(order)[self.labels], self.centers[order])

    def find_neighbor_pairs(self) -> set[tuple[int, int]]:
        """Pairs with no other center nearer to the point half-way between them."""
        pairs = set()
        for one, other in combinations(range(len(self.centers)), 2):
            midpoint = (self.centers[one] + self.centers[other]) / 2
            distances = ((self.centers - midpoint) ** 2).sum(axis=1)
            if distances.min() >= min(distances[one], distances[other]) * (1 - 1e-9):
                pairs.add((one, other))
        return pairs


@dataclass(frozen=True)
class _Fold:
    """Clusters of the other folds, and the numbers of the rows that are counted."""

    clusters: _Clusters
    counted: Floats

    def align(self, centers: Floats) -> tuple[_Fold, NDArray[np.bool_]]:
        """The clusters in the order of the centers they correspond to; and which have one."""
        squared = compute_squared_distances(centers, self.clusters.centers)
        # squared has shape (ours, theirs)
        nearest, back = squared.argmin(axis=0), squared.argmin(axis=1)
        is_common = back[nearest] == np.arange(len(centers))
        order = np.where(is_common, nearest, -1)
        order[~is_common] = np.setdiff1d(np.arange(len(order)), order)
        return _Fold(self.clusters.reorder(order), self.counted), is_common


def _find_separation(folds: Sequence[_Fold], n_tests: int) -> Separation:
    """The groups of clusters that valleys separate.

    A cluster that not even half of the folds have is separated from nothing: it goes with the
    nearest one.
    """
    centers = folds[0].clusters.centers
    aligned = [fold.align(centers) for fold in folds]
    k = len(centers)
    is_common = np.sum([common for _, common in aligned], axis=0) > len(folds) / 2
    groups = np.arange(k)
    for lost in np.flatnonzero(~is_common):
        distances = ((centers - centers[lost]) ** 2).sum(axis=1)
        distances[lost] = np.inf
        groups[groups == groups[lost]] = groups[distances.argmin()]
    counts = Counter(pair for fold, _ in aligned for pair in fold.clusters.find_neighbor_pairs())
    pairs = sorted(pair for pair, n_folds in counts.items() if n_folds > len(folds) / 2)
    valleys = {}
    for pair in pairs:
        both = list(pair)
        if is_common[both].all():
            used = [fold for fold, common in aligned if common[both].all()]
            valleys[pair] = _measure_valley(used, pair)
    if centers.shape[1] == 1:
        n_tests *= max(1, len(pairs))
    merged = [pair for pair, valley in valleys.items() if valley.p_value > LEVEL / n_tests]
    if not merged and valleys:
        weakest = max(valleys, key=lambda pair: valleys[pair].p_value)
        merged = [weakest] if valleys[weakest].p_value > STRICT_LEVEL / n_tests else []
    for one, other in merged:
        groups[groups == groups[other]] = groups[one]
    between = [
        valley.density for (one, other), valley in valleys.items() if groups[one] != groups[other]
    ]
    return Separation(len(set(groups.tolist())), max(between, default=None))


@dataclass(frozen=True)
class _Valley:
    """What is between two clusters.

    ``p_value`` is how probable so few rows there are, if the clusters are one group; ``density``
    that of the rows, in units of the density on the sparser side.
    """

    p_value: float = 1.0
    density: float = np.inf


def _measure_valley(folds: Sequence[_Fold], pair: tuple[int, int]) -> _Valley:
    from scipy.special import bdtr

    counted = [(plan, plan.count(fold.counted)) for plan, fold in _plan_counting(folds, pair)]
    if not counted:
        return _Valley()
    n_middle = sum(int(counts[1]) for _, counts in counted)
    p_values, densities = [], []
    for side in (0, 2):
        totals = np.array([counts[side] + counts[1] for _, counts in counted])
        shares = np.array([plan.compute_middle_share(side) for plan, _ in counted])
        if not totals.sum():
            return _Valley()
        # Binomial counts together vary less than one of the mean probability.
        share = float(np.average(shares, weights=totals))
        n_total = int(totals.sum())
        p_values.append(float(bdtr(n_middle, n_total, share)))
        odds = n_middle / (n_total - n_middle) if n_total > n_middle else np.inf
        densities.append(odds * (1 - share) / share)
    return _Valley(max(p_values), max(densities))


@dataclass(frozen=True)
class _Plan:
    """Where rows are counted: a tube around an axis, and three ``intervals``, (3, 2), on it."""

    origin: Floats
    axis: Floats
    squared_radius: float
    intervals: Floats

    def count(self, numbers: Floats) -> NDArray[np.intp]:
        """Rows in each interval."""
        positions, offsets = _project(numbers, self.origin, self.axis)
        inside = positions[offsets <= self.squared_radius]
        low, high = self.intervals[:, :1], self.intervals[:, 1:]
        counts: NDArray[np.intp] = ((inside >= low) & (inside <= high)).sum(axis=1)
        return counts

    def compute_middle_share(self, side: int) -> float:
        """The share of the length of a side and the middle together that the middle has."""
        widths = np.diff(self.intervals, axis=1).ravel()
        return float(widths[1] / (widths[1] + widths[side]))


def _project(numbers: Floats, origin: Floats, axis: Floats) -> tuple[Floats, Floats]:
    """Position of every row on the axis, 0 to 1 between the centers, and squared distance to it."""
    length = float(axis @ axis)
    positions = (numbers - origin) @ axis / length
    squared = compute_squared_distances(numbers, origin[None])[0]
    return positions, np.maximum(squared - positions**2 * length, 0.0)


def _plan_counting(folds: Sequence[_Fold], pair: tuple[int, int]) -> Iterator[tuple[_Plan, _Fold]]:
    """The tube and the intervals to count in, for the folds that have them."""
    tubes = [(tube, fold) for fold in folds if (tube := _Tube.around(fold.clusters, pair))]
    if not tubes:
        return
    chosen = _choose_intervals(np.array([tube.sides for tube, _ in tubes]))
    for (tube, fold), intervals in zip(tubes, chosen, strict=True):
        if np.isfinite(intervals).all():
            yield _Plan(tube.origin, tube.axis, tube.squared_radius, intervals), fold


@dataclass(frozen=True)
class _Tube:
    """A tube around the axis between two clusters.

    ``sides``, shape (2, 3), are the size, median and spread of either cluster inside of it.
    """

    origin: Floats
    axis: Floats
    squared_radius: float
    sides: Floats

    @classmethod
    def around(cls, clusters: _Clusters, pair: tuple[int, int]) -> _Tube | None:
        """None where a cluster has too few rows."""
        origin, end = clusters.centers[list(pair)]
        axis = end - origin
        if not axis @ axis > 0:
            return None
        members = [clusters.numbers[clusters.labels == label] for label in pair]
        if min(map(len, members)) < _MIN_ROWS:
            return None
        projections = [_project(member, origin, axis) for member in members]
        radius = max(compute_quantiles(offsets, _TUBE_SHARE)[0] for _, offsets in projections)
        radius = radius * (1 + 1e-9) + 1e-12 * float(axis @ axis)
        inside = [positions[offsets <= radius] for positions, offsets in projections]
        if min(map(len, inside)) < _MIN_ROWS:
            return None
        return cls(origin, axis, radius, np.array([_describe_side(side) for side in inside]))


def _describe_side(positions: Floats) -> tuple[int, float, float]:
    """Number, median and standard deviation of rows.

    The last is taken from the interquartile range, so that no single row decides it.
    """
    low, median, high = compute_quantiles(positions, 0.25, 0.5, 0.75)
    return len(positions), median, max((high - low) / 1.349, _MIN_SPREAD)


def _choose_intervals(sides: Floats) -> Floats:
    """Three intervals on the axis of every tube, shape (tubes, 3, 2); infinite where none serve.

    Those for which two normal distributions with the medians and spreads of the clusters let expect
    the largest difference. Were the counts themselves used, chance would choose.

    Parameters
    ----------
    sides : ndarray of shape (tubes, 2, 3)
        Size, median and spread of both clusters.
    """
    from scipy.special import ndtr

    # Axes: tubes, intervals in the middle, intervals at the side.
    sizes, medians, spreads = (sides[:, :, i, None, None] for i in range(3))

    def expect(edges: Floats) -> Floats:
        first, second = (ndtr((edges - medians[:, i]) / spreads[:, i]) for i in (0, 1))
        expected: Floats = sizes[:, 0] * first + sizes[:, 1] * second
        return expected

    way = medians[:, 1] - medians[:, 0]
    low, high = (medians[:, 0] + way * edge[:, None] for edge in _MIDDLES.T)
    # Neither side may reach into the middle.
    left = [
        medians[:, 0] + spreads[:, 0] * _SIDES[:, 0],
        np.minimum(medians[:, 0] + spreads[:, 0] * _SIDES[:, 1], low),
    ]
    right = [
        np.maximum(medians[:, 1] + spreads[:, 1] * _SIDES[:, 0], high),
        medians[:, 1] + spreads[:, 1] * _SIDES[:, 1],
    ]
    contrasts = [
        _expect_contrast(expect, (low, high), (edges[0], edges[1])) for edges in (left, right)
    ]
    tubes = np.arange(len(sides))
    best = np.minimum(*(contrast.max(axis=2) for contrast in contrasts)).argmax(axis=1)
    widths = [contrast[tubes, best].argmax(axis=1) for contrast in contrasts]
    least = np.minimum(
        *(contrast[tubes, best, width] for contrast, width in zip(contrasts, widths, strict=True))
    )
    shape = contrasts[0].shape

    def take(edges: Floats, width: NDArray[np.intp]) -> Floats:
        taken: Floats = np.broadcast_to(edges, shape)[tubes, best, width]
        return taken

    intervals = np.stack(
        [
            np.stack([take(edges, width) for edges in ends], axis=1)
            for ends, width in ((left, widths[0]), ([low, high], widths[0]), (right, widths[1]))
        ],
        axis=1,
    )
    intervals[~(least > 0)] = np.inf
    return intervals


def _expect_contrast(
    expect: Callable[[Floats], Floats],
    middle: tuple[Floats, Floats],
    side: tuple[Floats, Floats],
) -> Floats:
    """By how many standard errors fewer rows are expected in the middle than at equal density."""
    in_middle = expect(middle[1]) - expect(middle[0])
    width, side_width = middle[1] - middle[0], np.maximum(side[1] - side[0], 0.0)
    share = width / (width + side_width)
    total = in_middle + np.maximum(expect(side[1]) - expect(side[0]), 0.0)
    error = np.sqrt(np.maximum(total * share * (1 - share), np.finfo(float).tiny))
    return np.where(side_width > 0, (total * share - in_middle) / error, -np.inf)
