"""A row of totals at the head or the foot of a table, which is no customer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from ilk.columns.parse import parse_number_cells
from ilk.columns.summary import TableSummary
from ilk.tables.number_format import MIN_NUMBER_SHARE
from ilk.tables.rejects import Reject

_TOTAL_WORDS = frozenset(
    {
        *("total", "totals", "grand total", "sum", "subtotal", "sub-total", "overall", "summe"),
        *("gesamt", "gesamtsumme", "insgesamt", "gesamtergebnis", "somme", "ensemble", "suma"),
        *("total general", "total geral", "soma", "totale", "totale generale", "somma", "totaal"),
        *("eindtotaal", "som", "razem", "ogółem", "toplam", "genel toplam", "итого", "всего"),
        *("average", "mean", "mittelwert", "durchschnitt", "moyenne", "media", "média"),
    }
)
_TOLERANCE = 1e-6
_MIN_ROWS = 3


@dataclass(frozen=True)
class TotalsRow:
    """A row of totals: its number in the table, its name, and its cells by column."""

    number: int
    label: str
    cells: dict[str, Any]


@dataclass(frozen=True)
class CellFilter:
    """Keeps the rows that differ from one row; see :class:`ilk.tables.base.RowFilter`."""

    cells: dict[str, Any]

    def keep(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows of a frame that differ from it in some cell."""
        same = (
            pl.col(name).eq_missing(pl.lit(value, dtype=frame.schema[name]))
            for name, value in self.cells.items()
        )
        return frame.filter(~pl.all_horizontal(same))

    def redact(self, reject: Reject) -> Reject:
        """An unreadable row as it is."""
        return reject


def find_totals_row(summary: TableSummary) -> TotalsRow | None:
    """Find a row of totals, which is the first or the last one of the table.

    Its numbers are the sums (or means) of all others: one of them, if a cell names it as a total.
    If none does, all of them are sums, and there are at least two. Only a table that was kept whole
    is searched.

    Examples
    --------
    >>> from ilk.columns.summary import summarize_frame
    >>> from ilk.tables.number_format import NumberFormat
    >>> frame = pl.DataFrame({"client": ["a", "b", "c", "Total"], "spend": [1, 2, 4, 7]})
    >>> find_totals_row(summarize_frame(frame, NumberFormat())).label
    'Total'
    """
    rows = summary.sample
    if not summary.is_complete or rows.height <= _MIN_ROWS:
        return None
    for position in (rows.height - 1, 0):
        cells = rows.row(position, named=True)
        label = find_label(cells)
        is_only_one = CellFilter(cells).keep(rows).height == rows.height - 1
        if is_only_one and _has_totals(summary, position, is_named=label is not None):
            return TotalsRow(position + 1, label or "", cells)
    return None


def find_label(cells: dict[str, Any]) -> str | None:
    """The cell that says that a row holds totals.

    Examples
    --------
    >>> find_label({"client": "Grand total:", "spend": 7}), find_label({"client": "Totaled Ltd"})
    ('Grand total:', None)
    """
    texts = (cell.strip() for cell in cells.values() if isinstance(cell, str))
    return next((text for text in texts if text.casefold().strip(" :.") in _TOTAL_WORDS), None)


def _has_totals(summary: TableSummary, position: int, *, is_named: bool) -> bool:
    are_totals = []
    for name, stats in summary.column_stats.items():
        if stats.numbers < MIN_NUMBER_SHARE * (stats.n_rows - stats.missing - 1):
            continue
        numbers = parse_number_cells(summary.sample[name], summary.number_format)
        if math.isnan(numbers[position]):
            continue
        others = np.delete(numbers, position)
        others = others[~np.isnan(others)]
        sums = (math.fsum(others), float(np.abs(others).sum()), len(others))
        are_totals.append(is_total(numbers[position], *sums, may_be_mean=is_named))
    return are_enough_totals(are_totals, is_named=is_named)


def are_enough_totals(are_totals: Sequence[bool], *, is_named: bool) -> bool:
    """Whether the numbers of a row make it a row of totals, from which of them are totals.

    Examples
    --------
    >>> are_enough_totals([True, False], is_named=True), are_enough_totals([True], is_named=False)
    (True, False)
    """
    n_totals = sum(are_totals)
    if is_named:
        return n_totals >= 1 and 2 * n_totals >= len(are_totals)
    return n_totals >= 2 and n_totals == len(are_totals)


def is_total(value: float, total: float, size: float, count: int, *, may_be_mean: bool) -> bool:
    """Whether a number is the sum of ``count`` others, or their mean.

    Parameters
    ----------
    value : float
    total, size : float
        The sum of the others, and that of their absolute values.
    count : int
    may_be_mean : bool

    Examples
    --------
    >>> is_total(7.0, 7.0, 7.0, 3, may_be_mean=False), is_total(3.5, 7.0, 7.0, 2, may_be_mean=True)
    (True, True)
    """
    return size > 0 and any(
        abs(value - total / divisor) <= _TOLERANCE * size / divisor
        for divisor in ((1, count) if may_be_mean else (1,))
    )
