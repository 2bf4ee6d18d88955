"""The data set ``customers``: 100 people without groups, every column drawn on its own."""

from __future__ import annotations

import polars as pl

from ilk.demo.draws import RandomStream, reflect_into_bounds, round_to_integers

SEED = 107
N_CUSTOMERS = 100
CATEGORIES = ("electronics", "fashion", "home_goods", "beauty")


def make_customers(seed: int = SEED) -> pl.DataFrame:
    """Generate the 100 customers.

    The columns are independent of each other, so any segments are parts of a continuum: useful,
    perhaps, but not types of people.

    Parameters
    ----------
    seed : int
        Other seeds give other customers of the same kind.

    Returns
    -------
    polars.DataFrame
        ``annual_income`` and ``average_order_value`` (dollars), ``spending_score`` (1 to 100),
        ``number_of_purchases``, ``age`` and ``years_with_company`` (years),
        ``activity_per_week`` (visits) and ``product_category`` (one of :data:`CATEGORIES`).

    Examples
    --------
    >>> make_customers().shape
    (100, 8)
    """
    draws = RandomStream(seed)
    income = reflect_into_bounds(draws.draw_normal(62_000, 19_000, N_CUSTOMERS), 18_000, 130_000)
    order_value = reflect_into_bounds(draws.draw_lognormal(75, 0.45, N_CUSTOMERS), 10, 400)
    columns = {
        "annual_income": 100 * round_to_integers(income / 100),
        "spending_score": draws.draw_integers(1, 100, N_CUSTOMERS),
        "number_of_purchases": round_to_integers(
            reflect_into_bounds(draws.draw_lognormal(16, 0.5, N_CUSTOMERS), 1, 80)
        ),
        "age": round_to_integers(
            reflect_into_bounds(draws.draw_normal(41, 13, N_CUSTOMERS), 18, 75)
        ),
        "years_with_company": draws.draw_integers(0, 15, N_CUSTOMERS),
        "average_order_value": round_to_integers(100 * order_value) / 100,
        "activity_per_week": draws.draw_integers(0, 7, N_CUSTOMERS),
        "product_category": draws.draw_options(CATEGORIES, (7, 8, 6, 4), N_CUSTOMERS),
    }
    return pl.DataFrame(columns)
