"""The page of new customers: one or a file of them, by this session's model or a saved one."""

from __future__ import annotations

import itertools
import json

import polars as pl
import pytest

import ilk
from ilk.cli.main import main
from ilk.model import serialization
from ilk.segments.wording import explain_margin

FEATURES = ("Annual Income (k$)", "Spending Score (1-100)")


@pytest.fixture(scope="module")
def model(done):
    return done.get_run().model


@pytest.fixture(scope="module")
def saved(model) -> bytes:
    return serialization.dumps(model).encode()


def fill(person, cells):
    for column, value in cells.items():
        kind = "selectbox" if isinstance(value, str) else "number_input"
        getattr(person.at, kind)(key=f"new {column}").set_value(value)
    return person.submit("one customer")


def test_one_customer_gets_the_segment_that_the_model_predicts(owner, model):
    owner.go("Predict")
    numbers = set()
    for values in itertools.product((20, 55, 120), (5, 50, 95)):
        customer = dict(zip(FEATURES, values, strict=True))
        fill(owner, customer)
        expected = model.predict(customer).row(0, named=True)
        assert owner.cards.count("<article") == 1
        assert expected["segment_name"] in owner.cards
        assert expected["action"] in owner.cards
        assert explain_margin(expected["margin"]) in owner.said
        numbers.add(expected["segment"])
    assert numbers == {1, 2, 3, 4, 5}


def test_the_form_begins_with_a_usual_customer(owner):
    owner.go("Predict").submit("one customer")
    assert owner.refusals == []
    assert owner.cards.count("<article") == 1
    begun = {field.key: field.value for field in owner.at.number_input}
    medians = ilk.demo.load("mall").select(pl.median(*FEATURES)).row(0, named=True)
    for column in FEATURES:
        assert begun[f"new {column}"] == pytest.approx(medians[column], abs=0.5)


def test_categories_are_chosen_from_those_known(person):
    rows = "".join(f"{n},{'abc'[n % 3]},{n % 3 * 10 + n % 2}\n" for n in range(90))
    person.upload("kinds.csv", f"id,kind,x\n{rows}".encode()).go("Segments").go("Predict")
    assert sorted(person.at.selectbox(key="new kind").options) == ["a", "b", "c"]
    fill(person, {"kind": "c", "x": 21})
    expected = person.session.get_run().predict({"kind": "c", "x": 21})["segment_name"][0]
    assert expected in person.cards


def new_customers() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "CustomerID": ["n1", "n2", "n3", "n4"],
            FEATURES[1]: [90, 5, None, 50],
            "note": ["a", "b", "c", "d"],
            FEATURES[0]: [20, 120, 55, 60],
        }
    )


@pytest.mark.parametrize("by", ["upload", "path"])
def test_a_file_of_new_customers_is_labeled_as_by_the_command(owner, saved, tmp_path, by):
    file, model_file, out = (tmp_path / name for name in ("new.csv", "model.json", "out.csv"))
    new_customers().write_csv(file)
    model_file.write_bytes(saved)
    assert main(["predict", str(model_file), str(file), "-o", str(out), "--quiet"]) == 0
    owner.go("Predict")
    if by == "upload":
        owner.label("new.csv", file.read_bytes())
    else:
        owner.open_path(file, form="new customers by path")
    assert owner.downloads["labeled.csv"] == out.read_bytes()
    assert "without a value" in owner.said
    labeled = pl.read_csv(out)
    counts, first = (table.value for table in owner.at.dataframe)
    assert counts["customers"].sum() == len(first) == 4
    assert first["segment"].to_list() == labeled["segment"].to_list()


def test_the_session_s_own_customers_keep_their_segments(owner, done, mall_csv):
    owner.go("Predict").label("mall.csv", mall_csv)
    labeled = pl.read_csv(owner.downloads["labeled.csv"])
    assert labeled["segment"].to_list() == done.get_run().customers["segment"].to_list()


def test_one_path_after_the_other_is_labeled(owner, tmp_path):
    owner.go("Predict")
    for number in range(1, 5):
        file = tmp_path / f"{number}.csv"
        new_customers().head(number).write_csv(file)
        owner.open_path(file, form="new customers by path")
        assert pl.read_csv(owner.downloads["labeled.csv"]).height == number


