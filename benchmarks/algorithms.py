"""What every algorithm finds where the answer is known, and which one `ilk compare` would use.

Needs the folder of real data: see CONTRIBUTING.md.
"""

from __future__ import annotations

import sys

import numpy as np
import polars as pl
from harness import DATA
from sklearn.metrics import adjusted_rand_score

import ilk
from ilk.cluster.algorithms import ALGORITHMS
from ilk.selection.algorithm_result import AlgorithmResult
from ilk.workflow.compare import ComparisonRun

KNOWN = ("hepta", "tetra", "s1", "s3", "a1", "unbalance", "lsun", "chainlink")
REAL = {
    "mall, income and score": ("Mall_Customers.csv", {"describe": ["Age", "Gender"]}),
    "mall with age": ("Mall_Customers.csv", {"describe": ["Gender"]}),
    "wholesale": ("Wholesale_customers.csv", {}),
    "demographics": ("segmentation_data.csv", {}),
    "credit cards": ("BankChurners.csv", {}),
}


def main(wanted: list[str]) -> None:
    """The tables for the names given, or for all: adjusted Rand index, or K, and links cut."""
    titles = [each.title for each in ALGORITHMS.values()]
    print(f"| data | {' | '.join(titles)} | preferred | seconds |\n{'|---' * (len(titles) + 3)}|")
    for name in KNOWN:
        if not wanted or name in wanted:
            values = np.loadtxt(DATA / "known_answers" / f"{name}.data.gz")
            truth = np.loadtxt(DATA / "known_answers" / f"{name}.labels.gz")
            frame = pl.DataFrame(values, schema=[f"x{i}" for i in range(values.shape[1])])
            for scale in ("none", "standard"):
                compared = ilk.compare(frame, scale=scale, skew="none")
                told = [_agreed(each, compared, values, truth) for each in compared.results]
                _show(f"{name}, scale {scale}", compared, told)
    for name, (file, choices) in REAL.items():
        if not wanted or name in wanted:
            compared = ilk.compare(str(DATA / file), **choices)
            _show(
                name,
                compared,
                [f"K {each.k}" if each.has_clusters else "" for each in compared.results],
            )


def _agreed(
    entry: AlgorithmResult, compared: ComparisonRun, values: np.ndarray, truth: np.ndarray
) -> str:
    """The adjusted Rand index with the truth; label 0 is noise there, and is left out."""
    if entry.labels is None:
        return ""
    # The customers drawn stand in the order of their values, and so do we.
    order = np.lexsort(values.T[::-1])
    if len(order) != len(entry.labels):
        return f"K {entry.k}"
    true = truth[order]
    known = true > 0
    return f"K {entry.k}, {adjusted_rand_score(true[known], entry.labels[known]):.3f}"


def _show(name: str, compared: ComparisonRun, told: list[str]) -> None:
    cells = [
        f"{text}, cut {each.cut_fraction:.1%}"
        if each.has_clusters and each.cut_fraction is not None
        else "–"
        for text, each in zip(told, compared.results, strict=True)
    ]
    seconds = sum(each.seconds or 0.0 for each in compared.results)
    print(f"| {name} | {' | '.join(cells)} | {compared.recommended_result.title} | {seconds:.0f} |")
    print(f"  {compared.reason}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
