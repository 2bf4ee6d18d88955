"""Dates and years as numbers: the time from them to a day, in days or years."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ilk.columns.date_cells import (
    DAYS_PER_YEAR,
    FIRST_YEAR,
    convert_dates,
    count_days,
    drop_days,
    find_unread_dates,
    parse_days,
    parse_years,
)
from ilk.columns.kinds import ColumnEvidence, infer_kind
from ilk.columns.meaning import is_year
from ilk.formatting.text import split_words
from ilk.schema import DateConversion, Meaning
from ilk.vocabulary.concepts import has_word, is_english_name, is_label_name

_ADULT_AGE = 18
_FIRST_CELLS = 64
_MIN_YEARS = 2.0
"""Relationships that began longer ago are counted in years."""

_FIRST_DAYS = (date(1900, 1, 1), date(1970, 1, 1))
"""Days that programs write where there is no date."""

_SEPARATED = [
    f"{first}{sign}{second}{sign}{third}"
    for first, second, third in (
        ("%Y", "%m", "%d"),
        ("%d", "%m", "%Y"),
        ("%m", "%d", "%Y"),
        ("%d", "%m", "%y"),
        ("%m", "%d", "%y"),
    )
    for sign in ("-", "/", ".", " ")
]
_WITH_MONTH_NAMES = [
    layout.replace("month", month)
    for layout in (
        *("%d month %Y", "%d-month-%Y", "%d. month %Y", "%d month %y", "%d-month-%y"),
        *("month %d, %Y", "month %d %Y"),
    )
    for month in ("%b", "%B")
]
_LAYOUTS = [*_SEPARATED, *_WITH_MONTH_NAMES, "%Y%m%d"]
_FIRST_SECOND, _LAST_SECOND = 631_152_000.0, 4_102_444_800.0  # of 1990 and of 2100


@dataclass(frozen=True)
class ConvertedEvidence(ColumnEvidence):
    """What a summary shows of a column of dates, whose values are those of its conversion."""

    conversion: DateConversion

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """The numbers that the dates of the sample become, shape (n,)."""
        cells = self.summary.sample[self.name]
        return convert_dates(cells, self.conversion).fill_null(np.nan).to_numpy()


def find_date_layout(column: ColumnEvidence, meaning: Meaning | None = None) -> str | None:
    """Find how the dates of a column are written; ``None`` if it holds no dates that can be read.

    ``"date"`` stands for a column with the type of one, ``"year"`` for years, ``"seconds"`` and
    ``"milliseconds"`` for times since 1970. Integers are dates by their names, unless the user says
    that the ``meaning`` is a date or a year.

    Examples
    --------
    >>> from ilk.columns.summary import summarize_frame
    >>> from ilk.tables.number_format import NumberFormat
    >>> frame = pl.DataFrame({"seen": ["31.01.2024", "29.02.2024"], "birth_year": [1971, 1985]})
    >>> summary = summarize_frame(frame, NumberFormat())
    >>> [find_date_layout(ColumnEvidence(name, summary)) for name in frame.columns]
    ['%d.%m.%Y', 'year']
    """
    if column.stats.dtype in (pl.Date, pl.Datetime):
        return "date"
    if column.stats.dtype.is_temporal():
        return None
    if meaning not in (None, "date", "year"):
        return None
    if is_year(column, is_chosen=meaning == "year"):
        return "year"
    if (unit := _find_epoch_unit(column, is_chosen=meaning == "date")) is not None:
        return unit
    if infer_kind(column) != "date" and meaning != "date":
        return None
    return next((layout for layout in _LAYOUTS if _fits_layout(column, layout)), None)


def _find_epoch_unit(column: ColumnEvidence, *, is_chosen: bool) -> str | None:
    """The unit of integers that count the time since 1970, by the name and the values."""
    low, high = column.stats.minimum, column.stats.maximum
    if low is None or high is None or not column.is_integer:
        return None
    is_named = has_word(column.name, "moment") or has_word(column.name, "date")
    is_code = is_label_name(column.name) or has_word(column.name, "serial")
    if (is_code or not is_named) and not is_chosen:
        return None
    scales = {"seconds": 1.0, "milliseconds": 1000.0}
    fitting = (
        unit
        for unit, scale in scales.items()
        if _FIRST_SECOND <= low / scale <= high / scale < _LAST_SECOND
    )
    return next(fitting, None)


def _fits_layout(column: ColumnEvidence, layout: str) -> bool:
    """Whether all cells have a layout; most layouts fail with the first ones."""
    cells = column.summary.sample[column.name]
    return all(
        not find_unread_dates(part, layout).any() for part in (cells.head(_FIRST_CELLS), cells)
    )


def plan_conversions(
    columns: Iterable[ColumnEvidence],
    names: Iterable[str],
    as_of: str | None,
    meanings: Mapping[str, Meaning] = MappingProxyType({}),
) -> dict[str, DateConversion]:
    """Decide what the columns of dates become, all counted to the same day.

    Without ``as_of`` this is the latest date in the table, of those that do not lie ahead. Where
    there are only dates of birth, it is the day on which the youngest customer is 18.

    Parameters
    ----------
    columns : iterable of ColumnEvidence
        Those that may hold dates.
    names : iterable of str
        All columns of the table.
    as_of : str, optional
        The day, as ``YYYY-MM-DD``.
    meanings : mapping of str to str
        What the user says that columns hold.

    Examples
    --------
    >>> from ilk.columns.summary import summarize_frame
    >>> from ilk.tables.number_format import NumberFormat
    >>> frame = pl.DataFrame({"last_order": ["2024-03-01"], "birth_year": [1971]})
    >>> summary = summarize_frame(frame, NumberFormat())
    >>> plan = plan_conversions([ColumnEvidence(n, summary) for n in frame.columns], [], None)
    >>> [(conversion.name, conversion.as_of) for conversion in plan.values()]
    [('days since last order', '2024-03-01'), ('age', '2024-03-01')]
    """
    evidence = {column.name: column for column in columns if not column.is_empty}
    layouts = {
        name: find_date_layout(column, meanings.get(name)) for name, column in evidence.items()
    }
    dated = {name: layout for name, layout in layouts.items() if layout is not None}
    if not dated:
        return {}
    stand_ins = {name: find_stand_in_dates(evidence[name], dated[name]) for name in dated}
    spans = {name: _find_span(evidence[name], dated[name], stand_ins[name]) for name in dated}
    day = date.fromisoformat(as_of) if as_of else _choose_as_of(dated, spans)
    taken, plan = set(names), {}
    for name, layout in dated.items():
        planned = _plan_conversion(name, layout, spans[name], day, taken)
        plan[name] = replace(planned, stand_ins=tuple(stand_ins[name]))
        taken.add(plan[name].name)
    return plan


def find_stand_in_dates(column: ColumnEvidence, layout: str) -> dict[str, int]:
    """The dates that stand for none, and in how many cells of the sample.

    The first day of 1900 or of 1970 does, before all others and farther from these than they are
    from each other; that of 1900 as well if it repeats.

    Examples
    --------
    >>> from ilk.columns.summary import summarize_frame
    >>> from ilk.tables.number_format import NumberFormat
    >>> frame = pl.DataFrame({"seen": ["1970-01-01", "2023-01-31", "2024-02-29"]})
    >>> column = ColumnEvidence("seen", summarize_frame(frame, NumberFormat()))
    >>> find_stand_in_dates(column, "%Y-%m-%d")
    {'1970-01-01': 1}
    """
    if layout == "year":
        return {}
    days = parse_days(column.summary.sample[column.name], layout).drop_nulls()
    found: dict[str, int] = {}
    for day in _FIRST_DAYS:
        first = float(count_days(day))
        others = days.filter(days != first)
        count = len(days) - len(others)
        if count and len(others) and _is_stand_in(day, first, count, others):
            found[day.isoformat()] = count
            days = others
    return found


def _is_stand_in(day: date, first: float, count: int, others: pl.Series) -> bool:
    """Whether a first day is before all others, and far away or hardly anybody's."""
    low, high = float(others.min() or 0), float(others.max() or 0)  # type: ignore[arg-type]
    is_repeated = day.year == FIRST_YEAR and count > 1
    return first < low and (is_repeated or low - first > high - low)


