"""Segment: what one group of customers is, in a marketer's words and in exact figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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
    counts: tuple[tuple[str, int], ...]
    missing: int


@dataclass(frozen=True)
class Figures:
    """Exact figures of a group of customers: one segment, or everyone."""

    customers: int
    share: float
    numbers: tuple[NumberFigures, ...]
    categories: tuple[CategoryFigures, ...]


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
    """One segment: number (1 is the largest), name, figures, traits (strongest first), action."""

    number: int
    name: str
    action: str
    figures: Figures
    traits: tuple[Trait, ...]
