"""Children: new sets of centres out of good ones."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from ilk.cluster.kmeans.plus_plus import draw_by_mass
from ilk.cluster.partition import Floats, compute_squared_distances, find_two_nearest
from ilk.cluster.weighted_rows import WeightedRows

_TINY = 1e-300
_CHUNK_CELLS = 2**17
"""Coordinates held at a time, 1 MB."""


def cross_over(centers: Floats, sizes: Floats) -> Floats:
    """Every pair of sets put together and merged back to ``k`` centres [1]_.

    What both parents found is merged with itself first; then whichever two clusters lie closest,
    by Ward's measure, until ``k`` are left. A child has its parents' best parts.

    Parameters
    ----------
    centers : ndarray of shape (sets, k, d)
    sizes : ndarray of shape (sets, k)
        Weights of the clusters.

    Returns
    -------
    ndarray of shape (sets * (sets - 1) / 2, k, d)

    References
    ----------
    .. [1] P. Fränti (2000). Genetic algorithm with deterministic crossover for vector quantization.
       Pattern Recognition Letters 21, 61-68.

    Examples
    --------
    >>> parents = np.array([[[0.0], [1.0], [9.0]], [[0.5], [8.0], [9.0]]])
    >>> sorted(cross_over(parents, np.ones((2, 3))).ravel().tolist())
    [0.5, 8.0, 9.0]
    """
    k, d = centers.shape[1:]
    pairs = list(combinations(range(len(centers)), 2))
    if not pairs:
        return centers[:0]
    both = np.array(pairs)
    return _merge_to_k(centers[both].reshape(-1, 2 * k, d), sizes[both].reshape(-1, 2 * k), k)


def mutate(centers: Floats, rows: WeightedRows, count: int, rng: np.random.Generator) -> Floats:
    """Copies of the sets in turn, in each of which one centre has gone to some row instead.

    The centre is one of that half of the set which is missed least; the row is drawn as k-means++
    draws, in proportion to its weight and its squared distance to the nearest centre.

    Examples
    --------
    >>> rows = WeightedRows(np.array([[0.0], [1.0], [2.0], [9.0]]), np.ones(4))
    >>> mutate(np.array([[[1.0], [0.0]]]), rows, 1, np.random.default_rng(0)).tolist()
    [[[1.0], [9.0]]]
    """
    found = centers[np.arange(count) % len(centers)]
    for at, one in enumerate(centers):
        squared = compute_squared_distances(rows.values, one)
        labels, nearest, second = find_two_nearest(squared)
        missed = np.bincount(labels, (second - nearest) * rows.weights, minlength=len(one))
        least = np.argsort(missed, kind="stable")[: -(-len(one) // 2)]
        mine = np.arange(at, count, len(centers))
        far = np.cumsum(nearest * rows.weights)
        [drawn] = draw_by_mass(far[None], rng.random((1, len(mine))))
        found[mine, rng.choice(least, len(mine))] = rows.values[drawn]
    return found


def _merge_to_k(centers: Floats, sizes: Floats, k: int) -> Floats:
    """Merge the two centres whose merging costs least until ``k`` are left, in every set."""
    sets, m, d = centers.shape
    each = np.arange(sets)
    step = max(1, _CHUNK_CELLS // centers.size)
    blocks = [slice(at, at + step) for at in range(0, m, step)]
    costs = np.hstack(
        [_compute_merge_costs(centers, sizes, centers[:, at], sizes[:, at]) for at in blocks]
    )
    costs[:, np.arange(m), np.arange(m)] = np.inf
    left = np.ones((sets, m), dtype=bool)
    for _ in range(m - k):
        kept, lost = np.divmod(costs.reshape(sets, -1).argmin(axis=1), m)
        weights = np.stack([sizes[each, kept], sizes[each, lost]])
        joint = weights.sum(axis=0)
        shares = (weights / np.maximum(joint, _TINY))[:, :, None]
        shares[0] = 1.0 - shares[1]  # of two empty ones the first stays where it is
        centers[each, kept] = shares[0] * centers[each, kept] + shares[1] * centers[each, lost]
        sizes[each, kept] = joint
        left[each, lost] = False
        costs[each, lost] = costs[each, :, lost] = np.inf
        merged = centers[each, kept][:, None], sizes[each, kept][:, None]
        renewed = np.where(left, _compute_merge_costs(centers, sizes, *merged)[:, 0], np.inf)
        renewed[each, kept] = np.inf
        costs[each, kept] = costs[each, :, kept] = renewed
    return centers[left].reshape(sets, k, d)


def _compute_merge_costs(
    centers: Floats, sizes: Floats, chosen_centers: Floats, chosen_sizes: Floats
) -> Floats:
    """By how much the inertia grows when one of some centres of a set merges with each of the set.

    ``chosen_centers`` has the shape (sets, c, d), what is found (sets, c, m).
    """
    squared = ((centers[:, None] - chosen_centers[:, :, None]) ** 2).sum(axis=3)
    weight, other = chosen_sizes[:, :, None], sizes[:, None]
    found: Floats = squared * (weight * other / np.maximum(weight + other, _TINY))
    return found
