"""Limits: what a reader must not take from a segmentation, in plain words."""

from __future__ import annotations

from ilk.cluster.algorithms import ALGORITHMS
from ilk.formatting.numbers import format_percent
from ilk.formatting.text import spell_number
from ilk.recipe import Recipe
from ilk.report.facts import Inertia, RowCounts, RunMetadata
from ilk.schema import Schema
from ilk.segments.wording import capitalize
from ilk.selection.candidates import Selection

_FILL_VALUES = {
    "median": "the column's median",
    "mean": "the column's mean",
    "zero": "zero",
}

_ROUND_GROUPS = (
    "It suits round groups of similar spread; long, curved or nested groups are cut into pieces."
)
_SILHOUETTE_CAVEAT = (
    "The silhouette leaves those out, and favours round groups, which the method does not look for."
)
_ALGORITHM_CAVEATS = {
    "kmeans": f"k-means puts every customer with the nearest centre. {_ROUND_GROUPS}",
    "bisecting": "Bisecting k-means cuts one segment after another in two, takes no cut back, and "
    f"puts every customer with the nearest centre in the end. {_ROUND_GROUPS}",
    "ward": "Ward's method joins customers, then groups, that lie near each other, and puts every "
    f"customer with the nearest centre in the end. {_ROUND_GROUPS}",
    "mixture": "A Gaussian mixture puts every customer with the most probable of several clouds, "
    "each with its own size and direction. Curved groups are cut into pieces.",
    "dbscan": "DBSCAN takes dense regions of any shape for segments; customers outside fit nowhere "
    "(segment 0). One density holds for all: sparse groups are missed, and groups with a dense "
    f"bridge between them are one. {_SILHOUETTE_CAVEAT}",
    "hdbscan": "HDBSCAN takes dense regions of any shape for segments, each by its own density; "
    f"customers outside fit nowhere (segment 0). {_SILHOUETTE_CAVEAT}",
}
_BORDERLINE_CAVEAT = (
    "A customer near the edge of a segment could as well belong to the neighbouring one; every "
    "segment tells how many do."
)
_NAME_CAVEAT = (
    "A name tells how a segment differs from everyone on average; single customers in it may be "
    "different."
)
_ACTION_CAVEAT = (
    "The actions come from a playbook of rules, or were written by hand. They are ideas to try, "
    "not effects measured on these customers."
)
_SNAPSHOT_CAVEAT = (
    "This is one picture of one source. It says nothing about why customers differ, or how they "
    "change."
)


def list_caveats(
    metadata: RunMetadata, selection: Selection, schema: Schema, recipe: Recipe
) -> list[str]:
    """What holds of every segmentation of this kind, and what holds of this run.

    Examples
    --------
    >>> from ilk.selection.candidates import Candidate
    >>> two = Candidate("kmeans", 2, 9.0, 0.3, 0.55, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> choice = Selection((two,), "Two segments.", ())
    >>> facts = RunMetadata("a.csv", RowCounts(1000, 1000, 500), "ilk fit a.csv", 0, "")
    >>> list_caveats(facts, choice, Schema(()), Recipe())[2][:72]
    'K and the centres were found on a uniform sample of 500 of 1,000 custome'
    """
    weights = (_describe_weights(recipe), _describe_components(recipe))
    found = (
        _describe_structure(selection),
        _describe_stability(selection),
        _describe_relabelling(selection),
        _describe_sample(metadata.rows, metadata.inertia),
    )
    this_run = (*found, *weights, _describe_missing(schema, recipe))
    edges = _BORDERLINE_CAVEAT if selection.k > 1 else None
    told = (
        _ALGORITHM_CAVEATS[selection.chosen_candidate.algorithm],
        *this_run,
        edges,
        _NAME_CAVEAT,
        _ACTION_CAVEAT,
        _SNAPSHOT_CAVEAT,
    )
    return [sentence for sentence in told if sentence]


