"""Contest: every algorithm on the same customers, side by side, and which one to use."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ilk.cluster.algorithms import ALGORITHMS
from ilk.cluster.partition import NOISE, Floats, Labels
from ilk.cluster.weighted_rows import WeightedRows, deduplicate_rows, subsample_indices
from ilk.errors import GateError, InputError
from ilk.progress import ProgressReporter
from ilk.selection.algorithm_choice import AlgorithmRecommendation, recommend_algorithm
from ilk.selection.algorithm_result import AlgorithmResult
from ilk.selection.candidates import Candidate
from ilk.selection.connectivity import KNNGraph
from ilk.selection.settings import SelectionSettings
from ilk.selection.sweep import Sweep, sweep_k

MAX_PLOTTED_ROWS = 1_000
"""Customers to be drawn; more are sampled."""


@dataclass(frozen=True)
class AlgorithmComparison:
    """What every algorithm found on the same customers.

    ``customers`` were clustered, and ``linked`` of them asked for their next neighbours.
    ``values``, shape (m, d), are those to be drawn; the labels of the entries are theirs.
    """

    results: tuple[AlgorithmResult, ...]
    recommendation: AlgorithmRecommendation
    customers: int
    graph_rows: int
    values: Floats

    @property
    def recommended_result(self) -> AlgorithmResult:
        """The entry to use."""
        return next(
            each for each in self.results if each.algorithm == self.recommendation.algorithm
        )


def compare_algorithms(
    values: Floats, settings: SelectionSettings, progress: ProgressReporter
) -> AlgorithmComparison:
    """Let every algorithm come to its own number of segments, and say which one to use.

    An algorithm that finds nothing has an entry that says so.

    Parameters
    ----------
    values : ndarray of shape (n, d)
        Encoded rows, finite.
    settings : Terms
        Of every algorithm; those that find the number themselves are not told it.
    progress : Watch
        Told about every algorithm, a step each.

    Raises
    ------
    InputError
        ``E_TOO_FEW_DISTINCT`` if fewer rows differ than ``terms.k``, or than 2.

    Examples
    --------
    >>> values = np.repeat([[0.0], [5.0], [20.0]], 20, axis=0) + np.linspace(0, 1, 60)[:, None]
    >>> found = compare_algorithms(values, SelectionSettings(), ProgressReporter())
    >>> found.recommended_result.title, found.recommended_result.k, found.recommended_result.cut_fraction
    ('k-means', 3, 0.0)
    """
    bench = AlgorithmRunner(values, settings)
    links = KNNGraph(bench.rows, settings.seed)
    drawn = subsample_indices(bench.rows, MAX_PLOTTED_ROWS, settings.seed)
    entries, labels = [], {}
    for name, algorithm in ALGORITHMS.items():
        step = f"Trying {algorithm.title}"
        with progress.step(step):
            entry, own = _run_algorithm(name, bench, settings, links)
        if own is not None:
            labels[name] = own
            entry = replace(entry, labels=own[drawn])
        entries.append(replace(entry, seconds=progress.timings.get(step)))
    return AlgorithmComparison(
        tuple(entries),
        recommend_algorithm(entries, links, labels),
        int(bench.rows.weights.sum()),
        links.n_rows,
        bench.rows.values[drawn],
    )


def _run_algorithm(
    name: str, runner: AlgorithmRunner, settings: SelectionSettings, graph: KNNGraph
) -> tuple[AlgorithmResult, Labels | None]:
    """An algorithm's entry, and the labels of all distinct rows."""
    algorithm = ALGORITHMS[name]
    try:
        sweep = runner.sweep(name)
        k = settings.k if algorithm.takes_k and settings.k != "auto" else sweep.recommended_k
        sweep.select(k)
    except GateError as error:
        return AlgorithmResult(name, algorithm.title, rejection_reason=error.message), None
    except InputError as error:
        if name == "kmeans":
            raise
        return AlgorithmResult(name, algorithm.title, rejection_reason=error.message), None
    entry, labels = _measure_result(name, sweep, k, runner, graph)
    if k > 1:
        return entry, labels
    told = "it found a single cluster and no others"
    return AlgorithmResult(
        name, algorithm.title, k=k, noise_share=entry.noise_share, rejection_reason=told
    ), None


