"""Every sentence about a choice of K: verdict, reasons, warnings.

What the sentences call the margin is :attr:`~ilk.selection.candidates.Candidate.silhouette_gain`,
and a visible gap is what :mod:`ilk.selection.valley_test` finds between clusters.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from ilk.cluster.algorithms import ALGORITHMS
from ilk.errors import Notice
from ilk.formatting.numbers import format_percent
from ilk.formatting.text import join_words, label_stability, spell_number
from ilk.selection.candidates import Candidate, Selection, Structure
from ilk.selection.class_test import MIN_CERTAINTY
from ilk.selection.k_choice import (
    CLEAR_CUT,
    CLEAR_GAIN,
    CLEAR_STABILITY,
    MAX_GAP_DENSITY,
    SILHOUETTE_TOLERANCE,
    WEAK_CUT,
    WEAK_GAIN,
    WEAK_STABILITY,
    filter_leading,
    filter_near_best,
    filter_promising,
    find_failed_test,
    has_classes,
    has_shallow_gap,
    is_separated,
    passes_but_for_size,
)
from ilk.selection.phrases import (
    count_segments,
    describe_cut,
    format_cut,
    format_share_beside,
    name_algorithm,
)
from ilk.selection.settings import SelectionSettings
from ilk.selection.stability import Stability
from ilk.selection.valley_test import STRICT_LEVEL

# L. Kaufman, P. J. Rousseeuw, Finding Groups in Data, 1990.
_SILHOUETTE_LABELS = (
    (0.70, "strongly separated"),
    (0.50, "reasonably separated"),
    (0.25, "overlapping at the edges"),
    (-1.0, "with many customers near a boundary"),
)

# After D. Steinley (2004). Properties of the Hubert-Arabie adjusted Rand index. Psychological
# Methods 9, 386-396: above 0.90 excellent, below 0.65 poor.
_POOR_AGREEMENT = 0.65
_AGREEMENT_LABELS = (
    (0.995, "the same segments"),
    (0.90, "nearly the same segments"),
    (_POOR_AGREEMENT, "similar segments"),
    (-1.0, "different segments"),
)

MIN_CUSTOMERS_PER_SEGMENT = 15
"""Customers that a gap on either side takes to be proved, about (`benchmarks/power.py`)."""

_MAX_RELABELED_SHARE = 0.05
"""Share of the customers in another segment than their algorithm's that calls for a warning."""

SINGLE_CLUSTER = "it found only one cluster"
"""Why an algorithm has no segments to compare."""


def write_verdict(
    candidates: Sequence[Candidate],
    recommended_k: int,
    structure: Structure,
    n_customers: int | None = None,
) -> str:
    """What was found, in a sentence or two; ``n_customers`` were clustered.

    Examples
    --------
    >>> from dataclasses import replace
    >>> five = Candidate("kmeans", 5, 9.0, 1.0, 0.555, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> write_verdict([five], 5, "clear")
    'Five clear segments (average silhouette 0.555).'
    >>> print(write_verdict([five, replace(five, k=6, chosen=False)], 5, "none"))
    No natural groups found. These five segments divide a continuum; use them to organize work, \
not to describe types of people.
    """
    chosen = next(candidate for candidate in candidates if candidate.chosen)
    if structure == "none" and is_only_number_tried(candidates):
        return (
            f"{count_segments(chosen.k)}, the only number tried, did not pass the tests for "
            "natural groups. Use them to organize work, not to describe types of people."
        )
    if structure == "none":
        lead = _describe_missing_groups(candidates, n_customers)
        return _write_verdict_without_groups(lead, chosen.k, chosen.k == recommended_k)
    if chosen.k == recommended_k and structure != "untested":
        # Words for the silhouette beside those of the decision could contradict them.
        silhouette = _format_silhouette(chosen)
        return f"{count_segments(chosen.k, f'{structure} ')}{silhouette and f' ({silhouette})'}."
    separation = _describe_separation(chosen)
    if chosen.k == recommended_k:
        return f"{count_segments(chosen.k)}{separation and f', {separation}'}."
    request = f"{count_segments(chosen.k)}, as requested; ilk recommends {_spell(recommended_k)}."
    return f"{request} The {_spell(chosen.k)} are {separation}." if separation else request


def is_only_number_tried(candidates: Sequence[Candidate]) -> bool:
    """Whether a single K was tried that the algorithm did not find itself.

    That it fails the tests does not mean that there are no groups.
    """
    several = [candidate for candidate in candidates if candidate.k > 1]
    return len(several) == 1 and ALGORITHMS[several[0].algorithm].takes_k


_NOT_FOUND = "no natural groups found"


