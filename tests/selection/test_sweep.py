"""The rule for K: data with known answers, published figures, and no dependence on the range."""

from __future__ import annotations

import gzip
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ilk
from ilk.errors import InputError
from ilk.selection.candidates import Candidate
from ilk.selection.indices import compute_elbows
from ilk.selection.k_choice import classify_structure, recommend_k
from ilk.selection.settings import SelectionSettings
from ilk.selection.sweep import sweep_k

MALL = ("Annual Income (k$)", "Spending Score (1-100)")


def known(data_dir: Path, name: str):
    with gzip.open(data_dir / "known_answers" / f"{name}.data.gz") as file:
        return np.loadtxt(file)


def mall(data_dir: Path, columns=(3, 4)):
    return np.loadtxt(data_dir / "Mall_Customers.csv", delimiter=",", skiprows=1, usecols=columns)


def standardized(values):
    return (values - values.mean(axis=0)) / values.std(axis=0)


def as_read(values):
    return values


@pytest.mark.parametrize(
    ("name", "groups", "prepare"),
    [
        ("hepta", 7, standardized),
        ("hepta", 7, as_read),
        ("tetra", 4, standardized),
        ("tetra", 4, as_read),
        pytest.param("s1", 15, standardized, marks=pytest.mark.thorough),
        pytest.param("s3", 15, as_read, marks=pytest.mark.thorough),
        pytest.param("a1", 20, standardized, marks=pytest.mark.thorough),
    ],
)
def test_known_groups_are_counted_and_clear(data_dir, name, groups, prepare):
    choice, _ = sweep_k(prepare(known(data_dir, name))).select()
    assert (choice.k, choice.structure) == (groups, "clear")


@pytest.mark.thorough
@pytest.mark.parametrize("prepare", [standardized, lambda values: values])
def test_many_small_groups_beside_large_ones_are_counted(data_dir, prepare):
    # Three large groups far from five small ones: the silhouette alone is content with two or six.
    choice, _ = sweep_k(prepare(known(data_dir, "unbalance"))).select()
    silhouettes = {
        candidate.k: candidate.silhouette or 0.0 for candidate in choice.multi_cluster_candidates
    }
    assert max(silhouettes, key=lambda k: silhouettes[k]) in (2, 6)
    assert (choice.k, choice.structure) == (8, "clear")


@pytest.mark.parametrize("prepare", [standardized, lambda values: values])
def test_the_mall_with_age_has_six(data_dir, prepare):
    assert sweep_k(prepare(mall(data_dir, (2, 3, 4)))).select()[0].k == 6


@pytest.mark.thorough
def test_published_silhouettes_of_the_mall(data_dir):
    def best(values):
        return max(
            candidate.silhouette or 0.0
            for candidate in sweep_k(values).select()[0].multi_cluster_candidates
        )

    assert best(mall(data_dir)) == pytest.approx(0.553931997444648, rel=1e-13)
    assert best(standardized(mall(data_dir))) == pytest.approx(0.5546571631111091, rel=1e-13)
    assert round(best(mall(data_dir, (2, 3, 4))), 4) == 0.4523


@pytest.mark.parametrize("prepare", [standardized, lambda values: values])
def test_the_mall_has_five(data_dir, prepare):
    choice, _ = sweep_k(prepare(mall(data_dir))).select()
    assert choice.k == 5
    assert choice.verdict.startswith("Five clear segments (average silhouette 0.55")
    assert any("bends most at K = 5" in reason for reason in choice.reasons)


def test_the_elbow_does_not_move_with_the_range(data_dir):
    values = standardized(mall(data_dir))
    bends = [
        {
            candidate.k: candidate.elbow
            for candidate in sweep_k(values, SelectionSettings(k_max=k_max)).select()[0].candidates
        }
        for k_max in (6, 9, 12)
    ]
    for narrow, wide in ((0, 1), (1, 2)):
        assert {k: bends[wide][k] for k in bends[narrow]} == bends[narrow]


@pytest.mark.thorough
@pytest.mark.parametrize("k_max", [5, 6, 8, 12, 16])
def test_the_choice_does_not_move_with_the_range(data_dir, k_max):
    assert sweep_k(standardized(mall(data_dir)), SelectionSettings(k_max=k_max)).select()[0].k == 5


