"""The rule: which K, and whether there are segments at all.

A K is *promising* if its clusters are better than those of random data without groups: the gap
statistic exceeds that of one cluster by more than its error, the average squared silhouette exceeds
that of tables without segments (the margin, ``silhouette_gain``), and the clusters are reproduced
in resamples. Of the promising K whose margin comes close to the best, and which are at most twice
the smallest of them, those with practically the best average silhouette are kept; of these, the
one where the inertia curve bends most is recommended. A larger K takes its place if valleys
separate every one of its clusters from all others and its margin is at least half the best. A
smaller one does if no valley at all separates the clusters of the first, and silhouette and bend
prefer it. Of an algorithm whose clusters may be long or of unequal spread, the largest K of which
valleys separate every cluster is recommended, because the margin rewards round clusters of
equal spread. Where most columns are categories, which have no valleys, a K whose clusters the
categories show (:mod:`ilk.selection.class_test`) takes the place of any other that valleys do not
separate. K = 1 takes part: where no K is promising there are no segments, and the sharpest bend is
only the most practical split.

Why so: unlike the silhouette itself, the margin does not grow by itself with K or with the number
of categories. But it is too flat around its peak, and too noisy on few customers, to decide between
neighboring K. The silhouette and the bend can, but the one grows with K among many categories, and
the other takes every shoulder of the curve for an elbow. All of them accept two close groups as one
cluster where others lie far away; the valley test does not. No test depends on which other
K are tried, once the peak is among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from ilk.errors import GateError
from ilk.selection.candidates import Candidate, Structure

GAIN_TOLERANCE = 0.20
"""Share of the best margin by which another K may fall short and still come close."""

MIN_SEPARATED_GAIN = 0.5
"""Share of the best margin that a K needs whose clusters are all separated by valleys."""

MAX_K_RATIO = 2
"""How many times the smallest K that comes close to the best another may be. Where the margin is
flat, the largest K tried would decide otherwise."""

SILHOUETTE_TOLERANCE = 0.025
"""The same as ``GAIN_TOLERANCE`` for average silhouettes. It is about the standard error of the
average silhouette of two hundred customers (0.014 of 0.55 on the mall customers): a smaller
difference would not survive another sample of the same customers."""

WEAK_GAIN = 0.05
"""Smallest margin of weak segments: k-means on normal or uniform data reaches up to that much."""

CLEAR_GAIN = 0.10
"""Smallest margin of clear segments."""

WEAK_STABILITY = 0.60
"""Smallest mean Jaccard coefficient: below it clusters are not reproduced."""

CLEAR_STABILITY = 0.75
"""The same for clear segments of any shape."""

CLEAR_CUT, WEAK_CUT = 0.005, 0.02
"""Largest share of nearest neighbors that a clear, and a weak, clustering of any shape has in
different clusters. It takes the place of the margin, which only round clusters have. On the known
answers DBSCAN and HDBSCAN cut none where clusters are rings and bands (chainlink, lsun), and
k-means 1.8 to 3.4%; on two thousand customers it would be half as many."""

MAX_GAP_DENSITY = 2 / 3
"""Largest density of the customers in a gap, in units of that on its sparser side, with which the
segments there are clear groups. Half-way between two equal normal groups the density is this large
where they are 2.95 standard deviations apart. Among ten thousand customers a gap with nine tenths
is significant, and nobody would see it."""

_ELLIPTICAL = frozenset({"mixture"})
"""Algorithms whose clusters may be long, or of unequal spread."""

N_GAP_ERRORS = 2.0
"""By how many standard errors the gap has to exceed that of one cluster."""

FailedTest = Literal["margin", "gap", "stability", "cut"]
"""Why a K is no better than random data; ``cut`` is for clusters of any shape."""


def recommend_k(candidates: Sequence[Candidate]) -> Candidate:
    """The candidate that the rule picks, of those with more than one cluster.

    Raises
    ------
    GateError
        ``E_NO_CANDIDATE`` if every one is rejected.

    Examples
    --------
    >>> def candidate(k, elbow, silhouette):
    ...     return Candidate("kmeans", k, 1.0, elbow, silhouette, 0.0, 0.0, 0.0, 0.0, chosen=False)
    >>> recommend_k([candidate(4, 0.1, 0.55), candidate(5, 0.9, 0.54), candidate(6, 2.0, 0.4)]).k
    5
    """
    allowed = _filter_allowed(candidates)
    if any(candidate.silhouette_gain is None for candidate in allowed):
        return select_by_silhouette_and_elbow(allowed)
    separated = filter_separated(candidates)
    leading = (
        [] if separated and not is_judged_by_margin(allowed[0]) else filter_leading(candidates)
    )
    if not separated and not leading:
        return _find_sharpest_elbow(allowed)
    if any(has_classes(candidate) for candidate in separated):
        # The margin of categories grows with K; the test of classes says how many there are.
        leading = []
    chosen = [select_by_silhouette_and_elbow(leading)] if leading else []
    best = max([*chosen, *separated], key=lambda candidate: candidate.k)
    return (
        best
        if (best.n_separated_groups or 1) > 1 or has_classes(best)
        else select_by_silhouette_and_elbow(filter_smaller(candidates, best.k))
    )


def filter_smaller(candidates: Sequence[Candidate], k_max: int) -> list[Candidate]:
    """The promising candidates with up to ``k_max`` clusters.

    Where no valley is proved, the margin does not justify more segments: with categories of
    unequal shares it grows the more clusters there are.
    """
    return [candidate for candidate in filter_promising(candidates) if candidate.k <= k_max]


def filter_leading(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those that come close to the best margin, up to twice the smallest of them."""
    close = filter_near_best(candidates)
    k_max = MAX_K_RATIO * min((candidate.k for candidate in close), default=0)
    return [candidate for candidate in close if candidate.k <= k_max]


