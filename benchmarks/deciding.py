"""The whole decision on 200,000 rows beside one ten-restart k-means; docs/benchmarks.md.

Every K from 2 to 12 with all indices, gap statistic, valley test and stability, against
scikit-learn's KMeans at K = 8 alone, on the same rows and the same threads, in turns.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
from sklearn.cluster import KMeans

from ilk.cluster.partition import Floats
from ilk.selection.settings import SelectionSettings
from ilk.selection.sweep import sweep_k

ROWS, COLUMNS, TURNS, GOAL = 200_000, 8, 3, 4.0


def make_tables() -> dict[str, Floats]:
    """Eight groups that touch, and data without groups."""
    random = np.random.default_rng(0)
    noise = random.normal(size=(ROWS, COLUMNS))
    centers = random.normal(size=(8, COLUMNS)) * 2
    grouped = centers[random.integers(8, size=ROWS)] + noise
    return {"eight groups": standardize(grouped), "no groups": standardize(noise)}


def standardize(values: Floats) -> Floats:
    return (values - values.mean(axis=0)) / values.std(axis=0)


def measure_seconds(call: Callable[[Floats], None], values: Floats) -> float:
    start = time.perf_counter()
    call(values)
    return time.perf_counter() - start


def decide(values: Floats) -> None:
    sweep_k(values, SelectionSettings(k_max=12))


def cluster(values: Floats) -> None:
    KMeans(8, n_init=10, random_state=0).fit(values)


def main() -> None:
    print(f"| {ROWS:,} x {COLUMNS} | ilk, K = 2 to 12 | KMeans(8, n_init=10) | ratio | goal |")
    print("|---|---|---|---|---|")
    for name, values in make_tables().items():
        turns = [
            (measure_seconds(decide, values), measure_seconds(cluster, values))
            for _ in range(TURNS)
        ]
        ours, theirs = (statistics.median(seconds) for seconds in zip(*turns, strict=True))
        print(
            f"| {name} | {ours:.1f} s | {theirs:.1f} s | {ours / theirs:.2f} | {GOAL:g} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
