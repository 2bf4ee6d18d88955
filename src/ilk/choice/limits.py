"""Limits: how small and how large a segment may be."""

from __future__ import annotations

from dataclasses import replace

from ilk.choice.choice import Candidate
from ilk.choice.terms import Terms
from ilk.digits import format_percent
from ilk.errors import GateError


def limited(candidate: Candidate, terms: Terms) -> Candidate:
    """The candidate, refused if one of its clusters is too small or too large.

    Examples
    --------
    >>> two = Candidate("kmeans", 2, 9.0, 0.3, 0.6, 0.0, 0.7, 40.0, 0.5, smallest=0.02,
    ...     largest=0.98, chosen=False)
    >>> limited(two, Terms(min_share=0.05)).refused
    'the smallest segment has 2 % of the customers, less than 5 %'
    """
    smallest, largest = candidate.smallest, candidate.largest
    if smallest is not None and smallest < terms.min_share:
        told = f"the smallest segment has {format_percent(smallest)} of the customers, less than"
        return replace(candidate, refused=f"{told} {format_percent(terms.min_share)}")
    if largest is not None and largest > terms.max_share:
        told = f"the largest segment has {format_percent(largest)} of the customers, more than"
        return replace(candidate, refused=f"{told} {format_percent(terms.max_share)}")
    return candidate


def check_limits(candidate: Candidate) -> None:
    """Refuse a candidate that breaks a limit, although it was asked for."""
    if candidate.refused is not None:
        raise GateError(
            "E_NO_CANDIDATE",
            f"with {candidate.k} segments {candidate.refused}",
            place="--min-share, --max-share",
            way_out="Ask for another number of segments, or widen the limits.",
        )
