"""What a reader must not take from a segmentation, in plain words."""

from __future__ import annotations

from ilk.cluster.algorithms import ALGORITHMS
from ilk.formatting.numbers import format_count, format_percent
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
    "It works best for round groups of similar spread; long, curved or nested groups are split."
)
_DENSITY_CAVEAT = (
    "The silhouette leaves those customers out and favors round groups, which this method does "
    "not look for."
)
ALGORITHM_CAVEATS = {
    "kmeans": f"k-means assigns every customer to the nearest center. {_ROUND_GROUPS}",
    "bisecting": "Bisecting k-means splits one segment in two at a time, never undoes a split, and "
    f"finally assigns every customer to the nearest center. {_ROUND_GROUPS}",
    "ward": "Ward's method merges customers, then groups, that are close to each other, and "
    f"finally assigns every customer to the nearest center. {_ROUND_GROUPS}",
    "mixture": "A Gaussian mixture assigns every customer to the most probable of several "
    "elliptical groups, each with its own size and direction; where there are categories, to the "
    "most probable of several groups within which all columns are independent. Curved groups are "
    "split.",
    "dbscan": "DBSCAN treats dense regions of any shape as segments; customers outside them get no "
    "segment (segment 0). One density applies everywhere: sparse groups are missed, and groups "
    f"connected by a dense bridge count as one. {_DENSITY_CAVEAT}",
    "hdbscan": "HDBSCAN treats dense regions of any shape as segments, each with its own density; "
    f"customers outside them get no segment (segment 0). {_DENSITY_CAVEAT}",
}
"""What to know of every algorithm, by its name."""

_EQUAL_WEIGHTS = {
    "unit": "Every column used for segmentation counts the same, whatever it means to the "
    "business.",
    "matching": "Every number used for segmentation counts the same, whatever it means to the "
    "business. A category counts as much as a number if two values are equally common, more if "
    "several are, and less if nearly everyone has the same one.",
}

_BORDERLINE_CAVEAT = (
    "Borderline customers are almost as close to another segment as to their own; every segment "
    "shows how many there are."
)
_NAME_CAVEAT = "A name describes the average of a segment; individual customers may differ."
_ACTION_CAVEAT = (
    "The actions come from a playbook of rules or were written by hand. They are ideas to test, "
    "not effects measured on these customers."
)
_SNAPSHOT_CAVEAT = (
    "This is a snapshot of one source. It does not explain why customers differ or how they will "
    "change."
)


def list_caveats(
    metadata: RunMetadata, selection: Selection, schema: Schema, recipe: Recipe
) -> list[str]:
    """What holds for every segmentation of this kind, and what holds for this run.

    Examples
    --------
    >>> from ilk.selection.candidates import Candidate
    >>> two = Candidate("kmeans", 2, 9.0, 0.3, 0.55, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> selection = Selection((two,), "Two segments.", ())
    >>> metadata = RunMetadata("a.csv", RowCounts(1000, 1000, 500), "ilk fit a.csv", 0, "")
    >>> list_caveats(metadata, selection, Schema(()), Recipe())[1][:63]
    'K and the centers were found on a random sample of 500 of 1,000'
    """
    caveats = (
        _describe_structure(selection),
        _describe_stability(selection),
        _describe_sample(metadata.rows, metadata.inertia),
        _describe_weights(recipe, schema),
        _describe_components(recipe),
        _describe_missing(schema, recipe),
        _describe_relabeling(selection),
        _BORDERLINE_CAVEAT if selection.k > 1 else None,
        _NAME_CAVEAT,
        _ACTION_CAVEAT,
        _SNAPSHOT_CAVEAT,
        ALGORITHM_CAVEATS[selection.chosen_candidate.algorithm],
    )
    return [sentence for sentence in caveats if sentence]


