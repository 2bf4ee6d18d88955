"""How often the recommended algorithm is the right one; a table of docs/how-ilk-decides.md.

Every algorithm is run where the answer is known: on the files of the folder of real data (see
CONTRIBUTING.md) and on planted shapes. The figures are adjusted Rand indices with the truth, with
standardized columns; customers whom an algorithm leaves out count as a segment of their own. The
last two columns are the algorithm that `ilk compare` recommends, and the one that
`ilk fit --algorithm auto` takes. It takes half an hour of one core; names select a part of it:

    python benchmarks/preferred.py lsun "two moons"
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from functools import partial

os.environ.setdefault("OMP_NUM_THREADS", "1")  # the algorithms run in parallel themselves

import numpy as np
from harness import DATA
from sklearn.metrics import adjusted_rand_score

from ilk.cluster.algorithms import ALGORITHMS
from ilk.cluster.partition import Floats
from ilk.selection.algorithm_choice import recommend_algorithm
from ilk.selection.compare import AlgorithmRunner
from ilk.selection.connectivity import KNNGraph
from ilk.selection.rivals import find_better_algorithm, sweep_better_algorithm
from ilk.selection.settings import SelectionSettings

Labels = np.ndarray
Table = tuple[Floats, Labels]
"""Rows and their true groups; 0 is noise, which is left out."""

KNOWN = ("hepta", "tetra", "s1", "s3", "a1", "unbalance", "lsun", "chainlink")
COMPARED, AUTOMATIC = "recommended by compare", "taken by auto"


def read_known(name: str) -> Table:
    values, labels = (
        np.loadtxt(DATA / "known_answers" / f"{name}.{part}.gz") for part in ("data", "labels")
    )
    return values[labels != 0], labels[labels != 0].astype(int)


def draw_rare(share: float, distance: float, n: int, d: int) -> Table:
    """A round group and, some standard deviations away, a rare one."""
    random = np.random.default_rng([n, d])
    direction = random.normal(size=d)
    labels = np.where(np.arange(n) < round(share * n), 2, 1)
    offset = distance * direction / np.linalg.norm(direction)
    return random.normal(size=(n, d)) + (labels == 2)[:, None] * offset, labels


def draw_bands(angle: float) -> Table:
    """Three long bands, side by side."""
    random = np.random.default_rng(1)
    labels = np.arange(1500) % 3
    along, across = random.normal(0, 4, 1500), 4 * labels + random.normal(0, 0.5, 1500)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.column_stack([along, across]) @ turn, labels + 1


def draw_rings(radii: tuple[float, ...], width: float) -> Table:
    """Rings around each other."""
    random = np.random.default_rng(1)
    labels = np.arange(1500) % len(radii)
    angles = random.uniform(0, 2 * np.pi, 1500)
    distances = np.array(radii)[labels] + random.normal(0, width, 1500)
    return distances[:, None] * np.column_stack([np.cos(angles), np.sin(angles)]), labels + 1


def draw_moons() -> Table:
    """Two half circles that reach into each other."""
    from sklearn.datasets import make_moons

    values, labels = make_moons(1500, noise=0.06, random_state=1)
    return values, labels + 1


def draw_unequal() -> Table:
    """A wide group and two narrow ones."""
    random = np.random.default_rng(1)
    labels = random.choice(3, 1500, p=[0.6, 0.25, 0.15])
    centers, spreads = np.array([[0, 0], [9, 0], [0, 12]]), np.array([3.0, 0.6, 0.6])
    return centers[labels] + random.normal(size=(1500, 2)) * spreads[labels][:, None], labels + 1


def draw_round(n: int, d: int, k: int) -> Table:
    """Round groups, the nearest two centers six standard deviations apart."""
    random = np.random.default_rng([n, d, k])
    centers = random.normal(size=(k, d))
    nearest = min(np.linalg.norm(a - b) for i, a in enumerate(centers) for b in centers[:i])
    labels = random.choice(k, n)
    return centers[labels] * (6 / nearest) + random.normal(size=(n, d)), labels + 1


def draw_three_and_rare() -> Table:
    """Three large round groups, and one of 1% of the customers."""
    random = np.random.default_rng(1)
    labels = random.choice(4, 3000, p=[0.33, 0.33, 0.33, 0.01])
    centers = np.array([[0, 0, 0], [8, 0, 0], [0, 8, 0], [7, 7, 7]])
    return centers[labels] + random.normal(size=(3000, 3)), labels + 1


TABLES: Mapping[str, Callable[[], Table]] = {
    **{name: partial(read_known, name) for name in KNOWN},
    "1% of 5,000, 8 SD away, 5 columns": partial(draw_rare, 0.01, 8, 5000, 5),
    "1% of 5,000, 7 SD away, 3 columns": partial(draw_rare, 0.01, 7, 5000, 3),
    "5% of 1,000, 6 SD away, 3 columns": partial(draw_rare, 0.05, 6, 1000, 3),
    "5% of 2,000, 5 SD away, 5 columns": partial(draw_rare, 0.05, 5, 2000, 5),
    "three groups and one of 1%": draw_three_and_rare,
    "three bands": partial(draw_bands, 0.0),
    "three slanted bands": partial(draw_bands, 0.6),
    "two rings": partial(draw_rings, (1.0, 5.0), 0.4),
    "three rings": partial(draw_rings, (1.0, 3.0, 5.0), 0.15),
    "two moons": draw_moons,
    "unequal spreads": draw_unequal,
    "4 round groups, 3 columns": partial(draw_round, 1500, 3, 4),
    "6 round groups, 4 columns": partial(draw_round, 2000, 4, 6),
}


def score_all(values: Floats, truth: Labels) -> tuple[dict[str, float], tuple[str, str]]:
    """The index of every algorithm and of both choices; and which algorithms were chosen."""
    values = (values - values.mean(axis=0)) / values.std(axis=0)
    settings = SelectionSettings()
    runner = AlgorithmRunner(values, settings)
    graph = KNNGraph(runner.rows, settings.seed)
    position = {row.tobytes(): i for i, row in enumerate(runner.rows.values)}
    order = np.array([position[row.tobytes()] for row in values + 0.0])
    kmeans = runner.sweep("kmeans")
    results = {name: runner.run(name, graph) for name in ALGORITHMS}
    labels = {name: one.labels for name, one in results.items() if one.labels is not None}
    scores = {
        name: adjusted_rand_score(truth, labels[name][order]) if name in labels else 0.0
        for name in ALGORITHMS
    }
    compared = recommend_algorithm(list(results.values()), graph, labels).algorithm
    scores |= {COMPARED: scores[compared], AUTOMATIC: scores["kmeans"]}
    better = find_better_algorithm(values, kmeans, settings)
    if better is not None:
        _, partition = sweep_better_algorithm(values, kmeans, settings, better).select()
        scores[AUTOMATIC] = adjusted_rand_score(truth, partition.predict(values).labels)
    return scores, (compared, better.algorithm if better else "kmeans")


def main(wanted: list[str]) -> None:
    titles = [algorithm.title for algorithm in ALGORITHMS.values()]
    print(f"| data | {' | '.join([*titles, COMPARED, AUTOMATIC])} |")
    print("|---" * (len(titles) + 3) + "|")
    rows = []
    for name, make in TABLES.items():
        if wanted and name not in wanted:
            continue
        scores, chosen = score_all(*make())
        rows.append(list(scores.values()))
        cells = [f"{score:.2f}" for score in rows[-1]]
        for column, algorithm in zip((-2, -1), chosen, strict=True):
            cells[column] += f", {ALGORITHMS[algorithm].title}"
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    for name, figure in (("mean", np.mean), ("median", np.median)):
        print(f"| {name} | {' | '.join(f'{x:.2f}' for x in figure(rows, axis=0))} |")


if __name__ == "__main__":
    main(sys.argv[1:])
