"""model.json: read back exactly, and refused whenever anything about it is wrong."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import ilk
from ilk.cluster.algorithms import ALGORITHMS
from ilk.cluster.partition import CentroidPartition
from ilk.cluster.weighted_rows import deduplicate_rows
from ilk.errors import ModelFileError, OutputError
from ilk.model import serialization
from ilk.model.file_schema import Document
from ilk.model.model import SegmentModel


@pytest.fixture(scope="module")
def model():
    return ilk.fit(ilk.demo.load("customers"), k=4).model


@pytest.fixture(scope="module")
def document(model) -> dict[str, Any]:
    return json.loads(serialization.dumps(model))


def test_the_same_inputs_give_the_same_bytes(model):
    again = ilk.fit(ilk.demo.load("customers"), k=4).model
    assert serialization.dumps(again) == serialization.dumps(model)


def test_what_is_read_back_is_what_was_written(model):
    again = serialization.loads(serialization.dumps(model))
    assert again.recipe == model.recipe
    assert again.schema == model.schema
    assert again.encoder == model.encoder
    assert again.selection == model.selection
    assert again.segments == model.segments
    assert again.everyone == model.everyone
    assert again.partition.centers.tolist() == model.partition.centers.tolist()


def test_no_customer_is_in_the_model(tmp_path: Path):
    customers = ilk.demo.load("orders")
    text = serialization.dumps(ilk.fit(ilk.demo.load_customers("orders")).model)
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


@pytest.fixture(scope="module")
def turned():
    return ilk.fit(ilk.demo.load("customers"), k=4, pca=2).model


def test_components_are_read_back_and_turn_customers_as_before(turned):
    again = serialization.loads(serialization.dumps(turned))
    assert (again.encoder, again.recipe) == (turned.encoder, turned.recipe)
    assert serialization.dumps(again) == serialization.dumps(turned)
    customers = ilk.demo.load("customers").head(50)
    assert again.predict(customers).equals(turned.predict(customers))


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ("encoder.components.directions.0.0", 5.0, "principal components that do not fit"),
        ("encoder.components.mean", [0.0], "principal components that do not fit"),
        ("encoder.components.shares", [1.0], "principal components that do not fit"),
        ("encoder.components.shares.0", "1", r"damaged at .*components\.shares"),
        ("encoder.components.whiten", True, "damaged"),
        ("encoder.components", None, "centers of shape"),
        ("recipe.pca", 1.0, r"damaged at recipe: .*\(pca=\)"),
    ],
)
def test_components_that_are_wrong_are_refused(turned, place, value, message):
    bad = json.loads(serialization.dumps(turned))
    wrong(place, value)(bad)
    with pytest.raises(ModelFileError, match=message):
        serialization.loads(json.dumps(bad))


HOSTILE = {
    "another format": (wrong("format", "pickle"), "not an ilk model"),
    "a newer protocol": (
        wrong("protocol", serialization.PROTOCOL + 1),
        r"has protocol '\d', .* reads 1",
    ),
    "no protocol": (wrong("protocol", None), "has protocol 'None'"),
    "protocol zero": (wrong("protocol", 0), "has protocol '0'"),
    "true for protocol one": (wrong("protocol", True), "has protocol 'True'"),
    "another kind of partition": (wrong("partition.kind", "trees"), "damaged at partition"),
    "the kind of another partition": (wrong("partition.kind", "cores"), "damaged at partition"),
    "protocol as text": (wrong("protocol", "1"), "has protocol '1'"),
    "an unknown field": (wrong("reduce", "os.system"), "damaged"),
    "an unknown inner field": (wrong("encoder.run", "rm"), "damaged"),
    "an unknown field in a column": (wrong("table.columns.0.eval", "1"), "damaged"),
    "text for a number": (wrong("partition.centers.0.0", "0"), "damaged"),
    "true for a number": (wrong("partition.inertia", True), "damaged"),
    "null for a number": (wrong("partition.inertia", None), "damaged"),
    "a number of another kind": (wrong("segments.0.number", 1.0), "damaged"),
    "ragged centers": (wrong("partition.centers.1", [0.0]), "centers of shape"),
    "a negative variance": (wrong("partition.variance", -1.0), "negative variance"),
    "no centers": (wrong("partition.centers", []), "centers of shape"),
    "a center too many": (wrong("partition.centers", [[0.0]] * 50), "centers of shape"),
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
    change, message = HOSTILE[name]
    bad = copy.deepcopy(document)
    change(bad)
    with pytest.raises(ModelFileError, match=message) as caught:
        serialization.loads(json.dumps(bad), place="bad.json")
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
        serialization.loads(text)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_not_finite_are_refused(document, number):
    text = json.dumps({**document, "protocol": 1}).replace(
        '"inertia": ', f'"inertia": {number}, "x": ', 1
    )
    with pytest.raises(ModelFileError, match="not valid JSON"):
        serialization.loads(text)


def test_a_missing_field_is_refused(document):
    bad = {name: part for name, part in document.items() if name != "encoder"}
    with pytest.raises(ModelFileError, match="damaged at encoder"):
        serialization.loads(json.dumps(bad))


def test_a_binary_file_is_refused(tmp_path: Path):
    file = tmp_path / "model.json"
    file.write_bytes(b"\x80\x04\x95\x00\xff\xfe")
    with pytest.raises(ModelFileError, match="not text"):
        serialization.load(file)


def test_a_missing_file_is_refused_with_its_path(tmp_path: Path):
    with pytest.raises(ModelFileError, match="cannot open the model: No such file") as caught:
        serialization.load(tmp_path / "nowhere.json")
    assert str(caught.value).count("nowhere.json") == 1


def test_a_huge_file_is_refused_unread(tmp_path: Path):
    file = tmp_path / "model.json"
    with file.open("wb") as handle:
        handle.truncate(serialization.MAX_BYTES + 1)
    with pytest.raises(ModelFileError, match="a model has at most"):
        serialization.load(file)


def test_a_file_without_an_end_is_not_read_to_its_end():
    endless = Path("/dev/zero")
    if not endless.exists():
        pytest.skip("this system has no endless file")
    with pytest.raises(ModelFileError, match=r"has 1,001 bytes; a model has at most 1,000"):
        serialization.load(endless, max_bytes=1000)


def test_what_takes_too_much_memory_is_refused_before_it_is_parsed(tmp_path: Path, document):
    text = json.dumps(document)
    n_entries = text.count("{") + text.count("[") + text.count('"') // 2
    assert serialization.loads(text, max_entries=n_entries).segments
    with pytest.raises(
        ModelFileError, match=f"holds {n_entries:,} objects, lists and strings; a model"
    ):
        serialization.loads(text, max_entries=n_entries - 1)
    file = tmp_path / "model.json"
    file.write_text("{}," * 1000, "utf-8")
    with pytest.raises(ModelFileError, match="holds 1,000 objects"):
        serialization.load(file, max_entries=999)


@pytest.mark.parametrize("place", ["recipe", "recipe.reading", "partition", "everyone"])
def test_an_object_of_very_many_fields_is_refused(document, place):
    bad = copy.deepcopy(document)
    wrong(place, {f"x{n}": 1 for n in range(1001)})(bad)
    with pytest.raises(ModelFileError, match="an object of the file has 1,001 fields"):
        serialization.loads(json.dumps(bad))


WRONG_ENTRIES = {
    "segments": "{}",
    "segments.0.traits": "{}",
    "choice.candidates": "{}",
    "table.columns": "{}",
    "recipe.features": "1",
    "partition.centers": "[0]",
}
_LOAD_FILES = """
import resource, sys
from ilk.errors import ModelFileError
from ilk.model import file_schema, serialization
unit = 1024 ** (2 if sys.platform == "darwin" else 1)
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit
before = peak()
resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
for path in sys.argv[1:]:
    try:
        serialization.load(path)
    except ModelFileError as error:
        print(error.message)
