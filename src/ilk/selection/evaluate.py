"""Everything that is measured of every K, and the candidates that are built from it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

import numpy as np

from ilk.cluster.algorithms import ALGORITHMS, ClusterResult
from ilk.cluster.kmeans.restarts import run_restarts
from ilk.cluster.parallel import run_parallel
from ilk.cluster.partition import NOISE, Labels, Partition
from ilk.cluster.weighted_rows import WeightedRows, sum_accurately
from ilk.errors import GateError
from ilk.selection.candidates import Candidate
from ilk.selection.class_test import find_classes, is_mostly_categories
from ilk.selection.connectivity import KNNGraph
from ilk.selection.explain import explain_size_limits
from ilk.selection.gap import NullComparison, compare_with_null
from ilk.selection.indices import compute_calinski_harabasz, compute_davies_bouldin, compute_elbows
from ilk.selection.k_choice import (
    filter_leading,
    filter_near_best,
    filter_smaller,
    is_near_best,
    recommend_k,
    select_by_silhouette_and_elbow,
)
from ilk.selection.settings import SelectionSettings
from ilk.selection.silhouette import Silhouette, compute_silhouettes, compute_squared_silhouette
from ilk.selection.stability import Stability
from ilk.selection.valley_test import Separation, ValleyTest

_VALLEY_STARTS = 10
"""Starts of k-means on each part of the rows, for the valley test."""

_SERIAL_ROWS = 10_000
"""Up to here measuring is so short that threads would only wait for each other."""


def evaluate_candidates(
    rows: WeightedRows,
    ks: Sequence[int],
    results: Mapping[int, ClusterResult],
    settings: SelectionSettings,
    null_silhouettes: Mapping[int, float] = MappingProxyType({}),
) -> tuple[Candidate, ...]:
    """The candidates for K = 1 and for every K of ``ks``; how stable they are is not known yet.

    Parameters
    ----------
    rows : WeightedRows
        n distinct rows with weights.
    ks : sequence of int
    results : mapping of int to ClusterResult
        The clusters of these K, and of their neighbors.
    settings : SelectionSettings
    null_silhouettes : mapping of int to float
        The squared silhouette that tables without segments reach, by K, where another algorithm
        has measured it already. There is no gap for these.

    Examples
    --------
    >>> from ilk.cluster.weighted_rows import deduplicate_rows
    >>> rows = deduplicate_rows(np.repeat([[0.0], [9.0]], 30, axis=0) + np.arange(60)[:, None] / 59)
    >>> results = {2: ALGORITHMS["kmeans"].fit(rows, 2, 0)}
    >>> _, best = evaluate_candidates(rows, [2], results, SelectionSettings())
    >>> best.k, best.n_separated_groups, best.smallest_share, best.stability
    (2, 2, 0.5, None)
    """
    return _measure(rows, ks, results, settings, null_silhouettes).build_candidates()


def add_deciding_stabilities(
    candidates: Sequence[Candidate], measure: Callable[[int], Stability], k: int | Literal["auto"]
) -> tuple[Candidate, ...]:
    """The candidates with the stability of every K that the decision depends on.

    The algorithm has to run again on many resamples, which for every K would take longer than the
    rest of the decision. What is not known counts as stable. So the K that decide then are tested,
    and if some of them fail, those that decide instead.

    Parameters
    ----------
    candidates : sequence of Candidate
    measure : function of int
        Measures the stability of a K.
    k : int or "auto"
        The K that was asked for, which is tested whatever the rule says.

    Examples
    --------
    >>> def candidate(k, gain):
    ...     return Candidate("kmeans", k, 1.0, 0.1, 0.6, 0.0, 0.7, 40.0, 0.5, silhouette_gain=gain,
    ...         chosen=False)
    >>> poor, good = Stability(np.array([0.25, 0.5, 0.75]), None), Stability(np.ones(2), 1.0)
    >>> stabilities = {2: good, 3: poor}
    >>> tried = [candidate(2, 0.1), candidate(3, 0.2), candidate(4, 0.0)]
    >>> tested = add_deciding_stabilities(tried, stabilities.__getitem__, "auto")
    >>> [candidate.stability for candidate in tested]
    [1.0, 0.5, None]
    """
    tested = tuple(candidates)
    while True:
        deciding = _find_deciding_ks(tested, k)
        untested = {
            candidate.k
            for candidate in tested
            if candidate.k in deciding and candidate.stability is None
        }
        if not untested:
            return tested
        tested = tuple(
            add_stability(candidate, measure(candidate.k)) if candidate.k in untested else candidate
            for candidate in tested
        )


def add_stability(candidate: Candidate, stability: Stability) -> Candidate:
    """The candidate with its stability."""
    return replace(
        candidate,
        stability=stability.mean,
        stability_min=stability.minimum,
        seed_agreement=stability.seed_agreement,
    )


def _find_deciding_ks(candidates: Sequence[Candidate], k: int | Literal["auto"]) -> set[int]:
    """The K whose stability the rule has to know: without any other one it decides the same."""
    requested = {candidate.k for candidate in candidates if candidate.k == k} - {1}
    if all(candidate.k == 1 for candidate in candidates):
        return set()
    try:
        deciding = requested | {recommend_k(candidates).k}
    except GateError:
        return requested
    leading = filter_leading(candidates)
    if not leading:
        return deciding
    # These set what the others are compared with: the margin, the smallest K, the silhouette.
    first = select_by_silhouette_and_elbow(leading)
    deciding |= {_find_leader(filter_near_best(candidates)), leading[0].k, first.k}
    deciding.add(_find_most_compact(leading))
    if (first.n_separated_groups or 1) < 2:
        deciding.add(_find_most_compact(filter_smaller(candidates, first.k)))
    return deciding


def _find_leader(candidates: Sequence[Candidate]) -> int:
    """The K with the largest margin."""
    return max(candidates, key=lambda candidate: candidate.silhouette_gain or 0.0).k


def _find_most_compact(candidates: Sequence[Candidate]) -> int:
    """The K with the best silhouette."""
    return max(candidates, key=lambda candidate: candidate.silhouette or 0.0).k


@dataclass(frozen=True)
class _Indices:
    """What can be measured of the clusters of one K alone."""

    inertia: float
    silhouette_squared: float | None = None
    calinski_harabasz: float | None = None
    davies_bouldin: float | None = None
    smallest_share: float = 1.0
    largest_share: float = 1.0
    relabeled_share: float | None = None
    cut_fraction: float | None = None

    def compute_gain(self, null: NullComparison) -> float:
        """The squared silhouette above that of random data."""
        return (self.silhouette_squared or 0.0) - null.null_silhouette


@dataclass(frozen=True)
class _Measurements:
    """What was measured, by K; what was not tested is missing."""

    ks: Sequence[int]
    settings: SelectionSettings
    indices: Mapping[int, _Indices]
    elbows: Mapping[int, float]
    silhouettes: Mapping[int, Silhouette]
    null_comparisons: Mapping[int, NullComparison]
    separations: Mapping[int, Separation]
    class_certainties: Mapping[int, float]

    def build_candidates(self) -> tuple[Candidate, ...]:
        """K = 1 and every K, in order."""
        return tuple(self._build_candidate(k) for k in sorted({1, *self.ks}))

    def _build_candidate(self, k: int) -> Candidate:
        indices, silhouette = self.indices[k], self.silhouettes.get(k)
        null, separation = self.null_comparisons.get(k), self.separations.get(k)
        return Candidate(
            algorithm=self.settings.algorithm,
            k=k,
            inertia=indices.inertia,
            elbow=self.elbows.get(k),
            silhouette=None if silhouette is None else silhouette.mean,
            silhouette_error=None if silhouette is None else silhouette.error,
            silhouette_squared=indices.silhouette_squared,
            calinski_harabasz=indices.calinski_harabasz,
            davies_bouldin=indices.davies_bouldin,
            gap=None if null is None else null.gap,
            gap_error=None if null is None else null.gap_error,
            silhouette_gain=None if null is None else indices.compute_gain(null),
            n_separated_groups=None if separation is None else separation.n_groups,
            gap_density=None if separation is None else separation.density,
            class_certainty=self.class_certainties.get(k),
            smallest_share=indices.smallest_share,
            largest_share=indices.largest_share,
            relabeled_share=indices.relabeled_share,
            rejection_reason=self._explain_rejection(k),
            cut_fraction=indices.cut_fraction,
            chosen=False,
        )

    def _explain_rejection(self, k: int) -> str | None:
        # One cluster of everyone is there for comparison, unless it is what the algorithm found.
        if k not in self.ks:
            return None
        indices = self.indices[k]
        return explain_size_limits(indices.smallest_share, indices.largest_share, self.settings)


def _measure(
    rows: WeightedRows,
    ks: Sequence[int],
    results: Mapping[int, ClusterResult],
    settings: SelectionSettings,
    null_silhouettes: Mapping[int, float],
) -> _Measurements:
    total_inertia = _compute_total_inertia(rows)
    inertias = {k: result.partition.inertia for k, result in results.items()} | {1: total_inertia}
    # Dense regions may have any shape: how compact they are says nothing.
    graph = (
        None
        if settings.fast or ALGORITHMS[settings.algorithm].takes_k
        else KNNGraph(rows, settings.seed)
    )
    max_workers = None if len(rows) > _SERIAL_ROWS else 1
    indices = run_parallel(
        lambda k: _measure_indices(rows, total_inertia, results[k], graph),
        ks,
        max_workers=max_workers,
    )
    measured = {1: _Indices(total_inertia)} | dict(zip(ks, indices, strict=True))
    nulls = {} if settings.fast else _compare_with_null(rows, ks, settings, null_silhouettes)
    leading = _find_leading(measured, nulls)
    return _Measurements(
        ks,
        settings,
        measured,
        compute_elbows(inertias),
        _compute_silhouettes(rows, {k: results[k].labels for k in ks if k > 1}, settings.seed),
        nulls,
        {} if settings.fast else _find_separations(rows, ks, results, settings, leading),
        {} if settings.fast else _find_class_certainties(rows, ks, results, settings),
    )


def _find_leading(indices: Mapping[int, _Indices], nulls: Mapping[int, NullComparison]) -> set[int]:
    """The K whose margin comes close to the best."""
    gains = {
        k: indices[k].compute_gain(null) for k, null in nulls.items() if k in indices and k > 1
    }
    best = max(gains.values(), default=0.0)
    return {k for k, gain in gains.items() if is_near_best(gain, best)}


def _measure_indices(
    rows: WeightedRows, total_inertia: float, result: ClusterResult, graph: KNNGraph | None
) -> _Indices:
    """The indices of one clustering; ``total_inertia`` is that of all rows."""
    members, labels = _drop_noise(rows, result.labels)
    partition = result.partition
    shares = np.bincount(labels, members.weights, minlength=partition.k) / rows.weights.sum()
    return _Indices(
        partition.inertia,
        silhouette_squared=(
            compute_squared_silhouette(members, labels) if partition.k > 1 else None
        ),
        calinski_harabasz=compute_calinski_harabasz(
            partition.inertia,
            total_inertia if members is rows else _compute_total_inertia(members),
            partition.k,
            float(members.weights.sum()),
        ),
        davies_bouldin=compute_davies_bouldin(members, partition.centers, labels),
        smallest_share=float(shares.min()),
        largest_share=float(shares.max()),
        relabeled_share=result.relabeled_share,
        cut_fraction=None if graph is None else graph.compute_cut_fraction(result.labels),
    )


def _compare_with_null(
    rows: WeightedRows,
    ks: Sequence[int],
    settings: SelectionSettings,
    null_silhouettes: Mapping[int, float],
) -> dict[int, NullComparison]:
    comparisons = {
        k: NullComparison(None, None, null_silhouettes[k])
        for k in (1, *ks)
        if k in null_silhouettes
    }
    if unknown := [k for k in ks if k not in null_silhouettes]:
        comparisons |= compare_with_null(rows, unknown, blocks=settings.blocks, seed=settings.seed)
    if settings.algorithm == "kmeans":
        return comparisons
    # The gap compares k-means with k-means.
    return {
        k: replace(comparison, gap=None, gap_error=None) for k, comparison in comparisons.items()
    }


def _find_separations(
    rows: WeightedRows,
    ks: Sequence[int],
    results: Mapping[int, ClusterResult],
    settings: SelectionSettings,
    leading: Collection[int],
) -> dict[int, Separation]:
    """Groups separated by gaps, for those K that the choice may depend on.

    These are the K with the largest margins, and those whose clusters may all be separated.
    """
    algorithm = ALGORITHMS[settings.algorithm]
    if not algorithm.takes_k:  # clusters of any shape have no axis between them
        return {}

    def fit_rows(part: WeightedRows, ks: Sequence[int]) -> Mapping[int, Partition]:
        if algorithm.name == "kmeans":
            return run_restarts(part, ks, starts=_VALLEY_STARTS, seed=settings.seed)
        results = algorithm.fit_all(part, ks, settings.seed)
        return {k: result.partition for k, result in results.items()}

    test = ValleyTest(rows, fit_rows, settings.blocks, settings.seed)
    tested = [
        k for k in ks if k > 1 and (k in leading or test.seems_separated(results[k].partition))
    ]
    return {1: Separation()} | test.find_separations(tested)


def _find_class_certainties(
    rows: WeightedRows,
    ks: Sequence[int],
    results: Mapping[int, ClusterResult],
    settings: SelectionSettings,
) -> dict[int, float]:
    """The certainty of the K whose clusters are classes that the categories show, if there is one.

    Where most columns are numbers, these show the groups. The test clusters by k-means.
    """
    is_mostly = is_mostly_categories(rows.values.shape[1], settings.blocks)
    if settings.algorithm != "kmeans" or not is_mostly:
        return {}
    partitions = {k: results[k].partition for k in ks if k > 1}
    return find_classes(rows, partitions, settings.blocks, settings.seed)


def _compute_silhouettes(
    rows: WeightedRows, labelings: Mapping[int, Labels], seed: int
) -> dict[int, Silhouette]:
    """The usual silhouettes; noise is left out of those of labelings that have some."""
    complete = {k: labels for k, labels in labelings.items() if (labels != NOISE).all()}
    silhouettes = (
        dict(
            zip(
                complete, compute_silhouettes(rows, list(complete.values()), seed=seed), strict=True
            )
        )
        if complete
        else {}
    )
    for k in labelings.keys() - complete.keys():
        members, labels = _drop_noise(rows, labelings[k])
        [silhouettes[k]] = compute_silhouettes(members, [labels], seed=seed)
    return silhouettes


def _drop_noise(rows: WeightedRows, labels: Labels) -> tuple[WeightedRows, Labels]:
    """The rows that are in a cluster, and their labels."""
    inside = labels != NOISE
    if inside.all():
        return rows, labels
    return WeightedRows(rows.values[inside], rows.weights[inside]), labels[inside]


def _compute_total_inertia(rows: WeightedRows) -> float:
    """Sum of squared distances to the mean of all rows."""
    deviations = rows.values - np.average(rows.values, axis=0, weights=rows.weights)
    return sum_accurately((deviations**2).sum(axis=1) * rows.weights)
