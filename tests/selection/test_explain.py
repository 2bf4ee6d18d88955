"""The sentences about a choice: each is true by the figures it is made from."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from ilk.selection.candidates import Candidate, Selection, Structure
from ilk.selection.explain import (
    explain_selection,
    explain_size_limits,
    list_warnings,
    write_verdict,
)
from ilk.selection.k_choice import classify_structure, recommend_k
from ilk.selection.settings import SelectionSettings
from ilk.selection.stability import Stability

SINGLE = Candidate(
    *("kmeans", 1, 9.0, *(None,) * 6), chosen=False, gap=0.0, gap_error=0.0, silhouette_gain=0.0
)


def candidate(k: int, gain: float = 0.2, elbow: float = 0.0, **figures) -> Candidate:
    """A number of segments with a margin of ``gain``; all have the same silhouette."""
    defaults = {"n_separated_groups": 1, "stability": 0.9, "gap": 0.1 * k, "gap_error": 0.01}
    return Candidate(
        *("kmeans", k, 1.0, elbow, 0.5, 0.0, 0.5, 40.0, 0.5),
        chosen=False,
        silhouette_gain=gain,
        **{**defaults, **figures},
    )


def explain(*candidates: Candidate, stability: Stability | None = None) -> tuple[str, ...]:
    structure = classify_structure(candidates)
    return explain_selection(candidates, recommend_k(candidates).k, structure, stability)


def verdict(chosen: Candidate, recommended_k: int, structure: Structure) -> str:
    others = [candidate(k) for k in (2, 3) if k != chosen.k]
    return write_verdict([*others, replace(chosen, chosen=True)], recommended_k, structure)


@pytest.mark.parametrize(
    ("silhouette", "words"),
    [
        (0.7, "strongly separated"),
        (0.69, "reasonably separated"),
        (0.49, "overlapping at the edges"),
        (0.2, "with many customers near a boundary"),
        (-0.1, "with many customers near a boundary"),
    ],
)
def test_the_verdict_says_how_far_apart_the_segments_are(silhouette, words):
    three = replace(candidate(3), silhouette=silhouette)
    expected = f"Three segments, {words} (average silhouette {silhouette:.3f})."
    assert verdict(three, 3, "untested") == expected


@pytest.mark.parametrize("structure", ["clear", "weak"])
def test_beside_a_decision_the_silhouette_has_no_words_of_its_own(structure):
    three = replace(candidate(3), silhouette=0.2)
    assert verdict(three, 3, structure) == f"Three {structure} segments (average silhouette 0.200)."


def test_the_verdict_gives_the_margin_of_error_of_a_sample():
    three = replace(candidate(3), silhouette_error=0.01)
    assert "(average silhouette 0.500 ± 0.020)" in verdict(three, 3, "clear")


def test_the_verdict_on_a_number_that_was_asked_for():
    expected = (
        "Four segments, as requested; ilk recommends three. The four are reasonably separated "
        "(average silhouette 0.500)."
    )
    assert verdict(candidate(4), 3, "clear") == expected
    unstructured = verdict(candidate(4), 3, "none")
    assert unstructured.startswith("No natural groups found. The four requested divide a continuum")


def test_a_number_that_was_tried_alone_says_nothing_about_others():
    alone = [SINGLE, replace(candidate(4), chosen=True)]
    assert write_verdict(alone, 4, "none") == (
        "Four segments, the only number tried, did not pass the tests for natural groups. Use them "
        "to organize work, not to describe types of people."
    )
    density = [replace(one, algorithm="hdbscan") for one in alone]
    assert write_verdict(density, 4, "none").startswith("No natural groups found. These four")


def test_the_verdict_on_a_single_segment():
    single = "No natural groups found: all customers form one segment."
    assert verdict(SINGLE, 1, "none") == single
    assert verdict(SINGLE, 1, "untested") == "One segment."


@pytest.mark.parametrize(
    ("k", "gain", "groups", "sentence"),
    [
        (
            *(5, 0.18, 2),
            (
                "Five segments beat random data by a clear margin (0.18; 0.10 counts as clear), "
                "and gaps separate them into two groups."
            ),
        ),
        (*(3, 0.07, 2), "Three segments beat random data by only 0.07 (0.10 counts as clear)."),
        (
            *(2, 0.07, 2),
            (
                "A gap with few customers separates the two segments (tested at the 1% level, on "
                "customers left out when they were formed)."
            ),
        ),
        (
            *(3, -0.2, 3),
            (
                "Gaps with few customers separate all three segments (tested at the 1% level, on "
                "customers left out when they were formed)."
            ),
        ),
        (
            *(3, 0.18, 1),
            "Three segments beat random data (margin 0.18), but no visible gaps separate them.",
        ),
    ],
)
def test_the_first_reason_is_what_the_tests_of_structure_say(k, gain, groups, sentence):
    assert explain(SINGLE, candidate(k, gain, n_separated_groups=groups))[0] == sentence


@pytest.mark.parametrize(
    ("figures", "reason"),
    [
        (
            {"gain": 0.02},
            (
                "random data without groups divides about as well (margin at K = 2: 0.02; at least "
                "0.05 is needed)"
            ),
        ),
        ({"gain": -0.004}, "(margin at K = 2: 0.00; at least 0.05 is needed)"),
        ({"gain": 0.0499}, "(margin at K = 2: 0.049; at least 0.05 is needed)"),
        ({"gap": 0.015}, "by the gap statistic two segments are no better than one"),
        (
            {"stability": 0.55},
            (
                "two segments change too much between resamples (stability 0.55; at least 0.60 is "
                "needed)"
            ),
        ),
    ],
)
def test_the_first_reason_names_the_test_that_failed(figures, reason):
    alone = explain(SINGLE, candidate(2, **figures))
    assert alone[0].startswith("These segments did not pass every test: ")
    assert reason in alone[0]
    several = explain(SINGLE, candidate(2, elbow=1.0, **figures), candidate(3, **figures))
    assert several[0].startswith("No number of segments passed every test: ")
    assert reason in several[0]
    assert "Two is the most practical split: the inertia curve bends most there." in several


def of_any_shape(cut_fraction: float, stability: float = 0.9) -> str:
    two = candidate(2, cut_fraction=cut_fraction, stability=stability, gap=None)
    return explain(SINGLE, two)[0]


def test_segments_of_any_shape_go_by_the_neighbors_in_different_segments():
    assert of_any_shape(0.0).startswith("The segments are clearly apart, whatever their shape: ")
    weak = (
        "The segments are not clearly apart: 1.2% of neighboring customers are in different "
        "segments (at most 0.5% counts as clear)."
    )
    assert of_any_shape(0.012) == weak
    none = (
        "These segments did not pass every test: 2.4% of neighboring customers are in different "
        "segments, and at most 2% may be."
    )
    assert of_any_shape(0.024) == none
    assert "2.01% of neighboring customers" in of_any_shape(0.0201)
    assert "0.52% of neighboring customers" in of_any_shape(0.0052)


def test_segments_of_any_shape_that_are_not_reproduced():
    weak = "The segments are apart, but not clearly stable (stability 0.70; 0.75 counts as clear)."
    assert of_any_shape(0.0, stability=0.7) == weak
    assert "two segments change too much between resamples" in of_any_shape(0.0, stability=0.5)


def explain_margins(*candidates: Candidate) -> str:
    """What is said about the margins where gaps separate some of the segments."""
    candidates = tuple(
        one if one.n_separated_groups == one.k else replace(one, n_separated_groups=2)
        for one in candidates
    )
    return explain_selection(candidates, recommend_k(candidates).k, "clear")[1]


def test_a_number_that_stands_out():
    expected = (
        "No other number of segments comes close to the margin of K = 5: the next best is 0.11 at "
        "K = 3."
    )
    assert explain_margins(candidate(3, 0.11), candidate(5, 0.3), candidate(6, 0.08)) == expected
    failed = candidate(3, 0.01)
    alone = "No number of segments but K = 5 passed every test."
    assert explain_margins(failed, candidate(5, 0.3)) == alone


def test_numbers_that_do_about_equally_well_are_named():
    bend = "of those with practically the best silhouette, the inertia curve bends most at K = 5."
    tie = "Several numbers do about equally well"
    two = explain_margins(candidate(4, 0.19), candidate(5, 0.2, elbow=1.0))
    assert two == f"{tie} (K = 4 and 5); {bend}"
    three = explain_margins(candidate(4, 0.19), candidate(5, 0.2, 1.0), candidate(7, 0.18))
    assert three == f"{tie} (K = 4, 5 and 7); {bend}"


def test_numbers_left_out_as_too_large():
    left_out = "Several numbers do about equally well (K = {}); those more than twice the smallest"
    some = explain_margins(candidate(4, 0.2), candidate(6, 0.19, 1.0), candidate(9, 0.18))
    assert some.startswith(left_out.format("4, 6 and 9"))
    all_but_one = explain_margins(candidate(2, 0.2), candidate(5, 0.19, 1.0), candidate(9, 0.18))
    simplest = (
        "Several numbers do about equally well (K = 2, 5 and 9), so the simplest is preferred."
    )
    assert all_but_one == simplest


def test_a_smaller_number_where_no_visible_gap_separates_the_best():
    two = candidate(2, 0.06, elbow=1.0)
    first, second, *_ = explain(SINGLE, two, candidate(9, 0.09))
    assert (
        first == "Two segments beat random data (margin 0.06), but no visible gaps separate them."
    )
    assert second == (
        "The margin is largest at K = 9 (0.09), but without visible gaps fewer segments are "
        "preferred: of those with practically the best silhouette, the inertia curve bends most at "
        "K = 2."
    )


def test_a_larger_number_where_visible_gaps_separate_all():
    eight = candidate(8, 0.2, n_separated_groups=8)
    reason = explain(SINGLE, candidate(3, 0.3, elbow=1.0), eight)[1]
    assert reason == (
        "The margin is largest at K = 3 (0.30), but gaps separate all segments at K = 8 and not "
        "there."
    )
    alone = explain(SINGLE, candidate(3, 0.01, elbow=1.0), candidate(2, -0.1, n_separated_groups=2))
    assert alone[1] == (
        "On average over all columns no number beats random data, so the gaps decide."
    )


def test_each_index_without_a_vote_has_a_sentence():
    two = replace(candidate(2), calinski_harabasz=90.0)
    three = replace(candidate(3), davies_bouldin=0.1)
    assert explain_selection([two, three], 3, "untested")[-2:] == (
        "The Calinski-Harabasz index favors K = 2.",
        "The Davies-Bouldin index also favors K = 3.",
    )
    both = replace(three, calinski_harabasz=99.0)
    assert explain_selection([candidate(2), both], 3, "untested")[-2:] == (
        "The Calinski-Harabasz index also favors K = 3.",
        "The Davies-Bouldin index also favors K = 3.",
    )


@pytest.mark.parametrize(
    ("jaccard", "pattern"),
    [
        ([0.94, 1.0], r"was 94–100% \(Jaccard index; very stable\)\."),
        ([0.9, 0.9], r"was 90% \(Jaccard index; very stable\)\."),
        ([0.9, 0.997], r"was 90–99\.7% \(Jaccard index; very stable\)\."),
        ([0.84, 0.9], r"was 84–90% \(Jaccard index; very stable on average, but the least stable"),
        ([0.84, 0.9], r"the least stable segment, at 84%, is stable\)\."),
        ([0.84, 0.85], r"was 84–85% \(Jaccard index; stable\)\."),
        ([0.5, 0.9], r"stable on average, but the least stable segment, at 50%, is not stable\)\."),
    ],
)
def test_stability_in_words(jaccard, pattern):
    reasons = explain(candidate(2), stability=Stability(np.array(jaccard), None, 50))
    assert reasons[-1].startswith("In 50 resamples the mean overlap")
    assert re.search(pattern, reasons[-1])


@pytest.mark.parametrize(
    ("agreement", "words"),
    [
        (1.0, "the same segments"),
        (0.96, "nearly the same segments"),
        (0.65, "similar segments"),
    ],
)
def test_the_agreement_of_other_starts_in_words(agreement, words):
    reasons = explain(candidate(2), stability=Stability(np.array([0.9, 0.9]), agreement))
    expected = f"Other random starts gave {words} (agreement {agreement:.2f} of 1)."
    assert reasons[-1] == expected


@pytest.mark.parametrize("agreement", [0.64, 0.3, -0.01])
def test_no_sentence_calls_segments_stable_that_other_starts_do_not_find(agreement):
    reasons = explain(candidate(2), stability=Stability(np.array([0.92, 0.95]), agreement))
    assert reasons[-1] == (
        f"Other random starts gave different segments (agreement {agreement:.2f} of 1). In "
        "100 resamples the mean overlap of each segment with itself was 92–95% (Jaccard index)."
    )
    assert not any("stable" in reason for reason in reasons)


def test_numbers_ruled_out_by_size_are_named():
    small = "the smallest segment has too few customers"
    rejected = [candidate(k, rejection_reason=small) for k in (3, 4)]
    reasons = explain(candidate(2), *rejected)
    assert reasons[-1] == (
        "Ruled out by size: K = 3 and 4 (at K = 3 the smallest segment has too few customers)."
    )


def test_size_limits():
    limits = SelectionSettings(min_share=0.05, max_share=0.6)
    assert explain_size_limits(0.05, 0.6, limits) is None
    assert "the smallest segment has 4" in str(explain_size_limits(0.04, 0.5, limits))
    assert "the largest segment has 80" in str(explain_size_limits(0.2, 0.8, limits))
    close = "the smallest segment has 4.96% of the customers, less than 5%"
    assert explain_size_limits(0.0496, 0.5, limits) == close
    assert "the largest segment has 60.02% of" in str(explain_size_limits(0.2, 0.6002, limits))


@pytest.mark.parametrize(
    ("structure", "relabeled_share", "codes"),
    [
        ("clear", 0.05, []),
        ("none", 0.0, ["W_NO_STRUCTURE"]),
        ("weak", 0.051, ["W_RELABELED"]),
    ],
)
def test_warnings(structure, relabeled_share, codes):
    two = replace(candidate(2), algorithm="ward", chosen=True, relabeled_share=relabeled_share)
    notices = list(list_warnings(Selection((two,), "", (), structure)))
    assert [notice.code for notice in notices] == codes
    for notice in notices:
        if notice.code == "W_RELABELED":
            assert "in another segment than Ward's method chose" in notice.message
