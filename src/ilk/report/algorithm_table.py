"""Comparing: algorithms side by side, as a table that people read."""

from __future__ import annotations

import numpy as np
import polars as pl

from ilk.cluster.partition import NOISE, Labels
from ilk.formatting.html import (
    MUTED,
    build_element,
    build_list,
    build_paragraph,
    build_table,
    escape_text,
)
from ilk.formatting.numbers import format_count, format_percent
from ilk.selection.algorithm_result import AlgorithmResult
from ilk.selection.compare import AlgorithmComparison

HEADERS = (
    *("Algorithm", "K", "Structure", "Silh.", "Lead", "CH", "DB"),
    *("Stability", "Sizes", "Noise", "Cut", "Moved", "Seconds"),
)
"""Heads of the columns of :func:`figures`."""

LEGEND = (
    "Structure: whether there are segments; DBSCAN and HDBSCAN go by Cut, the others by tests.",
    "Silh.: average silhouette.",
    "Lead: silhouette of squared distances above that of tables without segments.",
    "CH, DB: the indices of Calinski and Harabasz (high is good), Davies and Bouldin (low).",
    "Stability: mean and least Jaccard coefficient of the segments on other draws.",
    "Sizes: the smallest and the largest segment. Noise: customers put nowhere.",
    "Cut: neighbouring customers in different segments, which is fair to segments of every shape.",
    "Silh., Lead, CH and DB favour round segments of one size, and do not see noise.",
    "Moved: customers whom the algorithm itself had put elsewhere than placing them anew does.",
)
"""How to read them."""

_NO_VALUE = "–"


def format_result(result: AlgorithmResult) -> list[str]:
    """The figures of one algorithm, as they are read.

    Examples
    --------
    >>> format_result(AlgorithmResult("kmeans", "k-means", 5, noise_share=0.0, cut_fraction=0.021, silhouette=0.5546))[:4]
    ['k-means', '5', '–', '0.555']
    """
    return [
        result.title,
        _NO_VALUE if result.k is None else str(result.k),
        result.structure or _NO_VALUE,
        _format_fixed(result.silhouette, 3),
        _format_fixed(result.silhouette_gain, 2, "+"),
        _format_fixed(result.calinski_harabasz, 1),
        _format_fixed(result.davies_bouldin, 3),
        _format_pair(
            _format_fixed(result.stability, 2), _format_fixed(result.stability_min, 2), "/"
        ),
        _format_pair(
            _format_share(result.smallest_share).removesuffix("%"),
            _format_share(result.largest_share),
            "–",
        ),
        _format_share(result.noise_share),
        _format_share(result.cut_fraction),
        _format_share(result.relabelled_share),
        _format_fixed(result.seconds, 1),
    ]


def list_refusals(comparison: AlgorithmComparison) -> list[str]:
    """Why algorithms have no segments to show, a sentence each."""
    return [
        f"{each.title}: {each.rejection_reason}."
        for each in comparison.results
        if each.rejection_reason
    ]


def describe_sample(comparison: AlgorithmComparison) -> str:
    """What the figures are from.

    Examples
    --------
    >>> import numpy as np
    >>> from ilk.selection.algorithm_choice import AlgorithmRecommendation
    >>> describe_sample(AlgorithmComparison((), AlgorithmRecommendation("kmeans", ""), 5000, 2000, np.zeros((1000, 2))))
    'From 5,000 customers; the neighbours of 2,000 of them were looked at, and 1,000 are drawn.'
    """
    told = f"From {format_count(comparison.customers, 'customer')}"
    fewer = []
    if comparison.graph_rows < comparison.customers:
        fewer.append(f"the neighbours of {comparison.graph_rows:,} of them were looked at")
    if len(comparison.values) < comparison.customers:
        fewer.append(f"{len(comparison.values):,} are drawn")
    return f"{told}; {', and '.join(fewer)}." if fewer else f"{told}."


