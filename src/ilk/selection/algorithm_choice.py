"""Preference: which algorithm to use, and why.

K-means is preferred because its segments are the easiest to explain: everyone belongs to the
nearest centre. It loses that where it goes against the customers: where its borders cut through
crowds, and another algorithm finds segments between which hardly a customer has a next neighbour.
Two things have to come together, because neither tells alone. Round clusters that touch are cut by
any border, along the valley between them; and a border without a valley may still be the best that
there is, in a table that is one cloud.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ilk.cluster.algorithms import ALGORITHMS
from ilk.cluster.partition import Labels
from ilk.formatting.numbers import format_percent
from ilk.formatting.text import spell_number
from ilk.selection.algorithm_result import AlgorithmResult
from ilk.selection.connectivity import KNNGraph
from ilk.selection.rule import CLEAR_CUT, WEAK_STABILITY

MAX_NOISE_SHARE = 0.20
"""Most noise: who leaves out more has not found everyone's segment."""

MIN_EFFECTIVE_SEGMENTS = 1.5
"""Least effective number of segments: below it there is one segment with some splinters."""

MIN_CUT_RATIO = 5.0
"""How many times as many links k-means has to cut, and ``APART`` more of them, before another is
preferred."""

MIN_SEPARATED_SHARE = 2 / 3
"""Groups parted by valleys, for each segment, from which on k-means does not cut through crowds. Of
round clusters that touch there are 18 and 19 groups for 20 segments (a1), of rings and bands 2 for
4 (lsun) and for 8 to 14 (chainlink)."""

