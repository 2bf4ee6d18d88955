"""Terms: what may be tried, what may be chosen, and what is tested."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ilk.errors import GateError
from ilk.formatting.numbers import format_percent
from ilk.selection.candidates import Candidate

INITIAL_K_MAX = 12
"""Largest K tried at first; the range grows while the lead over chance peaks at its end."""

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


def apply_size_limits(candidate: Candidate, settings: SelectionSettings) -> Candidate:
    """The candidate, refused if one of its clusters is too small or too large.

    Examples
    --------
    >>> two = Candidate("kmeans", 2, 9.0, 0.3, 0.6, 0.0, 0.7, 40.0, 0.5, smallest_share=0.02,
    ...     largest_share=0.98, chosen=False)
    >>> apply_size_limits(two, SelectionSettings(min_share=0.05)).rejection_reason
    'the smallest segment has 2% of the customers, less than 5%'
    """
    smallest, largest = candidate.smallest_share, candidate.largest_share
    if smallest is not None and smallest < settings.min_share:
        told = f"the smallest segment has {format_percent(smallest)} of the customers, less than"
        return replace(candidate, rejection_reason=f"{told} {format_percent(settings.min_share)}")
    if largest is not None and largest > settings.max_share:
        told = f"the largest segment has {format_percent(largest)} of the customers, more than"
        return replace(candidate, rejection_reason=f"{told} {format_percent(settings.max_share)}")
    return candidate


def check_sizes(candidate: Candidate) -> None:
    """Refuse a candidate that breaks a limit, although it was asked for."""
    if candidate.rejection_reason is not None:
        raise GateError(
            "E_NO_CANDIDATE",
            f"with {candidate.k} segments {candidate.rejection_reason}",
            place="--min-share, --max-share",
            way_out="Ask for another number of segments, or widen the limits.",
        )
