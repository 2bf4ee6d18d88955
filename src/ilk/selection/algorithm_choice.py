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

_ORDER = ("hdbscan", "dbscan", "mixture", "ward", "bisecting")
_EASY = "its borders are the easiest to explain"


@dataclass(frozen=True)
class Preference:
    """The name of the algorithm to use, and why, in a sentence or two."""

    algorithm: str
    reason: str


def prefer(entries: Sequence[Entry], links: Links, labels: Mapping[str, Labels]) -> Preference:
    """The algorithm to use.

    Parameters
    ----------
    entries : sequence of Entry
        One of them k-means'.
    links : Links
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
    ours = next(each for each in entries if each.algorithm == "kmeans")
    rivals = [each for each in entries if each is not ours and may_be_used(each)]
    if not ours.found:
        return _without(ours, rivals)
    if ours.structure == "none" or not may_be_used(ours):
        apart = [each for each in rivals if _is_apart(each)]
        return _in_its_place(ours, apart) if apart else _nothing(ours, rivals)
    better = [each for each in rivals if _is_apart(each) and _cuts_more(ours, each, links, labels)]
    if better and not _in_valleys(ours):
        return _in_its_place(ours, better)
    return Preference("kmeans", _kept(ours, better))


def finds_segments(entry: Entry) -> bool:
    """Whether there are segments, as far as is known.

    Density methods are not asked for structure: that test is one of roundness.

    Examples
    --------
    >>> [finds_segments(Entry(name, "", 2, structure="none")) for name in ("ward", "hdbscan")]
    [False, True]
    """
    return entry.found and (entry.structure != "none" or not ALGORITHMS[entry.algorithm].takes_k)


def may_be_used(entry: Entry) -> bool:
    """Whether these are segments that a person could work with.

    Examples
    --------
    >>> may_be_used(Entry("dbscan", "DBSCAN", 2, noise=0.3, effective=2.0, stability=0.9))
    False
    """
    return (
        finds_segments(entry)
        and (entry.noise or 0.0) <= NOISE
        and (entry.effective is None or entry.effective >= EFFECTIVE)
        and (entry.stability is None or entry.stability >= STABLE)
    )


def _is_apart(entry: Entry) -> bool:
    return entry.cut is not None and entry.cut <= APART


def _cuts_more(ours: Entry, other: Entry, links: Links, labels: Mapping[str, Labels]) -> bool:
    """Whether k-means cuts clearly more, of the links that count for both."""
    cut = links.cut(labels[ours.algorithm], labels[other.algorithm])
    theirs = other.cut or 0.0
    return cut is not None and cut - theirs > APART and cut >= TIMES * theirs


def _in_valleys(entry: Entry) -> bool:
    """Whether valleys with few customers part most of the segments."""
    return entry.groups is not None and entry.groups >= VALLEYS * (entry.k or 0)


def _first(entries: Iterable[Entry]) -> Entry:
    return min(entries, key=lambda each: _ORDER.index(each.algorithm))


def _in_its_place(ours: Entry, rivals: Sequence[Entry]) -> Preference:
    best = _first(rivals)
    reason = (
        f"{best.title}: {_segments(best)} that are apart, whatever their shape: {_cut(best)}"
        f"{_left_out(best)}. k-means is poor here: {_cut(ours)}, so its borders run through crowds "
        "and not between them."
    )
    return Preference(best.algorithm, reason)


def _kept(ours: Entry, better: Sequence[Entry]) -> str:
    told = f"k-means: {_segments(ours)}{_sure(ours)}, and {_cut(ours)}"
    if better:
        best = _first(better)
        return (
            f"{told}. {best.title} parts fewer ({_share(best)}), but the borders of k-means run "
            f"where there are valleys with few customers, and {_EASY}."
        )
    return f"{told}. No other algorithm is clearly better at that, and {_EASY}."


def _nothing(ours: Entry, rivals: Sequence[Entry]) -> Preference:
    if ours.structure == "none" and not rivals:
        return Preference("kmeans", f"None of them finds segments: k-means, because {_EASY}.")
    why = f"No algorithm finds segments that are apart: k-means, because {_EASY}."
    return Preference("kmeans", why)


def _without(ours: Entry, rivals: Sequence[Entry]) -> Preference:
    """Where k-means has nothing to show, for the limits that its segments break."""
    if not rivals:
        return Preference("kmeans", f"None of them finds segments; of k-means: {ours.refused}.")
    best = min(rivals, key=lambda each: (each.cut or 0.0, _ORDER.index(each.algorithm)))
    reason = f"{best.title}: {_segments(best)}, and {_cut(best)}. Of k-means: {ours.refused}."
    return Preference(best.algorithm, reason)


def _segments(entry: Entry) -> str:
    return f"{number_word(entry.k or 0).lower()} segments"


def _sure(entry: Entry) -> str:
    if entry.stability is None:
        return ""
    return f" that come back on other draws ({entry.stability:.2f} of 1)"


def _cut(entry: Entry) -> str:
    return f"{_share(entry)} of neighbouring customers land in different segments"


def _share(entry: Entry) -> str:
    return format_percent(entry.cut or 0.0)


def _left_out(entry: Entry) -> str:
    return f" ({format_percent(entry.noise)} of all are left out as noise)" if entry.noise else ""
