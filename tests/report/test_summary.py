from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ilk.cluster.algorithms import ALGORITHMS
from ilk.recipe import Recipe, resolve_recipe
from ilk.report.captions import PLOT_KEYS
from ilk.report.caveats import ALGORITHM_CAVEATS
from ilk.report.facts import RowCounts
from ilk.report.headline import explain_structure
from ilk.report.summary import MAX_PROFILE_ROWS, find_missing_fields
from ilk.report.summary_types import RunSummary
from ilk.schema import Column, Schema
from ilk.segments.segment import Figures, NumberFigures, Segment, Trait
from ilk.selection.candidates import Selection, Structure

if TYPE_CHECKING:
    from tests.report.conftest import Made


def join_caveats(summary: RunSummary) -> str:
    return " ".join(summary["caveats"])


def examined(made: Made, structure: Structure, algorithm: str = "kmeans") -> Made:
    """The run with a word on its structure, and with what the tests found."""
    candidates = tuple(
        replace(candidate, algorithm=algorithm, silhouette_gain=0.05 * candidate.k)
        for candidate in made.choice.candidates
    )
    stability = tuple(0.9 for _ in made.segments)
    choice = replace(made.choice, candidates=candidates, structure=structure, stability=stability)
    recipe = resolve_recipe({"algorithm": algorithm})
    return replace(made, choice=choice, recipe=recipe)


def test_is_plain_json_and_comes_back_the_same(five: Made) -> None:
    # The candidates of the made-up run hold a NaN, which JSON cannot say.
    text = json.dumps(five.summary, allow_nan=False)
    assert json.loads(text) == five.summary


def test_nothing_is_missing_from_a_summary_of_this_version(five: Made) -> None:
    assert find_missing_fields(json.loads(json.dumps(examined(five, "clear").summary))) == []


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ((), "caveats"),
        (("rows",), "unassigned"),
        (("segments", 0), "confidence"),
        (("segments", 4), "borderline_share"),
        (("choice",), "badge"),
        (("choice", "candidates", 3), "silhouette_gain"),
        (("pictures", 0), "alt"),
    ],
)
def test_what_a_summary_of_another_version_lacks_is_found(
    five: Made, path: tuple[str | int, ...], field: str
) -> None:
    summary = json.loads(json.dumps(five.summary))
    part = summary
    for step in path:
        part = part[step]
    del part[field]
    assert find_missing_fields(summary) == [field]


def test_holds_every_part(five: Made) -> None:
    summary = five.summary
    assert set(summary) == set(RunSummary.__annotations__)
    assert [segment["number"] for segment in summary["segments"]] == [1, 2, 3, 4, 5]
    assert sum(segment["customers"] for segment in summary["segments"]) == 200
    assert [candidate["k"] for candidate in summary["choice"]["candidates"]] == list(range(2, 13))
    assert [column["name"] for column in summary["columns"]] == ["Customer", "Income (k$)", "Card"]
    assert [row["column"] for row in summary["profile"]["columns"]] == ["Income (k$)", "Card"]
    assert summary["reproduce"]["recipe"] == Recipe().to_dict()
    assert [picture["key"] for picture in summary["pictures"]] == [
        "scatter",
        "sizes",
        "profile",
        "elbow",
        "silhouette",
    ]
    assert {picture["key"] for picture in examined(five, "clear").summary["pictures"]} == {
        *PLOT_KEYS
    }


def test_what_was_loaded(five: Made) -> None:
    source, features = "<mall> & sons.csv", " Segmented by 1 column: Income (k$)."
    assert five.summary["loaded"] == f"200 rows read from {source}.{features}"
    rows = RowCounts(read=215, labeled=200, sampled=150, rejected=10, unassigned=3, excluded=5)
    summary = replace(five, facts=replace(five.facts, rows=rows)).summary
    assert summary["loaded"] == (
        f"215 rows read from {source}, 10 skipped as unreadable, 5 left out, 3 without "
        f"a segment (segment 0).{features}"
    )
    assert summary["headline"] == "200 customers in five segments."


def test_many_columns_are_counted_rather_than_named(five: Made) -> None:
    columns = tuple(Column(f"c{n}", "number", "feature", "a number") for n in range(20))
    summary = replace(five, schema=Schema(columns)).summary
    assert summary["loaded"].endswith("Segmented by 20 columns.")


def trait(column: str, level: str) -> Trait:
    return Trait(column, level, 0.1, f"{column} is {level}")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("levels", "columns"),
    [
        (["average"] * 5, "ab"),
        (["high", "low", "very high", "high", "low"], "abcd"),
        (["high", "average", "low", "average", "average"], "abc"),
    ],
)
def test_tells_two_to_four_traits(five: Made, levels: list[str], columns: str) -> None:
    traits = tuple(trait(c, level) for c, level in zip("abcde", levels, strict=True))
    segments = tuple(replace(segment, traits=traits) for segment in five.segments)
    shown = replace(five, segments=segments).summary["segments"][0]["traits"]
    assert "".join(row["column"] for row in shown) == columns


