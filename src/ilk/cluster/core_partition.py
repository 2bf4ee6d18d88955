"""Clusters of any shape, given by rows that lie well inside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np

from ilk.cluster.partition import (
    NOISE,
    Assignment,
    Floats,
    Labels,
    Partition,
    compute_margin,
    find_two_nearest,
    renumber_labels,
)


@dataclass(frozen=True)
class CorePartition(Partition):
    """Clusters given by core samples: a row belongs to the nearest one that is near enough.

    ``core_samples``, shape (m, d), have the clusters ``labels``, shape (m,). ``eps``, shape (k,),
    is the largest distance from a core sample at which a row belongs to its cluster. Rows farther
    away from all of them are noise; a tie goes to the lower number. The margin is 1 - d1 / d2 with
    the distances to the nearest core sample of the own and of any other cluster, and at least 0.

    Examples
    --------
    >>> samples, labels = np.array([[0.0], [1.0], [9.0]]), np.array([0, 0, 1], dtype=np.int32)
    >>> centers, eps = np.array([[0.5], [9.0]]), np.array([2.0, 2.0])
    >>> CorePartition(centers, 0.5, samples, labels, eps).predict(np.array([[3.0], [5.0]]))
    Assignment(labels=array([ 0, -1], dtype=int32), margin=array([0.66666667, 0.        ]))
    """

    core_samples: Floats
    labels: Labels
    eps: Floats

    def reorder(self, order: Sequence[int]) -> Self:
        """The clusters with these numbers, in this order; the others are dropped."""
        labels = renumber_labels(self.labels, order, self.k)
        kept = labels != NOISE
        return replace(
            super().reorder(order),
            core_samples=self.core_samples[kept],
            labels=labels[kept],
            eps=self.eps[list(order)],
        )

    @cached_property
    def _trees(self) -> list[Any]:
        from sklearn.neighbors import KDTree

        return [KDTree(self.core_samples[self.labels == label]) for label in range(self.k)]

    def _predict_chunk(self, values: Floats) -> Assignment:
        distances = np.stack([tree.query(values)[0][:, 0] for tree in self._trees])
        inside = (distances <= self.eps[:, None]).any(axis=0)
        near_enough = np.where(distances <= self.eps[:, None], distances, np.inf)
        labels, own, _ = find_two_nearest(near_enough)
        distances[labels, np.arange(len(values))] = np.inf
        second = distances.min(axis=0)
        # Noise has the margin 0. A denser cluster may be nearer than the own one, but not near
        # enough for its smaller eps.
        margin = compute_margin(np.where(inside, own, 1.0), np.where(inside, second, 1.0))
        return Assignment(np.where(inside, labels, NOISE).astype(np.int32), np.maximum(margin, 0.0))