def _describe_structure(selection: Selection) -> str:
    """What the tests of structure say, and what they cannot."""
    if selection.structure in ("clear", "weak"):
        groups = "groups" if selection.structure == "clear" else "groups, though weak ones,"
        return (
            f"These customers gather in {groups} that chance alone does not make. Whether the "
            "groups matter to the business, no test can say."
        )
    found = _describe_unstructured(selection)
    if selection.structure == "none":
        borders = "" if selection.k == 1 else ": the borders between segments are conventions"
        return f"{found}. Here the tests found no groups{borders}."
    untested = "Whether these customers form groups at all has not been tested"
    silhouette = selection.chosen_candidate.silhouette
    if silhouette is None:
        return f"{found}. {untested}."
    apart = "(1: groups far apart, 0: groups touch)"
    return f"{found}. {untested}; the silhouette of {silhouette:.2f} {apart} is only a hint."


def _describe_unstructured(selection: Selection) -> str:
    """What an algorithm makes of data without groups."""
    if selection.k == 1:
        return "One segment says only that everyone is in it"
    algorithm = ALGORITHMS[selection.chosen_candidate.algorithm]
    title = capitalize(algorithm.title) if algorithm.name != "kmeans" else algorithm.title
    if not algorithm.takes_k:
        return f"{title} looks for dense regions, and chance alone makes some"
    k = spell_number(selection.k).lower()
    return f"{title} returns {k} segments from any data, grouped or not"


def _describe_stability(selection: Selection) -> str | None:
    if not selection.stability:
        return None
    return (
        "Stability says how well a segment comes back when customers are drawn again from this "
        "source. It does not say that next year's customers will be like them."
    )


def _describe_relabelling(selection: Selection) -> str | None:
    """How far the rule that labels new customers departs from the algorithm."""
    changed = selection.chosen_candidate.relabelled_share
    if not changed:
        return None
    return (
        f"Everyone is labelled by the rule that labels new customers; for {format_percent(changed)}"
        f" of those whom {ALGORITHMS[selection.chosen_candidate.algorithm].title} saw, it says otherwise than "
        "the algorithm itself."
    )


def _describe_sample(rows: RowCounts, inertia: Inertia | None) -> str | None:
    placed = rows.labelled - rows.unassigned
    if rows.sampled >= placed:
        return None
    told = (
        f"K and the centres were found on a uniform sample of {rows.sampled:,} of {placed:,} "
        "customers. Every customer was then labelled, and all figures count everyone."
    )
    if inertia is None:
        return told
    everyone, sample = inertia.customers / placed, inertia.sample / rows.sampled
    return (
        f"{told} The mean squared distance to the centre of one's segment is {everyone:.4g} over "
        f"everyone and {sample:.4g} in the sample."
    )


def _describe_weights(recipe: Recipe) -> str | None:
    if recipe.scale == "none":
        return "Columns were not scaled: those with large numbers decide more than the others."
    if recipe.scale == "standard" and recipe.onehot == "unit":
        same = "Every column that shapes the segments counts the same"
        # Once turned, it does not: the next sentence says what counts then.
        return f"{same}, whether it matters to the business or not." if recipe.pca is None else None
    return (
        "The columns were made comparable, not equal: those that still vary more after scaling "
        "decide more than the others."
    )


def _describe_components(recipe: Recipe) -> str | None:
    """What becomes of the weights of columns that are clustered by their components."""
    if recipe.pca is None:
        return None
    return (
        "Only the principal components that were kept count: what several columns have in common "
        "decides more, and what one column has to itself may not count at all. The silhouette is "
        "measured along them and cannot be compared with that of a run that kept others."
    )


def _describe_missing(schema: Schema, recipe: Recipe) -> str | None:
    """What became of numbers without a value (a missing category is simply none of the levels)."""
    gaps = sum(column.missing for column in schema.features if column.kind == "number")
    if not gaps:
        return None
    if recipe.missing == "drop":
        return f"{gaps:,} cells that matter have no value; those customers fit nowhere (segment 0)."
    return (
        f"{gaps:,} cells that matter have no value. Their customers were placed as if they had "
        f"{_FILL_VALUES[recipe.missing]}."
    )