def test_untested_structure_is_said_with_the_silhouette_as_a_hint(five: Made) -> None:
    caveats = join_caveats(five.summary)
    assert "was not tested; the silhouette of 0.50" in caveats
    assert "five segments from any data" in caveats


@pytest.mark.parametrize(
    ("structure", "badge", "meaning", "caveat"),
    [
        (
            "clear",
            "Clear groups",
            "Tighter than random data",
            "found groups that random data would not",
        ),
        ("weak", "Weak groups", "ighter than random data", "found only weak groups"),
        ("none", "", "just as tight", "are a matter of convenience"),
        ("untested", "Not tested", "was not tested", "was not tested; the silhouette"),
    ],
)
def test_whether_there_are_segments_is_said_and_is_true_of_the_limits(
    five: Made, structure: Structure, badge: str, meaning: str, caveat: str
) -> None:
    summary = examined(five, structure).summary
    assert (summary["choice"]["structure"], summary["choice"]["badge"]) == (structure, badge)
    assert meaning in summary["choice"]["meaning"]
    assert caveat in join_caveats(summary)
    assert ("was not tested" in join_caveats(summary)) == (structure == "untested")
    assert ("are a matter of convenience" in join_caveats(summary)) == (structure == "none")
    assert ("from any data" in join_caveats(summary)) == (structure in {"none", "untested"})


@pytest.mark.parametrize(
    ("structure", "gain", "n_groups", "meaning"),
    [
        ("clear", 0.2, 5, "Real groups: tighter than random data, with visible gaps between them."),
        ("clear", 0.01, 5, "Real groups, with visible gaps between them."),
        ("clear", 0.2, 2, "tighter than random data, with visible gaps between some of them."),
        ("weak", 0.2, 1, "Tighter than random data, with no visible gaps between the groups."),
        ("weak", 0.07, 2, "Slightly tighter than random data."),
        ("clear", -0.2, 5, "Real groups, with visible gaps between them."),
        ("clear", -0.2, 1, "There are groups, but with another number of segments they show"),
        ("weak", 0.01, 1, "There are groups, but with another number of segments they show"),
    ],
)
def test_what_the_structure_means_agrees_with_the_figures(
    five: Made, structure: Structure, gain: float, n_groups: int, meaning: str
) -> None:
    made = examined(five, structure)
    candidates = tuple(
        replace(candidate, silhouette_gain=gain, n_separated_groups=n_groups)
        for candidate in made.choice.candidates
    )
    assert meaning in explain_structure(replace(made.choice, candidates=candidates))


def test_groups_of_any_shape_are_not_compared_with_random_data(five: Made) -> None:
    candidates = tuple(
        replace(candidate, cut_fraction=0.001) for candidate in five.choice.candidates
    )
    for structure in ("clear", "weak", "none"):
        choice = replace(five.choice, candidates=candidates, structure=structure)
        assert "neighboring customers" in explain_structure(choice)


def test_one_segment_has_no_borders(five: Made) -> None:
    one = replace(five.choice.candidates[0], k=1, silhouette=None, chosen=True)
    choice = Selection((one,), "", (), "none")
    summary = replace(five, choice=choice, segments=five.segments[:1]).summary
    assert "No boundary" in summary["choice"]["meaning"]
    assert "everyone is in it. Here the tests found no natural groups." in join_caveats(summary)
    assert "convenience" not in join_caveats(summary)
    assert "Borderline" not in join_caveats(summary)


@pytest.mark.parametrize(
    ("algorithm", "title", "shape", "anything"),
    [
        ("bisecting", "bisecting k-means", "never undoes a split", "five segments from any"),
        ("ward", "Ward's method", "merges customers", "five segments from any data"),
        ("mixture", "Gaussian mixture", "most probable of several", "segments from any"),
        ("dbscan", "DBSCAN", "dense regions of any shape", "random data has some too"),
        ("hdbscan", "HDBSCAN", "each with its own density", "random data has some too"),
    ],
)
def test_another_algorithm_is_named_and_has_its_own_limits(
    five: Made, algorithm: str, title: str, shape: str, anything: str
) -> None:
    summary = examined(five, "none", algorithm).summary
    assert summary["loaded"].endswith(f" Clustered with {title}.")
    assert shape in join_caveats(summary)
    assert anything in join_caveats(summary)
    assert "k-means assigns every customer" not in join_caveats(summary)
    assert ("round groups of similar spread" in join_caveats(summary)) == (
        algorithm in {"bisecting", "ward"}
    )
    assert ("segment 0" in join_caveats(summary)) == ("scan" in algorithm)


def test_k_means_is_the_rule_and_not_named(five: Made) -> None:
    assert "Clustered" not in five.summary["loaded"]
    assert "k-means assigns every customer to the nearest center." in join_caveats(five.summary)


def test_every_algorithm_has_its_limits() -> None:
    assert set(ALGORITHM_CAVEATS) == set(ALGORITHMS)


