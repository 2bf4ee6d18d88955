"""Readable names of columns and levels: everything but the table shows them."""

from __future__ import annotations

import polars as pl
import pytest

from ilk.columns.cast import cast_columns
from ilk.columns.coded import make_label_template
from ilk.errors import InputError, UsageError
from ilk.schema import Outcome, Schema
from ilk.tables.number_format import NumberFormat

N = 60
TABLE = {
    "x1": [i % 2 for i in range(N)],
    "x2": [str(i % 3 + 1) for i in range(N)],
    "x3": [(i * i * 7.5) % 991 for i in range(N)],
    "x4": [i * 3 % 2 for i in range(N)],
}
LABELS = {
    "x1": {"name": "Sex", "levels": {"0": "male", "1": "female"}},
    "x2": {"name": "Job", "levels": {"1": "worker", "2": "manager"}, "order": ["3", "worker", "2"]},
    "x3": {"name": "Income"},
}


def test_columns_have_their_readable_names_and_meanings(infer):
    columns, _ = infer(TABLE, labels=LABELS)
    assert list(columns) == ["Sex", "Job", "Income", "x4"]
    assert columns["Sex"].reason == "a sensitive trait"
    assert columns["Income"].meaning == "money"
    assert columns["Job"].reason == "3 ordered values, from '3' to 'manager'"
    assert columns["Job"].meaning == "scale"
    assert columns["Job"].cells.levels == ("3", "worker", "manager")
    assert [column.source for column in columns.values()] == list(TABLE)


def test_cells_are_read_by_code_spelling_and_name(infer):
    columns, _ = infer(TABLE, labels=LABELS)
    wanted = [columns["Job"], columns["Sex"], columns["Income"]]
    frame = pl.DataFrame({"x1": [1, 0, 1], "x2": ["1.0", " 2", "5"], "x3": [1, 2, 3]})
    cast = cast_columns(frame, wanted, NumberFormat())
    assert cast.columns == ["Job", "Sex", "Income"]
    assert cast["Sex"].to_list() == ["female", "male", "female"]
    assert cast["Job"].to_list() == ["worker", "manager", "5"]
    named = pl.DataFrame({"Sex": ["Male"], "Job": ["MANAGER"], "Income": [1]})
    assert cast_columns(named, wanted, NumberFormat()).row(0)[:2] == ("manager", "male")


def test_many_cells_are_read_as_one_is(infer):
    columns, _ = infer(TABLE, labels=LABELS)
    texts = [str(i) for i in range(2000)] + ["1", "2"]
    cells = cast_columns(pl.DataFrame({"x2": texts}), [columns["Job"]], NumberFormat())["Job"]
    assert cells.to_list()[:4] == ["0", "worker", "manager", "3"]
    assert cells.to_list()[-2:] == ["worker", "manager"]


def test_columns_are_chosen_by_either_name(infer):
    for name in ("x3", "Income"):
        columns, _ = infer(TABLE, labels=LABELS, describe=[name], value=name)
        assert (columns["Income"].role, columns["Income"].is_value) == ("describe", True)
    for text in ("x1=0", "Sex=male", "x1=male", "Sex=0"):
        columns, _ = infer(TABLE, labels=LABELS, outcome=text)
        assert columns["Sex"].outcome == Outcome("male", is_bad=False)
    columns, _ = infer(TABLE, labels=LABELS, columns_as={"x3": "count", "x1": "code"})
    assert (columns["Income"].meaning, columns["Sex"].meaning) == ("count", "code")


def test_numbers_with_some_names_are_a_category_if_chosen(infer):
    table = {**TABLE, "x5": [i * i % 44 for i in range(N)]}
    labels = {"x5": {"name": "Years", "levels": {"0": "new"}}}
    for name in ("x5", "Years"):
        columns, _ = infer(table, labels=labels, categorical=[name])
        assert columns["Years"].kind == "category"
    named = {"x5": {"levels": {str(i * i % 44): f"years {i * i % 44}" for i in range(N)}}}
    assert infer(table, labels=named)[0]["x5"].kind == "category"


CHANNELS = {"channels": ["Email; SMS", "Email", "SMS; App", "Email; App"] * 15, **TABLE}


def test_answers_have_their_readable_names(infer):
    labels = {"channels": {"name": "Contact", "levels": {"email": "E-mail", "SMS": "Text"}}}
    columns, _ = infer(CHANNELS, labels=labels)
    answers = [column for column in columns.values() if column.answer is not None]
    assert [column.name for column in answers] == ["App", "E-mail", "Text"]
    assert [column.answer.text for column in answers] == ["App", "Email", "SMS"]
    cells = cast_columns(pl.DataFrame({"channels": ["SMS; Email"]}), answers, NumberFormat())
    assert cells.rows() == [("no", "yes", "yes")]
    template = make_label_template(Schema(tuple(columns.values())), labels)["channels"]
    assert template["levels"] == {"App": "", "Email": "E-mail", "SMS": "Text"}


