"""What a model knows of the customers that it was fitted to, and counts of new customers for it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ilk.columns.totals import find_label
from ilk.features.encoder import CategoricalEncoding, NumericEncoding
from ilk.model.assign import get_id_cells
from ilk.model.cell_counts import N_EXAMPLES, CellCounts, EndRow, Example, IdCounts, NumberCounts
from ilk.model.ranges import ColumnRange, ValueBins

if TYPE_CHECKING:
    from ilk.features.encoder import Encoder
    from ilk.model.assign import ReadRows
    from ilk.schema import Column
    from ilk.segments.segment import CategoryFigures, Figures, NumberFigures

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TrainingRecord:
    """What new customers are compared with, and the counts that this takes.

    Parameters
    ----------
    features : tuple of Column
    encoder : Encoder
    ranges : tuple of ColumnRange
        The ranges of numbers; none where the model does not know them.
    everyone : Figures, optional
        The exact figures of all customers.
    id_column : str, optional

    Examples
    --------
    >>> import ilk
    >>> model = ilk.fit(ilk.demo.load("mall"), describe=["Age"], fast=True).model
    >>> [(known.minimum, known.maximum) for known in model.training.ranges]
    [(16.0, 136.0), (4.0, 99.0)]
    """

    features: tuple[Column, ...]
    encoder: Encoder
    ranges: tuple[ColumnRange, ...] = ()
    everyone: Figures | None = None
    id_column: str | None = None

    @cached_property
    def range_by_column(self) -> Mapping[str, ColumnRange]:
        """The ranges by the names of their columns."""
        return {known.column: known for known in self.ranges}

    @cached_property
    def numbers(self) -> Mapping[str, NumberFigures]:
        """The figures of numbers by the names of their columns."""
        return {} if self.everyone is None else {n.column: n for n in self.everyone.numbers}

    @cached_property
    def categories(self) -> Mapping[str, CategoryFigures]:
        """The figures of categories by the names of their columns."""
        return {} if self.everyone is None else {c.column: c for c in self.everyone.categories}

    @cached_property
    def bins(self) -> ValueBins:
        """The intervals that tell columns apart."""
        return ValueBins.of(self.ranges)

    def count(self, rows: ReadRows) -> CellCounts:
        """Counts of the cells of a frame, which add up from frame to frame."""
        ids = get_id_cells(rows.frame, self.id_column)
        encoded = rows.encoded
        return CellCounts(
            n_rows=rows.frame.height,
            unseen=Counter(encoded.unseen),
            missing=Counter(encoded.missing),
            low=Counter(encoded.low),
            high=Counter(encoded.high),
            numbers={
                column.name: self._count_numbers(column.name, rows, ids)
                for column in self.encoder.columns
                if isinstance(column, NumericEncoding)
            },
            levels={
                column.name: count_levels(rows.cells[column.name], column)
                for column in self.encoder.columns
                if isinstance(column, CategoricalEncoding)
            },
            ids=None if ids is None else IdCounts.of(ids),
            ends=tuple(self._read_end(rows, place) for place in sorted({0, rows.frame.height - 1})),
        )

    def _count_numbers(self, name: str, rows: ReadRows, ids: pl.Series | None) -> NumberCounts:
        raw = rows.cells[name].to_numpy()
        is_known = ~np.isnan(raw)
        values = raw if is_known.all() else raw[is_known]
        known = self.range_by_column.get(name)
        below, above = find_outside(raw, known)
        return NumberCounts(
            n_values=len(values),
            total=float(values.sum()),
            size=float(np.abs(values).sum()),
            minimum=float(values.min(initial=math.inf)),
            maximum=float(values.max(initial=-math.inf)),
            n_negative=int(np.count_nonzero(values < 0)),
            n_low=int(np.count_nonzero(below)),
            n_high=int(np.count_nonzero(above)),
            examples=() if known is None else _list_examples(raw, below | above, known, rows, ids),
            n_at_most=None if known is None else known.count_at_most(values),
            bins=None if known is None else self.bins.count(values),
        )

    def _read_end(self, rows: ReadRows, place: int) -> EndRow:
        cells = {column: rows.cells[column.name][place] for column in self.features}
        numbers = {
            column.name: value
            for column, value in cells.items()
            if column.kind == "number" and column.conversion is None and value is not None
        }
        missing = tuple(column.name for column, value in cells.items() if value is None)
        label = find_label(rows.frame.row(place, named=True))
        return EndRow(rows.first_row + place, label, numbers, missing)


def count_levels(cells: pl.Series, encoding: CategoricalEncoding) -> Counter[str]:
    """How many cells have each level that training saw."""
    if len(cells) == 1:  # one customer has to be quick
        return Counter({level: int(level == cells[0]) for level in encoding.levels})
    counts = dict(cells.drop_nulls().value_counts(name="\x00#").iter_rows())
    return Counter({level: counts.get(level, 0) for level in encoding.levels})


def find_outside(
    values: Floats, known: ColumnRange | None
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which values are below, and which above the range of a column."""
    low, high = (-math.inf, math.inf) if known is None else (known.minimum, known.maximum)
    return values < low, values > high


def _list_examples(
    values: Floats,
    is_outside: NDArray[np.bool_],
    known: ColumnRange,
    rows: ReadRows,
    ids: pl.Series | None,
) -> tuple[Example, ...]:
    """The values farthest outside the range."""
    places = np.flatnonzero(is_outside)
    inside = np.clip(values[places], known.minimum, known.maximum)
    distances = values[places] - inside
    farthest = np.argsort(-np.abs(distances), kind="stable")[:N_EXAMPLES]
    return tuple(
        Example(
            float(values[places[i]]),
            float(distances[i]),
            rows.first_row + int(places[i]),
            None if ids is None or ids[int(places[i])] is None else str(ids[int(places[i])]),
        )
        for i in farthest
    )
