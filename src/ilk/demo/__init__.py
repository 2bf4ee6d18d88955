"""Example data that comes with ilk, made by code: the same bytes on every machine.

The people in it do not exist.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from ilk import orders as order_logs
from ilk.demo import independent, mall, orders, shoppers
from ilk.errors import UsageError, shorten, suggest_name
from ilk.recipe import Recipe


@dataclass(frozen=True)
class Dataset:
    """An example: how it is made, and the recipe with which it is segmented.

    ``to_customers`` makes the rows into customers; it is ``None`` where they are customers already.
    """

    name: str
    title: str
    description: str
    make: Callable[[], pl.DataFrame]
    recipe: Recipe
    to_customers: Callable[[pl.DataFrame], pl.DataFrame] | None = None


def load(name: str) -> pl.DataFrame:
    """An example data set, one of ``mall``, ``shoppers``, ``customers`` and ``orders``.

    Raises
    ------
    UsageError
        If there is no data set of this name.

    Examples
    --------
    >>> load("mall").shape
    (200, 5)
    """
    return get_dataset(name).make()


def load_customers(name: str) -> pl.DataFrame:
    """The table that the data set's recipe is for: one row per customer.

    That is the data set itself, except for an order log, from which the customers are computed.

    Raises
    ------
    UsageError
        If there is no data set of this name.

    Examples
    --------
    >>> load_customers("orders").columns[:3]
    ['customer_id', 'recency_days', 'orders']
    """
    wanted = get_dataset(name)
    frame = wanted.make()
    return frame if wanted.to_customers is None else wanted.to_customers(frame)


def get_dataset(name: str) -> Dataset:
    """An example data set with its title, description and recipe.

    Raises
    ------
    UsageError
        If there is no data set of this name.

    Examples
    --------
    >>> get_dataset("shoppers").title
    'Shoppers of an online store'
    """
    if name not in DATASETS:
        raise UsageError(
            "E_UNKNOWN_DEMO",
            f"there is no bundled data named {shorten(name)}",
            way_out=suggest_name(name, DATASETS),
        )
    return DATASETS[name]


def _aggregate_order_log(log: pl.DataFrame) -> pl.DataFrame:
    table = order_logs.aggregate_orders(
        log, id="customer_id", date="order_date", amount="amount", order="order_id"
    )
    return table.frame


DATASETS = {
    each.name: each
    for each in (
        Dataset(
            "mall",
            "Customers of a mall",
            "200 customers of a shopping mall with income and a spending score: five groups.",
            mall.make_customers,
            Recipe(
                features=("Annual Income (k$)", "Spending Score (1-100)"),
                describe=("Gender", "Age"),
                id="CustomerID",
            ),
        ),
        Dataset(
            "shoppers",
            "Shoppers of an online store",
            "5,000 customers with age, income and purchase history: three groups that overlap.",
            shoppers.make_customers,
            Recipe(),
        ),
        Dataset(
            "customers",
            "Customers without groups",
            "100 customers whose columns have nothing to do with one another: no groups at all.",
            independent.make_customers,
            Recipe(k=5),
        ),
        Dataset(
            "orders",
            "Two years of orders",
            "The order log of some 800 customers, from which recency and spend are computed.",
            orders.make_orders,
            Recipe(
                features=("recency_days", "orders", "average_order_value", "tenure_days"),
                describe=("monetary",),
                id="customer_id",
            ),
            _aggregate_order_log,
        ),
    )
}
"""The examples by name."""
