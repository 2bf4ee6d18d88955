"""Verdict: whether there are segments, how many and how sure, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ilk.cluster.algorithms import ALGORITHMS
from ilk.errors import Notice
from ilk.formatting.numbers import format_percent
from ilk.formatting.text import join_words, label_stability, spell_number
from ilk.selection.candidates import Candidate, Selection, Structure
from ilk.selection.rule import (
    CLEAR_GAIN,
    SILHOUETTE_TOLERANCE,
    WEAK_GAIN,
    filter_leading,
    filter_near_best,
    filter_promising,
)
from ilk.selection.stability import N_RESAMPLES, Stability

# Bands of the average silhouette: L. Kaufman, P. J. Rousseeuw, Finding Groups in Data, 1990.
_SILHOUETTE_BANDS = (
    (0.70, "the groups are strongly separated"),
    (0.50, "the groups are reasonably separated"),
    (0.25, "the groups overlap at their edges"),
    (-1.0, "many customers lie near a border"),
)

ARBITRARY_BORDERS = "the borders are conventions"
"""What is said of the borders where there are no segments."""


def write_verdict(candidates: Sequence[Candidate], recommended_k: int, structure: Structure) -> str:
    """The choice in one sentence.

    Examples
    --------
    >>> one = Candidate("kmeans", 5, 9.0, 1.0, 0.555, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> write_verdict([one], 5, "clear")
    'Five clear segments: the groups are reasonably separated (average silhouette 0.555).'
    >>> write_verdict([one], 5, "none")
    'No segments stand out: these five are parts of one cloud, and the borders are conventions.'
    """
    chosen = next(each for each in candidates if each.chosen)
    count = spell_number(chosen.k)
    noun = "segment" if chosen.k == 1 else "segments"
    if structure == "none":
        parts = f"these {count.lower()} are parts" if chosen.k > 1 else "this is all"
        return f"No segments stand out: {parts} of one cloud, and {ARBITRARY_BORDERS}."
    kind = {"clear": "clear ", "weak": "weak ", "untested": ""}[structure]
    # Clear is what the recommended ones are.
    said = f"{count} {kind if chosen.k == recommended_k else ''}{noun}"
    if chosen.k != recommended_k:
        said = f"{said}, as you asked; the data alone would have given {recommended_k}"
    if chosen.silhouette is None:
        return f"{said}."
    separated = next(words for least, words in _SILHOUETTE_BANDS if chosen.silhouette >= least)
    return f"{said}: {separated} (average silhouette {chosen.silhouette:.3f}{_format_silhouette_error(chosen)})."


def _format_silhouette_error(chosen: Candidate) -> str:
    """How far the silhouette of all customers may be from that of the sample, 19 times in 20."""
    spread = chosen.silhouette_error or 0.0
    return f" ± {1.96 * spread:.3f}" if spread else ""


def explain_selection(
    candidates: Sequence[Candidate],
    recommended_k: int,
    structure: Structure,
    stability: Stability | None = None,
) -> tuple[str, ...]:
    """Why this K: what each test says, and which of them disagree.

    Examples
    --------
    >>> two = Candidate("kmeans", 2, 9.0, 0.1, 0.5, 0.0, 0.7, 30.0, 0.9, chosen=False)
    >>> three = Candidate("kmeans", 3, 4.0, 1.2, 0.6, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> for reason in explain_selection([two, three], 3, "untested"):
    ...     print(reason)
    Whether there are segments at all was not tested.
    The average silhouette is highest at K = 3 (0.600; next 0.500 at K = 2).
    The inertia curve bends most at K = 3.
    Calinski-Harabasz and Davies-Bouldin agree.
    """
    several = [each for each in candidates if each.k > 1]
    told = [_explain_structure(candidates, recommended_k, structure)]
    if len(several) < 2:
        told.append("No other number of segments was tried.")
    else:
        told += [
            *_explain_near_best(candidates, recommended_k, structure),
            _explain_silhouette(several),
            *_explain_elbow(several, recommended_k, structure),
            *_explain_other_indices(several, recommended_k),
        ]
    told += _explain_stability(stability)
    told += _explain_rejections(several)
    if several and not any(each.chosen and each.k == recommended_k for each in candidates):
        told.append(f"Left to itself, the rule would have chosen K = {recommended_k}.")
    return tuple(told)


def _explain_structure(
    candidates: Sequence[Candidate], recommended_k: int, structure: Structure
) -> str:
    """Whether there are segments, and by what."""
    if structure == "untested":
        return "Whether there are segments at all was not tested."
    best = next(each for each in candidates if each.k == recommended_k)
    if best.cut_fraction is not None:
        return _explain_separation(best, structure)
    if structure == "none":
        several = [each.k for each in candidates if each.k > 1]
        who = "No number of segments does" if len(several) > 1 else "These segments do not do"
        return (
            f"{who} better than one: cutting a cloud without segments would look as good (at "
            f"K = {recommended_k} the lead over chance is {_format_gain(best)}; segments take {WEAK_GAIN:.2f})."
        )
    tighter = f"those of K = {recommended_k} are tighter than chance makes them"
    valleys = "valleys with few customers"
    groups = best.n_separated_groups or 1
    if structure == "clear":
        return (
            f"There are segments: {tighter} (a lead of {_format_gain(best)}; {CLEAR_GAIN:.2f} counts as "
            f"clear), and {valleys} part them into {spell_number(groups).lower()} groups."
        )
    told = f"There is something, but the segments run into each other: {tighter} "
    if groups < 2:
        return f"{told}(a lead of {_format_gain(best)}), but no {valleys} lie between them."
    return f"{told}(a lead of {_format_gain(best)}), but {CLEAR_GAIN:.2f} would count as clear."


def _explain_separation(candidate: Candidate, structure: Structure) -> str:
    """Whether clusters of any shape are segments."""
    if candidate.k == 1:
        return "Everyone is in a single segment: no place with few customers parts them."
    told = f"{format_percent(candidate.cut_fraction or 0.0)} of neighbouring customers are in different segments"
    if structure == "clear":
        return f"There are segments, whatever their shape: only {told}."
    if structure == "weak":
        return f"There is something, but not for sure: {told}."
    return f"These segments do not hold: {told}, or they do not come back on other draws."


def _format_gain(candidate: Candidate) -> str:
    """The lead over chance, and never -0.00."""
    return f"{round(candidate.silhouette_gain or 0.0, 2) + 0.0:.2f}"


def _explain_near_best(
    candidates: Sequence[Candidate], recommended_k: int, structure: Structure
) -> list[str]:
    """How the K was found among those that beat chance."""
    if structure not in ("clear", "weak"):
        return []
    best = max(filter_promising(candidates), key=lambda each: each.silhouette_gain or 0.0)
    largest = f"The lead over chance is largest at K = {best.k}"
    close = [each.k for each in filter_near_best(candidates)]
    kept = [each.k for each in filter_leading(candidates)]
    if recommended_k < min(kept):
        told = (
            f"{largest}, but no valley parts those segments, and of the smaller numbers with "
            f"practically the best silhouette the inertia curve bends most at K = {recommended_k}."
        )
        return [told]
    if recommended_k not in kept:
        told = (
            f"{largest}, but valleys part all {recommended_k} segments of K = {recommended_k} from "
            "each other."
        )
        return [told]
    others = [str(k) for k in close if k != best.k]
    if not others:
        return [f"No other number of segments comes near the lead over chance of K = {best.k}."]
    come = "comes" if len(others) == 1 else "come"
    bends = f"practically the best silhouette the inertia curve bends most at K = {recommended_k}"
    told = f"{largest}; K = {join_words(others)} {come} near it"
    if kept == close:
        return [f"{told}, and of those with {bends}."]
    told += ". So flat a lead says little, and those above twice the smallest are left out"
    return [f"{told}; of the others with {bends}." if len(kept) > 1 else f"{told}."]


def _explain_silhouette(candidates: Sequence[Candidate]) -> str:
    first, second = sorted(candidates, key=lambda each: -(each.silhouette or 0.0))[:2]
    return (
        f"The average silhouette is highest at K = {first.k} ({first.silhouette:.3f}; next "
        f"{second.silhouette:.3f} at K = {second.k})."
    )


def _explain_elbow(
    candidates: Sequence[Candidate], recommended_k: int, structure: Structure
) -> list[str]:
    bends = {each.k: each.elbow for each in candidates if each.elbow is not None}
    if not bends:
        return []
    sharpest = max(bends, key=lambda k: bends[k])
    if structure == "none":
        return [f"K = {recommended_k} is where the inertia curve bends most: the handiest cut."]
    best = max(candidates, key=lambda each: each.silhouette or 0.0).k
    if structure == "untested" and best != recommended_k:
        silhouette = next(each.silhouette for each in candidates if each.k == recommended_k)
        told = (
            f"K = {recommended_k} comes close ({silhouette:.3f}), and of the numbers that come "
            f"within {SILHOUETTE_TOLERANCE:.1%} of the highest the inertia curve bends most there."
        )
        return [told]
    if sharpest == recommended_k:
        return [f"The inertia curve bends most at K = {sharpest}."]
    return [f"Over all numbers tried the inertia curve bends most at K = {sharpest}."]


def _explain_other_indices(candidates: Sequence[Candidate], recommended_k: int) -> list[str]:
    """What the two further indices say, which have no vote."""
    votes = {
        "Calinski-Harabasz": _find_best_k(candidates, lambda each: each.calinski_harabasz),
        "Davies-Bouldin": _find_best_k(
            candidates, lambda each: None if each.davies_bouldin is None else -each.davies_bouldin
        ),
    }
    agree = [name for name, k in votes.items() if k == recommended_k]
    differ = [
        f"{name} would take K = {k}" for name, k in votes.items() if k not in (None, recommended_k)
    ]
    told = []
    if agree:
        told.append(f"{' and '.join(agree)} agree{'' if len(agree) > 1 else 's'}.")
    if differ:
        told.append(f"{'; '.join(differ)}.")
    return told


def _explain_stability(stability: Stability | None) -> list[str]:
    """Whether the segments chosen come back."""
    if stability is None:
        return []
    low, high = f"{stability.minimum:.2f}", f"{stability.jaccard.max():.2f}"
    same = low if low == high else f"{low} to {high}"
    told = (
        f"Found again on {N_RESAMPLES} other draws of the customers, the segments share {same} of "
        f"their members with the first ones; the least sure is {label_stability(stability.minimum)}."
    )
    if stability.seed_agreement is None:
        return [told]
    return [
        told,
        f"Other starts agree with these segments by {stability.seed_agreement:.2f} (1 is all, 0 chance).",
    ]


def _explain_rejections(candidates: Sequence[Candidate]) -> list[str]:
    refused = [each for each in candidates if each.rejection_reason is not None]
    if not refused:
        return []
    first = refused[0]
    numbers = join_words([str(each.k) for each in refused])
    return [f"Not chosen for their sizes: K = {numbers} (K = {first.k}: {first.rejection_reason})."]


def _find_best_k(
    candidates: Sequence[Candidate], score: Callable[[Candidate], float | None]
) -> int | None:
    scored = {each.k: value for each in candidates if (value := score(each)) is not None}
    return max(scored, key=lambda k: scored[k]) if scored else None


_MAX_RELABELLED_SHARE = 0.05
"""Share of the customers whom an algorithm would place otherwise, above which one is told."""


def list_warnings(selection: Selection) -> Iterator[Notice]:
    """Why the segments chosen are to be taken with care.

    Examples
    --------
    >>> from ilk.selection.candidates import Candidate
    >>> two = Candidate("ward", 2, 9.0, 0.3, 0.6, 0.0, 0.7, 40.0, 0.5, relabelled_share=0.08, chosen=True)
    >>> for notice in list_warnings(Selection((two,), "No segments.", (), structure="none")):
    ...     print(notice.code, notice.message[:45])
    W_NO_STRUCTURE no segments stand out: the borders are conven
    W_RELABELLED Ward's method itself put 8 % of these custome
    """
    if selection.structure == "none":
        yield Notice("W_NO_STRUCTURE", f"no segments stand out: {ARBITRARY_BORDERS}")
    changed = selection.chosen_candidate.relabelled_share or 0.0
    if changed > _MAX_RELABELLED_SHARE:
        title = ALGORITHMS[selection.chosen_candidate.algorithm].title
        message = (
            f"{title} itself put {format_percent(changed)} of these customers into another segment "
            "than the model, which places them as it places new ones"
        )
        yield Notice("W_RELABELLED", message)
