"""Every sentence about a choice of the algorithm."""

from __future__ import annotations

from typing import Literal

from ilk.formatting.numbers import format_percent
from ilk.formatting.text import spell_number
from ilk.selection.candidates import AlgorithmResult
from ilk.selection.k_choice import is_separated
from ilk.selection.phrases import count_segments, describe_cut, format_cut, name_algorithm
from ilk.selection.valley_test import STRICT_LEVEL

Objection = Literal["structure", "noise", "uneven", "stability", "cut"]
"""What speaks against the segments of an algorithm."""

_EASY_TO_EXPLAIN = "its boundaries are the easiest to explain"


def explain_kmeans(kmeans: AlgorithmResult, rival: AlgorithmResult | None = None) -> str:
    """Why k-means is recommended, even if a rival puts fewer neighbors into different segments.

    Examples
    --------
    >>> from ilk.selection.candidates import Candidate
    >>> two = Candidate("kmeans", 2, 9.0, 0.3, 0.6, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> print(explain_kmeans(AlgorithmResult("kmeans", two, "weak", cut_fraction=0.02)))
    k-means: two weak segments; 2% of neighboring customers are in different segments. No other \
algorithm does clearly better, and its boundaries are the easiest to explain.
    """
    summary = f"k-means: {_describe_result(kmeans)}"
    if rival is None:
        return f"{summary}. No other algorithm does clearly better, and {_EASY_TO_EXPLAIN}."
    return (
        f"{summary}. {rival.title} has fewer ({format_cut(rival.cut_fraction or 0.0)}), but the "
        "boundaries of k-means follow visible gaps and are the easiest to explain."
    )


def explain_rival(
    rival: AlgorithmResult, kmeans: AlgorithmResult, objection: Objection | None, *, joins: bool
) -> str:
    """Why another algorithm is recommended.

    ``objection`` is what speaks against k-means by itself; ``joins`` says that it has joined
    segments of the rival.
    """
    return f"{rival.title}: {describe_rival(rival)}. {_describe_weakness(kmeans, objection, joins)}"


def describe_rival(rival: AlgorithmResult) -> str:
    """The segments of another algorithm, and how it is known that they are apart.

    Examples
    --------
    >>> from ilk.selection.candidates import Candidate
    >>> two = Candidate("hdbscan", 2, 9.0, 0.3, 0.6, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> describe_rival(AlgorithmResult("hdbscan", two, "clear", cut_fraction=0.0))
    'two segments that are clearly apart, whatever their shape (no neighboring customers are in \
different segments)'
    """
    segments = count_segments(rival.k or 0).lower()
    if rival.candidate is not None and is_separated(rival.candidate):
        smallest = rival.candidate.smallest_share
        share = (
            ""
            if smallest is None
            else f"; the smallest has {format_percent(smallest)} of the customers"
        )
        gap = "a gap" if rival.k == 2 else "gaps"
        tested = f"tested at the {STRICT_LEVEL:.0%} level"
        return f"{segments} with {gap} between them ({tested}{share})"
    noise = (
        f"; {format_percent(rival.noise_share)} of the customers are in no segment"
        if rival.noise_share
        else ""
    )
    apart = "clearly apart" if rival.structure == "clear" else "apart"
    return (
        f"{segments} that are {apart}, whatever their shape "
        f"({describe_cut(rival.cut_fraction)}{noise})"
    )


def write_better_verdict(k: int, algorithm: str, better_k: int | None) -> str:
    """The verdict on ``k`` segments of k-means that miss groups which another algorithm finds.

    Examples
    --------
    >>> write_better_verdict(4, "mixture", 2)
    'These four segments miss groups that a Gaussian mixture finds: two with a gap between them.'
    """
    name = name_algorithm(algorithm)
    if k == 1:
        return f"These customers are no single segment: {name} finds {_spell_groups(better_k)}."
    segments = f"These {spell_number(k).lower()} segments"
    return f"{segments} miss groups that {name} finds: {_spell_groups(better_k)}."


def _spell_groups(k: int | None) -> str:
    gaps = "a gap" if k == 2 else "gaps"
    return f"{spell_number(k or 0).lower()} with {gaps} between them"


def _describe_weakness(kmeans: AlgorithmResult, objection: Objection | None, joins: bool) -> str:
    """What is wrong with the segments of k-means."""
    if objection == "structure":
        return "k-means finds no natural groups here."
    if objection is not None:
        return f"k-means does worse: {_describe_objection(kmeans, objection)}."
    if joins:
        return f"k-means joins some of them: it finds only {spell_number(kmeans.k or 0).lower()}."
    return (
        "k-means does worse: its boundaries cut through dense regions "
        f"({describe_cut(kmeans.cut_fraction)})."
    )


def explain_fallback(
    kmeans: AlgorithmResult,
    objection: Objection,
    closest: AlgorithmResult | None = None,
    against: Objection | None = None,
) -> str:
    """Why k-means is recommended although its segments are not what one would wish for.

    ``closest`` is another algorithm that has segments, and ``against`` why it is not recommended.
    """
    recommended = f"k-means is recommended because {_EASY_TO_EXPLAIN}."
    if closest is None and objection == "structure":
        return f"No algorithm finds natural groups. {recommended}"
    lead = "k-means finds no natural groups."
    if objection != "structure":
        found = count_segments(kmeans.k or 0, _qualify(kmeans)).lower()
        lead = f"k-means finds {found}, but {_describe_objection(kmeans, objection)}."
    if closest is None or against is None:
        return f"{lead} No other algorithm finds natural groups. {recommended}"
    found = f"{closest.title} finds {count_segments(closest.k or 0, _qualify(closest)).lower()}"
    return f"{lead} {found}, but {_describe_objection(closest, against)}. {recommended}"


def explain_without_kmeans(kmeans: AlgorithmResult, rival: AlgorithmResult | None) -> str:
    """What is recommended where k-means has no segments to show."""
    rejection = f"k-means was ruled out: {kmeans.rejection_reason}."
    if rival is None:
        return f"No algorithm finds usable segments. {rejection}"
    return f"{rival.title}: {_describe_result(rival)}. {rejection}"


def _describe_objection(result: AlgorithmResult, objection: Objection) -> str:
    """What speaks against segments, with its figure."""
    candidate = result.candidate
    if objection == "noise":
        return f"{format_percent(result.noise_share or 0.0)} of the customers are in no segment"
    if objection == "uneven":
        largest = format_percent((candidate and candidate.largest_share) or 1.0)
        return f"one segment holds {largest} of the customers, and no gap around it is proved"
    if objection == "stability":
        overlap = format_percent((candidate and candidate.stability) or 0.0)
        return f"they change too much in repeat tests ({overlap} overlap)"
    return describe_cut(result.cut_fraction)


def _describe_result(result: AlgorithmResult) -> str:
    stability = None if result.candidate is None else result.candidate.stability
    overlap = (
        "" if stability is None else f" with {format_percent(stability)} overlap in repeat tests"
    )
    segments = count_segments(result.k or 0, _qualify(result)).lower()
    return f"{segments}{overlap}; {describe_cut(result.cut_fraction)}"


def _qualify(result: AlgorithmResult) -> str:
    """The verdict on the segments, as an adjective where there is one."""
    return f"{result.structure} " if result.structure in ("clear", "weak") else ""
