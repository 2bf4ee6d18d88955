"""False alarms and misses of the verdict; the tables of docs/how-ilk-decides.md.

Clouds without segments are drawn again and again, as tables that go through the whole of
``ilk fit`` up to the verdict: how often is it *clear*? And how often is it not, where groups lie
far apart? Every cell of a table is printed as soon as it is known; the whole table takes half a
day of one core, a part of it is asked for by its size, columns and kind of data.

    python benchmarks/structure.py --sizes 200 --columns 2 --data "even box"
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import product

os.environ.setdefault("OMP_NUM_THREADS", "1")  # the draws run side by side

import numpy as np
import polars as pl

from ilk import demo
from ilk.progress import ProgressReporter
from ilk.recipe import Recipe
from ilk.tables.source import open_source
from ilk.workflow.fit import fit_candidates, inspect_source

Draw = Callable[[np.random.Generator, int, int], np.ndarray]
Said = tuple[str, float]  # the verdict, and the best lead over chance of any K

_CORRELATION = 0.7
_APART = 6.0  # standard deviations between the nearest centres of groups
_CUSTOMERS = "bundled `customers`, drawn anew"
_WHOLE = (1, 9)  # the range of whole numbers


def correlated(random: np.random.Generator, n: int, d: int) -> np.ndarray:
    covariance = (1 - _CORRELATION) * np.eye(d) + _CORRELATION
    return random.normal(size=(n, d)) @ np.linalg.cholesky(covariance).T


def groups(random: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Three to six round groups of unequal size and spread, the nearest two centres 6 apart."""
    k = int(random.integers(3, 7))
    centers = random.normal(size=(k, d))
    near = min(np.linalg.norm(a - b) for i, a in enumerate(centers) for b in centers[:i])
    shares = random.uniform(1, 3, size=k)
    labels = random.choice(k, size=n, p=shares / shares.sum())
    spreads = random.uniform(0.7, 1.0, size=k)
    noise = random.normal(size=(n, d)) * spreads[labels][:, None]
    return centers[labels] * (_APART / near) + noise


CLOUDS: dict[str, Draw] = {
    "even box": lambda random, n, d: random.uniform(size=(n, d)),
    "normal, round": lambda random, n, d: random.normal(size=(n, d)),
    "normal, stretched 1 to 5": lambda random, n, d: (
        random.normal(size=(n, d)) * np.linspace(1, 5, d)
    ),
    "normal, correlated 0.7": correlated,
    "log-normal": lambda random, n, d: random.lognormal(size=(n, d)),
    "whole numbers 1 to 9": lambda random, n, d: random.integers(
        *_WHOLE, endpoint=True, size=(n, d)
    ),
}
GROUPS: dict[str, Draw] = {"3 to 6 groups": groups}


def verdict(family: str, n: int, d: int, seed: int) -> Said:
    """What ilk says of one draw."""
    random = np.random.default_rng([seed, n, d])
    values = (CLOUDS | GROUPS)[family](random, n, d)
    # Continuous columns and whole numbers alike are numbers here, not codes.
    names = [f"x{i}" for i in range(d)]
    return said(pl.DataFrame(values, schema=names), Recipe(numeric=tuple(names)))


def verdict_on_customers(seed: int) -> Said:
    """What ilk says of another draw of the bundled customers without groups."""
    demo.independent.SEED = seed
    return said(demo.independent.make_customers(), Recipe())


def said(frame: pl.DataFrame, recipe: Recipe) -> Said:
    sweep = fit_candidates(
        inspect_source(open_source(frame), recipe), recipe, ProgressReporter()
    ).sweep
    return sweep.structure, max(each.silhouette_gain or 0.0 for each in sweep.candidates)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--sizes", type=int, nargs="*", default=[200, 2_000, 20_000])
    parser.add_argument("--columns", type=int, nargs="*", default=[2, 5, 10])
    names = [_CUSTOMERS, *CLOUDS, *GROUPS]
    parser.add_argument("--data", nargs="*", default=names, choices=names)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    asked = parser.parse_args()
    print("| data | rows | columns | draws | none | weak | clear | best lead: 5%, median, 95% |")
    print("|---|---|---|---|---|---|---|---|")
    seeds = range(asked.draws)
    with ProcessPoolExecutor(asked.jobs) as pool:
        if _CUSTOMERS in asked.data:
            show(f"{_CUSTOMERS} | 100 | 8", list(pool.map(verdict_on_customers, seeds)))
        families = [each for each in asked.data if each != _CUSTOMERS]
        for n, family, d in product(asked.sizes, families, asked.columns):
            draws = pool.map(partial(verdict, family, n, d), seeds)
            show(f"{family} | {n:,} | {d}", list(draws))


def show(what: str, draws: Sequence[Said]) -> None:
    found = Counter(structure for structure, _ in draws)
    shares = " | ".join(f"{found[word] / len(draws):.1%}" for word in ("none", "weak", "clear"))
    leads = np.quantile([lead for _, lead in draws], [0.05, 0.5, 0.95])
    told = ", ".join(f"{lead:.2f}" for lead in leads)
    print(f"| {what} | {len(draws)} | {shares} | {told} |", flush=True)


if __name__ == "__main__":
    main()