def _describe_missing_groups(candidates: Sequence[Candidate], n_customers: int | None) -> str:
    """That no groups were found, or why there may be some all the same."""
    chosen = next(candidate for candidate in candidates if candidate.chosen)
    if has_few_customers(chosen.k, n_customers):
        return f"{n_customers} customers are too few to prove {_spell(chosen.k)} natural groups"
    if passes_but_for_size(candidates):
        return "no natural groups found within the limits on size"
    return _NOT_FOUND


def has_few_customers(k: int, n_customers: int | None) -> bool:
    """Whether gaps between so many segments can hardly be proved.

    Examples
    --------
    >>> has_few_customers(3, 24), has_few_customers(3, 200), has_few_customers(3, None)
    (True, False, False)
    """
    return k > 1 and n_customers is not None and n_customers < MIN_CUSTOMERS_PER_SEGMENT * k


def _write_verdict_without_groups(lead: str, k: int, is_recommended: bool) -> str:
    lead = lead[0].upper() + lead[1:]
    if k == 1:
        return f"{lead}: all customers form one segment."
    segments = f"these {_spell(k)} segments" if is_recommended else f"the {_spell(k)} requested"
    purpose = "to organize work, not to describe types of people."
    if lead.lower() == _NOT_FOUND:
        segments = segments[0].upper() + segments[1:]
        return f"{lead}. {segments} divide a continuum; use them {purpose}"
    return f"{lead}. Use {segments} {purpose}"


def _describe_separation(candidate: Candidate) -> str:
    """How far apart the segments are by their silhouette."""
    if candidate.silhouette is None:
        return ""
    words = next(words for least, words in _SILHOUETTE_LABELS if candidate.silhouette >= least)
    return f"{words} ({_format_silhouette(candidate)})"


def _format_silhouette(candidate: Candidate) -> str:
    """The average silhouette with its 95% margin of error."""
    if candidate.silhouette is None:
        return ""
    error = candidate.silhouette_error or 0.0
    spread = f" ± {1.96 * error:.3f}" if error else ""
    return f"average silhouette {candidate.silhouette:.3f}{spread}"


def explain_selection(
    candidates: Sequence[Candidate],
    recommended_k: int,
    structure: Structure,
    stability: Stability | None = None,
    n_customers: int | None = None,
) -> tuple[str, ...]:
    """Why this K: what each test says, and which of them disagree.

    Examples
    --------
    >>> two = Candidate("kmeans", 2, 9.0, 0.1, 0.5, 0.0, 0.7, 30.0, 0.9, chosen=False)
    >>> three = Candidate("kmeans", 3, 4.0, 1.2, 0.6, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> for reason in explain_selection([two, three], 3, "untested"):
    ...     print(reason)
    The average silhouette is highest at K = 3 (0.600), then K = 2 (0.500).
    The inertia curve bends most at K = 3.
    The Calinski-Harabasz index also favors K = 3.
    The Davies-Bouldin index also favors K = 3.
    """
    several = [candidate for candidate in candidates if candidate.k > 1]
    reasons = (
        []
        if structure == "untested"  # which the report says beside the verdict
        else [_explain_structure(candidates, recommended_k, structure, n_customers)]
    )
    if len(several) < 2:
        reasons.append("No other number of segments was tried.")
    else:
        reasons += [
            *_explain_near_best(candidates, recommended_k, structure),
            _explain_silhouette(several),
            *_explain_elbow(several, recommended_k, structure),
            *_explain_other_indices(several, recommended_k),
        ]
    return (*reasons, *_explain_stability(stability), *_explain_rejections(several))


def _explain_structure(
    candidates: Sequence[Candidate],
    recommended_k: int,
    structure: Structure,
    n_customers: int | None,
) -> str:
    """Whether there are natural groups, and by which test."""
    best = _get(candidates, recommended_k)
    if best.k == 1:
        return "All customers form a single segment: no visible gap divides them."
    if structure == "none":
        return _explain_failed_test(candidates, best)
    if best.cut_fraction is not None:
        return _explain_cut(best, best.cut_fraction, structure)
    if best.n_separated_groups == best.k:
        return _explain_gaps(best.k, best.gap_density if has_shallow_gap(best) else None)
    if best.class_certainty is not None:
        return _explain_classes(best.k, best.class_certainty)
    segments, gain = count_segments(best.k), best.silhouette_gain or 0.0
    n_groups = best.n_separated_groups or 1
    if structure == "clear":
        return (
            f"{segments} beat random data by a clear margin ({gain:.2f}; {CLEAR_GAIN:.2f} counts "
            f"as clear), and gaps separate them into {_spell(n_groups)} groups."
        )
    if n_groups < 2:
        gaps = "no visible gaps separate them"
        if has_few_customers(best.k, n_customers):
            gaps = f"{n_customers} customers are too few to prove gaps between them"
        return f"{segments} beat random data (margin {gain:.2f}), but {gaps}."
    return (
        f"{segments} beat random data by only {_format_below(gain, CLEAR_GAIN)} "
        f"({CLEAR_GAIN:.2f} counts as clear)."
    )


