"""The stability of segments beside ``fpc::clusterboot``; a table of docs/how-ilk-decides.md.

Both cluster the same encoded customers, draw bootstrap samples and cluster each from scratch: ilk
from ten k-means++ starts; clusterboot a hundred samples from fifty random starts each, and with
three seeds, of which the means are compared. Beyond a thousand rows R takes minutes, so there it
gets fifty samples, ten starts and a single seed. Beyond five thousand rows ilk takes a sample, and
clusterboot all rows.

Needs R with the package fpc, and the folder of real data: see CONTRIBUTING.md.

    python benchmarks/stability.py --rows 1000  # the tables of at most so many rows
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from harness import DATA, HERE, output
from optimum import MALL, encode_source

from ilk import demo
from ilk.cluster.algorithms import ALGORITHMS
from ilk.cluster.partition import Floats
from ilk.cluster.weighted_rows import deduplicate_rows
from ilk.selection.stability import measure_stability

FEW_ROWS = 1_000
MANY_RESAMPLES, FEW_RESAMPLES = 100, 50
MANY_STARTS, FEW_STARTS = 50, 10
SEEDS = (1, 2, 3)


@dataclass(frozen=True)
class Case:
    """A table, and the number of clusters to test."""

    name: str
    values: Floats
    k: int

    @property
    def is_small(self) -> bool:
        """Whether R takes seconds and not minutes."""
        return len(self.values) <= FEW_ROWS


def load_cases() -> Iterator[Case]:
    mall = DATA / "Mall_Customers.csv"
    random = np.random.default_rng(0)
    yield Case("normal, round", random.normal(size=(200, 10)), 3)
    yield Case("bundled `customers`", encode_source(demo.load("customers")), 5)
    yield Case("mall, income and score", encode_source(mall, features=MALL), 5)
    for k in (5, 6):
        yield Case("mall with age", encode_source(mall, features=("Age", *MALL)), k)
    yield Case("Wholesale_customers", encode_source(DATA / "Wholesale_customers.csv"), 2)
    yield Case("one group apart, two that touch", draw_touching_pair(random), 3)
    for k in (3, 4):
        yield Case("four groups that overlap, 2 apart", draw_square(random, 400, 2.0), k)
    yield Case("uniform square", random.uniform(size=(2_000, 2)), 4)
    yield Case("BankChurners", encode_source(DATA / "BankChurners.csv"), 3)
    yield Case("four groups, 4 apart", draw_square(random, 20_000, 4.0), 4)
    yield Case("four groups that overlap, 2 apart", draw_square(random, 20_000, 2.0), 4)
    yield Case("normal, round", random.normal(size=(20_000, 5)), 4)


def draw_touching_pair(random: np.random.Generator) -> Floats:
    """Three groups of fifty in four columns, like those of the iris data."""
    centers = np.array([[0.0, 0.0, 0.0, 0.0], [3.0, 1.0, 4.0, 1.5], [4.2, 1.2, 5.6, 2.3]])
    return np.repeat(centers, 50, axis=0) + random.normal(0, 0.8, size=(150, 4))


def draw_square(random: np.random.Generator, n: int, apart: float) -> Floats:
    """Four normal groups at the corners of a square."""
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    return apart * corners[np.arange(n) % 4] + random.normal(size=(n, 2))


def measure_ours(case: Case, seed: int) -> Floats:
    rows, kmeans = deduplicate_rows(case.values), ALGORITHMS["kmeans"]
    partition = kmeans.fit(rows, case.k, seed).partition
    return measure_stability(rows, kmeans, partition, seed=seed).jaccard


def measure_theirs(case: Case, seed: int, folder: Path) -> Floats:
    resamples, starts = (
        (MANY_RESAMPLES, MANY_STARTS) if case.is_small else (FEW_RESAMPLES, FEW_STARTS)
    )
    file = folder / "values.csv"
    np.savetxt(file, case.values, delimiter=",")
    script = str(HERE / "peer_clusterboot.R")
    numbers = [str(number) for number in (case.k, resamples, starts, seed)]
    return np.array(output(["Rscript", script, str(file), *numbers], folder).split(), dtype=float)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=20_000, help="of the largest table")
    options = parser.parse_args()
    print(
        "| data | rows | columns | K | ilk | clusterboot | difference | lowest: ilk | clusterboot |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for case in load_cases():
            if len(case.values) <= options.rows:
                seeds = SEEDS if case.is_small else SEEDS[:1]
                print_row(
                    case,
                    [measure_ours(case, seed) for seed in seeds],
                    [measure_theirs(case, seed, Path(folder)) for seed in seeds],
                )


def print_row(case: Case, ours: Sequence[Floats], theirs: Sequence[Floats]) -> None:
    n, d = case.values.shape
    mean, their_mean = float(np.mean(ours)), float(np.mean(theirs))
    lowest, their_lowest = (np.mean(np.min(runs, axis=1)) for runs in (ours, theirs))
    print(
        f"| {case.name} | {n:,} | {d} | {case.k} | {mean:.3f} | {their_mean:.3f} "
        f"| {mean - their_mean:+.3f} | {lowest:.3f} | {their_lowest:.3f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
