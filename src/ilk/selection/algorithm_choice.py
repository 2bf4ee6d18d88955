"""Which algorithm to use.

K-means is preferred because its segments are the easiest to explain: everyone belongs to the
nearest center. It loses that preference where its boundaries cut through dense regions and another
algorithm finds segments between which hardly any customers are nearest neighbors. Both conditions
are needed. Round clusters that touch are cut by any boundary, along the valley between them;
and a boundary without a valley may still be the best there is, in data without groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ilk.cluster.algorithms import ALGORITHMS
from ilk.cluster.partition import Labels
from ilk.selection.candidates import AlgorithmResult
from ilk.selection.connectivity import KNNGraph
from ilk.selection.explain import (
    explain_fallback,
    explain_kmeans,
    explain_rival,
    explain_without_kmeans,
)
from ilk.selection.k_choice import CLEAR_CUT, WEAK_STABILITY

MAX_NOISE_SHARE = 0.20
"""Largest share of noise: an algorithm that leaves out more has not segmented the customers."""

MIN_EFFECTIVE_SEGMENTS = 1.5
"""Smallest effective number of segments: below it there is one segment and some splinters."""

MIN_CUT_RATIO = 5.0
"""How many times as many neighbors k-means has to cut apart, and ``CLEAR_CUT`` more of them, before
another algorithm is preferred."""

MIN_SEPARATED_SHARE = 2 / 3
"""Groups separated by valleys, per segment, from which on k-means does not cut through dense
regions. Of round clusters that touch there are 18 and 19 groups for 20 segments (a1), of rings and
bands 2 for 4 (lsun) and for 8 to 14 (chainlink)."""

MIN_RIVAL_SHARE = 0.8
"""Segments of a rival per segment of k-means, from which on it sees about as many: 0.9 where round
clusters touch (a1), 3 for 4 and 2 for 8 where they are bands and rings."""

MIN_TOUCHING_SHARE = 0.5
"""The same where some clusters touch, per separated group: a rival may see those as one."""

_PRIORITY = ("hdbscan", "dbscan", "mixture", "ward", "bisecting")


@dataclass(frozen=True)
class AlgorithmRecommendation:
    """The name of the algorithm to use, and why, in a sentence or two."""

    algorithm: str
    reason: str


def recommend_algorithm(
    results: Sequence[AlgorithmResult], graph: KNNGraph, labels: Mapping[str, Labels]
) -> AlgorithmRecommendation:
    """The algorithm to use.

    Parameters
    ----------
    results : sequence of AlgorithmResult
        One of them of k-means.
    graph : KNNGraph
        Of the rows.
    labels : mapping of str to ndarray of shape (n,)
        Segments of the rows, by algorithm.

    Examples
    --------
    >>> import numpy as np
    >>> from ilk.cluster.weighted_rows import WeightedRows
    >>> from ilk.selection.candidates import Candidate
    >>> graph = KNNGraph(WeightedRows(np.arange(3.0)[:, None], np.ones(3)))
    >>> two = Candidate("kmeans", 2, 9.0, 0.3, 0.6, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> kmeans = AlgorithmResult("kmeans", two, "weak", cut_fraction=0.02)
    >>> recommend_algorithm([kmeans], graph, {"kmeans": np.array([0, 0, 1])}).algorithm
    'kmeans'
    """
    kmeans = next(result for result in results if result.algorithm == "kmeans")
    rivals = [result for result in results if result is not kmeans and is_usable(result)]
    if not kmeans.has_clusters:
        rival = _select_least_cut(rivals)
        return AlgorithmRecommendation(
            rival.algorithm if rival else "kmeans", explain_without_kmeans(kmeans, rival)
        )
    separated = [rival for rival in rivals if _is_separated(rival)]
    if not is_usable(kmeans):
        if rival := _select_by_priority(separated):
            reason = explain_rival(rival, kmeans, is_usable=False)
            return AlgorithmRecommendation(rival.algorithm, reason)
        any_usable = bool(rivals) or kmeans.structure != "none"
        return AlgorithmRecommendation("kmeans", explain_fallback(any_usable=any_usable))
    better = [rival for rival in separated if _cuts_more(kmeans, rival, graph, labels)]
    rival = _select_by_priority(better)
    if rival and not _follows_gaps(kmeans, rival):
        reason = explain_rival(rival, kmeans, is_usable=True)
        return AlgorithmRecommendation(rival.algorithm, reason)
    return AlgorithmRecommendation("kmeans", explain_kmeans(kmeans, rival))


def has_structure(result: AlgorithmResult) -> bool:
    """Whether there are segments, as far as is known.

    Density methods are exempt: the test of structure asks for round segments.

    Examples
    --------
    >>> from ilk.selection.candidates import Candidate
    >>> two = Candidate("ward", 2, 9.0, 0.3, 0.6, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> [has_structure(AlgorithmResult(name, two, "none")) for name in ("ward", "hdbscan")]
    [False, True]
    """
    return result.has_clusters and (
        result.structure != "none" or not ALGORITHMS[result.algorithm].takes_k
    )


def is_usable(result: AlgorithmResult) -> bool:
    """Whether a person could work with these segments.

    Examples
    --------
    >>> from ilk.selection.candidates import Candidate
    >>> two = Candidate("dbscan", 2, 9.0, 0.3, 0.6, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> is_usable(AlgorithmResult("dbscan", two, noise_share=0.3))
    False
    """
    if not has_structure(result) or (result.noise_share or 0.0) > MAX_NOISE_SHARE:
        return False
    effective, stability = result.effective_n_segments, _get_stability(result)
    return (effective is None or effective >= MIN_EFFECTIVE_SEGMENTS) and (
        stability is None or stability >= WEAK_STABILITY
    )


def _get_stability(result: AlgorithmResult) -> float | None:
    return None if result.candidate is None else result.candidate.stability


def _is_separated(result: AlgorithmResult) -> bool:
    return result.cut_fraction is not None and result.cut_fraction <= CLEAR_CUT


def _cuts_more(
    kmeans: AlgorithmResult, rival: AlgorithmResult, graph: KNNGraph, labels: Mapping[str, Labels]
) -> bool:
    """Whether k-means cuts clearly more, of the neighbors that count for both."""
    cut = graph.compute_cut_fraction(labels[kmeans.algorithm], labels[rival.algorithm])
    rival_cut = rival.cut_fraction or 0.0
    return cut is not None and cut - rival_cut > CLEAR_CUT and cut >= MIN_CUT_RATIO * rival_cut


def _follows_gaps(kmeans: AlgorithmResult, rival: AlgorithmResult) -> bool:
    """Whether valleys separate most of the segments.

    Were all of them separated, a rival that follows any valley would see about as many. If it does
    not, their shapes are curved: pieces that bend away from the line between their centers look
    as if there were a valley.
    """
    n_groups = None if kmeans.candidate is None else kmeans.candidate.n_separated_groups
    k = kmeans.k or 0
    if n_groups is None or n_groups < MIN_SEPARATED_SHARE * k:
        return False
    least = MIN_RIVAL_SHARE if n_groups == k else MIN_TOUCHING_SHARE
    return (rival.k or 0) >= least * n_groups


def _select_by_priority(results: Iterable[AlgorithmResult]) -> AlgorithmResult | None:
    return min(results, key=lambda result: _PRIORITY.index(result.algorithm), default=None)


def _select_least_cut(results: Iterable[AlgorithmResult]) -> AlgorithmResult | None:
    return min(
        results,
        key=lambda result: (result.cut_fraction or 0.0, _PRIORITY.index(result.algorithm)),
        default=None,
    )
