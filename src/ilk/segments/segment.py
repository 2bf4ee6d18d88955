"""What one group of customers is, in a marketer's words and in exact figures."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import polars as pl

from ilk.formatting.numbers import format_count
from ilk.formatting.text import format_single_line
from ilk.schema import Entries
from ilk.segments.worth import OutcomeFigures, ValueFigures

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
class NameReason:
    """Some words of a segment's name, and the sentence with the figures behind them."""

    words: str
    text: str


@dataclass(frozen=True)
class Segment:
    """One segment: number (1 is the largest), name, figures, traits, action.

    The traits that the name mentions come first, then the others, the strongest of each first.
    ``stability`` is its mean overlap (Jaccard coefficient) with the segments found in resamples of
    the customers, ``None`` where that was not tested; ``borderline_share`` the share of its
    customers who are almost as close to another segment. ``values`` and ``outcomes`` say what the
    segment is worth and what became of its customers, where a column tells. ``goal`` is what the
    action is for, and ``name_reasons`` are the figures behind the words of the name.
    """

    number: int
    name: str
    action: str
    figures: Figures
    traits: Entries[Trait]
    stability: float | None = None
    borderline_share: float | None = None
    values: Entries[ValueFigures] = ()
    outcomes: Entries[OutcomeFigures] = ()
    goal: str = ""
    name_reasons: Entries[NameReason] = ()


class Segments(tuple[Segment, ...]):
    """Segments in the order of their numbers: a tuple that a notebook shows as cards.

    Examples
    --------
    >>> import ilk
    >>> ilk.fit(ilk.demo.load("mall"), describe=["Age", "Gender"]).segments
    1. Middle-income average spenders: 84 customers
    2. High-income high spenders: 39 customers
    3. High-income low spenders: 31 customers
    4. Low-income low spenders: 24 customers
    5. Low-income high spenders: 22 customers
    """

    __slots__ = ()

    @property
    def customers(self) -> int:
        """Customers in all segments together."""
        return sum(segment.figures.customers for segment in self)

    def with_confidence(
        self, stability: Sequence[float], borderline_shares: Sequence[float]
    ) -> Segments:
        """The same segments with how reliable each is; ``stability`` may be empty."""
        known: Sequence[float | None] = stability or [None] * len(self)
        return Segments(
            replace(segment, stability=jaccard, borderline_share=share)
            for segment, jaccard, share in zip(self, known, borderline_shares, strict=True)
        )

    def __repr__(self) -> str:
        return "\n".join(map(_format_line, self))


def _format_line(segment: Segment) -> str:
    customers = format_count(segment.figures.customers, "customer")
    return f"{segment.number}. {format_single_line(segment.name)}: {customers}"


def tabulate_segments(segments: Sequence[Segment]) -> pl.DataFrame:
    """One row per segment, as ``segments.csv`` holds them.

    Columns: ``segment, segment_name, customers, share``, the share of the total and the value per
    head of every column of value, the rate of every outcome, the mean of every number, for every
    category its most frequent level and that level's share of the cells with a value,
    ``stability``, ``borderline_share``, ``goal``, ``action``. A column
    of the customers that is called like one of these says what its figures are: ``share (mean)``,
    ``action (most common)``.

    Examples
    --------
    >>> import ilk
    >>> tabulate_segments(ilk.fit(ilk.demo.load("mall")).segments).columns[:4]
    ['segment', 'segment_name', 'customers', 'share']
    """
    return pl.DataFrame([_build_row(segment) for segment in segments], infer_schema_length=None)


def _build_row(segment: Segment) -> dict[str, object]:
    first: dict[str, object] = {
        "segment": segment.number,
        "segment_name": segment.name,
        "customers": segment.figures.customers,
        "share": segment.figures.share,
    }
    for value in segment.values:
        first |= {f"{value.column} total share": value.share}
        first |= {f"{value.column} per head": value.mean}
    for outcome in segment.outcomes:
        first[f"{outcome.column} rate"] = outcome.rate if outcome.known else None
    last = {
        "stability": segment.stability,
        "borderline_share": segment.borderline_share,
        "goal": segment.goal or None,
        "action": segment.action or None,
    }
    figures: dict[str, object] = {}
    taken = {*first, *last}
    for name, suffix, cell in _list_figures(segment.figures):
        figures[_make_unique(name, suffix, taken | figures.keys())] = cell
    return first | figures | last


def _list_figures(figures: Figures) -> Iterator[tuple[str, str, object]]:
    """The name, what it is, and the value of every figure of a group."""
    for number in figures.numbers:
        yield number.column, "mean", number.mean
    for category in figures.categories:
        level, share = _find_top_level(category)
        yield category.column, "most common", level
        yield f"{category.column} share", "of the most common", share


def _make_unique(name: str, suffix: str, taken: Collection[str]) -> str:
    while name in taken:
        name = f"{name} ({suffix})"
    return name


def _find_top_level(figures: CategoryFigures) -> tuple[str | None, float | None]:
    if not figures.counts:
        return None, None
    level, count = figures.counts[0]
    return level, count / sum(count for _, count in figures.counts)
