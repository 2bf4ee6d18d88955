"""The search for the best centers of one K on few rows, by crossover of good solutions.

Restarts alone rarely find the best clusters once K exceeds the number of groups: on 440 rows with
K = 8 none of 64 does. Their solutions are right in different places, and combining them finds
better ones.
"""

from __future__ import annotations

import numpy as np

from ilk.cluster.kmeans.crossover import cross_over, mutate
from ilk.cluster.kmeans.hartigan_wong import MAX_EXCHANGE_ROWS, exchange_rows
from ilk.cluster.kmeans.lloyd import LloydRuns, run_lloyd_batch
from ilk.cluster.partition import Floats
from ilk.cluster.weighted_rows import WeightedRows

_N_PARENTS = 6

_FIRST_TOL = 1e-2
_TOL = 1e-3
"""When Lloyd's algorithm stops: solutions for crossover need not have converged."""

_RELAXATION = 1.7
"""Over-relaxation: how far centers move, in units of the way to the means. Of 1,320 optima of real
tables 15 are missed at 1, and 6 at 1.7 (`benchmarks/optimum.py`); at 2 centers oscillate."""

_SAME_TOL = 1e-5
"""Solutions whose inertia differs by less are the same."""

_MIN_GAIN = 1e-4
"""A round that gains less does not count: data without groups has no end of such gains."""

_MIN_EXCHANGE_GAIN = 1e-9
_MAX_ROUNDS = 30


def search_centers(rows: WeightedRows, init: Floats, *, mutations: int, seed: int) -> Floats:
    """The best centers found, shape (up to 6, k, d), best first; they have not converged yet.

    Lloyd's algorithm runs from all starts. The six best solutions go through crossover in pairs,
    and so do the best of parents and children, for as long as that helps. Then the best are mutated
    (:mod:`ilk.cluster.kmeans.crossover`), and if that helps, crossover begins again.

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
    return run_lloyd_batch(rows.values, rows.weights, init, tol=tol, relaxation=_RELAXATION)


def _select_fittest(*solutions: LloydRuns) -> LloydRuns:
    """The best distinct solutions, the best one first."""
    centers, inertia, sizes = (np.concatenate(parts) for parts in zip(*solutions, strict=True))
    order = np.argsort(inertia, kind="stable")
    new = np.diff(inertia[order], prepend=-np.inf) > _SAME_TOL * inertia[order[0]]
    first = order[new][:_N_PARENTS]
    return LloydRuns(centers[first], inertia[first], sizes[first])
