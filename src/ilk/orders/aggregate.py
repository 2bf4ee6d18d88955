"""Orders: an order log made into one row per customer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from ilk.errors import InputError, Notice, UsageError, shorten
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
    """One row per customer, and what was left out or netted on the way."""

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
    """Recency, frequency and money of every customer in an order log.

    A line with a negative amount is a refund: it is subtracted from the customer's total and is
    no purchase. A line with amount zero is a purchase. Lines without a customer, a date or an
    amount are left out, and so are customers who have refunds only; a notice counts each.

    Parameters
    ----------
    orders : polars.DataFrame
        The log, one row per order or order line, in any order.
    id, date, amount : str
        Columns of the customer's id, the day and the money. Dates are dates, times, or ISO text
        such as ``2024-01-31``, ``20240131`` or ``2024-01-31 17:05``; the time of day is dropped.
    order : str, optional
        Column of the order's number. Without it, one customer's purchases on one day are one
        order; so they are on lines where the number is empty.
    as_of : datetime.date, optional
        The day from which recency and tenure are counted back; the day after the last line that
        is used, unless given.
    number_format : Numerals, optional
        How amounts are written if they are text; ``1234.5`` unless given.

    Returns
    -------
    CustomerTable
        Its frame has the id (text, byte for byte; whole numbers without decimals), in order of
        first appearance, and

        * ``recency_days`` since the last purchase,
        * ``orders``, the number of orders,
        * ``monetary``, the sum of all amounts, refunds subtracted,
        * ``average_order_value``, monetary by orders,
        * ``tenure_days`` since the first purchase.

    Raises
    ------
    InputError
        If a column is missing, a date or an amount cannot be read, a date is later than
        ``as_of``, or no line can be used.
    UsageError
        If the id column has the name of a computed one.

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
            f"the id column cannot be called {shorten(id)}",
            place="id",
            way_out="Rename the column: a computed one has this name.",
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
        f"an order of {first} is later than {as_of}, the day to count back from",
        place=f"column '{columns.date}', row {late['row'][0]:,}",
        way_out=f"Count back from {last!s} or later, or leave out later orders.",
    )


def _aggregate_lines(lines: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """One row per customer; who has refunds only has no recency."""
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
            "customers who got back more than they paid, so that their total is negative",
        ),
    )
    return count_row_kinds(table, kinds)
