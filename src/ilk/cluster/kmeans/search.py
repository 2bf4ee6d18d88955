"""The search for the best centers of one K on few rows, by crossover of good solutions.

Restarts alone rarely find the best clusters once K exceeds the number of groups: on 440 rows with
K = 8 none of 64 does. Their solutions are right in different places, and combining them finds
better ones.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from ilk.cluster.kmeans.hartigan_wong import MAX_EXCHANGE_ROWS, exchange_rows
from ilk.cluster.kmeans.lloyd import LloydRuns, run_lloyd_batch
from ilk.cluster.kmeans.plus_plus import draw_by_mass
from ilk.cluster.partition import Floats, compute_squared_distances, find_two_nearest
from ilk.cluster.weighted_rows import WeightedRows

_N_PARENTS = 6

_FIRST_TOL = 1e-2
_TOL = 1e-3
"""When Lloyd's algorithm stops: solutions for crossover need not have converged."""

RELAXATION = 1.7
"""Over-relaxation: how far centers move, in units of the way to the means. Of 1,320 optima of real
tables 15 are missed at 1, and 6 at 1.7 (`benchmarks/optimum.py`); at 2 centers oscillate."""

_SAME_TOL = 1e-5
"""Solutions whose inertia differs by less are the same."""

_MIN_GAIN = 1e-4
"""A round that gains less does not count: data without groups has no end of such gains."""

_MIN_EXCHANGE_GAIN = 1e-9
_MAX_ROUNDS = 30

_TINY = 1e-300
_CHUNK_CELLS = 2**17
"""Coordinates held at a time, 1 MB."""


def search_centers(rows: WeightedRows, init: Floats, *, mutations: int, seed: int) -> Floats:
    """The best centers found, shape (up to 6, k, d), best first; they have not converged yet.

    Lloyd's algorithm runs from all starts. The six best solutions go through crossover in pairs,
    and so do the best of parents and children, for as long as that helps. Then the best are
    mutated, and if that helps, crossover begins again.

    Parameters
    ----------
    rows : WeightedRows
    init : ndarray of shape (starts, k, d)
        Initial centers.
    mutations : int
        In a round.
    seed : int
        Of the mutations.

    Examples
    --------
    >>> rows = WeightedRows(np.array([[1.0], [2.0], [8.0], [9.0]]), np.ones(4))
    >>> sorted(search_centers(rows, rows.values[None, :2], mutations=4, seed=0)[0].ravel().tolist())
    [1.5, 8.5]
    """
    random = np.random.default_rng([seed, init.shape[1]])
    best = _select_fittest(_run_lloyd(rows, init, _FIRST_TOL))
    is_crossover = len(best.centers) > 1
    for _ in range(_MAX_ROUNDS):
        if is_crossover:
            children = cross_over(best.centers, best.sizes)
        else:
            children = mutate(best.centers[:2], rows, mutations, random)
        runs = _run_lloyd(rows, children)
        has_gained = runs.inertia.min() < best.inertia[0] * (1 - _MIN_GAIN)
        best = _select_fittest(best, runs)
        if not has_gained and not is_crossover:
            break
        is_crossover = has_gained and len(best.centers) > 1
    return best.centers


def run_to_convergence(rows: WeightedRows, centers: Floats) -> Floats:
    """Run until no row changes its cluster, not even by exchange.

    Examples
    --------
    >>> rows = WeightedRows(np.array([[0.0], [3.0], [4.5], [6.0], [7.0]]), np.ones(5))
    >>> run_to_convergence(rows, np.array([[2.5], [6.5]])).ravel().round(2).tolist()
    [1.5, 5.83]
    """
    best = run_lloyd_batch(rows.values, rows.weights, centers)
    while len(rows) <= MAX_EXCHANGE_ROWS:
        exchanged = exchange_rows(rows, best.centers[0])
        run = run_lloyd_batch(rows.values, rows.weights, exchanged)
        if not run.inertia[0] < best.inertia[0] * (1 - _MIN_EXCHANGE_GAIN):
            break
        best = run
    converged: Floats = best.centers[0]
    return converged


def _run_lloyd(rows: WeightedRows, init: Floats, tol: float = _TOL) -> LloydRuns:
    return run_lloyd_batch(rows.values, rows.weights, init, tol=tol, relaxation=RELAXATION)