def _find_span(column: ColumnEvidence, layout: str, stand_ins: Iterable[str]) -> tuple[date, date]:
    """The first and the last date of a column, years as the first and the last day of one."""
    cells = column.summary.sample[column.name]
    if layout == "year":
        years = parse_years(cells).drop_nulls()
        return date(int(years.min() or FIRST_YEAR), 1, 1), date(int(years.max() or 0), 12, 31)  # type: ignore[arg-type]
    days = drop_days(parse_days(cells, layout), stand_ins).drop_nulls()
    first, last = float(days.min() or 0), float(days.max() or 0)  # type: ignore[arg-type]
    return _to_date(first), _to_date(last)


def _to_date(days: float) -> date:
    return date.fromordinal(date(1970, 1, 1).toordinal() + int(days))


def _choose_as_of(layouts: Mapping[str, str], spans: Mapping[str, tuple[date, date]]) -> date:
    births = [name for name in layouts if has_word(name, "birth")]
    others = [name for name in layouts if name not in births]
    past = [name for name in others if not _lies_ahead(name)]
    days = [spans[name][1] for name in past if layouts[name] != "year"]
    years = [spans[name][1] for name in past if layouts[name] == "year"]
    if days:
        # A year is over on its last day, but dates tell how much of it has passed.
        return max([*days, *(day.replace(month=1, day=1) for day in years)])
    if years:
        return max(years)
    if others:
        return min(spans[name][0] for name in others)
    youngest = max(spans[name][1] for name in births)
    return date(youngest.year + _ADULT_AGE, 12, 31)


