"""The page on which K is chosen: the recommendation, overruling it, and other preparations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import ilk
from ilk.cluster.algorithms import ALGORITHMS


@pytest.fixture
def chooser(owner):
    return owner.go("Choose")


def test_the_recommended_number_is_used_and_explained(chooser):
    run = ilk.fit(ilk.demo.load("mall"), ilk.demo.get_dataset("mall").recipe)
    assert chooser.at.slider[0].value == run.selection.k == 5
    for text in (run.selection.verdict, *run.selection.reasons):
        assert text in chooser.said
    assert "Clear groups. Real groups" in chooser.said.replace("**", "")
    assert not chooser.at.warning
    ks = [candidate.k for candidate in run.selection.multi_cluster_candidates]
    assert (chooser.at.slider[0].min, chooser.at.slider[0].max) == (ks[0], ks[-1])


def test_the_figures_of_every_number_tried_are_shown(chooser):
    (table,) = chooser.at.html
    candidates = chooser.session.get_run().selection.candidates
    assert table.value.count("<tr") == 1 + len(candidates)
    assert candidates[0].k == 1
    for head in (
        "Gain over random data",
        "Gap statistic",
        "Separate groups",
        "Stability: mean, lowest",
    ):
        assert head in table.value
        assert f"{head}: " in chooser.said
    assert len(chooser.at.get("vega_lite_chart")) == 4


@pytest.mark.thorough
def test_where_no_segments_stand_out_it_says_so_on_both_pages(person):
    person.take("customers").go("Choose")
    for page in ("Choose", "Segments"):
        (warning,) = [warning.value for warning in person.go(page).at.warning]
        assert warning.startswith("Random data without groups")
        assert person.said.count("No natural groups") == 1
    assert person.session.get_run().selection.structure == "none"


def test_a_person_can_overrule_the_number_and_go_back(chooser):
    chooser.at.slider[0].set_value(3).run()
    assert chooser.session.k == 3
    assert chooser.at.slider[0].value == 3
    assert len(chooser.go("Segments").session.get_run().segments) == 3
    assert chooser.cards.count("<article") == 3
    assert chooser.session.get_run().model.recipe.k == 3
    chooser.go("Choose")
    assert chooser.at.slider[0].value == 3
    chooser.at.slider[0].set_value(5).run()
    assert chooser.session.k == "auto"
    assert chooser.go("Segments").session.get_run().model.recipe.k == "auto"
    assert chooser.cards.count("<article") == 5


def test_the_verdict_says_that_the_number_was_overruled(chooser):
    advised = chooser.said
    chooser.at.slider[0].set_value(4).run()
    run = ilk.fit(ilk.demo.load("mall"), ilk.demo.get_dataset("mall").recipe, k=4, k_max=10)
    assert run.selection.verdict in chooser.said
    assert chooser.said != advised


def test_columns_can_be_prepared_otherwise(chooser):
    fields = {"Scale": "robust", "Missing": "drop", "Skewed": "log1p", "Outliers": "clip"}
    for label, value in fields.items():
        chooser.labeled("selectbox", label).set_value(value)
    chooser.submit("method")
    mall = ilk.demo.get_dataset("mall").recipe
    said: dict[str, Any] = {
        "scale": "robust",
        "missing": "drop",
        "skew": "log1p",
        "outliers": "clip",
    }
    assert chooser.session.recipe == replace(mall, **said)
    for label, value in fields.items():
        assert chooser.labeled("selectbox", label).value == value
    expected = ilk.fit(ilk.demo.load("mall"), mall, **said)
    assert chooser.session.get_run().customers.equals(expected.customers)


def test_customers_can_be_clustered_on_principal_components(chooser):
    assert chooser.labeled("selectbox", "Principal components").value == "none"
    for label, value in (("90% of the variance", 0.9), ("2 components", 2), ("none", None)):
        chooser.labeled("selectbox", "Principal components").set_value(label)
        chooser.submit("method")
        assert chooser.session.recipe.pca == value
        assert chooser.labeled("selectbox", "Principal components").value == label
        expected = ilk.fit(ilk.demo.load("mall"), ilk.demo.get_dataset("mall").recipe, pca=value)
        run = chooser.session.get_run()
        assert run.customers.equals(expected.customers)
        assert (f"pca={value}" in chooser.session.make_script(run)) == (value is not None)


def test_components_that_a_recipe_asks_for_are_on_offer(chooser):
    chooser.session.recipe = replace(chooser.session.recipe, pca=0.77)
    chooser.at.run()
    field = chooser.labeled("selectbox", "Principal components")
    assert field.value == field.options[-1] == "77% of the variance"


def test_scale_none_gives_another_result_and_standard_the_first_again(chooser):
    before = chooser.session.get_run().model.partition.centers
    chooser.labeled("selectbox", "Scale").set_value("none")
    after = chooser.submit("method").session.get_run().model.partition.centers
    assert before.shape != after.shape or (before != after).any()
    chooser.labeled("selectbox", "Scale").set_value("standard")
    again = chooser.submit("method").session.get_run().model.partition.centers
    assert (again == before).all()


def test_the_largest_number_and_the_seed_can_be_set(chooser):
    chooser.labeled("number_input", "Largest").set_value(4)
    chooser.labeled("number_input", "Seed").set_value(7)
    chooser.submit("method")
    assert chooser.at.slider[0].max == 4
    assert (chooser.session.recipe.k_max, chooser.session.recipe.seed) == (4, 7)


@pytest.mark.thorough
def test_without_a_largest_number_as_many_are_tried_as_there_is_reason_to(chooser):
    largest = chooser.labeled("number_input", "Largest number")
    assert (largest.value, largest.placeholder) == (None, "up to 12, and more where that helps")
    largest.set_value(4)
    assert chooser.submit("method").session.recipe.k_max == 4
    chooser.labeled("number_input", "Largest number").set_value(None)
    assert chooser.submit("method").session.recipe.k_max is None
    assert chooser.at.slider[0].max == 10


def test_the_tests_can_be_left_out(chooser):
    chooser.labeled("checkbox", "Skip the tests").check()
    chooser.submit("method")
    assert chooser.session.recipe.fast
    assert chooser.labeled("checkbox", "Skip the tests").value
    assert "Not tested." in chooser.said
    assert "Gain over random data" not in chooser.said + chooser.cards
    assert len(chooser.at.get("vega_lite_chart")) == 2
    assert "repeat tests" not in chooser.go("Segments").cards


def test_segments_of_other_sizes_than_allowed_are_refused_until_the_limit_is_widened(chooser):
    smallest = chooser.labeled("number_input", "Smallest segment")
    assert smallest.value == 0.0
    smallest.set_value(11.5)
    chooser.submit("method")
    assert chooser.session.recipe.min_share == 0.115
    (table,) = chooser.at.html
    assert "less than 12%" in table.value
    chosen = chooser.session.get_run().selection.chosen_candidate
    assert chosen.smallest_share >= 0.115
    chooser.at.slider[0].set_value(10).run()
    assert chooser.codes == ["E_NO_CANDIDATE"]
    assert "Method under Choose" in " ".join(chooser.refusals).replace("**", "")
    assert chooser.at.slider[0].value == 10
    chooser.at.slider[0].set_value(chosen.k).run()
    assert chooser.refusals == []


def test_where_every_number_breaks_a_limit_the_form_is_still_there(chooser):
    chooser.labeled("number_input", "Largest segment").set_value(5)
    chooser.submit("method")
    assert chooser.codes == ["E_NO_CANDIDATE"]
    assert not chooser.at.slider
    chooser.labeled("number_input", "Largest segment").set_value(100)
    assert chooser.submit("method").refusals == []
    assert chooser.at.slider[0].value == 5


def test_a_limit_that_no_segment_can_keep_is_not_taken(chooser):
    before = chooser.session.recipe
    chooser.labeled("number_input", "Smallest segment").set_value(100)
    chooser.submit("method")
    assert len(chooser.codes) == 1
    assert chooser.session.recipe == before


@pytest.mark.parametrize(
    ("algorithm", "counts"),
    [
        ("ward", False),
        pytest.param("mixture", False, marks=pytest.mark.thorough),
        ("hdbscan", True),
    ],
)
def test_another_algorithm_can_be_taken(chooser, algorithm, counts):
    field = chooser.labeled("selectbox", "Algorithm")
    assert field.value == "kmeans"
    titles = [algorithm.title for algorithm in ALGORITHMS.values()]
    assert set(field.options) == {*titles, "automatic"}
    field.set_value(algorithm)
    chooser.submit("method")
    assert chooser.session.recipe.algorithm == algorithm
    assert chooser.refusals == []
    assert bool(chooser.at.slider) != counts
    run = chooser.go("Segments").session.get_run()
    expected = ilk.fit(
        ilk.demo.load("mall"), ilk.demo.get_dataset("mall").recipe, algorithm=algorithm
    )
    assert run.customers.equals(expected.customers)


def test_applying_nothing_new_changes_nothing(chooser):
    chooser.at.slider[0].set_value(3).run()
    before = chooser.session.recipe
    chooser.submit("method")
    assert (chooser.session.recipe, chooser.session.k) == (before, 3)
    assert chooser.at.slider[0].value == 3


def test_where_two_is_all_there_is_no_slider_to_move(person):
    rows = "".join(f"{n},{n % 2}\n" for n in range(60))
    person.upload("two.csv", f"id,x\n{rows}".encode()).go("Choose")
    assert not person.at.exception
    assert person.refusals == []
    assert not person.at.slider
    assert len(person.go("Segments").session.get_run().segments) <= 2


def test_a_preparation_that_cannot_be_is_refused_and_can_be_taken_back(person):
    pairs = ((n, (n * n % 17, "") if n % 2 else ("", n * 7 % 23)) for n in range(60))
    rows = "".join(f"{n},{x},{y}\n" for n, (x, y) in pairs)
    person.upload("gaps.csv", f"id,x,y\n{rows}".encode()).go("Choose")
    person.labeled("selectbox", "Missing").set_value("drop")
    person.submit("method")
    assert person.codes == ["E_NO_COMPLETE_ROWS"]
    person.labeled("selectbox", "Missing").set_value("median")
    person.submit("method")
    assert person.refusals == []
    assert person.at.slider
