"""Algorithms side by side, as a table that people read and as one for files."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl

from ilk.cluster.partition import NOISE, Labels, renumber_labels
from ilk.formatting.numbers import NO_VALUE, format_count, format_fixed, format_percent
from ilk.report.html import render_macro
from ilk.selection.candidates import AlgorithmResult
from ilk.selection.compare import AlgorithmComparison

HEADERS = (
    *("Algorithm", "K", "Structure", "Silh.", "Gain", "CH", "DB"),
    *("Stability", "Sizes", "Noise", "Split", "Relabeled", "Seconds"),
)
"""Heads of the columns of :func:`format_result`."""

LEGEND = (
    (
        "Structure: how clearly there are groups; judged by Split for DBSCAN and HDBSCAN, by tests "
        "against random data for the others."
    ),
    (
        "Silh.: average silhouette. Gain: how far it is above that of random data without groups "
        "(squared distances)."
    ),
    "CH: Calinski-Harabasz index (higher is better). DB: Davies-Bouldin index (lower is better).",
    "Stability: mean / lowest overlap of the segments in repeat tests (1 is best).",
    "Sizes: smallest and largest segment. Noise: customers left without a segment.",
    "Split: neighboring customers who land in different segments; fair to segments of any shape.",
    "Silh., Gain, CH and DB favor round segments of similar size and ignore noise.",
    "Relabeled: customers whom the model assigns to another segment than the algorithm itself did.",
)
"""How to read the columns."""


NO_SEGMENTS = "no segments"
"""Said of an algorithm that did not find several segments, wherever it is named."""


def format_result(result: AlgorithmResult) -> list[str]:
    """The figures of one algorithm, one text for each of :data:`HEADERS`.

    Examples
    --------
    >>> from ilk.selection.candidates import Candidate
    >>> five = Candidate("kmeans", 5, 9.0, 0.3, 0.5546, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> format_result(AlgorithmResult("kmeans", five, noise_share=0.0, cut_fraction=0.021))[:4]
    ['k-means', '5', '–', '0.555']
    >>> format_result(AlgorithmResult("dbscan", rejection_reason="every customer is noise"))[:4]
    ['DBSCAN', '–', 'no segments', '–']
    """
    figures = _collect_figures(result)
    return [
        result.title,
        NO_VALUE if result.k is None else str(result.k),
        (result.structure or NO_VALUE) if result.has_clusters else NO_SEGMENTS,
        format_fixed(figures["silhouette"], 3),
        format_fixed(figures["silhouette_gain"], 2, "+"),
        format_fixed(figures["calinski_harabasz"], 1),
        format_fixed(figures["davies_bouldin"], 3),
        _join_figures(
            format_fixed(figures["stability"], 2), format_fixed(figures["stability_min"], 2), " / "
        ),
        _join_figures(
            _format_share(figures["smallest_share"]).removesuffix("%"),
            _format_share(figures["largest_share"]),
            "–",
        ),
        _format_share(result.noise_share if result.has_clusters else None),
        _format_share(result.cut_fraction, 1),
        _format_share(figures["relabeled_share"]),
        format_fixed(result.seconds, 1),
    ]


def _collect_figures(result: AlgorithmResult) -> dict[str, Any]:
    """Every figure of one algorithm; those of its candidate only where there are segments."""
    candidate = asdict(result.candidate) if result.candidate and result.has_clusters else {}
    return {
        name: getattr(result, name) if name in _RESULT_FIELDS else candidate.get(name)
        for name in _FIELDS
    }


def list_rejections(comparison: AlgorithmComparison) -> list[str]:
    """Why some algorithms have no segments to show, one sentence each."""
    return [
        f"{result.title}: {NO_SEGMENTS}, because {result.rejection_reason}."
        for result in comparison.results
        if result.rejection_reason
    ]


def describe_sample(comparison: AlgorithmComparison) -> str:
    """How many customers the figures are based on.

    Examples
    --------
    >>> import numpy as np
    >>> from ilk.selection.algorithm_choice import AlgorithmRecommendation
    >>> recommended = AlgorithmRecommendation("kmeans", "")
    >>> describe_sample(AlgorithmComparison((), recommended, 5000, 2000, np.zeros((1000, 2))))
    'Based on 5,000 customers; Split uses 2,000 of them, and 1,000 are plotted.'
    """
    basis = f"Based on {format_count(comparison.customers, 'customer')}"
    subsets = []
    if comparison.graph_rows < comparison.customers:
        subsets.append(f"Split uses {comparison.graph_rows:,} of them")
    if len(comparison.values) < comparison.customers:
        subsets.append(f"{len(comparison.values):,} are plotted")
    return f"{basis}; {', and '.join(subsets)}." if subsets else f"{basis}."


def render_comparison_table(comparison: AlgorithmComparison) -> str:
    """Every algorithm with its figures, as a piece of HTML; the recommended one is bold.

    Examples
    --------
    >>> import numpy as np
    >>> from ilk.selection.algorithm_choice import AlgorithmRecommendation
    >>> from ilk.selection.candidates import Candidate
    >>> two = Candidate("kmeans", 2, 9.0, 0.3, 0.6, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> one = AlgorithmResult("kmeans", two)
    >>> recommended = AlgorithmRecommendation("kmeans", "")
    >>> comparison = AlgorithmComparison((one,), recommended, 9, 9, np.zeros((9, 2)))
    >>> shown = render_comparison_table(comparison)
    >>> shown.count("<tr"), "font-weight:700" in shown
    (2, True)
    """
    marked = [i for i, result in enumerate(comparison.results) if comparison.is_marked(result)]
    return render_macro(
        "views.html.j2",
        "comparison",
        head=HEADERS,
        rows=list(map(format_result, comparison.results)),
        highlighted=marked[0] if marked else None,
        rejections=list_rejections(comparison),
        notes=" ".join((*LEGEND, describe_sample(comparison))),
    )


def make_results_table(comparison: AlgorithmComparison) -> pl.DataFrame:
    """One row per algorithm with every figure, as ``compare.csv`` holds them."""
    rows = [
        {
            "algorithm": result.algorithm,
            "title": result.title,
            "preferred": comparison.is_marked(result),
            **_collect_figures(result),
        }
        for result in comparison.results
    ]
    return pl.DataFrame(rows, schema=_SCHEMA)


_TEXT_FIELDS = ("structure", "rejection_reason")
_RESULT_FIELDS = (
    *("k", "structure", "effective_n_segments", "noise_share", "cut_fraction", "seconds"),
    "rejection_reason",
)
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
    *("noise_share", "cut_fraction", "relabeled_share", "seconds", "rejection_reason"),
)
_SCHEMA: dict[str, type[pl.DataType]] = {
    "algorithm": pl.String,
    "title": pl.String,
    "preferred": pl.Boolean,
    **{name: pl.String if name in _TEXT_FIELDS else pl.Float64 for name in _FIELDS},
    "k": pl.Int64,
}


def match_labels(reference: Labels, labels: Labels) -> Labels:
    """The same segments, renumbered to match those of ``reference`` that share their customers.

    Side by side, matching segments of two algorithms then have the same color. The matching shares
    as many customers as possible; segments without a partner get numbers not used in ``reference``.

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
    matched, partners = linear_sum_assignment(shared, maximize=True)
    unmatched = np.setdiff1d(np.arange(own), matched)
    order = np.full(theirs + len(unmatched), NOISE)
    order[partners], order[theirs:] = matched, unmatched
    return renumber_labels(labels, order.tolist(), own)


def format_panel_title(result: AlgorithmResult, *, recommended: bool = False) -> str:
    """The title above the plot of one algorithm.

    Examples
    --------
    >>> from ilk.selection.candidates import Candidate
    >>> five = Candidate("ward", 5, 9.0, 0.3, 0.6, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> format_panel_title(AlgorithmResult("ward", five), recommended=True)
    "Ward's method: 5 segments  ✓"
    """
    if result.k is None:
        return f"{result.title}: {NO_SEGMENTS}"
    return f"{result.title}: {format_count(result.k, 'segment')}{'  ✓' if recommended else ''}"


def _join_figures(first: str, second: str, separator: str) -> str:
    return NO_VALUE if NO_VALUE in (first, second) else f"{first}{separator}{second}"


def _format_share(share: float | None, decimals: int = 0) -> str:
    return NO_VALUE if share is None else format_percent(share, decimals)
