"""Sentences: what was found and what was loaded, for people in a hurry."""

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

_MAX_NAMED_COLUMNS = 6  # so many columns are named in a sentence; more are only counted


def write_headline(segments: Sequence[Segment]) -> str:
    """How many customers in how many segments."""
    customers = format_count(sum(each.figures.customers for each in segments), "customer")
    k = spell_number(len(segments)).lower()
    return f"{customers} in {k} segment{'' if len(segments) == 1 else 's'}."


def describe_input(metadata: RunMetadata, schema: Schema, recipe: Recipe) -> str:
    """What was read, what shapes the segments, and how, where it is not plain k-means."""
    told = [_describe_rows(metadata.rows, metadata.source), _describe_features(schema)]
    how = "" if recipe.algorithm == "kmeans" else f" by {ALGORITHMS[recipe.algorithm].title}"
    on = f" on {describe_components(metadata.variance_shares)}" if metadata.variance_shares else ""
    if how or on:
        told.append(f"Clustered{how}{on}.")
    return " ".join(told)


def describe_components(variance_shares: Sequence[float]) -> str:
    """How many principal components, and how much of the variance they hold.

    Examples
    --------
    >>> describe_components((0.5, 0.3, 0.11))
    '3 principal components, 91% of the variance'
    """
    explained = format_percent(min(1.0, math.fsum(variance_shares)))
    return (
        f"{format_count(len(variance_shares), 'principal component')}, {explained} of the variance"
    )


def _describe_rows(rows: RowCounts, source: str) -> str:
    aside = {
        "rejected because they could not be read": rows.rejected,
        "left out as asked": rows.excluded,
        "labelled 0 because they fit nowhere": rows.unassigned,
    }
    told = "".join(f", {number:,} {fate}" for fate, number in aside.items() if number)
    everyone = "" if told else ", and every one has a segment"
    return f"{format_count(rows.read, 'row')} read from {source}{told}{everyone}."


def _describe_features(schema: Schema) -> str:
    names = [column.name for column in schema.features]
    verb = "shapes" if len(names) == 1 else "shape"
    named = f": {join_words(names)}" if 0 < len(names) <= _MAX_NAMED_COLUMNS else ""
    return f"{format_count(len(names), 'column')} {verb} the segments{named}."


STRUCTURE_BADGES: Mapping[Structure, str] = {
    "clear": "Clear segments",
    "weak": "Weak segments",
    "none": "No segments",
    "untested": "Not tested",
}
"""What stands on the page in a few words."""

_STRUCTURE_MEANINGS: Mapping[Structure, str] = {
    "clear": "These customers gather in groups that chance does not make, and at least one gap "
    "with few customers runs between them.",
    "weak": "These customers gather more than chance would make them, but the groups run into each "
    "other or stand out only a little.",
    "none": "A cloud of customers without any groups would look as good when cut like this. Use "
    "the segments to share out work, not as kinds of customers.",
    "untested": "Whether there are groups at all was left untested; a cloud without any can be "
    "cut into segments too.",
}


def explain_structure(selection: Selection) -> str:
    """What the structure says of these customers, in a sentence.

    Examples
    --------
    >>> from ilk.selection.candidates import Candidate
    >>> two = Candidate("kmeans", 2, 9.0, 0.3, 0.55, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> explain_structure(Selection((two,), "Two segments.", (), structure="untested"))[:48]
    'Whether there are groups at all was left unteste'
    """
    if selection.structure == "none" and selection.k == 1:
        return "These customers are one cloud: no border was found in it."
    return _STRUCTURE_MEANINGS[selection.structure]
