"""Tables of any number of customers, written in parts: numbers, skewed amounts, categories, ids.

    python benchmarks/many_customers.py 10_000_000 customers.parquet

The ending of the name tells the format, CSV or Parquet. Six groups overlap a little; a part in a
hundred of the amounts is missing. The rows of a part depend on the seed and on its place alone, so
that a short table is the beginning of a long one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

PART = 250_000
SEED = 0
GROUPS = 6
PLANS = ("basic", "plus", "family", "business")
REGIONS = ("north", "south", "east", "west", "abroad")


def parts(rows: int) -> Iterator[pl.DataFrame]:
    """The customers, 10 columns, in frames of ``PART`` rows."""
    for first in range(0, rows, PART):
        yield part(first, min(PART, rows - first))


def part(first: int, rows: int) -> pl.DataFrame:
    """Customers ``first`` and following; ``PART`` are drawn, whatever is asked for."""
    random = np.random.default_rng([SEED, first])
    shape = np.random.default_rng(SEED)
    centers = shape.normal(size=(GROUPS, 5)) * 1.6
    favorites = shape.dirichlet(np.ones(len(PLANS)), GROUPS).cumsum(axis=1)
    group = random.choice(GROUPS, PART, p=(0.3, 0.2, 0.18, 0.14, 0.1, 0.08))
    traits = centers[group] + random.normal(size=(PART, 5))
    spend = np.exp(4 + traits[:, 0]).round(2)
    spend[random.random(PART) < 0.01] = np.nan
    plan = (random.random(PART)[:, None] > favorites[group]).sum(axis=1)
    numbers = np.arange(first, first + PART)
    made = pl.DataFrame(
        {
            # A bijection on 10 digits: ids in no order, none of them twice.
            "customer_id": numbers * 7_000_000_009 % 10_000_000_000,
            "age": np.clip(45 + 9 * traits[:, 1], 18, 95).astype(np.int64),
            "tenure_months": np.clip(60 + 25 * traits[:, 2], 0, 240).astype(np.int64),
            "visits": random.poisson(np.exp(1.5 + 0.5 * traits[:, 3])),
            "yearly_spend": spend,
            "basket": np.exp(3 + 0.6 * traits[:, 4]).round(2),
            "discount_share": (1 / (1 + np.exp(-traits[:, 3] + traits[:, 0]))).round(3),
            "days_since_visit": random.exponential(30 + 10 * group).round(0).astype(np.int64),
            "plan": np.array(PLANS)[plan.clip(max=len(PLANS) - 1)],
            "region": np.array(REGIONS)[random.integers(len(REGIONS), size=PART)],
        }
    ).with_columns(
        pl.format("C{}", pl.col("customer_id").cast(pl.String).str.zfill(10)).alias("customer_id"),
        pl.col("yearly_spend").fill_nan(None),
    )
    return made.head(rows)


def write(rows: int, path: Path) -> None:
    """Write the table; nothing but one part is ever in memory."""
    if path.suffix == ".csv":
        with path.open("wb") as file:
            for number, frame in enumerate(parts(rows)):
                frame.write_csv(file, include_header=number == 0)
        return
    import pyarrow.parquet as pq

    schema = part(0, 1).to_arrow().schema
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for frame in parts(rows):
            writer.write_table(frame.to_arrow())


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))
