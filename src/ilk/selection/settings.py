"""What may be tried, what may be chosen, and what is tested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

INITIAL_K_MAX = 12
"""Largest K tried at first; the range grows while the margin over random data peaks at its end."""

FINAL_K_MAX = 50
"""Where the range stops growing on its own."""


@dataclass(frozen=True)
class SelectionSettings:
    """What may be tried and chosen.

    Attributes
    ----------
    algorithm : str
        Of :data:`ilk.cluster.algorithms.ALGORITHMS`.
    k : int or "auto"
        A number is taken whatever the rule says, and is the only one tried without ``k_max``.
    k_max : int or None
        Largest K tried; ``None`` starts at 12 and lets the range grow while larger K do better. A
        larger ``k`` extends the range.
    min_share, max_share : float
        Smallest and largest share of the rows that a cluster may have.
    fast : bool
        Leave out the comparison with random data and the stability tests.
    blocks : tuple of slice
        The columns of each category.
    seed : int
        Of everything random.
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
