"""The table of segments: one row each, in original units."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ilk.segments.segment import CategoryFigures, Segment


def segments_table(segments: Sequence[Segment]) -> pl.DataFrame:
    """One row per segment, as ``segments.csv`` holds them.

    Columns: ``segment, segment_name, customers, share``, the mean of every number, for every
    category its most frequent level and that level's share of the cells with a value,
    ``stability``, ``close_calls``, ``action``.

    Examples
    --------
    >>> import ilk
    >>> segments_table(ilk.fit(ilk.demo.load("mall")).segments).columns[:4]
    ['segment', 'segment_name', 'customers', 'share']
    """
    return pl.DataFrame([_row(segment) for segment in segments], infer_schema_length=None)


def _row(segment: Segment) -> dict[str, object]:
    row: dict[str, object] = {
        "segment": segment.number,
        "segment_name": segment.name,
        "customers": segment.figures.customers,
        "share": segment.figures.share,
    }
    row.update({part.column: part.mean for part in segment.figures.numbers})
    for part in segment.figures.categories:
        level, share = _top(part)
        row |= {part.column: level, f"{part.column} share": share}
    return row | {
        "stability": segment.stability,
        "close_calls": segment.close_calls,
        "action": segment.action,
    }


def _top(figures: CategoryFigures) -> tuple[str | None, float | None]:
    if not figures.counts:
        return None, None
    level, count = figures.counts[0]
    return level, count / sum(count for _, count in figures.counts)
