"""Evidence: everything that is known of every K."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from ilk.cluster.algorithms import ALGORITHMS, ClusterResult
from ilk.cluster.parallel import run_parallel
from ilk.cluster.partition import NOISE, Labels
from ilk.cluster.weighted_rows import WeightedRows, sum_accurately
from ilk.selection.candidates import Candidate
from ilk.selection.connectivity import KNNGraph
from ilk.selection.gap import NullComparison, compare_with_null
from ilk.selection.indices import compute_calinski_harabasz, compute_davies_bouldin, compute_elbows
from ilk.selection.settings import SelectionSettings, apply_size_limits
from ilk.selection.silhouette import Silhouette, compute_silhouettes, compute_squared_silhouette
from ilk.selection.stability import Stability, add_refit_stability, measure_stability
from ilk.selection.valley_test import ValleyTest

_SERIAL_ROWS = 10_000
"""Up to here measuring is so short that in threads it would only wait."""


def evaluate_candidates(
    rows: WeightedRows,
    ks: Sequence[int],
    results: Mapping[int, ClusterResult],
    settings: SelectionSettings,
    null_silhouettes: Mapping[int, float] = MappingProxyType({}),
) -> tuple[tuple[Candidate, ...], dict[int, Stability]]:
    """The candidates for K = 1 and for every K of ``ks``, and how sure these are.

    Parameters
    ----------
    rows : Rows
        n distinct rows with weights.
    ks : sequence of int
    results : mapping of int to Fitted
        What was found for these, and for their neighbours.
    settings : Terms
    null_silhouettes : mapping of int to float
        The squared silhouette that tables without segments give, by K: it need not be found again
        for another algorithm. Where it is known, there is no gap.

    Examples
    --------
    >>> from ilk.cluster.weighted_rows import deduplicate_rows
    >>> rows = deduplicate_rows(np.repeat([[0.0], [9.0]], 9, axis=0) + np.arange(18)[:, None] / 17)
    >>> two = ALGORITHMS["kmeans"].fit(rows, 2, 0)
    >>> (one, best), sure = evaluate_candidates(rows, [2], {2: two}, SelectionSettings())
    >>> one.k, best.n_separated_groups, best.smallest_share, sure[2].jaccard.tolist()
    (1, 2, 0.5, [1.0, 1.0])
    """
    spread = _compute_total_inertia(rows)
    inertias = {k: each.partition.inertia for k, each in results.items()} | {1: spread}
    bends = compute_elbows(inertias)
    usual = _compute_noise_free_silhouettes(
        rows, {k: results[k].labels for k in ks if k > 1}, settings.seed
    )
    chances, sure, groups = (
        ({}, {}, {}) if settings.fast else _run_tests(rows, ks, results, settings, null_silhouettes)
    )
    one = Candidate(
        settings.algorithm,
        1,
        spread,
        *(None,) * 6,
        smallest_share=1.0,
        largest_share=1.0,
        chosen=False,
    )
    found = (
        [_add_test_results(one, chances.get(1), None, None if settings.fast else 1)]
        if 1 not in ks
        else []
    )
    threads = None if len(rows) > _SERIAL_ROWS else 1
    measured = run_parallel(
        lambda k: _measure_candidate(rows, spread, results[k], settings.algorithm),
        ks,
        max_workers=threads,
    )
    for k, bare in zip(ks, measured, strict=True):
        alone = _add_shared_measures(bare, usual.get(k), bends.get(k))
        if not (settings.fast or ALGORITHMS[settings.algorithm].takes_k):
            # Balls and rings alike: how tight clusters are says nothing here.
            alone = replace(
                alone,
                cut_fraction=KNNGraph(rows, settings.seed).compute_cut_fraction(results[k].labels),
            )
        found.append(
            apply_size_limits(
                _add_test_results(alone, chances.get(k), sure.get(k), groups.get(k)), settings
            )
        )
    if settings.fast or settings.algorithm == "kmeans":
        return tuple(found), sure
    return add_refit_stability(found, results, rows, settings)


def _run_tests(
    rows: WeightedRows,
    ks: Sequence[int],
    results: Mapping[int, ClusterResult],
    settings: SelectionSettings,
    null_silhouettes: Mapping[int, float],
) -> tuple[dict[int, NullComparison], dict[int, Stability], dict[int, int]]:
    several = [k for k in ks if k > 1]
    land = ValleyTest(rows, settings.blocks, settings.seed)
    threads = None if len(rows) > _SERIAL_ROWS else 1
    parted = run_parallel(
        lambda k: land.count_separated_groups(results[k].partition), ks, max_workers=threads
    )
    groups = dict(zip(ks, parted, strict=True))
    chances = {
        k: NullComparison(None, None, null_silhouettes[k])
        for k in (1, *ks)
        if k in null_silhouettes
    }
    if unknown := [k for k in ks if k not in null_silhouettes]:
        chances |= compare_with_null(rows, unknown, blocks=settings.blocks, seed=settings.seed)
    if settings.algorithm == "kmeans":
        centers = {k: results[k].partition.centers for k in several}
        return chances, measure_stability(rows, centers, seed=settings.seed), groups
    # What the gap compares is k-means with k-means.
    return {k: replace(each, gap=None, gap_error=None) for k, each in chances.items()}, {}, groups


def _add_shared_measures(
    candidate: Candidate, silhouette: Silhouette | None, elbow: float | None
) -> Candidate:
    """The candidate with what is measured of all K together."""
    candidate = replace(candidate, elbow=elbow)
    if silhouette is None:
        return candidate
    return replace(candidate, silhouette=silhouette.mean, silhouette_error=silhouette.error)


def _measure_candidate(
    rows: WeightedRows, total_inertia: float, result: ClusterResult, algorithm: str
) -> Candidate:
    """What there is to measure of one K alone; ``total_inertia`` is that of all rows."""
    inside, labels = _drop_noise(rows, result.labels)
    partition = result.partition
    around = total_inertia if inside is rows else _compute_total_inertia(inside)
    shares = np.bincount(labels, inside.weights, minlength=partition.k) / rows.weights.sum()
    return Candidate(
        algorithm=algorithm,
        k=partition.k,
        inertia=partition.inertia,
        elbow=None,
        silhouette=None,
        silhouette_error=None,
        silhouette_squared=compute_squared_silhouette(inside, labels) if partition.k > 1 else None,
        calinski_harabasz=compute_calinski_harabasz(
            partition.inertia, around, partition.k, float(inside.weights.sum())
        ),
        davies_bouldin=compute_davies_bouldin(inside, partition.centers, labels),
        smallest_share=float(shares.min()),
        largest_share=float(shares.max()),
        relabelled_share=result.relabelled_share,
        chosen=False,
    )


def _add_test_results(
    candidate: Candidate,
    comparison: NullComparison | None,
    stability: Stability | None,
    n_separated_groups: int | None,
) -> Candidate:
    """The candidate with what the tests say of it."""
    if comparison is not None:
        lead = (candidate.silhouette_squared or 0.0) - comparison.null_silhouette
        candidate = replace(
            candidate, gap=comparison.gap, gap_error=comparison.gap_error, silhouette_gain=lead
        )
    if stability is not None:
        candidate = replace(
            candidate,
            stability=stability.mean,
            stability_min=stability.minimum,
            seed_agreement=stability.seed_agreement,
        )
    return replace(candidate, n_separated_groups=n_separated_groups)


def _compute_noise_free_silhouettes(
    rows: WeightedRows, labelings: Mapping[int, Labels], seed: int
) -> dict[int, Silhouette]:
    """The usual silhouettes; those of labellings with rows that fit nowhere are of the others."""
    whole = {k: labels for k, labels in labelings.items() if (labels != NOISE).all()}
    found = (
        dict(zip(whole, compute_silhouettes(rows, list(whole.values()), seed=seed), strict=True))
        if whole
        else {}
    )
    for k in labelings.keys() - whole.keys():
        inside, labels = _drop_noise(rows, labelings[k])
        [found[k]] = compute_silhouettes(inside, [labels], seed=seed)
    return found


def _drop_noise(rows: WeightedRows, labels: Labels) -> tuple[WeightedRows, Labels]:
    """The rows that fit somewhere, and their labels."""
    inside = labels != NOISE
    if inside.all():
        return rows, labels
    return WeightedRows(rows.values[inside], rows.weights[inside]), labels[inside]


def _compute_total_inertia(rows: WeightedRows) -> float:
    """Sum of squared distances to the mean of all rows."""
    apart = rows.values - np.average(rows.values, axis=0, weights=rows.weights)
    return sum_accurately((apart**2).sum(axis=1) * rows.weights)
