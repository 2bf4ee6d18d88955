"""Shoppers: 5,000 customers of a shop in three groups that shade into one another."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from ilk.demo.draws import Draws, rounded, within

SEED = 5000


class _Group(NamedTuple):
    """Customers who shop alike: age as (mean, spread), all else as (median, log spread).

    ``gap`` is the time since the last order, in multiples of the usual time between two orders.
    """

    name: str
    customers: int
    age: tuple[float, float]
    income: tuple[float, float]
    orders: tuple[float, float]
    value: tuple[float, float]
    gap: tuple[float, float]


_GROUPS = (
    _Group("high-income", 950, (49, 10), (104_000, 0.32), (8, 0.42), (150, 0.38), (0.7, 0.7)),
    _Group("frequent", 1_450, (34, 9), (52_000, 0.32), (22, 0.34), (50, 0.38), (0.7, 0.7)),
    _Group("occasional", 2_600, (43, 13), (45_000, 0.34), (3, 0.45), (58, 0.42), (0.9, 0.7)),
)


def make() -> pl.DataFrame:
    """The 5,000 customers, by customer number.

    Returns
    -------
    polars.DataFrame
        ``customer_id`` (text with leading zeros), ``age`` (years), ``annual_income`` and
        ``average_order_value`` (dollars), ``orders_per_year``, ``days_since_last_order`` and
        ``total_spend`` (dollars over the last year).

    Examples
    --------
    >>> make()["customer_id"][0]
    '000108'
    """
    return draw().drop("group")


def draw() -> pl.DataFrame:
    """The customers with the group that each was drawn from, in a last column ``group``."""
    draws = Draws(SEED)
    together = pl.concat([_draw_group(draws, group) for group in _GROUPS])
    shuffled = together[draws.shuffle(together.height)]
    return shuffled.insert_column(0, customer_ids(draws, shuffled.height, first=100))


def customer_ids(draws: Draws, n: int, *, first: int) -> pl.Series:
    """Rising customer numbers of six digits with gaps, as text."""
    numbers = first + draws.whole(1, 9, n).cumsum()
    return pl.Series("customer_id", numbers).cast(pl.String).str.zfill(6)


def _draw_group(draws: Draws, group: _Group) -> pl.DataFrame:
    n = group.customers
    orders = rounded(within(draws.skewed(*group.orders, n), 1, 80))
    value = rounded(100 * draws.skewed(*group.value, n))
    gap = draws.skewed(*group.gap, n) * 365 / orders
    columns = {
        "age": rounded(within(draws.bell(*group.age, n), 18, 80)),
        "annual_income": 100 * rounded(draws.skewed(*group.income, n) / 100),
        "orders_per_year": orders,
        "average_order_value": value / 100,
        "days_since_last_order": rounded(within(gap, 0, 365)),
        "total_spend": orders * value / 100,
        "group": np.full(n, group.name),
    }
    return pl.DataFrame(columns)