def test_a_file_that_has_changed_is_read_again(owner, tmp_path):
    owner.go("Predict")
    file = tmp_path / "new.csv"
    for number in (1, 2, 3):
        new_customers().head(number).write_csv(file)
        owner.open_path(file, form="new customers by path")
        assert pl.read_csv(owner.downloads["labeled.csv"]).height == number


def test_a_missing_column_is_named(owner):
    owner.go("Predict").label("new.csv", new_customers().drop(FEATURES[1]).write_csv().encode())
    assert owner.codes == ["E_MISSING_COLUMN"]
    assert FEATURES[1] in owner.refusals[0]
    assert owner.downloads == {}


def test_a_bad_file_of_new_customers_is_refused_in_its_owners_terms(owner):
    owner.go("Predict").label("my new.csv", b"")
    assert owner.codes == ["E_EMPTY_FILE"]
    assert "my new.csv" in owner.refusals[0]
    assert str(owner.session.folder) not in owner.said
    assert "upload-" not in owner.said


def test_a_value_that_the_model_does_not_know_gives_a_notice(person):
    rows = "".join(f"{n},{'abc'[n % 3]},{n % 3 * 10 + n % 2}\n" for n in range(90))
    person.upload("kinds.csv", f"id,kind,x\n{rows}".encode()).go("Segments").go("Predict")
    person.label("new.csv", b"id,kind,x\n1,z,20\n")
    assert "a value that training did not see" in person.said
    assert pl.read_csv(person.downloads["labeled.csv"]).height == 1


def test_a_saved_model_needs_no_customers(person, saved, model):
    person.go("Predict").load_model(saved)
    assert person.session.table is None
    fill(person, dict(zip(FEATURES, (85.0, 85.0), strict=True)))
    assert model.predict(dict(zip(FEATURES, (85, 85), strict=True)))["action"][0] in person.cards
    person.label("new.csv", new_customers().write_csv().encode())
    assert pl.read_csv(person.downloads["labeled.csv"]).height == 4


def test_a_saved_model_goes_before_that_of_the_session_until_it_is_put_away(owner, model):
    owner.go("Predict").label("new.csv", new_customers().write_csv().encode())
    own = pl.read_csv(owner.downloads["labeled.csv"])
    for name in ("A guest", "Another guest"):
        guest = model.edit_segments(names={number: f"{name} {number}" for number in range(1, 6)})
        owner.load_model(serialization.dumps(guest).encode())
        labeled = pl.read_csv(owner.downloads["labeled.csv"])
        assert all(text.startswith(name) for text in labeled["segment_name"])
        owner.press("Stop using the saved model")
        assert pl.read_csv(owner.downloads["labeled.csv"]).equals(own)


def hostile(saved: bytes) -> dict[str, bytes]:
    document = json.loads(saved)
    return {
        "not json": b"\x80\x04\x95 a pickle",
        "empty": b"",
        "another object": b'{"weights": [1, 2]}',
        "a list": b"[" * 100_000,
        "not finite": saved.replace(b'"inertia": ', b'"inertia": 1e999, "x": ', 1),
        "an unknown field": json.dumps({**document, "run": "import os"}).encode(),
        "too few centers": json.dumps(
            {**document, "partition": {**document["partition"], "centers": [[1.0, 2.0]]}}
        ).encode(),
        "of tomorrow": json.dumps({**document, "protocol": 99}).encode(),
    }


def test_a_hostile_model_is_refused_and_nothing_changes(person, saved):
    person.go("Predict")
    for what, content in hostile(saved).items():
        person.load_model(content, "<b>model</b>.json")
        assert not person.at.exception, what
        assert person.codes in (["E_MODEL_FILE"], ["E_MODEL_PROTOCOL"]), what
        assert "<b>model</b>.json" in person.refusals[0], what
        assert person.session.loaded_model is None, what
        assert not person.at.number_input, what
    person.load_model(saved)
    assert person.refusals == []
    assert person.at.number_input
