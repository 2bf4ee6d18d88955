"""What the verdict sees and what it does not; three tables of docs/how-ilk-decides.md.

    python benchmarks/power.py groups   # groups that differ in some of the columns
    python benchmarks/power.py gaps     # gaps found where there are none, and where there are some
    python benchmarks/power.py noise    # groups beside columns that say nothing about them

Every draw goes through the whole of ``ilk fit`` up to the verdict. `groups` has two peers:
the number of components with the smallest BIC of a Gaussian mixture (scikit-learn, K = 1 to 6), and
the dip test on the first principal component and on the distances between customers (A. Adolfsson,
M. Ackerman, N. C. Brownstein, 2019, To cluster, or not to cluster, Pattern Recognition 88, 13-26;
from the Python package diptest, where it is installed).
"""

from __future__ import annotations

import argparse
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import product

os.environ.setdefault("OMP_NUM_THREADS", "1")  # the draws run in parallel

import numpy as np
import polars as pl
from sklearn.metrics import adjusted_rand_score

from ilk.cluster.kmeans.restarts import run_restarts
from ilk.cluster.partition import Floats
from ilk.cluster.weighted_rows import deduplicate_rows
from ilk.progress import ProgressReporter
from ilk.recipe import Recipe
from ilk.selection.candidates import Structure
from ilk.selection.valley_test import ValleyTest
from ilk.tables.source import open_source
from ilk.workflow.fit import fit_candidates, inspect_source

Codes = np.ndarray
SHARES = {
    "two equal": (0.5, 0.5),
    "90 / 10": (0.9, 0.1),
    "three equal": (1 / 3, 1 / 3, 1 / 3),
    "80 / 10 / 10": (0.8, 0.1, 0.1),
}
_MIXTURE_K_MAX = 6
_DIP_LEVEL = 0.05
_DIP_ROWS = 379  # whose distances are tested: its table ends at 72,000 values


@dataclass(frozen=True)
class Decision:
    """What ilk says of a table."""

    structure: Structure
    k: int
    labels: Codes

    @property
    def sees_groups(self) -> bool:
        return self.structure in ("weak", "clear")


def decide(table: pl.DataFrame, recipe: Recipe = Recipe()) -> Decision:  # noqa: B008 - frozen
    """The verdict, the recommended K, and the labels of all rows."""
    inspection = inspect_source(open_source(table), recipe)
    fitted = fit_candidates(inspection, recipe, ProgressReporter())
    sweep = fitted.sweep
    partition = sweep.results[sweep.recommended_k].partition
    labels = partition.predict(fitted.values).labels
    return Decision(sweep.structure, sweep.recommended_k, labels)


def place_centers(k: int, q: int, distance: float) -> Floats:
    """Centers the same distance from each other; three in one column stand in a row."""
    if q == 1:
        return distance * np.arange(k, dtype=float)[:, None]
    if k == 2:
        return np.array([[0.0] * q, [distance / np.sqrt(q)] * q])
    # Corners of an equilateral triangle, turned so that every column takes part.
    corners = distance * np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(0.75)]])
    angles = np.linspace(0.3, 0.3 + np.pi, q, endpoint=False)
    return corners @ np.array([np.cos(angles), np.sin(angles)]) / np.sqrt(q / 2)


def draw_groups(
    seed: int, shares: Sequence[float], n: int, q: int, d: int, distance: float
) -> tuple[Floats, Codes]:
    """Normal groups with standard deviation 1 that differ in q of d columns."""
    random = np.random.default_rng([seed, n, q, d, len(shares)])
    labels = random.choice(len(shares), n, p=shares)
    values = random.normal(size=(n, d))
    values[:, :q] += place_centers(len(shares), q, distance)[labels]
    return values, labels


def to_frame(values: Floats) -> pl.DataFrame:
    return pl.DataFrame(values, schema=[f"x{i}" for i in range(values.shape[1])])


