"""Cores: clusters of any shape, given by rows that lie well inside them."""

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
)


@dataclass(frozen=True)
class CorePartition(Partition):
    """Clusters given by core rows: a row belongs to the nearest core that it is in reach of.

    ``points``, shape (m, d), are the cores, ``labels``, shape (m,), their clusters, and ``reach``,
    shape (k,), how far from a core a row may lie to belong to its cluster. A row out of reach of
    every core fits nowhere; a tie goes to the lower number. Clarity is 1 - d1 / d2 with the
    distances to the nearest core of the own and of any other cluster, and at least 0.

    Examples
    --------
    >>> points, labels = np.array([[0.0], [1.0], [9.0]]), np.array([0, 0, 1], dtype=np.int32)
    >>> centers, reach = np.array([[0.5], [9.0]]), np.array([2.0, 2.0])
    >>> CorePartition(centers, 0.5, points, labels, reach).predict(np.array([[3.0], [5.0]]))
    Assignment(labels=array([ 0, -1], dtype=int32), margin=array([0.66666667, 0.        ]))
    """

    core_samples: Floats
    labels: Labels
    eps: Floats

    def reorder(self, order: Sequence[int]) -> Self:
        """The clusters with these numbers, in this order; cores of the others are dropped."""
        own = list(order)
        number = np.full(self.k, NOISE, dtype=np.int32)
        number[own] = np.arange(len(own), dtype=np.int32)
        labels = number[self.labels]
        kept = labels != NOISE
        return replace(
            super().reorder(order),
            core_samples=self.core_samples[kept],
            labels=labels[kept],
            eps=self.eps[own],
        )

    @cached_property
    def _trees(self) -> list[Any]:
        from sklearn.neighbors import KDTree

        return [KDTree(self.core_samples[self.labels == label]) for label in range(self.k)]

    def _predict_chunk(self, values: Floats) -> Assignment:
        distances = np.stack([tree.query(values)[0][:, 0] for tree in self._trees])
        inside = (distances <= self.eps[:, None]).any(axis=0)
        reached = np.where(distances <= self.eps[:, None], distances, np.inf)
        labels, own, _ = find_two_nearest(reached)
        distances[labels, np.arange(len(values))] = np.inf
        second = distances.min(axis=0)
        # A row that fits nowhere is as one on a border; a sparser cluster may lie nearer than the
        # own one and be out of reach.
        clarity = compute_margin(np.where(inside, own, 1.0), np.where(inside, second, 1.0))
        return Assignment(
            np.where(inside, labels, NOISE).astype(np.int32), np.maximum(clarity, 0.0)
        )
