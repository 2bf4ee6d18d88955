"""Whether another algorithm than k-means is clearly right, as cheaply as can be told.

A comparison of all algorithms takes many times as long as k-means. Here two others are tried on at
most 5,000 customers: HDBSCAN, which sees groups of any shape, and Gaussian mixtures of two to four
components, which see long, unequal and rare groups. What they find is judged by the rule of
:mod:`ilk.selection.algorithm_choice`, as in a comparison. Where hardly any neighbors are in
different segments of k-means, there is nothing to be found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ilk.cluster.algorithms import ALGORITHMS
from ilk.cluster.partition import NOISE, Floats, Partition
from ilk.cluster.result import ClusterResult
from ilk.cluster.weighted_rows import WeightedRows, deduplicate_rows, sample_customers
from ilk.errors import InputError
from ilk.selection.algorithm_choice import (
    MAX_NOISE_SHARE,
    AlgorithmRecommendation,
    recommend_algorithm,
)
from ilk.selection.candidates import AlgorithmResult, Candidate, Structure
from ilk.selection.compare import AlgorithmRunner
from ilk.selection.connectivity import KNNGraph
from ilk.selection.k_choice import CLEAR_CUT, has_shallow_gap
from ilk.selection.null_models import MAX_DISCRETE_VALUES
from ilk.selection.settings import SelectionSettings
from ilk.selection.sweep import Sweep
from ilk.selection.valley_test import Separation, ValleyTest

MAX_RIVAL_ROWS = 5_000
"""Customers on whom others are tried: as many as they are fitted on at most."""

MIN_DISTINCT_ROWS = 10
"""With fewer different rows, k-means leaves nothing to be found."""

MIXTURE_K_MAX = 4
"""Largest number of components tried. Where there are more groups, k-means finds most of them, and
HDBSCAN sees whether it does."""


def find_better_algorithm(
    values: Floats,
    sweep: Sweep,
    settings: SelectionSettings,
    weights: Floats | None = None,
) -> AlgorithmRecommendation | None:
    """Another algorithm than k-means that is clearly right, if there is one.

    Parameters
    ----------
    values : ndarray of shape (n, d)
        Encoded rows, finite.
    sweep : Sweep
        Of k-means, on these rows.
    settings : SelectionSettings
        Those of the sweep.
    weights : ndarray of shape (n,), optional
        How many customers each row stands for, 1 unless given.

    Examples
    --------
    >>> from ilk.selection.sweep import sweep_k
    >>> x = np.linspace(-9, 9, 150)
    >>> values = np.concatenate([np.column_stack([x, np.full(150, y)]) for y in (0.0, 4.0)])
    >>> values += np.random.default_rng(0).uniform(-0.5, 0.5, values.shape)
    >>> settings = SelectionSettings(k_max=4)
    >>> find_better_algorithm(values, sweep_k(values, settings), settings).algorithm
    'mixture'
    """
    if sweep.structure == "untested":
        return None
    rows = sample_customers(deduplicate_rows(values, weights), MAX_RIVAL_ROWS, settings.seed)
    if len(rows) < MIN_DISTINCT_ROWS:
        return None
    graph = KNNGraph(rows, settings.seed)
    partition = sweep.results[sweep.recommended_k].partition
    cut = graph.compute_cut_fraction(partition.predict(rows.values).labels)
    if sweep.structure == "clear" and (cut is None or cut <= CLEAR_CUT):
        return None
    runner = AlgorithmRunner(rows.values, settings, sweep, rows.weights)
    rivals = [
        rival
        for rival in (_try_mixtures(runner, graph, settings), _try_hdbscan(runner, graph, settings))
        if rival is not None
    ]
    if not rivals:
        return None
    selected = next(
        candidate for candidate in sweep.candidates if candidate.k == sweep.recommended_k
    )
    labels = partition.predict(runner.rows.values).labels
    results = [runner.measure(selected, sweep.structure, labels, graph), *rivals]
    found = {result.algorithm: result.labels for result in results if result.labels is not None}
    recommendation = recommend_algorithm(results, graph, found)
    return recommendation if recommendation.better_k else None


def sweep_better_algorithm(
    values: Floats,
    sweep: Sweep,
    settings: SelectionSettings,
    better: AlgorithmRecommendation,
    weights: Floats | None = None,
) -> Sweep:
    """The sweep of an algorithm that was found to be right, over the K that were looked at.

    Parameters
    ----------
    values : ndarray of shape (n, d)
    sweep : Sweep
        Of k-means.
    settings : SelectionSettings
        Those of the sweep.
    better : AlgorithmRecommendation
        What :func:`find_better_algorithm` has found.
    weights : ndarray of shape (n,), optional
        How many customers each row stands for, 1 unless given.
    """
    k_max = min(settings.k_max or MIXTURE_K_MAX, MIXTURE_K_MAX)
    runner = AlgorithmRunner(values, replace(settings, k_max=k_max), sweep, weights)
    return runner.sweep(better.algorithm)


def _try_mixtures(
    runner: AlgorithmRunner, graph: KNNGraph, settings: SelectionSettings
) -> AlgorithmResult | None:
    """The largest mixture whose components are all separated by valleys.

    Stability is not measured: that the components are found again without part of the rows is part
    of the test for valleys.
    """
    rows, fit_all = runner.rows, ALGORITHMS["mixture"].fit_all

    def fit_part(part: WeightedRows, ks: Sequence[int]) -> dict[int, Partition]:
        return {k: result.partition for k, result in fit_all(part, ks, settings.seed).items()}

    ks = range(2, min(MIXTURE_K_MAX, len(rows) - 1) + 1)
    results = {
        k: result
        for k, result in fit_all(rows, ks, settings.seed).items()
        if result.partition.k == k
    }
    test = ValleyTest(rows, fit_part, settings.blocks, settings.seed)
    promising = [k for k, result in results.items() if test.seems_separated(result.partition)]
    separations = test.find_separations(promising)
    proved = [k for k in promising if separations[k].n_groups == k]
    if not proved:
        return None
    k = max(proved)
    candidate = _build_candidate(rows, results[k], separations[k])
    structure: Structure = "weak" if has_shallow_gap(candidate) else "clear"
    return runner.measure(candidate, structure, results[k].labels, graph)


def _build_candidate(
    rows: WeightedRows, result: ClusterResult, separation: Separation
) -> Candidate:
    """Clusters with valleys around all of them; nothing else is measured."""
    partition = result.partition
    shares = np.bincount(result.labels, rows.weights, minlength=partition.k) / rows.weights.sum()
    return Candidate(
        *("mixture", partition.k, partition.inertia, None, None, None, None, None, None),
        n_separated_groups=separation.n_groups,
        gap_density=separation.density,
        smallest_share=float(shares.min()),
        largest_share=float(shares.max()),
        chosen=True,
    )


def _try_hdbscan(
    runner: AlgorithmRunner, graph: KNNGraph, settings: SelectionSettings
) -> AlgorithmResult | None:
    """The clusters of HDBSCAN, if a first look finds them apart.

    Between the levels of a category, and between few different numbers, nobody can be: clusters of
    a density method are always apart there, and that proves nothing.
    """
    if settings.blocks or _count_fewest_values(runner.rows.values) <= MAX_DISCRETE_VALUES:
        return None
    try:
        result = ALGORITHMS["hdbscan"].fit(runner.rows, None, settings.seed)
    except InputError:
        return None
    return runner.run("hdbscan", graph) if _has_few_cuts(result, graph) else None


def _count_fewest_values(values: Floats) -> int:
    """Different values of the column that has the fewest."""
    return min(len(np.unique(column)) for column in values.T)


def _has_few_cuts(result: ClusterResult, graph: KNNGraph) -> bool:
    """Whether several clusters hold most rows, and hardly any neighbors are in different ones."""
    noise_share = float(np.mean(result.labels == NOISE))
    cut = graph.compute_cut_fraction(result.labels)
    return (
        result.partition.k > 1
        and noise_share <= MAX_NOISE_SHARE
        and cut is not None
        and cut <= CLEAR_CUT
    )
