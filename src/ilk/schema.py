"""What every column is, what it is used for, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Literal, TypeVar

from pydantic import FailFast

T = TypeVar("T")

Entries = Annotated[tuple[T, ...], FailFast()]
"""Entries of a list in a model file. Their validation stops at the first wrong one: a file may hold
a million of them, and a list of all errors would take gigabytes."""

Kind = Literal["number", "category", "date", "text"]
Role = Literal["id", "feature", "describe", "ignore"]
Meaning = Literal[
    "money",
    "count",
    "share",
    "duration",
    "age",
    "year",
    "date",
    "scale",
    "yes_no",
    "code",
    "place",
    "several",
]
"""What the cells of a column are beyond their kind. A ``share`` is a rate or a percentage, a
``scale`` has ordered levels, and ``several`` answers stand in one cell."""

ROLE_LABELS: dict[Role, str] = {
    "feature": "used for segmentation",
    "describe": "shown in profiles only",
    "id": "customer ID",
    "ignore": "left out",
}
"""How each role is called in reports and in the app."""

COLUMN_HEADINGS: dict[str, str] = {
    "name": "Column",
    "role": "Use",
    "kind": "Type",
    "reason": "Reason",
    "missing": "Missing",
}
"""Heads of tables of columns on every surface, in their order, by the fields of :class:`Column`."""


@dataclass(frozen=True)
class Outcome:
    """What became of a customer: the level that says it happened, and whether that is bad.

    Examples
    --------
    >>> Outcome("1", is_bad=True).level
    '1'
    """

    level: str
    is_bad: bool


@dataclass(frozen=True)
class DateConversion:
    """How a column of dates or years becomes a number: the time from them to a day.

    ``source`` is the column of the table and ``name`` that of the numbers. ``layout`` tells how the
    dates are written. The time is that since a date; where dates lie ``ahead``, that until it.
    ``stand_ins`` are dates that count as missing, as ``YYYY-MM-DD``.

    Examples
    --------
    >>> DateConversion("birth_year", "year", "years", "2024-12-31", name="age").unit
    'years'
    """

    source: str
    layout: str
    unit: Literal["days", "years"]
    as_of: str
    ahead: bool = False
    name: str = ""
    stand_ins: Entries[str] = ()


@dataclass(frozen=True)
class Answer:
    """One of several answers in the cells of a column, and the sign between them.

    Examples
    --------
    >>> Answer("channels", ";", "Email").text
    'Email'
    """

    source: str
    separator: str
    text: str


@dataclass(frozen=True)
class CellReading:
    """How the cells of a column are read, in training and ever after.

    ``levels`` are those of a category; a cell that spells one of them in another way counts as it.
    ``codes`` are values of the table that have another name among the levels, and that name.
    ``decimal`` and ``thousands`` are the marks of numbers in text, where they are not a point and
    nothing; a table that does not show its own is read with them. ``stand_ins`` are numbers and
    texts that count as missing in a column of numbers.

    Examples
    --------
    >>> CellReading(levels=("yes", "no")).levels
    ('yes', 'no')
    """

    levels: Entries[str] = ()
    decimal: str = "."
    thousands: str = ""
    stand_ins: Entries[str] = ()
    codes: Entries[tuple[str, str]] = ()


@dataclass(frozen=True)
class Column:
    """One column: its kind, its role and the reason for the role.

    ``missing`` counts cells without a value; ``reason`` is a phrase a marketer understands.
    ``meaning`` is what the cells are, where that is known, and ``unit`` what they are counted in,
    such as ``$``, ``%`` or ``days``. ``outcome`` is set where a column says what became of a
    customer, and ``is_value`` where it says what a customer is worth. The numbers of a column with
    a ``conversion`` are computed from dates; ``cells`` says how other cells are read. A column that
    has a readable name is called ``own_name`` in the table. One with an ``answer`` says whether it
    stands in a cell.

    Examples
    --------
    >>> Column("Age", kind="number", role="feature", reason="a number").role
    'feature'
    """

    name: str
    kind: Kind
    role: Role
    reason: str
    missing: int = 0
    meaning: Meaning | None = None
    unit: str = ""
    outcome: Outcome | None = None
    is_value: bool = False
    conversion: DateConversion | None = None
    cells: CellReading = CellReading()
    own_name: str = ""
    answer: Answer | None = None

    @property
    def source(self) -> str:
        """The column of the table that the values come from."""
        if self.conversion is not None:
            return self.conversion.source
        if self.answer is not None:
            return self.answer.source
        return self.own_name or self.name


def count_to_day(column: Column, as_of: str) -> Column:
    """A column whose dates, if it has any, are counted to another day.

    Examples
    --------
    >>> born = DateConversion("born", "year", "years", "2024-12-31", name="age")
    >>> age = Column("age", "number", "feature", "as of 2024-12-31", conversion=born)
    >>> count_to_day(age, "2025-12-31").reason
    'as of 2025-12-31'
    """
    if column.conversion is None:
        return column
    return replace(
        column,
        reason=column.reason.replace(column.conversion.as_of, as_of),
        conversion=replace(column.conversion, as_of=as_of),
    )


@dataclass(frozen=True)
class Schema:
    """The columns of a table, in the order read.

    Examples
    --------
    >>> age = Column("Age", kind="number", role="feature", reason="a number")
    >>> sex = Column("Gender", kind="category", role="describe", reason="a sensitive trait")
    >>> [column.name for column in Schema((age, sex)).features]
    ['Age']
    """

    columns: Entries[Column]

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    @property
    def features(self) -> tuple[Column, ...]:
        """Columns used for segmentation."""
        return self._select_role("feature")

    @property
    def profile_columns(self) -> tuple[Column, ...]:
        """Columns that a profile shows: features first, then those shown in profiles only."""
        return self.features + self._select_role("describe")

    @property
    def feature_answers(self) -> tuple[Answer, ...]:
        """All answers in the cells that a feature comes from, whatever the others are used for."""
        sources = {column.source for column in self.features if column.answer is not None}
        answers = (column.answer for column in self.columns)
        return tuple(answer for answer in answers if answer and answer.source in sources)

    @property
    def id(self) -> str | None:
        """Name of the ID column, if there is one."""
        ids = self._select_role("id")
        return ids[0].name if ids else None

    def _select_role(self, role: Role) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.role == role)