def _explain_gaps(k: int, density: float | None = None) -> str:
    """That gaps separate all segments, and how that was tested; the density in a shallow gap."""
    kind = "with few customers" if density is None else "with fewer customers"
    gaps = (
        f"A gap {kind} separates the two segments"
        if k == 2
        else f"Gaps {kind} separate all {_spell(k)} segments"
    )
    level = f"{STRICT_LEVEL:.0%} level"
    tested = f"{gaps} (tested at the {level}, on customers left out when they were formed)"
    if density is None:
        return f"{tested}."
    which = "it is" if k == 2 else "one of them is"
    share = format_share_beside(density, MAX_GAP_DENSITY)
    return (
        f"{tested}, but {which} shallow: customers are {share} as dense there as beside it (at "
        f"most {format_percent(MAX_GAP_DENSITY)} counts as clear)."
    )


def _explain_classes(k: int, certainty: float) -> str:
    """That categories show all segments, and how that was tested."""
    segments = "both segments" if k == 2 else f"all {_spell(k)} segments"
    return (
        f"The categories show {segments}: they describe customers left out better than fewer "
        f"segments do (tested at the {STRICT_LEVEL:.0%} level), and in every segment the mean "
        f"probability of belonging there is at least {math.floor(100 * certainty)}% "
        f"({MIN_CERTAINTY:.0%} counts as clear)."
    )


def _get(candidates: Sequence[Candidate], k: int) -> Candidate:
    return next(candidate for candidate in candidates if candidate.k == k)


def _find_leader(candidates: Sequence[Candidate]) -> Candidate:
    """The promising candidate with the largest margin."""
    return max(filter_promising(candidates), key=lambda candidate: candidate.silhouette_gain or 0.0)


def _explain_failed_test(candidates: Sequence[Candidate], best: Candidate) -> str:
    """Why the recommended segments are no natural groups."""
    single = next((candidate for candidate in candidates if candidate.k == 1), None)
    several = sum(candidate.k > 1 for candidate in candidates) > 1
    outcome = "No number of segments passed" if several else "These segments did not pass"
    reason = {
        "margin": f"random data without groups divides {_compare_with_random(best)} (margin at "
        f"K = {best.k}: "
        f"{_format_below(best.silhouette_gain or 0.0, WEAK_GAIN)}; at least {WEAK_GAIN:.2f} is "
        "needed)",
        "gap": f"by the gap statistic {_spell(best.k)} segments are no better than one",
        "stability": f"{_spell(best.k)} segments change too much between resamples (stability "
        f"{_format_below(best.stability or 0.0, WEAK_STABILITY)}; at least {WEAK_STABILITY:.2f} is "
        "needed)",
        "cut": f"{describe_cut(best.cut_fraction, WEAK_CUT)}, and at most {format_cut(WEAK_CUT)} "
        "may be",
    }
    return f"{outcome} every test: {reason[find_failed_test(best, single) or 'margin']}."


def _compare_with_random(candidate: Candidate) -> str:
    return "about as well" if (candidate.silhouette_gain or 0.0) > -WEAK_GAIN else "even better"


def _explain_cut(candidate: Candidate, cut_fraction: float, structure: Structure) -> str:
    """How well segments of any shape are separated."""
    cut = describe_cut(cut_fraction, CLEAR_CUT)
    if structure == "clear":
        only = "only " if cut_fraction else ""
        return f"The segments are clearly apart, whatever their shape: {only}{cut}."
    if cut_fraction > CLEAR_CUT:
        return (
            f"The segments are not clearly apart: {cut} (at most {format_cut(CLEAR_CUT)} counts "
            "as clear)."
        )
    return (
        "The segments are apart, but not clearly stable (stability "
        f"{_format_below(candidate.stability or 0.0, CLEAR_STABILITY)}; {CLEAR_STABILITY:.2f} "
        "counts as clear)."
    )