def count_components(values: Floats) -> int:
    """The number of normal components with the smallest BIC."""
    from sklearn.mixture import GaussianMixture

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of fits that did not converge
        bics = [
            GaussianMixture(k, n_init=3, random_state=0).fit(values).bic(values)
            for k in range(1, _MIXTURE_K_MAX + 1)
        ]
    return int(np.argmin(bics)) + 1


def find_dips(values: Floats) -> tuple[bool, bool] | None:
    """Whether the dip test finds several peaks: of the first component, and of the distances."""
    try:
        from diptest import diptest
    except ImportError:
        return None
    from scipy.spatial.distance import pdist

    scaled = (values - values.mean(axis=0)) / values.std(axis=0)
    component = np.linalg.svd(scaled, full_matrices=False)[2][0]
    distances = pdist(scaled[:_DIP_ROWS])
    return tuple(diptest(sample)[1] < _DIP_LEVEL for sample in (scaled @ component, distances))


def judge_groups(
    shares: Sequence[float], n: int, q: int, d: int, distance: float, seed: int
) -> tuple[Decision, int, tuple[bool, bool] | None]:
    values, _ = draw_groups(seed, shares, n, q, d, distance)
    return decide(to_frame(values)), count_components(values), find_dips(values)


def print_groups(options: argparse.Namespace, run: Callable[..., list]) -> None:
    print(
        "| groups | columns that differ | distance | structure found | clear | right K "
        "| BIC finds groups | BIC's K right | dip: component | dip: distances |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name, (q, d), distance in product(
        options.groups, product(options.q, options.d), options.distances
    ):
        if q > d:
            continue
        k = len(SHARES[name])
        judge = partial(judge_groups, SHARES[name], options.rows, q, d, distance)
        draws = run(judge)
        dips = [dip for *_, dip in draws if dip is not None]
        figures = [
            [ours.sees_groups for ours, *_ in draws],
            [ours.structure == "clear" for ours, *_ in draws],
            [ours.k == k for ours, *_ in draws],
            [components > 1 for _, components, _ in draws],
            [components == k for _, components, _ in draws],
            *([dip[i] for dip in dips] for i in (0, 1)),
        ]
        print_row(name, f"{q} of {d}", f"{distance:g} SD", *map(format_share, figures))


def draw_cloud(kind: str, n: int, d: int, seed: int) -> Floats:
    """Rows without groups."""
    random = np.random.default_rng([seed, n, d])
    if kind == "uniform":
        return random.uniform(size=(n, d))
    if kind == "log-normal":
        return random.lognormal(sigma=0.5, size=(n, d))
    values = random.normal(size=(n, d))
    if kind == "correlated":
        return 0.3**0.5 * values + 0.7**0.5 * random.normal(size=(n, 1))
    return values


def find_gaps(kind: str, n: int, d: int, seed: int) -> tuple[bool, bool]:
    """Whether any gap is found with K = 2 to 8, and whether gaps surround all clusters of one K."""
    values = draw_cloud(kind, n, d, seed)
    rows = deduplicate_rows((values - values.mean(axis=0)) / values.std(axis=0))
    test = ValleyTest(rows, partial(run_restarts, starts=10, seed=seed), seed=seed)
    n_groups = {k: one.n_groups for k, one in test.find_separations(range(2, 9)).items()}
    return max(n_groups.values()) > 1, any(groups == k for k, groups in n_groups.items())


def print_gaps(options: argparse.Namespace, run: Callable[..., list]) -> None:
    print("| data | rows | columns | any gap, K = 2 to 8 | gaps around all clusters of a K |")
    print("|---|---|---|---|---|")
    for (n, d), kind in product(options.shapes, ("normal", "uniform", "correlated", "log-normal")):
        draws = run(partial(find_gaps, kind, n, d))
        print_row(
            kind, f"{n:,}", str(d), *(format_share([draw[i] for draw in draws]) for i in (0, 1))
        )


