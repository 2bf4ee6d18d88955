"""False alarms and misses of the verdict; a table of docs/how-ilk-decides.md.

Random tables without groups go through the whole of ``ilk fit`` up to the verdict: how often is it
*clear*? And how often is it not *clear* where groups are far apart? A row is printed as soon as it
is known. The whole table takes half a day of one core; options select a part of it:

    python benchmarks/structure.py --sizes 200 --columns 2 --data "uniform box"
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import product

os.environ.setdefault("OMP_NUM_THREADS", "1")  # the draws run in parallel

import numpy as np
import polars as pl
from scipy.special import ndtr

from ilk import demo
from ilk.progress import ProgressReporter
from ilk.recipe import Recipe
from ilk.tables.source import open_source
from ilk.workflow.fit import fit_candidates, inspect_source

Draw = Callable[[np.random.Generator, int, int], np.ndarray]
Verdict = tuple[str, float]  # the structure, and the best margin over random data of any K

_CORRELATION = 0.7
_SEPARATION = 6.0  # standard deviations between the nearest centers of groups
_CUSTOMERS = "bundled `customers`, redrawn"
_INTEGER_RANGE = (1, 9)
_RATING_LIMITS = (-1.2, -0.4, 0.4, 1.2)


def draw_correlated(random: np.random.Generator, n: int, d: int) -> np.ndarray:
    covariance = (1 - _CORRELATION) * np.eye(d) + _CORRELATION
    return random.normal(size=(n, d)) @ np.linalg.cholesky(covariance).T


def draw_correlated_uniform(random: np.random.Generator, n: int, d: int) -> np.ndarray:
    return ndtr(draw_correlated(random, n, d))


def draw_correlated_ratings(random: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Ratings from 1 to 5, as people answer questions that have much in common."""
    return 1 + np.digitize(draw_correlated(random, n, d), _RATING_LIMITS)


def draw_diagonal_groups(random: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Two or three round groups on the diagonal: all columns are correlated."""
    k = int(random.integers(2, 4))
    places = random.integers(k, size=n) * _SEPARATION / np.sqrt(d)
    return places[:, None] + random.normal(size=(n, d))


def draw_partial_groups(random: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Three groups in the first half of the columns; the others are correlated, without groups."""
    informative = max(2, d // 2)
    centers = random.normal(size=(3, informative))
    nearest = min(np.linalg.norm(a - b) for i, a in enumerate(centers) for b in centers[:i])
    groups = centers[random.integers(3, size=n)] * (_SEPARATION / nearest)
    others = draw_correlated(random, n, d - informative) if d > informative else np.empty((n, 0))
    return np.hstack([groups + random.normal(size=groups.shape), others])


def draw_groups(random: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Three to six round groups of unequal size and spread, the nearest two centers 6 apart."""
    k = int(random.integers(3, 7))
    centers = random.normal(size=(k, d))
    nearest = min(np.linalg.norm(a - b) for i, a in enumerate(centers) for b in centers[:i])
    shares = random.uniform(1, 3, size=k)
    labels = random.choice(k, size=n, p=shares / shares.sum())
    spreads = random.uniform(0.7, 1.0, size=k)
    noise = random.normal(size=(n, d)) * spreads[labels][:, None]
    return centers[labels] * (_SEPARATION / nearest) + noise


UNGROUPED: dict[str, Draw] = {
    "uniform box": lambda random, n, d: random.uniform(size=(n, d)),
    "normal, round": lambda random, n, d: random.normal(size=(n, d)),
    "normal, stretched 1 to 5": lambda random, n, d: (
        random.normal(size=(n, d)) * np.linspace(1, 5, d)
    ),
    "normal, correlated 0.7": draw_correlated,
    "log-normal, correlated 0.7": lambda random, n, d: np.exp(draw_correlated(random, n, d)),
    "uniform, correlated 0.7": draw_correlated_uniform,
    "ratings 1 to 5, correlated 0.7": draw_correlated_ratings,
    "log-normal": lambda random, n, d: random.lognormal(size=(n, d)),
    "whole numbers 1 to 9": lambda random, n, d: random.integers(
        *_INTEGER_RANGE, endpoint=True, size=(n, d)
    ),
}
GROUPED: dict[str, Draw] = {
    "3 to 6 groups": draw_groups,
    "2 or 3 groups on the diagonal": draw_diagonal_groups,
    "3 groups in half of the columns": draw_partial_groups,
}


def judge_draw(family: str, n: int, d: int, seed: int) -> Verdict:
    """The verdict on one random table."""
    random = np.random.default_rng([seed, n, d])
    values = (UNGROUPED | GROUPED)[family](random, n, d)
    # Whole numbers are numbers here, too, and no codes.
    names = [f"x{i}" for i in range(d)]
    return judge(pl.DataFrame(values, schema=names), Recipe(numeric=tuple(names)))


def judge_customers(seed: int) -> Verdict:
    """The verdict on another draw of the bundled customers, who have no groups."""
    return judge(demo.independent.make_customers(seed), Recipe())


def judge(frame: pl.DataFrame, recipe: Recipe) -> Verdict:
    inspection = inspect_source(open_source(frame), recipe)
    sweep = fit_candidates(inspection, recipe, ProgressReporter()).sweep
    return sweep.structure, max(k.silhouette_gain or 0.0 for k in sweep.candidates)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--sizes", type=int, nargs="*", default=[200, 2_000, 20_000])
    parser.add_argument("--columns", type=int, nargs="*", default=[2, 5, 10])
    names = [_CUSTOMERS, *UNGROUPED, *GROUPED]
    parser.add_argument("--data", nargs="*", default=names, choices=names)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    print("| data | rows | columns | draws | none | weak | clear | best margin: 5%, median, 95% |")
    print("|---|---|---|---|---|---|---|---|")
    seeds = range(options.draws)
    with ProcessPoolExecutor(options.jobs) as pool:
        if _CUSTOMERS in options.data:
            print_row(f"{_CUSTOMERS} | 100 | 8", list(pool.map(judge_customers, seeds)))
        families = [name for name in options.data if name != _CUSTOMERS]
        for n, family, d in product(options.sizes, families, options.columns):
            draws = pool.map(partial(judge_draw, family, n, d), seeds)
            print_row(f"{family} | {n:,} | {d}", list(draws))


def print_row(data: str, verdicts: Sequence[Verdict]) -> None:
    counts = Counter(structure for structure, _ in verdicts)
    shares = " | ".join(f"{counts[s] / len(verdicts):.1%}" for s in ("none", "weak", "clear"))
    quantiles = np.quantile([margin for _, margin in verdicts], [0.05, 0.5, 0.95])
    margins = ", ".join(f"{quantile:.2f}" for quantile in quantiles)
    print(f"| {data} | {len(verdicts)} | {shares} | {margins} |", flush=True)


if __name__ == "__main__":
    main()
