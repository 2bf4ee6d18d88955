"""Choose: which number of clusters, and why.

The rule: of the K whose average silhouette falls short of the best by at most a fortieth, the one
at which the inertia curve bends most. The silhouette alone cannot decide between two values that
differ by less than another draw of customers would move them; the bend alone takes every shoulder
of the curve for an elbow. Neither depends on which other K are tried, as long as the best one is
among them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ilk.choice.choice import Candidate, Choice
from ilk.choice.elbow import elbows
from ilk.choice.indices import calinski_harabasz, davies_bouldin
from ilk.choice.silhouette import silhouette_squared, silhouettes
from ilk.choice.verdict import CLOSE, reasons, verdict
from ilk.cluster.kmeans import check_distinct, sweep
from ilk.cluster.partition import CentroidPartition, Floats
from ilk.cluster.rows import Rows, distinct
from ilk.errors import InputError


@dataclass(frozen=True)
class Sweep:
    """Every K tried on the same rows: its indices, and its clusters.

    Examples
    --------
    >>> import numpy as np
    >>> sweep = try_all(np.repeat([[0.0], [5.0], [20.0]], 5, axis=0) + np.arange(15)[:, None] / 14)
    >>> sweep.recommended, sweep.pick(4)[0].k
    (3, 4)
    """

    candidates: tuple[Candidate, ...]
    partitions: Mapping[int, CentroidPartition]

    @property
    def recommended(self) -> int:
        """The K that the rule picks."""
        return recommend(self.candidates).k

    def pick(self, k: int | Literal["auto"] = "auto") -> tuple[Choice, CentroidPartition]:
        """Take one of the K tried; ``"auto"`` follows the rule.

        Raises
        ------
        InputError
            ``E_NOT_TRIED`` if this K is not among those tried.
        """
        tried = [each.k for each in self.candidates]
        chosen = self.recommended if k == "auto" else k
        if chosen not in tried:
            raise InputError(
                "E_NOT_TRIED",
                f"{chosen} segments were not tried, only {tried[0]} to {tried[-1]}",
                place="k",
                way_out="Choose one of these, or try again with a larger k_max.",
            )
        table = tuple(replace(each, chosen=each.k == chosen) for each in self.candidates)
        choice = Choice(table, verdict(table, self.recommended), reasons(table, self.recommended))
        return choice, self.partitions[chosen]


def choose(
    values: Floats,
    *,
    k: int | Literal["auto"] = "auto",
    k_max: int = 12,
    seed: int = 0,
    restarts: int = 10,
) -> tuple[Choice, CentroidPartition]:
    """Try every K with :func:`try_all`, and pick one with :meth:`Sweep.pick`.

    Examples
    --------
    >>> import numpy as np
    >>> values = np.repeat([[0.0], [5.0], [20.0]], 5, axis=0) + np.linspace(0, 1, 15)[:, None]
    >>> choice, partition = choose(values)
    >>> choice.k, partition.k
    (3, 3)
    """
    return try_all(values, k=k, k_max=k_max, seed=seed, restarts=restarts).pick(k)


def try_all(
    values: Floats,
    *,
    k: int | Literal["auto"] = "auto",
    k_max: int = 12,
    seed: int = 0,
    restarts: int = 10,
) -> Sweep:
    """Try K = 2..k_max with k-means.

    Parameters
    ----------
    values : ndarray of shape (n, d)
        Encoded rows, finite.
    k : int or "auto"
        A number beyond ``k_max`` extends the range.
    k_max : int
        Largest K tried; few rows shorten the range.
    seed : int
        Of the restarts and the sample.
    restarts : int
        Restarts of k-means for each K.

    Raises
    ------
    InputError
        ``E_TOO_FEW_DISTINCT`` if fewer rows differ than ``k``, or than 2.

    Examples
    --------
    >>> import numpy as np
    >>> [each.k for each in try_all(np.arange(20.0)[:, None], k_max=4).candidates]
    [2, 3, 4]
    """
    rows = distinct(values)
    check_distinct(rows, 2 if k == "auto" else k)
    # A K of more than half the rows would make clusters of single rows.
    last = max(2, min(k_max, len(values) // 2, len(rows) - 1), 2 if k == "auto" else k)
    tried = sweep(rows, range(1, min(last + 1, len(rows)) + 1), seed=seed, restarts=restarts)
    return Sweep(tuple(_candidates(rows, range(2, last + 1), tried, seed)), tried)


def recommend(candidates: Sequence[Candidate]) -> Candidate:
    """The candidate that the rule picks.

    Examples
    --------
    >>> def candidate(k, elbow, silhouette):
    ...     return Candidate("kmeans", k, 1.0, elbow, silhouette, 0.0, 0.0, 0.0, 0.0, chosen=False)
    >>> recommend([candidate(4, 0.1, 0.55), candidate(5, 0.9, 0.54), candidate(6, 2.0, 0.4)]).k
    5
    """
    best = max(each.silhouette or 0.0 for each in candidates)
    near = [each for each in candidates if (each.silhouette or 0.0) >= best - CLOSE * abs(best)]
    if any(each.elbow is None for each in near):
        return max(near, key=lambda each: (each.silhouette or 0.0, -each.k))
    return max(near, key=lambda each: (each.elbow or 0.0, -each.k))


def _candidates(
    rows: Rows,
    ks: Sequence[int],
    tried: dict[int, CentroidPartition],
    seed: int,
) -> list[Candidate]:
    """The indices of every K of ``ks``; none is chosen yet."""
    partitions = [tried[k] for k in ks]
    labelings = [partition.place(rows.values).labels for partition in partitions]
    bends = elbows({k: partition.inertia for k, partition in tried.items()})
    n = float(rows.weights.sum())
    return [
        Candidate(
            algorithm="kmeans",
            k=k,
            inertia=partition.inertia,
            elbow=bends.get(k),
            silhouette=found.mean,
            silhouette_spread=found.spread,
            silhouette_squared=silhouette_squared(rows, labels),
            calinski_harabasz=calinski_harabasz(partition.inertia, tried[1].inertia, k, n),
            davies_bouldin=davies_bouldin(rows, partition.centers, labels),
            chosen=False,
        )
        for k, partition, labels, found in zip(
            ks, partitions, labelings, silhouettes(rows, labelings, seed=seed), strict=True
        )
    ]
