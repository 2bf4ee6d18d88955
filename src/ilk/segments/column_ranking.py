"""Which columns tell the segments apart, and how much."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ilk.schema import Column, Role
from ilk.segments.segment import CategoryFigures, Figures, Segment


@dataclass(frozen=True)
class ColumnRank:
    """One column and how much of it the segments explain.

    ``explained`` is the share of the variance between the segments, 0 to 1: eta squared [1]_ of a
    number, on the logarithmic scale if it is used on that scale, and Goodman and Kruskal's tau
    [2]_ of a category, which is eta squared of its levels together. 0 where nothing varies.

    References
    ----------
    .. [1] K. Pearson (1905). On the general theory of skew correlation and non-linear regression.
    .. [2] L. A. Goodman, W. H. Kruskal (1954). Measures of association for cross classifications.
       Journal of the American Statistical Association 49, 732-764.
    """

    column: str
    role: Role
    explained: float


def rank_columns(
    segments: Sequence[Segment], everyone: Figures, columns: Iterable[Column]
) -> tuple[ColumnRank, ...]:
    """The columns in the order of how much the segments explain of them, most first.

    Columns that only describe can stand above those that the segments were formed by: it is what
    a reader wants to know of them.

    Parameters
    ----------
    segments : sequence of Segment
    everyone : Figures
        Figures of all customers together, with the same columns as the segments.
    columns : iterable of Column
        Those without figures are left out.

    Examples
    --------
    >>> import ilk
    >>> model = ilk.fit(ilk.demo.load("mall"), describe=["Age"], k=5).model
    >>> for rank in rank_columns(model.segments, model.everyone, model.schema):
    ...     print(f"{rank.column} ({rank.role}): {rank.explained:.0%}")
    Spending Score (1-100) (feature): 86%
    Annual Income (k$) (feature): 83%
    Age (describe): 33%
    Gender (describe): 4%
    """
    explained = _explain_numbers(segments) | {
        whole.column: _explain_category(segments, position, whole)
        for position, whole in enumerate(everyone.categories)
    }
    ranks = [
        ColumnRank(column.name, column.role, explained[column.name])
        for column in columns
        if column.name in explained
    ]
    return tuple(sorted(ranks, key=lambda rank: -rank.explained))


def _explain_numbers(segments: Sequence[Segment]) -> dict[str, float]:
    """The mean squared distance of the segments from everyone, in variances of everyone."""
    effects = [{trait.column: trait.effect for trait in segment.traits} for segment in segments]
    sums: dict[str, float] = {}
    customers: dict[str, int] = {}
    for segment, own in zip(segments, effects, strict=True):
        for figures in segment.figures.numbers:
            known = segment.figures.customers - figures.missing
            name = figures.column
            sums[name] = sums.get(name, 0.0) + known * own.get(name, 0.0) ** 2
            customers[name] = customers.get(name, 0) + known
    return {name: min(1.0, total / max(customers[name], 1)) for name, total in sums.items()}


def _explain_category(segments: Sequence[Segment], position: int, whole: CategoryFigures) -> float:
    """By how much knowing the segment makes a guess of the level, drawn by its share, better."""
    parts = [
        np.array([count for _, count in segment.figures.categories[position].counts], dtype=float)
        for segment in segments
    ]
    n = sum(part.sum() for part in parts)
    shares = np.array([count for _, count in whole.counts]) / max(
        1, sum(count for _, count in whole.counts)
    )
    by_chance = float((shares**2).sum())
    if not n or by_chance >= 1.0:
        return 0.0
    by_segment = sum((part**2).sum() / part.sum() for part in parts if len(part)) / n
    return max(0.0, float((by_segment - by_chance) / (1.0 - by_chance)))
