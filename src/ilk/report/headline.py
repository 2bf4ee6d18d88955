"""Sentences: what was found and what was loaded, for people in a hurry."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from ilk.cluster.algorithms import ALGORITHMS
from ilk.formatting.numbers import counted, format_percent
from ilk.formatting.text import listed, number_word
from ilk.recipe import Recipe
from ilk.report.facts import Rows, RunFacts
from ilk.schema import Schema
from ilk.segments.segment import Segment
from ilk.selection.candidates import Choice, Structure

_MAX_NAMED_COLUMNS = 6  # so many columns are named in a sentence; more are only counted


def headline(segments: Sequence[Segment]) -> str:
    """How many customers in how many segments."""
    customers = counted(sum(each.figures.customers for each in segments), "customer")
    k = number_word(len(segments)).lower()
    return f"{customers} in {k} segment{'' if len(segments) == 1 else 's'}."


def loaded(metadata: RunFacts, schema: Schema, recipe: Recipe) -> str:
    """What was read, what shapes the segments, and how, where it is not plain k-means."""
    told = [_describe_rows(metadata.rows, metadata.source), _describe_features(schema)]
    how = "" if recipe.algorithm == "kmeans" else f" by {ALGORITHMS[recipe.algorithm].title}"
    on = f" on {on_components(metadata.components)}" if metadata.components else ""
    if how or on:
        told.append(f"Clustered{how}{on}.")
    return " ".join(told)


def on_components(variance_shares: Sequence[float]) -> str:
    """How many principal components, and how much of the variance they hold.

    Examples
    --------
    >>> on_components((0.5, 0.3, 0.11))
    '3 principal components, 91 % of the variance'
    """
    explained = format_percent(min(1.0, math.fsum(variance_shares)))
    return f"{counted(len(variance_shares), 'principal component')}, {explained} of the variance"


def _describe_rows(rows: Rows, source: str) -> str:
    aside = {
        "rejected because they could not be read": rows.rejected,
        "left out as asked": rows.excluded,
        "labelled 0 because they fit nowhere": rows.nowhere,
    }
    told = "".join(f", {number:,} {fate}" for fate, number in aside.items() if number)
    everyone = "" if told else ", and every one has a segment"
    return f"{counted(rows.read, 'row')} read from {source}{told}{everyone}."


def _describe_features(schema: Schema) -> str:
    names = [column.name for column in schema.features]
    verb = "shapes" if len(names) == 1 else "shape"
    named = f": {listed(names)}" if 0 < len(names) <= _MAX_NAMED_COLUMNS else ""
    return f"{counted(len(names), 'column')} {verb} the segments{named}."


BADGES: Mapping[Structure, str] = {
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


def meaning(selection: Choice) -> str:
    """What the structure says of these customers, in a sentence.

    Examples
    --------
    >>> from ilk.selection.candidates import Candidate
    >>> two = Candidate("kmeans", 2, 9.0, 0.3, 0.55, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> meaning(Choice((two,), "Two segments.", (), structure="untested"))[:48]
    'Whether there are groups at all was left unteste'
    """
    if selection.structure == "none" and selection.k == 1:
        return "These customers are one cloud: no border was found in it."
    return _STRUCTURE_MEANINGS[selection.structure]
