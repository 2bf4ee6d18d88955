"""Sentences: what was found and what was loaded, for people in a hurry."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ilk.cluster.algorithms import ALGORITHMS
from ilk.digits import counted, format_percent
from ilk.recipe import Recipe
from ilk.report.facts import Rows, RunFacts
from ilk.schema import Schema
from ilk.segments.segment import Segment
from ilk.words import listed, number_word

_NAMED = 6  # so many columns are named in a sentence; more are only counted


def headline(segments: Sequence[Segment]) -> str:
    """How many customers in how many segments."""
    customers = counted(sum(each.figures.customers for each in segments), "customer")
    k = number_word(len(segments)).lower()
    return f"{customers} in {k} segment{'' if len(segments) == 1 else 's'}."


def loaded(facts: RunFacts, schema: Schema, recipe: Recipe) -> str:
    """What was read, what shapes the segments, and how, where it is not plain k-means."""
    told = [_read(facts.rows, facts.source), _shaping(schema)]
    how = "" if recipe.algorithm == "kmeans" else f" by {ALGORITHMS[recipe.algorithm].title}"
    on = f" on {on_components(facts.components)}" if facts.components else ""
    if how or on:
        told.append(f"Clustered{how}{on}.")
    return " ".join(told)


def on_components(shares: Sequence[float]) -> str:
    """How many principal components, and how much of the variance they hold.

    Examples
    --------
    >>> on_components((0.5, 0.3, 0.11))
    '3 principal components, 91 % of the variance'
    """
    explained = format_percent(min(1.0, math.fsum(shares)))
    return f"{counted(len(shares), 'principal component')}, {explained} of the variance"


def _read(rows: Rows, source: str) -> str:
    aside = {
        "rejected because they could not be read": rows.rejected,
        "left out as asked": rows.excluded,
        "labelled 0 because they fit nowhere": rows.nowhere,
    }
    told = "".join(f", {number:,} {fate}" for fate, number in aside.items() if number)
    everyone = "" if told else ", and every one has a segment"
    return f"{counted(rows.read, 'row')} read from {source}{told}{everyone}."


def _shaping(schema: Schema) -> str:
    names = [column.name for column in schema.features]
    verb = "shapes" if len(names) == 1 else "shape"
    named = f": {listed(names)}" if 0 < len(names) <= _NAMED else ""
    return f"{counted(len(names), 'column')} {verb} the segments{named}."
