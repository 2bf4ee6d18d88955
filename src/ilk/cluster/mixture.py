"""Gaussian mixtures, whose clusters have a size and a direction each."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self

import numpy as np

from ilk.cluster.kmeans.fit import check_distinct, run_kmeans_for_ks
from ilk.cluster.kmeans.plus_plus import draw_initial_centers
from ilk.cluster.mixed_classes import (
    MixedTable,
    find_category_blocks,
    fit_mixed_classes,
    to_gaussian,
)
from ilk.cluster.parallel import run_parallel
from ilk.cluster.partition import (
    Assignment,
    CentroidPartition,
    Floats,
    Labels,
    Partition,
    compute_squared_distances,
    find_two_nearest,
)
from ilk.cluster.result import ClusterResult, finalize
from ilk.cluster.weighted_rows import (
    WeightedRows,
    find_first_replicates,
    repeat_rows,
    sample_customers,
)

MAX_MIXTURE_ROWS = 5_000
"""Customers on whom a mixture is fitted; all others are assigned by its densities."""

_COVARIANCE_TYPES = ("full", "diag")
_STARTS = 4
"""Starts besides the one from our own k-means. Two interlocked rings need a second one."""

_MIN_VARIANCE = 1e-3
"""Smallest variance of a component, in units of the variance of its column: 3% of the spread.
Without it, a component on equal values of a column, such as a spend of 0, has infinite density."""

_CLASS_STARTS = 10
"""The same for latent classes."""

_RESTARTS = 10
_MAX_ITER = 200


@dataclass(frozen=True)
class MixturePartition(Partition):
    """Clusters given by Gaussian densities: a row belongs to the one it most probably comes from.

    ``weights``, shape (k,), are the shares of the components, ``means``, shape (k, d), their means.
    ``precisions_cholesky``, shape (k, d, d), are upper triangular matrices R with a positive
    diagonal and R R' = the inverse of a component's covariance, so that a row is assigned by sums
    and products alone; where columns are independent within the components they are diagonal. The
    margin is 1 - p2 / p1 with the two largest probabilities; no row is noise.

    Memberships are the posterior probabilities of the components. Distances are the generalized
    distances of discriminant analysis [1]_: their squares are ``(x - m)' S^-1 (x - m) + log|S| -
    2 log w``, with the mean m, the covariance S and the share w of a component, less the smallest
    that any row could have. The most probable component is the nearest, memberships follow from
    distances (``exp(-d² / 2)`` over the sum), and for components of equal shares that are spheres
    of one size they are Euclidean distances in units of their standard deviation.

    References
    ----------
    .. [1] SAS/STAT User's Guide, The DISCRIM Procedure: Parametric Methods, where the squares are
       called generalized squared distances.

    Examples
    --------
    >>> weights, means = np.array([0.5, 0.5]), np.array([[0.0], [4.0]])
    >>> mixture = MixturePartition(means, 0.0, weights, means, np.array([[[1.0]], [[0.5]]]))
    >>> mixture.predict(np.array([[0.0], [9.0], [-9.0]])).labels
    array([0, 1, 1], dtype=int32)
    >>> mixture.compute_memberships(np.array([[0.0], [2.0]])).round(3).tolist()
    [[0.937, 0.063], [0.309, 0.691]]
    >>> mixture.compute_distances(np.array([[0.0]])).round(3).tolist()
    [[0.0, 2.321]]
    """

    weights: Floats
    means: Floats
    precisions_cholesky: Floats

    def reorder(self, order: Sequence[int]) -> Self:
        """The clusters with these numbers, in this order; their shares add up to 1 again."""
        kept = list(order)
        weights = self.weights[kept]
        return replace(
            super().reorder(order),
            weights=weights if len(kept) == self.k else weights / weights.sum(),
            means=self.means[kept],
            precisions_cholesky=self.precisions_cholesky[kept],
        )

    def score_rows(self, values: Floats) -> Floats:
        """Logarithm of the density of every row in the encoded space."""
        neg_log_densities = self._compute_neg_log_density(values)
        nearest = neg_log_densities.min(axis=0)
        total = np.zeros(len(values))
        for neg_log_density in neg_log_densities:
            total += np.exp(nearest - neg_log_density)
        constant = math.log(2 * math.pi) * int(self.means.shape[1]) / 2
        log_densities: Floats = np.log(total) - nearest - constant
        return log_densities

    def summarize_scores(self, scores: Floats, weights: Floats | None = None) -> float:
        """The mean: scikit-learn's mixtures score by the average log-likelihood of a row."""
        return float(np.average(scores, weights=weights))

    @property
    def _membership_variance(self) -> float:
        return 1.0

    def _square(self, values: Floats) -> Floats:
        highest = max(self._compute_log_height(component) for component in range(self.k))
        return np.maximum(2.0 * (self._compute_neg_log_density(values) + highest), 0.0)

    def _compute_log_height(self, component: int) -> float:
        """Logarithm of the weighted density at the mean of a component, up to a constant."""
        diagonal = np.diag(self.precisions_cholesky[component])
        return float(np.log(self.weights[component]) + np.log(diagonal).sum())

    def _predict_chunk(self, values: Floats) -> Assignment:
        labels, nearest, second = find_two_nearest(self._compute_neg_log_density(values))
        return Assignment(labels.astype(np.int32), -np.expm1(nearest - second))

    def _compute_neg_log_density(self, values: Floats) -> Floats:
        """Minus the logarithm of the weighted densities, up to a constant, shape (k, n).

        Products are added in the order of the columns: a matrix product may add in another order
        when there are more rows.
        """
        columns = np.ascontiguousarray(values.T)
        neg_log_densities = np.empty((self.k, len(values)))
        for component, (mean, root) in enumerate(
            zip(self.means, self.precisions_cholesky, strict=True)
        ):
            deviations = columns - mean[:, None]
            squared = np.zeros(len(values))
            for end, direction in enumerate(root.T):
                projected = np.zeros(len(values))
                for column in np.flatnonzero(direction[: end + 1]):
                    projected += deviations[column] * direction[column]
                squared += projected * projected
            neg_log_densities[component] = squared / 2 - self._compute_log_height(component)
        return neg_log_densities