def draw_noise(random: np.random.Generator, kind: str, n: int) -> list:
    """A column that says nothing about the others."""
    if kind == "yes/no":
        return random.choice(["yes", "no"], n).tolist()
    if kind == "levels":
        k = int(random.integers(3, 9))
        return [f"level {code}" for code in random.choice(k, n, p=random.dirichlet(np.ones(k) * 3))]
    if kind == "log-normal":
        return random.lognormal(size=n).tolist()
    if kind == "uniform":
        return random.uniform(size=n).tolist()
    if kind == "counts":
        return random.poisson(3, n).tolist()
    return random.normal(size=n).tolist()


NOISE_KINDS = ("yes/no", "levels", "normal", "log-normal", "uniform", "counts")


def judge_noise(n: int, n_noise: int, seed: int) -> tuple[Decision, Decision, float, float]:
    """Decisions with the true columns alone and with noise, and their indices with the truth."""
    random = np.random.default_rng([seed, n, n_noise])
    k, q = int(random.integers(3, 6)), int(random.integers(2, 7))
    centers = random.normal(size=(k, q))
    nearest = min(np.linalg.norm(a - b) for i, a in enumerate(centers) for b in centers[:i])
    labels = random.choice(k, n)
    true = pl.DataFrame(
        centers[labels] * (6.0 / nearest) + random.normal(size=(n, q)),
        schema=[f"x{i}" for i in range(q)],
    )
    noise = {
        f"noise{i}": draw_noise(random, str(random.choice(NOISE_KINDS)), n) for i in range(n_noise)
    }
    alone, beside = (
        decide(true),
        decide(true.with_columns(**{name: pl.Series(cells) for name, cells in noise.items()})),
    )
    scores = [adjusted_rand_score(labels, decision.labels) for decision in (alone, beside)]
    return alone, beside, scores[0], scores[1]


def print_noise(options: argparse.Namespace, run: Callable[..., list]) -> None:
    print(
        "| rows | columns of noise | same verdict and K | index, true columns alone: mean "
        "| index, with noise: mean | smallest ratio |"
    )
    print("|---|---|---|---|---|---|")
    for n, n_noise in product((options.rows,), options.noise):
        draws = run(partial(judge_noise, n, n_noise))
        same = [(a.structure, a.k) == (b.structure, b.k) for a, b, *_ in draws]
        alone, beside = (np.array([draw[i] for draw in draws]) for i in (2, 3))
        print_row(
            f"{n:,}",
            str(n_noise),
            format_share(same),
            f"{alone.mean():.3f}",
            f"{beside.mean():.3f}",
            f"{(beside / alone).min():.3f}",
        )


def format_share(outcomes: Sequence[bool]) -> str:
    return f"{np.mean(outcomes):.0%}" if outcomes else ""


def print_row(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


TABLES = {"groups": print_groups, "gaps": print_gaps, "noise": print_noise}


def list_shapes() -> Iterator[tuple[int, int]]:
    yield from ((150, 2), (150, 20), (300, 100), (1_000, 5), (1_000, 200), (20_000, 5))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("table", choices=list(TABLES))
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--rows", type=int, default=1_000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--groups", nargs="*", default=list(SHARES), choices=list(SHARES))
    parser.add_argument("--q", type=int, nargs="*", default=[1, 2, 5])
    parser.add_argument("--d", type=int, nargs="*", default=[2, 5, 10, 20])
    parser.add_argument("--distances", type=float, nargs="*", default=[4, 5, 6])
    parser.add_argument("--noise", type=int, nargs="*", default=[1, 5, 20])
    options = parser.parse_args()
    options.shapes = list(list_shapes())
    with ProcessPoolExecutor(options.jobs) as pool:
        TABLES[options.table](options, lambda judge: list(pool.map(judge, range(options.draws))))


if __name__ == "__main__":
    main()