def filter_near_best(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The promising candidates whose margin comes close to the best."""
    promising = filter_promising(candidates)
    best = _find_best_gain(promising)
    return [
        candidate for candidate in promising if is_near_best(candidate.silhouette_gain or 0.0, best)
    ]


def is_near_best(gain: float, best: float) -> bool:
    """Whether a margin comes close to the best, which may be below zero."""
    return gain >= best - GAIN_TOLERANCE * abs(best)


def _find_best_gain(candidates: Sequence[Candidate]) -> float:
    return max((candidate.silhouette_gain or 0.0 for candidate in candidates), default=0.0)


def filter_separated(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates with valleys around every cluster, and enough of a margin.

    Where no K is promising, the valleys alone are proof: they are tested, and a small group, or one
    that few of the columns tell, hardly moves an average over all customers and columns. So they
    are for clusters that may be long or of unequal spread.
    """
    least = MIN_SEPARATED_GAIN * _find_best_gain(filter_promising(candidates))
    return [
        candidate
        for candidate in _filter_allowed(candidates)
        if is_separated(candidate)
        and _is_stable(candidate)
        and (
            least == 0.0
            or not is_judged_by_margin(candidate)
            or (candidate.silhouette_gain or 0.0) >= least
            or has_classes(candidate)
        )
    ]


def is_judged_by_margin(candidate: Candidate) -> bool:
    """Whether the margin tells good clusters: it rewards round ones of equal spread alone."""
    return candidate.algorithm not in _ELLIPTICAL


def is_separated(candidate: Candidate) -> bool:
    """Whether a valley surrounds each of several clusters, or categories show each of them."""
    return candidate.k > 1 and (
        candidate.n_separated_groups == candidate.k or has_classes(candidate)
    )


def has_classes(candidate: Candidate) -> bool:
    """Whether the categories alone show these clusters: :mod:`ilk.selection.class_test`."""
    return candidate.class_certainty is not None


def filter_promising(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates that do better than one cluster, and better than random data."""
    single = next((candidate for candidate in candidates if candidate.k == 1), None)
    return [
        candidate
        for candidate in _filter_allowed(candidates)
        if candidate.k > 1 and find_failed_test(candidate, single) is None
    ]


def passes_but_for_size(candidates: Sequence[Candidate]) -> bool:
    """Whether a number of clusters that is ruled out by their size is better than random data."""
    rejected = {candidate.k for candidate in candidates if candidate.rejection_reason is not None}
    free = [replace(candidate, rejection_reason=None) for candidate in candidates]
    passed = [*filter_promising(free), *filter_separated(free)]
    return any(candidate.k in rejected for candidate in passed)


def classify_structure(candidates: Sequence[Candidate]) -> Structure:
    """Whether there are segments: *clear*, *weak* or *none*.

    *Clear* takes valleys around every cluster of the recommended K, none of them shallow; or three
    tests that agree there: a margin of at least 0.10, the gap statistic, and a valley between at
    least two groups of clusters.

    Examples
    --------
    >>> def candidate(k, gain, groups):
    ...     return Candidate("kmeans", k, 1.0, 0.1, 0.6, 0.0, 0.7, 40.0, 0.5, gap=0.1 * k,
    ...         gap_error=0.01, silhouette_gain=gain, n_separated_groups=groups, chosen=False)
    >>> single = candidate(1, 0.0, 1)
    >>> [classify_structure([single, candidate(2, gain, groups)])
    ...     for gain, groups in ((0.2, 2), (0.2, 1), (0.01, 1))]
    ['clear', 'weak', 'none']
    """
    if any(candidate.silhouette_gain is None for candidate in _filter_allowed(candidates)):
        return "untested"
    if not filter_promising(candidates) and not filter_separated(candidates):
        return "none"
    best = recommend_k(candidates)
    if best.cut_fraction is not None:
        is_stable = best.stability is None or best.stability >= CLEAR_STABILITY
        return "clear" if best.cut_fraction <= CLEAR_CUT and is_stable else "weak"
    gain, groups = best.silhouette_gain or 0.0, best.n_separated_groups or 1
    has_gaps = is_separated(best) and not has_shallow_gap(best)
    return "clear" if has_gaps or (gain >= CLEAR_GAIN and groups >= 2) else "weak"


def has_shallow_gap(candidate: Candidate) -> bool:
    """Whether a gap, although proved, is too shallow for its sides to be clear groups."""
    return (candidate.gap_density or 0.0) > MAX_GAP_DENSITY and not has_classes(candidate)


def is_best_at_end(candidates: Sequence[Candidate], k_max: int) -> bool:
    """Whether a larger range could bring a better K: the margin peaks at its end."""
    if any(candidate.silhouette_gain is None for candidate in candidates):
        return False
    promising = filter_promising(candidates)
    if not promising:
        return False
    best = max(promising, key=lambda candidate: candidate.silhouette_gain or 0.0)
    # The margin of mere categories grows with K; real groups have valleys between them.
    return best.k >= k_max - 1 and (best.n_separated_groups or 1) >= best.k / 2


def _filter_allowed(candidates: Sequence[Candidate]) -> list[Candidate]:
    several = [candidate for candidate in candidates if candidate.k > 1]
    allowed = [candidate for candidate in several if candidate.rejection_reason is None]
    if several and not allowed:
        raise build_size_limit_error(
            f"every number of segments tried breaks a limit; with {several[0].k} of them "
            f"{several[0].rejection_reason}",
            way_out="Widen the limits, or leave them out.",
        )
    return allowed or list(candidates)


def find_failed_test(candidate: Candidate, single: Candidate | None) -> FailedTest | None:
    """The first test in which several clusters do no better than random data, or than one cluster.

    Parameters
    ----------
    candidate : Candidate
        With more than one cluster.
    single : Candidate or None
        The one with a single cluster.
    """
    if candidate.cut_fraction is not None:
        if candidate.cut_fraction > WEAK_CUT:
            return "cut"
        return None if _is_stable(candidate) else "stability"
    if candidate.silhouette_gain is None or candidate.silhouette_gain < WEAK_GAIN:
        return "margin"
    if single is not None and single.gap is not None and candidate.gap is not None:
        error = candidate.gap_error or 0.0
        if candidate.gap - single.gap <= N_GAP_ERRORS * error:
            return "gap"
    return None if _is_stable(candidate) else "stability"


def _is_stable(candidate: Candidate) -> bool:
    return candidate.stability is None or candidate.stability >= WEAK_STABILITY


def select_by_silhouette_and_elbow(candidates: Sequence[Candidate]) -> Candidate:
    """Of those with practically the best silhouette, the one where the inertia curve bends most."""
    best = max(candidate.silhouette or 0.0 for candidate in candidates)
    near = [
        candidate
        for candidate in candidates
        if (candidate.silhouette or 0.0) >= best - SILHOUETTE_TOLERANCE * abs(best)
    ]
    if any(candidate.elbow is None for candidate in near):
        return max(near, key=lambda candidate: (candidate.silhouette or 0.0, -candidate.k))
    return _find_sharpest_elbow(near)


def _find_sharpest_elbow(candidates: Sequence[Candidate]) -> Candidate:
    """The candidate at which the inertia curve bends most; the smaller of two that tie."""
    return max(
        candidates,
        key=lambda candidate: (
            candidate.elbow if candidate.elbow is not None else -1.0,
            -candidate.k,
        ),
    )


def build_size_limit_error(message: str, way_out: str) -> GateError:
    """Build the error for segments that are smaller or larger than allowed."""
    return GateError(
        "E_NO_CANDIDATE",
        message,
        place="{min_share}, {max_share}",
        way_out=way_out,
        options=("min_share", "max_share"),
    )