_PRIORITY = ("hdbscan", "dbscan", "mixture", "ward", "bisecting")
_EASY_BORDERS = "its borders are the easiest to explain"


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
    results : sequence of Entry
        One of them k-means'.
    graph : Links
        Between next neighbours.
    labels : mapping of str to ndarray of shape (n,)
        Segments of the rows that are linked, by algorithm.

    Examples
    --------
    >>> import numpy as np
    >>> from ilk.cluster.weighted_rows import WeightedRows
    >>> links = KNNGraph(WeightedRows(np.arange(3.0)[:, None], np.ones(3)))
    >>> alone = AlgorithmResult("kmeans", "k-means", 2, stability=0.97, cut_fraction=0.02, structure="weak")
    >>> recommend_algorithm([alone], links, {"kmeans": np.array([0, 0, 1])}).algorithm
    'kmeans'
    """
    ours = next(each for each in results if each.algorithm == "kmeans")
    rivals = [each for each in results if each is not ours and is_usable(each)]
    if not ours.has_clusters:
        return _recommend_without_kmeans(ours, rivals)
    if ours.structure == "none" or not is_usable(ours):
        apart = [each for each in rivals if _is_separated(each)]
        return _recommend_rival(ours, apart) if apart else _fall_back_to_kmeans(ours, rivals)
    better = [
        each for each in rivals if _is_separated(each) and _has_more_cuts(ours, each, graph, labels)
    ]
    if better and not _has_valleys(ours):
        return _recommend_rival(ours, better)
    return AlgorithmRecommendation("kmeans", _explain_kmeans(ours, better))


def has_structure(result: AlgorithmResult) -> bool:
    """Whether there are segments, as far as is known.

    Density methods are not asked for structure: that test is one of roundness.

    Examples
    --------
    >>> [has_structure(AlgorithmResult(name, "", 2, structure="none")) for name in ("ward", "hdbscan")]
    [False, True]
    """
    return result.has_clusters and (
        result.structure != "none" or not ALGORITHMS[result.algorithm].takes_k
    )


def is_usable(result: AlgorithmResult) -> bool:
    """Whether these are segments that a person could work with.

    Examples
    --------
    >>> is_usable(AlgorithmResult("dbscan", "DBSCAN", 2, noise_share=0.3, effective_n_segments=2.0, stability=0.9))
    False
    """
    return (
        has_structure(result)
        and (result.noise_share or 0.0) <= MAX_NOISE_SHARE
        and (
            result.effective_n_segments is None
            or result.effective_n_segments >= MIN_EFFECTIVE_SEGMENTS
        )
        and (result.stability is None or result.stability >= WEAK_STABILITY)
    )


def _is_separated(result: AlgorithmResult) -> bool:
    return result.cut_fraction is not None and result.cut_fraction <= CLEAR_CUT


def _has_more_cuts(
    kmeans: AlgorithmResult, rival: AlgorithmResult, graph: KNNGraph, labels: Mapping[str, Labels]
) -> bool:
    """Whether k-means cuts clearly more, of the links that count for both."""
    cut = graph.compute_cut_fraction(labels[kmeans.algorithm], labels[rival.algorithm])
    theirs = rival.cut_fraction or 0.0
    return cut is not None and cut - theirs > CLEAR_CUT and cut >= MIN_CUT_RATIO * theirs


def _has_valleys(result: AlgorithmResult) -> bool:
    """Whether valleys with few customers part most of the segments."""
    return (
        result.n_separated_groups is not None
        and result.n_separated_groups >= MIN_SEPARATED_SHARE * (result.k or 0)
    )


def _select_by_priority(results: Iterable[AlgorithmResult]) -> AlgorithmResult:
    return min(results, key=lambda each: _PRIORITY.index(each.algorithm))


def _recommend_rival(
    kmeans: AlgorithmResult, rivals: Sequence[AlgorithmResult]
) -> AlgorithmRecommendation:
    best = _select_by_priority(rivals)
    reason = (
        f"{best.title}: {_describe_count(best)} that are apart, whatever their shape: {_describe_cut(best)}"
        f"{_describe_noise(best)}. k-means is poor here: {_describe_cut(kmeans)}, so its borders run through crowds "
        "and not between them."
    )
    return AlgorithmRecommendation(best.algorithm, reason)


def _explain_kmeans(kmeans: AlgorithmResult, rivals: Sequence[AlgorithmResult]) -> str:
    told = f"k-means: {_describe_count(kmeans)}{_describe_stability(kmeans)}, and {_describe_cut(kmeans)}"
    if rivals:
        best = _select_by_priority(rivals)
        return (
            f"{told}. {best.title} parts fewer ({_format_cut(best)}), but the borders of k-means run "
            f"where there are valleys with few customers, and {_EASY_BORDERS}."
        )
    return f"{told}. No other algorithm is clearly better at that, and {_EASY_BORDERS}."


def _fall_back_to_kmeans(
    kmeans: AlgorithmResult, rivals: Sequence[AlgorithmResult]
) -> AlgorithmRecommendation:
    if kmeans.structure == "none" and not rivals:
        return AlgorithmRecommendation(
            "kmeans", f"None of them finds segments: k-means, because {_EASY_BORDERS}."
        )
    why = f"No algorithm finds segments that are apart: k-means, because {_EASY_BORDERS}."
    return AlgorithmRecommendation("kmeans", why)


def _recommend_without_kmeans(
    kmeans: AlgorithmResult, rivals: Sequence[AlgorithmResult]
) -> AlgorithmRecommendation:
    """Where k-means has nothing to show, for the limits that its segments break."""
    if not rivals:
        return AlgorithmRecommendation(
            "kmeans", f"None of them finds segments; of k-means: {kmeans.rejection_reason}."
        )
    best = min(rivals, key=lambda each: (each.cut_fraction or 0.0, _PRIORITY.index(each.algorithm)))
    reason = f"{best.title}: {_describe_count(best)}, and {_describe_cut(best)}. Of k-means: {kmeans.rejection_reason}."
    return AlgorithmRecommendation(best.algorithm, reason)


def _describe_count(result: AlgorithmResult) -> str:
    return f"{spell_number(result.k or 0).lower()} segments"


def _describe_stability(result: AlgorithmResult) -> str:
    if result.stability is None:
        return ""
    return f" that come back on other draws ({result.stability:.2f} of 1)"


def _describe_cut(result: AlgorithmResult) -> str:
    return f"{_format_cut(result)} of neighbouring customers land in different segments"


def _format_cut(result: AlgorithmResult) -> str:
    return format_percent(result.cut_fraction or 0.0)


def _describe_noise(result: AlgorithmResult) -> str:
    return (
        f" ({format_percent(result.noise_share)} of all are left out as noise)"
        if result.noise_share
        else ""
    )
