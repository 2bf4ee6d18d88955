"""What the cells of a column mean, by its name and values, and in which unit they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ilk.columns.kinds import ColumnEvidence
from ilk.schema import Kind, Meaning
from ilk.vocabulary.concepts import has_word, split_name

_MAX_AGE = 120.0
_FIRST_YEAR, _LAST_YEAR = 1900.0, 2100.0
_UNIT = re.compile(r"(?<!\w)(k?[$€£¥₺₽]|%|[kK]?(?:USD|EUR|GBP|CHF|PLN|TRY|RUB))(?!\w)")
_MAX_CALENDAR_PART = 31.0
_ABSENCE = "the time since the last activity"
_DURATIONS = ("days", "weeks", "months", "years")

MEANING_PHRASES: dict[Meaning, str] = {
    "money": "an amount of money",
    "count": "a count",
    "share": "a share",
    "duration": "a duration",
    "age": "an age",
    "year": "a year",
    "date": "a date",
    "scale": "a score",
    "yes_no": "yes or no",
    "code": "a code",
    "place": "a place",
    "several": "several answers in a cell",
}
"""What each meaning is called in a reason."""


@dataclass(frozen=True)
class ColumnMeaning:
    """What the cells of a column are, what they are counted in, and a more exact phrase."""

    meaning: Meaning | None = None
    unit: str = ""
    phrase: str = ""

    def __str__(self) -> str:
        """The meaning in words; empty where it is unknown."""
        if self.meaning is None:
            return ""
        phrase = self.phrase or MEANING_PHRASES[self.meaning]
        comma = "," if self.phrase else ""
        return f"{phrase}{comma} in {self.unit}" if self.unit else phrase


def infer_meaning(column: ColumnEvidence, kind: Kind) -> ColumnMeaning:
    """Infer what the cells of a column are.

    Examples
    --------
    >>> import polars as pl
    >>> from ilk.columns.summary import summarize_frame
    >>> from ilk.tables.number_format import NumberFormat
    >>> frame = pl.DataFrame({"Income (k$)": [31, 44], "Alter": [25, 61], "Tage inaktiv": [3, 90]})
    >>> summary = summarize_frame(frame, NumberFormat())
    >>> for name in frame.columns:
    ...     print(infer_meaning(ColumnEvidence(name, summary), "number"))
    an amount of money in k$
    an age in years
    the time since the last activity, in days
    """
    if kind == "date":
        return ColumnMeaning("date")
    if kind == "number":
        return _infer_number(column)
    if kind == "category":
        return ColumnMeaning(_infer_category(column))
    return ColumnMeaning()


def choose_meaning(column: ColumnEvidence, meaning: Meaning) -> ColumnMeaning:
    """The meaning that the user gives to a column, with the unit that its name tells."""
    found = infer_meaning(column, "number")
    if found.meaning == meaning:
        return found
    unit = "years" if meaning == "age" else find_currency(column.name) if meaning == "money" else ""
    return ColumnMeaning(meaning, unit)


def _infer_category(column: ColumnEvidence) -> Meaning | None:
    return column.find_meaning("category") or ("code" if column.is_integer else None)


def _infer_number(column: ColumnEvidence) -> ColumnMeaning:
    name = column.name
    low, high = column.stats.minimum or 0.0, column.stats.maximum or 0.0
    if has_word(name, "age") and not has_word(name, "not_age") and 0 <= low <= high <= _MAX_AGE:
        return ColumnMeaning("age", "years")
    if is_year(column):
        return ColumnMeaning("year")
    if has_word(name, "share") or has_word(name, "percent"):
        # Shares of one are called percentages, too.
        is_percent = "%" in name or (has_word(name, "percent") and high > 1)
        return ColumnMeaning("share", "%" if is_percent else "")
    if has_word(name, "counted") and column.is_integer:
        return ColumnMeaning("count")
    if has_word(name, "score"):
        return ColumnMeaning("scale")
    if (unit := _find_duration(name)) is not None:
        return ColumnMeaning("duration", unit, _name_duration(name))
    if has_word(name, "tenure") or has_word(name, "duration"):
        return ColumnMeaning("duration", "", _name_duration(name))
    if _is_money(column):
        return ColumnMeaning("money", find_currency(name))
    if column.is_integer and has_word(name, "count") and not has_word(name, "age"):
        return ColumnMeaning("count")
    return ColumnMeaning()


def is_year(column: ColumnEvidence, *, is_chosen: bool = False) -> bool:
    """Whether a column holds years of the calendar, by its values and its name or the user."""
    named = is_chosen or any(has_word(column.name, word) for word in ("year", "birth", "joined"))
    low, high = column.stats.minimum, column.stats.maximum
    if not named or low is None or high is None or not column.is_integer:
        return False
    return low >= _FIRST_YEAR and high <= _LAST_YEAR


def is_calendar_part(column: ColumnEvidence) -> bool:
    """Whether a column holds months, weekdays and the like as numbers.

    Examples
    --------
    >>> import polars as pl
    >>> from ilk.columns.summary import summarize_frame
    >>> from ilk.tables.number_format import NumberFormat
    >>> frame = pl.DataFrame({"birth_month": [1, 12], "month": [3, 40], "months": [1, 12]})
    >>> summary = summarize_frame(frame, NumberFormat())
    >>> [name for name in frame.columns if is_calendar_part(ColumnEvidence(name, summary))]
    ['birth_month']
    """
    low, high = column.stats.minimum, column.stats.maximum
    if low is None or high is None or not column.is_integer:
        return False
    return low >= 0 and high <= _MAX_CALENDAR_PART and has_word(column.name, "calendar_part")


def _find_duration(name: str) -> str | None:
    """The unit of a duration: the first one in the name, unless it says "per month"."""
    if has_word(name, "per"):
        return None
    words = split_name(name)
    found = [unit for word in words for unit in _DURATIONS if has_word(word, unit)]
    return found[0] if found else None


def _name_duration(name: str) -> str:
    """Time as a customer, or time without activity: "since" alone tells neither."""
    if has_word(name, "last") or has_word(name, "absence"):
        return _ABSENCE
    event = " ".join(word for word in split_name(name) if word != "since")
    if has_word(event, "joined") or has_word(event, "tenure"):
        return "the time as a customer"
    return _ABSENCE if has_word(event, "activity") and event != " ".join(split_name(name)) else ""


def _is_money(column: ColumnEvidence) -> bool:
    """Whether a column holds amounts: some words are those of counts, too, if all are integers."""
    name = column.name
    if find_currency(name):
        return True
    if not has_word(name, "money") or has_word(name, "change"):
        return False
    return not column.is_integer or any(
        has_word(word, "money") and not has_word(word, "count_or_money")
        for word in split_name(name)
    )


def find_currency(name: str) -> str:
    """The currency that a name tells, empty if there is none.

    Examples
    --------
    >>> find_currency("Annual Income (k$)"), find_currency("Umsatz in EUR"), find_currency("Euro")
    ('k$', 'EUR', '')
    """
    found = _UNIT.search(name)
    return found[1] if found and found[1] != "%" else ""


def find_value_column(columns: Iterable[ColumnEvidence]) -> str | None:
    """Find the one column that says what a customer is worth.

    A total comes before other amounts that were spent. Of several that are no totals, none is it:
    they are parts of one.

    Parameters
    ----------
    columns : iterable of ColumnEvidence
        Columns of numbers that profiles show.

    Examples
    --------
    >>> import polars as pl
    >>> from ilk.columns.summary import summarize_frame
    >>> from ilk.tables.number_format import NumberFormat
    >>> frame = pl.DataFrame({"MonthlyCharges": [31.5, 44.0], "TotalCharges": [310.5, 44.0]})
    >>> summary = summarize_frame(frame, NumberFormat())
    >>> find_value_column(ColumnEvidence(name, summary) for name in frame.columns)
    'TotalCharges'
    """
    names = [column.name for column in columns]
    totals = [name for name in names if _is_worth(name)]
    if totals:
        return totals[0]
    spent = [name for name in names if has_word(name, "spending") and not _is_partial(name)]
    return _choose_plain(spent)


def _is_worth(name: str) -> bool:
    is_sum = not has_word(name, "not_sum")
    return has_word(name, "worth") and is_sum and not has_word(name, "not_worth")


def _is_partial(name: str) -> bool:
    return any(has_word(name, concept) for concept in ("not_total", "not_sum", "change"))


def _choose_plain(names: Sequence[str]) -> str | None:
    """The only name; of several the only one of a single word: "spend" beside "spend on food"."""
    plain = [name for name in names if len(split_name(name)) == 1]
    for candidates in (names, plain):
        if len(candidates) == 1:
            return candidates[0]
    return None
