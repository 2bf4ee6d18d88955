"""Rule: which K, and whether there are segments at all.

A K is *promising* if its clusters are tighter than chance: the gap statistic is above that of one
cluster by more than its error, the average squared silhouette is above that of tables without
segments, and the clusters come back on another draw. Of the promising K whose lead over chance
comes near the best, up to twice the smallest of them, those with practically the best average
silhouette are kept, and of these the one is recommended at which the inertia curve bends most. A
larger K takes its place if valleys part every one of its clusters from all others and its lead is
at least half the best; a smaller one, if no valley at all parts those of the first, and silhouette
and bend prefer it. K = 1 takes part: where no K is promising there are no segments, and the
strongest bend is only the handiest cut.

Why so: the lead over chance, unlike the silhouette itself, does not grow by itself with K or with
the number of categories, but it is too flat around its peak, and too noisy on few customers, to
decide between neighbours. The silhouette and the bend decide between neighbours, but the one grows
with K among many categories, and the other takes every shoulder of the curve for an elbow. All are
content with two near groups in one cluster where others lie far away, which a valley tells. None
depends on which other K are tried, once the peak is among them.
"""

from __future__ import annotations

from collections.abc import Sequence

from ilk.errors import GateError
from ilk.selection.candidates import Candidate, Structure

GAIN_TOLERANCE = 0.20
"""Share of the best lead over chance by which another K may fall short and still come near."""

MIN_SEPARATED_GAIN = 0.5
"""Share of the best lead that a K has to have whose clusters are all parted by valleys."""

MAX_K_RATIO = 2
"""How many times the smallest K that comes near the best another may be: a flat lead says little,
and would let the largest K tried decide."""

SILHOUETTE_TOLERANCE = 0.025
"""The same as ``GAIN_TOLERANCE`` for average silhouettes. It is about the standard error of the average
silhouette of two hundred customers (0.014 of 0.55 on the mall customers): a smaller difference
would not outlast another draw of the same customers."""

WEAK_GAIN = 0.05
"""Least lead over chance: k-means on a bell-shaped or an even cloud gives up to that much."""

CLEAR_GAIN = 0.10
"""Least lead over chance of clear segments."""

WEAK_STABILITY = 0.60
"""Least mean Jaccard coefficient: below it clusters dissolve."""

CLEAR_STABILITY = 0.75
"""The same of clear segments of any shape."""

CLEAR_CUT, WEAK_CUT = 0.005, 0.02
"""Most next neighbours that a clear, and a weak, clustering of any shape has in different clusters.
It takes the place of the lead over chance, which only round clusters have. Of the known answers
DBSCAN and HDBSCAN cut none where clusters are rings and bands (chainlink, lsun), and k-means 1.8 to
3.4%; on two thousand customers it would be half as many."""

N_GAP_ERRORS = 2.0
"""How many standard errors the gap has to be above that of one cluster."""


def recommend_k(candidates: Sequence[Candidate]) -> Candidate:
    """The candidate that the rule picks, of those with more than one cluster.

    Raises
    ------
    GateError
        ``E_NO_CANDIDATE`` if every one is refused.

    Examples
    --------
    >>> def candidate(k, elbow, silhouette):
    ...     return Candidate("kmeans", k, 1.0, elbow, silhouette, 0.0, 0.0, 0.0, 0.0, chosen=False)
    >>> recommend_k([candidate(4, 0.1, 0.55), candidate(5, 0.9, 0.54), candidate(6, 2.0, 0.4)]).k
    5
    """
    allowed = _filter_allowed(candidates)
    if any(each.silhouette_gain is None for each in allowed):
        return _select_by_silhouette_and_elbow(allowed)
    if not filter_promising(candidates):
        return _find_sharpest_elbow(allowed)
    best = max(
        [
            _select_by_silhouette_and_elbow(filter_leading(candidates)),
            *filter_separated(candidates),
        ],
        key=lambda each: each.k,
    )
    return (
        best
        if (best.n_separated_groups or 1) > 1
        else _select_by_silhouette_and_elbow(filter_smaller(candidates, best.k))
    )


def filter_smaller(candidates: Sequence[Candidate], k_max: int) -> list[Candidate]:
    """The candidates with up to ``k_max`` clusters that come back on another draw.

    Where no valley is proved, a lead over chance does not justify more segments: heaps that
    categories of unequal shares make lead by more the finer they are cut.
    """
    return [each for each in _filter_allowed(candidates) if each.k <= k_max and _is_stable(each)]


