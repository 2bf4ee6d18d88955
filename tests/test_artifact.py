"""model.json: read back exactly, and refused whenever anything about it is wrong."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

import ilk
from ilk import artifact
from ilk.errors import ModelFileError, OutputError


@pytest.fixture(scope="module")
def model():
    return ilk.fit(ilk.demo.load("customers"), k=4).model


@pytest.fixture(scope="module")
def document(model) -> dict[str, Any]:
    return json.loads(artifact.dumps(model))


def test_the_same_inputs_give_the_same_bytes(model):
    again = ilk.fit(ilk.demo.load("customers"), k=4).model
    assert artifact.dumps(again) == artifact.dumps(model)


def test_what_is_read_back_is_what_was_written(model):
    again = artifact.loads(artifact.dumps(model))
    assert again.recipe == model.recipe
    assert again.schema == model.schema
    assert again.encoder == model.encoder
    assert again.choice == model.choice
    assert again.segments == model.segments
    assert again.everyone == model.everyone
    assert again.partition.centers.tolist() == model.partition.centers.tolist()


def test_no_customer_is_in_the_model(tmp_path: Path):
    customers = ilk.demo.load("orders")
    text = artifact.dumps(ilk.fit(ilk.demo.customers("orders")).model)
    assert not any(f'"{id}"' in text for id in customers["customer_id"].unique())


def wrong(path: str, value: Any):
    """A change of one place in the document; the path is dotted."""

    def change(document: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        place: Any = document
        for part in parents:
            place = place[int(part) if isinstance(place, list) else part]
        place[int(last) if isinstance(place, list) else last] = value

    return change


HOSTILE = {
    "another format": (wrong("format", "pickle"), "not an ilk model"),
    "a newer protocol": (wrong("protocol", 2), "has protocol '2'"),
    "protocol as text": (wrong("protocol", "1"), "has protocol '1'"),
    "an unknown field": (wrong("reduce", "os.system"), "damaged"),
    "an unknown inner field": (wrong("encoder.run", "rm"), "damaged"),
    "an unknown field in a column": (wrong("table.columns.0.eval", "1"), "damaged"),
    "text for a number": (wrong("partition.centers.0.0", "0"), "damaged"),
    "true for a number": (wrong("partition.inertia", True), "damaged"),
    "null for a number": (wrong("partition.inertia", None), "damaged"),
    "a number of another kind": (wrong("segments.0.number", 1.0), "damaged"),
    "ragged centres": (wrong("partition.centers.1", [0.0]), "centres of shape"),
    "no centres": (wrong("partition.centers", []), "centres of shape"),
    "a centre too many": (wrong("partition.centers", [[0.0]] * 50), "centres of shape"),
    "segments out of order": (wrong("segments.0.number", 2), "not numbered"),
    "no segments": (wrong("segments", []), "for 0 segments"),
    "a scale of zero": (wrong("encoder.columns.0.scale", 0.0), "not a positive number"),
    "a negative scale": (wrong("encoder.columns.0.scale", -1.0), "not a positive number"),
    "another feature": (wrong("encoder.columns.0.name", "__class__"), "not its features"),
    "an unknown role": (wrong("table.columns.0.role", "root"), "damaged"),
    "an unknown scale": (wrong("recipe.scale", "exec"), "damaged"),
    "a list for the recipe": (wrong("recipe", []), "damaged"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_model_that_is_wrong_is_refused(document, name):
    change, found = HOSTILE[name]
    bad = copy.deepcopy(document)
    change(bad)
    with pytest.raises(ModelFileError, match=found) as caught:
        artifact.loads(json.dumps(bad), place="bad.json")
    assert caught.value.exit_code == 5
    assert caught.value.place == "bad.json"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        "model",
        "[" * 100_000,
        '{"format": "ilk segment model"',
        "\x80\x04\x95",
    ],
    ids=["empty", "null", "list", "object", "word", "deep", "cut", "pickle"],
)
def test_a_text_that_is_no_model_is_refused(text):
    with pytest.raises(ModelFileError, match=r"not valid JSON|not an ilk model"):
        artifact.loads(text)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_not_finite_are_refused(document, number):
    text = json.dumps({**document, "protocol": 1}).replace(
        '"inertia": ', f'"inertia": {number}, "x": ', 1
    )
    with pytest.raises(ModelFileError, match="not valid JSON"):
        artifact.loads(text)


def test_a_missing_field_is_refused(document):
    bad = {name: part for name, part in document.items() if name != "encoder"}
    with pytest.raises(ModelFileError, match="damaged at encoder"):
        artifact.loads(json.dumps(bad))


def test_a_binary_file_is_refused(tmp_path: Path):
    file = tmp_path / "model.json"
    file.write_bytes(b"\x80\x04\x95\x00\xff\xfe")
    with pytest.raises(ModelFileError, match="not text"):
        artifact.load(file)


def test_a_missing_file_is_refused_with_its_path(tmp_path: Path):
    with pytest.raises(ModelFileError, match="cannot open the model: No such file") as caught:
        artifact.load(tmp_path / "nowhere.json")
    assert str(caught.value).count("nowhere.json") == 1


def test_a_huge_file_is_refused_unread(tmp_path: Path):
    file = tmp_path / "model.json"
    with file.open("wb") as handle:
        handle.truncate(artifact.MAX_BYTES + 1)
    with pytest.raises(ModelFileError, match="a model has at most"):
        artifact.load(file)


def test_saving_does_not_replace_a_file_unasked(tmp_path: Path, model):
    file = artifact.save(model, tmp_path / "model.json")
    with pytest.raises(OutputError, match="already a file of this name"):
        artifact.save(model, file)
    assert artifact.load(artifact.save(model, file, overwrite=True)).segments == model.segments
