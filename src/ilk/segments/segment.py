"""Segment: what one group of customers is, in a marketer's words and in exact figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ilk.digits import counted
from ilk.schema import Entries
from ilk.segments.cards import card, cards
from ilk.words import one_line

Level = Literal["very low", "low", "average", "high", "very high"]


@dataclass(frozen=True)
class NumberFigures:
    """One numeric column within one segment, in original units.

    ``std`` is the population standard deviation; ``missing`` counts cells without a value, which
    the mean leaves out. ``mean`` and ``std`` are ``None`` when no cell has a value.
    """

    column: str
    mean: float | None
    std: float | None
    missing: int


@dataclass(frozen=True)
class CategoryFigures:
    """One categorical column within one segment: customers per level, most frequent first."""

    column: str
    counts: Entries[tuple[str, int]]
    missing: int


@dataclass(frozen=True)
class Figures:
    """Exact figures of a group of customers: one segment, or everyone."""

    customers: int
    share: float
    numbers: Entries[NumberFigures]
    categories: Entries[CategoryFigures]


@dataclass(frozen=True)
class Trait:
    """What sets a segment apart in one column.

    ``effect`` is the distance of the segment's mean from everyone's, in standard deviations of
    everyone (for a category: the segment's share of ``top`` minus everyone's). ``text`` says it in
    a sentence with both figures.
    """

    column: str
    level: Level
    effect: float
    text: str
    top: str | None = None


@dataclass(frozen=True)
class Segment:
    """One segment: number (1 is the largest), name, figures, traits (strongest first), action.

    ``stability`` is the Jaccard coefficient with which it comes back on other draws of the
    customers, ``None`` where that was not tested; ``close_calls`` the share of its customers who
    could as well belong to another segment.
    """

    number: int
    name: str
    action: str
    figures: Figures
    traits: Entries[Trait]
    stability: float | None = None
    close_calls: float | None = None

    def _repr_html_(self) -> str:
        """The segment as a card in a notebook."""
        return card(self)


class Segments(tuple[Segment, ...]):
    """Segments in the order of their numbers: a tuple that a notebook shows as cards.

    Examples
    --------
    >>> import ilk
    >>> ilk.fit(ilk.demo.load("mall"), describe=["Age", "Gender"]).segments
    1. Average income, average spending: 84 customers
    2. High income, high spending: 39 customers
    3. High income, low spending: 31 customers
    4. Low income, low spending: 24 customers
    5. Low income, high spending: 22 customers
    """

    __slots__ = ()

    @property
    def customers(self) -> int:
        """Customers in all segments together."""
        return sum(each.figures.customers for each in self)

    def with_certainty(self, stability: Sequence[float], close_calls: Sequence[float]) -> Segments:
        """The same segments with how sure each is; stability may be empty."""
        sure: Sequence[float | None] = stability or [None] * len(self)
        return Segments(
            replace(each, stability=jaccard, close_calls=share)
            for each, jaccard, share in zip(self, sure, close_calls, strict=True)
        )

    def __repr__(self) -> str:
        return "\n".join(map(_line, self))

    def _repr_html_(self) -> str:
        """The segments as cards in a notebook."""
        return cards(self)


def _line(segment: Segment) -> str:
    customers = counted(segment.figures.customers, "customer")
    return f"{segment.number}. {one_line(segment.name)}: {customers}"