print(peak() - before)
"""


def test_very_many_wrong_entries_take_little_memory(tmp_path: Path, document):
    pytest.importorskip("resource")
    files = []
    for place, entry in WRONG_ENTRIES.items():
        bad = copy.deepcopy(document)
        wrong(place, "HERE")(bad)
        file = tmp_path / f"{place}.json"
        many = "[" + ",".join([entry] * 200_000) + "]"
        file.write_text(json.dumps(bad).replace('"HERE"', many), "utf-8")
        files.append(str(file))
    process = subprocess.run(
        [sys.executable, "-c", _LOAD_FILES, *files],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    *messages, megabytes = process.stdout.splitlines()
    assert [message.startswith("the model") for message in messages] == [True] * len(WRONG_ENTRIES)
    assert int(megabytes) < 300


def test_every_list_of_the_file_stops_at_its_first_error():
    def iter_lists(part: Any) -> Iterator[dict[str, Any]]:
        if isinstance(part, dict):
            if part.get("type") == "list" or "variadic_item_index" in part:
                yield part
            part = list(part.values())
        if isinstance(part, list | tuple):
            for inner in part:
                yield from iter_lists(inner)

    lists = list(iter_lists(Document.__pydantic_core_schema__))
    assert len(lists) > 20
    assert [part for part in lists if not part.get("fail_fast")] == []


def test_saving_does_not_replace_a_file_unasked(tmp_path: Path, model):
    file = serialization.save(model, tmp_path / "model.json")
    with pytest.raises(OutputError, match="already a file with this name"):
        serialization.save(model, file)
    assert (
        serialization.load(serialization.save(model, file, overwrite=True)).segments
        == model.segments
    )


@pytest.fixture(scope="module")
def customers():
    """Two groups and one customer apart from both."""
    random = np.random.default_rng(0)
    values = random.normal(size=(240, 2)) + np.repeat([[0, 0], [15, 5]], [140, 100], axis=0)
    values = np.vstack([values, [[60.0, -60.0]]])
    return pl.DataFrame({"spend": values[:, 0] * 10 + 300, "visits": values[:, 1] + 20})


def by(name, customers):
    """A model of two segments by an algorithm."""
    model = ilk.fit(customers, k=2, skew="none").model
    algorithm = ALGORITHMS[name]
    rows = deduplicate_rows(model.encoder.encode(customers).values[:240])
    result = algorithm.fit(rows, 2 if algorithm.takes_k else None, 0)
    assert result.partition.k == len(model.segments) == 2
    return replace(model, partition=result.partition)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_every_algorithm_is_read_back_and_places_as_before(name, customers, tmp_path: Path):
    clustered = by(name, customers)
    again = serialization.load(serialization.save(clustered, tmp_path / "model.json"))
    assert type(again.partition) is type(clustered.partition)
    assert serialization.dumps(again) == serialization.dumps(clustered)
    before, after = clustered.assign(customers), again.assign(customers)
    assert before.segments.tolist() == after.segments.tolist()
    assert before.margin.tobytes() == after.margin.tobytes()
    assert Counter(before.segments[:140].tolist()).most_common(1)[0][0] == 1
    nowhere = clustered.partition.predict(np.full((1, 2), 1e3)).labels[0] == -1
    assert (before.segments[-1] == 0) == nowhere
    assert clustered.predict(customers)["segment_name"][-1] == (
        None if nowhere else clustered.segments[before.segments[-1] - 1].name
    )


KINDS = {
    "mixture": {
        "text for a share": ("weights.0", "0.5", "damaged at model.partition"),
        "a share too many": ("weights", [0.3, 0.3, 0.4], "mixture of shapes"),
        "shares beyond one": ("weights", [0.5, 0.6], "do not add up to 1"),
        "a negative share": ("weights", [-0.5, 1.5], "do not add up to 1"),
        "ragged middles": ("means.0", [1.0], "mixture of shapes"),
        "ragged roots": ("precisions_cholesky.0.0", [1.0], "mixture of shapes"),
        "no roots": ("precisions_cholesky", [], "mixture of shapes"),
        "roots below the diagonal": ("precisions_cholesky.0.1.0", 0.1, "without an extent"),
        "a root of zero": ("precisions_cholesky.1.1.1", 0.0, "without an extent"),
        "a negative root": ("precisions_cholesky.1.0.0", -1.0, "without an extent"),
        "fewer centers": ("centers", [[0.0, 0.0]], "centers of shape"),
        "an unknown field": ("code", "1", "damaged at partition"),
    },
    "cores": {
        "a label beyond the segments": ("labels.0", 2, "labels are not those"),
        "a negative label": ("labels.0", -1, "damaged at partition"),
        "a huge label": ("labels.0", 2**40, "damaged at partition"),
        "a number with a point as label": ("labels.0", 0.0, "damaged"),
        "a label too few": ("labels", [0, 1], "cores of shapes"),
        "ragged cores": ("core_samples.0", [1.0], "cores of shapes"),
        "no cores": ("core_samples", [], "cores of shapes"),
        "a negative reach": ("eps.0", -0.1, "negative reach"),
        "a reach too many": ("eps", [1.0, 1.0, 1.0], "cores of shapes"),
    },
}


@pytest.fixture(scope="module")
def documents(customers):
    return {
        "mixture": json.loads(serialization.dumps(by("mixture", customers))),
        "cores": json.loads(serialization.dumps(by("dbscan", customers))),
    }


@pytest.mark.parametrize(("kind", "flaw"), [(kind, flaw) for kind in KINDS for flaw in KINDS[kind]])
def test_a_partition_that_is_wrong_is_refused(kind, flaw, documents):
    bad = copy.deepcopy(documents[kind])
    assert bad["partition"]["kind"] == kind
    place, value, message = KINDS[kind][flaw]
    wrong(f"partition.{place}", value)(bad)
    with pytest.raises(ModelFileError, match=message):
        serialization.loads(json.dumps(bad))


def test_a_segment_without_cores_is_refused(documents):
    bad = copy.deepcopy(documents["cores"])
    bad["partition"]["labels"] = [0] * len(bad["partition"]["labels"])
    with pytest.raises(ModelFileError, match="labels are not those"):
        serialization.loads(json.dumps(bad))


OLD = Path(__file__).parents[1] / "fixtures" / "model_files"


@pytest.mark.parametrize("file", sorted(OLD.glob("protocol_*.json")), ids=lambda file: file.stem)
def test_a_model_of_an_earlier_protocol_labels_as_it_did(file: Path):
    raw = json.loads(file.read_text("utf-8"))
    assert raw["protocol"] < serialization.PROTOCOL
    model = serialization.load(file)
    labels = model.predict(ilk.demo.load("mall"))["segment"]
    counts = labels.filter(labels > 0).value_counts(sort=True)["count"]
    assert counts.to_list() == [segment["figures"]["customers"] for segment in raw["segments"]]
    assert json.loads(serialization.dumps(model))["protocol"] == serialization.PROTOCOL
    assert serialization.dumps(
        serialization.loads(serialization.dumps(model))
    ) == serialization.dumps(model)


def test_an_earlier_protocol_is_read_as_strictly():
    raw = json.loads((OLD / "protocol_1.json").read_text("utf-8"))
    for place, value in {"encoder": [], "recipe": 1, "partition.centers": [[0.0]]}.items():
        bad = copy.deepcopy(raw)
        wrong(place, value)(bad)
        with pytest.raises(ModelFileError, match=r"damaged at|centers of shape"):
            serialization.loads(json.dumps(bad))


def read_variance(model: SegmentModel) -> float:
    assert isinstance(model.partition, CentroidPartition)
    return model.partition.variance


def test_the_variance_of_earlier_models_follows_from_their_inertia():
    mall = ilk.demo.load("mall")
    before = read_variance(serialization.load(OLD / "protocol_5.json"))
    now = ilk.fit(mall, describe=["Age", "Gender"]).model
    assert before == pytest.approx(read_variance(now), rel=1e-12)
    assert before == pytest.approx(-now.score(mall) / 400, rel=1e-12)
    sampled = json.loads((OLD / "protocol_5.json").read_text("utf-8"))
    sampled["recipe"]["sample"] = 100
    assert read_variance(serialization.loads(json.dumps(sampled))) == pytest.approx(2 * before)
    sampled["everyone"] = {"customers": 0}
    with pytest.raises(ModelFileError, match="damaged at"):
        serialization.loads(json.dumps(sampled))
