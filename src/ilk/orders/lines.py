"""Order lines: customer, day, amount and order of every line of an order log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from ilk.columns.cast import cast_columns, find_column_name
from ilk.errors import InputError, Notice, format_place, shorten, suggest_name
from ilk.schema import Column
from ilk.tables.number_format import NumberFormat, is_missing_category

MILLIONTHS_PER_UNIT = 1_000_000
"""Amounts become integers of millionths, which add up to the same total in any order."""

_MAX_AMOUNT = 1e15
_ISO_DATE = (
    r"^(\d{4}-\d{2}-\d{2}|\d{8})"
    r"(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$"
)


@dataclass(frozen=True)
class OrderColumns:
    """Which column of an order log holds what; without ``order``, one day is one order."""

    id: str
    date: str
    amount: str
    order: str | None = None


class RowKind(NamedTuple):
    """A kind of row to report to the user, and an expression that finds such rows."""

    code: str
    column: str
    rows: pl.Expr
    description: str


def parse_order_lines(
    log: pl.DataFrame, columns: OrderColumns, number_format: NumberFormat
) -> pl.DataFrame:
    """Parse every line of the log; null where a value is missing.

    Returns
    -------
    polars.DataFrame
        ``row`` (from 1), ``id`` (text), ``day`` (date), ``money`` (whole millionths), ``order``
        (text; the day where the order has no number).

    Raises
    ------
    InputError
        If a column is missing, or a date or an amount cannot be read.

    Examples
    --------
    >>> log = pl.DataFrame({"who": ["07"], "day": ["2024-01-31 17:05"], "paid": ["9.50"]})
    >>> parse_order_lines(log, OrderColumns("who", "day", "paid"), NumberFormat()).row(0)
    (1, '07', datetime.date(2024, 1, 31), 9500000, '2024-01-31')
    """
    day = _parse_days(_get_column(log, columns.date))
    day_text = day.cast(pl.String)
    number = _cast_to_text(_get_column(log, columns.order)) if columns.order else day_text
    lines = {
        "id": _cast_to_text(_get_column(log, columns.id)),
        "day": day,
        "money": _parse_amounts(_get_column(log, columns.amount), number_format),
        "order": number.fill_null(day_text),
    }
    return pl.DataFrame(lines).with_row_index("row", 1)


def collect_line_notices(lines: pl.DataFrame, columns: OrderColumns) -> tuple[Notice, ...]:
    """Notices of lines that were left out, refunds and free orders."""
    no_id, no_day, no_amount = (pl.col(name).is_null() for name in ("id", "day", "money"))
    used = ~(no_id | no_day)
    kinds = (
        RowKind(
            "W_ORDER_NO_CUSTOMER", columns.id, no_id, "order lines without a customer, left out"
        ),
        RowKind(
            "W_ORDER_NO_DATE",
            columns.date,
            ~no_id & no_day,
            "order lines without a date, left out",
        ),
        RowKind(
            "W_ORDER_NO_AMOUNT",
            columns.amount,
            used & no_amount,
            "order lines without an amount, left out",
        ),
        RowKind(
            "W_REFUNDS",
            columns.amount,
            used & (pl.col("money") < 0),
            "refunds (negative amounts), subtracted and not counted as orders",
        ),
        RowKind(
            "W_FREE_ORDERS",
            columns.amount,
            used & (pl.col("money") == 0),
            "order lines with amount 0, counted as orders",
        ),
    )
    return count_row_kinds(lines, kinds)


def count_row_kinds(frame: pl.DataFrame, kinds: tuple[RowKind, ...]) -> tuple[Notice, ...]:
    """A notice for every kind of row that occurs."""
    counts = frame.select(kind.rows.sum().alias(kind.code) for kind in kinds).row(0, named=True)
    return tuple(
        Notice(kind.code, f"{kind.description}: {counts[kind.code]:,}", column=kind.column)
        for kind in kinds
        if counts[kind.code]
    )


def _cast_to_text(column: pl.Series) -> pl.Series:
    """Text byte for byte, null where blank; integers without decimals."""
    if column.dtype.is_float() and (column.drop_nans() % 1 == 0).all():
        column = column.fill_nan(None).cast(pl.Int64)
    text = column.cast(pl.String)
    return text.set(text.str.strip_chars() == "", None)


def _parse_days(column: pl.Series) -> pl.Series:
    """Dates of a column, null where missing."""
    if column.dtype == pl.Date:
        return column
    if isinstance(column.dtype, pl.Datetime):
        return column.dt.date()
    if column.dtype != pl.String:
        kind = "integers" if column.dtype.is_integer() else str(column.dtype)
        raise _build_date_error(column.name, f"column '{column.name}' contains {kind}, not dates")
    text = column.str.strip_chars()
    digits = text.str.extract(_ISO_DATE).str.replace_all("-", "")
    days = digits.str.to_date("%Y%m%d", strict=False)
    is_missing = column.to_frame("").select(is_missing_category("", column.dtype)).to_series()
    unread = days.is_null() & ~is_missing
    row = unread.arg_max()
    if row is not None and unread[row]:
        raise _build_date_error(column.name, f"{shorten(column[row])} is not a date", row)
    return days


def _parse_amounts(column: pl.Series, number_format: NumberFormat) -> pl.Series:
    """Amounts as whole millionths of the unit, null where missing."""
    number = Column(column.name, kind="number", role="feature", reason="the amount of an order")
    values = cast_columns(column.to_frame(), [number], number_format)[column.name]
    row = values.abs().arg_max()
    if row is not None and abs(values[row]) > _MAX_AMOUNT:
        raise InputError(
            "E_TOO_LARGE",
            f"{values[row]:.3g} is too large for the amount of an order",
            place=format_place(column=column.name, row=row + 1),
            way_out="Correct or clear the cell.",
        )
    return (values * MILLIONTHS_PER_UNIT).round().cast(pl.Int128)


def _get_column(log: pl.DataFrame, name: str) -> pl.Series:
    """The column of this name, up to surrounding spaces, renamed to ``name``."""
    own = find_column_name(name, log.columns)
    if own is None:
        raise InputError(
            "E_UNKNOWN_COLUMN",
            f"the order log has no column {shorten(name)}",
            place="header",
            way_out=suggest_name(name, log.columns),
        )
    return log[own].alias(name)


def _build_date_error(column: str, message: str, row: int | None = None) -> InputError:
    place = f"column '{column}'" if row is None else f"column '{column}', row {row + 1:,}"
    way_out = "Write dates as year-month-day, such as 2024-01-31."
    return InputError("E_DATE", message, place=place, way_out=way_out)
