"""Which algorithm to use.

K-means is preferred because its segments are the easiest to explain: everyone belongs to the
nearest center. It loses that preference to a rival whose segments are *apart*, because valleys
separate all of them or hardly any nearest neighbors are in different ones, where k-means

* finds no segments that could be used,
* has segments that are not apart: its boundaries cut through dense regions, or
* has joined segments that are clearly apart.

Two things are no reason against it. A boundary without a valley may be the best there is, in data
without groups: then no rival is apart either. And round clusters that touch are cut by any
boundary, along the valley between them, while a rival sees some of them as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ilk.cluster.algorithms import ALGORITHMS
from ilk.cluster.partition import NOISE, Labels
from ilk.selection.candidates import AlgorithmResult
from ilk.selection.connectivity import KNNGraph
from ilk.selection.explain_algorithm import (
    Objection,
    explain_fallback,
    explain_kmeans,
    explain_rival,
    explain_without_kmeans,
)
from ilk.selection.k_choice import CLEAR_CUT, CLEAR_GAIN, WEAK_STABILITY, is_separated

MAX_NOISE_SHARE = 0.20
"""Largest share of noise: an algorithm that leaves out more has not segmented the customers."""

MIN_EFFECTIVE_SEGMENTS = 1.5
"""Smallest effective number of segments: below it there is one segment and some splinters, unless
valleys around all of them are proved, or they beat random data by a clear margin."""

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

MIN_PURITY = 0.95
"""Share of the customers whose segments lie within those of another algorithm. Round clusters that
touch lie within what a rival joins; two moons are divided across."""

_PRIORITY = ("mixture", "hdbscan", "dbscan", "ward", "bisecting")
"""Of rivals with as many segments, the one that leaves nobody out and adapts to the shapes."""


@dataclass(frozen=True)
class AlgorithmRecommendation:
    """The algorithm to use, and why, in a sentence or two.

    ``better_k`` is the number of its segments where another than k-means is clearly right, and
    ``None`` where k-means is recommended.
    """

    algorithm: str
    reason: str
    better_k: int | None = None


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
    others = [result for result in results if result is not kmeans and result.has_clusters]
    if not kmeans.has_clusters:
        rival = _select_least_cut(filter(is_usable, others))
        name = rival.algorithm if rival else "kmeans"
        reason = explain_without_kmeans(kmeans, rival)
        return AlgorithmRecommendation(name, reason, rival.k if rival else None)
    comparison = _Comparison(kmeans, graph, labels)
    objection = find_objection(kmeans, needs_valleys=False)
    rivals = [rival for rival in others if find_objection(rival) is None]
    better = rivals if objection else [rival for rival in rivals if comparison.is_worse_than(rival)]
    if rival := _select_most_segments(better):
        reason = explain_rival(rival, kmeans, objection, joins=comparison.joins(rival))
        return AlgorithmRecommendation(rival.algorithm, reason, rival.k)
    if objection:
        return AlgorithmRecommendation("kmeans", _explain_without_rival(kmeans, objection, others))
    return AlgorithmRecommendation(
        "kmeans",
        explain_kmeans(kmeans, _select_least_cut(filter(comparison.cuts_more_than, rivals))),
    )


def has_structure(result: AlgorithmResult) -> bool:
    """Whether there are segments, as far as is known.

    Examples
    --------
    >>> from ilk.selection.candidates import Candidate
    >>> two = Candidate("ward", 2, 9.0, 0.3, 0.6, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> [has_structure(AlgorithmResult("ward", two, structure)) for structure in ("none", "weak")]
    [False, True]
    """
    return result.has_clusters and result.structure != "none"


def is_usable(result: AlgorithmResult) -> bool:
    """Whether a person could work with these segments.

    Examples
    --------
    >>> from ilk.selection.candidates import Candidate
    >>> two = Candidate("dbscan", 2, 9.0, 0.3, 0.6, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> is_usable(AlgorithmResult("dbscan", two, noise_share=0.3))
    False
    """
    return result.has_clusters and find_objection(result, needs_valleys=False) is None


def find_objection(result: AlgorithmResult, *, needs_valleys: bool = True) -> Objection | None:
    """What speaks against segments, if anything; with ``needs_valleys`` also that they touch.

    Examples
    --------
    >>> from ilk.selection.candidates import Candidate
    >>> two = Candidate("ward", 2, 9.0, 0.3, 0.6, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> result = AlgorithmResult("ward", two, "weak", cut_fraction=0.02)
    >>> find_objection(result), find_objection(result, needs_valleys=False)
    ('cut', None)
    """
    if not has_structure(result):
        return "structure"
    if (result.noise_share or 0.0) > MAX_NOISE_SHARE:
        return "noise"
    if _is_uneven(result):
        return "uneven"
    stability = None if result.candidate is None else result.candidate.stability
    if stability is not None and stability < WEAK_STABILITY:
        return "stability"
    cut = result.cut_fraction
    is_apart = has_proved_valleys(result) or (cut is not None and cut <= CLEAR_CUT)
    return "cut" if needs_valleys and not is_apart else None


def _is_uneven(result: AlgorithmResult) -> bool:
    """Whether there are one segment and splinters, and nothing proves that they are more."""
    effective, candidate = result.effective_n_segments, result.candidate
    if effective is None or effective >= MIN_EFFECTIVE_SEGMENTS or has_proved_valleys(result):
        return False
    is_round = ALGORITHMS[result.algorithm].takes_k
    gain = None if candidate is None else candidate.silhouette_gain
    return not (is_round and gain is not None and gain >= CLEAR_GAIN)


def has_proved_valleys(result: AlgorithmResult) -> bool:
    """Whether valleys around every segment were proved on customers left out."""
    return result.candidate is not None and is_separated(result.candidate)


@dataclass(frozen=True)
class _Comparison:
    """The segments of k-means beside those of others, on the same rows."""

    kmeans: AlgorithmResult
    graph: KNNGraph
    labels: Mapping[str, Labels]

    def is_worse_than(self, rival: AlgorithmResult) -> bool:
        """Whether the rival is clearly right."""
        if self.cuts_more_than(rival) and not self._follows_gaps(rival):
            return True
        return self.joins(rival)

    def cuts_more_than(self, rival: AlgorithmResult) -> bool:
        """Whether k-means cuts clearly more, of the neighbors that count for both."""
        ours, theirs = self.labels["kmeans"], self.labels[rival.algorithm]
        cut = self.graph.compute_cut_fraction(ours, theirs)
        rival_cut = rival.cut_fraction or 0.0
        return cut is not None and cut - rival_cut > CLEAR_CUT and cut >= MIN_CUT_RATIO * rival_cut

    def joins(self, rival: AlgorithmResult) -> bool:
        """Whether k-means has joined segments of the rival that are clearly apart.

        Of clusters that should be round that takes valleys around all: bisecting k-means splits
        off the edge of a group, where few neighbors are in different segments.
        """
        is_dense = not ALGORITHMS[rival.algorithm].takes_k and rival.structure == "clear"
        return (
            (is_dense or has_proved_valleys(rival))
            and (rival.k or 0) > (self.kmeans.k or 0)
            and self._compute_purity(rival.algorithm, "kmeans") >= MIN_PURITY
        )

    def _follows_gaps(self, rival: AlgorithmResult) -> bool:
        """Whether valleys separate most of the segments of k-means.

        Were all of them separated, a rival that follows any valley would see about as many, or join
        some. If it does not, or divides them across, their shapes are curved: pieces that bend away
        from the line between their centers look as if there were a valley.
        """
        candidate = self.kmeans.candidate
        n_groups = None if candidate is None else candidate.n_separated_groups
        k = self.kmeans.k or 0
        if n_groups is None or n_groups < MIN_SEPARATED_SHARE * k:
            return False
        least = MIN_RIVAL_SHARE if n_groups == k else MIN_TOUCHING_SHARE
        is_about_as_many = (rival.k or 0) >= least * n_groups
        return is_about_as_many and self._compute_purity("kmeans", rival.algorithm) >= MIN_PURITY

    def _compute_purity(self, inner: str, outer: str) -> float:
        """Share of the rows that are where most of their ``inner`` segment is, in ``outer``."""
        one, other = self.labels[inner], self.labels[outer]
        both = (one != NOISE) & (other != NOISE)
        if not both.any():
            return 1.0
        counts = np.zeros((int(one.max()) + 1, int(other.max()) + 1))
        np.add.at(counts, (one[both], other[both]), 1)
        return float(counts.max(axis=1).sum() / both.sum())


def _explain_without_rival(
    kmeans: AlgorithmResult, objection: Objection, others: Iterable[AlgorithmResult]
) -> str:
    """Why k-means is recommended although its segments are no natural groups."""
    seen = [other for other in others if has_structure(other)]
    closest = _select_least_cut(seen)
    against = None if closest is None else find_objection(closest)
    return explain_fallback(kmeans, objection, closest, against)


def _select_most_segments(results: Iterable[AlgorithmResult]) -> AlgorithmResult | None:
    """All of them are apart, so the one with the most segments has joined the fewest groups.

    DBSCAN, with one density for all, breaks up sparse groups; it is asked where HDBSCAN fails.
    """
    found = list(results)
    if any(result.algorithm == "hdbscan" for result in found):
        found = [result for result in found if result.algorithm != "dbscan"]
    return max(
        found,
        key=lambda result: (result.k or 0, -_PRIORITY.index(result.algorithm)),
        default=None,
    )


def _select_least_cut(results: Iterable[AlgorithmResult]) -> AlgorithmResult | None:
    return min(
        results,
        key=lambda result: (result.cut_fraction or 0.0, _PRIORITY.index(result.algorithm)),
        default=None,
    )
