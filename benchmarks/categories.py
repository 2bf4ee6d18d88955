"""Tables of mixed and of categorical columns: is the right partition found, and is it *clear*?

    python benchmarks/categories.py recovery --peers PYTHON
    python benchmarks/categories.py verdicts

``recovery`` prints the mean adjusted Rand index at the true K on the design of Costa, Papatsouma
and Markos (2023), reduced: number of groups, rows, columns, share of categories, overlap of the
groups, and equal or unequal sizes are crossed, with one table for each cell. The groups are round
normal distributions of equal spread whose mean pairwise overlap is as wanted; categories are
numbers cut at their quartiles. ``--peers`` is a Python that has kmodes, prince and stepmix (pip
installs them): it runs k-prototypes, k-means on the first K - 1 components of a factor analysis of
mixed data, and latent classes on the same tables. KAMILA exists only as a package for R, and is not
run.

``verdicts`` counts how often ``ilk fit`` says none, weak or clear on tables of categories alone: of
independent ones, of latent classes, and of ordered levels that one normal trait runs through.

.. E. Costa, I. Papatsouma, A. Markos (2023). Benchmarking distance-based partitioning methods for
   mixed-type data. Advances in Data Analysis and Classification 17, 701-724.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from itertools import product
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import polars as pl
from harness import HERE
from scipy.special import ndtr
from sklearn.metrics import adjusted_rand_score

from ilk.progress import ProgressReporter
from ilk.recipe import Recipe
from ilk.tables.source import open_source
from ilk.workflow.fit import FittedCandidates, fit_candidates, inspect_source

METHODS = {
    "matching": {"onehot": "matching"},
    "unit": {"onehot": "unit"},
    "raw": {"onehot": "raw"},
    "mixture": {"algorithm": "mixture"},
}
PEERS = ("kprototypes", "famd", "latent_classes")

Table = tuple[pl.DataFrame, np.ndarray]
DrawTable = Callable[[np.random.Generator, int], pl.DataFrame]


@dataclass(frozen=True)
class Cell:
    """One combination of the factors."""

    k: int
    rows: int
    columns: int
    category_share: float
    overlap: float
    balanced: bool

    def draw(self, seed: int) -> Table:
        """A table, and the true group of every row."""
        factors = [int(1000 * value) for value in astuple(self)]
        random = np.random.default_rng([seed, *factors])
        shares = np.ones(self.k) if self.balanced else np.arange(1.0, self.k + 1)
        shares /= shares.sum()
        means = random.uniform(size=(self.k, self.columns))
        truth = random.choice(self.k, size=self.rows, p=shares)
        spread = find_spread(means, shares, self.overlap)
        values = means[truth] + spread * random.normal(size=(self.rows, self.columns))
        n_categories = round(self.category_share * self.columns)
        return build_frame(
            cut_at_quartiles(values[:, :n_categories]), values[:, n_categories:]
        ), truth


def find_spread(means: np.ndarray, shares: np.ndarray, overlap: float) -> float:
    """The standard deviation with which groups overlap that much, by bisection."""
    low, high = 1e-3, 1e3
    for _ in range(60):
        middle = float(np.sqrt(low * high))
        low, high = (
            (middle, high) if compute_overlap(means, shares, middle) < overlap else (low, middle)
        )
    return low


def compute_overlap(means: np.ndarray, shares: np.ndarray, spread: float) -> float:
    """The sum of both probabilities of taking one group for another, averaged over all pairs."""
    distances = np.linalg.norm(means[:, None] - means, axis=2)[~np.eye(len(means), dtype=bool)]
    ratios = np.log(shares / shares[:, None])[~np.eye(len(means), dtype=bool)]
    return float(2 * ndtr(-distances / spread / 2 + ratios * spread / distances).mean())


def cut_at_quartiles(values: np.ndarray) -> np.ndarray:
    codes = [np.searchsorted(np.quantile(v, [0.25, 0.5, 0.75]), v) for v in values.T]
    return np.stack(codes, axis=1) if codes else np.empty((len(values), 0), dtype=int)


def build_frame(codes: np.ndarray, numbers: np.ndarray) -> pl.DataFrame:
    return pl.DataFrame(
        {f"c{j}": [f"level {code}" for code in column] for j, column in enumerate(codes.T)}
        | {f"x{j}": column for j, column in enumerate(numbers.T)}
    )


def fit_frame(frame: pl.DataFrame, recipe: Recipe) -> FittedCandidates:
    inspection = inspect_source(open_source(frame), recipe)
    return fit_candidates(inspection, recipe, ProgressReporter())


def score(frame: pl.DataFrame, truth: np.ndarray, recipe: Recipe) -> float:
    """The adjusted Rand index of the clusters at the true K."""
    fitted = fit_frame(frame, recipe)
    partition = fitted.sweep.results[int(truth.max()) + 1].partition
    return float(adjusted_rand_score(truth, partition.predict(fitted.values).labels))


def measure_recovery(cells: Sequence[Cell], seed: int, peers: str | None) -> None:
    """Print the means of all methods by every factor."""
    with tempfile.TemporaryDirectory() as folder:
        tables = [cell.draw(seed) for cell in cells]
        scores = [
            [score(*table, make_recipe(table, options)) for options in METHODS.values()]
            for table in tables
        ]
        names = list(METHODS)
        if peers is not None:
            names += PEERS
            for number, (frame, truth) in enumerate(tables):
                frame.with_columns(truth=truth).write_csv(Path(folder) / f"{number:04d}.csv")
            command = [peers, str(HERE / "peer_categories.py"), folder]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            for ours, line in zip(scores, done.stdout.splitlines(), strict=True):
                ours.extend(map(float, line.split()))
    print(f"| factor | level | tables | {' | '.join(names)} |")
    print("|---|---|---|" + "---|" * len(names))
    for factor, level, chosen in group_cells(cells):
        means = np.mean([scores[i] for i in chosen], axis=0)
        print(f"| {factor} | {level} | {len(chosen)} | {' | '.join(f'{m:.3f}' for m in means)} |")


def make_recipe(table: Table, options: dict[str, str]) -> Recipe:
    frame, truth = table
    k = int(truth.max()) + 1
    common = {"k": k, "k_max": k, "fast": True, "skew": "none"} | options
    return Recipe(**common, features=tuple(frame.columns))  # type: ignore[arg-type]


def group_cells(cells: Sequence[Cell]) -> Iterator[tuple[str, str, list[int]]]:
    yield "all", "", list(range(len(cells)))
    for factor in fields(Cell):
        levels = [getattr(cell, factor.name) for cell in cells]
        for level in dict.fromkeys(levels):
            chosen = [i for i, other in enumerate(levels) if other == level]
            yield factor.name, str(level), chosen


def draw_independent(random: np.random.Generator, rows: int) -> pl.DataFrame:
    """Eight categories of two to six levels that have nothing to do with each other."""
    sizes = random.integers(2, 7, size=8)
    columns = [random.choice(n, rows, p=random.dirichlet(np.full(n, 2.0))) for n in sizes]
    return build_frame(np.stack(columns, axis=1), np.empty((rows, 0)))


def make_classes(k: int, own: float, columns: int) -> DrawTable:
    """Classes of equal size: a share ``own`` of each has a level of its own in every category."""

    def draw(random: np.random.Generator, rows: int) -> pl.DataFrame:
        truth = random.integers(k, size=rows)
        codes = np.empty((rows, columns), dtype=int)
        for column in codes.T:
            n_levels = int(random.integers(2, 6))
            shares = random.dirichlet(np.full(n_levels, 3.0))
            # A level may be that of several classes, but not of all.
            levels = random.permutation(np.arange(k) % n_levels)
            common = random.choice(n_levels, rows, p=shares)
            column[:] = np.where(random.random(rows) < own, levels[truth], common)
        return build_frame(codes, np.empty((rows, 0)))

    return draw


def make_trait(loading: float, columns: int) -> DrawTable:
    """A normal trait that runs through ordered categories, without groups."""

    def draw(random: np.random.Generator, rows: int) -> pl.DataFrame:
        trait = random.normal(size=(rows, 1))
        noise = random.normal(size=(rows, columns))
        values = loading * trait + np.sqrt(1 - loading**2) * noise
        cuts = [np.sort(random.normal(size=random.integers(1, 5))) for _ in range(columns)]
        codes = [np.searchsorted(cut, value) for cut, value in zip(cuts, values.T, strict=True)]
        return build_frame(np.stack(codes, axis=1), np.empty((rows, 0)))

    return draw


FAMILIES: dict[str, tuple[DrawTable, int | None]] = {
    "independent": (draw_independent, None),
    **{
        f"{k} classes, {own:.0%} own, {d} columns": (make_classes(k, own, d), k)
        for d, own, k in product((8, 12), (0.5, 0.6, 0.7), (2, 3, 4))
    },
    **{
        f"trait, loading {loading}, {d} columns": (make_trait(loading, d), None)
        for loading, d in product((0.5, 0.7), (6, 12))
    },
}


def measure_verdicts(names: Sequence[str], sizes: Sequence[int], draws: int) -> None:
    """Print how often each verdict is given, and how often K is the number of classes."""
    print("| data | rows | draws | none | weak | clear | K right |\n|---|---|---|---|---|---|---|")
    for name, rows in product(names, sizes):
        draw, k = FAMILIES[name]
        sweeps = [
            fit_frame(draw(np.random.default_rng([seed, rows]), rows), Recipe(seed=seed)).sweep
            for seed in range(draws)
        ]
        counts = Counter(sweep.structure for sweep in sweeps)
        shares = " | ".join(f"{counts[s] / draws:.0%}" for s in ("none", "weak", "clear"))
        right = sum(sweep.recommended_k == k for sweep in sweeps) / draws
        print(
            f"| {name} | {rows:,} | {draws} | {shares} | {f'{right:.0%}' if k else ''} |",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("recovery", "verdicts"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--peers", metavar="PYTHON", help="with kmodes, prince and stepmix")
    parser.add_argument("--groups", type=int, nargs="*", default=[3, 5, 8])
    parser.add_argument("--rows", type=int, nargs="*", default=[100, 600])
    parser.add_argument("--columns", type=int, nargs="*", default=[8, 16])
    parser.add_argument("--shares", type=float, nargs="*", default=[0.2, 0.5, 0.8])
    parser.add_argument("--overlaps", type=float, nargs="*", default=[0.01, 0.05, 0.1, 0.15, 0.2])
    parser.add_argument("--every", type=int, default=1, help="take every n-th cell only")
    parser.add_argument("--data", nargs="*", default=[*FAMILIES], choices=[*FAMILIES])
    parser.add_argument("--draws", type=int, default=40)
    options = parser.parse_args()
    if options.what == "verdicts":
        measure_verdicts(options.data, options.rows, options.draws)
        return
    factors = (options.groups, options.rows, options.columns, options.shares, options.overlaps)
    cells = [Cell(*levels) for levels in product(*factors, (True, False))]
    measure_recovery(cells[:: options.every], options.seed, options.peers)


if __name__ == "__main__":
    main()
