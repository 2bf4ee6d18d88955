"""How good ilk's k-means is, and how fast, against scikit-learn's restarts; docs/benchmarks.md.

Every table of real data is encoded as ilk does by default and clustered for K = 2 to 12.

``python benchmarks/optimum.py`` compares ilk's inertia with the best of fifty restarts, and the
time of the whole sweep with that of ten restarts for each K, in turns in this process. Tables of
few rows get a single thread on both sides: there threads only wait for each other. A busy machine
slows threads more than it slows a single one, so run it on a quiet one.

``python benchmarks/optimum.py --misses`` counts, over eight seeds, how many optima ilk,
``KMeans(n_init=10)`` and ``KMeans(n_init=50)`` miss. The optimum of a K is the best inertia that
any of these 24 runs reached; a run misses it with more than 1.0001 times as much. The times of this
table are CPU seconds for one sweep, with a single thread each.

Needs the folder of real data: see CONTRIBUTING.md.
"""

from __future__ import annotations

import argparse
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
from ilk.cluster.partition import Floats
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


def load_tables() -> Iterator[tuple[str, Floats]]:
    """What is clustered, as ilk encodes it."""
    mall = DATA / "Mall_Customers.csv"
    yield "mall, income and score", encode_source(mall, features=MALL)
    yield "mall with age", encode_source(mall, features=("Age", *MALL))
    for name in ("Wholesale_customers", "segmentation_data", "BankChurners"):
        yield name, encode_source(DATA / f"{name}.csv")
    yield "online_retail", encode_source(load_retail(), features=orders.CUSTOMER_FEATURES)
    yield "CDNOW_master", encode_source(load_cdnow(), features=orders.CUSTOMER_FEATURES)
    for name in KNOWN:
        values = np.loadtxt(DATA / "known_answers" / f"{name}.data.gz")
        columns = [f"x{index}" for index in range(values.shape[1])]
        yield name, encode_source(pl.DataFrame(values, schema=columns), features=tuple(columns))


def encode_source(source: object, features: tuple[str, ...] = ()) -> Floats:
    recipe = Recipe(features=features)
    inspection = inspect_source(open_source(source, recipe.reading), recipe)
    sample = inspection.sample
    encoded = fit_encoder(sample, inspection.schema, recipe).encode(sample)
    return encoded.values[encoded.usable]


def load_retail() -> pl.DataFrame:
    lines = pl.read_csv(DATA / "online_retail.csv.gz", schema_overrides={"InvoiceNo": pl.String})
    amounts = lines.with_columns(amount=pl.col("Quantity") * pl.col("UnitPrice"))
    return orders.aggregate_orders(
        amounts, id="CustomerID", date="InvoiceDate", amount="amount", order="InvoiceNo"
    ).frame


def load_cdnow() -> pl.DataFrame:
    lines = np.loadtxt(DATA / "CDNOW_master.txt", dtype=str, skiprows=1)
    log = pl.DataFrame(lines, schema=["id", "date", "cds", "dollars"], orient="row")
    amounts = log.with_columns(pl.col("dollars").cast(pl.Float64))
    return orders.aggregate_orders(amounts, id="id", date="date", amount="dollars").frame


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--misses", action="store_true", help="count the optima that are missed")
    if parser.parse_args().misses:
        print_misses()
    else:
        print_speed()


def print_speed() -> None:
    print("| data | rows | worst K | mean of all K | ilk | ten restarts | ratio |")
    print("|---|---|---|---|---|---|---|")
    for name, values in load_tables():
        with warnings.catch_warnings(), limit_threads(values):
            warnings.simplefilter("ignore")  # too few distinct rows, which does no harm here
            print_speed_row(name, values)


def print_speed_row(name: str, values: Floats) -> None:
    ours: list[float] = []
    theirs: list[float] = []
    for turn in range(TURNS):
        pair = [(ours, lambda: fit_ilk(values)), (theirs, lambda: fit_restarts(values, 10, SEED))]
        for seconds, call in pair if turn % 2 else reversed(pair):
            seconds.append(measure_seconds(call))
    best = fit_restarts(values, 50, PEER_SEED)
    ratios = {k: inertia / best[k] for k, inertia in fit_ilk(values).items()}
    worst = max(ratios, key=ratios.__getitem__)
    ilk_seconds, peer_seconds = statistics.median(ours), statistics.median(theirs)
    print(
        f"| {name} | {len(values):,} × {values.shape[1]} | {ratios[worst]:.5f} (K = {worst}) "
        f"| {statistics.mean(ratios.values()):.5f} | {ilk_seconds:.2f} s | {peer_seconds:.2f} s "
        f"| {ilk_seconds / peer_seconds:.2f} |",
        flush=True,
    )


def print_misses() -> None:
    """Optima missed by ilk and by plain restarts, over eight seeds."""
    print(f"| data | {' | '.join(f'missed by {name}' for name in METHODS)} | CPU seconds |")
    print("|---|" + "---|" * (len(METHODS) + 1))
    totals = dict.fromkeys(METHODS, 0)
    count = 0
    for name, values in load_tables():
        with warnings.catch_warnings(), threadpool_limits(1):
            warnings.simplefilter("ignore")
            misses, seconds = count_misses(values)
        count += len(SEEDS) * len(KS)
        for method in METHODS:
            totals[method] += misses[method]
        cells = " | ".join(str(misses[method]) for method in METHODS)
        times = ", ".join(f"{seconds[method]:.1f}" for method in METHODS)
        print(f"| {name} | {cells} | {times} |", flush=True)
    print(f"| of {count:,} | {' | '.join(str(totals[method]) for method in METHODS)} | |")


def count_misses(values: Floats) -> tuple[dict[str, int], dict[str, float]]:
    """By method: the runs that miss the best inertia known, and the CPU seconds of one sweep."""
    inertias: dict[str, list[dict[int, float]]] = {}
    seconds: dict[str, float] = {}
    for method, fit in METHODS.items():
        start = time.process_time()
        inertias[method] = [fit(values, seed) for seed in SEEDS]
        seconds[method] = (time.process_time() - start) / len(SEEDS)
    best = {k: min(run[k] for runs in inertias.values() for run in runs) for k in KS}
    misses = {
        method: sum(run[k] > NEAR * best[k] for run in runs for k in KS)
        for method, runs in inertias.items()
    }
    return misses, seconds


def limit_threads(values: Floats) -> threadpool_limits | nullcontext[None]:
    return threadpool_limits(1) if len(values) <= FEW_ROWS else nullcontext()


def fit_ilk(values: Floats, seed: int = SEED) -> dict[int, float]:
    partitions = run_kmeans_for_ks(deduplicate_rows(values), KS, seed=seed, restarts=10)
    return {k: partition.inertia for k, partition in partitions.items()}


def fit_restarts(values: Floats, count: int, seed: int) -> dict[int, float]:
    return {k: KMeans(k, n_init=count, random_state=seed).fit(values).inertia_ for k in KS}


def measure_seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


METHODS: dict[str, Callable[[Floats, int], dict[int, float]]] = {
    "ilk": fit_ilk,
    "ten restarts": lambda values, seed: fit_restarts(values, 10, seed),
    "fifty restarts": lambda values, seed: fit_restarts(values, 50, seed),
}


if __name__ == "__main__":
    main()