def render_comparison_table(comparison: AlgorithmComparison) -> str:
    """Every algorithm with its figures, as a piece of HTML; the one to use is set off.

    Examples
    --------
    >>> import numpy as np
    >>> from ilk.selection.algorithm_choice import AlgorithmRecommendation
    >>> one = AlgorithmResult("kmeans", "k-means", 5)
    >>> shown = render_comparison_table(AlgorithmComparison((one,), AlgorithmRecommendation("kmeans", ""), 9, 9, np.zeros((9, 2))))
    >>> shown.count("<tr"), "font-weight:700" in shown
    (2, True)
    """
    marked = [each.algorithm for each in comparison.results].index(
        comparison.recommendation.algorithm
    )
    rows = [[escape_text(cell) for cell in format_result(each)] for each in comparison.results]
    return build_element(
        "div",
        build_table(HEADERS, rows, highlighted=marked),
        build_list(escape_text(each) for each in list_refusals(comparison)),
        build_paragraph(
            escape_text(" ".join((describe_sample(comparison), *LEGEND))),
            style=f"margin-top:.6em;{MUTED}",
        ),
    )


def make_results_table(comparison: AlgorithmComparison) -> pl.DataFrame:
    """One row per algorithm with every figure, as ``compare.csv`` holds them."""
    rows = [
        {
            "algorithm": each.algorithm,
            "title": each.title,
            "preferred": each.algorithm == comparison.recommendation.algorithm,
            **{name: getattr(each, name) for name in _FIELDS},
        }
        for each in comparison.results
    ]
    return pl.DataFrame(rows, schema=_SCHEMA)


_TEXT_FIELDS = ("structure", "rejection_reason")
_FIELDS = (
    *("k", "structure", "silhouette", "silhouette_squared", "silhouette_gain", "calinski_harabasz"),
    *(
        "davies_bouldin",
        "stability",
        "stability_min",
        "smallest_share",
        "largest_share",
        "effective_n_segments",
    ),
    *("noise_share", "cut_fraction", "relabelled_share", "seconds", "rejection_reason"),
)
_SCHEMA: dict[str, type[pl.DataType]] = {
    "algorithm": pl.String,
    "title": pl.String,
    "preferred": pl.Boolean,
    **{name: pl.String if name in _TEXT_FIELDS else pl.Float64 for name in _FIELDS},
    "k": pl.Int64,
}


def match_labels(reference: Labels, labels: Labels) -> Labels:
    """The same segments, each with the number of the one in ``reference`` that shares its customers.

    Side by side, segments of two algorithms then have the same colours. Customers who are shared
    are as many as can be; segments without a partner get the numbers that ``reference`` has not.

    Examples
    --------
    >>> match_labels(np.array([0, 0, 0, 1, 1]), np.array([1, 1, -1, 0, 2])).tolist()
    [0, 0, -1, 1, 2]
    """
    from scipy.optimize import linear_sum_assignment

    own, theirs = int(labels.max()) + 1, int(reference.max()) + 1
    both = (labels != NOISE) & (reference != NOISE)
    shared = np.zeros((own, theirs))
    np.add.at(shared, (labels[both], reference[both]), 1)
    found, partners = linear_sum_assignment(shared, maximize=True)
    numbers = np.full(own + 1, NOISE, dtype=labels.dtype)  # the last is where -1 looks
    numbers[found] = partners
    alone = np.setdiff1d(np.arange(own), found)
    numbers[alone] = theirs + np.arange(len(alone))
    return numbers[labels]


def format_panel_title(result: AlgorithmResult, *, recommended: bool = False) -> str:
    """What stands above the picture of one algorithm.

    Examples
    --------
    >>> format_panel_title(AlgorithmResult("ward", "Ward's method", 5), recommended=True)
    "Ward's method: 5 segments  ✓"
    """
    if not result.has_clusters or result.k is None:
        return f"{result.title}: no segments"
    return f"{result.title}: {format_count(result.k, 'segment')}{'  ✓' if recommended else ''}"


def _format_fixed(value: float | None, decimals: int, sign: str = "") -> str:
    return _NO_VALUE if value is None else f"{value:{sign}z,.{decimals}f}"


def _format_pair(first: str, second: str, separator: str) -> str:
    return _NO_VALUE if _NO_VALUE in (first, second) else f"{first}{separator}{second}"


def _format_share(share: float | None) -> str:
    return _NO_VALUE if share is None else format_percent(share)
