"""Every number of clusters on the same rows, with its figures.

Which one is recommended, :mod:`ilk.selection.k_choice` decides.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from ilk.cluster.algorithms import ALGORITHMS, Algorithm, ClusterResult, fit_kmeans
from ilk.cluster.kmeans.fit import check_distinct, refine_partition
from ilk.cluster.partition import CentroidPartition, Floats, Partition
from ilk.cluster.weighted_rows import WeightedRows, deduplicate_rows
from ilk.errors import InputError, UsageError
from ilk.selection.algorithm_choice import AlgorithmRecommendation
from ilk.selection.candidates import Candidate, Selection, Structure
from ilk.selection.evaluate import (
    add_deciding_stabilities,
    add_stability,
    evaluate_candidates,
)
from ilk.selection.explain import explain_selection, write_verdict
from ilk.selection.explain_algorithm import write_better_verdict
from ilk.selection.k_choice import (
    build_size_limit_error,
    classify_structure,
    is_best_at_end,
    recommend_k,
)
from ilk.selection.settings import FINAL_K_MAX, INITIAL_K_MAX, SelectionSettings
from ilk.selection.stability import Stability, StabilityTest

MAX_SWEEP_ROWS = 40_000
"""Rows on which k-means is tried with every K; the K that is selected is then refined on all. Five
times as many give the same K, in twice the time, and where there are groups the same centers."""


@dataclass(frozen=True)
class Sweep:
    """Every K tried on the same rows: its figures and its clusters.

    ``stability_test`` measures how stable they are; it is ``None`` if nothing is to be tested.
    ``all_rows`` is set where K was tried on a sample: the K that is selected is refined on them.
    ``better`` recommends another algorithm, where one is known to be clearly right;
    ``n_customers`` are those on whom K was tried.

    Examples
    --------
    >>> import numpy as np
    >>> sweep = sweep_k(np.repeat([[0.0], [5.0], [20.0]], 20, axis=0) + np.arange(60)[:, None] / 59)
    >>> sweep.recommended_k, sweep.select(4)[0].k
    (3, 4)
    """

    candidates: tuple[Candidate, ...]
    results: Mapping[int, ClusterResult]
    stability_test: StabilityTest | None = None
    all_rows: WeightedRows | None = None
    better: AlgorithmRecommendation | None = None
    n_customers: int | None = None

    @cached_property
    def recommended_k(self) -> int:
        """The K that the rule selects."""
        return recommend_k(self.candidates).k

    @cached_property
    def structure(self) -> Structure:
        """Whether there are segments at all."""
        return classify_structure(self.candidates)

    def select(self, k: int | Literal["auto"] = "auto") -> tuple[Selection, Partition]:
        """Take one of the K tried; ``"auto"`` follows the rule.

        Raises
        ------
        InputError
            ``E_NOT_TRIED`` if this K is not among those tried.
        GateError
            ``E_NO_CANDIDATE`` if every K breaks a limit, or the one asked for does.
        """
        tried = [candidate.k for candidate in self.candidates if candidate.k in self.results]
        chosen = self.recommended_k if k == "auto" else k
        if chosen not in tried:
            raise InputError(
                "E_NOT_TRIED",
                f"{chosen} segments were not tried, only {tried[0]} to {tried[-1]}",
                place="k",
                way_out="Choose one of these, or try again with a larger k_max.",
            )
        candidates = tuple(
            replace(candidate, chosen=candidate.k == chosen) for candidate in self.candidates
        )
        _check_sizes(next(candidate for candidate in candidates if candidate.chosen))
        stability = self._measure_stability(chosen)
        if stability is not None:
            # The decision may not have depended on it.
            candidates = tuple(
                add_stability(candidate, stability) if candidate.chosen else candidate
                for candidate in candidates
            )
        selection = Selection(
            candidates,
            write_verdict(candidates, self.recommended_k, self.structure, self.n_customers),
            explain_selection(
                candidates, self.recommended_k, self.structure, stability, self.n_customers
            ),
            self.structure,
            () if stability is None else tuple(stability.jaccard.tolist()),
            n_customers=self.n_customers,
        )
        if self.better is not None:
            selection = replace(
                selection,
                verdict=write_better_verdict(chosen, self.better.algorithm, self.better.better_k),
                # The first one says that there are groups, or none, which no longer holds.
                reasons=(self.better.reason, *selection.reasons[1:]),
                better_algorithm=self.better.algorithm,
            )
        return selection, self._refine(self.results[chosen].partition)

    def _measure_stability(self, k: int) -> Stability | None:
        if self.stability_test is None or k == 1:
            return None
        return self.stability_test.measure(self.results[k].partition)

    def _refine(self, partition: Partition) -> Partition:
        if self.all_rows is None or not isinstance(partition, CentroidPartition):
            return partition
        return refine_partition(self.all_rows, partition)


def sweep_k(
    values: Floats,
    settings: SelectionSettings = SelectionSettings(),  # noqa: B008 - frozen
    null_silhouettes: Mapping[int, float] = MappingProxyType({}),
    weights: Floats | None = None,
) -> Sweep:
    """Try K = 1, 2, 3 … with one algorithm, or the K that it finds itself.

    Parameters
    ----------
    values : ndarray of shape (n, d)
        Encoded rows, finite.
    settings : SelectionSettings
        What may be tried, and what is tested.
    null_silhouettes : mapping of int to float
        See :func:`ilk.selection.evaluate.evaluate_candidates`.
    weights : ndarray of shape (n,), optional
        How many customers each row stands for, 1 unless given; positive.

    Raises
    ------
    InputError
        ``E_TOO_FEW_DISTINCT`` if fewer rows differ than ``k``, or than 2; ``E_NO_CLUSTERS`` if a
        density method takes every row for noise.
    UsageError
        ``E_CHOICE`` if ``k`` is given to an algorithm that finds it itself.

    Examples
    --------
    >>> import numpy as np
    >>> sweep = sweep_k(np.arange(20.0)[:, None], SelectionSettings(k_max=4))
    >>> [candidate.k for candidate in sweep.candidates]
    [1, 2, 3, 4]
    """
    rows = deduplicate_rows(values, weights)
    check_distinct(rows, 2 if settings.k == "auto" else settings.k)
    algorithm = ALGORITHMS[settings.algorithm]
    if algorithm.name == "kmeans" and len(rows) > MAX_SWEEP_ROWS:
        return replace(
            _sweep_range(
                rows.sample(MAX_SWEEP_ROWS, settings.seed), algorithm, settings, null_silhouettes
            ),
            all_rows=rows,
        )
    return _sweep_range(rows, algorithm, settings, null_silhouettes)


def _sweep_range(
    rows: WeightedRows,
    algorithm: Algorithm,
    settings: SelectionSettings,
    null_silhouettes: Mapping[int, float],
) -> Sweep:
    if not algorithm.takes_k:
        return _sweep_density(rows, algorithm, settings, null_silhouettes)
    if settings.k != "auto" and not settings.k_max:
        results = _fit_requested(rows, settings.k, algorithm, settings)
        return _sweep_single(rows, results, algorithm, settings, null_silhouettes)
    n_customers = int(rows.weights.sum())
    # A K of more than half the rows would make clusters of single rows.
    most = max(2, min(n_customers // 2, len(rows) - 1))
    if not settings.k_max:
        most = min(most, find_largest_k(n_customers))
    last = min(settings.k_max or INITIAL_K_MAX, most)
    if settings.k != "auto":
        last = max(last, settings.k)
    results = {}
    candidates: tuple[Candidate, ...] = ()
    test = _build_stability_test(rows, algorithm, settings)
    while True:
        # One K beyond the last, for the bend of the inertia curve there.
        missing = [k for k in range(2, min(last + 1, len(rows)) + 1) if k not in results]
        results |= _fit_ks(rows, missing, algorithm, settings)
        # What is measured of one K of k-means does not depend on the others.
        known = candidates if algorithm.name == "kmeans" else ()
        measured = {candidate.k for candidate in known} | {1}
        new = [k for k in range(2, last + 1) if k in results and k not in measured]
        larger = evaluate_candidates(rows, new, results, settings, null_silhouettes)
        candidates = (*known, *(larger[1:] if known else larger))
        sweep = _build_sweep(candidates, results, test, settings, n_customers)
        longer = min(last * 3 // 2, most, FINAL_K_MAX)
        if settings.k_max or longer <= last or not is_best_at_end(sweep.candidates, last):
            return sweep
        last = longer


def find_largest_k(n_customers: int) -> int:
    """The largest K worth trying: the square root of half the customers, and at least 3 [1]_.

    References
    ----------
    .. [1] K. V. Mardia, J. T. Kent, J. M. Bibby (1979). Multivariate Analysis, page 365.

    Examples
    --------
    >>> [find_largest_k(n) for n in (10, 40, 200, 5000)]
    [3, 4, 10, 50]
    """
    return max(3, math.isqrt(n_customers // 2))


def _fit_ks(
    rows: WeightedRows, ks: Sequence[int], algorithm: Algorithm, settings: SelectionSettings
) -> dict[int, ClusterResult]:
    if not ks:
        return {}
    if algorithm.name == "kmeans":
        return fit_kmeans(rows, ks, settings.seed, settings.restarts)
    results = algorithm.fit_all(rows, ks, settings.seed)
    # A mixture may lose components and end with fewer clusters than it was asked for.
    return {k: result for k, result in results.items() if result.partition.k == k}


def _sweep_density(
    rows: WeightedRows,
    algorithm: Algorithm,
    settings: SelectionSettings,
    null_silhouettes: Mapping[int, float],
) -> Sweep:
    """The K that a density method finds."""
    if settings.k != "auto":
        raise UsageError(
            "E_CHOICE",
            f"{algorithm.title} finds the number of segments itself, but {settings.k} were "
            "asked for",
            place="{k}",
            way_out="Leave out {k}, or use another algorithm.",
            options=("k",),
        )
    result = algorithm.fit(rows, None, settings.seed)
    return _sweep_single(rows, {result.partition.k: result}, algorithm, settings, null_silhouettes)


def _fit_requested(
    rows: WeightedRows, k: int, algorithm: Algorithm, settings: SelectionSettings
) -> dict[int, ClusterResult]:
    """The only K that is tried."""
    results = _fit_ks(rows, [k], algorithm, settings)
    if not results:
        raise InputError(
            "E_NOT_TRIED",
            f"{algorithm.title} ends with fewer than {k} segments here",
            place="k",
            way_out="Ask for fewer, or use another algorithm.",
        )
    return results


def _sweep_single(
    rows: WeightedRows,
    results: Mapping[int, ClusterResult],
    algorithm: Algorithm,
    settings: SelectionSettings,
    null_silhouettes: Mapping[int, float],
) -> Sweep:
    """A single K with its figures."""
    candidates = evaluate_candidates(rows, list(results), results, settings, null_silhouettes)
    test = _build_stability_test(rows, algorithm, settings)
    return _build_sweep(candidates, results, test, settings, int(rows.weights.sum()))


def _build_stability_test(
    rows: WeightedRows, algorithm: Algorithm, settings: SelectionSettings
) -> StabilityTest | None:
    return None if settings.fast else StabilityTest(rows, algorithm, settings.seed)


def _build_sweep(
    candidates: tuple[Candidate, ...],
    results: Mapping[int, ClusterResult],
    test: StabilityTest | None,
    settings: SelectionSettings,
    n_customers: int,
) -> Sweep:
    """The candidates, tested for stability as far as the decision depends on it."""
    if test is not None:
        candidates = add_deciding_stabilities(
            candidates, lambda k: test.measure(results[k].partition), settings.k
        )
    tried = {
        candidate.k: results[candidate.k] for candidate in candidates if candidate.k in results
    }
    return Sweep(candidates, tried, test, n_customers=n_customers)


def _check_sizes(candidate: Candidate) -> None:
    """Refuse a candidate that breaks a limit, although it was asked for."""
    if candidate.rejection_reason is not None:
        raise build_size_limit_error(
            f"with {candidate.k} segments {candidate.rejection_reason}",
            way_out="Ask for another number of segments, or widen the limits.",
        )
