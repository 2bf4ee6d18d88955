"""The cells of a column of dates as numbers: the time from them to a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import polars as pl

from ilk.schema import DateConversion
from ilk.tables.number_format import NumberFormat, cast_to_text, parse_categories, parse_numbers

FIRST_YEAR, LAST_YEAR = 1900, 2100
"""Years beyond these are mistakes, or no years."""

DAYS_PER_YEAR = 365.25
_ISO_LAYOUT = "%Y-%m-%d"
_TIME_OF_DAY = r"[T ,]+\d{1,2}:\d{2}.*$"
_SECONDS_PER_DAY = {"seconds": 86_400.0, "milliseconds": 86_400_000.0}


def convert_dates(cells: pl.Series, conversion: DateConversion) -> pl.Series:
    """The numbers that dates become; null where a cell holds no date.

    Examples
    --------
    >>> conversion = DateConversion("seen", "%Y-%m-%d", "days", as_of="2024-03-01")
    >>> convert_dates(pl.Series(["2024-02-28", "", "2024-03-02"]), conversion).to_list()
    [2.0, None, -1.0]
    """
    as_of = date.fromisoformat(conversion.as_of)
    if conversion.layout == "year":
        time = as_of.year - parse_years(cells)
    else:
        days = drop_days(parse_days(cells, conversion.layout), conversion.stand_ins)
        time = (as_of - date(1970, 1, 1)).days - days
        time = time / DAYS_PER_YEAR if conversion.unit == "years" else time
    return -time if conversion.ahead else time


def compute_max_time(conversion: DateConversion) -> float:
    """A bound of the numbers that any dates become.

    Examples
    --------
    >>> compute_max_time(DateConversion("born", "year", "years", as_of="2024-12-31"))
    125.0
    """
    year = date.fromisoformat(conversion.as_of).year
    years = float(max(year + 1 - FIRST_YEAR, LAST_YEAR + 1 - year))
    return years * 366 if conversion.unit == "days" else years


def parse_years(cells: pl.Series) -> pl.Series:
    """The years in cells, null where there is none.

    Examples
    --------
    >>> parse_years(pl.Series(["1971", "n/a", "3"])).to_list()
    [1971.0, None, None]
    """
    rule = parse_numbers("", cells.dtype, NumberFormat())
    years = cells.alias("").to_frame().select(rule).to_series()
    return years.set(~years.is_between(FIRST_YEAR, LAST_YEAR), None)


def parse_days(cells: pl.Series, layout: str) -> pl.Series:
    """Days since 1970, null where a cell is not written in a certain way.

    Examples
    --------
    >>> parse_days(pl.Series(["02.01.1970 17:05", "soon"]), "%d.%m.%Y").to_list()
    [1.0, None]
    >>> parse_days(pl.Series(["1970-01-02"]), "date").to_list()
    [1.0]
    """
    cells = cells.alias("")
    if layout in _SECONDS_PER_DAY:
        rule = parse_numbers("", cells.dtype, NumberFormat()) / _SECONDS_PER_DAY[layout]
        return cells.to_frame().select(rule.floor()).to_series()
    dates = _parse_dates(cells.dtype, layout)
    is_usual = dates.dt.year().is_between(FIRST_YEAR, LAST_YEAR)
    days = pl.when(is_usual).then(dates.dt.epoch("d").cast(pl.Float64))
    return cells.to_frame().select(days.alias("")).to_series()


def _parse_dates(dtype: pl.DataType, layout: str) -> pl.Expr:
    if dtype.is_temporal():
        return pl.col("").cast(pl.Date)
    text = cast_to_text("", dtype).str.replace(_TIME_OF_DAY, "")
    # A table of dates may be saved as text later, or one customer be typed.
    return text.str.to_date(_ISO_LAYOUT if layout == "date" else layout, strict=False)


def drop_days(days: pl.Series, dates: Iterable[str]) -> pl.Series:
    """Days since 1970 without those of some dates, which stand for none.

    Examples
    --------
    >>> drop_days(pl.Series([0.0, 1.0]), ["1970-01-01"]).to_list()
    [None, 1.0]
    """
    numbers = [float(count_days(date.fromisoformat(text))) for text in dates]
    return days.set(days.is_in(numbers).fill_null(False), None) if numbers else days


def count_days(day: date) -> int:
    """Days from 1970 to a date."""
    return (day - date(1970, 1, 1)).days


def find_unread_dates(cells: pl.Series, layout: str) -> pl.Series:
    """Where cells hold something that is no date, nor stands for none.

    Examples
    --------
    >>> cells = pl.Series(["soon", "", "1970-01-02", "9999-12-31"])
    >>> find_unread_dates(cells, "%Y-%m-%d").to_list()
    [True, False, False, False]
    """
    known = cells.alias("").to_frame().select(parse_categories("", cells.dtype)).to_series()
    converted = parse_years(cells) if layout == "year" else parse_days(cells, layout)
    return converted.is_null() & known.is_not_null() & ~find_no_dates(cells, layout)


def find_no_dates(cells: pl.Series, layout: str) -> pl.Series:
    """Where cells hold the last or the first date there is, which stands for no date.

    Examples
    --------
    >>> find_no_dates(pl.Series(["9999-12-31", "2024-12-31", ""]), "%Y-%m-%d").to_list()
    [True, False, False]
    """
    if layout == "year" or layout in _SECONDS_PER_DAY:
        return pl.repeat(False, len(cells), eager=True)
    dates = cells.alias("").to_frame().select(_parse_dates(cells.dtype, layout)).to_series()
    return dates.is_in([date.max, date.min]).fill_null(False)


def count_stand_in_dates(cells: pl.Series, conversion: DateConversion) -> dict[str, int]:
    """How often every date occurs that stands for none.

    Examples
    --------
    >>> conversion = DateConversion("seen", "%Y-%m-%d", "days", as_of="2024-03-01")
    >>> count_stand_in_dates(pl.Series(["9999-12-31", "2024-02-28"]), conversion)
    {'9999-12-31': 1}
    """
    if conversion.layout == "year" or conversion.layout in _SECONDS_PER_DAY:
        return {}
    dates = cells.alias("").to_frame().select(_parse_dates(cells.dtype, conversion.layout))
    known = [date.min, date.max, *map(date.fromisoformat, conversion.stand_ins)]
    counts = {day.isoformat(): int((dates.to_series() == day).sum()) for day in sorted(known)}
    return {day: count for day, count in counts.items() if count}