def test_the_bend_is_the_difference_of_two_shares():
    bends = compute_elbows({1: 200.0, 2: 100.0, 3: 25.0, 4: 20.0})
    assert bends == pytest.approx({2: 0.5 - 0.75, 3: 0.75 - 0.2})


def test_the_bend_is_nothing_where_every_step_removes_the_same_share():
    bends = compute_elbows({k: 0.8**k for k in range(1, 9)})
    assert list(bends) == [2, 3, 4, 5, 6, 7]
    assert max(map(abs, bends.values())) < 1e-12


@given(st.floats(1e-6, 1e6), st.lists(st.floats(0.05, 0.95), min_size=2, max_size=8))
def test_the_bend_does_not_depend_on_the_unit(unit, falls):
    inertias = {1: 1.0}
    for k, fall in enumerate(falls, start=2):
        inertias[k] = inertias[k - 1] * fall
    scaled = compute_elbows({k: inertia * unit for k, inertia in inertias.items()})
    assert scaled == pytest.approx(compute_elbows(inertias), abs=1e-8)


def test_where_nothing_is_left_nothing_is_removed():
    assert compute_elbows({1: 4.0, 2: 0.0, 3: 0.0}) == {2: 1.0}


def candidate(k, elbow, silhouette):
    return Candidate("kmeans", k, 1.0, elbow, silhouette, 0.0, 0.0, 0.0, 0.0, chosen=False)


def test_the_silhouette_decides_when_it_is_clear():
    table = [candidate(2, 0.1, 0.70), candidate(3, 2.0, 0.60)]
    assert recommend_k(table).k == 2


def test_the_bend_decides_between_silhouettes_that_are_close():
    table = [candidate(2, 0.1, 0.61), candidate(3, 2.0, 0.60), candidate(4, 3.0, 0.50)]
    assert recommend_k(table).k == 3


def test_the_smaller_k_wins_a_tie():
    assert recommend_k([candidate(2, 1.0, 0.6), candidate(3, 1.0, 0.6)]).k == 2


def test_a_k_that_is_asked_for_is_taken_and_the_advice_is_told(data_dir):
    settings = SelectionSettings(k=7, k_max=10)
    choice, partition = sweep_k(standardized(mall(data_dir)), settings).select(7)
    assert (choice.k, partition.k) == (7, 7)
    assert [candidate.k for candidate in choice.candidates if candidate.chosen] == [7]
    assert choice.verdict.startswith("Seven segments, as requested; ilk recommends five.")


def test_a_k_that_is_asked_for_is_the_only_one_tried_and_has_the_same_figures(data_dir):
    values = standardized(mall(data_dir))
    alone = sweep_k(values, SelectionSettings(k=5))
    every = sweep_k(values, SelectionSettings(k=5, k_max=10))
    assert (list(alone.results), [candidate.k for candidate in alone.candidates]) == ([5], [1, 5])
    # The bend of the inertia curve needs the neighbors of a K; nothing else does.
    [five] = [candidate for candidate in every.candidates if candidate.k == 5]
    assert asdict(alone.candidates[1]) == pytest.approx(asdict(replace(five, elbow=None)))
    assert alone.select(5)[0].verdict == "Five clear segments (average silhouette 0.555)."


def test_a_k_beyond_the_range_extends_it(data_dir):
    choice, partition = sweep_k(
        standardized(mall(data_dir)), SelectionSettings(k=15, k_max=4)
    ).select(15)
    assert partition.k == 15
    assert [candidate.k for candidate in choice.candidates] == list(range(1, 16))


def test_few_rows_shorten_the_range():
    values = np.array([[0.0], [0.1], [0.2], [9.0], [9.1], [9.2]])
    choice, _ = sweep_k(values).select()
    assert [candidate.k for candidate in choice.candidates] == [1, 2, 3]
    assert choice.k == 2


def test_two_different_rows_are_enough_for_two():
    choice, partition = sweep_k(np.array([[0.0], [0.0], [1.0]])).select()
    assert (choice.k, partition.inertia) == (2, 0.0)
    assert choice.chosen_candidate.elbow is None


def test_equal_rows_have_no_segments():
    with pytest.raises(InputError, match="only 1 customers differ"):
        sweep_k(np.zeros((50, 2))).select()


