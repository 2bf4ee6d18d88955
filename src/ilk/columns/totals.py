"""A row of totals at the head or the foot of a table, which is no customer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

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
        label = _find_label(cells)
        is_only_one = CellFilter(cells).keep(rows).height == rows.height - 1
        if is_only_one and _has_totals(summary, position, is_named=label is not None):
            return TotalsRow(position + 1, label or "", cells)
    return None


def _find_label(cells: dict[str, Any]) -> str | None:
    """The cell that says that a row holds totals."""
    texts = (cell.strip() for cell in cells.values() if isinstance(cell, str))
    return next((text for text in texts if text.casefold().strip(" :.") in _TOTAL_WORDS), None)


def _has_totals(summary: TableSummary, position: int, *, is_named: bool) -> bool:
    n_totals = n_others = 0
    for name, stats in summary.column_stats.items():
        if stats.numbers < MIN_NUMBER_SHARE * (stats.n_rows - stats.missing - 1):
            continue
        numbers = parse_number_cells(summary.sample[name], summary.number_format)
        if math.isnan(numbers[position]):
            continue
        if _is_total(numbers, position, may_be_mean=is_named):
            n_totals += 1
        elif is_named:
            n_others += 1
        else:
            return False
    return n_totals >= 1 and n_totals >= n_others if is_named else n_totals >= 2


def _is_total(numbers: NDArray[np.float64], position: int, *, may_be_mean: bool) -> bool:
    """Whether a number is the sum of all others, or their mean."""
    others = np.delete(numbers, position)
    others = others[~np.isnan(others)]
    if not others.any():
        return False
    total, size = math.fsum(others), float(np.abs(others).sum())
    return any(
        abs(numbers[position] - total / count) <= _TOLERANCE * size / count
        for count in ((1, len(others)) if may_be_mean else (1,))
    )
