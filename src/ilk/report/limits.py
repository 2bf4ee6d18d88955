"""Limits: what a reader must not take from a segmentation, in plain words."""

from __future__ import annotations

from ilk.choice.choice import Choice
from ilk.recipe import Recipe
from ilk.report.facts import Rows
from ilk.schema import Schema
from ilk.words import number_word

_FILLED = {
    "median": "the column's median",
    "mean": "the column's mean",
    "zero": "zero",
}

_SHAPE = (
    "k-means puts every customer with the nearest centre. It suits round groups of similar spread; "
    "long, curved or nested groups are cut into pieces."
)
_EDGES = (
    "The edges are conventions: a customer near an edge could as well belong to the neighbouring "
    "segment."
)
_NAMES = (
    "A name tells how a segment differs from everyone on average; single customers in it may be "
    "different."
)
_ACTIONS = (
    "The actions come from a playbook of rules, or were written by hand. They are ideas to try, "
    "not effects measured on these customers."
)
_ONE_PICTURE = (
    "This is one picture of one source. It says nothing about why customers differ, or how they "
    "change."
)


def limits(rows: Rows, choice: Choice, schema: Schema, recipe: Recipe) -> list[str]:
    """What holds of every k-means segmentation, and what holds of this run.

    Examples
    --------
    >>> from ilk.choice.choice import Candidate
    >>> two = Candidate("kmeans", 2, 9.0, 0.3, 0.55, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> choice = Choice((two,), "Two segments.", ())
    >>> limits(Rows(1000, 1000, 500), choice, Schema(()), Recipe())[2][:72]
    'K and the centres were found on a uniform sample of 500 of 1,000 custome'
    """
    this_run = (_structure(choice), _sample(rows), _weights(recipe), _gaps(schema, recipe))
    told = (_SHAPE, *this_run, _EDGES, _NAMES, _ACTIONS, _ONE_PICTURE)
    return [sentence for sentence in told if sentence]


def _structure(choice: Choice) -> str:
    k = number_word(choice.k).lower()
    found = f"k-means returns {k} segments from any data, grouped or not"
    if choice.k == 1:
        found = "One segment says only that everyone is in it"
    untested = "Whether these customers form groups at all has not been tested"
    silhouette = next(each.silhouette for each in choice.candidates if each.chosen)
    if silhouette is None:
        return f"{found}. {untested}."
    meaning = "(1: groups far apart, 0: groups touch)"
    return f"{found}. {untested}; the silhouette of {silhouette:.2f} {meaning} is only a hint."


def _sample(rows: Rows) -> str | None:
    placed = rows.labelled - rows.nowhere
    if rows.sampled >= placed:
        return None
    return (
        f"K and the centres were found on a uniform sample of {rows.sampled:,} of {placed:,} "
        "customers. Every customer was then labelled, and all figures count everyone."
    )


def _weights(recipe: Recipe) -> str:
    if recipe.scale == "none":
        return "Columns were not scaled: those with large numbers decide more than the others."
    if recipe.scale == "standard" and recipe.onehot == "unit":
        return (
            "Every column that shapes the segments counts the same, whether it matters to the "
            "business or not."
        )
    return (
        "The columns were made comparable, not equal: those that still vary more after scaling "
        "decide more than the others."
    )


def _gaps(schema: Schema, recipe: Recipe) -> str | None:
    """What became of numbers without a value (a missing category is simply none of the levels)."""
    gaps = sum(column.missing for column in schema.features if column.kind == "number")
    if not gaps:
        return None
    if recipe.missing == "drop":
        return f"{gaps:,} cells that matter have no value; those customers fit nowhere (segment 0)."
    return (
        f"{gaps:,} cells that matter have no value. Their customers were placed as if they had "
        f"{_FILLED[recipe.missing]}."
    )