def _lies_ahead(name: str) -> bool:
    return has_word(name, "future") and not has_word(name, "last")


def _plan_conversion(
    source: str, layout: str, span: tuple[date, date], as_of: date, taken: Collection[str]
) -> DateConversion:
    ahead, is_birth = _lies_ahead(source), has_word(source, "birth")
    is_start = has_word(source, "joined") and not has_word(source, "last")
    is_long = (as_of - span[0]).days >= _MIN_YEARS * DAYS_PER_YEAR
    in_years = layout == "year" or is_birth or (is_start and is_long)
    unit: Literal["days", "years"] = "years" if in_years else "days"
    name = name_time(source, unit, ahead=ahead)
    if is_birth or (is_start and f"{unit} as customer" not in taken):
        name = "age" if is_birth else f"{unit} as customer"
    return DateConversion(
        source=source,
        layout=layout,
        unit=unit,
        as_of=as_of.isoformat(),
        ahead=ahead,
        name=f"{name} from {source}" if name in taken else name,
    )


def name_time(source: str, unit: str, *, ahead: bool) -> str:
    """What the time to or from the dates of a column is called.

    Examples
    --------
    >>> name_time("last_order_date", "days", ahead=False), name_time("expiry", "days", ahead=True)
    ('days since last order', 'days until expiry')
    """
    keeps_capitals = is_english_name(source) is False and not source.isupper()
    words = [word if keeps_capitals else word.lower() for word in split_words(source)]
    kept = [word for word in words if not _is_date_word(word)] or words
    if has_word(source, "last"):
        kept = ["last", *(word for word in kept if not has_word(word, "last"))]
    return f"{unit} {'until' if ahead else 'since'} {' '.join(kept)}"


def _is_date_word(word: str) -> bool:
    plain = ("date", "year")
    return any(has_word(word, concept) for concept in plain) or word.lower() in _TIME_WORDS


_TIME_WORDS = frozenset({"epoch", "ts", "unix", "at", "on", "of", "ms", "since"})
