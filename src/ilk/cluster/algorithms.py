"""Every clustering algorithm, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ilk.cluster.density import fit_dbscan, fit_hdbscan
from ilk.cluster.hierarchy import fit_bisecting, fit_ward
from ilk.cluster.kmeans.fit import run_kmeans_for_ks
from ilk.cluster.mixture import fit_mixture
from ilk.cluster.parallel import run_parallel
from ilk.cluster.result import ClusterResult
from ilk.cluster.weighted_rows import WeightedRows
from ilk.errors import UsageError

__all__ = ["ALGORITHMS", "Algorithm", "ClusterResult", "fit_kmeans"]

_RESTARTS = 10

FitFunction = Callable[[WeightedRows, Sequence[int], int], dict[int, ClusterResult]]


@dataclass(frozen=True)
class Algorithm:
    """A clustering algorithm.

    ``takes_k`` says whether the number of clusters has to be given. ``fit_all`` takes rows, numbers
    of clusters and a seed, and returns a result for each number. An algorithm that takes no number
    ignores them and returns the one result by its number of clusters. Weights count customers; one
    that ``repeats_rows`` is run on as many copies, so that its weights have to be whole.

    Examples
    --------
    >>> import numpy as np
    >>> rows = WeightedRows(np.array([[0.0], [1.0], [8.0]]), np.ones(3))
    >>> ALGORITHMS["ward"].fit(rows, 2, seed=0).labels
    array([0, 0, 1], dtype=int32)
    """

    name: str
    title: str
    takes_k: bool
    fit_all: FitFunction
    repeats_rows: bool = False

    def fit(self, rows: WeightedRows, k: int | None, seed: int) -> ClusterResult:
        """Find ``k`` clusters, or as many as there are where the algorithm takes no number.

        Raises
        ------
        InputError
            ``E_TOO_FEW_DISTINCT`` if fewer rows differ than ``k``; ``E_NO_CLUSTERS`` if every row
            is noise.
        UsageError
            If the algorithm takes a number and ``k`` is None.
        """
        if k is None and self.takes_k:
            raise UsageError(
                "E_CHOICE",
                f"{self.title} needs the number of segments",
                place="k",
                way_out="Give a whole number from 2 to 100.",
            )
        [result] = self.fit_all(rows, () if k is None else (k,), seed).values()
        return result


def fit_kmeans(
    rows: WeightedRows, ks: Sequence[int], seed: int, restarts: int = _RESTARTS
) -> dict[int, ClusterResult]:
    """k-means in the form of the others; see :func:`ilk.cluster.kmeans.fit.run_kmeans_for_ks`.

    Examples
    --------
    >>> import numpy as np
    >>> rows = WeightedRows(np.array([[0.0], [1.0], [8.0]]), np.ones(3))
    >>> fit_kmeans(rows, [2], seed=0)[2].labels
    array([0, 0, 1], dtype=int32)
    """
    partitions = run_kmeans_for_ks(rows, ks, seed=seed, restarts=restarts)
    labelings = run_parallel(lambda k: partitions[k].predict(rows.values).labels, ks)
    return {
        k: ClusterResult(partitions[k], labels, relabeled_share=0.0)
        for k, labels in zip(ks, labelings, strict=True)
    }


def _ignore_k(fit: Callable[[WeightedRows, int], ClusterResult]) -> FitFunction:
    """An algorithm that finds the number of clusters itself, in the form of the others."""

    def fit_all(rows: WeightedRows, ks: Sequence[int], seed: int) -> dict[int, ClusterResult]:
        result = fit(rows, seed)
        return {result.partition.k: result}

    return fit_all


ALGORITHMS: Mapping[str, Algorithm] = MappingProxyType(
    {
        algorithm.name: algorithm
        for algorithm in (
            Algorithm("kmeans", "k-means", True, fit_kmeans),
            Algorithm("bisecting", "bisecting k-means", True, fit_bisecting),
            Algorithm("mixture", "Gaussian mixture", True, fit_mixture, repeats_rows=True),
            Algorithm("ward", "Ward's method", True, fit_ward, repeats_rows=True),
            Algorithm("dbscan", "DBSCAN", False, _ignore_k(fit_dbscan)),
            Algorithm("hdbscan", "HDBSCAN", False, _ignore_k(fit_hdbscan), repeats_rows=True),
        )
    }
)
"""The algorithms by the names that recipes use."""