def _explain_near_best(
    candidates: Sequence[Candidate], recommended_k: int, structure: Structure
) -> list[str]:
    """How the recommended K stands out from the others that beat random data."""
    if structure not in ("clear", "weak"):
        return []
    if not filter_promising(candidates):
        proof = "categories" if has_classes(_get(candidates, recommended_k)) else "gaps"
        return [f"On average over all columns no number beats random data, so the {proof} decide."]
    best = _find_leader(candidates)
    largest = f"The margin is largest at K = {best.k} ({best.silhouette_gain or 0.0:.2f})"
    if has_classes(_get(candidates, recommended_k)) and recommended_k != best.k:
        return [f"{largest}, but the categories show {_spell(recommended_k)} segments."]
    close = [candidate.k for candidate in filter_near_best(candidates)]
    leading = [candidate.k for candidate in filter_leading(candidates)]
    bend = (
        f"with practically the best silhouette, the inertia curve bends most at K = {recommended_k}"
    )
    if recommended_k < min(leading) and not is_separated(_get(candidates, recommended_k)):
        fewer = "but without visible gaps fewer segments are preferred"
        return [f"{largest}, {fewer}: of those {bend}."]
    if recommended_k not in leading:
        those = f"but gaps separate all segments at K = {recommended_k} and not there"
        return [f"{largest}, {those}."]
    if close == [best.k]:
        return [_explain_clear_lead(best, candidates)]
    tie = f"Several numbers do about equally well (K = {join_words([str(k) for k in close])})"
    if leading == close:
        return [f"{tie}; of those {bend}."]
    if len(leading) == 1:
        return [f"{tie}, so the simplest is preferred."]
    return [f"{tie}; those more than twice the smallest are left out. Of the others {bend}."]


def _explain_clear_lead(best: Candidate, candidates: Sequence[Candidate]) -> str:
    """By how much the best margin leads the next one, of those that passed every test."""
    others = [candidate for candidate in filter_promising(candidates) if candidate is not best]
    if not others:
        return f"No number of segments but K = {best.k} passed every test."
    second = _find_leader(others)
    return (
        f"No other number of segments comes close to the margin of K = {best.k}: the next best is "
        f"{second.silhouette_gain or 0.0:.2f} at K = {second.k}."
    )


def _explain_silhouette(candidates: Sequence[Candidate]) -> str:
    first, second = sorted(candidates, key=lambda candidate: -(candidate.silhouette or 0.0))[:2]
    return (
        f"The average silhouette is highest at K = {first.k} ({first.silhouette:.3f}), then "
        f"K = {second.k} ({second.silhouette:.3f})."
    )


def _explain_elbow(
    candidates: Sequence[Candidate], recommended_k: int, structure: Structure
) -> list[str]:
    sharpest = _find_best_k(candidates, lambda candidate: candidate.elbow)
    if sharpest is None:
        return []
    if structure == "none":
        split = f"{spell_number(recommended_k)} is the most practical split"
        return [f"{split}: the inertia curve bends most there."]
    best = max(candidates, key=lambda candidate: candidate.silhouette or 0.0)
    if structure == "untested" and best.k != recommended_k:
        silhouette = next(
            candidate.silhouette for candidate in candidates if candidate.k == recommended_k
        )
        close = f"K = {recommended_k} comes close ({silhouette:.3f}). Of the numbers within"
        bend = "of the highest, the inertia curve bends most there."
        return [f"{close} {SILHOUETTE_TOLERANCE:.1%} {bend}"]
    if sharpest == recommended_k:
        return [f"The inertia curve bends most at K = {sharpest}."]
    return [f"Over all numbers tried, the inertia curve bends most at K = {sharpest}."]


def _explain_other_indices(candidates: Sequence[Candidate], recommended_k: int) -> list[str]:
    """What the two further indices say, which have no vote: a sentence for each."""
    votes = {
        "Calinski-Harabasz": _find_best_k(candidates, lambda one: one.calinski_harabasz),
        "Davies-Bouldin": _find_best_k(
            candidates, lambda one: None if one.davies_bouldin is None else -one.davies_bouldin
        ),
    }
    return [
        f"The {name} index {'also favors' if k == recommended_k else 'favors'} K = {k}."
        for name, k in votes.items()
        if k is not None
    ]


def _explain_stability(stability: Stability | None) -> list[str]:
    """Whether the chosen segments are reproduced, in resamples and from other random starts."""
    if stability is None:
        return []
    resamples = f"In {stability.n_resamples} resamples"
    overlap = _describe_overlap(stability)
    stable = f"{resamples} {overlap} (Jaccard index; {_label_overlap(stability)})."
    agreement = stability.seed_agreement
    if agreement is None:
        return [stable]
    words = next(words for least, words in _AGREEMENT_LABELS if agreement >= least)
    starts = f"Other random starts gave {words} (agreement {agreement:.2f} of 1)."
    if agreement >= _POOR_AGREEMENT:
        return [stable, starts]
    # "Very stable" beside this would need the reason why both are true.
    return [f"{starts} {resamples} {overlap} (Jaccard index)."]


