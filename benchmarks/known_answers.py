"""How many segments ilk finds where the number is known; the table of docs/how-ilk-chooses-k.md.

Needs the folder of real data: see CONTRIBUTING.md.
"""

from __future__ import annotations

import numpy as np
from harness import DATA

from ilk.choice.choose import choose

TRUE = {"hepta": 7, "tetra": 4, "s1": 15, "s3": 15, "a1": 20, "unbalance": 8, "lsun": 3}
MALL = {"mall, income and score": ((3, 4), 5), "mall with age": ((2, 3, 4), 6)}


def main() -> None:
    print("| data | true | found as it is | found standardized |\n|---|---|---|---|")
    for name, true in TRUE.items():
        show(name, np.loadtxt(DATA / "known_answers" / f"{name}.data.gz"), true)
    for name, (columns, true) in MALL.items():
        file = DATA / "Mall_Customers.csv"
        show(name, np.loadtxt(file, delimiter=",", skiprows=1, usecols=columns), true)


def show(name: str, values: np.ndarray, true: int) -> None:
    standardized = (values - values.mean(axis=0)) / values.std(axis=0)
    found = [choose(each, k_max=max(12, true + 4))[0].k for each in (values, standardized)]
    print(f"| {name} | {true} | {found[0]} | {found[1]} |", flush=True)


if __name__ == "__main__":
    main()
