"""The page of the segments: what they are like, and names and actions by hand."""

from __future__ import annotations

import io

import polars as pl
import pytest

import ilk
from ilk.segments.wording import describe_confidence

NAME, ACTION = "Our best <b>customers</b> & friends", "Invite them: *soon*, at $5."


@pytest.fixture
def owner(owner):
    return owner.go("Segments")


def rename(person, number: int, name: str | None = None, action: str | None = None):
    if name is not None:
        person.labeled("text_input", f"Name of segment {number}").set_value(name)
    if action is not None:
        person.labeled("text_area", f"Action for segment {number}").set_value(action)
    return person.submit("edit")


def names(person) -> list[str]:
    return [segment.name for segment in person.session.get_run().segments]


def test_every_segment_has_its_card(owner):
    run = ilk.fit(ilk.demo.load("mall"), ilk.demo.get_dataset("mall").recipe)
    assert owner.cards.count("<article") == len(run.segments)
    for segment in run.segments:
        assert segment.name in owner.cards
        assert segment.action in owner.cards
        for sentence in describe_confidence(segment):
            assert sentence in owner.cards
    assert owner.cards.count("repeat tests") == len(run.segments)
    assert "**Clear groups.**" in owner.said
    assert run.selection.verdict in owner.said


def test_names_and_actions_by_hand_are_kept_and_go_everywhere(owner):
    rename(owner, 2, NAME, ACTION)
    assert owner.refusals == []
    assert "Our best &lt;b&gt;customers&lt;/b&gt; &amp; friends" in owner.cards
    assert names(owner)[1] == NAME
    owner.go("Choose").go("Segments")
    assert owner.labeled("text_input", "segment 2").value == NAME
    assert owner.labeled("text_area", "segment 2").value == ACTION
    owner.go("Export")
    model = ilk.model.serialization.loads(owner.downloads["model.json"].decode())
    assert (model.segments[1].name, model.segments[1].action) == (NAME, ACTION)
    customers = pl.read_csv(io.BytesIO(owner.downloads["customers.csv"]))
    assert set(customers.filter(segment=2)["segment_name"]) == {NAME}
    segments = pl.read_csv(io.BytesIO(owner.downloads["segments.csv"]))
    assert segments["action"][1] == ACTION
    owner.go("Predict")
    owner.at.number_input[0].set_value(85)
    owner.at.number_input[1].set_value(85)
    owner.submit("one customer")
    assert "Our best &lt;b&gt;" in owner.cards


@pytest.mark.parametrize("name", ["", "   ", "taken", "two\nlines", "turned \u202e round"])
def test_a_name_that_cannot_be_is_refused_and_nothing_changes(owner, name):
    before = names(owner)
    rename(owner, 1, "A good name")
    rename(owner, 2, before[2] if name == "taken" else name, "Do this.")
    assert owner.codes == ["E_SEGMENT_EDIT"]
    assert names(owner) == ["A good name", *before[1:]]
    assert "Do this." not in owner.cards
    assert owner.cards.count("<article") == 5


def test_a_name_has_as_many_letters_as_the_library_allows(owner):
    rename(owner, 1, "x" * 81)
    assert names(owner)[0] == "x" * 80


def test_an_edit_stays_with_its_number_of_segments(owner):
    rename(owner, 1, NAME)
    owner.go("Choose").at.slider[0].set_value(4).run()
    assert NAME not in names(owner.go("Segments"))
    rename(owner, 1, "One of four")
    owner.go("Choose").at.slider[0].set_value(5).run()
    assert names(owner.go("Segments"))[0] == NAME
    owner.go("Choose").at.slider[0].set_value(4).run()
    assert names(owner.go("Segments"))[0] == "One of four"


def test_a_second_edit_keeps_the_first(owner):
    rename(owner, 1, "First")
    rename(owner, 2, "Second")
    assert names(owner)[:2] == ["First", "Second"]
    assert dict(owner.session.get_run().edits.names) == {1: "First", 2: "Second"}


def test_other_customers_begin_without_edits(owner):
    rename(owner, 1, NAME)
    owner.go("Data")
    owner.press("Change file")
    owner.take("mall").go("Segments")
    assert NAME not in names(owner)


def test_every_picture_is_drawn_and_can_be_turned(owner):
    drawn = len(owner.at.get("vega_lite_chart"))
    assert drawn == 3
    owner.at.selectbox(key="scatter by").set_value("Principal components").run()
    assert not owner.at.exception
    assert len(owner.at.get("vega_lite_chart")) == drawn
    for column in ("Age", "Annual Income (k$)", "Spending Score (1-100)"):
        owner.at.selectbox(key="distribution of").set_value(column).run()
        assert not owner.at.exception
        assert len(owner.at.get("vega_lite_chart")) == drawn


def test_customers_without_a_number_have_segments_too(person):
    rows = "".join(f"{n},{'abc'[n % 3]},{'de'[n % 2]}\n" for n in range(60))
    person.upload("letters.csv", f"id,letter,other\n{rows}".encode()).go("Segments")
    assert not person.at.exception
    assert person.refusals == []
    assert person.cards.count("<article") == len(person.session.get_run().segments)
