"""The whole decision on 200,000 rows beside one ten-restart k-means; docs/benchmarks.md.

Every K from 2 to 12 with all indices, gap, valleys and stability, against scikit-learn's KMeans at
K = 8 alone, on the same rows and the same threads, in turns.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
from sklearn.cluster import KMeans

from ilk.selection.settings import SelectionSettings
from ilk.selection.sweep import sweep_k

ROWS, COLUMNS, TURNS, GOAL = 200_000, 8, 3, 4.0


def tables() -> dict[str, np.ndarray]:
    """Eight groups that touch, and one cloud without groups."""
    random = np.random.default_rng(0)
    noise = random.normal(size=(ROWS, COLUMNS))
    centers = random.normal(size=(8, COLUMNS)) * 2
    grouped = centers[random.integers(8, size=ROWS)] + noise
    return {"eight groups": standardized(grouped), "one cloud": standardized(noise)}


def standardized(values: np.ndarray) -> np.ndarray:
    return (values - values.mean(axis=0)) / values.std(axis=0)


def seconds(call: Callable[[np.ndarray], None], values: np.ndarray) -> float:
    start = time.perf_counter()
    call(values)
    return time.perf_counter() - start


def decide(values: np.ndarray) -> None:
    sweep_k(values, SelectionSettings(k_max=12))


def cluster(values: np.ndarray) -> None:
    KMeans(8, n_init=10, random_state=0).fit(values)


def main() -> None:
    print(f"| {ROWS:,} x {COLUMNS} | ilk, K = 2 to 12 | KMeans(8, n_init=10) | ratio | goal |")
    print("|---|---|---|---|---|")
    for name, values in tables().items():
        turns = [(seconds(decide, values), seconds(cluster, values)) for _ in range(TURNS)]
        ours, theirs = (statistics.median(each) for each in zip(*turns, strict=True))
        print(
            f"| {name} | {ours:.1f} s | {theirs:.1f} s | {ours / theirs:.2f} | {GOAL:g} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
