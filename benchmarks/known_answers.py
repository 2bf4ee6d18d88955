"""How many segments ilk finds where the number is known; a table of docs/how-ilk-decides.md.

Needs the folder of real data: see CONTRIBUTING.md.
"""

from __future__ import annotations

import numpy as np
from harness import DATA
from sklearn.metrics import adjusted_rand_score

from ilk.cluster.partition import Floats
from ilk.selection.sweep import Sweep, sweep_k

FILES = ("s1", "s3", "a1", "unbalance", "hepta", "tetra", "lsun", "chainlink")
MALL = {"mall, income and score": ((3, 4), 5), "mall with age": ((2, 3, 4), 6)}


def main() -> None:
    print("| data | true | found | verdict | tried up to | adjusted Rand index | at the true K |")
    print("|---|---|---|---|---|---|---|")
    for name in FILES:
        values, labels = (
            np.loadtxt(DATA / "known_answers" / f"{name}.{part}.gz") for part in ("data", "labels")
        )
        # Label 0 is noise, which belongs to no group.
        values, labels = values[labels != 0], labels[labels != 0]
        for scale, scaled in (("as it is", values), ("standardized", standardize(values))):
            sweep = sweep_k(scaled)
            scores = score_sweep(sweep, scaled, labels)
            print_row(f"{name}, {scale}", len(set(labels)), sweep, scores)
    for name, (columns, published) in MALL.items():
        file = DATA / "Mall_Customers.csv"
        values = np.loadtxt(file, delimiter=",", skiprows=1, usecols=columns)
        for scale, scaled in (("as it is", values), ("standardized", standardize(values))):
            print_row(f"{name}, {scale}", published, sweep_k(scaled), ["", ""])


def score_sweep(sweep: Sweep, values: Floats, labels: Floats) -> list[str]:
    """The adjusted Rand index with the truth, at the recommended K and at the true one."""
    scores = []
    for k in (sweep.recommended_k, len(set(labels))):
        result = sweep.results.get(k)
        ours = None if result is None else result.partition.predict(values).labels
        scores.append("" if ours is None else f"{adjusted_rand_score(labels, ours):.4f}")
    return scores


def print_row(name: str, true: int, sweep: Sweep, scores: list[str]) -> None:
    print(
        f"| {name} | {true} | {sweep.recommended_k} | {sweep.structure} | {max(sweep.results)} "
        f"| {' | '.join(scores)} |",
        flush=True,
    )


def standardize(values: Floats) -> Floats:
    return (values - values.mean(axis=0)) / values.std(axis=0)


if __name__ == "__main__":
    main()