def test_labels_that_the_rule_for_new_customers_changes_are_counted(five: Made) -> None:
    made = examined(five, "weak", "ward")
    candidates = tuple(
        replace(candidate, relabeled_share=0.04) for candidate in made.choice.candidates
    )
    changed = replace(made, choice=replace(made.choice, candidates=candidates)).summary
    assert "4% of those used to find the segments" in join_caveats(changed)
    assert "result of Ward" not in join_caveats(made.summary)


def test_what_stability_does_not_say_is_told_where_it_was_tested(five: Made) -> None:
    assert "next year" in join_caveats(examined(five, "clear").summary)
    assert "next year" not in join_caveats(five.summary)


def test_how_sure_every_segment_is(five: Made) -> None:
    sure = tuple(replace(segment, stability=0.7, borderline_share=0.1) for segment in five.segments)
    first = replace(five, segments=sure).summary["segments"][0]
    assert (first["stability"], first["borderline_share"]) == (0.7, 0.1)
    assert first["confidence"] == [
        "Moderately stable: 70% overlap in repeat tests.",
        "10% are borderline.",
    ]
    assert five.summary["segments"][0]["confidence"] == []


def test_an_undefined_silhouette_is_no_hint(five: Made) -> None:
    unknown = tuple(replace(candidate, silhouette=None) for candidate in five.choice.candidates)
    caveats = join_caveats(replace(five, choice=Selection(unknown, "", ())).summary)
    assert "was not tested." in caveats
    assert "silhouette" not in caveats


def test_a_sample_is_a_caveat_only_where_there_was_one(five: Made) -> None:
    assert "sample" not in join_caveats(five.summary)
    rows = RowCounts(read=5000, labeled=5000, sampled=200)
    sampled = replace(five, facts=replace(five.facts, rows=rows)).summary
    assert "random sample of 200 of 5,000 customers" in join_caveats(sampled)


@pytest.mark.parametrize(
    ("recipe", "weights"),
    [
        (Recipe(), "counts the same"),
        (Recipe(scale="none"), "were not scaled"),
        (Recipe(scale="robust"), "made comparable, not equal"),
    ],
)
def test_what_scaling_means_for_the_weights(five: Made, recipe: Recipe, weights: str) -> None:
    assert weights in join_caveats(replace(five, recipe=recipe).summary)


@pytest.mark.parametrize(
    ("recipe", "weights"),
    [
        (Recipe(), "A category counts as much as a number if two values are equally common"),
        (Recipe(onehot="unit"), "Every column used for segmentation counts the same"),
        (Recipe(onehot="raw"), "made comparable, not equal"),
    ],
)
def test_what_a_category_counts_beside_a_number(five: Made, recipe: Recipe, weights: str) -> None:
    plan = Column("Plan", kind="category", role="feature", reason="a category")
    made = replace(five, schema=Schema((*five.schema, plan)), recipe=recipe)
    assert weights in join_caveats(made.summary)


def test_components_that_were_clustered_on_are_told_in_one_sentence(five: Made) -> None:
    facts = replace(five.facts, variance_shares=(0.5, 0.3, 0.11))
    summary = replace(five, facts=facts, recipe=Recipe(pca=3)).summary
    clustered = "Clustered on 3 principal components (91% of the variance)."
    assert summary["loaded"] == f"{five.summary['loaded']} {clustered}"
    assert "unique to one column may not count" in join_caveats(summary)
    assert "counts the same" not in join_caveats(summary)
    assert "principal component" not in join_caveats(five.summary)


@pytest.mark.parametrize(
    ("missing", "consequence"),
    [
        ("median", "the column's median"),
        ("zero", "filled with zero"),
        ("drop", "no segment (segment 0)"),
    ],
)
def test_what_became_of_gaps(five: Made, missing: str, consequence: str) -> None:
    recipe = resolve_recipe({"missing": missing})
    caveats = join_caveats(replace(five, recipe=recipe).summary)
    assert "3 values missing in number columns" in caveats
    assert consequence in caveats


def test_gaps_that_do_not_matter_are_not_told(five: Made) -> None:
    columns = tuple(replace(column, missing=0) for column in five.schema)
    assert "missing in number columns" not in join_caveats(
        replace(five, schema=Schema(columns)).summary
    )


def test_only_the_most_telling_of_very_many_columns_are_compared(five: Made) -> None:
    names = [f"c{n}" for n in range(MAX_PROFILE_ROWS + 40)]
    columns = tuple(Column(name, "number", "feature", "a number") for name in names)

    def figures(shift: float) -> Figures:
        numbers = (NumberFigures(name, shift * n, 1.0, 0) for n, name in enumerate(names))
        return Figures(100, 0.5, tuple(numbers), ())

    segments = tuple(Segment(n, f"S{n}", "", figures(3.0 - 2 * n), ()) for n in (1, 2))
    made = replace(five, segments=segments, everyone=figures(0.0), schema=Schema(columns))
    profile = made.summary["profile"]
    assert [row["column"] for row in profile["columns"]] == names[40:]
    assert profile["left_out"] == 40
