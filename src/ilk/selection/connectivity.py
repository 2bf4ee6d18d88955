"""How often nearest neighbors are in different clusters.

The usual indices reward round clusters of equal size. This one is fair to any shape: it asks only
whether customers who are close to each other are in the same cluster. It is 0 where clusters are
truly apart, whether balls, rings or bands, and grows where a boundary cuts through dense regions.
The connectivity index [1]_ looks at the same pairs, weighs a neighbor by its rank, and is a sum;
this is a share, so that tables of any size can be compared.

Noise is in no cluster, so pairs with noise do not count. Where two clusterings leave out different
customers, only the pairs that count in both can be compared.

.. [1] J. Handl, J. Knowles, D. B. Kell (2005). Computational cluster validation in post-genomic
   data analysis. Bioinformatics 21, 3201-3212.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ilk.cluster.partition import NOISE, Floats, Labels, compute_squared_distances
from ilk.cluster.weighted_rows import WeightedRows, subsample_indices

N_NEIGHBORS = 10
"""Nearest neighbors of a row; where there are few rows, a tenth of the others."""

MAX_GRAPH_ROWS = 2_000
"""Rows of the graph; of more, a sample. The more rows there are, the fewer of them are at a
boundary, so that a fixed number makes tables of any size comparable."""

_CHUNK_CELLS = 2**20
"""Distances held at a time: 8 MB."""


class KNNGraph:
    """Rows with their nearest neighbors, for one clustering after the other.

    Parameters
    ----------
    rows : WeightedRows
        n distinct rows with weights.
    seed : int
        Of the sample, and of the choice among neighbors at the same distance.

    Attributes
    ----------
    n_rows : int
        Rows in the graph.

    Examples
    --------
    >>> rows = WeightedRows(np.array([[0.0], [1.0], [2.0], [8.0], [9.0]]), np.ones(5))
    >>> graph = KNNGraph(rows)
    >>> graph.compute_cut_fraction(np.array([0, 0, 0, 1, 1]))
    0.0
    >>> graph.compute_cut_fraction(np.array([0, 1, 1, 1, 1]))
    0.4
    """

    def __init__(self, rows: WeightedRows, seed: int = 0) -> None:
        sampled = subsample_indices(rows, MAX_GRAPH_ROWS, seed)
        # Ties between neighbors are decided by the order of the rows, which must not matter.
        self._sources = np.random.default_rng([seed, 1]).permutation(sampled)
        n_neighbors = max(1, min(N_NEIGHBORS, (len(sampled) - 1) // 10))
        self._targets = self._sources[_find_nearest(rows.values[self._sources], n_neighbors)]
        self.n_rows = len(sampled)

    def compute_cut_fraction(
        self, labels: Labels, other_labels: Labels | None = None
    ) -> float | None:
        """The share of nearest neighbors in different clusters; ``None`` where no pair counts.

        Parameters
        ----------
        labels : ndarray of shape (n,)
            Clusters of the rows; -1 is noise.
        other_labels : ndarray of shape (n,), optional
            A second clustering: only pairs that count in both are counted.

        Examples
        --------
        >>> graph = KNNGraph(WeightedRows(np.array([[0.0], [1.0], [5.0]]), np.ones(3)))
        >>> graph.compute_cut_fraction(np.array([0, 1, 1]))
        0.6666666666666666
        >>> graph.compute_cut_fraction(np.array([0, 1, 1]), np.array([0, -1, 0])) is None
        True
        """
        own, near = labels[self._sources][:, None], labels[self._targets]
        counted = self._mask_clustered(labels)
        if other_labels is not None:
            counted &= self._mask_clustered(other_labels)
        return float((own != near)[counted].mean()) if counted.any() else None

    def _mask_clustered(self, labels: Labels) -> NDArray[np.bool_]:
        inside: NDArray[np.bool_] = labels != NOISE
        counted: NDArray[np.bool_] = inside[self._sources][:, None] & inside[self._targets]
        return counted


def _find_nearest(values: Floats, n_neighbors: int) -> NDArray[np.intp]:
    """Positions of the nearest other rows of every row, shape (n, n_neighbors)."""
    n = len(values)
    step = max(1, _CHUNK_CELLS // n)
    nearest = np.empty((n, n_neighbors), dtype=np.intp)
    for start in range(0, n, step):
        own = np.arange(start, min(start + step, n))
        squared = compute_squared_distances(values, values[own])
        squared[own - start, own] = np.inf
        nearest[own] = squared.argpartition(n_neighbors - 1, axis=1)[:, :n_neighbors]
    return nearest
