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
from ilk.formatting.text import number_word
from ilk.selection.algorithm_result import Entry
from ilk.selection.connectivity import Links
from ilk.selection.rule import APART, STABLE

NOISE = 0.20
"""Most noise: who leaves out more has not found everyone's segment."""

EFFECTIVE = 1.5
"""Least effective number of segments: below it there is one segment with some splinters."""

TIMES = 5.0
"""How many times as many links k-means has to cut, and ``APART`` more of them, before another is
preferred."""

VALLEYS = 2 / 3
"""Groups parted by valleys, for each segment, from which on k-means does not cut through crowds. Of
round clusters that touch there are 18 and 19 groups for 20 segments (a1), of rings and bands 2 for
4 (lsun) and for 8 to 14 (chainlink)."""

_PRIORITY = ("hdbscan", "dbscan", "mixture", "ward", "bisecting")
_EASY_BORDERS = "its borders are the easiest to explain"


@dataclass(frozen=True)
class Preference:
    """The name of the algorithm to use, and why, in a sentence or two."""

    algorithm: str
    reason: str


def prefer(results: Sequence[Entry], graph: Links, labels: Mapping[str, Labels]) -> Preference:
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
    >>> from ilk.cluster.weighted_rows import Rows
    >>> links = Links(Rows(np.arange(3.0)[:, None], np.ones(3)))
    >>> alone = Entry("kmeans", "k-means", 2, stability=0.97, cut=0.02, structure="weak")
    >>> prefer([alone], links, {"kmeans": np.array([0, 0, 1])}).algorithm
    'kmeans'
    """
    ours = next(each for each in results if each.algorithm == "kmeans")
    rivals = [each for each in results if each is not ours and may_be_used(each)]
    if not ours.found:
        return _recommend_without_kmeans(ours, rivals)
    if ours.structure == "none" or not may_be_used(ours):
        apart = [each for each in rivals if _is_separated(each)]
        return _recommend_rival(ours, apart) if apart else _fall_back_to_kmeans(ours, rivals)
    better = [
        each for each in rivals if _is_separated(each) and _has_more_cuts(ours, each, graph, labels)
    ]
    if better and not _has_valleys(ours):
        return _recommend_rival(ours, better)
    return Preference("kmeans", _explain_kmeans(ours, better))


def finds_segments(result: Entry) -> bool:
    """Whether there are segments, as far as is known.

    Density methods are not asked for structure: that test is one of roundness.

    Examples
    --------
    >>> [finds_segments(Entry(name, "", 2, structure="none")) for name in ("ward", "hdbscan")]
    [False, True]
    """
    return result.found and (result.structure != "none" or not ALGORITHMS[result.algorithm].takes_k)


def may_be_used(result: Entry) -> bool:
    """Whether these are segments that a person could work with.

    Examples
    --------
    >>> may_be_used(Entry("dbscan", "DBSCAN", 2, noise=0.3, effective=2.0, stability=0.9))
    False
    """
    return (
        finds_segments(result)
        and (result.noise or 0.0) <= NOISE
        and (result.effective is None or result.effective >= EFFECTIVE)
        and (result.stability is None or result.stability >= STABLE)
    )


def _is_separated(result: Entry) -> bool:
    return result.cut is not None and result.cut <= APART


def _has_more_cuts(kmeans: Entry, rival: Entry, graph: Links, labels: Mapping[str, Labels]) -> bool:
    """Whether k-means cuts clearly more, of the links that count for both."""
    cut = graph.cut(labels[kmeans.algorithm], labels[rival.algorithm])
    theirs = rival.cut or 0.0
    return cut is not None and cut - theirs > APART and cut >= TIMES * theirs


def _has_valleys(result: Entry) -> bool:
    """Whether valleys with few customers part most of the segments."""
    return result.groups is not None and result.groups >= VALLEYS * (result.k or 0)


def _select_by_priority(results: Iterable[Entry]) -> Entry:
    return min(results, key=lambda each: _PRIORITY.index(each.algorithm))


def _recommend_rival(kmeans: Entry, rivals: Sequence[Entry]) -> Preference:
    best = _select_by_priority(rivals)
    reason = (
        f"{best.title}: {_describe_count(best)} that are apart, whatever their shape: {_describe_cut(best)}"
        f"{_describe_noise(best)}. k-means is poor here: {_describe_cut(kmeans)}, so its borders run through crowds "
        "and not between them."
    )
    return Preference(best.algorithm, reason)


def _explain_kmeans(kmeans: Entry, rivals: Sequence[Entry]) -> str:
    told = f"k-means: {_describe_count(kmeans)}{_describe_stability(kmeans)}, and {_describe_cut(kmeans)}"
    if rivals:
        best = _select_by_priority(rivals)
        return (
            f"{told}. {best.title} parts fewer ({_format_cut(best)}), but the borders of k-means run "
            f"where there are valleys with few customers, and {_EASY_BORDERS}."
        )
    return f"{told}. No other algorithm is clearly better at that, and {_EASY_BORDERS}."


def _fall_back_to_kmeans(kmeans: Entry, rivals: Sequence[Entry]) -> Preference:
    if kmeans.structure == "none" and not rivals:
        return Preference(
            "kmeans", f"None of them finds segments: k-means, because {_EASY_BORDERS}."
        )
    why = f"No algorithm finds segments that are apart: k-means, because {_EASY_BORDERS}."
    return Preference("kmeans", why)


def _recommend_without_kmeans(kmeans: Entry, rivals: Sequence[Entry]) -> Preference:
    """Where k-means has nothing to show, for the limits that its segments break."""
    if not rivals:
        return Preference("kmeans", f"None of them finds segments; of k-means: {kmeans.refused}.")
    best = min(rivals, key=lambda each: (each.cut or 0.0, _PRIORITY.index(each.algorithm)))
    reason = f"{best.title}: {_describe_count(best)}, and {_describe_cut(best)}. Of k-means: {kmeans.refused}."
    return Preference(best.algorithm, reason)


def _describe_count(result: Entry) -> str:
    return f"{number_word(result.k or 0).lower()} segments"


def _describe_stability(result: Entry) -> str:
    if result.stability is None:
        return ""
    return f" that come back on other draws ({result.stability:.2f} of 1)"


def _describe_cut(result: Entry) -> str:
    return f"{_format_cut(result)} of neighbouring customers land in different segments"


def _format_cut(result: Entry) -> str:
    return format_percent(result.cut or 0.0)


def _describe_noise(result: Entry) -> str:
    return f" ({format_percent(result.noise)} of all are left out as noise)" if result.noise else ""
