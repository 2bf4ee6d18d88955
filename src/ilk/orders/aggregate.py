"""From an order log to one row per customer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from ilk.errors import InputError, Notice, UsageError, format_place, shorten
from ilk.orders.lines import (
    MILLIONTHS_PER_UNIT,
    OrderColumns,
    RowKind,
    collect_line_notices,
    count_row_kinds,
    parse_order_lines,
)
from ilk.tables.number_format import NumberFormat

CUSTOMER_FEATURES = ("recency_days", "orders", "monetary", "average_order_value", "tenure_days")
"""The columns computed for every customer; they follow the customer's id."""


@dataclass(frozen=True)
class CustomerTable:
    """One row per customer, and notices of what was left out or subtracted."""

    frame: pl.DataFrame
    notices: tuple[Notice, ...] = ()


def aggregate_orders(
    orders: pl.DataFrame,
    *,
    id: str,
    date: str,
    amount: str,
    order: str | None = None,
    as_of: dt.date | None = None,
    number_format: NumberFormat | None = None,
) -> CustomerTable:
    """Compute recency, frequency and monetary value of every customer in an order log.

    A line with a negative amount is a refund: it is subtracted from the customer's total and is
    not a purchase. A line with amount zero is a purchase. Lines without a customer, a date or an
    amount are left out, and so are customers with refunds only; notices count them.

    Parameters
    ----------
    orders : polars.DataFrame
        The log, one row per order or order line, in any order.
    id, date, amount : str
        Columns of the customer ID, the date and the amount. Dates are dates, times, or ISO text
        such as ``2024-01-31``, ``20240131`` or ``2024-01-31 17:05``; the time of day is dropped.
    order : str, optional
        Column of the order number. Without it, or on lines where it is empty, all purchases of
        a customer on one day are one order.
    as_of : datetime.date, optional
        The day from which recency and tenure are counted back; by default the day after the
        last line that is used.
    number_format : NumberFormat, optional
        How amounts are written if they are text; by default like ``1234.5``.

    Returns
    -------
    CustomerTable
        Its frame has the ID (text, byte for byte; integers without decimals), in order of first
        appearance, and

        * ``recency_days`` since the last purchase,
        * ``orders``, the number of orders,
        * ``monetary``, the sum of all amounts, refunds subtracted,
        * ``average_order_value``, monetary divided by orders,
        * ``tenure_days`` since the first purchase.

    Raises
    ------
    InputError
        If a column is missing, a date or an amount cannot be read, a date is later than
        ``as_of``, or no line can be used.
    UsageError
        If the ID column has the name of a computed one.

    Examples
    --------
    >>> log = pl.DataFrame({
    ...     "who": ["007", "007", "012", "007"],
    ...     "day": ["2024-01-01", "2024-01-31", "2024-02-10", "2024-02-10"],
    ...     "paid": [30.0, 50.0, 20.0, -10.0],
    ... })
    >>> aggregate_orders(log, id="who", date="day", amount="paid").frame.row(0)
    ('007', 11, 2, 70.0, 35.0, 41)
    """
    _check_name(id)
    columns = OrderColumns(id, date, amount, order)
    lines = parse_order_lines(orders, columns, number_format or NumberFormat())
    used = lines.drop_nulls(["id", "day", "money"])
    last = _find_last_day(used, columns)
    if as_of is not None and last > as_of:
        raise _build_too_late_error(used, columns, as_of)
    table = _aggregate_lines(used, as_of or last + dt.timedelta(days=1))
    notices = (*collect_line_notices(lines, columns), *_collect_customer_notices(table, columns))
    return CustomerTable(table.drop_nulls("recency_days").rename({"id": id}), notices)


def _check_name(id: str) -> None:
    if id in CUSTOMER_FEATURES:
        raise UsageError(
            "E_NAME_TAKEN",
            f"the ID column cannot be named {shorten(id)}, because a computed column has this name",
            place="id",
            way_out="Rename the column.",
        )


def _find_last_day(lines: pl.DataFrame, columns: OrderColumns) -> dt.date:
    last = lines["day"].max()
    if not isinstance(last, dt.date):
        raise InputError(
            "E_NO_ROWS",
            "no line of the order log has a customer, a date and an amount",
            place=f"columns '{columns.id}', '{columns.date}', '{columns.amount}'",
            way_out="Check that these are the right columns.",
        )
    return last


def _build_too_late_error(lines: pl.DataFrame, columns: OrderColumns, as_of: dt.date) -> InputError:
    late = lines.filter(pl.col("day") > as_of)
    first, last = late["day"][0], late["day"].max()
    return InputError(
        "E_DATE_AFTER_AS_OF",
        f"the order log contains orders after {as_of}, such as one on {first}",
        place=format_place(column=columns.date, row=late["row"][0]),
        way_out=f"Count back from {last!s} or later, or leave out later orders.",
    )


def _aggregate_lines(lines: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """One row per customer; those with refunds only have no recency."""
    purchase = pl.col("money") >= 0
    grouped = lines.group_by("id", maintain_order=True).agg(
        first=pl.col("day").filter(purchase).min(),
        last=pl.col("day").filter(purchase).max(),
        orders=pl.col("order").filter(purchase).n_unique().cast(pl.Int64),
        monetary=pl.col("money").sum().cast(pl.Float64) / MILLIONTHS_PER_UNIT,
    )
    return grouped.select(
        "id",
        (as_of - pl.col("last")).dt.total_days().alias("recency_days"),
        "orders",
        "monetary",
        (pl.col("monetary") / pl.col("orders")).alias("average_order_value"),
        (as_of - pl.col("first")).dt.total_days().alias("tenure_days"),
    )


def _collect_customer_notices(table: pl.DataFrame, columns: OrderColumns) -> tuple[Notice, ...]:
    only_refunds = pl.col("recency_days").is_null()
    kinds = (
        RowKind(
            "W_ONLY_REFUNDS", columns.id, only_refunds, "customers with refunds only, left out"
        ),
        RowKind(
            "W_NEGATIVE_TOTAL",
            columns.amount,
            ~only_refunds & (pl.col("monetary") < 0),
            "customers with more refunds than purchases, so that their total is negative",
        ),
    )
    return count_row_kinds(table, kinds)
