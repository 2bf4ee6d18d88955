"""The kind of a column: numbers, categories, dates or text, by its cells and its name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ilk.columns.bands import order_bands
from ilk.columns.levels import fold_levels, is_yes_no
from ilk.columns.parse import parse_number_cells
from ilk.columns.stand_ins import StandIns, find_stand_ins
from ilk.columns.stats import ColumnStats
from ilk.columns.summary import TableSummary
from ilk.schema import CellReading, Kind, Meaning
from ilk.tables.amounts import SHARES
from ilk.tables.number_format import (
    MIN_NUMBER_SHARE,
    NumberFormat,
    is_missing_number,
    parse_categories,
)
from ilk.vocabulary.concepts import (
    has_word,
    is_code_name,
    is_count_name,
    is_label_name,
    is_sensitive_name,
)

MAX_FEATURE_LEVELS = 20
"""A category with more levels than this is used for segmentation only on request."""

_MAX_TEXTS = 3
"""Different texts that are looked at in a column of numbers."""

_CONSTANT_TOLERANCE = 1e-6
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE_PATTERN = (
    r"(?i)^\s*(?:\d{4}([-/.])\d{1,2}([-/.])\d{1,2}|\d{1,2}([-/. ])\d{1,2}([-/. ])\d{2,4}"
    rf"|\d{{1,2}}[-. ]+{_MONTH}[-., ]+\d{{2,4}}|{_MONTH}[. ]+\d{{1,2}},? +\d{{4}})"
    r"(?:[T ,].*)?$"
)


@dataclass(frozen=True)
class ColumnEvidence:
    """What a summary shows about one column.

    If it ``is_literal``, no number in it stands for a missing value. A column that has a readable
    name is called ``own_name`` in the table. ``codes`` are levels of the table with the readable
    names that the summary has for them, ``answer_names`` those of answers of which several stand in
    a cell, and ``order`` the levels in the order that the user gives.

    Examples
    --------
    >>> from ilk.columns.summary import summarize_frame
    >>> from ilk.tables.number_format import NumberFormat
    >>> summary = summarize_frame(pl.DataFrame({"Region": ["1", "2", "1", "3"]}), NumberFormat())
    >>> infer_kind(ColumnEvidence("Region", summary))
    'category'
    """

    name: str
    summary: TableSummary
    is_literal: bool = field(default=False, kw_only=True)
    own_name: str = field(default="", kw_only=True)
    codes: tuple[tuple[str, str], ...] = field(default=(), kw_only=True)
    answer_names: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    order: tuple[str, ...] = field(default=(), kw_only=True)

    @property
    def stats(self) -> ColumnStats:
        """The statistics of all rows."""
        return self.summary.column_stats[self.name]

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """Numbers of the sample, shape (n,); NaN where a cell has none."""
        numbers = self._numbers
        stand_ins = list(self.stand_ins.numbers)
        return np.where(np.isin(numbers, stand_ins), np.nan, numbers) if stand_ins else numbers

    @cached_property
    def _numbers(self) -> NDArray[np.float64]:
        return parse_number_cells(self.summary.sample[self.name], self.summary.number_format)

    @cached_property
    def stand_ins(self) -> StandIns:
        """What stands for a missing value in a column that holds numbers otherwise."""
        stats = self.stats
        if self.is_literal or not stats.numbers or stats.dtype == pl.Boolean:
            return StandIns()
        return find_stand_ins(self._numbers, self._count_texts() if stats.n_non_numbers else {})

    def _count_texts(self) -> dict[str, int]:
        """How often every text of the sample occurs that is no number; empty if there are many."""
        cells = self.summary.sample[self.name].cast(pl.String).str.strip_chars()
        unread = cells.filter(pl.Series(np.isnan(self._numbers))).to_frame("")
        texts = unread.filter(~is_missing_number("", pl.String())).to_series()
        return dict(sorted(texts.value_counts().rows())) if texts.n_unique() <= _MAX_TEXTS else {}

    @property
    def n_non_numbers(self) -> int:
        """Cells that are neither a number, nor missing, nor a stand-in for that."""
        return 0 if self.stand_ins.texts else self.stats.n_non_numbers

    @cached_property
    def texts(self) -> pl.Series:
        """Cells of the sample as categories, null where missing."""
        cell = parse_categories(pl.col(self.name), self.stats.dtype)
        texts = self.summary.sample.select(cell.alias(self.name)).to_series()
        return texts.replace(self.folded_levels) if self.folded_levels else texts

    @cached_property
    def spelling_counts(self) -> dict[str, int]:
        """How often every level occurs in each spelling; empty where there are too many."""
        if self.stats.levels is None:
            return {}
        raw = pl.Series("", list(self.stats.levels), dtype=self.stats.dtype).to_frame()
        texts = raw.select(parse_categories("", self.stats.dtype)).to_series()
        counts: Counter[str] = Counter()
        for text, count in zip(texts, self.stats.levels.values(), strict=True):
            counts[text] += count
        del counts[None]  # a spelling of a missing value
        return dict(counts)

    @cached_property
    def folded_levels(self) -> dict[str, str]:
        """The levels that count as another one, of which they are a spelling."""
        return fold_levels(self.spelling_counts)

    @cached_property
    def level_counts(self) -> dict[str, int]:
        """How often every level occurs; empty where there are too many."""
        counts: Counter[str] = Counter()
        for text, count in self.spelling_counts.items():
            counts[self.folded_levels.get(text, text)] += count
        return dict(counts)

    @cached_property
    def n_levels(self) -> int:
        """Number of distinct values: exact up to ``stats.MAX_LEVELS``, above that in the sample."""
        if self.stats.levels is None:
            return int(self.texts.drop_nulls().n_unique())
        return len(self.level_counts)

    @cached_property
    def distinct_share(self) -> float:
        """Distinct values per row: 1 if every row has its own."""
        if self.stats.distinct_counter is not None:
            return self.stats.distinct_counter.n_distinct / max(1, self.stats.n_rows)
        if self.stats.levels is not None:
            return self.n_levels / max(1, self.stats.n_rows)
        return self.n_levels / max(1, len(self.texts))

    @property
    def is_empty(self) -> bool:
        """Whether no cell has a value."""
        return self.stats.n_filled == 0 or self.stats.missing == self.stats.n_rows

    @property
    def unit(self) -> str:
        """What the numbers are counted in by their cells, such as ``$``; empty without one unit."""
        return next(iter(self.stats.units)) if len(self.stats.units) == 1 else ""

    @property
    def has_several_units(self) -> bool:
        """Whether most cells are amounts, but in different currencies."""
        return len(self.stats.units) > 1 and self.is_mostly_numbers

    @cached_property
    def bands(self) -> tuple[str, ...]:
        """The levels in their order, if it is given or they are bands such as ``18-24``."""
        if self.order:
            return self.order
        is_text = self.stats.dtype == pl.String
        few = is_text and 0 < len(self.level_counts) <= MAX_FEATURE_LEVELS
        return order_bands(self.level_counts) if few else ()

    def find_meaning(self, kind: Kind) -> Meaning | None:
        """What the cells are, where these say so themselves."""
        if kind == "category" and self._is_yes_no:
            return "yes_no"
        if kind == "category" and self.bands:
            return "scale"
        if kind != "number" or not self.unit:
            return None
        return "share" if self.unit in SHARES else "money"

    @property
    def _is_yes_no(self) -> bool:
        """Whether the cells say yes or no; 0 and 1 are codes where the name is that of a code."""
        if not is_yes_no(self.level_counts):
            return False
        is_named = is_code_name(self.name) or is_label_name(self.name)
        return self.level_counts.keys() != {"0", "1"} or not (
            is_named or is_sensitive_name(self.name)
        )

    def describe_cells(self, kind: Kind) -> CellReading:
        """How the cells are read, if the column is of this kind."""
        if kind == "category":
            levels = self.bands or tuple(sorted(self.level_counts))
            return CellReading(levels=levels, codes=self.codes)
        if kind != "number":
            return CellReading()
        is_text = self.stats.dtype == pl.String
        number_format = self.summary.number_format if is_text else NumberFormat()
        return CellReading(
            decimal=number_format.decimal,
            thousands=number_format.thousands,
            stand_ins=self.stand_ins.values,
        )

    def describe_numbers(self) -> str:
        """What kind of number the cells hold, in words."""
        meaning = self.find_meaning("number")
        if meaning is None:
            return "a number"
        return f"a share in {self.unit}" if meaning == "share" else f"an amount in {self.unit}"

    @property
    def is_integer(self) -> bool:
        """Whether every value is an integer; an amount with a unit never counts as one."""
        return (
            not self.stats.units
            and 0 < self.stats.numbers == self.stats.integers
            and self.n_non_numbers == 0
        )

    @property
    def is_mixed(self) -> bool:
        """Whether most cells are numbers, but not all."""
        return self.n_non_numbers > 0 and self.is_mostly_numbers

    @property
    def is_mostly_numbers(self) -> bool:
        """Whether at least nine in ten values are numbers."""
        numbers = self.stats.numbers + self.stats.infinite
        return numbers > 0 and numbers >= MIN_NUMBER_SHARE * (numbers + self.n_non_numbers)

    def count_missing(self, kind: Kind) -> int:
        """Cells without a value, if the column is of this kind."""
        if kind != "number":
            return self.stats.null_category
        # Stand-ins were counted in the sample.
        repeats = self.stats.n_rows / max(1, self.summary.sample.height)
        return self.stats.missing + round(self.stand_ins.n_cells * repeats)

    def is_constant(self, kind: Kind) -> bool:
        """Whether all values are the same, or differ by less than a millionth of their size."""
        low, high = self.stats.minimum, self.stats.maximum
        if self.stand_ins.numbers and not np.isnan(self.values).all():
            low, high = float(np.nanmin(self.values)), float(np.nanmax(self.values))
        if kind != "number" or low is None or high is None:
            return self.n_levels <= 1
        return high - low <= _CONSTANT_TOLERANCE * max(abs(low), abs(high))


def infer_kind(column: ColumnEvidence) -> Kind:
    """Infer the kind of a column.

    Examples
    --------
    >>> from ilk.columns.summary import summarize_frame
    >>> from ilk.tables.number_format import NumberFormat
    >>> frame = pl.DataFrame({"joined": ["2024-01-31", "2024-02-29"]})
    >>> summary = summarize_frame(frame, NumberFormat())
    >>> infer_kind(ColumnEvidence("joined", summary))
    'date'
    """
    dtype = column.stats.dtype
    if column.order:
        return "category"
    if dtype.is_temporal() or _is_date_number(column):
        return "date"
    if dtype == pl.Boolean:
        return "category"
    if column.is_empty or column.has_several_units:
        return "text"
    if column.bands:
        return "category"
    if column.is_mostly_numbers and not column.stats.leading_zeros and not is_code(column):
        return "number"
    if _is_date_text(column):
        return "date"
    return "category" if column.n_levels <= MAX_FEATURE_LEVELS else "text"


def is_code(column: ColumnEvidence) -> bool:
    """Whether integers only name groups, as in Region 1, 2, 3.

    They do if the name ends like that of a code ("store_id"), has the word of a code and few
    values, or, unless it is the name of a count, if there are two or three consecutive values.
    """
    if not column.is_integer or column.stats.leading_zeros or column.stats.dtype == pl.Boolean:
        return False
    if is_label_name(column.name):
        return True
    if column.n_levels > MAX_FEATURE_LEVELS:
        return False
    if is_code_name(column.name) or is_sensitive_name(column.name):
        return True
    span = int((column.stats.maximum or 0.0) - (column.stats.minimum or 0.0)) + 1
    are_consecutive = 1 < column.n_levels == span <= 3
    return are_consecutive and not is_count_name(column.name)


def _is_date_number(column: ColumnEvidence) -> bool:
    """Whether a column named as a date holds eight-digit numbers such as 20240131."""
    low, high = column.stats.minimum, column.stats.maximum
    if low is None or high is None or not column.is_integer or not has_word(column.name, "date"):
        return False
    if low < 19_000_101 or high > 21_001_231:
        return False
    dates = column.values[~np.isnan(column.values)].astype(np.int64)
    month, day = dates // 100 % 100, dates % 100
    return bool(((month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)).all())


def _is_date_text(column: ColumnEvidence) -> bool:
    text = column.stats.first_non_number
    if text is None or column.stats.numbers or not re.search(_DATE_PATTERN, text[1]):
        return False
    return bool(column.texts.drop_nulls().str.contains(_DATE_PATTERN).all())
