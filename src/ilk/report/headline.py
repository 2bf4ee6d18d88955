"""The first sentences of a report: what was read and what was found."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from ilk.cluster.algorithms import ALGORITHMS
from ilk.formatting.numbers import format_count, format_percent
from ilk.formatting.text import join_words, spell_number
from ilk.recipe import Recipe
from ilk.report.facts import RowCounts, RunMetadata
from ilk.schema import Schema
from ilk.segments.segment import Segment
from ilk.selection.candidates import Selection, Structure
from ilk.selection.k_choice import CLEAR_GAIN, WEAK_GAIN

_MAX_NAMED_COLUMNS = 6  # so many columns are named in a sentence; more are only counted


def write_headline(segments: Sequence[Segment]) -> str:
    """How many customers in how many segments."""
    customers = format_count(sum(segment.figures.customers for segment in segments), "customer")
    k = spell_number(len(segments)).lower()
    return f"{customers} in {k} segment{'' if len(segments) == 1 else 's'}."


def describe_input(metadata: RunMetadata, schema: Schema, recipe: Recipe) -> str:
    """What was read, what it was segmented by, and how, where that is not plain k-means."""
    sentences = [_describe_rows(metadata.rows, metadata.source), _describe_features(schema)]
    method = "" if recipe.algorithm == "kmeans" else f" with {ALGORITHMS[recipe.algorithm].title}"
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
        "excluded on request": rows.excluded,
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

_STRUCTURE_MEANINGS: Mapping[Structure, str] = {
    "clear": "Real groups: tighter than random data, with visible gaps between them.",
    "weak": "Tighter than random data, but the groups overlap or differ only a little.",
    "none": "Random data without groups would give segments just as tight.",
    "untested": "Whether there are natural groups was not tested; any data can be cut into "
    "segments.",
}

# Of algorithms that find groups of any shape, which are not compared with random data.
_SEPARATION_MEANINGS: Mapping[Structure, str] = {
    **_STRUCTURE_MEANINGS,
    "clear": "Real groups: hardly any neighboring customers are in different segments.",
    "weak": "Mostly separate groups: few neighboring customers are in different segments.",
    "none": "Too many neighboring customers are in different segments, or the segments change "
    "in repeat tests.",
}


def explain_structure(selection: Selection) -> str:
    """What the structure says about these customers, in a sentence.

    Examples
    --------
    >>> from ilk.selection.candidates import Candidate
    >>> two = Candidate("kmeans", 2, 9.0, 0.3, 0.55, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> explain_structure(Selection((two,), "Two segments.", (), structure="clear"))
    'Real groups: tighter than random data, with visible gaps between them.'
    """
    if selection.structure == "none" and selection.k == 1:
        return "No boundary was found that divides these customers."
    chosen = selection.chosen_candidate
    if chosen.cut_fraction is not None:
        return _SEPARATION_MEANINGS[selection.structure]
    if selection.structure == "clear" and chosen.n_separated_groups is not None:
        return _explain_clear(chosen.k, chosen.n_separated_groups)
    if selection.structure == "weak" and chosen.k > 1 and chosen.silhouette_gain is not None:
        return _explain_weak(chosen.silhouette_gain, chosen.n_separated_groups or 1)
    return _STRUCTURE_MEANINGS[selection.structure]


def _explain_clear(k: int, n_separated_groups: int) -> str:
    """That the groups are real, and which of them have gaps between them."""
    gaps = "a visible gap" if k == 2 else "visible gaps"
    which = "them" if n_separated_groups >= k else "some of them"
    return f"Real groups: tighter than random data, with {gaps} between {which}."


def _explain_weak(silhouette_gain: float, n_separated_groups: int) -> str:
    """Why groups are only weak: little gain over random data, or no gaps, or both."""
    degree = "Hardly tighter" if silhouette_gain < WEAK_GAIN else "Slightly tighter"
    if silhouette_gain >= CLEAR_GAIN:
        degree = "Tighter"
    gaps = "" if n_separated_groups > 1 else ", with no visible gaps between the groups"
    return f"{degree} than random data{gaps}."