def test_names_of_whole_cells_make_a_category(infer):
    labels = {"channels": {"levels": {"Email; SMS": "both"}}}
    assert infer(CHANNELS, labels=labels)[0]["channels"].kind == "category"
    one = {"channels": {"levels": {"Email": "E-mail"}}}
    assert infer(CHANNELS, labels=one, categorical=["channels"])[0]["channels"].answer is None
    with pytest.raises(InputError, match=r"no value 'Fax' .*There are 'App', 'Email', 'SMS'"):
        infer(CHANNELS, labels={"channels": {"levels": {"Fax": "Phone"}}})


def test_an_outcome_is_known_by_its_code(infer):
    labels = {"churn": {"name": "Vertrag", "levels": {"0": "läuft", "1": "beendet"}}}
    columns, _ = infer({"churn": TABLE["x1"], **TABLE}, labels=labels)
    assert columns["Vertrag"].outcome == Outcome("beendet", is_bad=True)


def test_dates_and_ids_keep_their_columns(infer):
    table = {
        "k": [f"c{i}" for i in range(N)],
        "d": [f"20{10 + i % 13}-01-{i % 27 + 1:02}" for i in range(N)],
        **TABLE,
    }
    labels = {"k": {"name": "Customer ID"}, "d": {"name": "Date of birth"}}
    columns, _ = infer(table, labels=labels)
    assert columns["k"].role == "id"
    assert columns["age"].source == "d"
    assert "from 'Date of birth'" in columns["age"].reason


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        ({"x9": "Sex"}, InputError, r"no column 'x9' \(labels=\). Did you mean .*E_UNKNOWN_COLUMN"),
        (
            {"x2": {"levels": {"4": "boss"}}},
            InputError,
            r"no value '4' \(labels=, column 'x2'\). There are '1', '2', '3'. \[E_UNKNOWN_LEVEL",
        ),
        ({"x2": {"order": ["1", "2", "4"]}}, InputError, r"no value '4' .*E_UNKNOWN_LEVEL"),
        ({"x2": {"order": ["1", "2"]}}, UsageError, r"the order leaves out '3' .*E_LABELS"),
        ({"x1": "x2"}, UsageError, r"'x2' is another column of the table already .*E_LABELS"),
        ({"x2": {"levels": {"1": "2"}}}, UsageError, r"'2' is another value .*E_LABELS"),
        ({"x3": {"levels": {"0": "none"}}}, UsageError, r"are amounts, .*all of its val.*E_LABELS"),
        ({"x2": {"levels": {"1": "n/a"}}}, UsageError, r"stands for a missing value, .*E_LABELS"),
    ],
)
def test_labels_that_do_not_fit_the_table(infer, labels, error, message):
    with pytest.raises(error, match=message):
        infer(TABLE, labels=labels)


def test_values_with_names_are_no_numbers(infer):
    with pytest.raises(UsageError, match=r"holds numbers by numeric=, and categories by labels="):
        infer(TABLE, labels=LABELS, numeric=["x2"])


def tell(notices):
    return [notice.message for notice in notices if notice.code == "W_LABELS"]


def test_codes_without_names_are_told_once(infer):
    table = {**TABLE, "Sex": ["F", "M"] * 30, "month": [i % 12 + 1 for i in range(N)]}
    table |= {"plan": [("A", "B", "C")[i * i % 11 % 3] for i in range(N)]}
    table |= {"region": [i * i % 13 % 4 + 1 for i in range(N)]}
    [message] = tell(infer(table)[1])
    assert message.startswith("the values of 'plan' are codes; give the values names with labels=:")
    [codes] = [notice for notice in infer(table)[1] if notice.code == "W_CODE"]
    assert codes.message.startswith("2 columns hold integers that look like codes")
    assert codes.message.endswith("a fit leaves labels.toml to be filled in")
    assert codes.suggestions == {"numeric": ["x2", "region"], "labels": None}
    named = {name: {"levels": {"1": "a", "2": "b"}} for name in ("x2", "region")}
    named["plan"] = {"levels": {"A": "basic"}}
    notices = infer(table, labels=named)[1]
    assert not {"W_LABELS", "W_CODE"} & {notice.code for notice in notices}
