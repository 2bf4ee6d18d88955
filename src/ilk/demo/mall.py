"""The data set ``mall``: 200 customers in five groups by income and spending."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from ilk.demo.draws import RandomStream, reflect_into_bounds, round_to_integers

SEED = 2027


class _Group(NamedTuple):
    """Customers who earn and spend alike; pairs are (mean, spread)."""

    name: str
    customers: int
    income: tuple[float, float]
    score: tuple[float, float]
    age: tuple[float, float]


_GROUPS = (
    _Group("average income, average spending", 80, (56, 9.5), (50, 8), (43, 15)),
    _Group("high income, high spending", 40, (87, 15), (81, 10), (33, 4.5)),
    _Group("high income, low spending", 35, (89, 16), (18, 10.5), (42, 10)),
    _Group("low income, low spending", 23, (27, 7.5), (21, 11.5), (46, 12)),
    _Group("low income, high spending", 22, (26, 7), (79, 10.5), (25, 4.5)),
)


def make_customers() -> pl.DataFrame:
    """Generate the 200 customers, in no particular order.

    Returns
    -------
    polars.DataFrame
        ``CustomerID`` (1 to 200), ``Gender``, ``Age`` (years), ``Annual Income (k$)`` and
        ``Spending Score (1-100)``.

    Examples
    --------
    >>> make_customers().columns[3:]
    ['Annual Income (k$)', 'Spending Score (1-100)']
    """
    return draw_customers().drop("group")


def draw_customers() -> pl.DataFrame:
    """Draw the customers; the last column, ``group``, holds the group of each."""
    draws = RandomStream(SEED)
    groups = pl.concat([_draw_group(draws, group) for group in _GROUPS])
    shuffled = groups[draws.draw_permutation(groups.height)]
    return shuffled.with_row_index("CustomerID", 1).with_columns(
        pl.col("CustomerID").cast(pl.Int64)
    )


def _draw_group(draws: RandomStream, group: _Group) -> pl.DataFrame:
    n = group.customers
    columns = {
        "Gender": draws.draw_options(("Female", "Male"), (14, 11), n),
        "Age": round_to_integers(reflect_into_bounds(draws.draw_normal(*group.age, n), 18, 70)),
        "Annual Income (k$)": round_to_integers(
            reflect_into_bounds(draws.draw_normal(*group.income, n), 15, 137)
        ),
        "Spending Score (1-100)": round_to_integers(
            reflect_into_bounds(draws.draw_normal(*group.score, n), 1, 99)
        ),
        "group": np.full(n, group.name),
    }
    return pl.DataFrame(columns)
