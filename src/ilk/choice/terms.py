"""Terms: what may be tried, what may be chosen, and what is tested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FIRST_RANGE = 12
"""Largest K tried at first; the range grows while the lead over chance peaks at its end."""

LAST_RANGE = 50
"""Where the range stops growing on its own."""


@dataclass(frozen=True)
class Terms:
    """What may be tried and chosen.

    Attributes
    ----------
    algorithm : str
        Of :data:`ilk.cluster.algorithms.ALGORITHMS`.
    k : int or "auto"
        A number is taken whatever the rule says; it extends the range.
    k_max : int or None
        Largest K tried; none lets the range grow from 12 as far as there is reason to.
    min_share, max_share : float
        Smallest and largest share of the rows that a cluster may have.
    fast : bool
        Leave out the comparison with chance and the stability.
    blocks : tuple of slice
        The columns of each category.
    seed : int
        Of every draw.
    restarts : int
        Of k-means, for each K.
    """

    algorithm: str = "kmeans"
    k: int | Literal["auto"] = "auto"
    k_max: int | None = None
    min_share: float = 0.0
    max_share: float = 1.0
    fast: bool = False
    blocks: tuple[slice, ...] = ()
    seed: int = 0
    restarts: int = 10
