"""How good ilk's k-means is, and how fast, against scikit-learn's restarts; docs/benchmarks.md.

For K = 2 to 12 on every table of real data, encoded as ilk does by default: the inertia against the
best of fifty restarts, and the time of the whole sweep against ten restarts for each K; and how
often, over eight seeds, the inertia is more than 1.0001 times that best. Both sides run in this
process, in turns; tables of few rows get a single thread on both sides, as there threads only wait
for each other.

Needs the folder of real data: see CONTRIBUTING.md. A busy machine slows threads more than it slows
a single one: run it on a quiet one.
"""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import nullcontext

import numpy as np
import polars as pl
from harness import DATA
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from ilk import orders
from ilk.cluster.kmeans.fit import run_kmeans_for_ks
from ilk.cluster.weighted_rows import deduplicate_rows
from ilk.features.encoder import fit_encoder
from ilk.recipe import Recipe
from ilk.tables.source import open_source
from ilk.workflow.fit import inspect_source

KS = range(2, 13)
TURNS = 3
SEED, PEER_SEED = 0, 1
SEEDS = range(8)
NEAR = 1.0001
FEW_ROWS = 1_500
MALL = ("Annual Income (k$)", "Spending Score (1-100)")
KNOWN = ("s1", "s3", "a1", "unbalance", "hepta", "tetra", "lsun", "chainlink")


def tables() -> Iterator[tuple[str, np.ndarray]]:
    """What is clustered, as ilk encodes it."""
    mall = DATA / "Mall_Customers.csv"
    yield "mall, income and score", encoded(mall, features=MALL)
    yield "mall with age", encoded(mall, features=("Age", *MALL))
    for name in ("Wholesale_customers", "segmentation_data", "BankChurners"):
        yield name, encoded(DATA / f"{name}.csv")
    yield "online_retail", encoded(retail(), features=orders.CUSTOMER_FEATURES)
    yield "CDNOW_master", encoded(cdnow(), features=orders.CUSTOMER_FEATURES)
    for name in KNOWN:
        values = np.loadtxt(DATA / "known_answers" / f"{name}.data.gz")
        columns = [f"x{index}" for index in range(values.shape[1])]
        yield name, encoded(pl.DataFrame(values, schema=columns), features=tuple(columns))


def encoded(source: object, **choices: object) -> np.ndarray:
    recipe = Recipe(**choices)
    understood = inspect_source(open_source(source, recipe.reading), recipe)
    found = fit_encoder(understood.sample, understood.schema, recipe).encode(understood.sample)
    return found.values[found.usable]


def retail() -> pl.DataFrame:
    lines = pl.read_csv(DATA / "online_retail.csv.gz", schema_overrides={"InvoiceNo": pl.String})
    amounts = lines.with_columns(amount=pl.col("Quantity") * pl.col("UnitPrice"))
    return orders.aggregate_orders(
        amounts, id="CustomerID", date="InvoiceDate", amount="amount", order="InvoiceNo"
    ).frame


def cdnow() -> pl.DataFrame:
    lines = np.loadtxt(DATA / "CDNOW_master.txt", dtype=str, skiprows=1)
    log = pl.DataFrame(lines, schema=["id", "date", "cds", "dollars"], orient="row")
    amounts = log.with_columns(pl.col("dollars").cast(pl.Float64))
    return orders.aggregate_orders(amounts, id="id", date="date", amount="dollars").frame


def main() -> None:
    print("| data | rows | worst K | mean of all K | farther, of 88 | ilk | ten restarts | ratio |")
    print("|---|---|---|---|---|---|---|---|")
    for name, values in tables():
        show(name, values)


def show(name: str, values: np.ndarray) -> None:
    with warnings.catch_warnings(), limit(values):
        warnings.simplefilter("ignore")  # of too few different rows, which does no harm here
        ours, theirs = [], []
        for turn in range(TURNS):
            pair = [(ours, lambda: ilk(values)), (theirs, lambda: restarts(values, 10, SEED))]
            for seconds, call in pair if turn % 2 else reversed(pair):
                seconds.append(timed(call))
        best = restarts(values, 50, PEER_SEED)
        excess = excesses(values, best, SEED)
        farther = sum(
            each > NEAR for seed in SEEDS for each in excesses(values, best, seed).values()
        )
    worst = max(excess, key=excess.__getitem__)
    seconds = [statistics.median(each) for each in (ours, theirs)]
    print(
        f"| {name} | {len(values):,} × {values.shape[1]} | {excess[worst]:.5f} (K = {worst}) "
        f"| {statistics.mean(excess.values()):.5f} | {farther} | {seconds[0]:.2f} s "
        f"| {seconds[1]:.2f} s "
        f"| {seconds[0] / seconds[1]:.2f} |",
        flush=True,
    )


def limit(values: np.ndarray) -> threadpool_limits | nullcontext[None]:
    return threadpool_limits(1) if len(values) <= FEW_ROWS else nullcontext()


def excesses(values: np.ndarray, best: dict[int, float], seed: int) -> dict[int, float]:
    """How many times the best inertia ours is, by K."""
    return {k: inertia / best[k] for k, inertia in ilk(values, seed).items()}


def ilk(values: np.ndarray, seed: int = SEED) -> dict[int, float]:
    found = run_kmeans_for_ks(deduplicate_rows(values), KS, seed=seed, restarts=10)
    return {k: partition.inertia for k, partition in found.items()}


def restarts(values: np.ndarray, count: int, seed: int) -> dict[int, float]:
    return {k: KMeans(k, n_init=count, random_state=seed).fit(values).inertia_ for k in KS}


def timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
