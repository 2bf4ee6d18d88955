"""What a model knows of the customers that it was fitted to, and counts of new customers for it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ilk.columns.answers import find_unknown_answers
from ilk.columns.cast import find_column_name
from ilk.columns.totals import find_label
from ilk.features.encoder import CategoricalEncoding, NumericEncoding
from ilk.model.assign import get_id_cells
from ilk.model.cell_counts import (
    N_EXAMPLES,
    CellCounts,
    EndRow,
    Example,
    IdCounts,
    NumberCounts,
    UnseenExample,
)
from ilk.model.ranges import ColumnRange, ValueBins

if TYPE_CHECKING:
    from ilk.features.encoder import Encoder
    from ilk.model.assign import ReadRows
    from ilk.schema import Answer, Column
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
    answers : tuple of Answer
        All that may stand in the cells that features come from.

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
    answers: tuple[Answer, ...] = ()

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
    def answer_texts(self) -> Mapping[tuple[str, str], list[str]]:
        """The answers of each column with several in a cell, by the column and its separator."""
        found: dict[tuple[str, str], list[str]] = {}
        for answer in self.answers:
            found.setdefault((answer.source, answer.separator), []).append(answer.text)
        return found

    @cached_property
    def bins(self) -> ValueBins:
        """The intervals that tell columns apart."""
        return ValueBins.of(self.ranges)

    def count(self, rows: ReadRows) -> CellCounts:
        """Counts of the cells of a frame, which add up from frame to frame."""
        ids = get_id_cells(rows.frame, self.id_column)
        encoded = rows.encoded
        unseen = dict(self._find_unseen(rows))
        return CellCounts(
            n_rows=rows.frame.height,
            unseen=Counter(
                dict.fromkeys(encoded.unseen, 0)
                | {name: cells.count() for name, cells in unseen.items()}
            ),
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
            unseen_examples={
                name: _make_example(cells, rows, ids)
                for name, cells in unseen.items()
                if cells.count()
            },
        )

    def _find_unseen(self, rows: ReadRows) -> Iterator[tuple[str, pl.Series]]:
        """The values that training did not see, null in other rows, by column."""
        for column in self.encoder.columns:
            if isinstance(column, CategoricalEncoding) and rows.encoded.unseen[column.name]:
                cells = rows.cells[column.name]
                yield column.name, cells.set(cells.is_in(column.levels), None)
        for (source, separator), known in self.answer_texts.items():
            own_name = find_column_name(source, rows.frame.columns)
            if own_name is not None:
                cells = rows.frame.get_column(own_name)
                yield source, find_unknown_answers(cells, separator, known)

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


def _make_example(cells: pl.Series, rows: ReadRows, ids: pl.Series | None) -> UnseenExample:
    place = int(cells.is_not_null().arg_max() or 0)
    return UnseenExample(str(cells[place]), rows.first_row + place, _get_id(ids, place))


def _get_id(ids: pl.Series | None, place: int) -> str | None:
    return None if ids is None or ids[place] is None else str(ids[place])


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
            _get_id(ids, int(places[i])),
        )
        for i in farthest
    )
