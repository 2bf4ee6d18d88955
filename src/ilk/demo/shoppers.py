"""The data set ``shoppers``: 5,000 customers of an online store in three overlapping groups."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from ilk.demo.draws import RandomStream, reflect_into_bounds, round_to_integers

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


def make_customers() -> pl.DataFrame:
    """Generate the 5,000 customers, by customer number.

    Returns
    -------
    polars.DataFrame
        ``customer_id`` (text with leading zeros), ``age`` (years), ``annual_income`` and
        ``average_order_value`` (dollars), ``orders_per_year``, ``days_since_last_order`` and
        ``total_spend`` (dollars over the last year).

    Examples
    --------
    >>> make_customers()["customer_id"][0]
    '000108'
    """
    return draw_customers().drop("group")


def draw_customers() -> pl.DataFrame:
    """Draw the customers; the last column, ``group``, holds the group of each."""
    draws = RandomStream(SEED)
    groups = pl.concat([_draw_group(draws, group) for group in _GROUPS])
    shuffled = groups[draws.draw_permutation(groups.height)]
    return shuffled.insert_column(0, draw_customer_ids(draws, shuffled.height, first=100))


def draw_customer_ids(draws: RandomStream, n: int, *, first: int) -> pl.Series:
    """Ascending customer numbers of six digits, with gaps, as text."""
    numbers = first + draws.draw_integers(1, 9, n).cumsum()
    return pl.Series("customer_id", numbers).cast(pl.String).str.zfill(6)


def _draw_group(draws: RandomStream, group: _Group) -> pl.DataFrame:
    n = group.customers
    orders = round_to_integers(reflect_into_bounds(draws.draw_lognormal(*group.orders, n), 1, 80))
    value = round_to_integers(100 * draws.draw_lognormal(*group.value, n))
    gap = draws.draw_lognormal(*group.gap, n) * 365 / orders
    columns = {
        "age": round_to_integers(reflect_into_bounds(draws.draw_normal(*group.age, n), 18, 80)),
        "annual_income": 100 * round_to_integers(draws.draw_lognormal(*group.income, n) / 100),
        "orders_per_year": orders,
        "average_order_value": value / 100,
        "days_since_last_order": round_to_integers(reflect_into_bounds(gap, 0, 365)),
        "total_spend": orders * value / 100,
        "group": np.full(n, group.name),
    }
    return pl.DataFrame(columns)
