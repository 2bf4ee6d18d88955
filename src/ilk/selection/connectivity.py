"""Crossing: how often a border runs between next neighbours.

The usual indices reward round clusters of one size, whoever finds them. This one knows no shape: it
asks only whether customers who are next to each other are in one cluster. It is 0 where clusters
are truly apart, be they balls, rings or bands, and counts the customers through whom a border cuts.
The connectivity index [1]_ looks at the same links, weighs a neighbour by its rank, and is a sum;
this is a share, and tables of any size can be compared.

What is noise has no cluster, so links from it and to it do not count. Where two clusterings leave
out different customers, only the links that count in both can be compared.

.. [1] J. Handl, J. Knowles, D. B. Kell (2005). Computational cluster validation in post-genomic
   data analysis. Bioinformatics 21, 3201-3212.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ilk.cluster.partition import NOISE, Floats, Labels, compute_squared_distances
from ilk.cluster.weighted_rows import WeightedRows, subsample_indices

N_NEIGHBORS = 10
"""Next neighbours of a row; a tenth of the others where there are few."""

MAX_GRAPH_ROWS = 2_000
"""Rows that are linked among each other; more are sampled. The more rows, the fewer of them lie at
a border: the number makes tables of any size comparable."""

_CHUNK_CELLS = 2**20  # distances held at a time: 8 MB


class KNNGraph:
    """Links from rows to their next neighbours, for one clustering after the other.

    Parameters
    ----------
    rows : Rows
        n distinct rows with weights.
    seed : int
        Of the samples, and of who is taken of neighbours that are equally far.

    Attributes
    ----------
    rows : int
        Rows that are linked.

    Examples
    --------
    >>> rows = WeightedRows(np.array([[0.0], [1.0], [2.0], [8.0], [9.0]]), np.ones(5))
    >>> links = KNNGraph(rows)
    >>> links.compute_cut_fraction(np.array([0, 0, 0, 1, 1])), links.compute_cut_fraction(np.array([0, 1, 1, 1, 1]))
    (0.0, 0.4)
    """

    def __init__(self, rows: WeightedRows, seed: int = 0) -> None:
        linked = subsample_indices(rows, MAX_GRAPH_ROWS, seed)
        # Neighbours that are equally far come in the order of the rows, which must not tell.
        self._sources = np.random.default_rng([seed, 1]).permutation(linked)
        near = max(1, min(N_NEIGHBORS, (len(linked) - 1) // 10))
        self._targets = self._sources[_find_nearest(rows.values[self._sources], near)]
        self.n_rows = len(linked)

    def compute_cut_fraction(
        self, labels: Labels, other_labels: Labels | None = None
    ) -> float | None:
        """The share of links that lead into another cluster; ``None`` where no link counts.

        Parameters
        ----------
        labels : ndarray of shape (n,)
            Clusters of the rows; -1 is noise.
        other_labels : ndarray of shape (n,), optional
            Clusters to compare with: only links are counted that count in both.

        Examples
        --------
        >>> links = KNNGraph(WeightedRows(np.array([[0.0], [1.0], [5.0]]), np.ones(3)))
        >>> links.compute_cut_fraction(np.array([0, 1, 1])), links.compute_cut_fraction(np.array([0, 1, 1]), np.array([0, -1, 0]))
        (0.6666666666666666, None)
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
    """Positions of the nearest other rows of every row, shape (n, near)."""
    n = len(values)
    step = max(1, _CHUNK_CELLS // n)
    found = np.empty((n, n_neighbors), dtype=np.intp)
    for start in range(0, n, step):
        own = np.arange(start, min(start + step, n))
        squared = compute_squared_distances(values, values[own])
        squared[own - start, own] = np.inf
        found[own] = squared.argpartition(n_neighbors - 1, axis=1)[:, :n_neighbors]
    return found
