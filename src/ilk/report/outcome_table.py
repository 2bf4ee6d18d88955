"""Value and outcomes: what a card begins with, and the segments by their rate of an outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ilk.segments.segment import Segment
from ilk.segments.worth import OutcomeFigures

_MAX_VALUES = 2  # columns of value that a card begins with; segments.csv holds all of them


@dataclass(frozen=True)
class RankedSegment:
    """One segment and its rate of an outcome."""

    number: int
    name: str
    outcome: OutcomeFigures


@dataclass(frozen=True)
class OutcomeRanking:
    """The segments by their rate of one outcome, the highest first, and everyone's rate."""

    label: str
    overall: float
    segments: tuple[RankedSegment, ...]


def describe_worth(segment: Segment) -> list[str]:
    """What a segment is worth and what became of its customers, a sentence each.

    Examples
    --------
    >>> from ilk.segments.segment import Figures
    >>> from ilk.segments.worth import ValueFigures
    >>> revenue = ValueFigures("rev", "revenue", "$", 900.0, 0.9, 90.0, 10.0)
    >>> gold = Segment(1, "Gold", "", Figures(10, 0.1, (), ()), (), values=(revenue,))
    >>> describe_worth(gold)
    ['Holds 90% of revenue: $90 per head, 9.0 times the overall $10.']
    """
    values = [value.text for value in segment.values[:_MAX_VALUES]]
    return values + [outcome.text for outcome in segment.outcomes]


def rank_outcomes(segments: Sequence[Segment]) -> tuple[OutcomeRanking, ...]:
    """The segments by their rate of every outcome; those where nobody's outcome is known last.

    Examples
    --------
    >>> from ilk.segments.segment import Figures
    >>> rate = OutcomeFigures("left", "left", True, 3, 10, 0.2, 0.11, 0.6)
    >>> one = Segment(1, "All", "", Figures(10, 1.0, (), ()), (), outcomes=(rate,))
    >>> rank_outcomes([one])[0].segments[0].outcome.position
    'unclear'
    """
    n_outcomes = min((len(segment.outcomes) for segment in segments), default=0)
    return tuple(
        _rank_outcome(segments, [segment.outcomes[i] for segment in segments])
        for i in range(n_outcomes)
    )


def _rank_outcome(
    segments: Sequence[Segment], outcomes: Sequence[OutcomeFigures]
) -> OutcomeRanking:
    pairs = sorted(
        zip(segments, outcomes, strict=True), key=lambda pair: (not pair[1].known, -pair[1].rate)
    )
    rows = tuple(RankedSegment(segment.number, segment.name, outcome) for segment, outcome in pairs)
    return OutcomeRanking(outcomes[0].label, outcomes[0].overall, rows)
