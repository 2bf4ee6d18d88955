from __future__ import annotations

from ilk.report.advice import describe_sector, describe_silence, split_shared_advice
from ilk.schema import Answer, Column, Schema
from ilk.segments.segment import Figures, Segment


def segment(number: int, action: str, goal: str = "grow") -> Segment:
    return Segment(number, f"S{number}", action, Figures(1, 0.5, (), ()), (), goal=goal)


def test_what_goes_for_all_is_said_once():
    shared, own = split_shared_advice(
        [segment(1, "Call. Send the news."), segment(2, "Write. Send the news.")]
    )
    assert shared == ["For all segments: send the news."]
    assert [one.action for one in own] == ["Call.", "Write."]


def test_a_segment_without_advice_has_nothing_in_common():
    segments = [segment(1, "Send the news."), segment(2, "", goal="")]
    assert split_shared_advice(segments) == ([], segments)


def test_what_a_person_wrote_is_left_alone():
    segments = [segment(1, "Send the news.", goal=""), segment(2, "Send the news.", goal="")]
    assert split_shared_advice(segments) == ([], segments)


def test_the_sector_is_said_only_where_there_is_advice():
    names = ("Credit_Limit", "Loan_Balance", "Age")
    schema = Schema(tuple(Column(name, "number", "feature", "") for name in names))
    said = describe_sector([segment(1, "Call.")], schema)
    assert said == "The advice is for banking and cards, judging by Credit_Limit and Loan_Balance."
    assert describe_sector([segment(1, "", goal="")], schema) == ""
    assert describe_sector([segment(1, "Call.")], Schema(schema.columns[2:])) == ""


def test_answers_in_cells_say_nothing_of_the_sector():
    answers = [
        Column(text, "category", "feature", "", answer=Answer("channels", ";", text))
        for text in ("SMS", "Calls")
    ]
    assert describe_sector([segment(1, "Call.")], Schema(tuple(answers))) == ""
    schema = Schema(
        (*answers, *(Column(name, "number", "feature", "") for name in ("plan", "sms")))
    )
    assert "judging by plan and sms." in describe_sector([segment(1, "Call.")], schema)


def test_missing_advice_is_explained_where_names_tell_nothing():
    schema = Schema(tuple(Column(name, "number", "feature", "") for name in ("X1", "age")))
    silent, told = segment(1, "", goal=""), segment(2, "Call.")
    said = describe_silence([silent, silent, told], schema)
    assert said.startswith("2 of 3 segments have no advice: the name of X1 does not tell ilk")
    assert describe_silence([silent, told], schema) == ""
    assert describe_silence([silent, silent], Schema(schema.columns[1:])) == ""


def test_a_column_that_is_known_for_the_value_in_it_does_not_say_nothing():
    umsatz = Column("Umsatz", "number", "feature", "", meaning="money", is_value=True)
    schema = Schema((umsatz, Column("X1", "number", "feature", "")))
    silent = segment(1, "", goal="")
    assert "the name of X1 does not tell" in describe_silence([silent, silent], schema)
    assert describe_silence([silent, silent], Schema((umsatz,))) == ""
