"""How many segments ilk finds where the number is known; a table of docs/how-ilk-decides.md.

Needs the folder of real data: see CONTRIBUTING.md.
"""

from __future__ import annotations

import numpy as np
from harness import DATA
from sklearn.metrics import adjusted_rand_score

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
        for how, prepared in (("as it is", values), ("standardized", standardized(values))):
            found = sweep_k(prepared)
            show(f"{name}, {how}", len(set(labels)), found, agreement(found, prepared, labels))
    for name, (columns, published) in MALL.items():
        file = DATA / "Mall_Customers.csv"
        values = np.loadtxt(file, delimiter=",", skiprows=1, usecols=columns)
        for how, prepared in (("as it is", values), ("standardized", standardized(values))):
            show(f"{name}, {how}", published, sweep_k(prepared), ("", ""))


def agreement(found: Sweep, values: np.ndarray, labels: np.ndarray) -> tuple[str, str]:
    """The adjusted Rand index with the truth, at the K found and at the true one."""
    told = []
    for k in (found.recommended_k, len(set(labels))):
        fitted = found.results.get(k)
        ours = None if fitted is None else fitted.partition.predict(values).labels
        told.append("" if ours is None else f"{adjusted_rand_score(labels, ours):.4f}")
    return told[0], told[1]


def show(name: str, true: int, found: Sweep, agreed: tuple[str, str]) -> None:
    print(
        f"| {name} | {true} | {found.recommended_k} | {found.structure} | {max(found.results)} "
        f"| {agreed[0]} | {agreed[1]} |",
        flush=True,
    )


def standardized(values: np.ndarray) -> np.ndarray:
    return (values - values.mean(axis=0)) / values.std(axis=0)


if __name__ == "__main__":
    main()
