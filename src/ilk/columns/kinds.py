"""Kinds: whether a column holds numbers, categories, dates or text, as its cells and name tell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ilk.columns.stats import Tally
from ilk.columns.summary import Survey
from ilk.columns.vocabulary import (
    DATE,
    has_word,
    names_code,
    names_count,
    names_label,
    names_sensitive,
)
from ilk.schema import Kind
from ilk.tables.number_format import categories, numbers

MAX_FEATURE_LEVELS = 20
"""A category with more levels than this shapes segments only on request."""

MOSTLY = 0.9
"""From this share of numbers on, a column is one of numbers with mistakes in it."""

_CONSTANT_TOLERANCE = 1e-6
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE_PATTERN = (
    r"(?i)^\s*(?:\d{4}([-/.])\d{1,2}([-/.])\d{1,2}|\d{1,2}([-/. ])\d{1,2}([-/. ])\d{2,4}"
    rf"|\d{{1,2}}[-. ]+{_MONTH}[-., ]+\d{{2,4}}|{_MONTH}[. ]+\d{{1,2}},? +\d{{4}})"
    r"(?:[T ,].*)?$"
)


@dataclass(frozen=True)
class Evidence:
    """What a survey knows of one column.

    Examples
    --------
    >>> from ilk.columns.summary import survey_frame
    >>> from ilk.tables.number_format import Numerals
    >>> seen = survey_frame(pl.DataFrame({"Region": ["1", "2", "1", "3"]}), Numerals())
    >>> kind_of(Evidence("Region", seen))
    'category'
    """

    name: str
    survey: Survey

    @property
    def tally(self) -> Tally:
        """What was counted."""
        return self.survey.tallies[self.name]

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """Numbers of the sample, shape (n,); NaN where a cell has none."""
        cell = numbers(pl.col(self.name), self.tally.dtype, self.survey.numerals)
        return self.survey.sample.select(cell).to_series().to_numpy()

    @cached_property
    def texts(self) -> pl.Series:
        """Cells of the sample as categories, null where missing."""
        cell = categories(pl.col(self.name), self.tally.dtype)
        return self.survey.sample.select(cell.alias(self.name)).to_series()

    @cached_property
    def level_count(self) -> int:
        """Different values, exact up to ``tally.MAX_LEVELS``, beyond that as the sample shows."""
        if self.tally.levels is None:
            return int(self.texts.drop_nulls().n_unique())
        if self.tally.dtype != pl.String:
            return len(self.tally.levels)
        raw = pl.Series(self.name, list(self.tally.levels), dtype=self.tally.dtype).to_frame()
        cells = raw.select(categories(pl.col(self.name), self.tally.dtype)).to_series()
        return int(cells.drop_nulls().n_unique())

    @cached_property
    def distinct_share(self) -> float:
        """Different values per row: 1 when every row has its own."""
        if self.tally.keys is not None:
            return self.tally.keys.distinct / max(1, self.tally.rows)
        if self.tally.levels is not None:
            return self.level_count / max(1, self.tally.rows)
        return self.level_count / max(1, len(self.texts))

    @property
    def empty(self) -> bool:
        """Whether no cell has a value."""
        return self.tally.filled == 0 or self.tally.missing == self.tally.rows

    @property
    def whole(self) -> bool:
        """Whether every value is an integer."""
        return 0 < self.tally.numbers == self.tally.whole and self.tally.failures == 0

    @property
    def mixed(self) -> bool:
        """Whether most cells are numbers, but not all."""
        return self.tally.failures > 0 and self.mostly_numbers

    @property
    def mostly_numbers(self) -> bool:
        """Whether at least nine in ten values are numbers."""
        found = self.tally.numbers + self.tally.infinite
        return found > 0 and found >= MOSTLY * (found + self.tally.failures)

    def missing(self, kind: Kind) -> int:
        """Cells without a value, when the column is of this kind."""
        return self.tally.missing if kind == "number" else self.tally.blank

    def constant(self, kind: Kind) -> bool:
        """Whether all values are the same, or differ by less than a millionth of their size."""
        low, high = self.tally.low, self.tally.high
        if kind != "number" or low is None or high is None:
            return self.level_count <= 1
        return high - low <= _CONSTANT_TOLERANCE * max(abs(low), abs(high))


def kind_of(column: Evidence) -> Kind:
    """The kind of a column that nobody forced.

    Parameters
    ----------
    column : Evidence
        What is known of the column.

    Examples
    --------
    >>> from ilk.columns.summary import survey_frame
    >>> from ilk.tables.number_format import Numerals
    >>> seen = survey_frame(pl.DataFrame({"joined": ["2024-01-31", "2024-02-29"]}), Numerals())
    >>> kind_of(Evidence("joined", seen))
    'date'
    """
    dtype = column.tally.dtype
    if dtype.is_temporal() or _is_date_number(column):
        return "date"
    if dtype == pl.Boolean:
        return "category"
    if column.empty:
        return "text"
    if column.mostly_numbers and not column.tally.padded and not is_code(column):
        return "number"
    if _is_date_text(column):
        return "date"
    return "category" if column.level_count <= MAX_FEATURE_LEVELS else "text"


def is_code(column: Evidence) -> bool:
    """Whether whole numbers only name groups, as Region 1, 2, 3 does.

    So says a name that ends like a code's ("store_id"), a name with a code's word and few values,
    or, unless the name speaks of a count, no more than three values next to each other.
    """
    if not column.whole or column.tally.padded or column.tally.dtype == pl.Boolean:
        return False
    if names_label(column.name):
        return True
    if column.level_count > MAX_FEATURE_LEVELS:
        return False
    if names_code(column.name) or names_sensitive(column.name):
        return True
    span = int((column.tally.high or 0.0) - (column.tally.low or 0.0)) + 1
    next_to_each_other = 1 < column.level_count == span <= 3
    return next_to_each_other and not names_count(column.name)


def _is_date_number(column: Evidence) -> bool:
    """Eight-digit numbers such as 20240131, in a column named as a date."""
    low, high = column.tally.low, column.tally.high
    if low is None or high is None or not column.whole or not has_word(column.name, DATE):
        return False
    if low < 19_000_101 or high > 21_001_231:
        return False
    found = column.values[~np.isnan(column.values)].astype(np.int64)
    month, day = found // 100 % 100, found % 100
    return bool(((month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)).all())


def _is_date_text(column: Evidence) -> bool:
    failure = column.tally.failure
    if failure is None or column.tally.numbers or not re.search(_DATE_PATTERN, failure[1]):
        return False
    return bool(column.texts.drop_nulls().str.contains(_DATE_PATTERN).all())