def _describe_overlap(stability: Stability) -> str:
    low = format_percent(stability.minimum)
    high = format_percent(float(stability.jaccard.max()))
    share = high if low == high else f"{low.removesuffix('%')}–{high}"
    return f"the mean overlap of each segment with itself was {share}"


def _label_overlap(stability: Stability) -> str:
    """How stable the segments are, and the least stable one where that differs."""
    overall, weakest = label_stability(stability.mean), label_stability(stability.minimum)
    if overall == weakest:
        return overall
    least = f"the least stable segment, at {format_percent(stability.minimum)}, is {weakest}"
    return f"{overall} on average, but {least}"


def _explain_rejections(candidates: Sequence[Candidate]) -> list[str]:
    rejected = [candidate for candidate in candidates if candidate.rejection_reason is not None]
    if not rejected:
        return []
    first = rejected[0]
    ks = join_words([str(candidate.k) for candidate in rejected])
    ruled_out = f"Ruled out by size: K = {ks} (at K = {first.k} {first.rejection_reason})"
    separated = [str(candidate.k) for candidate in rejected if is_separated(candidate)]
    gaps = f"; gaps separate all segments at K = {join_words(separated)}" if separated else ""
    return [f"{ruled_out}{gaps}."]


def explain_size_limits(
    smallest_share: float, largest_share: float, settings: SelectionSettings
) -> str | None:
    """Which size limit the segments break, if any.

    Examples
    --------
    >>> explain_size_limits(0.02, 0.98, SelectionSettings(min_share=0.05))
    'the smallest segment has 2% of the customers, less than 5%'
    """
    if smallest_share < settings.min_share:
        return (
            f"the smallest segment has {format_share_beside(smallest_share, settings.min_share)} "
            f"of the customers, less than {format_percent(settings.min_share)}"
        )
    if largest_share > settings.max_share:
        return (
            f"the largest segment has {format_share_beside(largest_share, settings.max_share)} "
            f"of the customers, more than {format_percent(settings.max_share)}"
        )
    return None


def list_warnings(selection: Selection) -> Iterator[Notice]:
    """What calls for care with the chosen segments.

    Examples
    --------
    >>> two = Candidate("ward", 2, 9.0, 0.3, 0.6, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> [notice.message for notice in list_warnings(Selection((two,), "", (), structure="none"))]
    ['two segments, the only number tried, did not pass the tests for natural groups']
    """
    chosen = selection.chosen_candidate
    if selection.better_algorithm is not None:
        yield Notice(
            "W_ALGORITHM",
            f"{ALGORITHMS[chosen.algorithm].title} misses groups that "
            f"{name_algorithm(selection.better_algorithm)} finds; use {{algorithm}}",
            options={"algorithm": selection.better_algorithm},
        )
    elif selection.structure == "none":
        yield Notice("W_NO_STRUCTURE", _warn_of_missing_groups(selection))
    relabeled = chosen.relabeled_share or 0.0
    if relabeled > _MAX_RELABELED_SHARE:
        message = (
            f"{format_percent(relabeled)} of the customers are in another segment than "
            f"{ALGORITHMS[chosen.algorithm].title} chose, because the model labels everyone by the "
            "rule for new customers"
        )
        yield Notice("W_RELABELED", message)


def _warn_of_missing_groups(selection: Selection) -> str:
    if is_only_number_tried(selection.candidates):
        return (
            f"{_spell(selection.k)} segments, the only number tried, did not pass the tests for "
            "natural groups"
        )
    lead = _describe_missing_groups(selection.candidates, selection.n_customers)
    if selection.k == 1:
        return f"{lead}: all customers form one segment"
    return f"{lead}: these segments divide a continuum" if lead == _NOT_FOUND else lead


def _spell(number: int) -> str:
    """A number within a sentence."""
    return spell_number(number).lower()


def _format_below(value: float, limit: float) -> str:
    """A figure below a limit that does not look like the limit, and never -0.00."""
    rounded = round(value, 2) + 0.0
    return f"{rounded:.2f}" if rounded < limit else f"{math.floor(1000 * value) / 1000:.3f}"


def _find_best_k(
    candidates: Sequence[Candidate], score: Callable[[Candidate], float | None]
) -> int | None:
    """The K with the highest score, of those that have one."""
    scores = {
        candidate.k: value for candidate in candidates if (value := score(candidate)) is not None
    }
    return max(scores, key=lambda k: scores[k]) if scores else None
