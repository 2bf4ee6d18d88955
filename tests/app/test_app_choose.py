"""The page on which K is chosen: the recommendation, overruling it, and other preparations."""

from __future__ import annotations

import pytest

import ilk


@pytest.fixture
def chooser(owner):
    return owner.go("Choose")


def test_what_is_recommended_is_taken_and_told_with_reasons(chooser):
    run = ilk.fit(ilk.demo.load("mall"), ilk.demo.get("mall").recipe)
    assert chooser.at.slider[0].value == run.choice.k == 5
    for text in (run.choice.verdict, *run.choice.reasons):
        assert text in chooser.said
    ks = [each.k for each in run.choice.candidates]
    assert (chooser.at.slider[0].min, chooser.at.slider[0].max) == (ks[0], ks[-1])


def test_every_number_tried_is_told_in_figures(chooser):
    (table,) = chooser.at.html
    rows = table.value.count("<tr")
    assert rows == 1 + len(chooser.session.run().choice.candidates)


def test_a_person_can_overrule_the_number_and_go_back(chooser):
    chooser.at.slider[0].set_value(3).run()
    assert chooser.session.k == 3
    assert chooser.at.slider[0].value == 3
    assert len(chooser.go("Segments").session.run().segments) == 3
    assert chooser.cards.count("<article") == 3
    assert chooser.session.run().model.recipe.k == 3
    chooser.go("Choose")
    assert chooser.at.slider[0].value == 3
    chooser.at.slider[0].set_value(5).run()
    assert chooser.session.k == "auto"
    assert chooser.go("Segments").session.run().model.recipe.k == "auto"
    assert chooser.cards.count("<article") == 5


def test_the_verdict_says_that_the_number_was_overruled(chooser):
    advised = chooser.said
    chooser.at.slider[0].set_value(4).run()
    run = ilk.fit(ilk.demo.load("mall"), ilk.demo.get("mall").recipe, k=4)
    assert run.choice.verdict in chooser.said
    assert chooser.said != advised


def test_columns_can_be_prepared_otherwise(chooser):
    fields = {"Scale": "robust", "Missing": "drop", "Skewed": "log1p", "Outliers": "clip"}
    for label, value in fields.items():
        chooser.labelled("selectbox", label).set_value(value)
    chooser.submit("prepared")
    mall = ilk.demo.get("mall").recipe
    said = {"scale": "robust", "missing": "drop", "skew": "log1p", "outliers": "clip"}
    assert chooser.session.recipe == mall.model_copy(update=said)
    for label, value in fields.items():
        assert chooser.labelled("selectbox", label).value == value
    expected = ilk.fit(ilk.demo.load("mall"), mall, **said)
    assert chooser.session.run().customers.equals(expected.customers)


def test_scale_none_gives_another_result_and_standard_the_first_again(chooser):
    before = chooser.session.run().model.partition.centers
    chooser.labelled("selectbox", "Scale").set_value("none")
    after = chooser.submit("prepared").session.run().model.partition.centers
    assert before.shape != after.shape or (before != after).any()
    chooser.labelled("selectbox", "Scale").set_value("standard")
    again = chooser.submit("prepared").session.run().model.partition.centers
    assert (again == before).all()


def test_how_many_are_tried_and_the_seed_can_be_said(chooser):
    chooser.labelled("number_input", "Largest").set_value(4)
    chooser.labelled("number_input", "Seed").set_value(7)
    chooser.submit("prepared")
    assert chooser.at.slider[0].max == 4
    assert (chooser.session.recipe.k_max, chooser.session.recipe.seed) == (4, 7)


def test_applying_nothing_new_changes_nothing(chooser):
    chooser.at.slider[0].set_value(3).run()
    before = chooser.session.recipe
    chooser.submit("prepared")
    assert (chooser.session.recipe, chooser.session.k) == (before, 3)
    assert chooser.at.slider[0].value == 3


def test_where_two_is_all_there_is_no_slider_to_move(person):
    rows = "".join(f"{n},{n % 2}\n" for n in range(60))
    person.upload("two.csv", f"id,x\n{rows}".encode()).go("Choose")
    assert not person.at.exception
    assert person.refusals == []
    assert not person.at.slider
    assert len(person.go("Segments").session.run().segments) <= 2


def test_a_preparation_that_cannot_be_is_refused_and_can_be_taken_back(person):
    rows = "".join(f"{n},{n * n % 17 - 5},{n * 7 % 23}\n" for n in range(60))
    person.upload("negative.csv", f"id,x,y\n{rows}".encode()).go("Choose")
    person.labelled("selectbox", "Skewed").set_value("log1p")
    person.submit("prepared")
    assert person.codes == ["E_NEGATIVE_LOG"]
    person.labelled("selectbox", "Skewed").set_value("auto")
    person.submit("prepared")
    assert person.refusals == []
    assert person.at.slider