def filter_leading(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those that come near the best lead over chance, up to twice the smallest of them."""
    close = filter_near_best(candidates)
    reach = MAX_K_RATIO * min((each.k for each in close), default=0)
    return [each for each in close if each.k <= reach]


def filter_near_best(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The promising candidates whose lead over chance comes near the best."""
    hopeful = filter_promising(candidates)
    best = max((each.silhouette_gain or 0.0 for each in hopeful), default=0.0)
    # The best lead of clusters of any shape may be below zero.
    return [
        each
        for each in hopeful
        if (each.silhouette_gain or 0.0) >= best - GAIN_TOLERANCE * abs(best)
    ]


def filter_separated(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The promising candidates with a valley around every cluster, and enough of a lead."""
    hopeful = filter_promising(candidates)
    best = max((each.silhouette_gain or 0.0 for each in hopeful), default=0.0)
    return [
        each
        for each in hopeful
        if each.n_separated_groups == each.k
        and (each.silhouette_gain or 0.0) >= MIN_SEPARATED_GAIN * best
    ]


def filter_promising(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates that do better than one cluster, and better than chance."""
    one = next((each for each in candidates if each.k == 1), None)
    return [each for each in _filter_allowed(candidates) if _is_promising(each, one)]


def classify_structure(candidates: Sequence[Candidate]) -> Structure:
    """Whether there are segments: *clear*, *weak* or *none*.

    Clear takes three tests that agree, at the K recommended: a lead over chance of 0.10, the gap
    statistic, and a valley that parts at least two groups of clusters.

    Examples
    --------
    >>> def candidate(k, excess, groups):
    ...     return Candidate("kmeans", k, 1.0, 0.1, 0.6, 0.0, 0.7, 40.0, 0.5, gap=0.1 * k,
    ...         gap_error=0.01, silhouette_gain=excess, n_separated_groups=groups, stability=0.9, chosen=False)
    >>> one = candidate(1, 0.0, 1)
    >>> classify_structure([one, candidate(2, 0.2, 2)]), classify_structure([one, candidate(2, 0.2, 1)])
    ('clear', 'weak')
    >>> classify_structure([one, candidate(2, 0.01, 1)])
    'none'
    """
    if any(each.silhouette_gain is None for each in _filter_allowed(candidates)):
        return "untested"
    if not filter_promising(candidates):
        return "none"
    best = recommend_k(candidates)
    if best.cut_fraction is not None:
        sure = best.stability is None or best.stability >= CLEAR_STABILITY
        return "clear" if best.cut_fraction <= CLEAR_CUT and sure else "weak"
    lead, groups = best.silhouette_gain or 0.0, best.n_separated_groups or 1
    return "clear" if lead >= CLEAR_GAIN and groups >= 2 else "weak"


def is_best_at_end(candidates: Sequence[Candidate], k_max: int) -> bool:
    """Whether a larger range could bring a better K: the lead over chance peaks at its end."""
    if any(each.silhouette_gain is None for each in candidates):
        return False
    hopeful = filter_promising(candidates)
    if not hopeful:
        return False
    best = max(hopeful, key=lambda each: each.silhouette_gain or 0.0)
    # Heaps of categories lead by more the more there are; groups have valleys between them.
    return best.k >= k_max - 1 and (best.n_separated_groups or 1) >= best.k / 2


def _filter_allowed(candidates: Sequence[Candidate]) -> list[Candidate]:
    several = [each for each in candidates if each.k > 1]
    allowed = [each for each in several if each.rejection_reason is None]
    if several and not allowed:
        raise GateError(
            "E_NO_CANDIDATE",
            f"every number of segments tried breaks a limit; with {several[0].k} of them "
            f"{several[0].rejection_reason}",
            place="--min-share, --max-share",
            way_out="Widen the limits, or leave them out.",
        )
    return allowed or list(candidates)


def _is_promising(candidate: Candidate, single: Candidate | None) -> bool:
    if candidate.k < 2:
        return False
    if candidate.cut_fraction is not None:
        return candidate.cut_fraction <= WEAK_CUT and _is_stable(candidate)
    if candidate.silhouette_gain is None or candidate.silhouette_gain < WEAK_GAIN:
        return False
    if single is not None and single.gap is not None and candidate.gap is not None:
        error = candidate.gap_error or 0.0
        if candidate.gap - single.gap <= N_GAP_ERRORS * error:
            return False
    return _is_stable(candidate)


def _is_stable(candidate: Candidate) -> bool:
    return candidate.stability is None or candidate.stability >= WEAK_STABILITY


def _select_by_silhouette_and_elbow(candidates: Sequence[Candidate]) -> Candidate:
    """Of those with practically the best silhouette, the one where the inertia bends most."""
    best = max(each.silhouette or 0.0 for each in candidates)
    near = [
        each
        for each in candidates
        if (each.silhouette or 0.0) >= best - SILHOUETTE_TOLERANCE * abs(best)
    ]
    if any(each.elbow is None for each in near):
        return max(near, key=lambda each: (each.silhouette or 0.0, -each.k))
    return _find_sharpest_elbow(near)


def _find_sharpest_elbow(candidates: Sequence[Candidate]) -> Candidate:
    """The candidate at which the inertia curve bends most; the smaller of two that tie."""
    return max(
        candidates, key=lambda each: (each.elbow if each.elbow is not None else -1.0, -each.k)
    )