def test_more_segments_than_different_rows_are_refused():
    with pytest.raises(InputError, match="3 segments were asked for, but only 2 customers"):
        sweep_k(np.array([[0.0], [0.0], [1.0]]), SelectionSettings(k=3)).select(3)


def test_reasons_name_who_disagrees(data_dir):
    income = np.loadtxt(
        data_dir / "Wholesale_customers.csv", delimiter=",", skiprows=1, usecols=range(2, 8)
    )
    choice, _ = sweep_k(standardized(np.log1p(income))).select()
    text = " ".join(choice.reasons)
    assert "Calinski-Harabasz" in text
    assert "Davies-Bouldin" in text


@pytest.mark.thorough
@pytest.mark.parametrize("seed", [1, 2])
def test_the_seed_does_not_change_a_clear_answer(data_dir, seed):
    values = standardized(mall(data_dir))
    assert (
        sweep_k(values, SelectionSettings(seed=seed)).select()[1].inertia
        == sweep_k(values).select()[1].inertia
    )


@pytest.mark.thorough
def test_a_range_that_grew_is_the_range_tried_at_once(data_dir):
    values = standardized(known(data_dir, "s1"))[::5]
    grown, whole = (
        sweep_k(values, terms) for terms in (SelectionSettings(), SelectionSettings(k_max=18))
    )
    assert [candidate.k for candidate in grown.candidates] == list(range(1, 19))
    assert grown.recommended_k == whole.recommended_k
    for ours, theirs in zip(grown.candidates, whole.candidates, strict=True):
        assert ours.inertia == theirs.inertia
        assert ours.elbow == theirs.elbow
        assert ours.gap == pytest.approx(theirs.gap, abs=1e-9)
        assert ours.silhouette_gain == pytest.approx(theirs.silhouette_gain, abs=1e-9)
        assert ours.stability == theirs.stability


def test_a_k_that_nothing_depended_on_is_tested_when_it_is_chosen(data_dir):
    sweep = sweep_k(standardized(mall(data_dir)))
    assert sweep.candidates[8].stability is None
    selection, _ = sweep.select(9)
    chosen = selection.chosen_candidate
    assert len(selection.stability) == chosen.k == 9
    assert chosen.stability == pytest.approx(np.mean(selection.stability))
    assert chosen.stability_min == min(selection.stability)
    assert any("resamples the mean overlap" in reason for reason in selection.reasons)


def with_tests(k, *, silhouette, gain, groups):
    return replace(
        candidate(k, 1.0 / k, silhouette),
        gap=0.1 * k,
        gap_error=0.01,
        silhouette_gain=gain,
        n_separated_groups=groups,
        stability=0.9,
    )


ONE = replace(
    candidate(1, None, None), gap=0.0, gap_error=0.0, silhouette_gain=0.0, n_separated_groups=1
)


def test_a_margin_without_a_visible_gap_does_not_justify_more_segments():
    two = with_tests(2, silhouette=0.31, gain=0.06, groups=1)
    nine = with_tests(9, silhouette=0.21, gain=0.09, groups=1)
    assert recommend_k([ONE, two, nine]).k == 2
    assert classify_structure([ONE, two, nine]) == "weak"
    assert recommend_k([ONE, two, replace(nine, n_separated_groups=2)]).k == 9
    assert recommend_k([ONE, replace(two, stability=0.5), nine]).k == 9
    assert recommend_k([ONE, replace(two, silhouette=0.1), nine]).k == 9
    # A smaller number has to beat random data, too.
    assert recommend_k([ONE, replace(two, silhouette_gain=0.01), nine]).k == 9


def test_gaps_around_every_cluster_are_proof_without_a_margin():
    two = with_tests(2, silhouette=0.31, gain=-0.1, groups=2)
    three = with_tests(3, silhouette=0.5, gain=0.01, groups=2)
    assert recommend_k([ONE, two, three]).k == 2
    assert classify_structure([ONE, two, three]) == "clear"
    assert classify_structure([ONE, replace(two, stability=0.5), three]) == "none"
    assert classify_structure([ONE, replace(two, n_separated_groups=1), three]) == "none"


def test_wholesale_customers_are_weakly_two(data_dir):
    selection = ilk.fit(data_dir / "Wholesale_customers.csv").selection
    assert (selection.k, selection.structure) == (2, "weak")
    assert "but without visible gaps fewer segments are preferred" in " ".join(selection.reasons)
