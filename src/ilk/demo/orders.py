"""The data set ``orders``: two years of orders by customers with five buying habits."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ilk.demo.draws import Integers, RandomStream, reflect_into_bounds, round_to_integers
from ilk.demo.shoppers import draw_customer_ids

SEED = 800
FIRST_DAY = date(2024, 1, 1)
N_DAYS = 731
CHANNELS = ("web", "app", "store")


class _Habit(NamedTuple):
    """Customers who order alike.

    The first order falls between the two days of ``first``, counted from the start of the log and
    perhaps before it; the next one follows after ``gap`` days (median, log spread), until a day
    drawn from ``last``, which may be after the end of the log. ``amount`` is the value of an order
    (median, log spread), and ``channels`` are the weights of web, app and store. Customers with
    ``at_christmas`` order in November and December only.
    """

    name: str
    customers: int
    first: tuple[int, int]
    last: tuple[int, int]
    gap: tuple[float, float]
    amount: tuple[float, float]
    channels: tuple[int, int, int]
    at_christmas: bool = False


_LAST_DAY = N_DAYS - 1
_HABITS = (
    _Habit("regular", 210, (-200, 430), (600, 1100), (38, 0.6), (56, 0.4), (5, 4, 3)),
    _Habit(
        "christmas", 110, (0, 330), (_LAST_DAY, _LAST_DAY), (17, 0.5), (130, 0.4), (6, 2, 4), True
    ),
    _Habit("lapsed", 180, (-200, 250), (150, 560), (40, 0.6), (52, 0.4), (6, 2, 3)),
    _Habit("newcomer", 120, (540, 728), (_LAST_DAY, _LAST_DAY), (30, 0.6), (45, 0.4), (2, 7, 1)),
    _Habit(
        "one-time", 180, (0, _LAST_DAY), (_LAST_DAY, _LAST_DAY), (20_000, 0.1), (48, 0.5), (6, 2, 4)
    ),
)
_GAP_LOG_SPREAD = 0.4  # log spread of the time between orders, between customers with one habit
_AMOUNT_LOG_SPREAD = 0.3  # log spread of the value of orders, between customers with one habit
_MAX_ORDERS = 80
_SEASONS = ((305, 358), (670, 723))
"""The days of the log from 1 November to 24 December."""


def make_orders() -> pl.DataFrame:
    """Generate the order log, by date; a refund follows its order, with the same number.

    Returns
    -------
    polars.DataFrame
        ``order_id``, ``customer_id`` (text with leading zeros), ``order_date``, ``amount``
        (dollars; negative for a refund), ``items`` (negative for a refund) and ``channel``.

    Examples
    --------
    >>> make_orders()["order_date"].is_sorted()
    True
    """
    return draw_orders().drop("habit")


def draw_orders() -> pl.DataFrame:
    """Draw the order log; the last column, ``habit``, holds the habit of the customer."""
    draws = RandomStream(SEED)
    sold = pl.concat([_draw_sales(draws, number, habit) for number, habit in enumerate(_HABITS)])
    sold = sold.sort("day", "person", maintain_order=True).with_row_index("order_id", 100_001)
    log = pl.concat([sold, _draw_refunds(draws, sold)]).sort("day", "order_id", maintain_order=True)
    people = log["person"].unique(maintain_order=True)
    ids = draw_customer_ids(draws, len(people), first=4_000).to_frame().with_columns(person=people)
    return log.join(ids, on="person", maintain_order="left").select(
        pl.col("order_id").cast(pl.Int64),
        "customer_id",
        order_date=pl.lit(FIRST_DAY) + pl.duration(days="day"),
        amount=pl.col("cents") / 100,
        items="items",
        channel="channel",
        habit="habit",
    )


def _draw_sales(draws: RandomStream, number: int, habit: _Habit) -> pl.DataFrame:
    """Draw all orders of the customers with one habit; ``person`` is the number of a customer."""
    customers, days = _draw_order_days(draws, habit)
    n = len(days)
    level = draws.draw_lognormal(1.0, _AMOUNT_LOG_SPREAD, habit.customers)[customers]
    cents = round_to_integers(
        100 * reflect_into_bounds(level * draws.draw_lognormal(*habit.amount, n), 5, 2_000)
    )
    columns = {
        "person": 1_000 * number + customers,
        "day": days,
        "cents": cents,
        "items": 1 + cents * draws.draw_integers(1, 4, n) // 10_000,
        "channel": draws.draw_options(CHANNELS, habit.channels, n),
        "habit": np.full(n, habit.name),
    }
    return pl.DataFrame(columns)


def _draw_order_days(draws: RandomStream, habit: _Habit) -> tuple[Integers, Integers]:
    """Draw customers and days of orders: gaps from the first order on, cut at the last day."""
    n, m = habit.customers, _MAX_ORDERS
    pace = draws.draw_lognormal(1.0, _GAP_LOG_SPREAD, n)[:, None]
    gaps = round_to_integers(pace * draws.draw_lognormal(*habit.gap, n * m).reshape(n, m))
    gaps[:, 0] = draws.draw_integers(*habit.first, n)
    days = gaps.cumsum(axis=1)
    last = np.minimum(draws.draw_integers(*habit.last, n), _LAST_DAY)
    kept = (days >= 0) & (days <= last[:, None])
    if habit.at_christmas:
        kept &= _is_in_season(days)
    customers, orders = np.nonzero(kept)
    return customers, days[customers, orders]


def _is_in_season(days: Integers) -> NDArray[np.bool_]:
    (a, b), (c, d) = _SEASONS
    return ((days >= a) & (days <= b)) | ((days >= c) & (days <= d))


def _draw_refunds(draws: RandomStream, sales: pl.DataFrame) -> pl.DataFrame:
    """One order in twenty-five is refunded within a month, half of these only in part."""
    refunded = sales.filter(draws.draw_integers(1, 25, sales.height) == 1)
    halves = draws.draw_integers(1, 2, refunded.height)
    refunds = refunded.with_columns(
        day=refunded["day"] + draws.draw_integers(2, 30, refunded.height),
        cents=-(refunded["cents"] * halves // 2),
        items=-((refunded["items"] * halves + 1) // 2),
    )
    return refunds.filter(pl.col("day") <= _LAST_DAY)
