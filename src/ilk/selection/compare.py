"""Every algorithm on the same customers, side by side, and which one to use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ilk.cluster.algorithms import ALGORITHMS
from ilk.cluster.partition import NOISE, Floats, Labels, renumber_labels
from ilk.cluster.weighted_rows import WeightedRows, deduplicate_rows, subsample_indices
from ilk.errors import GateError, InputError
from ilk.progress import ProgressReporter
from ilk.selection.algorithm_choice import AlgorithmRecommendation, recommend_algorithm
from ilk.selection.candidates import AlgorithmResult, Candidate, Structure
from ilk.selection.connectivity import KNNGraph
from ilk.selection.explain import SINGLE_CLUSTER
from ilk.selection.settings import SelectionSettings
from ilk.selection.sweep import Sweep, sweep_k

MAX_PLOTTED_ROWS = 1_000
"""Customers that are plotted; of more, a sample."""


@dataclass(frozen=True)
class AlgorithmComparison:
    """What every algorithm found on the same customers.

    ``customers`` were clustered, and the nearest neighbors of ``graph_rows`` of them looked up.
    ``values``, shape (m, d), are the customers to plot; the labels of the results are theirs.
    """

    results: tuple[AlgorithmResult, ...]
    recommendation: AlgorithmRecommendation
    customers: int
    graph_rows: int
    values: Floats

    @property
    def recommended_result(self) -> AlgorithmResult:
        """The result of the algorithm to use."""
        return next(
            result for result in self.results if result.algorithm == self.recommendation.algorithm
        )

    def is_marked(self, result: AlgorithmResult) -> bool:
        """Whether a result is marked as recommended: never one without segments."""
        return result.has_clusters and result.algorithm == self.recommendation.algorithm


def compare_algorithms(
    values: Floats, settings: SelectionSettings, progress: ProgressReporter
) -> AlgorithmComparison:
    """Let every algorithm arrive at its own number of segments, and say which one to use.

    An algorithm that finds nothing has a result that says so.

    Parameters
    ----------
    values : ndarray of shape (n, d)
        Encoded rows, finite.
    settings : SelectionSettings
        For every algorithm; those that find the number themselves ignore ``k``.
    progress : ProgressReporter
        Gets a step for every algorithm.

    Raises
    ------
    InputError
        ``E_TOO_FEW_DISTINCT`` if fewer rows differ than ``settings.k``, or than 2.

    Examples
    --------
    >>> values = np.repeat([[0.0], [5.0], [20.0]], 20, axis=0) + np.linspace(0, 1, 60)[:, None]
    >>> comparison = compare_algorithms(values, SelectionSettings(), ProgressReporter())
    >>> best = comparison.recommended_result
    >>> best.title, best.k, best.cut_fraction
    ('k-means', 3, 0.0)
    """
    runner = AlgorithmRunner(values, settings)
    graph = KNNGraph(runner.rows, settings.seed)
    plotted = subsample_indices(runner.rows, MAX_PLOTTED_ROWS, settings.seed)
    results, labels = [], {}
    for name, algorithm in ALGORITHMS.items():
        step = f"Trying {algorithm.title}"
        with progress.step(step):
            result = runner.run(name, graph)
        if result.labels is not None:
            labels[name] = result.labels
            result = replace(result, labels=result.labels[plotted])
        results.append(replace(result, seconds=progress.timings.get(step)))
    return AlgorithmComparison(
        tuple(results),
        recommend_algorithm(results, graph, labels),
        int(runner.rows.weights.sum()),
        graph.n_rows,
        runner.rows.values[plotted],
    )


class AlgorithmRunner:
    """The same rows for one algorithm after the other.

    Parameters
    ----------
    values : ndarray of shape (n, d)
        Encoded rows, finite.
    settings : SelectionSettings
        For every algorithm; those that find K themselves ignore ``k``.
    known : Sweep, optional
        Of k-means on these or more rows: tables without segments need not be drawn again.
    weights : ndarray of shape (n,), optional
        How many customers each row stands for, 1 unless given.

    Examples
    --------
    >>> import numpy as np
    >>> values = np.repeat([[0.0], [5.0], [20.0]], 20, axis=0) + np.linspace(0, 1, 60)[:, None]
    >>> runner = AlgorithmRunner(values, SelectionSettings())
    >>> [runner.sweep(name).recommended_k for name in ("kmeans", "ward")]
    [3, 3]
    """

    def __init__(
        self,
        values: Floats,
        settings: SelectionSettings,
        known: Sweep | None = None,
        weights: Floats | None = None,
    ) -> None:
        self.rows: WeightedRows = deduplicate_rows(values, weights)
        self._values, self._weights, self._settings = values, weights, settings
        self._null_silhouettes = _get_null_silhouettes(known.candidates if known else ())
        self._k_max: int | None = settings.k_max

    def run(self, algorithm: str, graph: KNNGraph) -> AlgorithmResult:
        """What an algorithm finds; the labels are those of all distinct rows.

        Raises
        ------
        InputError
            If not even k-means finds anything in these rows.
        """
        try:
            sweep = self.sweep(algorithm)
            requested = self._settings.k
            takes_k = ALGORITHMS[algorithm].takes_k
            k = requested if takes_k and requested != "auto" else sweep.recommended_k
            selection, _ = sweep.select(k)
        except GateError as error:
            return AlgorithmResult(algorithm, rejection_reason=error.message)
        except InputError as error:
            if algorithm == "kmeans":
                raise
            return AlgorithmResult(algorithm, rejection_reason=error.message)
        candidate = selection.chosen_candidate
        return self.measure(candidate, sweep.structure, sweep.results[candidate.k].labels, graph)

    def sweep(self, algorithm: str) -> Sweep:
        """Every K of an algorithm; those that take a K try the same ones.

        Raises
        ------
        InputError
            If the algorithm finds nothing in these rows.
        """
        settings = replace(self._settings, algorithm=algorithm, k_max=self._k_max)
        if not ALGORITHMS[algorithm].takes_k:
            settings = replace(settings, k="auto")
        sweep = sweep_k(self._values, settings, self._null_silhouettes, self._weights)
        if algorithm == "kmeans":
            self._null_silhouettes |= _get_null_silhouettes(sweep.candidates)
            self._k_max = max(sweep.results)
        return sweep

    def measure(
        self, candidate: Candidate, structure: Structure, labels: Labels, graph: KNNGraph
    ) -> AlgorithmResult:
        """The result that has these labels of all distinct rows."""
        weights = self.rows.weights
        noise_share = float(weights[labels == NOISE].sum() / weights.sum())
        if candidate.k == 1:
            return AlgorithmResult(
                candidate.algorithm,
                candidate,
                noise_share=noise_share,
                rejection_reason=SINGLE_CLUSTER,
            )
        labels, sizes = _renumber_by_size(labels, weights, candidate.k)
        shares = sizes[sizes > 0] / max(sizes.sum(), 1.0)
        return AlgorithmResult(
            candidate.algorithm,
            candidate,
            structure,
            noise_share=noise_share,
            cut_fraction=graph.compute_cut_fraction(labels),
            effective_n_segments=float(np.exp(-(shares * np.log(shares)).sum())),
            labels=labels,
        )


def _get_null_silhouettes(candidates: Sequence[Candidate]) -> dict[int, float]:
    """What tables without segments reach, by K."""
    return {
        candidate.k: (candidate.silhouette_squared or 0.0) - candidate.silhouette_gain
        for candidate in candidates
        if candidate.silhouette_gain is not None
    }


def _renumber_by_size(labels: Labels, weights: Floats, k: int) -> tuple[Labels, Floats]:
    """The labels with the largest cluster first, and the sizes."""
    inside = labels != NOISE
    sizes = np.bincount(labels[inside], weights[inside], minlength=k).astype(np.float64)
    order = np.argsort(-sizes, kind="stable").tolist()
    return renumber_labels(labels, order, k), sizes[order]
