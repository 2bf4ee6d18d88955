"""Certainty: how sure a segment is, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ilk.bands import band
from ilk.digits import format_percent

if TYPE_CHECKING:
    from ilk.segments.segment import Segment


def certainty(segment: Segment) -> list[str]:
    """Whether the segment comes back, and how many could as well be elsewhere; what is known.

    Examples
    --------
    >>> from ilk.segments.segment import Figures, Segment
    >>> gold = Segment(1, "Gold", "Call.", Figures(7, 0.5, (), ()), (), 0.97, close_calls=0.13)
    >>> for sentence in certainty(gold):
    ...     print(sentence)
    Comes back on other draws: 0.97, very stable.
    13 % could as well belong to another segment.
    """
    told = []
    if segment.stability is not None:
        said = f"{segment.stability:.2f}, {band(segment.stability)}"
        told.append(f"Comes back on other draws: {said}.")
    if segment.close_calls is not None:
        share = format_percent(segment.close_calls) if segment.close_calls > 0 else "Nobody"
        told.append(f"{share} could as well belong to another segment.")
    return told
