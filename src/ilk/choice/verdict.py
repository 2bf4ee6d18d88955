"""Verdict: the choice of K in sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ilk.choice.choice import Candidate
from ilk.words import number_word

CLOSE = 0.025
"""Average silhouettes that fall short of the best by no more than this share are taken for equal.
It is about the standard error of the average silhouette of two hundred customers (0.014 of 0.55 on
the mall customers): a smaller lead would not outlast another draw of the same customers."""

# Bands of the average silhouette: L. Kaufman, P. J. Rousseeuw, Finding Groups in Data, 1990.
_BANDS = (
    (0.70, "the groups are strongly separated"),
    (0.50, "the groups are reasonably separated"),
    (0.25, "the groups overlap a good deal, and many customers lie near a border"),
    (-1.0, "hardly any separation was found: the borders are conventions"),
)


def verdict(candidates: Sequence[Candidate], recommended: int) -> str:
    """The choice in one sentence.

    Examples
    --------
    >>> one = Candidate("kmeans", 5, 9.0, 1.0, 0.555, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> verdict([one], 5)
    'Five segments: the groups are reasonably separated (average silhouette 0.555).'
    """
    chosen = next(each for each in candidates if each.chosen)
    count = number_word(chosen.k)
    if chosen.k != recommended:
        count = f"{count} segments, as you asked; the data alone would have given {recommended}"
    else:
        count = f"{count} segments"
    return f"{count}: {_band(chosen)} (average silhouette {chosen.silhouette:.3f})."


def reasons(candidates: Sequence[Candidate], recommended: int) -> tuple[str, ...]:
    """Why this K: what each index says, and which of them disagree.

    Examples
    --------
    >>> two = Candidate("kmeans", 2, 9.0, 0.1, 0.5, 0.0, 0.7, 30.0, 0.9, chosen=False)
    >>> three = Candidate("kmeans", 3, 4.0, 1.2, 0.6, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> for reason in reasons([two, three], 3):
    ...     print(reason)
    The average silhouette is highest at K = 3 (0.600; next 0.500 at K = 2).
    The inertia curve bends most at K = 3.
    Calinski-Harabasz and Davies-Bouldin agree.
    """
    if len(candidates) == 1:
        return ("No other number of segments could be tried on so few different customers.",)
    told = [
        _silhouette(candidates),
        *_bend(candidates, recommended),
        *_others(candidates, recommended),
    ]
    if not any(each.chosen and each.k == recommended for each in candidates):
        told.append(f"Without --k the rule would have chosen K = {recommended}.")
    return tuple(told)


def _band(candidate: Candidate) -> str:
    silhouette = candidate.silhouette or 0.0
    return next(words for least, words in _BANDS if silhouette >= least)


def _silhouette(candidates: Sequence[Candidate]) -> str:
    first, second = sorted(candidates, key=lambda each: -(each.silhouette or 0.0))[:2]
    return (
        f"The average silhouette is highest at K = {first.k} ({first.silhouette:.3f}; next "
        f"{second.silhouette:.3f} at K = {second.k})."
    )


def _bend(candidates: Sequence[Candidate], recommended: int) -> list[str]:
    bends = {each.k: each.elbow for each in candidates if each.elbow is not None}
    if not bends:
        return []
    sharpest = max(bends, key=lambda k: bends[k])
    best = max(candidates, key=lambda each: each.silhouette or 0.0).k
    if recommended == best == sharpest:
        return [f"The inertia curve bends most at K = {sharpest}."]
    if recommended == best:
        return [f"The inertia curve bends most at K = {sharpest}, where the silhouette is lower."]
    silhouette = next(each.silhouette for each in candidates if each.k == recommended)
    told = (
        f"K = {recommended} comes close ({silhouette:.3f}), and of the numbers that come within "
        f"{CLOSE:.1%} of the highest the inertia curve bends most there."
    )
    return [told]


def _others(candidates: Sequence[Candidate], recommended: int) -> list[str]:
    """What the two further indices say, which have no vote."""
    votes = {
        "Calinski-Harabasz": _best(candidates, lambda each: each.calinski_harabasz),
        "Davies-Bouldin": _best(
            candidates, lambda each: None if each.davies_bouldin is None else -each.davies_bouldin
        ),
    }
    agree = [name for name, k in votes.items() if k == recommended]
    differ = [
        f"{name} would take K = {k}" for name, k in votes.items() if k not in (None, recommended)
    ]
    told = []
    if agree:
        told.append(f"{' and '.join(agree)} agree{'' if len(agree) > 1 else 's'}.")
    if differ:
        told.append(f"{'; '.join(differ)}.")
    return told


def _best(
    candidates: Sequence[Candidate], score: Callable[[Candidate], float | None]
) -> int | None:
    scored = {each.k: value for each in candidates if (value := score(each)) is not None}
    return max(scored, key=lambda k: scored[k]) if scored else None
