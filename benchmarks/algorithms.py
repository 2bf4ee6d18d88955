"""What every algorithm finds where the answer is known, and which one `ilk compare` would use.

Needs the folder of real data: see CONTRIBUTING.md.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import polars as pl
from harness import DATA
from sklearn.metrics import adjusted_rand_score

import ilk
from ilk.cluster.algorithms import ALGORITHMS
from ilk.cluster.partition import Floats
from ilk.selection.candidates import AlgorithmResult
from ilk.workflow.compare import ComparisonRun

KNOWN = ("hepta", "tetra", "s1", "s3", "a1", "unbalance", "lsun", "chainlink")
REAL: dict[str, tuple[str, dict[str, Any]]] = {
    "mall, income and score": ("Mall_Customers.csv", {"describe": ["Age", "Gender"]}),
    "mall with age": ("Mall_Customers.csv", {"describe": ["Gender"]}),
    "wholesale": ("Wholesale_customers.csv", {}),
    "demographics": ("segmentation_data.csv", {}),
    "credit cards": ("BankChurners.csv", {}),
}


def main(wanted: list[str]) -> None:
    """The tables for the names given, or for all: adjusted Rand index, or K, and neighbors cut."""
    titles = [algorithm.title for algorithm in ALGORITHMS.values()]
    print(f"| data | {' | '.join(titles)} | preferred | seconds |\n{'|---' * (len(titles) + 3)}|")
    for name in KNOWN:
        if not wanted or name in wanted:
            values = np.loadtxt(DATA / "known_answers" / f"{name}.data.gz")
            truth = np.loadtxt(DATA / "known_answers" / f"{name}.labels.gz")
            frame = pl.DataFrame(values, schema=[f"x{i}" for i in range(values.shape[1])])
            for scale in ("none", "standard"):
                comparison = ilk.compare(frame, scale=scale, skew="none")
                scores = [score_result(result, values, truth) for result in comparison.results]
                print_row(f"{name}, scale {scale}", comparison, scores)
    for name, (file, choices) in REAL.items():
        if not wanted or name in wanted:
            comparison = ilk.compare(str(DATA / file), **choices)
            print_row(name, comparison, [f"K {result.k or '-'}" for result in comparison.results])


def score_result(result: AlgorithmResult, values: Floats, truth: Floats) -> str:
    """The adjusted Rand index with the truth; label 0 is noise there, and is left out."""
    if result.labels is None:
        return ""
    # The plotted customers are in the order of their values.
    order = np.lexsort(values.T[::-1])
    if len(order) != len(result.labels):
        return f"K {result.k}"
    true = truth[order]
    known = true > 0
    return f"K {result.k}, {adjusted_rand_score(true[known], result.labels[known]):.3f}"


def print_row(name: str, comparison: ComparisonRun, scores: list[str]) -> None:
    cells = [
        f"{score}, cut {result.cut_fraction:.1%}"
        if result.has_clusters and result.cut_fraction is not None
        else "–"
        for score, result in zip(scores, comparison.results, strict=True)
    ]
    seconds = sum(result.seconds or 0.0 for result in comparison.results)
    title = comparison.recommended_result.title
    print(f"| {name} | {' | '.join(cells)} | {title} | {seconds:.0f} |")
    print(f"  {comparison.reason}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