def fit_mixture(
    rows: WeightedRows, ks: Sequence[int], seed: int, *, max_rows: int = MAX_MIXTURE_ROWS
) -> dict[int, ClusterResult]:
    """Gaussian mixtures with full or diagonal covariances, whichever has the lower BIC.

    Where there are categories, they are latent classes instead, within which all columns are
    independent (:mod:`ilk.cluster.mixed_classes`).

    scikit-learn's mixture takes no weights: it is fitted on at most ``max_rows`` customers
    (:func:`~ilk.cluster.weighted_rows.sample_customers`), with copies as often as they occur. It
    starts from the centers of our k-means and from four others. Columns are scaled to variance 1
    for the fit, and no component is thinner than 3% of a column's spread. Components that are the
    most probable one for no row are dropped: there may be fewer than k clusters.

    Raises
    ------
    InputError
        ``E_TOO_FEW_DISTINCT`` if fewer rows differ than the largest K.

    Examples
    --------
    >>> flat, steep = np.linspace([0, 0], [9, 0], 50), np.linspace([20, 0], [20, 9], 50)
    >>> rows = WeightedRows(np.vstack([flat, steep]), np.ones(100))
    >>> fit_mixture(rows, [2], seed=0)[2].partition.centers.round(6).tolist()
    [[4.5, 0.0], [20.0, 4.5]]
    """
    check_distinct(rows, max(ks))
    sample = sample_customers(rows, max_rows, seed)
    check_distinct(sample, max(ks))
    shift, scales = _compute_scales(sample)
    scaled = WeightedRows((sample.values - shift) / scales, sample.weights)
    starts = run_kmeans_for_ks(scaled, ks, seed=seed, restarts=_RESTARTS)
    if blocks := find_category_blocks(sample.values):
        table = MixedTable.of(sample, blocks)
        fit_classes = partial(_fit_classes, table, scaled, seed)
        classes = run_parallel(fit_classes, [starts[k] for k in ks])
        return {
            k: finalize(rows, partition, sample, labels)
            for k, (partition, labels) in zip(ks, classes, strict=True)
        }
    with warnings.catch_warnings():
        # Of fits that have not converged: the best likelihood is taken anyway.
        warnings.simplefilter("ignore")
        fits = run_parallel(
            partial(_fit_best_mixture, scaled, seed), [starts[k].centers for k in ks]
        )
    return {
        k: finalize(
            rows, _unscale_mixture(fit, shift, scales), sample, _predict_labels(fit, scaled)
        )
        for k, fit in zip(ks, fits, strict=True)
    }


def _fit_classes(
    table: MixedTable, scaled: WeightedRows, seed: int, start: CentroidPartition
) -> tuple[MixturePartition, Labels]:
    """Latent classes from our k-means and from other centers, and their labels."""
    others = draw_initial_centers(scaled, start.k, _CLASS_STARTS, seed)
    labelings = [
        compute_squared_distances(scaled.values, centers).argmin(axis=0)
        for centers in (start.centers, *others)
    ]
    found, memberships = fit_mixed_classes(table, labelings, start.k, _MIN_VARIANCE)
    weights, means, roots = to_gaussian(found, table)
    return (
        MixturePartition(means, 0.0, weights, means, roots),
        memberships.argmax(axis=1).astype(np.int32),
    )


def _compute_scales(sample: WeightedRows) -> tuple[Floats, Floats]:
    """Mean and standard deviation of every column; 1 where all values are equal."""
    mean = np.average(sample.values, axis=0, weights=sample.weights)
    spread = np.sqrt(np.average((sample.values - mean) ** 2, axis=0, weights=sample.weights))
    return mean, np.where(spread > 0, spread, 1.0)


def _fit_best_mixture(scaled: WeightedRows, seed: int, centers: Floats) -> Any:
    """The best start of each covariance type by likelihood, and the better type by BIC."""
    from sklearn.mixture import GaussianMixture

    values = repeat_rows(scaled)
    fits = []
    for covariance_type in _COVARIANCE_TYPES:
        common = {
            "covariance_type": covariance_type,
            "reg_covar": _MIN_VARIANCE,
            "max_iter": _MAX_ITER,
            "random_state": seed,
        }
        ours = GaussianMixture(len(centers), means_init=centers, **common).fit(values)
        others = GaussianMixture(len(centers), n_init=_STARTS, **common).fit(values)
        fits.append(max(ours, others, key=lambda fit: fit.lower_bound_))
    return min(fits, key=lambda fit: fit.bic(values))


def _unscale_mixture(fit: Any, shift: Floats, scales: Floats) -> MixturePartition:
    """A mixture of scaled rows in the units of the rows."""
    roots = fit.precisions_cholesky_
    if roots.ndim == 2:
        roots = np.stack([np.diag(diagonal) for diagonal in roots])
    means = fit.means_ * scales + shift
    return MixturePartition(means, 0.0, fit.weights_, means, roots / scales[:, None])


def _predict_labels(fit: Any, scaled: WeightedRows) -> Labels:
    labels: Labels = fit.predict(repeat_rows(scaled))[find_first_replicates(scaled)]
    return labels
