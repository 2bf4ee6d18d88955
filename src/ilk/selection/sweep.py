"""Choose: every number of clusters on the same rows, with the evidence for each.

What becomes of the evidence is written in :mod:`ilk.selection.rule`.
"""

from __future__ import annotations

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
from ilk.selection.candidates import Candidate, Selection, Structure
from ilk.selection.evaluate import evaluate_candidates
from ilk.selection.explain import explain_selection, write_verdict
from ilk.selection.rule import classify_structure, is_best_at_end, recommend_k
from ilk.selection.settings import FINAL_K_MAX, INITIAL_K_MAX, SelectionSettings, check_sizes
from ilk.selection.stability import Stability

MAX_SWEEP_ROWS = 40_000
"""Rows on which k-means is tried with every K; the K that is picked is then refined on all. Five
times as many give the same K, in twice the time; where there are groups, the same centres too."""


@dataclass(frozen=True)
class Sweep:
    """Every K tried on the same rows: its evidence, its clusters, and how sure they are.

    ``rest`` holds all rows, where there are more than those: the K that is picked is refined on it.

    Examples
    --------
    >>> import numpy as np
    >>> sweep = sweep_k(np.repeat([[0.0], [5.0], [20.0]], 5, axis=0) + np.arange(15)[:, None] / 14)
    >>> sweep.recommended_k, sweep.select(4)[0].k
    (3, 4)
    """

    candidates: tuple[Candidate, ...]
    results: Mapping[int, ClusterResult]
    stabilities: Mapping[int, Stability]
    all_rows: WeightedRows | None = None

    @cached_property
    def recommended_k(self) -> int:
        """The K that the rule picks."""
        return recommend_k(self.candidates).k

    @cached_property
    def structure(self) -> Structure:
        """Whether there are segments at all."""
        return classify_structure(self.candidates)

    def extend(self, larger: Sweep) -> Sweep:
        """Join a sweep of larger K to this one."""
        return Sweep(
            (*self.candidates, *(each for each in larger.candidates if each.k > 1)),
            {**self.results, **larger.results},
            {**self.stabilities, **larger.stabilities},
            self.all_rows,
        )

    def select(self, k: int | Literal["auto"] = "auto") -> tuple[Selection, Partition]:
        """Take one of the K tried; ``"auto"`` follows the rule.

        Raises
        ------
        InputError
            ``E_NOT_TRIED`` if this K is not among those tried.
        GateError
            ``E_NO_CANDIDATE`` if every K breaks a limit, or the one asked for does.
        """
        tried = [each.k for each in self.candidates if each.k in self.results]
        chosen = self.recommended_k if k == "auto" else k
        if chosen not in tried:
            raise InputError(
                "E_NOT_TRIED",
                f"{chosen} segments were not tried, only {tried[0]} to {tried[-1]}",
                place="k",
                way_out="Choose one of these, or try again with a larger k_max.",
            )
        table = tuple(replace(each, chosen=each.k == chosen) for each in self.candidates)
        check_sizes(next(each for each in table if each.chosen))
        found = self.stabilities.get(chosen)
        choice = Selection(
            table,
            write_verdict(table, self.recommended_k, self.structure),
            explain_selection(table, self.recommended_k, self.structure, found),
            self.structure,
            () if found is None else tuple(found.jaccard.tolist()),
        )
        return choice, self._refine(self.results[chosen].partition)

    def _refine(self, partition: Partition) -> Partition:
        if self.all_rows is None or not isinstance(partition, CentroidPartition):
            return partition
        return refine_partition(self.all_rows, partition)


def choose_k(
    values: Floats, settings: SelectionSettings = SelectionSettings()
) -> tuple[Selection, Partition]:  # noqa: B008
    """Try every K with :func:`sweep_k`, and pick one with :meth:`Sweep.pick`.

    Examples
    --------
    >>> import numpy as np
    >>> values = np.repeat([[0.0], [5.0], [20.0]], 5, axis=0) + np.linspace(0, 1, 15)[:, None]
    >>> choice, partition = choose_k(values)
    >>> choice.k, partition.k
    (3, 3)
    """
    return sweep_k(values, settings).select(settings.k)


def sweep_k(
    values: Floats,
    settings: SelectionSettings = SelectionSettings(),  # noqa: B008 - frozen
    null_silhouettes: Mapping[int, float] = MappingProxyType({}),
) -> Sweep:
    """Try K = 1, 2, 3 … with one algorithm, or the K that it finds itself.

    Parameters
    ----------
    values : ndarray of shape (n, d)
        Encoded rows, finite.
    settings : Terms
        What may be tried, and what is tested.
    null_silhouettes : mapping of int to float
        See :func:`ilk.selection.evaluate.evidence`.

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
    >>> [each.k for each in sweep_k(np.arange(20.0)[:, None], SelectionSettings(k_max=4)).candidates]
    [1, 2, 3, 4]
    """
    rows = deduplicate_rows(values)
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
    # A K of more than half the rows would make clusters of single rows.
    most = max(2, min(int(rows.weights.sum()) // 2, len(rows) - 1))
    last = min(settings.k_max or INITIAL_K_MAX, most)
    if settings.k != "auto":
        last = max(last, settings.k)
    fitted: dict[int, ClusterResult] = {}
    found = None
    while True:
        wanted = [k for k in range(2, min(last + 1, len(rows)) + 1) if k not in fitted]
        fitted |= _fit_ks(rows, wanted, algorithm, settings)
        # What is known of a K of k-means does not depend on the others.
        seen = found.results if found is not None and algorithm.name == "kmeans" else {}
        new = [k for k in range(2, last + 1) if k in fitted and k not in seen]
        part = _evaluate_sweep(rows, new, fitted, settings, null_silhouettes)
        found = part if found is None or not seen else found.extend(part)
        longer = min(last * 3 // 2, most, FINAL_K_MAX)
        if settings.k_max or longer <= last or not is_best_at_end(found.candidates, last):
            return found
        last = longer


def _fit_ks(
    rows: WeightedRows, ks: Sequence[int], algorithm: Algorithm, settings: SelectionSettings
) -> dict[int, ClusterResult]:
    if not ks:
        return {}
    if algorithm.name == "kmeans":
        return fit_kmeans(rows, ks, settings.seed, settings.restarts)
    tried = algorithm.fit_all(rows, ks, settings.seed)
    # A mixture may lose clouds and come to less than it was asked for.
    return {k: each for k, each in tried.items() if each.partition.k == k}


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
            f"{algorithm.title} finds the number of segments itself, but {settings.k} were asked for",
            place="k",
            way_out="Leave out --k, or take another algorithm.",
        )
    fitted = algorithm.fit(rows, None, settings.seed)
    return _evaluate_sweep(
        rows, [fitted.partition.k], {fitted.partition.k: fitted}, settings, null_silhouettes
    )


def _evaluate_sweep(
    rows: WeightedRows,
    ks: Sequence[int],
    results: Mapping[int, ClusterResult],
    settings: SelectionSettings,
    null_silhouettes: Mapping[int, float],
) -> Sweep:
    candidates, sure = evaluate_candidates(rows, ks, results, settings, null_silhouettes)
    return Sweep(candidates, {k: results[k] for k in ks}, sure)