def _describe_structure(selection: Selection) -> str:
    """What the tests of structure say, and what they cannot."""
    if selection.better_algorithm is not None:
        title = ALGORITHMS[selection.better_algorithm].title
        return f"The tests found groups, but {title} finds them and these segments do not."
    if selection.structure in ("clear", "weak"):
        clear = selection.structure == "clear"
        groups = "groups that random data would not show" if clear else "only weak groups"
        return f"The tests found {groups}. No test can say whether they matter to the business."
    reason = _describe_unstructured(selection)
    if selection.structure == "none":
        boundaries = "" if selection.k == 1 else ", so the boundaries are a matter of convenience"
        return f"{reason}. Here the tests found no natural groups{boundaries}."
    untested = "Whether these customers form natural groups was not tested"
    silhouette = selection.chosen_candidate.silhouette
    if silhouette is None:
        return f"{reason}. {untested}."
    scale = "(1: groups far apart, 0: groups touch)"
    return f"{reason}. {untested}; the silhouette of {silhouette:.2f} {scale} is only a hint."


def _describe_unstructured(selection: Selection) -> str:
    """What an algorithm makes of data without groups."""
    if selection.k == 1:
        return "One segment says only that everyone is in it"
    algorithm = ALGORITHMS[selection.chosen_candidate.algorithm]
    title = capitalize(algorithm.title) if algorithm.name != "kmeans" else algorithm.title
    if not algorithm.takes_k:
        return f"{title} looks for dense regions, and random data has some too"
    k = spell_number(selection.k).lower()
    return f"{title} returns {k} segments from any data, grouped or not"


def _describe_stability(selection: Selection) -> str | None:
    if not selection.stability:
        return None
    return (
        "Stability is measured on random resamples of this source. It does not mean that next "
        "year's customers will form the same segments."
    )


def _describe_relabeling(selection: Selection) -> str | None:
    """How far the rule that labels new customers departs from the algorithm."""
    relabeled = selection.chosen_candidate.relabeled_share
    if not relabeled:
        return None
    title = ALGORITHMS[selection.chosen_candidate.algorithm].title
    return (
        "All customers are labeled with the rule used for new customers; for "
        f"{format_percent(relabeled)} of those used to find the segments, it differs from the "
        f"result of {title} itself."
    )


def _describe_sample(rows: RowCounts, inertia: Inertia | None) -> str | None:
    assigned = rows.labeled - rows.unassigned
    if rows.sampled >= assigned:
        return None
    sampled = (
        f"K and the centers were found on a random sample of {rows.sampled:,} of {assigned:,} "
        "customers. Then every customer was labeled, and all figures cover everyone."
    )
    if inertia is None:
        return sampled
    everyone, sample = inertia.customers / assigned, inertia.sample / rows.sampled
    return (
        f"{sampled} The mean squared distance to the center of the segment is {everyone:.4g} for "
        f"everyone and {sample:.4g} in the sample."
    )


def _describe_weights(recipe: Recipe, schema: Schema) -> str | None:
    if recipe.scale == "none":
        return "Columns were not scaled, so those with large numbers dominate."
    onehot = recipe.onehot if any(c.kind == "category" for c in schema.features) else "unit"
    if recipe.scale == "standard" and onehot != "raw":
        # On principal components this is not so: the next caveat says what counts then.
        return _EQUAL_WEIGHTS[onehot] if recipe.pca is None else None
    return (
        "Columns were made comparable, not equal: those that still vary more after scaling count "
        "more."
    )


def _describe_components(recipe: Recipe) -> str | None:
    """What becomes of the weights of columns that are clustered by their components."""
    if recipe.pca is None:
        return None
    return (
        "Only the principal components that were kept count: what several columns share counts "
        "more, and what is unique to one column may not count at all. The silhouette is measured "
        "on these components, so it is not comparable with runs that kept others."
    )


def _describe_missing(schema: Schema, recipe: Recipe) -> str | None:
    """What was done about numbers without a value (a missing category is simply no level)."""
    gaps = sum(column.missing for column in schema.features if column.kind == "number")
    if not gaps:
        return None
    values = format_count(gaps, "value")
    if recipe.missing == "drop":
        return f"{values} missing in number columns; those customers get no segment (segment 0)."
    return f"{values} missing in number columns, filled with {_FILL_VALUES[recipe.missing]}."
