"""Mixtures: clusters as Gaussian clouds, each with its own extent and, it may be, direction."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self

import numpy as np

from ilk.cluster.kmeans.fit import check_distinct, run_kmeans_for_ks
from ilk.cluster.parallel import run_parallel
from ilk.cluster.partition import Assignment, Floats, Labels, Partition, find_two_nearest
from ilk.cluster.result import ClusterResult, finalize
from ilk.cluster.weighted_rows import (
    WeightedRows,
    find_first_replicates,
    repeat_rows,
    sample_customers,
)

MAX_MIXTURE_ROWS = 5_000
"""Customers on whom a mixture is fitted; all others are placed by its densities."""

_COVARIANCE_TYPES = ("full", "diag")
_STARTS = 4
"""Starts besides the one from our own k-means. Two interlocked rings need a second one."""

_MIN_VARIANCE = 1e-3
"""Least variance of a cloud, in units of the variance of its column: 3% of the spread. Without
it, a cloud that finds a column of equal values, such as a spend of 0, has no end of density."""

_RESTARTS = 10
_MAX_ITER = 200


@dataclass(frozen=True)
class MixturePartition(Partition):
    """Clusters given by Gaussian densities: a row belongs to the one it most probably comes from.

    ``weights``, shape (k,), are the shares of the clouds; ``means``, shape (k, d), their middles.
    ``roots``, shape (k, d, d), are upper triangular matrices R of positive diagonal with
    R R' = the inverse of a cloud's covariance, so that nothing but sums and products is needed to
    place a row; where columns are independent within the clouds they are diagonal. Clarity is
    1 - p2 / p1 with the two largest probabilities; every row fits somewhere.

    Examples
    --------
    >>> halves, middles = np.array([0.5, 0.5]), np.array([[0.0], [4.0]])
    >>> clouds = MixturePartition(middles, 0.0, halves, middles, np.array([[[1.0]], [[0.5]]]))
    >>> clouds.predict(np.array([[0.0], [9.0], [-9.0]])).labels
    array([0, 1, 1], dtype=int32)
    """

    weights: Floats
    means: Floats
    precisions_cholesky: Floats

    def reorder(self, order: Sequence[int]) -> Self:
        """The clusters with these numbers, in this order; the others' shares fall to them."""
        own = list(order)
        weights = self.weights[own]
        return replace(
            super().reorder(order),
            weights=weights if len(own) == self.k else weights / weights.sum(),
            means=self.means[own],
            precisions_cholesky=self.precisions_cholesky[own],
        )

    def _predict_chunk(self, values: Floats) -> Assignment:
        labels, nearest, second = find_two_nearest(self._compute_neg_log_density(values))
        return Assignment(labels.astype(np.int32), -np.expm1(nearest - second))

    def _compute_neg_log_density(self, values: Floats) -> Floats:
        """Minus the logarithm of the weighted densities, up to a constant, shape (k, n).

        Products are added in the order of the columns: a matrix product may add in another order
        when more rows come along.
        """
        columns = np.ascontiguousarray(values.T)
        surprise = np.empty((self.k, len(values)))
        for cloud, (middle, root) in enumerate(
            zip(self.means, self.precisions_cholesky, strict=True)
        ):
            apart = columns - middle[:, None]
            squared = np.zeros(len(values))
            for end, turned in enumerate(root.T):
                along = np.zeros(len(values))
                for column in np.flatnonzero(turned[: end + 1]):
                    along += apart[column] * turned[column]
                squared += along * along
            height = np.log(self.weights[cloud]) + np.log(np.diag(root)).sum()
            surprise[cloud] = squared / 2 - height
        return surprise


def fit_mixture(rows: WeightedRows, ks: Sequence[int], seed: int) -> dict[int, ClusterResult]:
    """Gaussian mixtures with full and with diagonal covariances: the kind of the lower BIC.

    scikit-learn's knows no weights: it is fitted on at most 5,000 customers (:func:`customers`),
    among whom copies count as often as they occur. It starts from the centres of our k-means and
    from four others. Columns are scaled to variance 1 for the fit and no cloud is thinner than 3%
    of a column's spread. A cloud from which no row most probably comes is dropped: there may
    be fewer than k clusters.

    Raises
    ------
    InputError
        ``E_TOO_FEW_DISTINCT`` if fewer rows differ than the largest K.

    Examples
    --------
    >>> flat, steep = np.linspace([0, 0], [9, 0], 50), np.linspace([20, 0], [20, 9], 50)
    >>> found = fit_mixture(WeightedRows(np.vstack([flat, steep]), np.ones(100)), [2], seed=0)[2]
    >>> found.partition.centers.round(6).tolist()
    [[4.5, 0.0], [20.0, 4.5]]
    """
    check_distinct(rows, max(ks))
    seen = sample_customers(rows, MAX_MIXTURE_ROWS, seed)
    check_distinct(seen, max(ks))
    shift, scales = _compute_scales(seen)
    scaled = WeightedRows((seen.values - shift) / scales, seen.weights)
    starts = run_kmeans_for_ks(scaled, ks, seed=seed, restarts=_RESTARTS)
    with warnings.catch_warnings():
        # scikit-learn tells when it stops short of its tolerance; the best likelihood is taken.
        warnings.simplefilter("ignore")
        fits = run_parallel(
            partial(_fit_best_mixture, scaled, seed), [starts[k].centers for k in ks]
        )
    return {
        k: finalize(rows, _unscale_mixture(fit, shift, scales), seen, _predict_labels(fit, scaled))
        for k, fit in zip(ks, fits, strict=True)
    }


def _compute_scales(sample: WeightedRows) -> tuple[Floats, Floats]:
    """Mean and standard deviation of every column; 1 where all values are equal."""
    mean = np.average(sample.values, axis=0, weights=sample.weights)
    spread = np.sqrt(np.average((sample.values - mean) ** 2, axis=0, weights=sample.weights))
    return mean, np.where(spread > 0, spread, 1.0)


def _fit_best_mixture(scaled: WeightedRows, seed: int, centers: Floats) -> Any:
    """The best of all kinds and starts: of one kind by likelihood, of both by BIC."""
    from sklearn.mixture import GaussianMixture

    values = repeat_rows(scaled)
    tried = []
    for kind in _COVARIANCE_TYPES:
        common = {
            "covariance_type": kind,
            "reg_covar": _MIN_VARIANCE,
            "max_iter": _MAX_ITER,
            "random_state": seed,
        }
        ours = GaussianMixture(len(centers), means_init=centers, **common).fit(values)
        others = GaussianMixture(len(centers), n_init=_STARTS, **common).fit(values)
        tried.append(max(ours, others, key=lambda fit: fit.lower_bound_))
    return min(tried, key=lambda fit: fit.bic(values))


def _unscale_mixture(fit: Any, shift: Floats, scales: Floats) -> MixturePartition:
    """A mixture of scaled rows in the units of the rows."""
    roots = fit.precisions_cholesky_
    if roots.ndim == 2:
        roots = np.stack([np.diag(each) for each in roots])
    middles = fit.means_ * scales + shift
    return MixturePartition(middles, 0.0, fit.weights_, middles, roots / scales[:, None])


def _predict_labels(fit: Any, scaled: WeightedRows) -> Labels:
    labels: Labels = fit.predict(repeat_rows(scaled))[find_first_replicates(scaled)]
    return labels
