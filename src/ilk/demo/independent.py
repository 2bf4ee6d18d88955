"""Customers: 100 people without any real groups, every column drawn on its own."""

from __future__ import annotations

import polars as pl

from ilk.demo.draws import Draws, rounded, within

SEED = 107
N = 100
CATEGORIES = ("electronics", "fashion", "home_goods", "beauty")


def make() -> pl.DataFrame:
    """The 100 customers.

    No column tells anything about another, so whatever segments come out are slices of one
    cloud: useful, perhaps, but not kinds of people.

    Returns
    -------
    polars.DataFrame
        ``annual_income`` and ``average_order_value`` (dollars), ``spending_score`` (1 to 100),
        ``number_of_purchases``, ``age`` and ``years_with_company`` (years),
        ``activity_per_week`` (visits) and ``product_category`` (one of :data:`CATEGORIES`).

    Examples
    --------
    >>> make().shape
    (100, 8)
    """
    draws = Draws(SEED)
    income = within(draws.bell(62_000, 19_000, N), 18_000, 130_000)
    order_value = within(draws.skewed(75, 0.45, N), 10, 400)
    columns = {
        "annual_income": 100 * rounded(income / 100),
        "spending_score": draws.whole(1, 100, N),
        "number_of_purchases": rounded(within(draws.skewed(16, 0.5, N), 1, 80)),
        "age": rounded(within(draws.bell(41, 13, N), 18, 75)),
        "years_with_company": draws.whole(0, 15, N),
        "average_order_value": rounded(100 * order_value) / 100,
        "activity_per_week": draws.whole(0, 7, N),
        "product_category": draws.pick(CATEGORIES, (7, 8, 6, 4), N),
    }
    return pl.DataFrame(columns)
