"""Names and actions by hand: what is taken, what is refused, and that nothing else changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ilk.errors import UsageError
from ilk.segments.edits import ACTION_LIMIT, NAME_LIMIT, Edits, edit, find_edits
from ilk.segments.segment import Figures, Segment, Segments


def made(*names: str) -> Segments:
    figures = Figures(10, 1 / len(names), (), ())
    return Segments(Segment(n, name, f"Do {n}.", figures, ()) for n, name in enumerate(names, 1))


THREE = made("Loyal", "New", "Lost")


def test_only_what_was_edited_is_new():
    edited = edit(THREE, {2: "Fresh"}, {3: "Let them go."})
    assert edited == (
        THREE[0],
        replace(THREE[1], name="Fresh"),
        replace(THREE[2], action="Let them go."),
    )
    assert isinstance(edited, Segments)
    assert [segment.name for segment in THREE] == ["Loyal", "New", "Lost"]


def test_spaces_and_line_ends_around_a_text_are_dropped():
    edited = edit(THREE, {1: "  Our best\n"}, {1: "\tCall them. \n"})
    assert (edited[0].name, edited[0].action) == ("Our best", "Call them.")


@pytest.mark.parametrize("number", [0, 4, -1, "2", 1.5, None])
@pytest.mark.parametrize("what", ["names", "actions"])
def test_a_segment_that_does_not_exist_is_refused(what, number):
    with pytest.raises(UsageError, match=r"no such segment .*The segments are 1 to 3") as caught:
        edit(THREE, **{"names": {}, "actions": {}, what: {number: "x"}})
    assert caught.value.place == f"segment {number!r}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        (" \n\t", "is empty"),
        ("\u202e\u200b", "is empty"),
        ("two\nlines", r"contains the control character U\+000A"),
        ("two\u2028lines", r"U\+2028"),
        ("red \x1b[31m", r"U\+001B"),
        ("nul \x00", r"U\+0000"),
        ("evil \u202e gnidneps", r"U\+202E"),
        ("half \ud800 a letter", r"U\+D800"),
        (5, "'5' is not text"),
        (None, "'None' is not text"),
    ],
)
@pytest.mark.parametrize("what", ["name", "action"])
def test_a_text_that_cannot_be_shown_is_refused(what, text, message):
    texts = {"names": {}, "actions": {}, f"{what}s": {2: text}}
    with pytest.raises(UsageError, match=f"the {what} .*{message}") as caught:
        edit(THREE, **texts)
    assert (caught.value.code, caught.value.exit_code) == ("E_SEGMENT_EDIT", 2)
    assert caught.value.place == "segment 2"
    assert caught.value.way_out


def test_a_text_may_be_as_long_as_the_limit_and_no_longer():
    assert (NAME_LIMIT, ACTION_LIMIT) == (80, 500)
    edited = edit(THREE, {1: " " + "n" * 80 + " "}, {1: "a" * 500})
    assert (len(edited[0].name), len(edited[0].action)) == (80, 500)
    with pytest.raises(UsageError, match=r"the name has 81 characters .*Shorten it to 80"):
        edit(THREE, {1: "n" * 81}, {})
    with pytest.raises(UsageError, match=r"the action has 501 characters .*Shorten it to 500"):
        edit(THREE, {}, {1: "a" * 501})


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "=cmd()",
        "顧客",
        "العملاء",
        "👨\u200d👩\u200d👧 Families",
        "می\u200cخرند",
    ],
)
def test_what_can_be_read_is_taken_as_it_is(name):
    assert edit(THREE, {1: name}, {})[0].name == name


@pytest.mark.parametrize("name", ["New", "nEW", " new ", "NEW\u200d"])
def test_two_segments_cannot_have_one_name(name):
    with pytest.raises(UsageError, match="segment 2 is also called 'New'") as caught:
        edit(THREE, {3: name}, {})
    assert caught.value.place == "segment 3"


def test_letters_in_two_forms_are_one_name():
    with pytest.raises(UsageError, match=r"is also called"):
        edit(made("Caf\u00e9", "Bar"), {2: "Cafe\u0301"}, {})


def test_two_new_names_cannot_be_the_same():
    with pytest.raises(UsageError, match="segment 1 is also called 'Gold'"):
        edit(THREE, {1: "Gold", 2: "gold"}, {})


def test_names_can_be_swapped_and_taken_over():
    assert [segment.name for segment in edit(THREE, {1: "New", 2: "Loyal"}, {})] == [
        "New",
        "Loyal",
        "Lost",
    ]
    assert edit(THREE, {1: "Old", 2: "Loyal"}, {})[1].name == "Loyal"


def test_actions_may_be_the_same():
    assert edit(THREE, {}, {1: "Write.", 2: "Write."})[1].action == "Write."


def test_a_text_that_stays_is_not_looked_at():
    """A form hands back every text, also those that data or a playbook brought in."""
    odd = Segments(replace(segment, name="a\u202eb", action="a" * 600) for segment in THREE)
    names, actions = (
        {segment.number: getattr(segment, part) for segment in odd} for part in ("name", "action")
    )
    assert edit(odd, names, actions) == odd
    assert edit(odd, {**names, 2: "New"}, actions)[1].name == "New"


def test_changes_are_what_differs():
    edited = edit(THREE, {1: "Loyal", 2: "Fresh"}, {3: "Let them go.", 2: "Do 2."})
    edits = find_edits(THREE, edited)
    assert edits == Edits({2: "Fresh"}, {3: "Let them go."})
    assert edit(THREE, edits.names, edits.actions) == edited
    assert not find_edits(THREE, THREE)


def test_later_edits_go_before_earlier_ones():
    first, second = Edits({2: "a", 1: "b"}, {1: "x"}), Edits({2: "c"}, {3: "y"})
    both = first.merge(second)
    assert both == Edits({1: "b", 2: "c"}, {1: "x", 3: "y"})
    assert list(both.names) == [1, 2]
    assert first == Edits({2: "a", 1: "b"}, {1: "x"})


@pytest.mark.parametrize(
    ("edits", "any_"),
    [(Edits(), False), (Edits({1: "a"}), True), (Edits(actions={1: "a"}), True)],
)
def test_edits_are_true_when_there_are_some(edits, any_):
    assert bool(edits) is any_
