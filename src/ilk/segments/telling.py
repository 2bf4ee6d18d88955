"""Telling: which of a segment's traits are told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ilk.segments.segment import Trait

TRAITS = 4
"""The most traits that are told of a segment."""


def worth_telling(traits: Sequence[Trait]) -> Sequence[Trait]:
    """What sets a segment apart; the two strongest traits even of an average one.

    Parameters
    ----------
    traits : sequence of Trait
        Of one segment, strongest first.

    Examples
    --------
    >>> import ilk
    >>> average = ilk.fit(ilk.demo.load("mall"), describe=["Age"]).segments[0]
    >>> [trait.column for trait in worth_telling(average.traits)]
    ['Age', 'Annual Income (k$)']
    """
    return [t for i, t in enumerate(traits) if i < 2 or t.level != "average"][:TRAITS]
