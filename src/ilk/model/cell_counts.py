"""Counts of the cells of customers; those of parts of a table add up to those of the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ilk.columns.distinct import DistinctCounter
from ilk.columns.stats import build_distinct_counter
from ilk.errors import InputError, format_place
from ilk.model.ranges import ColumnRange

_MAX_UNSEEN_SHARE = 0.95
_MIN_LEVELS_TO_REFUSE = 10

N_EXAMPLES = 2
"""Values kept as examples: one, and another where it stands in a row of totals."""


@dataclass(frozen=True)
class Example:
    """A value, how far outside it is (below 0 if it is low), its row, and its customer's ID."""

    value: float
    distance: float
    row: int
    customer: str | None


@dataclass(frozen=True)
class UnseenExample:
    """A category or an answer that training did not see, its row, and its customer's ID."""

    value: str
    row: int
    customer: str | None


@dataclass(frozen=True, eq=False)
class NumberCounts:
    """The values of one number: how many, their sum, and those outside the training range.

    ``size`` is the sum of the absolute values. ``examples`` are the values that are farthest
    outside. ``n_at_most`` counts the values up to each quantile of the training data, and ``bins``
    are the counts of :class:`~ilk.model.ranges.ValueBins`.
    """

    n_values: int
    total: float
    size: float
    minimum: float
    maximum: float
    n_negative: int
    n_low: int = 0
    n_high: int = 0
    examples: tuple[Example, ...] = ()
    n_at_most: NDArray[np.int64] | None = None
    bins: NDArray[np.int64] | None = None

    @property
    def n_outside(self) -> int:
        """Values outside the range of the training data."""
        return self.n_low + self.n_high

    def __add__(self, other: NumberCounts) -> NumberCounts:
        examples = sorted(
            (*self.examples, *other.examples), key=lambda example: -abs(example.distance)
        )
        return NumberCounts(
            self.n_values + other.n_values,
            self.total + other.total,
            self.size + other.size,
            min(self.minimum, other.minimum),
            max(self.maximum, other.maximum),
            self.n_negative + other.n_negative,
            self.n_low + other.n_low,
            self.n_high + other.n_high,
            tuple(examples[:N_EXAMPLES]),
            _add_arrays(self.n_at_most, other.n_at_most),
            _add_arrays(self.bins, other.bins),
        )

    def drop(self, row: int, value: float, known: ColumnRange) -> NumberCounts:
        """The counts without the value of one row."""
        return replace(
            self,
            n_values=self.n_values - 1,
            total=self.total - value,
            n_negative=self.n_negative - (value < 0),
            n_low=self.n_low - (value < known.minimum),
            n_high=self.n_high - (value > known.maximum),
            examples=tuple(example for example in self.examples if example.row != row),
        )

    def drop_low(self) -> NumberCounts:
        """The counts without what is told of values below the range."""
        examples = tuple(example for example in self.examples if example.distance > 0)
        return replace(self, n_low=0, n_high=self.n_high if examples else 0, examples=examples)


@dataclass(frozen=True, eq=False)
class IdCounts:
    """The IDs of new customers, and how many are blank."""

    counter: DistinctCounter
    n_blank: int

    @classmethod
    def of(cls, ids: pl.Series) -> IdCounts:
        """Count the IDs of a frame.

        Examples
        --------
        >>> counts = IdCounts.of(pl.Series("id", ["a", "a", ""]))
        >>> counts.counter.n_repeated, counts.n_blank
        (1, 1)
        """
        counter = build_distinct_counter(ids)
        return cls(counter, len(ids) - sum(map(len, counter.buffered)))

    def __add__(self, other: IdCounts) -> IdCounts:
        return IdCounts(
            DistinctCounter.merge((self.counter, other.counter)), self.n_blank + other.n_blank
        )


@dataclass(frozen=True)
class EndRow:
    """The first or the last row of a table: the cell that says "Total", if there is one, and the
    features in it, numbers and missing ones.
    """

    row: int
    label: str | None
    numbers: Mapping[str, float]
    missing: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class CellCounts:
    """Cells of each feature that needed special treatment, and what the others hold.

    ``unseen`` counts the cells with a category that training did not see, and by the column of the
    table those with such an answer among others. ``missing`` counts those without a value, ``low``
    and ``high`` those whose value is beyond a bound of the encoder. ``levels`` counts the
    categories that training saw, and ``unseen_examples`` has one that it did not of each column.
    ``ends`` are the first and the last row.
    """

    n_rows: int = 0
    unseen: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    low: Counter[str] = field(default_factory=Counter)
    high: Counter[str] = field(default_factory=Counter)
    numbers: Mapping[str, NumberCounts] = field(default_factory=dict)
    levels: Mapping[str, Counter[str]] = field(default_factory=dict)
    ids: IdCounts | None = None
    ends: tuple[EndRow, ...] = ()
    unseen_examples: Mapping[str, UnseenExample] = field(default_factory=dict)

    def __add__(self, other: CellCounts) -> CellCounts:
        if not self.n_rows:
            return other
        if not other.n_rows:
            return self
        return CellCounts(
            self.n_rows + other.n_rows,
            _add_counts(self.unseen, other.unseen),
            _add_counts(self.missing, other.missing),
            _add_counts(self.low, other.low),
            _add_counts(self.high, other.high),
            {name: counts + other.numbers[name] for name, counts in self.numbers.items()},
            {name: _add_counts(counts, other.levels[name]) for name, counts in self.levels.items()},
            None if self.ids is None or other.ids is None else self.ids + other.ids,
            (*self.ends[:1], *other.ends[-1:]),
            {**other.unseen_examples, **self.unseen_examples},
        )

    def count_filled(self, column: str) -> int:
        """Customers with a value in a feature."""
        return self.n_rows - self.missing[column]

    def drop_row(self, end: EndRow, ranges: Mapping[str, ColumnRange]) -> CellCounts:
        """The counts without one of the rows at the ends, as far as figures are told of them."""
        numbers = {
            name: counts.drop(end.row, end.numbers[name], ranges[name])
            if name in end.numbers and name in ranges
            else counts
            for name, counts in self.numbers.items()
        }
        missing = self.missing.copy()
        missing.subtract(end.missing)
        return replace(self, n_rows=self.n_rows - 1, numbers=numbers, missing=missing)

    def check_levels(self) -> None:
        """Refuse a table in which nearly all levels of a category are unseen.

        Its customers would be labeled as if the column said nothing, which is hardly ever meant.

        Raises
        ------
        InputError
            ``E_UNSEEN_LEVELS``, unless there are very few customers.
        """
        for column, count in self.unseen.items():
            n_filled = self.count_filled(column)
            if n_filled >= _MIN_LEVELS_TO_REFUSE and count >= _MAX_UNSEEN_SHARE * n_filled:
                raise InputError(
                    "E_UNSEEN_LEVELS",
                    f"{count:,} of {n_filled:,} values of '{column}' were never seen in training",
                    place=format_place(column=column),
                    way_out="Write the values as in the training data, or fit a new model.",
                )


def _add_counts(first: Counter[str], second: Counter[str]) -> Counter[str]:
    # The sum of two counters would leave out the columns that count zero.
    return Counter({name: first[name] + second[name] for name in {**first, **second}})


def _add_arrays(
    first: NDArray[np.int64] | None, second: NDArray[np.int64] | None
) -> NDArray[np.int64] | None:
    return None if first is None or second is None else first + second