def _select_fittest(*solutions: LloydRuns) -> LloydRuns:
    """The best distinct solutions, the best one first."""
    centers, inertia, sizes = (np.concatenate(parts) for parts in zip(*solutions, strict=True))
    order = np.argsort(inertia, kind="stable")
    new = np.diff(inertia[order], prepend=-np.inf) > _SAME_TOL * inertia[order[0]]
    first = order[new][:_N_PARENTS]
    return LloydRuns(centers[first], inertia[first], sizes[first])


def cross_over(centers: Floats, sizes: Floats) -> Floats:
    """Combine every pair of sets, and merge the centers back to ``k`` [1]_.

    The two closest clusters by Ward's criterion are merged until ``k`` are left, so that centers
    found by both parents merge first. A child keeps the best parts of both.

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
    parents = np.array(pairs)
    return _merge_to_k(centers[parents].reshape(-1, 2 * k, d), sizes[parents].reshape(-1, 2 * k), k)


def mutate(centers: Floats, rows: WeightedRows, count: int, rng: np.random.Generator) -> Floats:
    """Copies of the sets in turn, each with one center moved to some row.

    The center is drawn from the half of the set whose removal would raise the inertia least; the
    row as in k-means++, in proportion to its weight and its squared distance to the nearest center.

    Examples
    --------
    >>> rows = WeightedRows(np.array([[0.0], [1.0], [2.0], [9.0]]), np.ones(4))
    >>> mutate(np.array([[[1.0], [0.0]]]), rows, 1, np.random.default_rng(0)).tolist()
    [[[1.0], [9.0]]]
    """
    mutants = centers[np.arange(count) % len(centers)]
    for i, parent in enumerate(centers):
        squared = compute_squared_distances(rows.values, parent)
        labels, nearest, second = find_two_nearest(squared)
        costs = np.bincount(labels, (second - nearest) * rows.weights, minlength=len(parent))
        expendable = np.argsort(costs, kind="stable")[: -(-len(parent) // 2)]
        copies = np.arange(i, count, len(centers))
        mass = np.cumsum(nearest * rows.weights)
        [drawn] = draw_by_mass(mass[None], rng.random((1, len(copies))))
        mutants[copies, rng.choice(expendable, len(copies))] = rows.values[drawn]
    return mutants


def _merge_to_k(centers: Floats, sizes: Floats, k: int) -> Floats:
    """Merge the two centers whose merging costs least until ``k`` are left, in every set."""
    n_sets, m, d = centers.shape
    sets = np.arange(n_sets)
    step = max(1, _CHUNK_CELLS // centers.size)
    blocks = [slice(at, at + step) for at in range(0, m, step)]
    costs = np.hstack(
        [_compute_merge_costs(centers, sizes, centers[:, at], sizes[:, at]) for at in blocks]
    )
    costs[:, np.arange(m), np.arange(m)] = np.inf
    left = np.ones((n_sets, m), dtype=bool)
    for _ in range(m - k):
        kept, lost = np.divmod(costs.reshape(n_sets, -1).argmin(axis=1), m)
        weights = np.stack([sizes[sets, kept], sizes[sets, lost]])
        joint = weights.sum(axis=0)
        shares = (weights / np.maximum(joint, _TINY))[:, :, None]
        shares[0] = 1.0 - shares[1]  # of two empty clusters the first stays where it is
        centers[sets, kept] = shares[0] * centers[sets, kept] + shares[1] * centers[sets, lost]
        sizes[sets, kept] = joint
        left[sets, lost] = False
        costs[sets, lost] = costs[sets, :, lost] = np.inf
        merged = centers[sets, kept][:, None], sizes[sets, kept][:, None]
        new_costs = np.where(left, _compute_merge_costs(centers, sizes, *merged)[:, 0], np.inf)
        new_costs[sets, kept] = np.inf
        costs[sets, kept] = costs[sets, :, kept] = new_costs
    return centers[left].reshape(n_sets, k, d)


def _compute_merge_costs(
    centers: Floats, sizes: Floats, chosen_centers: Floats, chosen_sizes: Floats
) -> Floats:
    """By how much the inertia grows when chosen centers of a set merge with any other of the set.

    ``chosen_centers`` has the shape (sets, c, d), the result (sets, c, m).
    """
    squared = ((centers[:, None] - chosen_centers[:, :, None]) ** 2).sum(axis=3)
    weight, other = chosen_sizes[:, :, None], sizes[:, None]
    costs: Floats = squared * (weight * other / np.maximum(weight + other, _TINY))
    return costs
