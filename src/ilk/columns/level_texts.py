"""The levels in the cells of a column, and a summary of the table that had others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from ilk.columns.levels import match_levels
from ilk.columns.stats import ColumnStats
from ilk.columns.summary import TableSummary
from ilk.tables.number_format import parse_categories


def parse_texts(summary: TableSummary, name: str) -> dict[Any, str | None]:
    """The level in every different cell of a column, ``None`` where it has no value.

    Examples
    --------
    >>> from ilk.columns.summary import summarize_frame
    >>> from ilk.tables.number_format import NumberFormat
    >>> summary = summarize_frame(pl.DataFrame({"x": ["a ", "n/a"]}), NumberFormat())
    >>> parse_texts(summary, "x") == {"a ": "a", "n/a": None}
    True
    """
    stats = summary.column_stats[name]
    cells = pl.Series("", list(stats.levels or ()), dtype=stats.dtype)
    texts = cells.to_frame().select(parse_categories("", stats.dtype)).to_series()
    return dict(zip(cells.to_list(), texts.to_list(), strict=True))


def match_texts(texts: Iterable[str], codes: Mapping[str, str]) -> dict[str, str]:
    """The code that each text is a spelling of, or the text itself.

    Examples
    --------
    >>> match_texts(["GOLD", "silver"], {"gold": "Gold customer"})
    {'GOLD': 'gold', 'silver': 'silver'}
    """
    texts = list(texts)
    return dict(zip(texts, texts, strict=True)) | match_levels(texts, codes)


def replace_levels(
    summary: TableSummary,
    name: str,
    texts: Mapping[Any, str | None],
    codes: Mapping[str, str],
) -> TableSummary:
    """The summary of the table that had readable levels in a column.

    Examples
    --------
    >>> from ilk.columns.summary import summarize_frame
    >>> from ilk.tables.number_format import NumberFormat
    >>> summary = summarize_frame(pl.DataFrame({"x": ["a", "b"]}), NumberFormat())
    >>> texts = parse_texts(summary, "x")
    >>> replace_levels(summary, "x", texts, {"a": "Austria"}).sample["x"].to_list()
    ['Austria', 'b']
    """
    spelled = match_texts((text for text in texts.values() if text is not None), codes)
    names = {text: codes.get(code, text) for text, code in spelled.items()}
    stats = summary.column_stats[name]
    rows = summary.row_sample.distinct_rows
    cells = pl.col(name).pipe(parse_categories, stats.dtype).replace(names).alias(name)
    return replace(
        summary,
        column_stats=summary.column_stats | {name: _count_texts(stats, texts, names)},
        row_sample=replace(summary.row_sample, distinct_rows=rows.with_columns(cells)),
    )


def _count_texts(
    stats: ColumnStats, texts: Mapping[Any, str | None], names: Mapping[str, str]
) -> ColumnStats:
    """The statistics of a column of text with these levels."""
    counts: dict[str, int] = {}
    for cell, count in (stats.levels or {}).items():
        if (text := texts[cell]) is not None:
            counts[names[text]] = counts.get(names[text], 0) + count
    return replace(
        stats,
        dtype=pl.String(),
        missing=stats.null_category,
        numbers=0,
        infinite=0,
        integers=0,
        leading_zeros=0,
        minimum=None,
        maximum=None,
        first_non_number=(1, next(iter(counts), "")),
        levels=counts,
        units={},
        marks=None,
    )
