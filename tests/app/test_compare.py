"""The page on which every algorithm is put side by side: what it says, and taking one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import ilk
from ilk.app.session import Session
from ilk.app.upload import load_bundled
from ilk.cluster.algorithms import ALGORITHMS

QUICK: dict[str, Any] = {"k_max": 6, "fast": True}


@pytest.fixture(scope="module")
def compared() -> Session:
    """A session that has put every algorithm on the mall's customers."""
    session = Session()
    session.load_table(load_bundled(ilk.demo.get_dataset("mall")))
    session.apply_recipe(replace(session.recipe, **QUICK))
    session.get_comparison()
    return session


@pytest.fixture
def judge(compared, arrive, tmp_path):
    """A person who has come to the page."""
    person = arrive()
    own = replace(compared, edits={}, folder=tmp_path, results={**compared.results})
    person.at.session_state["ilk"] = own
    return person.go("Compare")


def test_it_says_which_one_to_use_and_shows_all_of_them(judge):
    expected = ilk.compare(ilk.demo.load("mall"), ilk.demo.get_dataset("mall").recipe, **QUICK)
    assert judge.at.exception == []
    assert judge.refusals == []
    assert expected.reason in judge.said
    for algorithm in ALGORITHMS.values():
        assert f"{algorithm.title}: " in judge.said
    assert judge.cards.count("<tr") == 1 + len(ALGORITHMS)
    assert len(judge.at.get("vega_lite_chart")) == len(ALGORITHMS)


def test_the_one_to_use_is_ready_to_be_taken(judge):
    assert judge.labeled("selectbox", "Algorithm").value == "kmeans"
    judge.click("use")
    assert judge.session.recipe.algorithm == "kmeans"
    assert judge.at.title[0].value == "Your segments"


def test_another_algorithm_can_be_used_and_nothing_is_compared_again(judge, monkeypatch):
    k = {result.algorithm: result.k for result in judge.session.get_comparison().results}["ward"]
    judge.labeled("selectbox", "Algorithm").set_value("ward").run()
    judge.click("use")
    assert judge.session.recipe.algorithm == "ward"
    assert judge.at.title[0].value == "Your segments"
    assert len(judge.session.get_run().segments) == k
    assert judge.session.get_run().selection.chosen_candidate.algorithm == "ward"
    monkeypatch.setattr("ilk.workflow.compare.run_comparison", None)
    judge.go("Compare")
    assert judge.at.exception == []
    assert judge.labeled("selectbox", "Algorithm").value == "kmeans"


def test_only_algorithms_that_find_segments_can_be_used(judge):
    results = judge.session.get_comparison().results
    expected = [result.title for result in results if result.has_clusters]
    options = judge.labeled("selectbox", "Algorithm").options
    assert [option.removesuffix(" (recommended)") for option in options] == expected
    assert "DBSCAN" not in expected


def test_without_a_table_it_shows_the_way_to_one(person):
    person.go("Compare")
    assert person.at.exception == []
    assert "No customer data is loaded yet." in person.said


@pytest.mark.thorough
def test_the_way_to_it_is_on_the_page_before(owner, compared):
    owner.session.results["comparison"] = compared.results["comparison"]
    owner.go("Choose").click("to Compare")
    assert owner.at.title[0].value == "Compare algorithms"


def test_a_table_that_cannot_be_segmented_is_refused(person):
    rows = "".join(f"{n},1\n" for n in range(60))
    person.upload("flat.csv", f"id,x\n{rows}".encode()).go("Compare")
    assert person.at.exception == []
    assert person.codes
