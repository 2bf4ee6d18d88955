"""Every column, everyone beside every segment, in original units."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ilk.formatting.numbers import NO_VALUE, format_number, format_percent
from ilk.schema import Column, Kind
from ilk.segments.segment import CategoryFigures, Figures, NumberFigures, Segment


@dataclass(frozen=True)
class ProfileCell:
    """A column within one group of customers.

    For a number ``mean`` and ``std`` are set; for a category ``top``, the most frequent level, and
    its ``share`` of the cells with a value. ``difference`` from everyone is in standard deviations
    of everyone (for a category: of having that level or not), ``None`` where nothing varies or
    no cell has a value. ``text`` is what a reader sees.
    """

    text: str
    difference: float | None = None
    mean: float | None = None
    std: float | None = None
    top: str | None = None
    share: float | None = None


@dataclass(frozen=True)
class ProfileRow:
    """One column: everyone's cell, and one cell per segment in the order of the segments."""

    column: str
    kind: Kind
    everyone: ProfileCell
    segments: tuple[ProfileCell, ...]

    @property
    def max_difference(self) -> float:
        """The largest difference of any segment from everyone."""
        return max((abs(cell.difference or 0.0) for cell in self.segments), default=0.0)


def build_profile_rows(
    segments: Sequence[Segment], everyone: Figures, columns: Iterable[Column]
) -> tuple[ProfileRow, ...]:
    """Compare every segment with everyone, column by column.

    Parameters
    ----------
    segments : sequence of Segment
    everyone : Figures
        Figures of all customers together, with the same columns as the segments.
    columns : iterable of Column
        The columns to compare, in order; those without figures are left out.

    Examples
    --------
    >>> age = Column("Age", kind="number", role="feature", reason="a number")
    >>> young = Figures(1, 0.5, (NumberFigures("Age", 20.0, 0.0, 0),), ())
    >>> everyone = Figures(2, 1.0, (NumberFigures("Age", 30.0, 10.0, 0),), ())
    >>> (row,) = build_profile_rows([Segment(1, "Young", "", young, ())], everyone, [age])
    >>> row.segments[0].difference
    -1.0
    """
    groups = [_index_by_column(segment.figures) for segment in segments]
    overall = _index_by_column(everyone)
    return tuple(
        _make_row(column, overall[column.name], [group[column.name] for group in groups])
        for column in columns
        if column.name in overall
    )


def select_most_distinctive(
    profile_rows: Sequence[ProfileRow], limit: int
) -> tuple[ProfileRow, ...]:
    """At most ``limit`` rows, those with the largest differences, in their own order."""
    ranked = sorted(range(len(profile_rows)), key=lambda i: -profile_rows[i].max_difference)
    return tuple(profile_rows[i] for i in sorted(ranked[:limit]))


def _index_by_column(figures: Figures) -> dict[str, NumberFigures | CategoryFigures]:
    numbers = {part.column: part for part in figures.numbers}
    return {**numbers, **{part.column: part for part in figures.categories}}


def _make_row(
    column: Column,
    everyone: NumberFigures | CategoryFigures,
    groups: Iterable[NumberFigures | CategoryFigures],
) -> ProfileRow:
    overall, *cells = (_make_cell(figures, everyone) for figures in (everyone, *groups))
    return ProfileRow(column.name, column.kind, overall, tuple(cells))


def _make_cell(
    figures: NumberFigures | CategoryFigures, everyone: NumberFigures | CategoryFigures
) -> ProfileCell:
    if isinstance(figures, NumberFigures) and isinstance(everyone, NumberFigures):
        return _make_number_cell(figures, everyone)
    if isinstance(figures, CategoryFigures) and isinstance(everyone, CategoryFigures):
        return _make_category_cell(figures, everyone)
    raise TypeError(f"{figures.column!r} is a number in one group and a category in another")


def _make_number_cell(figures: NumberFigures, everyone: NumberFigures) -> ProfileCell:
    if figures.mean is None or everyone.mean is None:
        return ProfileCell(NO_VALUE)
    return ProfileCell(
        format_number(figures.mean),
        _standardize(figures.mean - everyone.mean, everyone.std or 0.0),
        mean=figures.mean,
        std=figures.std,
    )


def _make_category_cell(figures: CategoryFigures, everyone: CategoryFigures) -> ProfileCell:
    if not figures.counts:
        return ProfileCell(NO_VALUE)
    top = figures.counts[0][0]
    share, overall = _compute_share(figures, top), _compute_share(everyone, top)
    return ProfileCell(
        f"{top} ({format_percent(share)})",
        _standardize(share - overall, math.sqrt(overall * (1 - overall))),
        top=top,
        share=share,
    )


def _compute_share(figures: CategoryFigures, level: str) -> float:
    counts = dict(figures.counts)
    return counts.get(level, 0) / sum(counts.values())


def _standardize(difference: float, std: float) -> float | None:
    """A difference in standard deviations; ``None`` where nothing varies."""
    ratio = difference / std if std > 0 else math.nan
    return ratio if math.isfinite(ratio) else None