def _measure_result(
    name: str, sweep: Sweep, k: int, runner: AlgorithmRunner, graph: KNNGraph
) -> tuple[AlgorithmResult, Labels]:
    weights = runner.rows.weights
    found = next(each for each in sweep.candidates if each.k == k)
    labels, sizes = _renumber_by_size(sweep.results[k].labels, weights, k)
    shares = sizes[sizes > 0] / max(sizes.sum(), 1.0)
    entry = AlgorithmResult(
        name,
        ALGORITHMS[name].title,
        k=k,
        noise_share=float(weights[labels == NOISE].sum() / weights.sum()),
        silhouette=found.silhouette,
        silhouette_squared=found.silhouette_squared,
        silhouette_gain=found.silhouette_gain,
        calinski_harabasz=found.calinski_harabasz,
        davies_bouldin=found.davies_bouldin,
        stability=found.stability,
        stability_min=found.stability_min,
        smallest_share=found.smallest_share,
        largest_share=found.largest_share,
        n_separated_groups=found.n_separated_groups,
        effective_n_segments=float(np.exp(-(shares * np.log(shares)).sum())),
        cut_fraction=graph.compute_cut_fraction(labels),
        relabelled_share=sweep.results[k].relabelled_share,
        structure=sweep.structure,
    )
    return entry, labels


def _renumber_by_size(labels: Labels, weights: Floats, k: int) -> tuple[Labels, Floats]:
    """The labels numbered anew by size, and the sizes."""
    inside = labels != NOISE
    sizes = np.bincount(labels[inside], weights[inside], minlength=k).astype(np.float64)
    order = np.argsort(-sizes, kind="stable")
    # The last place of the table is where label -1 looks.
    places = np.full(k + 1, NOISE, dtype=np.int32)
    places[order] = np.arange(k, dtype=np.int32)
    return places[labels], sizes[order]


class AlgorithmRunner:
    """The same rows for one algorithm after the other.

    Parameters
    ----------
    values : ndarray of shape (n, d)
        Encoded rows, finite.
    terms : Terms
        Of every algorithm; those that find K themselves are not told ``k``.

    Examples
    --------
    >>> import numpy as np
    >>> values = np.repeat([[0.0], [5.0], [20.0]], 20, axis=0) + np.linspace(0, 1, 60)[:, None]
    >>> bench = AlgorithmRunner(values, SelectionSettings())
    >>> [bench.sweep(name).recommended_k for name in ("kmeans", "ward")]
    [3, 3]
    """

    def __init__(self, values: Floats, settings: SelectionSettings) -> None:
        self.rows: WeightedRows = deduplicate_rows(values)
        self._values, self._settings = values, settings
        self._null_silhouettes: dict[int, float] = {}
        self._k_max: int | None = settings.k_max

    def sweep(self, algorithm: str) -> Sweep:
        """Every K of an algorithm; those that take a K try the same ones.

        Raises
        ------
        InputError
            If the algorithm finds nothing in these rows.
        """
        terms = replace(self._settings, algorithm=algorithm, k_max=self._k_max)
        if not ALGORITHMS[algorithm].takes_k:
            return sweep_k(self._values, replace(terms, k="auto"), self._null_silhouettes)
        found = sweep_k(self._values, terms, self._null_silhouettes)
        if algorithm == "kmeans":
            self._null_silhouettes |= _null_silhouettes(found.candidates)
            self._k_max = max(found.results)
        return found


def _null_silhouettes(candidates: tuple[Candidate, ...]) -> dict[int, float]:
    """What tables without segments give, by K."""
    return {
        each.k: (each.silhouette_squared or 0.0) - each.silhouette_gain
        for each in candidates
        if each.silhouette_gain is not None
    }
