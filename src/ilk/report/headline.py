"""The first sentences of a report: what was read and what was found."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from ilk.cluster.algorithms import ALGORITHMS
from ilk.formatting.numbers import format_count, format_percent
from ilk.formatting.text import join_words, spell_number
from ilk.recipe import AUTO_ALGORITHM, Recipe
from ilk.report.facts import RowCounts, RunMetadata
from ilk.schema import Schema
from ilk.segments.segment import Segment
from ilk.segments.wording import capitalize
from ilk.selection.candidates import Candidate, Selection, Structure
from ilk.selection.k_choice import (
    CLEAR_GAIN,
    WEAK_GAIN,
    FailedTest,
    find_failed_test,
    has_classes,
    has_shallow_gap,
)
from ilk.selection.phrases import name_algorithm

_MAX_NAMED_COLUMNS = 6  # so many columns are named in a sentence; more are only counted


def write_headline(segments: Sequence[Segment]) -> str:
    """How many customers in how many segments."""
    customers = format_count(sum(segment.figures.customers for segment in segments), "customer")
    k = spell_number(len(segments)).lower()
    return f"{customers} in {k} segment{'' if len(segments) == 1 else 's'}."


def describe_input(metadata: RunMetadata, schema: Schema, recipe: Recipe) -> str:
    """What was read, what it was segmented by, and how, where that is not plain k-means."""
    sentences = [_describe_rows(metadata.rows, metadata.source), _describe_features(schema)]
    plain = recipe.algorithm in ("kmeans", AUTO_ALGORITHM)
    method = "" if plain else f" with {ALGORITHMS[recipe.algorithm].title}"
    shares = metadata.variance_shares
    if method or shares:
        basis = f" on {describe_components(shares)}" if shares else ""
        sentences.append(f"Clustered{method}{basis}.")
    return " ".join(sentences)


def describe_components(variance_shares: Sequence[float]) -> str:
    """How many principal components, and how much of the variance they hold.

    Examples
    --------
    >>> describe_components((0.5, 0.3, 0.11))
    '3 principal components (91% of the variance)'
    """
    components = format_count(len(variance_shares), "principal component")
    explained = format_percent(min(1.0, math.fsum(variance_shares)))
    return f"{components} ({explained} of the variance)"


def _describe_rows(rows: RowCounts, source: str) -> str:
    exceptions = {
        "skipped as unreadable": rows.rejected,
        "left out": rows.excluded,
        "without a segment (segment 0)": rows.unassigned,
    }
    listed = "".join(f", {count:,} {reason}" for reason, count in exceptions.items() if count)
    return f"{format_count(rows.read, 'row')} read from {source}{listed}."


def _describe_features(schema: Schema) -> str:
    names = [column.name for column in schema.features]
    named = f": {join_words(names)}" if 0 < len(names) <= _MAX_NAMED_COLUMNS else ""
    return f"Segmented by {format_count(len(names), 'column')}{named}."


STRUCTURE_BADGES: Mapping[Structure, str] = {
    "clear": "Clear groups",
    "weak": "Weak groups",
    "none": "",
    "untested": "Not tested",
}
"""Whether there are groups, in a few words; none where the verdict begins with the same words."""

# Of algorithms that find groups of any shape, which are not compared with random data.
_SEPARATION_MEANINGS: Mapping[Structure, str] = {
    "clear": "Real groups: hardly any neighboring customers are in different segments.",
    "weak": "Mostly separate groups: few neighboring customers are in different segments.",
    "none": "Too many neighboring customers are in different segments, or the segments change "
    "in repeat tests.",
}

_FAILURES: Mapping[FailedTest, str] = {
    "margin": "Random data without groups would give segments just as tight.",
    "gap": "By the gap statistic these segments are no better than a single one.",
    "stability": "The segments change too much in repeat tests.",
    "cut": "Too many neighboring customers are in different segments.",
}


def get_badge(selection: Selection) -> str:
    """Whether there are groups, and whether these segments are the groups, in a few words."""
    if selection.better_algorithm is not None:
        return "Groups missed"
    return STRUCTURE_BADGES[selection.structure]


def explain_structure(selection: Selection) -> str:
    """What the tests say about these segments, in a sentence that their own figures bear out.

    Examples
    --------
    >>> from ilk.selection.candidates import Candidate
    >>> two = Candidate("kmeans", 2, 9.0, 0.3, 0.55, 0.0, 0.7, 40.0, 0.5, silhouette_gain=0.2,
    ...     n_separated_groups=2, chosen=True)
    >>> explain_structure(Selection((two,), "Two segments.", (), structure="clear"))
    'Real groups: tighter than random data, with a visible gap between them.'
    """
    structure, chosen = selection.structure, selection.chosen_candidate
    if selection.better_algorithm is not None:
        name = capitalize(name_algorithm(selection.better_algorithm))
        return f"{name} divides these customers along gaps that k-means does not follow."
    if structure == "untested":
        return "Whether there are natural groups was not tested; any data can be cut into segments."
    if selection.k == 1:
        return "No boundary was found that divides these customers."
    if chosen.cut_fraction is not None:
        return _SEPARATION_MEANINGS[structure]
    if structure == "none":
        single = next((one for one in selection.candidates if one.k == 1), None)
        return _FAILURES[find_failed_test(chosen, single) or "margin"]
    if has_classes(chosen) and (chosen.n_separated_groups or 1) < chosen.k:
        return "Real groups: the categories tell them apart, and few customers are in between."
    return _explain_groups(chosen, is_clear=structure == "clear")


def _explain_groups(chosen: Candidate, *, is_clear: bool) -> str:
    """What the figures of the chosen segments say; the groups may show at another number only."""
    gain, n_groups = chosen.silhouette_gain or 0.0, chosen.n_separated_groups
    if n_groups == chosen.k and is_clear:
        gaps = "a visible gap" if chosen.k == 2 else "visible gaps"
        # Gaps alone are proof; the average over all columns hardly sees groups that few columns
        # tell.
        tighter = ": tighter than random data" if gain >= CLEAR_GAIN else ""
        return f"Real groups{tighter}, with {gaps} between them."
    if n_groups == chosen.k and has_shallow_gap(chosen):
        gaps = "a shallow gap" if chosen.k == 2 else "gaps, some of them shallow,"
        return f"Groups that run into each other, with {gaps} between them."
    if gain < WEAK_GAIN:
        return "There are groups, but with another number of segments they show better."
    if n_groups is None:  # a number that the decision did not depend on
        return f"{_compare_with_random(gain)} than random data."
    if is_clear and gain >= CLEAR_GAIN and n_groups > 1:
        return "Real groups: tighter than random data, with visible gaps between some of them."
    gaps = "" if n_groups > 1 else ", with no visible gaps between the groups"
    return f"{_compare_with_random(gain)} than random data{gaps}."


def _compare_with_random(gain: float) -> str:
    return "Tighter" if gain >= CLEAR_GAIN else "Slightly tighter"
